# Generated from aio/at/data_mode.py by tools/generate. Do not edit.
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
_QUIET_MS = const(200)  # silence after what looks like the end: it is the end
_ANSWER_MS = const(2000)  # after the silence that follows the escape
_STUCK_MS = const(10000)
_BUFFERS = const(8)  # at most this many at a time, so that a slow host comes to an end
_EBADF = const(9)
_EPIPE = const(32)
_ETIMEDOUT = const(110)

_URC = b"\r\n+"  # what may follow the end immediately
_ENDS = (b"\r\nDISCONNECT\r\n\r\nOK\r\n", b"\r\nDISCONNECT\r\n", b"\r\nNO CARRIER\r\n")


def direct_link(sock):
    """+USODL: a `DataStream` of raw bytes to and from the other side, until it is closed.

    No other command runs meanwhile; other callers wait and time out. The socket stays connected
    afterwards. A module that saves power is kept awake until the link is closed (A10 6.1.4; see
    power/votes.py and `power.blockers()`). Raises `OSError` for a socket that is not
    connected, and the errors of `Channel.execute`.
    """
    pool = sock.pool
    channel = pool.channel
    pool.enter(sock, channel.port.ticks_ms())
    try:
        pool.claim(sock)
        keep_awake(pool.modem)
        slot = pool.claim(sock)
        line = channel.start(b"+USODL")
        channel.guard = pool.on_launch
        channel.connect = True
        line.number(slot.number)
        channel.execute()
        if pool.crossed():
            raise sock.dead()
        slot.total = slot.taken = -1 << 28  # the bytes of this link are not counted
        return DataStream(channel)
    except BaseException as error:
        channel.release()
        given_up = isinstance(error, Cancelled) or not isinstance(error, OSError)
        if not given_up and channel.state == _IDLE and not channel.suspect:
            paid(channel)
        raise


def keep_awake(modem) -> None:
    """Prevent the module from sleeping until the channel, which is held, is free again."""
    if modem.sleeper is not None:
        from ..power.votes import hold

        hold(modem.sleeper)


def paid(channel) -> None:
    """Run the pending cleanup now, so that the module may sleep again; if that fails, it is left
    to the next command."""
    if channel.debts:
        try:
            channel.pay()
        except Cancelled:
            raise
        except ModemError:
            pass


class DataStream:
    """Raw bytes both ways. `ended` once the module or `close()` has left data mode.

    Close it: until then no command runs; other callers wait for their turn and time out. A stream
    to which no reference is left releases the channel when the next command is to be sent, where
    Python has weak references (not on CircuitPython). Tasks that write at the same time do so one
    after the other; tasks that read at the same time each get some of the bytes.
    """

    def __init__(self, channel):
        self.channel = channel
        self.ended = self.closed = False
        self.given = 0  # bytes that the UART has taken
        self.writing = Lock()
        channel.stream = ref(self)
        self.begun = False  # the LF of the CONNECT line has not been removed yet

    def _fill(self) -> None:
        channel = self.channel
        lexer = channel.lexer
        if lexer.end < len(lexer.buf) or lexer.start:
            room = lexer.room()  # which may move the bytes
            n = channel.port.read(lexer.buf, lexer.end, room)
            if n:
                lexer.end += n
                channel.last = channel.port.ticks_ms()
        if not self.begun and lexer.start < lexer.end:
            self.begun = True
            if lexer.buf[lexer.start] == 10:
                lexer.start += 1

    def _ready(self) -> int:
        """The number of received bytes that are certainly data. Detects the end, too."""
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
                    return 0  # bytes that decide it may still come
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
        """The owner was cancelled, perhaps while closing the stream: the next command leaves data
        mode."""
        self.closed = True
        if not self.ended:
            self.ended = True
            self.channel.suspect = True
            self.channel.stream = None
            self.channel.release()

    def readinto(self, buf, nbytes: int = 0, timeout_ms=None):
        """Read at least one byte into `buf`; 0 at the end, None after `timeout_ms`.
        `OSError(EBADF)` if it is closed."""
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
                channel.sleep(1)
        return 0

    def write(self, data) -> int:
        """Send everything; returns the number of bytes. `OSError(EPIPE)` if data mode has ended,
        `OSError(ETIMEDOUT)` if the UART accepts nothing for 10 s (flow control). After an error
        or a cancellation, part of the data may have been sent."""
        check_data(data)
        channel = self.channel
        if not self.writing.take():
            self.writing.acquire(channel, what="the data stream")
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
                self.given += taken
                if done < n:
                    channel.proceed("data mode")
                    channel.sleep(1)
            return n
        finally:
            self.writing.release()

    def close(self) -> None:
        """Leave data mode; bytes received meanwhile are dropped. Tasks that read or write get an
        error.

        Raises `ModuleLost` if the module does not answer the escape sequence. If the task is
        cancelled here, the next command does the rest.
        """
        self._close()
        paid(self.channel)

    def _close(self) -> None:
        channel = self.channel
        if self.ended:
            self.closed = True
            return
        if self.closed:  # another task is closing it
            while not self.ended:
                channel.proceed("data mode")
                channel.sleep(10)
            return
        self.closed = True
        channel.firm += 1
        try:
            for _ in range(3):
                self._silence(channel.guard_ms)
                if self.ended:  # by the module, meanwhile
                    return
                channel.lexer.clear()
                channel.port.write(channel.escape, 0, 3)
                if self._left():
                    self._end()
                    return
            raise ModuleLost(_ETIMEDOUT, "the module does not leave data mode")
        finally:
            channel.firm -= 1
            self.desert()

    def _silence(self, ms: int) -> None:
        """Stay silent for at least `ms`, and until it is certain whether the received bytes are
        the module's end of data mode; limited, as a server's data may look like it repeatedly."""
        channel = self.channel
        lexer = channel.lexer
        began = channel.port.ticks_ms()
        self._drop()
        limit = ms
        while not self.ended and channel.elapsed(began) < limit:
            channel.proceed("data mode")
            channel.sleep(10)
            self._drop()
            limit = _STUCK_MS if lexer.start < lexer.end else ms

    def _drop(self) -> None:
        """Drop received data, so that the end is detected as soon as it arrives."""
        for _ in range(_BUFFERS):
            self._fill()
            ready = self._ready()
            self.channel.lexer.start += ready
            if not ready:
                return

    def _left(self) -> bool:
        """Wait for the line that reports command mode."""
        channel = self.channel
        lexer = channel.lexer
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < channel.guard_ms + _ANSWER_MS:
            n = channel.receive(0)
            while lexer.next() == 1:
                if lexer.equals(b"OK") or lexer.equals(b"NO CARRIER"):
                    return True
            channel.proceed("data mode")
            channel.sleep(1 if n else 5)  # after data that was still arriving
        return False

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


