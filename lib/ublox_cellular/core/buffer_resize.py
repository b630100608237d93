"""Larger buffers for one exchange: the data of a TLS session may be longer than any other line.

They are put back on every way out: where the exchange is given up, when the module has ended it.
"""


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
