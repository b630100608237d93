"""Where the UARTs of the `machine` shim lead.

The environment variable UBLOX_UART says it, for all UARTs of the program:

simulator:sara-r5     the simulated module in this process (also simulator:lexi-r10); the default
tty:/dev/ttyUSB0      a serial device, or the pty of tools/simulate, by pyserial
blinka                busio.UART of a Linux board, by default its pins TX and RX
"""

from __future__ import annotations

import os
from typing import Any, Protocol

import additions

# What programs find in the simulated module's network without any set-up, at port 7.
ECHO_NAME = "echo.example"
ECHO_ADDRESS = "192.0.2.7"

VARIABLE = "UBLOX_UART"
DEFAULT = "simulator:sara-r5"

# Of the simulated module, said by tools/run: names it can resolve, and the pin that is its PWR_ON.
hosts: dict[str, str] = {}
power_key: str | None = None

_simulated: list[SimulatorLine] = []


def pin_changed(id: Any, level: int) -> None:
    """A pin of the program was driven: PWR_ON of the simulated module is active low."""
    if str(id) == power_key:
        for line in _simulated:
            line.uart.module.power_key(level == 0)


class Line(Protocol):
    """What the shim needs of a UART; `read` is never asked for more than is pending."""

    def pending(self) -> int: ...
    def read(self, size: int) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def set_baudrate(self, baudrate: int) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class SimulatorLine:
    """A UART of the simulated module, which already looks like machine.UART.

    `clock` and `wait` are what a driver asks such a UART for, to wait in the module's own time.
    """

    def __init__(self, model: str, baudrate: int) -> None:
        import simulator
        from simulator import peers

        loop = additions.virtual_loop()
        # Something to talk to without any set-up: an echo server, TCP and UDP.
        self._stream = peers.tcp_echo(loop)
        self._datagrams = peers.UdpPeer(loop, echo=True, port=self._stream.port)
        self.uart = simulator.open_uart(
            model,
            baudrate=baudrate,
            loop=loop,
            hosts={ECHO_NAME: ECHO_ADDRESS, **hosts},
            routes={f"{ECHO_ADDRESS}:7": f"127.0.0.1:{self._stream.port}"},
            powered=power_key is None,
        )
        _simulated.append(self)
        self.clock = self.uart.clock
        self.wait = self.uart.wait
        additions.use_clock(self.clock)
        self._model = model

    def __repr__(self) -> str:
        return f"simulated {self._model}"

    def pending(self) -> int:
        return self.uart.any()

    def read(self, size: int) -> bytes:
        buffer = bytearray(size)
        count = self.uart.readinto(buffer) if size else 0
        return bytes(buffer[: count or 0])

    def write(self, data: bytes) -> int:
        return self.uart.write(data)

    def set_baudrate(self, baudrate: int) -> None:
        self.uart.init(baudrate=baudrate)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.uart.close()


class SerialLine:
    """A serial device, by pyserial."""

    def __init__(self, path: str, baudrate: int, rtscts: bool) -> None:
        import serial

        self.port = serial.Serial(path, baudrate, timeout=0, rtscts=rtscts)

    def __repr__(self) -> str:
        return str(self.port.port)

    def pending(self) -> int:
        return self.port.in_waiting

    def read(self, size: int) -> bytes:
        return self.port.read(size)

    def write(self, data: bytes) -> int:
        return self.port.write(data) or 0

    def set_baudrate(self, baudrate: int) -> None:
        self.port.flush()
        self.port.baudrate = baudrate

    def flush(self) -> None:
        self.port.flush()

    def close(self) -> None:
        self.port.close()


class BlinkaLine:
    """busio.UART of a Linux board, by Blinka."""

    def __init__(self, baudrate: int, kw: dict[str, Any]) -> None:
        import board  # pyright: ignore[reportMissingImports]
        import busio  # pyright: ignore[reportMissingImports]

        tx, rx = (self._pin(board, kw.get(name), name.upper()) for name in ("tx", "rx"))
        size = max(kw.get("rxbuf", 0), 1024)
        self.uart = busio.UART(tx, rx, baudrate=baudrate, timeout=0, receiver_buffer_size=size)

    @staticmethod
    def _pin(board: Any, pin: Any, default: str) -> Any:
        # Numbers are those of another board's processor and mean nothing here.
        return getattr(board, default) if pin is None or isinstance(pin, int) else pin

    def pending(self) -> int:
        return self.uart.in_waiting

    def read(self, size: int) -> bytes:
        return self.uart.read(size) or b""

    def write(self, data: bytes) -> int:
        return self.uart.write(data) or 0

    def set_baudrate(self, baudrate: int) -> None:
        self.uart.baudrate = baudrate

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.uart.deinit()


def open_line(id: int, baudrate: int, kw: dict[str, Any]) -> Line:
    """The line that UBLOX_UART names; `id` and `kw` are those of machine.UART."""
    where = os.environ.get(VARIABLE, DEFAULT)
    kind, _, address = where.partition(":")
    if kind == "simulator":
        return SimulatorLine(address or "sara-r5", baudrate)
    if kind == "tty" and address:
        return SerialLine(address, baudrate, rtscts=bool(kw.get("flow")))
    if kind == "blinka":
        return BlinkaLine(baudrate, kw)
    raise ValueError(f"{VARIABLE}={where}: simulator:MODEL, tty:PATH or blinka is understood")
