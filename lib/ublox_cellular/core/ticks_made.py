"""`ticks_ms` and `ticks_diff` for CircuitPython and CPython."""

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
