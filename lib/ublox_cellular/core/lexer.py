"""Bytes to tokens, on one fixed buffer, without waiting and without allocating.

Fed any split of a stream it yields the same tokens. Lines end at CR or LF; empty lines and NUL
bytes between lines are passed over. Searching is left to `find`: a Python statement per byte is
too slow above 230 400 baud.
"""

from .compat import const

# What next() found.
MORE = const(0)  # nothing complete yet
LINE = const(1)  # a whole line, between `line` and `stop`
PROMPT = const(2)  # the prompt that was asked for
PAYLOAD = const(3)  # the head of a line up to and with the opening quote of counted data

_CR = const(13)
_LF = const(10)
_QUOTE = const(34)
_COMMA = const(44)
_SPACE = const(32)
_SMALL = const(16)


class Lexer:
    """Feed by `room()`/`fed()` (or `feed()`), take by `next()`, then read fields of the line.

    A line stays readable until the next `room()`. Counters: `overlong` lines dropped, `nuls`.
    """

    def __init__(self, size: int = 512):
        self.buf = bytearray(size)
        self.start = 0  # first byte not yet consumed
        self.end = 0  # one past the last byte received
        self.line = 0  # the current line: buf[line:stop], `pos` is the cursor of the fields
        self.stop = 0
        self.pos = 0
        self.overlong = 0
        self.nuls = 0
        self._dropping = False
        self._after_cr = False

    # ---- bytes in -------------------------------------------------------------------------

    def room(self) -> int:
        """Free bytes at `end`, making room first; may end the life of the current line."""
        size = len(self.buf)
        if self.start == self.end:
            self.start = self.end = 0
        elif self.end == size:
            if self.start == 0:  # one line fills everything: it is dropped up to its end
                self._dropping = True
                self.end = 0
            else:
                self._move_down()
        return size - self.end

    def fed(self, count: int) -> None:
        self.end += count

    def feed(self, data) -> int:
        """Copy what fits of `data` behind what is there; the number of bytes taken."""
        n = min(len(data), self.room())
        self.buf[self.end : self.end + n] = memoryview(data)[:n]
        self.end += n
        return n

    def _move_down(self) -> None:
        # Rare and short (the beginning of one line), so a loop is better than two slices.
        buf = self.buf
        start = self.start
        n = self.end - start
        for i in range(n):
            buf[i] = buf[start + i]
        self.start = 0
        self.end = n

    def clear(self) -> None:
        """Forget what was received and not consumed."""
        self.start = self.end = self.line = self.stop = self.pos = 0
        self._dropping = self._after_cr = False

    # ---- tokens out -----------------------------------------------------------------------

    def next(self, prompt: int = 0, name: bytes = b"", commas: int = 0) -> int:
        """The next token.

        `prompt`: a character that counts as PROMPT at the start of a line. `name`, `commas`: a
        line `name: …` whose field behind that many commas is quoted yields PAYLOAD, with the
        fields before it readable and `start` at the first byte of data.
        """
        if not self._at_line_start():
            return MORE
        s = self.start
        buf = self.buf
        if prompt and buf[s] == prompt:
            self.start = s + 1
            self._after_cr = False
            return PROMPT
        e = self._line_end(s)
        limit = self.end if e < 0 else e
        if commas:
            quote = self._payload_at(s, limit, name, commas)
            if quote:
                self.line = s
                self.stop = quote
                self.start = quote + 1
                self._after_cr = False
                return PAYLOAD
        if e < 0:
            return MORE
        self.line = self.pos = s
        self.stop = e
        self.start = e + 1
        self._after_cr = buf[e] == _CR
        return LINE

    def _at_line_start(self) -> bool:
        """Pass over line ends and NULs; whether a byte is left that begins a line."""
        buf = self.buf
        s = self.start
        end = self.end
        if self._dropping:
            e = self._line_end(s)
            if e < 0:
                self.start = end
                return False
            self._dropping = False
            self.overlong += 1
            s = e
        while s < end:
            c = buf[s]
            if c == 0:
                self.nuls += 1
            elif c != _CR and c != _LF:
                break
            s += 1
            self._after_cr = c == _CR
        self.start = s
        return s < end

    def _line_end(self, s: int) -> int:
        cr = self.buf.find(b"\r", s, self.end)
        lf = self.buf.find(b"\n", s, self.end if cr < 0 else cr)
        return cr if lf < 0 else lf

    def _payload_at(self, s: int, limit: int, name: bytes, commas: int) -> int:
        """Where the opening quote is, or 0; sets the field cursor when it is found."""
        buf = self.buf
        n = s + len(name)
        if n >= limit or buf.find(name, s, n) != s or buf[n] != 58:
            return 0
        p = n
        for _ in range(commas):
            p = buf.find(b",", p, limit)
            if p < 0:
                return 0
            p += 1
        while p < limit and buf[p] == _SPACE:
            p += 1
        if p >= limit or buf[p] != _QUOTE:
            return 0
        self.pos = n + 1
        return p

    def take(self, into, at: int, limit: int) -> int:
        """Move at most `limit` received bytes, whatever they are, to `into[at:]`."""
        s = self.start
        n = self.end - s
        if n > limit:
            n = limit
        buf = self.buf
        if n <= _SMALL:
            for i in range(n):
                into[at + i] = buf[s + i]
        else:
            into[at : at + n] = memoryview(buf)[s : s + n]
        self.start = s + n
        return n

    def skip(self, limit: int) -> int:
        """Drop at most `limit` received bytes; the number dropped."""
        n = self.end - self.start
        if n > limit:
            n = limit
        self.start += n
        return n

    def end_line(self) -> bool:
        """Take the LF that belongs to the CR just consumed; False while it is still to come."""
        if self._after_cr:
            if self.start == self.end:
                return False
            if self.buf[self.start] == _LF:
                self.start += 1
            self._after_cr = False
        return True

    # ---- fields of the current line ---------------------------------------------------------

    def begins(self, text: bytes) -> bool:
        """Whether the line begins with `text`."""
        s = self.line
        n = s + len(text)
        return n <= self.stop and self.buf.find(text, s, n) == s

    def equals(self, text: bytes) -> bool:
        """Whether the line is `text` and nothing else."""
        return self.stop - self.line == len(text) and self.begins(text)

    def named(self, name: bytes) -> bool:
        """Whether the line is `name: …`; the cursor then stands at its first field."""
        n = self.line + len(name)
        if n < self.stop and self.buf[n] == 58 and self.begins(name):
            self.pos = n + 1
            return True
        return False

    def _begin_field(self) -> int:
        buf = self.buf
        p = self.pos
        while p < self.stop and buf[p] == _SPACE:
            p += 1
        return p

    def quoted(self) -> bool:
        """Whether the next field is a quoted string."""
        p = self._begin_field()
        return p < self.stop and self.buf[p] == _QUOTE

    def more(self) -> bool:
        """Whether a field is left (it may be empty)."""
        return self.pos < self.stop

    def number(self):
        """The next field as an integer; None when it is empty, missing or something else."""
        buf = self.buf
        p = self._begin_field()
        stop = self.stop
        negative = p < stop and buf[p] == 45
        if negative:
            p += 1
        first = p
        value = 0
        while p < stop and 48 <= buf[p] <= 57:
            value = value * 10 + buf[p] - 48
            p += 1
        good = p > first and (p == stop or buf[p] == _COMMA or buf[p] == _SPACE)
        self._end_field(p)
        if not good:
            return None
        return -value if negative else value

    def _end_field(self, p: int) -> None:
        comma = self.buf.find(b",", p, self.stop)
        self.pos = self.stop if comma < 0 else comma + 1

    def skip_field(self) -> None:
        self.text()

    def text(self) -> str:
        """The next field as a string, without its quotes; bytes that are no UTF-8 become '?'."""
        buf = self.buf
        p = self._begin_field()
        if p < self.stop and buf[p] == _QUOTE:
            p += 1
            e = buf.find(b'"', p, self.stop)
            if e < 0:
                e = self.stop
            self._end_field(e)
        else:
            e = buf.find(b",", p, self.stop)
            if e < 0:
                e = self.stop
            self._end_field(e)
        return decode(buf[p:e])

    def whole(self) -> str:
        """The whole line."""
        return decode(self.buf[self.line : self.stop])

    def fields(self) -> list:
        """All fields that are left: int where the field is a number, None where empty, else str.

        Allocates: for commands that are not in a loop.
        """
        found = []
        while self.more():
            at = self.pos
            if self.quoted():
                found.append(self.text())
                continue
            value = self.number()
            if value is None:
                self.pos = at
                value = self.text().strip() or None
            found.append(value)
        return found


def decode(data) -> str:
    """Text of what a module sent: UTF-8 if it is, else ASCII with '?' for the rest."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        return "".join(chr(c) if 32 <= c < 127 else "?" for c in data)
