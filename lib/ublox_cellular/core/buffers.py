"""What bytes may come from and go to; checked before anything is sent or taken."""

_WRITABLE = (bytearray, memoryview)
_BYTES = (bytes, bytearray, memoryview)


def check_buffer(buf) -> None:
    """`TypeError` for what bytes cannot be received into."""
    if not isinstance(buf, _WRITABLE):
        raise TypeError("a bytearray or a memoryview of bytes wanted")
    _check_items(buf)
    if len(buf):
        buf[0] = buf[0]  # TypeError where it cannot be written


def check_data(data) -> None:
    """`TypeError` for what cannot be sent as bytes."""
    if not isinstance(data, _BYTES):
        raise TypeError("bytes, bytearray or memoryview wanted")
    _check_items(data)


def _check_items(data) -> None:
    """A memoryview of anything but single bytes takes and gives something else, or nothing."""
    if getattr(data, "itemsize", 1) != 1:
        raise TypeError("a buffer of bytes wanted, not of larger items")
    if not isinstance(data, memoryview):  # bytes of MicroPython have a method `format`
        return
    if getattr(data, "format", "B") != "B" or getattr(data, "ndim", 1) != 1:
        raise TypeError("a buffer of bytes wanted: memoryview(…).cast('B') makes one")


def wrong(what: str, value) -> Exception:
    """What a number that is none, or below 0, raises."""
    if isinstance(value, int):
        return ValueError(what + ": 0 or more wanted")
    return TypeError(what + ": an integer wanted")


def capacity(buf, nbytes) -> int:
    """How many bytes may be received: `nbytes` of `buf`, 0 means all of it. `TypeError`,
    `ValueError`."""
    check_buffer(buf)
    if not isinstance(nbytes, int):
        raise TypeError("nbytes: an integer wanted")
    if not 0 <= nbytes <= len(buf):
        raise ValueError("nbytes from 0 to %d, the size of the buffer, wanted" % len(buf))
    return nbytes or len(buf)


def moved(n, limit: int) -> int:
    """What a source says that it has put into a buffer of `limit` bytes, or a target that it has
    taken of so many, None meaning nothing; `ValueError` for what cannot be."""
    if n is None:
        return 0
    if not isinstance(n, int) or not 0 <= n <= limit:
        raise ValueError("of %d bytes the source or target has moved %r" % (limit, n))
    return n
