"""Larger buffers for one exchange: the data of a TLS session may be longer than any other line."""


def wide_lexer(lexer, size: int):
    """Let it take a line of `size` bytes; the buffer to give back to `narrow_lexer`."""
    old = lexer.buf
    if len(old) < size:
        lexer.buf = bytearray(size)
        lexer.buf[: lexer.end] = old[: lexer.end]
    return old


def narrow_lexer(lexer, old) -> None:
    """The old buffer again, with what was received meanwhile; only the beginning of a line that
    is too long for it is lost, as it would have been."""
    new = lexer.buf
    if new is old:
        return
    start, end, half, dropping = lexer.start, lexer.end, lexer.half, lexer.dropping
    lexer.buf = old
    lexer.clear()
    if end - start < len(old):
        old[: end - start] = new[start:end]
        lexer.end = end - start
        lexer.half = half
        lexer.dropping = dropping
    else:
        lexer.dropping = True


def wide_command(command, size: int):
    """Let it build a line of `size` bytes; its old buffer."""
    old = command.buf
    if len(old) < size:
        command.buf = bytearray(size)
    return old