# ---- leaving data mode by search ----------------------------------------------------------------
#
# Leaves data mode when the usual escape does not help: an earlier program has left another
# character in S2, or another silence around it in S12. A5 9.1.4, at-commands 1.3.
#
# Used only when a module does not answer otherwise. device/power_on.py sets both registers at
# every start.

_PLUS = const(43)
_GUARD_MS = const(1040)  # a little more than 1 s
_LONGEST_MS = const(5150)  # of S12 = 255
_CHARACTERS = const(127)  # all but "+", which has been tried already
_TAKES_MS = const(1000)  # to see whether the module answers

# Characters in the order in which a program may have chosen them; then all others.
_LIKELY = b"*-/#~=.,_!@$%^&:;?|<>()[]{}'\"`\\ 0123456789"


def leave_slowly(channel, pins) -> None:
    """`+++` between the longest possible silences."""
    if _is_off(channel, pins):
        return
    channel.pause(_LONGEST_MS)
    channel.port.write(b"+++", 0, 3)
    channel.pause(_LONGEST_MS)
    hang_up(channel)


def try_characters(channel, pins, limit_ms: int) -> bool:
    """Try every possible character for `limit_ms`: with the usual silence, then with the longest.
    The silence after one is the silence before the next. Returns whether the module answers.

    No faster way is documented: three characters count only alone between two silences of S12, so
    that each character costs one silence, 1.04 s, or 5.15 s where S12 was lengthened: 132 s for
    all, and 11 minutes more. If `limit_ms` ends before that, the next call continues from there;
    after the last character the search starts again. Above 127 there is no escape at all.
    """
    if _is_off(channel, pins):
        return False
    began = channel.port.ticks_ms()
    ready = 0  # duration of the silence so far
    for at in range(channel.tried, 2 * _CHARACTERS):
        guard_ms = _GUARD_MS if at < _CHARACTERS else _LONGEST_MS
        channel.tried = at
        if channel.elapsed(began) + 2 * guard_ms + _TAKES_MS > limit_ms:
            return False
        if ready < guard_ms:
            channel.pause(guard_ms)
        ready = guard_ms
        channel.lexer.clear()
        channel.suspect = False
        heard = channel.unknown
        channel.port.write(bytes((_character(at % _CHARACTERS),)) * 3, 0, 3)
        channel.pause(guard_ms)
        if channel.suspect or channel.unknown != heard:  # an OK, or data from the other side
            ready = 0
            channel.suspect = False
            channel.lexer.clear()
            if answers(channel):
                channel.tried = 0
                hang_up(channel)
                return answers(channel)
    channel.tried = 0
    return False


def _is_off(channel, pins) -> bool:
    """Whether a search is useless: the driver's own registers are set, or V_INT is low."""
    return channel.escape_set or (pins is not None and pins.get("power_sense") is False)


def _character(at: int) -> int:
    """The character at this position of the order."""
    if at < len(_LIKELY):
        return _LIKELY[at]
    at -= len(_LIKELY)
    for character in range(128):
        if character != _PLUS and _LIKELY.find(bytes((character,))) < 0:
            if not at:
                return character
            at -= 1
    return _PLUS
