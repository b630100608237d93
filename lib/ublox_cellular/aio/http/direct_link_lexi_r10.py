"""HTTP by direct link: bodies pass along the line, not through files. The stored HTTP profile.
A10 7.1, 7.3."""

from ...core.buffers import capacity
from ...core.compat import const
from ...core.errors import CommandError, ModuleReset
from ...core.service_errors import HttpTimeout
from ..at.data_mode import DataStream, keep_awake
from . import Order
from .profile import check, configure, file_of, occupy, over, ready, release
from .request import begin

_POST_LINK = const(7)
_PAUSE_MS = const(51)  # rule 1, as behind a prompt
_PIECE = const(512)
_QUIET_MS = const(1500)  # nothing behind what looks like the end: it is the end
_DRAIN_MS = const(5000)  # for the module to end a link whose answer is complete
_URC_MS = const(5000)
_LOOK_MS = const(5)
_GATHER = const(3)  # so many ms without a byte end a read that has some

_GARBLED = const(5)  # outcome of the engine

_MORE = const(0)  # what may be the end, or not
_DATA = const(-1)

_EIO = const(5)
_ENOMEM = const(12)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)

_END = b"\r\nDISCONNECT\r\n"
_OK = b"\r\nOK\r\n"
_URC = b"\r\n+"


async def open_link(http, slot, order):
    """Begin the request; the `Link` on which its answer comes, after the body it has sent.

    The channel is taken until the link is left.
    """
    channel = http.channel
    await channel.acquire(slot.left())
    try:
        try:
            await keep_awake(http.modem)
        except CommandError:  # while it is at a request it does not sleep anyway
            pass
        await _connect(http, slot, order)
        link = Link(channel, slot)
    except BaseException:
        channel.release()
        raise
    if order.cmd == _POST_LINK:
        try:
            await link.send(order.body, order.size)
        except BaseException as error:
            from ...core.giving_up import given_up

            if given_up(error):
                link.desert()
                slot.cmd = None
            else:
                await link.leave(False)
            raise
    return link


async def _connect(http, slot, order) -> None:
    """+UHTTPC up to its CONNECT."""
    channel = http.channel
    line = channel.start(b"+UHTTPC")
    line.number(slot.number)
    line.number(order.cmd)
    line.text(order.path)
    if order.cmd == _POST_LINK:
        line.number(order.kind[0])
        line.part(order.kind[1] if len(order.kind) > 1 else None)
        line.number(order.size)
    else:  # ignored, but it must be there
        line.text(file_of(http.answer_file, slot))
    channel.connect = True

    def launch() -> None:
        """After the pause, in which the result of an earlier request may come, or a restart."""
        check(slot)
        begin(http, slot, order)

    def kept(ended: bool) -> None:
        """Given up before the module has answered. A refusal ends the request; a link that comes
        nevertheless is left before the next command, and the request with it."""
        if ended and channel.outcome < _GARBLED and slot.cmd is not None:
            slot.cmd = None
            if not slot.held:
                over(http, slot)

    channel.guard = launch
    channel.keeper = kept
    try:
        await channel.execute(min(slot.left(), slot.limit_ms), slot.limit_ms)
    except BaseException:
        if channel.outcome:  # an answer, if a bad one: no URC will come
            slot.cmd = None
        raise
    if channel.state == 0:
        slot.cmd = None
        raise channel.garbled("no CONNECT")
    slot.cmd = order.cmd  # what a request before this one has left behind does not count
    slot.result = None


