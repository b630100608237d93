"""Where the UARTs of the `machine` shim lead.

The environment variable UBLOX_UART says it, for all UARTs of the program:

simulator:sara-r5     the simulated module in this process (also simulator:lexi-r10); the default
tty:/dev/ttyUSB0      a serial device, or the pty of tools/simulate, by pyserial
blinka                busio.UART of a Linux board, by default its pins TX and RX
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import additions

# What programs find in the simulated module's network without any set-up, at port 7.
ECHO_NAME = "echo.example"
ECHO_ADDRESS = "192.0.2.7"

VARIABLE = "UBLOX_UART"
DEFAULT = "simulator:sara-r5"

# Of the simulated module, said by tools/run: names it can resolve, and which Pin ids are its pins.
hosts: dict[str, str] = {}
pins: dict[str, str] = {}
"""id -> one of ROLES."""

ROLES = ("power_key", "reset", "dtr", "rts", "wake_gpio", "v_int", "ri", "cts", "rx")

_simulated: dict[int, SimulatorLine] = {}
_levels: dict[str, int] = {}


def _modules() -> list[Any]:
    return [line.uart.module for line in _simulated.values()]


def pin_changed(id: Any, level: int) -> None:
    """A pin of the program was driven; all inputs but the wake-up GPIO are active low."""
    role = pins.get(str(id))
    if role is not None:
        _levels[role] = level
        for module in _modules():
            _drive(module, role, level)


def _drive(module: Any, role: str, level: int) -> None:
    if role == "power_key":
        module.power_key(level == 0)
    elif role == "reset":
        module.reset_line(level == 0)
    elif role == "dtr":
        module.dtr(level == 0)
    elif role == "rts":
        module.rts(level == 0)
    elif role == "wake_gpio":
        module.wake_gpio(level == 1)


def pin_level(id: Any) -> int | None:
    """The level the module gives a pin; None when it is not an output of the module."""
    role = pins.get(str(id))
    for module in _modules():
        outputs = {
            "v_int": module.v_int,
            "ri": module.ri,
            "cts": not module.cts,
            "rx": module.rx_high,
        }
        if role in outputs:
            return int(outputs[role])
    return None


def watch_ring(id: Any, act: Callable[[], None] | None) -> None:
    """Call `act` at each falling edge of RI when `id` is that pin."""
    if pins.get(str(id)) == "ri":
        for module in _modules():
            module.pins.on_ring = act


def sleep_until_ring(ms: int | None) -> bool:
    """Let time pass up to `ms` (None: without end), RI ends it; False when RI is not watched."""
    for line in _simulated.values():
        watched = line.uart.module.pins
        if watched.on_ring is not None and not line.uart.loop.is_running():
            line.sleep_until_ring(ms)
            return True
    return False


def tell_times() -> None:
    """Print how long each module was in which state."""
    for module in _modules():
        spent = {state: seconds for state, seconds in module.time_in.items() if seconds}
        total = sum(spent.values()) or 1
        for state, seconds in spent.items():
            share = 100 * seconds / total
            print(f"{state:10} {seconds:12.1f} s {share:7.3f} %", file=sys.stderr)


def calendar() -> tuple[int, ...]:
    """Date and time like RTC.datetime(), from the simulated clock where there is one."""
    now = datetime.now()
    for module in _modules():
        start = datetime.fromisoformat(module.options.clock)
        now = start + timedelta(seconds=module.loop.time() - module.made_at)
    micros = now.microsecond
    day = now.weekday()
    return (now.year, now.month, now.day, day, now.hour, now.minute, now.second, micros)


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
        import ublox_simulator
        from ublox_simulator.world import peers

        loop = additions.virtual_loop()
        # Something to talk to without any set-up: an echo server, TCP and UDP.
        self._stream, self._datagrams = peers.echo_pair(loop)
        self.uart = ublox_simulator.open_uart(
            model,
            baudrate=baudrate,
            loop=loop,
            hosts={ECHO_NAME: ECHO_ADDRESS, **hosts},
            routes={f"{ECHO_ADDRESS}:7": f"127.0.0.1:{self._stream.port}"},
            powered="power_key" not in pins.values(),
        )
        for role, level in _levels.items():
            _drive(self.uart.module, role, level)
        self.clock = self.uart.clock
        self.wait = self.uart.wait
        additions.use_clock(self.clock)
        self._model = model

    def __repr__(self) -> str:
        return f"simulated {self._model}"

    def reopen(self, baudrate: int) -> None:
        """The same line for another UART object: what came before is lost."""
        self.uart.init(baudrate=baudrate)
        self.uart.line.host_read(self.uart.line.host_available())

    def sleep_until_ring(self, ms: int | None) -> None:
        """Pass time until RI falls or `ms` are over."""
        watched, loop = self.uart.module.pins, self.uart.loop
        act = watched.on_ring
        rang = False

        def ring() -> None:
            nonlocal rang
            rang = True
            if act is not None:
                act()
            loop.stop()

        watched.on_ring = ring
        end = loop.time() + (float("inf") if ms is None else ms / 1000)
        try:
            while loop.time() < end and not rang:
                if ms is None:
                    loop.run_forever()
                else:
                    loop.run_to(end)
        finally:
            watched.on_ring = act

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
        """The module of a UART that is given back stays as it is."""


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
        line = _simulated.get(id)
        if line is None:
            line = _simulated[id] = SimulatorLine(address or "sara-r5", baudrate)
        else:
            line.reopen(baudrate)
        return line
    if kind == "tty" and address:
        return SerialLine(address, baudrate, rtscts=bool(kw.get("flow")))
    if kind == "blinka":
        return BlinkaLine(baudrate, kw)
    raise ValueError(f"{VARIABLE}={where}: simulator:MODEL, tty:PATH or blinka is understood")
