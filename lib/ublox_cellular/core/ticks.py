"""A millisecond clock that wraps: MicroPython's own where there is one, else the same made here.

Only differences mean anything, and only below about three days.
"""

try:
    from time import ticks_diff, ticks_ms
except ImportError:
    _PERIOD = 1 << 29
    _HALF = 1 << 28

    try:
        from supervisor import ticks_ms  # CircuitPython
    except ImportError:
        from time import monotonic

        def ticks_ms() -> int:
            return int(monotonic() * 1000) & (_PERIOD - 1)

    def ticks_diff(later: int, earlier: int) -> int:
        return ((later - earlier + _HALF) & (_PERIOD - 1)) - _HALF
