"""Bodies in chunks, where the module has left them so: RFC 9112 section 7.1."""

from ...core.compat import const
from ...core.errors import ModemError

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
