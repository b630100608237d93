"""Checks of sources and targets of bytes, before anything is sent or received."""

_WRITABLE = (bytearray, memoryview)
_BYTES = (bytes, bytearray, memoryview)


def check_buffer(buf) -> None:
    """`TypeError` if bytes cannot be received into `buf`."""
    if not isinstance(buf, _WRITABLE):
        raise TypeError("a bytearray or a memoryview of bytes wanted")
    _check_items(buf)
    if len(buf):
        buf[0] = buf[0]  # TypeError if it is not writable


def check_data(data) -> None:
    """`TypeError` if `data` cannot be sent as bytes."""
    if not isinstance(data, _BYTES):
        raise TypeError("bytes, bytearray or memoryview wanted")
    _check_items(data)


def _check_items(data) -> None:
    """Refuse a memoryview whose items are not single bytes."""
    if getattr(data, "itemsize", 1) != 1:
        raise TypeError("a buffer of bytes wanted, not of larger items")
    if not isinstance(data, memoryview):  # bytes of MicroPython have a method `format`
        return
    if getattr(data, "format", "B") != "B" or getattr(data, "ndim", 1) != 1:
        raise TypeError("a buffer of bytes wanted: use memoryview(…).cast('B')")
    if not getattr(data, "c_contiguous", True):
        raise TypeError("bytes that lie together wanted: use bytes(…)")


def wrong(what: str, value) -> Exception:
    """The error for a value that is no number, or below 0."""
    if isinstance(value, int):
        return ValueError(what + ": 0 or more wanted")
    return TypeError(what + ": an integer wanted")


def capacity(buf, nbytes) -> int:
    """The number of bytes to receive: `nbytes` of `buf`, 0 means all of it. `TypeError`,
    `ValueError`."""
    check_buffer(buf)
    if not isinstance(nbytes, int):
        raise TypeError("nbytes: an integer wanted")
    if not 0 <= nbytes <= len(buf):
        raise ValueError("nbytes from 0 to %d, the size of the buffer, wanted" % len(buf))
    return nbytes or len(buf)


def moved(n, limit: int) -> int:
    """The number that a source reports to have put into a buffer of `limit` bytes, or a target to
    have accepted of them, None meaning 0; `ValueError` for an impossible number."""
    if n is None:
        return 0
    if not isinstance(n, int) or not 0 <= n <= limit:
        raise ValueError("of %d bytes the source or target has transferred %r" % (limit, n))
    return n
