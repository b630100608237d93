# Generated from aio/http_reading.py by tools/generate. Do not edit.
"""The ways to read an answer that need memory for what they give. See http_response.py."""

from ..core.compat import const

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
    if n < 0:
        found = bytearray()
        for piece in iter_content(response, _GROWTH):
            found.extend(piece)
        return bytes(found)
    buf = bytearray(n)
    return bytes(memoryview(buf)[: response.fill(buf)])


def iter_content(response, size: int = 512) -> "Pieces":
    """For `for` (asyncio: `async for`): the body in pieces of `size` bytes."""
    return Pieces(response, size)


class Pieces:
    """What `iter_content()` gives."""

    def __init__(self, response, size: int):
        self.response = response
        self.buf = bytearray(size)

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        n = self.response.fill(self.buf)
        if not n:
            raise StopIteration
        return bytes(memoryview(self.buf)[:n])


def content(response) -> bytes:
    """The whole body, which must fit the memory; it is kept."""
    if response.whole is None:
        response.whole = read(response)
    return response.whole


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
