"""Builds one command line in place, in a fixed buffer, from typed parts.

A part that cannot travel safely is refused with ValueError or TypeError before a byte is sent.
"""


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