class Link(DataStream):
    """The answer as it comes along the line, its headers first."""

    def __init__(self, channel, slot):
        DataStream.__init__(self, channel)
        self.slot = slot
        self.restarted = False
        self.rest = None  # what a reader that gave up had got
        self.counted = False  # its length was told: an end before that wants silence behind it
        self.greeting = b"\r\n" + channel.greeting + b"\r\n" if channel.greeting else b""

    # ---- where it ends ------------------------------------------------------------------------

    def _ready(self) -> int:
        """How many of the received bytes are certainly of the answer. Finds the end, too: the line
        that tells it with OK and a URC behind it, or with silence. Or a restart of the module: its
        greeting with silence behind it."""
        channel = self.channel
        lexer = channel.lexer
        buf = lexer.buf
        start, end = lexer.start, lexer.end
        cr = buf.find(b"\r", start, end)
        if cr != start:
            return (end if cr < 0 else cr) - start
        quiet = channel.elapsed(channel.last) >= _QUIET_MS
        found = _ending(buf, start, end, quiet, self.counted)
        if found > 0:
            self._end(found)
            return 0
        greeted = _DATA
        if self.greeting and end - start <= len(self.greeting):
            greeted = _begun(buf, start, end, self.greeting)
            if greeted > 0 and quiet:
                self.restarted = True
                self._end()
                channel.lexer.clear()
                channel.reset_seen()
                return 0
        if not quiet and (found == _MORE or greeted >= 0):
            return 0
        following = buf.find(b"\r", start + 1, end)
        return (following if following > 0 else end) - start

    async def readinto(self, buf, nbytes: int = 0, timeout_ms=None):
        """Some bytes of the answer to `buf`; 0 at its end."""
        slot = self.slot
        if self.rest is not None:
            return self._from_rest(buf, capacity(buf, nbytes))
        if isinstance(buf, bytearray):  # which can be searched
            n = await self._straight(buf, nbytes or len(buf), slot.limit_ms)
            if n:
                return n
        n = await DataStream.readinto(self, buf, nbytes, timeout_ms or slot.limit_ms)
        if self.restarted:
            raise ModuleReset(_ECONNRESET, "AT+UHTTPC")
        if n is None:  # neither data nor the module's own time-out
            raise HttpTimeout(_ETIMEDOUT, "AT+UHTTPC", slot.limit_ms, 0)
        return n

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
                raise HttpTimeout(_ETIMEDOUT, "AT+UHTTPC", timeout_ms, 0)
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
        """A reader that had got `n` bytes has given up: they are the next one's."""
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
            if _begun(buf, at, end, _END) >= 0:
                return end - at
            if self.greeting and _begun(buf, at, end, self.greeting) >= 0:
                return end - at
            at = buf.find(b"\r", at + 1, end)
        return 0

    # ---- sending ------------------------------------------------------------------------------

    async def send(self, body, size: int) -> None:
        """The body, of which the module waits for exactly `size` bytes."""
        channel = self.channel
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < _PAUSE_MS:
            self._fill()  # the rest of the CONNECT line: a byte left there would cut the sleep
            channel.proceed("data mode")
            await channel.sleep(1)
        if not hasattr(body, "readinto"):
            await self._pass(memoryview(body))
            return
        from ..files.whole_file import fill

        piece = memoryview(bytearray(min(size, _PIECE)))
        while size:
            wanted = min(size, _PIECE)
            n = await fill(channel, body, piece[:wanted])
            await self._pass(piece[:n])
            size -= n
            if n < wanted:
                raise OSError(_EIO, "the source ended %d bytes early" % size)

    async def _pass(self, data) -> None:
        """In small pieces: a module that has left the link would take the rest for commands."""
        for at in range(0, len(data), _PIECE):
            self._fill()
            self._ready()
            if self.ended:
                return  # why, the answer that is missing tells
            await self.write(data[at : at + _PIECE])

    # ---- leaving ------------------------------------------------------------------------------

    async def leave(self, complete: bool) -> int:
        """Back to commands. A module whose answer is complete ends the link itself, else it is
        told to. Then its URC is waited for, if it sends one. How many bytes came after a complete
        answer. Given up, the next command leaves the link."""
        channel = self.channel
        slot = self.slot
        began = channel.port.ticks_ms()
        self.counted = self.counted and not complete
        surplus = 0
        channel.firm += 1
        try:
            while complete and not self.ended and channel.elapsed(began) < _DRAIN_MS:
                self._fill()
                ready = self._ready()
                channel.lexer.start += ready
                surplus += ready
                await self._look()
            await self.close()
            began = channel.port.ticks_ms()
            while slot.cmd is not None and channel.elapsed(began) < _URC_MS:
                channel.poll()
                await self._look()
        finally:
            channel.firm -= 1
            self.desert()
            slot.cmd = None
        return surplus

    async def _look(self) -> None:
        self.channel.proceed("data mode")
        await self.channel.sleep(_LOOK_MS)


