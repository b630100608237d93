"""Data mode: after CONNECT the line carries raw bytes, until one side ends it.

The module ends it with a line DISCONNECT or NO CARRIER, the host with `+++` between two silences
of more than S12 (1 s), which the driver sets at every start, see device/power_on.py. A5 9.1.4,
at-commands 1.3.
"""

from ...core.buffers import capacity, check_data
from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import Cancelled, ModemError, ModuleLost
from ..device.attach import answers, hang_up
from . import Lock

_IDLE = const(0)
_QUIET_MS = const(200)  # nothing behind what looks like the end: it is the end
_ANSWER_MS = const(2000)  # after the silence behind the escape
_STUCK_MS = const(10000)
_BUFFERS = const(8)  # so many at a time, else who is slow would never be done
_EBADF = const(9)
_EPIPE = const(32)
_ETIMEDOUT = const(110)

_URC = b"\r\n+"  # what may follow the end at once
_ENDS = (b"\r\nDISCONNECT\r\n\r\nOK\r\n", b"\r\nDISCONNECT\r\n", b"\r\nNO CARRIER\r\n")


async def direct_link(sock):
    """+USODL: a `DataStream` of raw bytes to and from the other side, until it is closed.

    No other command runs meanwhile, others wait and time out; the socket stays connected
    afterwards. A module that saves power is kept awake until the link is closed (A10 6.1.4; see
    power/votes.py and `power.blockers()`). Raises `OSError` for a socket that is not
    connected, and what `Channel.execute` raises.
    """
    pool = sock.pool
    channel = pool.channel
    await pool.enter(sock, channel.port.ticks_ms())
    try:
        pool.claim(sock)
        await keep_awake(pool.modem)
        slot = pool.claim(sock)
        line = channel.start(b"+USODL")
        channel.guard = pool.on_launch
        channel.connect = True
        line.number(slot.number)
        await channel.execute()
        if pool.crossed():
            raise sock.dead()
        slot.total = slot.taken = -1 << 28  # what passes by here is not counted
        return DataStream(channel)
    except BaseException as error:
        channel.release()
        given_up = isinstance(error, Cancelled) or not isinstance(error, OSError)
        if not given_up and channel.state == _IDLE and not channel.suspect:
            await paid(channel)
        raise


async def keep_awake(modem) -> None:
    """A module that may sleep does not do so until the channel, which is held, is free again."""
    if modem.sleeper is not None:
        from ..power.votes import hold

        await hold(modem.sleeper)


async def paid(channel) -> None:
    """Do what is owed now, so that the module may sleep again, or leave it to the next command
    where that does not go."""
    if channel.debts:
        try:
            await channel.pay()
        except Cancelled:
            raise
        except ModemError:
            pass


