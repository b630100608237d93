"""MicroPython's `machine` module on CPython, for programs that talk to a cellular module.

Where a UART leads is said by the environment variable UBLOX_UART, see uart_lines.py. The
program itself stays as it is on the board: start it with tools/run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import additions
import restarting
import uart_lines
from restarting import board

PWRON_RESET = restarting.PWRON_RESET
HARD_RESET = restarting.HARD_RESET
WDT_RESET = restarting.WDT_RESET
DEEPSLEEP_RESET = restarting.DEEPSLEEP_RESET
SOFT_RESET = restarting.SOFT_RESET


class UART:
    """machine.UART: reading never waits, nothing there is None. As on several ports there is no
    `irq`: look at `any()`."""

    RTS = 1
    CTS = 2

    def __init__(self, id: int, baudrate: int = 9600, **kw: Any) -> None:
        self._id = id
        self._line = uart_lines.open_line(id, baudrate, kw)
        for name in ("clock", "wait"):  # only a simulated line has them
            if hasattr(self._line, name):
                setattr(self, name, getattr(self._line, name))

    def __repr__(self) -> str:
        return f"UART({self._id}, {self._line!r})"

    def init(self, baudrate: int | None = None, **kw: Any) -> None:
        if baudrate is not None:
            self._line.set_baudrate(baudrate)

    def deinit(self) -> None:
        self._line.close()

    def any(self) -> int:
        board.check()
        return self._line.pending()

    def readinto(self, buf: Any, nbytes: int | None = None) -> int | None:
        board.check()
        size = len(buf) if nbytes is None else min(nbytes, len(buf))
        data = self._line.read(min(size, self._line.pending()))
        buf[: len(data)] = data
        return len(data) or None

    def read(self, nbytes: int = -1) -> bytes | None:
        board.check()
        there = self._line.pending()
        return bytes(self._line.read(there if nbytes < 0 else min(nbytes, there))) or None

    def readline(self) -> bytes | None:
        line = bytearray()
        while not line.endswith(b"\n") and (byte := self.read(1)):
            line += byte
        return bytes(line) or None

    def write(self, buf: Any, *cut: int) -> int | None:
        """write(buf[, nbytes]) or write(buf, offset, nbytes), like MicroPython's streams."""
        board.check()
        data = memoryview(buf.encode() if isinstance(buf, str) else buf)
        offset, nbytes = (0, len(data)) if not cut else (0, cut[0]) if len(cut) == 1 else cut
        return self._line.write(bytes(data[offset : offset + nbytes])) or None

    def flush(self) -> None:
        self._line.flush()

    def txdone(self) -> bool:
        return True


class Pin:
    """A pin that leads to the simulated module where there is one, else only keeps its value."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    WAKE_LOW = 4
    WAKE_HIGH = 5

    def __init__(
        self,
        id: Any,
        mode: int = IN,
        pull: int | None = None,
        *,
        value: int | None = None,
        **kw: Any,
    ) -> None:
        self._id = id
        self._value = int(value or 0)
        if value is not None:
            self.value(value)

    def __repr__(self) -> str:
        return f"Pin({self._id!r})"

    def init(self, mode: int = IN, pull: int | None = None, *, value: int | None = None) -> None:
        if value is not None:
            self.value(value)

    def value(self, new: int | None = None) -> int | None:
        board.check()
        if new is None:
            level = uart_lines.pin_level(self._id)
            return self._value if level is None else level
        self._value = int(bool(new))
        uart_lines.pin_changed(self._id, self._value)
        return None

    __call__ = value

    def on(self) -> None:
        self.value(1)

    def off(self) -> None:
        self.value(0)

    high, low = on, off

    def irq(
        self,
        handler: Callable[[Pin], None] | None = None,
        trigger: int = IRQ_RISING | IRQ_FALLING,
        **kw: Any,
    ) -> None:
        """Only the falling edge of the module's RI is seen; it ends a lightsleep."""
        act = None if handler is None else lambda: handler(self)
        uart_lines.watch_ring(self._id, act if trigger & self.IRQ_FALLING else None)


class RTC:
    """The real time clock: its memory outlives deep sleep and reset."""

    def memory(self, data: Any = None) -> bytes | None:
        if data is None:
            return board.rtc_memory
        if len(data) > restarting.RTC_MEMORY_LIMIT:
            raise ValueError("buffer too long")
        board.rtc_memory = bytes(data)
        return None

    def datetime(self, new: tuple[int, ...] | None = None) -> tuple[int, ...] | None:
        if new is not None:
            return None  # the simulated time goes its own way
        return uart_lines.calendar()


def reset_cause() -> int:
    return board.cause


def unique_id() -> bytes:
    return b"cpython\0"


def freq(hz: int | None = None) -> int:
    return 125_000_000


def idle() -> None:
    pass


def lightsleep(time_ms: int | None = None) -> None:
    """Time passes; RI ends it early where Pin.irq watches it."""
    board.check()
    if not uart_lines.sleep_until_ring(time_ms):
        additions.sleep_ms(time_ms or 0)


def deepsleep(time_ms: int | None = None) -> None:
    """The program starts anew after this time, or ends where nothing can be waited for."""
    board.check()
    board.go_down(f"machine.deepsleep({time_ms})", DEEPSLEEP_RESET, time_ms or 0)


def reset() -> None:
    """The program starts anew, RTC memory kept."""
    board.go_down("machine.reset()", HARD_RESET, 0)


def soft_reset() -> None:
    """The same, distinguished by reset_cause()."""
    board.go_down("machine.soft_reset()", SOFT_RESET, 0)
