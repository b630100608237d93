"""Larger buffers for one exchange: the data of a TLS session may be longer than any other line.

They are restored in every case: after a cancellation, when the module has ended the exchange.
"""


def wide_command(channel, size: int):
    """Set a command buffer of `size` bytes for the next exchange; returns the function to call
    after it, in any case."""
    keep = channel.tx.buf
    wide = bytearray(size)

    def put_back(ended: bool) -> None:
        if ended and channel.tx.buf is wide:
            channel.tx.buf = keep

    def over() -> None:
        if channel.abandoned:  # the rest of the line may still be sent
            channel.keeper = put_back
        else:
            put_back(True)

    channel.tx.buf = wide
    return over


def wide_lexer(lexer, size: int):
    """Let the lexer accept a line of `size` bytes; returns the old buffer for `narrow_lexer`."""
    old = lexer.buf
    if len(old) < size:
        new = bytearray(size)
        new[: lexer.end] = memoryview(old)[: lexer.end]
        lexer.buf = new
    return old


def narrow_lexer(lexer, old) -> None:
    """Restore the old buffer, with the bytes received meanwhile; only a line that is too long for
    it loses its beginning, as it would have before. Allocates nothing, as it may be called by
    `poll()`."""
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