class DataStream:
    """Raw bytes both ways. `ended` once the module or `close()` has left data mode.

    Close it: until then no command runs, others wait for theirs and time out. One to which no
    reference is left gives the channel back when the next command is wanted, where Python has weak
    references (not on CircuitPython). Tasks that write at once do it one after the other; of tasks
    that read at once each gets some of the bytes.
    """

    def __init__(self, channel):
        self.channel = channel
        self.ended = self.closed = False
        self.writing = Lock()
        channel.stream = ref(self)
        self.begun = False  # the LF of the CONNECT line is still to be taken off

    def _fill(self) -> None:
        channel = self.channel
        lexer = channel.lexer
        if lexer.end < len(lexer.buf) or lexer.start:
            room = lexer.room()  # which may move what is there
            n = channel.port.read(lexer.buf, lexer.end, room)
            if n:
                lexer.end += n
                channel.last = channel.port.ticks_ms()
        if not self.begun and lexer.start < lexer.end:
            self.begun = True
            if lexer.buf[lexer.start] == 10:
                lexer.start += 1

    def _ready(self) -> int:
        """How many of the received bytes are certainly data. Finds the end, too."""
        lexer = self.channel.lexer
        start, end = lexer.start, lexer.end
        cr = lexer.buf.find(b"\r", start, end)
        if cr != start:
            return (end if cr < 0 else cr) - start
        seen = bytes(lexer.buf[start:end])
        quiet = self.channel.elapsed(self.channel.last) >= _QUIET_MS
        for mark in _ENDS:
            behind = seen[len(mark) :]
            if mark.startswith(seen) or (seen.startswith(mark) and _URC.startswith(behind)):
                if not quiet:
                    return 0  # more may come that tells
                if behind or seen != mark:
                    continue
            elif not seen.startswith(mark) or not behind.startswith(_URC):
                continue
            self._end(len(mark))
            return 0
        following = seen.find(b"\r", 1)
        return following if following > 0 else len(seen)

    def _end(self, taken: int = 0) -> None:
        """Back in command mode: what follows the `taken` bytes is the module's."""
        if not self.ended:
            channel = self.channel
            self.ended = True
            channel.lexer.start += taken
            channel.state = _IDLE
            channel.suspect = True  # the next command makes sure that the module listens
            channel.stream = None
            channel.release()

    def desert(self) -> None:
        """Whoever had it has given up, perhaps in the middle of closing it: the next command
        leaves data mode."""
        self.closed = True
        if not self.ended:
            self.ended = True
            self.channel.suspect = True
            self.channel.stream = None
            self.channel.release()

    async def readinto(self, buf, nbytes: int = 0, timeout_ms=None):
        """Some bytes into `buf`, at least one; 0 at the end, None after `timeout_ms`.
        `OSError(EBADF)` once it is closed."""
        n = capacity(buf, nbytes)
        if timeout_ms is not None and not isinstance(timeout_ms, int):
            raise TypeError("timeout_ms: an integer or None wanted")
        channel = self.channel
        began = channel.port.ticks_ms()
        while not self.ended or self.closed:
            if self.closed:
                raise OSError(_EBADF, "the data stream is closed")
            self._fill()
            ready = self._ready()
            if ready:
                return channel.lexer.take(buf, 0, ready if ready < n else n)
            if timeout_ms is not None and channel.elapsed(began) >= timeout_ms:
                return None
            if not self.ended:
                channel.proceed("data mode")
                await channel.sleep(1)
        return 0

    async def write(self, data) -> int:
        """Send everything; the number of bytes. `OSError(EPIPE)` when data mode has ended,
        `OSError(ETIMEDOUT)` when the UART takes nothing for 10 s (flow control). After an error,
        and where the caller gives up, a part of it may have been sent."""
        check_data(data)
        channel = self.channel
        if not self.writing.take():
            await self.writing.acquire(channel, what="the data stream")
        try:
            done = 0
            n = len(data)
            moved = channel.port.ticks_ms()
            while done < n:
                if self.ended or self.closed:
                    raise OSError(_EBADF if self.closed else _EPIPE, "data mode has ended")
                taken = channel.port.write(data, done, n - done)
                if taken:
                    moved = channel.port.ticks_ms()
                elif channel.elapsed(moved) > _STUCK_MS:
                    raise OSError(_ETIMEDOUT, "the UART takes no data: look at CTS")
                done += taken
                if done < n:
                    channel.proceed("data mode")
                    await channel.sleep(1)
            return n
        finally:
            self.writing.release()

    async def close(self) -> None:
        """Leave data mode; what is received meanwhile is dropped. Tasks that read or write get an
        error.

        Raises `ModuleLost` if the module does not answer to the escape sequence. A task that is
        cancelled here leaves the rest to the next command.
        """
        await self._close()
        await paid(self.channel)

    async def _close(self) -> None:
        channel = self.channel
        if self.ended:
            self.closed = True
            return
        if self.closed:  # another task is at it
            while not self.ended:
                channel.proceed("data mode")
                await channel.sleep(10)
            return
        self.closed = True
        channel.firm += 1
        try:
            for _ in range(3):
                await self._silence(channel.guard_ms)
                if self.ended:  # by the module, in that time
                    return
                channel.lexer.clear()
                channel.port.write(channel.escape, 0, 3)
                if await self._left():
                    self._end()
                    return
            raise ModuleLost(_ETIMEDOUT, "the module does not leave data mode")
        finally:
            channel.firm -= 1
            self.desert()

    async def _silence(self, ms: int) -> None:
        """At least so long, and until it is known whether the module ends by itself what it sent;
        with a server that makes that doubtful again and again, not for ever."""
        channel = self.channel
        lexer = channel.lexer
        began = channel.port.ticks_ms()
        self._drop()
        limit = ms
        while not self.ended and channel.elapsed(began) < limit:
            channel.proceed("data mode")
            await channel.sleep(10)
            self._drop()
            limit = _STUCK_MS if lexer.start < lexer.end else ms

    def _drop(self) -> None:
        """All that has come, that the end is seen as soon as it is there."""
        for _ in range(_BUFFERS):
            self._fill()
            ready = self._ready()
            self.channel.lexer.start += ready
            if not ready:
                return

    async def _left(self) -> bool:
        """Wait for the line that tells that command mode is back."""
        channel = self.channel
        lexer = channel.lexer
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < channel.guard_ms + _ANSWER_MS:
            n = channel.receive(0)
            while lexer.next() == 1:
                if lexer.equals(b"OK") or lexer.equals(b"NO CARRIER"):
                    return True
            channel.proceed("data mode")
            await channel.sleep(1 if n else 5)  # behind data that was under way
        return False

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        await self.close()


