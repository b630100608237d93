"""Builds one command line in place, in a fixed buffer, from typed parts.

A part that cannot travel safely is refused with ValueError or TypeError before a byte is sent.
"""

from .compat import const


def sendable(value, limit: int = 0):
    """The bytes of a string that may be in quotes: `str` (as UTF-8) or bytes.

    Control characters and quotes are refused, as they would end the string or the line, and what
    is longer than `limit` bytes, if that is given.
    """
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, (bytes, bytearray)):
        raise TypeError("string wanted")
    if limit and len(value) > limit:
        raise ValueError("string of %d bytes, at most %d fit" % (len(value), limit))
    for c in value:
        if c < 32 or c == 34 or c == 127:
            raise ValueError("character %d cannot be sent in a string" % c)
    return value


def milliseconds(value, name: str = "timeout_ms") -> int:
    """A time that an application gives; `TypeError`, `ValueError`."""
    if not isinstance(value, int):
        raise TypeError(name + ": number wanted")
    if value < 0:
        raise ValueError(name + ": 0 or more")
    return value


def span(value):
    """The time-out of a socket, in seconds, as ms; None for none. Below a millisecond is still a
    time to wait, not 0. `TypeError`, `ValueError`."""
    if value is None:
        return None
    if not isinstance(value, (int, float)):
        raise TypeError("timeout: seconds or None wanted")
    if not value >= 0:
        raise ValueError("timeout: None or at least 0 wanted")
    return int(value * 1000) or (1 if value else 0)


class Command:
    """`begin(b"+USOCR")`, then parts in order, then `end()`; the line is `buf[:size]`. A read
    or test command has its question mark: `begin(b"+CREG?")`, `begin(b"+COPS=?")`.

    `name` is what errors call the command, without it. A part marked secret is
    blanked out in `shown()`.
    """

    def __init__(self, capacity: int = 512):
        self.buf = bytearray(capacity)
        self.begin(b"")

    def begin(self, name: bytes) -> None:
        self.name = name
        self.size = 0
        self.mark = 61  # what comes before the next part: '=' first, then ','
        self.hidden = self.shown_to = 0
        self.raw(b"AT")
        self.raw(name)
        if name and name[-1] == 63:
            self.name = name[:-2] if name[-2:] == b"=?" else name[:-1]

    def number(self, value: int) -> None:
        """An integer parameter."""
        if not isinstance(value, int):
            raise TypeError("integer wanted, not " + repr(value))
        self.empty()
        if value < 0:
            self.byte(45)
            value = -value
        scale = 1
        while value // scale > 9:
            scale *= 10
        while scale:
            self.byte(48 + value // scale % 10)
            scale //= 10

    def text(self, value, limit: int = 0, secret: bool = False) -> None:
        """A quoted string, see `sendable`."""
        value = sendable(value, limit)
        self.open_text()
        if secret:
            self.hidden = self.size
        self.raw(value)
        if secret:
            self.shown_to = self.size
        self.byte(34)

    def open_text(self) -> None:
        """The opening quote of a string whose bytes are sent after this part."""
        self.empty()
        self.byte(34)

    def empty(self) -> None:
        """A parameter left out."""
        self.byte(self.mark)
        self.mark = 44

    def part(self, value, secret: bool = False) -> None:
        """A parameter by its Python type: int, None (left out), else a string, see `sendable`."""
        if value is None:
            self.empty()
        elif isinstance(value, int):
            self.number(value)
        else:
            self.text(value, 0, secret)

    def end(self) -> None:
        self.byte(13)

    def shown(self) -> bytes:
        """The line for people, secrets blanked out, without its CR."""
        line = bytes(self.buf[: self.size])
        if self.hidden:
            line = line[: self.hidden] + b"***" + line[self.shown_to :]
        return line.strip()

    def byte(self, c: int) -> None:
        n = self.size
        if n >= len(self.buf):
            self.overflow()
        self.buf[n] = c
        self.size = n + 1

    def raw(self, data) -> None:
        """Bytes the driver itself wrote, such as `?` of a read command."""
        n = self.size
        end = n + len(data)
        if end > len(self.buf):
            self.overflow()
        self.buf[n:end] = data
        self.size = end

    def overflow(self) -> None:
        raise ValueError("command line longer than its buffer of %d" % len(self.buf))


# ---- syntaxes of a payload ----------------------------------------------------------------------
#
# In which of the three syntaxes a payload travels to the module, and how much at once.

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
