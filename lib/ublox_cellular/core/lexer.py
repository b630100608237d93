"""Bytes to tokens, on one fixed buffer, without waiting and without allocating.

Any split of a stream yields the same tokens. Lines end at CR or LF; empty lines and NUL bytes
between lines are skipped. Searching is left to `find`: a Python statement per byte is too slow
above 230 400 baud.
"""

from .compat import const

# Results of next(); engine.py has the same numbers, which are free as private constants.
_MORE = const(0)  # nothing complete yet
_LINE = const(1)  # a whole line, between `line` and `stop`
_PROMPT = const(2)  # the prompt that was asked for
_PAYLOAD = const(3)  # the head of a line, up to and including the opening quote of counted data


class Lexer:
    """Put bytes at `buf[end:]` after `room()` and raise `end`, take tokens by `next()`, then read
    the fields of the line, which stays readable until the next `room()`.

    `overlong` counts dropped lines, `nuls` NUL bytes between lines. `full(lexer)`, if set, is
    asked when one line fills the whole buffer, before it is dropped: it may make room in it.
    """

    def __init__(self, size: int = 512):
        self.buf = bytearray(size)
        self.overlong = self.nuls = 0
        self.full = None
        self.clear()

    def clear(self) -> None:
        """Discard received bytes that were not consumed."""
        self.start = 0  # first byte not yet consumed
        self.end = 0  # one past the last byte received
        self.line = 0  # the current line: buf[line:stop], `pos` is the cursor of the fields
        self.stop = 0
        self.pos = 0
        self.dropping = False
        self.half = False  # the last line ended with a CR whose LF has not arrived yet

    def room(self) -> int:
        """Free bytes at `end`, making room first; the current line may become invalid."""
        size = len(self.buf)
        start = self.start
        if start == self.end:
            self.start = self.end = 0
        elif self.end == size:
            if start == 0:  # one line fills everything: it is dropped up to its end
                if not self.full or not self.full(self):
                    self.dropping = True
                    self.end = 0
            else:  # rare and short, the beginning of a line: a loop is cheaper than two slices
                buf = self.buf
                self.end -= start
                self.start = 0
                for i in range(self.end):
                    buf[i] = buf[start + i]
        return size - self.end

    def next(self, prompt: int = 0, name: bytes = b"", commas: int = 0) -> int:
        """The next token.

        `prompt`: a character that is a prompt at the start of a line. `name`, `commas`: a line
        `name: …` whose field after that many commas is quoted is the head of a payload: the fields
        before it are readable and `start` is the first byte of data.
        """
        buf = self.buf
        s = self.start
        end = self.end
        if self.dropping:
            s = self._line_end(s)
            if s < 0:
                self.start = end
                return _MORE
            self.dropping = False
            self.overlong += 1
        while s < end:
            self.half = False
            c = buf[s]
            if c == 0:
                self.nuls += 1
            elif c != 13 and c != 10:
                break
            s += 1
        self.start = s
        if s == end:
            return _MORE
        if prompt and buf[s] == prompt:
            self.start = s + 1
            return _PROMPT
        e = self._line_end(s)
        if commas:
            quote = self._payload_at(s, end if e < 0 else e, name, commas)
            if quote:
                self.line = s
                self.stop = quote
                self.start = quote + 1
                return _PAYLOAD
        if e < 0:
            return _MORE
        self.line = self.pos = s
        self.stop = e
        self.start = e + 1
        self.half = buf[e] == 13 and e + 1 == end
        return _LINE

    def _line_end(self, s: int) -> int:
        buf = self.buf
        cr = buf.find(b"\r", s, self.end)
        lf = buf.find(b"\n", s, self.end if cr < 0 else cr)
        return cr if lf < 0 else lf

    def _payload_at(self, s: int, limit: int, name: bytes, commas: int) -> int:
        """The position of the opening quote, or 0; sets the field cursor if it is found."""
        buf = self.buf
        p = s + len(name)
        if p >= limit or buf.find(name, s, p) != s or buf[p] != 58:
            return 0
        self.pos = p + 1
        while commas:
            p = buf.find(b",", p, limit) + 1
            if not p:
                return 0
            commas -= 1
        while p < limit and buf[p] == 32:
            p += 1
        return p if p < limit and buf[p] == 34 else 0

    def take(self, into, at: int, limit: int) -> int:
        """Move at most `limit` received bytes of any value to `into[at:]` (None: drop them)."""
        s = self.start
        n = self.end - s
        if n > limit:
            n = limit
        self.start = s + n
        if into is not None:
            buf = self.buf
            if n > 16:
                into[at : at + n] = memoryview(buf)[s : s + n]
            else:  # the usual case, without allocating a slice
                for i in range(n):
                    into[at + i] = buf[s + i]
        return n

    # ---- the current line and its fields ------------------------------------------------------

    def begins(self, text: bytes) -> bool:
        """Whether the line begins with `text`."""
        s = self.line
        return self.buf.find(text, s, self.stop) == s

    def equals(self, text: bytes) -> bool:
        """Whether the line is `text` and nothing else."""
        return self.stop - self.line == len(text) and self.begins(text)

    def named(self, name: bytes) -> bool:
        """Whether the line is `name: …`; the cursor is then at its first field."""
        n = self.line + len(name)
        if n < self.stop and self.buf[n] == 58 and self.begins(name):
            self.pos = n + 1
            return True
        return False

    def quoted(self) -> bool:
        """Whether the next field is a quoted string; blanks before it are skipped."""
        buf = self.buf
        p = self.pos
        while p < self.stop and buf[p] == 32:
            p += 1
        self.pos = p
        return p < self.stop and buf[p] == 34

    def number(self):
        """The next field as an integer; None if it is empty, missing or not a number."""
        self.quoted()
        buf = self.buf
        p = first = self.pos
        stop = self.stop
        value = 0
        if p < stop and buf[p] == 45:
            p += 1
        while p < stop and 48 <= buf[p] <= 57:
            value = value * 10 + buf[p] - 48
            p += 1
        self.pos = p
        good = p > first and (p == stop or buf[p] == 44 or buf[p] == 32) and buf[p - 1] != 45
        self._end_field()
        if not good:
            return None
        return -value if buf[first] == 45 else value

    def _end_field(self) -> None:
        self.pos = self.buf.find(b",", self.pos, self.stop) + 1 or self.stop

    def text(self) -> str:
        """The next field as a string, without its quotes."""
        buf = self.buf
        quoted = self.quoted()
        p = self.pos + 1 if quoted else self.pos
        e = buf.find(b'"' if quoted else b",", p, self.stop)
        if e < 0:
            e = self.stop
        self.pos = e
        self._end_field()
        return decode(buf[p:e])

    def whole(self) -> str:
        """The whole line."""
        return decode(self.buf[self.line : self.stop])

    def fields(self) -> list:
        """All remaining fields: int for a number, None for an empty field, otherwise str.

        Allocates: for commands that are not in a loop.
        """
        found = []
        while self.pos < self.stop:
            value = None
            if not self.quoted():
                at = self.pos
                value = self.number()
                if value is None:
                    self.pos = at
            found.append((self.text() or None) if value is None else value)
        return found


def decode(data) -> str:
    """Text of a module's bytes; see `legible` for invalid UTF-8."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        from .error_text import legible

        return legible(data)
