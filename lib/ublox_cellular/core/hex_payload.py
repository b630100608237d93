"""Payload as hexadecimal digits, both ways; imported when the hex mode is first used."""

_DIGITS = b"0123456789ABCDEF"


def encode(line, data, at: int, n: int) -> None:
    """Add the digits of `data[at:at + n]` to a command line as a quoted string."""
    line.open_text()
    i = line.size
    buf = line.buf
    if i + 2 * n + 2 > len(buf):
        raise ValueError("command line longer than its buffer of %d" % len(buf))
    for k in range(at, at + n):
        c = data[k]
        buf[i] = _DIGITS[c >> 4]
        buf[i + 1] = _DIGITS[c & 15]
        i += 2
    buf[i] = 34
    line.size = i + 1


def decode(lexer, into, at: int, limit: int) -> int:
    """Turn at most `limit` digits into bytes at `into[at:]`; digits used, -1 at others."""
    pairs = (lexer.end - lexer.start) >> 1
    if pairs > limit >> 1:
        pairs = limit >> 1
    for i in range(pairs):
        s = lexer.start + i * 2
        high = nibble(lexer.buf[s])
        low = nibble(lexer.buf[s + 1])
        if high < 0 or low < 0:
            return -1
        into[at + i] = high << 4 | low
    lexer.start += pairs * 2
    return pairs * 2


def nibble(c: int) -> int:
    """The value of a hexadecimal digit, -1 if it is none."""
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1