# ---- out of data mode by search -----------------------------------------------------------------
#
# Out of data mode when the usual escape does not help: an earlier program has left another
# character in S2, or another silence around it in S12. A5 9.1.4, at-commands 1.3.
#
# Imported when a module is not found otherwise. device/power_on.py sets both registers at every
# start.

_PLUS = const(43)
_GUARD_MS = const(1040)  # the least that is more than 1 s
_LONGEST_MS = const(5150)  # of S12 = 255
_CHARACTERS = const(127)  # all but "+", which has been tried before
_TAKES_MS = const(1000)  # to see whether the module answers

# Characters in the order in which a program may have chosen them; then all others.
_LIKELY = b"*-/#~=.,_!@$%^&:;?|<>()[]{}'\"`\\ 0123456789"


async def leave_slowly(channel, pins) -> None:
    """`+++` between the longest silences there are."""
    if _is_off(channel, pins):
        return
    await channel.pause(_LONGEST_MS)
    channel.port.write(b"+++", 0, 3)
    await channel.pause(_LONGEST_MS)
    await hang_up(channel)


async def try_characters(channel, pins, limit_ms: int) -> bool:
    """Every character there is, for `limit_ms`: with the usual silence, then with the longest. The
    silence after one is that before the next. Whether the module answers then.

    No faster way is documented: three characters count only alone between two silences of S12, so
    that each character costs one, 1.04 s, or 5.15 s where S12 was lengthened: 132 s for all, and
    11 minutes more. What does not fit into `limit_ms` is left to the next call, which goes on
    where this one stops; then it begins anew. Above 127 there is no escape at all.
    """
    if _is_off(channel, pins):
        return False
    began = channel.port.ticks_ms()
    ready = 0  # how long it has been silent
    for at in range(channel.tried, 2 * _CHARACTERS):
        guard_ms = _GUARD_MS if at < _CHARACTERS else _LONGEST_MS
        channel.tried = at
        if channel.elapsed(began) + 2 * guard_ms + _TAKES_MS > limit_ms:
            return False
        if ready < guard_ms:
            await channel.pause(guard_ms)
        ready = guard_ms
        channel.lexer.clear()
        channel.suspect = False
        heard = channel.unknown
        channel.port.write(bytes((_character(at % _CHARACTERS),)) * 3, 0, 3)
        await channel.pause(guard_ms)
        if channel.suspect or channel.unknown != heard:  # an OK, or data of the other side
            ready = 0
            channel.suspect = False
            channel.lexer.clear()
            if await answers(channel):
                channel.tried = 0
                await hang_up(channel)
                return await answers(channel)
    channel.tried = 0
    return False


def _is_off(channel, pins) -> bool:
    """Whether looking on is in vain: the driver's own registers are in force, or V_INT is down."""
    return channel.escape_set or (pins is not None and pins.get("power_sense") is False)


def _character(at: int) -> int:
    """The character at this place of the order."""
    if at < len(_LIKELY):
        return _LIKELY[at]
    at -= len(_LIKELY)
    for character in range(128):
        if character != _PLUS and _LIKELY.find(bytes((character,))) < 0:
            if not at:
                return character
            at -= 1
    return _PLUS
