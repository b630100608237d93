"""The data of a TLS session: one bytes object for the application, and larger buffers for the
exchanges that carry it, whose lines may be longer than any other.

Layout: "uS", version, kind of module, type, tag of +USECPRF; four bytes that represent the
wishes of the profile; host and the two values with line breaks between; check sum. It is a
secret: whoever has it can take the session over. Version 1 had neither wishes nor host.

The buffers are put back on every way out: where the exchange is given up, when the module has
ended it.
"""

_HEAD = b"uS\x02"
_OLD = 1


def pack(
    kind: str, type_: int, tag: int, first: str, second: str, host: str, wishes: bytes
) -> bytes:
    """`kind`: the first letter of the module's name."""
    body = _HEAD + bytes((ord(kind), type_, tag)) + wishes
    body += (host + "\n" + first + "\n" + second).encode()
    return body + _sum(body)


def unpack(data, kind: str):
    """(type, tag, first, second, host, wishes); host is None in version 1. `ValueError` for what
    is damaged or of another module, `TypeError`."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("session: bytes wanted")
    data = bytes(data)
    body = data[:-2]
    if len(data) < 9 or body[:2] != _HEAD[:2] or _sum(body) != data[-2:]:
        raise ValueError("session: this is none, or is damaged")
    if body[3] != ord(kind):
        raise ValueError("session: of another kind of module")
    version, type_, tag = body[2], body[4], body[5]
    if version == _OLD:
        first, _, second = str(body[6:], "utf-8").partition("\n")
        return type_, tag, first, second, None, b""
    parts = str(body[10:], "utf-8").split("\n")
    if version != _HEAD[2] or len(parts) != 3:
        raise ValueError("session: of a later version")
    return type_, tag, parts[1], parts[2], parts[0], body[6:10]


def _sum(data) -> bytes:
    """Fletcher's."""
    a = b = 0
    for c in data:
        a = (a + c) % 255
        b = (b + a) % 255
    return bytes((a, b))


# ---- larger buffers -----------------------------------------------------------------------------


def wide_command(channel, size: int):
    """A command buffer of `size` bytes for the next exchange; what is to be called after it, in
    any case."""
    keep = channel.tx.buf
    wide = bytearray(size)

    def put_back(ended: bool) -> None:
        if ended and channel.tx.buf is wide:
            channel.tx.buf = keep

    def over() -> None:
        if channel.abandoned:  # what is left of the line may still be on its way out
            channel.keeper = put_back
        else:
            put_back(True)

    channel.tx.buf = wide
    return over


def wide_lexer(lexer, size: int):
    """Let it take a line of `size` bytes; the buffer to give back to `narrow_lexer`."""
    old = lexer.buf
    if len(old) < size:
        new = bytearray(size)
        new[: lexer.end] = memoryview(old)[: lexer.end]
        lexer.buf = new
    return old


def narrow_lexer(lexer, old) -> None:
    """The old buffer again, with what was received meanwhile; only the beginning of a line that
    is too long for it is lost, as it would have been. Allocates nothing: whoever polls may be the
    one who does it."""
    new = lexer.buf
    if new is old:
        return
    start, end, half, dropping = lexer.start, lexer.end, lexer.half, lexer.dropping
    lexer.buf = old
    lexer.clear()
    lexer.half = half
    lexer.dropping = dropping
    if end - start >= len(old):
        lexer.dropping = True
        return
    while start < end:
        old[lexer.end] = new[start]
        lexer.end += 1
        start += 1
