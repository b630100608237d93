"""One face for every UART: `machine.UART`, `busio.UART`, pyserial and lines inside a program.

Nothing here waits: `read` takes what has arrived, `write` gives what is accepted.
"""

from . import ticks
from .compat import MICROPYTHON, const

_CHUNK = const(256)


class Port:
    """Adapter around the user's UART object.

    Needed of it: `readinto(buf)`, `write(buf)` and one of `any()` or `in_waiting`. Used when
    present: `init(baudrate=…)` or a settable `baudrate`, `flush()`, `wait(ms)` (block until a
    byte can be read) and `clock` (own `ticks_ms`, `ticks_diff`, `sleep_ms`: a line in simulated
    time). Raises `TypeError` naming what is missing.
    """

    def __init__(self, uart, uart_kwargs=None):
        missing = [name for name in ("readinto", "write") if not hasattr(uart, name)]
        if not hasattr(uart, "any") and not hasattr(uart, "in_waiting"):
            missing.append("any (or in_waiting)")
        if missing:
            raise TypeError("UART object without " + ", ".join(missing))
        self.uart = uart
        self._kwargs = uart_kwargs or {}
        self._any = uart.any if hasattr(uart, "any") else self._in_waiting
        self._readinto = uart.readinto
        self._write = uart.write
        clock = getattr(uart, "clock", ticks)
        self.ticks_ms = clock.ticks_ms
        self.ticks_diff = clock.ticks_diff
        self.read = self._read_pieces if MICROPYTHON else self._read_slice
        self.write = self._write_counted if MICROPYTHON else self._write_slice
        if MICROPYTHON:
            chunk = memoryview(bytearray(_CHUNK))
            self._pieces = [chunk[: _CHUNK >> shift] for shift in range(9)]  # 256, 128 … 1
        elif getattr(uart, "timeout", None):
            uart.timeout = 0  # busio.UART and pyserial would wait to fill the buffer

    def _in_waiting(self) -> int:
        return self.uart.in_waiting

    def _read_slice(self, into, at: int, limit: int) -> int:
        """Move at most `limit` waiting bytes to `into[at:]`; the number moved."""
        n = min(self._any(), limit)
        return (self._readinto(memoryview(into)[at : at + n]) or 0) if n > 0 else 0

    def _read_pieces(self, into, at: int, limit: int) -> int:
        # A slice of `into` would cost 16 bytes: fixed pieces, largest first, cost nothing.
        n = self._any()
        if n > limit:
            n = limit
        if at == 0:
            return (self._readinto(into, n) or 0) if n else 0
        total = 0
        for piece in self._pieces:
            size = len(piece)
            while n >= size:
                got = self._readinto(piece)
                if not got:
                    return total
                # What is behind `got` is overwritten by the next piece or lies within `limit`.
                into[at : at + size] = piece
                at += got
                total += got
                n -= got
        return total

    def _write_slice(self, data, at: int, n: int) -> int:
        """Hand at most `n` bytes of `data[at:]` to the UART; the number it took."""
        return self._write(memoryview(data)[at : at + n]) or 0

    def _write_counted(self, data, at: int, n: int) -> int:
        return self._write(data, at, n) or 0

    def set_baudrate(self, baudrate: int) -> None:
        """Change the UART's own rate.

        `init()` forgets settings on several ports (platforms 1.2), so the user's are repeated.
        """
        uart = self.uart
        if hasattr(uart, "init"):
            uart.init(baudrate=baudrate, **self._kwargs)
        elif hasattr(uart, "baudrate"):
            uart.baudrate = baudrate
        else:
            raise TypeError("UART object without init (or baudrate): its rate cannot be changed")
