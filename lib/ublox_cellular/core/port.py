"""One face for every UART: `machine.UART`, `busio.UART`, pyserial and lines inside a program.

Nothing here waits: `read` takes what has arrived, `write` gives what is accepted.
"""

from . import ticks
from .compat import MICROPYTHON

if MICROPYTHON:
    from .transfer import Transfer
else:
    from .transfer_slices import Transfer


class Port(Transfer):
    """Adapter around the user's UART object.

    Needed of it: `readinto(buf)`, `write(buf)` and one of `any()` or `in_waiting`. Used when
    present: `init(baudrate=…)` or a settable `baudrate`, `wait(ms)` (block until a byte can be
    read) and `clock` (own `ticks_ms`, `ticks_diff`, `sleep_ms`: a line in simulated time).
    Raises `TypeError` naming what is missing.

    `read(into, at, limit)` moves at most `limit` waiting bytes to `into[at:]`, `write(data, at,
    n)` hands at most `n` bytes of `data[at:]` on; both return how many.
    """

    def __init__(self, uart, kwargs=None):
        lacks = [name for name in ("readinto", "write") if not hasattr(uart, name)]
        pending = getattr(uart, "any", None)
        if pending is None:
            pending = lambda: uart.in_waiting  # noqa: E731
            if not hasattr(uart, "in_waiting"):
                lacks.append("any (or in_waiting)")
        if lacks:
            raise TypeError("UART object without " + ", ".join(lacks))
        super().__init__(uart, pending)
        self.uart = uart
        self.kwargs = kwargs or {}
        clock = getattr(uart, "clock", ticks)
        self.ticks_ms = clock.ticks_ms
        self.ticks_diff = clock.ticks_diff

    def set_baudrate(self, baudrate: int) -> None:
        """Change the UART's own rate.

        `init()` forgets settings on several ports (platforms 1.2), so the user's are repeated.
        """
        uart = self.uart
        if hasattr(uart, "init"):
            uart.init(baudrate=baudrate, **self.kwargs)
        elif hasattr(uart, "baudrate"):
            uart.baudrate = baudrate
        else:
            raise TypeError("UART object without init (or baudrate): its rate cannot be changed")
