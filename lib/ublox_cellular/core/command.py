"""Builds one command line in place, in a fixed buffer, from typed parts.

A part that cannot travel safely is refused with ValueError or TypeError before a byte is sent.
"""

from .compat import const

_EQUALS = const(61)
_COMMA = const(44)
_QUOTE = const(34)
_DEL = const(127)
_HEX = b"0123456789ABCDEF"


class Secret:
    """A string that must not be shown in traces and errors."""

    def __init__(self, value: str):
        self.value = value


class Command:
    """`begin(b"+USOCR")`, then parts in order, then `end()`; the line is `buf[:size]`.

    `name` is what errors call the command. Parts marked secret are blanked out in `shown()`.
    """

    def __init__(self, capacity: int = 512):
        self.buf = bytearray(capacity)
        self.size = 0
        self.name = b""
        self._separator = 0
        self._secrets = []

    def begin(self, name: bytes) -> None:
        self.name = name
        self.size = 0
        self._separator = _EQUALS
        if self._secrets:
            self._secrets = []
        self._bytes(b"AT")
        self._bytes(name)

    def number(self, value: int) -> None:
        """An integer parameter."""
        if not isinstance(value, int):
            raise TypeError("integer wanted, not " + repr(value))
        self._separate()
        if value < 0:
            self._byte(45)
            value = -value
        scale = 1
        while value // scale > 9:
            scale *= 10
        while scale:
            self._byte(48 + value // scale % 10)
            scale //= 10

    def text(self, value, limit: int = 0, secret: bool = False) -> None:
        """A quoted string: `str` (sent as UTF-8) or bytes, of at most `limit` bytes if given.

        Control characters and quotes are refused: they would end the string or the line.
        """
        if isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, (bytes, bytearray)):
            raise TypeError("string wanted, not " + ("a secret" if secret else repr(value)))
        if limit and len(value) > limit:
            raise ValueError("string of %d bytes, at most %d fit" % (len(value), limit))
        for c in value:
            if c < 32 or c == _QUOTE or c == _DEL:
                raise ValueError("character %d cannot be sent in a string" % c)
        self._separate()
        self._byte(_QUOTE)
        if secret:
            self._secrets.append((self.size, self.size + len(value)))
        self._bytes(value)
        self._byte(_QUOTE)

    def open_text(self) -> None:
        """The opening quote of a string whose bytes the engine sends behind this part."""
        self._separate()
        self._byte(_QUOTE)

    def hex(self, data, at: int, n: int) -> None:
        """A quoted string of the hexadecimal digits of `data[at:at + n]`."""
        self._separate()
        self._byte(_QUOTE)
        if self.size + 2 * n + 2 > len(self.buf):
            raise ValueError("command line longer than its buffer of %d" % len(self.buf))
        buf = self.buf
        i = self.size
        for k in range(at, at + n):
            c = data[k]
            buf[i] = _HEX[c >> 4]
            buf[i + 1] = _HEX[c & 15]
            i += 2
        self.size = i
        self._byte(_QUOTE)

    def empty(self) -> None:
        """A parameter left out."""
        self._separate()

    def raw(self, token: bytes) -> None:
        """Something the driver itself wrote, such as `?` of a read command."""
        self._bytes(token)

    def part(self, value) -> None:
        """A parameter by its Python type: int, str, `Secret`, None (left out), bytes (as is)."""
        if value is None:
            self.empty()
        elif isinstance(value, Secret):
            self.text(value.value, secret=True)
        elif isinstance(value, bytes):
            self.raw(value)
        elif isinstance(value, int):
            self.number(value)
        else:
            self.text(value)

    def end(self) -> None:
        self._byte(13)

    def shown(self) -> bytes:
        """The line for people, secrets blanked out, without its CR."""
        line = bytearray(self.buf[: self.size])
        for first, last in self._secrets:
            for i in range(first, last):
                line[i] = 42
        return bytes(line).strip()

    def _separate(self) -> None:
        self._byte(self._separator)
        self._separator = _COMMA

    def _byte(self, c: int) -> None:
        if self.size >= len(self.buf):
            raise ValueError("command line longer than its buffer of %d" % len(self.buf))
        self.buf[self.size] = c
        self.size += 1

    def _bytes(self, data) -> None:
        n = len(data)
        if self.size + n > len(self.buf):
            raise ValueError("command line longer than its buffer of %d" % len(self.buf))
        self.buf[self.size : self.size + n] = data
        self.size += n
