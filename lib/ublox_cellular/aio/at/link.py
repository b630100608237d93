"""A payload of any length along the line after CONNECT: read straight into the caller's
buffer, its end distinguished from data that look like it. The direct links of HTTP and FTP use it.
"""

from ...core.buffers import capacity
from ...core.compat import const
from .data_mode import DataStream

_QUIET_MS = const(1500)  # no byte after what looks like the end: it is the end
_GATHER = const(3)  # so many ms without a byte end a read that has some

_OPEN = const(0)  # what may be the end, or not
_NO_END = const(-1)

_ENOMEM = const(12)

_END = b"\r\nDISCONNECT\r\n"
_CARRIER = b"\r\nNO CARRIER\r\n"
_OK = b"\r\nOK\r\n"
_URC = b"\r\n+"


class Link(DataStream):
    """Raw bytes from the module. `counted`: more bytes are to come, as their number is known: an
    end before that wants silence after it, and `proof` in what comes with it.
    `restarted`: the module has greeted instead."""

    def __init__(self, channel):
        DataStream.__init__(self, channel)
        self.restarted = False
        self.rest = None  # what a reader that gave up had got
        self.counted = False
        self.proof = b""
        self.greeting = b"\r\n" + channel.greeting + b"\r\n" if channel.greeting else b""

    # ---- where it ends ------------------------------------------------------------------------

    def _ready(self) -> int:
        """How many of the received bytes are certainly of the answer. Finds the end, too: its
        line with OK and a URC after it, or with silence. Or a restart of the module: its greeting
        with silence after it."""
        channel = self.channel
        lexer = channel.lexer
        buf = lexer.buf
        start, end = lexer.start, lexer.end
        cr = buf.find(b"\r", start, end)
        if cr != start:
            return (end if cr < 0 else cr) - start
        quiet = channel.elapsed(channel.last) >= _QUIET_MS
        found = _ending(buf, start, end, quiet, self.counted)
        if found > 0 and self.proof and self.counted and buf.find(self.proof, start, end) < 0:
            found = _NO_END
        if found > 0:
            self._end(found)
            return 0
        greeted = _NO_END
        if self.greeting and end - start <= len(self.greeting):
            greeted = _begun(buf, start, end, self.greeting)
            if greeted > 0 and quiet:
                self.restarted = True
                self._end()
                channel.lexer.clear()
                channel.reset_seen()
                return 0
        if not quiet and (found == _OPEN or greeted >= 0):
            return 0
        following = buf.find(b"\r", start + 1, end)
        return (following if following > 0 else end) - start

    async def some(self, buf, nbytes: int, timeout_ms: int):
        """Some bytes to `buf`, its first `nbytes` (0: all of it); 0 at the end, None after
        `timeout_ms` without one."""
        if self.rest is not None:
            return self._from_rest(buf, capacity(buf, nbytes))
        if isinstance(buf, bytearray):  # which can be searched
            began = self.channel.port.ticks_ms()
            n = await self._straight(buf, nbytes or len(buf), timeout_ms)
            if n:
                return n
            timeout_ms = max(0, timeout_ms - self.channel.elapsed(began))
        return await DataStream.readinto(self, buf, nbytes, timeout_ms)

    async def _straight(self, buf, limit: int, timeout_ms: int) -> int:
        """Fill `buf` from the UART as long as bytes keep coming; how many. What may be the end
        goes to the line buffer, where it is looked at, and is waited for there."""
        channel = self.channel
        port = channel.port
        lexer = channel.lexer
        half = len(lexer.buf) >> 1
        began = port.ticks_ms()
        done = idle = 0
        if self.closed:
            return 0
        while done < limit and idle < _GATHER and lexer.start == lexer.end and self.begun:
            n = port.read(buf, done, min(half, limit - done))
            if n:
                idle = 0
                channel.last = port.ticks_ms()
                doubtful = self._doubtful(buf, done, done + n)
                done += n - doubtful
                if doubtful:
                    lexer.clear()
                    lexer.buf[:doubtful] = memoryview(buf)[done : done + doubtful]
                    lexer.end = doubtful
            elif done:
                idle += 1
            elif channel.elapsed(began) >= timeout_ms:
                break
            if n < half and done < limit:
                try:
                    channel.proceed("data mode")
                    await channel.sleep(1)
                except BaseException:
                    self._keep(buf, done)
                    raise
                if self.closed:
                    break
        return done

    def _keep(self, buf, n: int) -> None:
        """A reader was cancelled after `n` bytes: the next one gets them."""
        if n:
            try:
                self.rest = bytearray(memoryview(buf)[:n])
            except MemoryError:
                self.rest = b""  # which stands for what is not there any more

    def _from_rest(self, buf, n: int) -> int:
        rest = self.rest
        if not rest:
            raise OSError(_ENOMEM, "there was no memory for what had been read")
        n = min(n, len(rest))
        buf[:n] = memoryview(rest)[:n]
        self.rest = rest[n:] if n < len(rest) else None
        return n

    def _doubtful(self, buf, first: int, end: int) -> int:
        """How many bytes at the end of `buf[first:end]` may belong to the end of the link, or to a
        greeting."""
        at = buf.find(b"\r", first, end)
        while at >= 0:
            if _begun(buf, at, end, _END) >= 0 or _begun(buf, at, end, _CARRIER) >= 0:
                return end - at
            if self.greeting and _begun(buf, at, end, self.greeting) >= 0:
                return end - at
            at = buf.find(b"\r", at + 1, end)
        return 0


def _ending(buf, start: int, end: int, quiet: bool, counted: bool) -> int:
    """How many bytes from `start` on are the end of the link, its OK included; 0 if that is not
    known yet, -1 if they are data."""
    found = _begun(buf, start, end, _END)
    if found < 0:
        found = _begun(buf, start, end, _CARRIER)
    if found <= 0:
        return found
    at = keep = start + found
    reported = False
    while at < end:
        ok = _begun(buf, at, end, _OK)
        urc = _begun(buf, at, end, _URC)
        if ok > 0:
            at += ok
            keep = keep if reported else at
        elif urc > 0:
            if not counted:
                return keep - start
            reported = True
            cr = buf.find(b"\r", at + 2, end)
            at = end if cr < 0 else min(cr + 2, end)
        elif ok == _NO_END and urc == _NO_END:
            return _NO_END
        else:
            break
    return keep - start if quiet else _OPEN


def _begun(buf, start: int, end: int, mark: bytes) -> int:
    """The length of `mark` if `buf[start:end]` begins with it, 0 if it may still, else -1."""
    n = len(mark)
    if end - start >= n:
        return n if buf.find(mark, start, start + n) == start else _NO_END
    for i in range(end - start):  # a slice would allocate
        if buf[start + i] != mark[i]:
            return _NO_END
    return _OPEN
