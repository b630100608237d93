"""One interface for every UART: `machine.UART`, `busio.UART`, pyserial and simulated lines.

Nothing here waits: `read` returns received bytes, `write` returns the number of accepted ones.
"""

from . import compat

_SIZES = (256, 128, 64, 32, 16, 8, 4, 2, 1)


class Port:
    """Adapter around the user's UART object.

    Required: `readinto(buf)`, `write(buf)` and one of `any()` or `in_waiting`. Used if present:
    `init(baudrate=…)` or a settable `baudrate`, `wait(ms)` (block until a byte can be read) and
    `clock` (own `ticks_ms`, `ticks_diff`, `sleep_ms`: a line in simulated time).
    Raises `TypeError` naming missing attributes.
    """

    def __init__(self, uart, kwargs=None):
        lacks = [name for name in ("readinto", "write") if not hasattr(uart, name)]
        self.any = getattr(uart, "any", lambda: uart.in_waiting)
        if not hasattr(uart, "any") and not hasattr(uart, "in_waiting"):
            lacks.append("any (or in_waiting)")
        if lacks:
            raise TypeError("UART object without " + ", ".join(lacks))
        if kwargs is not None and not isinstance(kwargs, dict):
            raise TypeError("uart_kwargs: dictionary wanted")
        self.uart = uart
        self.kwargs = kwargs
        self.readinto = uart.readinto
        self.send = uart.write
        clock = getattr(uart, "clock", compat)
        self.ticks_ms = clock.ticks_ms
        self.ticks_diff = clock.ticks_diff
        if compat.MICROPYTHON:
            chunk = memoryview(bytearray(256))
            self.pieces = [chunk[:size] for size in _SIZES]
        elif getattr(uart, "timeout", None):
            uart.timeout = 0  # busio.UART and pyserial would wait to fill the buffer

    def read(self, into, at: int, limit: int) -> int:
        """Move at most `limit` waiting bytes to `into[at:]`; returns their number."""
        n = self.any() or 0  # some return None for 0
        if n > limit:
            n = limit
        if at == 0:
            return (self.readinto(into, n) or 0) if n else 0
        total = 0
        for piece in self.pieces:  # `into[at:]` as a target would cost a slice
            size = len(piece)
            while n >= size:
                got = self.readinto(piece)
                if not got:
                    return total
                # Bytes after `got` are overwritten by the next piece or lies within `limit`.
                into[at : at + size] = piece
                at += got
                total += got
                n -= got
        return total

    def write(self, data, at: int, n: int) -> int:
        """Write at most `n` bytes of `data[at:]` to the UART; returns how many it accepted."""
        return self.send(data, at, n) or 0


if not compat.MICROPYTHON:
    from . import compat_cpython as elsewhere

    Port.read = elsewhere.read  # pyright: ignore[reportAttributeAccessIssue]
    Port.write = elsewhere.write  # pyright: ignore[reportAttributeAccessIssue]
