"""Built-in functions of MicroPython, for CircuitPython and CPython; and their access to UARTs."""

_PERIOD = 1 << 29
_HALF = 1 << 28

try:
    from micropython import const  # pyright: ignore # CircuitPython
except ImportError:

    def const(value):
        return value


try:
    from supervisor import ticks_ms  # pyright: ignore[reportMissingImports] # CircuitPython
except ImportError:
    from time import monotonic  # pyright: ignore[reportAttributeAccessIssue]

    def ticks_ms() -> int:
        return int(monotonic() * 1000)  # it never wraps around

    def ticks_diff(later: int, earlier: int) -> int:
        """Milliseconds between two readings of the clock."""
        return later - earlier

else:

    def ticks_diff(later: int, earlier: int) -> int:
        """Milliseconds between two readings of the clock, correct up to about three days."""
        return ((later - earlier + _HALF) & (_PERIOD - 1)) - _HALF


def ref(thing):
    """Takes the place of a weak reference."""
    return lambda: thing


def read(port, into, at: int, limit: int) -> int:
    """`Port.read` for UARTs that accept no offsets."""
    n = min(port.any() or 0, limit)
    return (port.readinto(memoryview(into)[at : at + n]) or 0) if n > 0 else 0


def write(port, data, at: int, n: int) -> int:
    """`Port.write` for UARTs that accept no offsets."""
    return port.send(memoryview(data)[at : at + n]) or 0
