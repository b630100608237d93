"""In which of the three syntaxes a payload travels to the module, and how much at once."""

from .compat import const

AUTO = 0
QUOTED = 1  # in the command line, as it is: no prompt, no pause, but not every byte
PROMPT = 2  # after a prompt: every byte, 50 ms and a round trip more
HEX = 3  # in the command line as hexadecimal digits: every byte, twice the length

_LONGEST = const(1024)  # bytes of one +USOWR or +USOST
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_HEX_WORTH = const(128)  # above it, two digits a byte cost more than the pause of a prompt


def plain(data, at: int, n: int) -> bool:
    """Whether `data[at:at + n]` may be in a quoted string: printable, no quote, no comma."""
    for i in range(at, at + n):
        c = data[i]
        if c < 32 or c > 126 or c == 34 or c == 44:
            return False
    return True


def fitting(syntax: int, data, at: int, n: int, line_size: int, stream: bool) -> int:
    """How many of `n` bytes one command shall carry: of a stream, text goes without a prompt."""
    if n > _LONGEST:
        n = _LONGEST
    quoted = _LONGEST_LINE - line_size
    if stream and n > quoted and syntax < 2 and plain(data, at, quoted):
        n = quoted
    return n


def choose(syntax: int, hex_mode: bool, data, at: int, n: int, line_size: int) -> int:
    """The syntax for `n` bytes after a line of `line_size` characters."""
    if syntax:
        if syntax == 1 and not plain(data, at, n):
            raise ValueError("payload with characters that cannot be sent in quotes")
        return syntax
    if n <= _HEX_WORTH and (hex_mode or not plain(data, at, n)):
        return 3
    if line_size + n <= _LONGEST_LINE and plain(data, at, n):
        return 1
    return 2
