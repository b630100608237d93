"""Ways to read an answer that need memory for what they return, bodies in chunks, and saving to a
file. See response.py. at-commands 9."""

from ...core.buffers import moved
from ...core.compat import const
from ...core.errors import ModemError

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


# ---- bodies in chunks ---------------------------------------------------------------------------
#
# Bodies in chunks, where the module has left them so: RFC 9112 section 7.1.

_DIGITS = b"0123456789abcdefABCDEF"
_LONGEST_SIZE = const(8)
_TRAILERS = const(2)  # of `chunked`
_EPROTO = const(71)


async def look(response) -> None:
    """Whether the body really begins with the size of a chunk: the module may have put the chunks
    together and left the header."""
    if response.first == response.last and not await response.more():
        response.chunked = False
        return
    first = response.first
    head = bytes(response.ahead[first : min(response.last, first + _LONGEST_SIZE + 1)])
    n = 0
    while n < len(head) and head[n] in _DIGITS:
        n += 1
    known = n < len(head) and n < response.last - first
    response.chunked = 0 < n <= _LONGEST_SIZE and (not known or head[n] in b";\r \t")
    if response.chunked:
        response.left = 0


async def advance(response) -> None:
    """To the next chunk: its size in `left`. After the last one the body is complete. Given up,
    the next call goes on with it."""
    if response.chunked == _TRAILERS:
        return await _finish(response)
    line = await response.line()
    if not line:  # the end of the chunk before
        line = await response.line()
    digits = bytes(line).partition(b";")[0].strip()
    try:
        size = int(str(digits, "utf-8"), 16)
    except ValueError:
        size = -1
    if size < 0 or len(digits) > _LONGEST_SIZE:
        raise ModemError(_EPROTO, "the body is not in chunks as its headers say")
    response.left = size
    if size == 0:
        response.chunked = _TRAILERS
        await _finish(response)


async def _finish(response) -> None:
    while await response.line():  # trailers
        pass
    await response.finish()


# ---- to a file of the microcontroller -----------------------------------------------------------
#
# The body of an answer to a file of this microcontroller.

_PIECE = const(512)
_ENOSPC = const(28)


async def save(response, target) -> int:
    """Write the body to a file of this microcontroller, by name or open for writing; its length.
    A file that was opened here is removed again if that fails. What was read by then is not there
    any more: the response is closed."""
    named = isinstance(target, (str, bytes))
    if not named and not hasattr(target, "write"):
        raise TypeError("the name of a file, or one open for writing wanted")
    await response.turn()
    try:
        if not named:
            return await _copy(response, target)
        with open(target, "wb") as file:
            return await _copy(response, file)
    except BaseException:
        if named:
            _remove(target)
        await response.close()
        raise
    finally:
        response.lock.release()


async def _copy(response, file) -> int:
    piece = bytearray(_PIECE)
    view = memoryview(piece)
    total = 0
    while True:
        n = await response.some(piece, _PIECE)
        if not n:
            return total
        done = 0
        while done < n:
            taken = file.write(view[done:n])
            if taken is None:  # it does not count
                break
            if not moved(taken, n - done):
                raise OSError(_ENOSPC, "the file takes no more")
            done += taken
        total += n


def _remove(name) -> None:
    """Half a file looks like a whole one."""
    from os import remove

    try:
        remove(name)
    except OSError:
        pass
