# Generated from aio/http/body.py by tools/generate. Do not edit.
"""The ways to read an answer that need memory for what they give. See response.py."""

from ...core.compat import const

_GROWTH = const(512)


def headers(response) -> dict:
    """By lower-case name; what is there several times is joined by commas."""
    found = {}
    for line in bytes(response.lines).split(b"\n"):
        name, mark, value = "".join([chr(c) for c in line]).partition(":")
        if mark:
            name = name.strip().lower()
            value = value.strip()
            found[name] = found[name] + ", " + value if name in found else value
    return found


def read(response, n: int = -1) -> bytes:
    """`n` bytes, fewer only at the end; -1: all the rest, which must fit the memory."""
    if n is not None and not isinstance(n, int):
        raise TypeError("read: an integer wanted")
    response.turn()
    try:
        return _read(response, -1 if n is None else n)
    finally:
        response.lock.release()


def _read(response, n: int) -> bytes:
    if n >= 0:
        buf = bytearray(n)
        return bytes(memoryview(buf)[: response.fill(buf)])
    found = bytearray()
    piece = bytearray(_GROWTH)
    done = 0
    try:
        while True:
            found.extend(piece)  # before anything is taken: there may be no memory
            got = response.fill(piece)
            found[done : done + got] = memoryview(piece)[:got]
            done += got
            if got < _GROWTH:
                return bytes(memoryview(found)[:done])
    except BaseException:
        response.keep(found, done)
        raise


def iter_content(response, size: int = 512) -> "Pieces":
    """For `for` (asyncio: `async for`): the body in pieces of `size` bytes."""
    if not isinstance(size, int):
        raise TypeError("size: an integer wanted")
    if size < 1:
        raise ValueError("size: 1 or more wanted")
    return Pieces(response, size)


class Pieces:
    """What `iter_content()` gives."""

    def __init__(self, response, size: int):
        self.response = response
        self.buf = bytearray(size)

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        response = self.response
        response.turn()
        try:
            n = response.fill(self.buf)
        finally:
            response.lock.release()
        if not n:
            raise StopIteration
        return bytes(memoryview(self.buf)[:n])


def content(response) -> bytes:
    """The whole body, which must fit the memory; it is kept."""
    response.turn()
    try:
        if response.whole is None:
            response.whole = _read(response, -1)
        return response.whole
    finally:
        response.lock.release()


def text(response) -> str:
    """The same as a string: UTF-8, or Latin-1 where it is none."""
    body = content(response)
    try:
        return str(body, "utf-8")
    except UnicodeError:
        return "".join([chr(c) for c in body])


def json(response):
    """The body, parsed."""
    from json import loads

    return loads(content(response))