def _ending(buf, start: int, end: int, quiet: bool, counted: bool) -> int:
    """How many bytes from `start` on are the end of the link, its OK included; 0 if that is not
    known yet, -1 if they are data."""
    found = _begun(buf, start, end, _END)
    if found <= 0:
        return found
    at = keep = start + found
    told = False
    while at < end:
        ok = _begun(buf, at, end, _OK)
        urc = _begun(buf, at, end, _URC)
        if ok > 0:
            at += ok
            keep = keep if told else at
        elif urc > 0:
            if not counted:
                return keep - start
            told = True
            cr = buf.find(b"\r", at + 2, end)
            at = end if cr < 0 else min(cr + 2, end)
        elif ok == _DATA and urc == _DATA:
            return _DATA
        else:
            break
    return keep - start if quiet else _MORE


def _begun(buf, start: int, end: int, mark: bytes) -> int:
    """The length of `mark` if `buf[start:end]` begins with it, 0 if it may still, else -1."""
    n = len(mark)
    if end - start >= n:
        return n if buf.find(mark, start, start + n) == start else _DATA
    for i in range(end - start):  # a slice would allocate
        if buf[start + i] != mark[i]:
            return _DATA
    return _MORE


# ---- stored profile -----------------------------------------------------------------------------
#
# The HTTP profile in the module's non-volatile memory (+UHTTPNV). A10 7.1.1, 7.1.2.

_MS = 180000  # what a request has by itself
_READ = ((0, 3), (1, 3), (2, 3), (4, 3), (5, 3), (6, 3), (7, 3), (10, 3), (20, 4))
# What a reset profile has, too, and is not told.
_USUAL = ((0, None), (1, None), (2, None), (4, 0), (6, 0), (7, 180), (20, 1, 0))


async def store(http, url: str = "", **options) -> None:
    """Store the profile: after every deep sleep the module has it again by itself. With `url`, and
    the options of `request()`, it is configured for requests like this before; without them what
    the last request has left is stored.

    No deep sleep comes between (A10 7.1.2): where one is allowed, it is voted against meanwhile.
    The driver knows what is stored, and after a deep sleep writes only what a request has
    otherwise. After a restart of the module `load()` is needed, after one of this program it is
    worth while.
    """
    order = None
    if url:
        timeout_ms = options.pop("timeout_ms", _MS)
        order = Order(http, options.pop("method", "GET"), url, timeout_ms, options)
    elif options:
        raise TypeError("options of a request want its URL")
    slot = await _ours(http)
    try:
        if order is not None:
            await configure(http, slot, order.wanted)
        http.stored = None  # unknown if we fail half-way
        await http.channel.command(b"+UHTTPNV", 0, 2, guard=lambda: check(slot))
        http.stored = slot.settings
    finally:
        await release(http, slot)


async def load(http) -> None:
    """Take up the stored profile, now and after every deep sleep; it is read back as far as the
    module tells, so that a request writes only what differs."""
    slot = await _ours(http)
    try:
        slot.settings = http.stored = None
        await http.channel.command(b"+UHTTPNV", 0, 1)
        found = await _read_back(http)
        check(slot)
        http.stored = slot.settings = found
    finally:
        await release(http, slot)


async def factory(http) -> None:
    """Everything as it came from the factory; after a deep sleep, too."""
    slot = await _ours(http)
    try:
        slot.settings = http.stored = None
        await http.channel.command(b"+UHTTPNV", 0, 0)
    finally:
        await release(http, slot)


async def _ours(http):
    """The profile, with nothing between it and the module."""
    slot = await occupy(http, 0, [None], _MS)
    try:
        await ready(http, slot)
    except BaseException:
        await release(http, slot)
        raise
    return slot


async def recall(http):
    """What the module has after a deep sleep: the stored settings if it says that it uses them,
    else None."""
    try:
        for row in await http.channel.command(b"+UHTTPNV?"):
            if row == [0, 1]:
                return http.stored
    except CommandError:
        pass
    http.stored = None
    return None


async def _read_back(http) -> list:
    """The settings, without passwords and headers, which are not asked for."""
    found = []
    for operation, fields in _READ:
        try:
            rows = await http.channel.command(b"+UHTTP", 0, operation)
        except CommandError:
            continue
        for row in rows:
            if len(row) >= fields and row[:2] == [0, operation]:
                item = tuple(row[1:])
                if item[:fields] not in _USUAL and item[1] is not None:
                    found.append(item)
    return found
