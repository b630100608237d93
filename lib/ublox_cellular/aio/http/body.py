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


async def read(response, n: int = -1) -> bytes:
    """`n` bytes, fewer only at the end; -1: all the rest, which must fit the memory."""
    if n is not None and not isinstance(n, int):
        raise TypeError("read: an integer wanted")
    await response.turn()
    try:
        return await _read(response, -1 if n is None else n)
    finally:
        response.lock.release()


async def _read(response, n: int) -> bytes:
    if n >= 0:
        buf = bytearray(n)
        return bytes(memoryview(buf)[: await response.fill(buf)])
    found = bytearray()
    piece = bytearray(_GROWTH)
    done = 0
    try:
        while True:
            found.extend(piece)  # before anything is taken: there may be no memory
            got = await response.fill(piece)
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

    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        response = self.response
        await response.turn()
        try:
            n = await response.fill(self.buf)
        finally:
            response.lock.release()
        if not n:
            raise StopAsyncIteration
        return bytes(memoryview(self.buf)[:n])


async def content(response) -> bytes:
    """The whole body, which must fit the memory; it is kept."""
    await response.turn()
    try:
        if response.whole is None:
            response.whole = await _read(response, -1)
        return response.whole
    finally:
        response.lock.release()


async def text(response) -> str:
    """The same as a string: UTF-8, or Latin-1 where it is none."""
    body = await content(response)
    try:
        return str(body, "utf-8")
    except UnicodeError:
        return "".join([chr(c) for c in body])


async def json(response):
    """The body, parsed."""
    from json import loads

    return loads(await content(response))
