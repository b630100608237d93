"""Payload the engine does not carry: streamed after a prompt or CONNECT, counted after CONNECT,
or counted in a URC that comes after OK, for which the command's caller waits.

The plan has `prompt` or `connect` set and no `out`: the exchange stops there, the payload is
transferred here, and the exchange continues up to its final result code. The channel stays held.
"""

from ...core.compat import const
from ...core.errors import CommandError

_IDLE = const(0)  # states of the engine
_WAITING = const(3)
_OK = const(1)  # outcomes of the engine
_CONNECTED = const(3)

_PAUSE_MS = const(51)  # rule 1: between the prompt and the payload
_STUCK_MS = const(10000)  # the UART accepts nothing: flow control
_STALL_MS = const(1000)  # a payload that pauses this long has lost bytes
_ANSWER_MS = const(10000)
_SOME = const(128)  # of a long payload at once, as every call costs
_ENDLESS = const(1 << 28)  # bytes of a payload whose length is in doubt: as long as any come
_BLANKS = b" " * 64

_EIO = const(5)
_ETIMEDOUT = const(110)


async def feed(channel, data, n: int, refill=None, timeout_ms: int = _ANSWER_MS, max_ms: int = 0):
    """Run the planned exchange and send `n` bytes when the module asks for them: `data[:n]`, or
    the bytes that `refill(data)` puts there piece by piece, returning their number.

    If the source fails in the middle, the module gets blanks for the rest, so that it listens
    again, and the failure is raised after its answer; the caller deletes what was stored. The
    same happens when the caller is cancelled; then the engine sends the blanks.
    """
    channel.out_n = n  # the module may wait for these if its prompt is lost
    try:
        await channel.execute(timeout_ms, max_ms)
    except BaseException:
        _give_up(channel, -1)
        raise
    if channel.outcome != _CONNECTED:
        raise channel.garbled("no prompt")
    failure = None
    channel.sent = left = 0
    try:
        await _rest(channel)
        while channel.sent < n:
            size = n - channel.sent
            try:
                size = min(size, refill(data) if refill else size)
            except Exception as error:
                failure, size = error, 0
            if size <= 0:
                left = n - channel.sent
                break
            await _pass(channel, data, size)
        while channel.sent < n:
            await _pass(channel, _BLANKS, min(n - channel.sent, len(_BLANKS)))
    except BaseException:
        _give_up(channel, n - channel.sent)
        channel.late_ms = max(max_ms, timeout_ms, _ANSWER_MS)
        raise
    if channel.trace:
        channel.trace(">", b"<%d bytes>" % (n - left))
    try:
        _resume(channel)
        channel.owed = n  # if bytes were lost on their way, the module waits for more
        await channel.execute(timeout_ms, max_ms)
    except CommandError:
        if not failure and not left:
            raise
    if left:
        raise failure or OSError(_EIO, "the source ended %d bytes early" % left)


async def _rest(channel) -> None:
    """The pause of rule 1; an LF of a CONNECT line, or a blank, is received meanwhile."""
    began = channel.port.ticks_ms()
    while True:
        left = _PAUSE_MS - channel.elapsed(began)
        if left <= 0:
            return
        channel.receive(0)
        channel.proceed("payload")
        await channel.sleep(left)


async def _pass(channel, data, size: int) -> None:
    """Write `data[:size]` to the UART and count the bytes in `channel.sent`."""
    done = 0
    moved = channel.port.ticks_ms()
    while done < size:
        taken = channel.port.write(data, done, size - done)
        if taken:
            moved = channel.port.ticks_ms()
            done += taken
            channel.sent += taken
        elif channel.elapsed(moved) > _STUCK_MS:
            raise OSError(_ETIMEDOUT, "the UART takes no data: look at CTS")
        if done < size:
            channel.proceed("payload")
            await channel.sleep(1)


def _give_up(channel, left: int) -> None:
    """The caller was cancelled with `left` bytes of a payload still to transfer, or before it
    began (-1). Never raises: if memory is too short for this, the next command leaves data
    mode."""
    try:
        from ...core.giving_up import unframe

        unframe(channel, left)
    except MemoryError:
        pass


def _resume(channel) -> None:
    """Return to lines: the exchange continues."""
    channel.state = _WAITING
    channel.outcome = 0
    channel.connect = False
    channel.prompt = channel.owed = 0
    channel.since = channel.port.ticks_ms()


async def take(channel, into, room: int) -> int:
    """Run the planned exchange, which is answered `CONNECT <n>`, and read the n bytes after it
    into `into`; returns n. `Garbled` if n is more than `room` or bytes are missing. A payload
    that is no longer wanted is dropped by its length: its bytes are never parsed as lines.

    One coroutine: it runs for every piece of a file, and each coroutine is garbage afterwards."""
    channel.connect = True
    try:
        await channel.execute()
    except BaseException:
        _give_up(channel, -1)
        raise
    lexer = channel.lexer
    if channel.outcome != _CONNECTED:
        raise channel.garbled("no CONNECT")
    lexer.pos = lexer.line + 7
    n = lexer.number()
    left = _ENDLESS
    try:
        if n is None or not 0 <= n <= room:
            raise channel.garbled("a length that was not asked for")
        left = n + 1
        began = channel.port.ticks_ms()
        while not _there(channel, 1):
            _patience(channel, began)
            await channel.sleep(1)
        if lexer.buf[lexer.start] == 10:  # of the CONNECT line: the lexer has read its CR
            lexer.start += 1
        left = n
        while left:
            got = _received(channel, into, n - left, left)
            if got:
                left -= got
                began = channel.port.ticks_ms()
            else:
                _patience(channel, began)
                await channel.sleep(1)
        if channel.trace:
            channel.trace("<", b"<%d bytes>" % n)
        while not _there(channel, 2):
            _patience(channel, began)
            await channel.sleep(1)
        if lexer.buf[lexer.start] != 13 or lexer.buf[lexer.start + 1] != 10:
            left = _ENDLESS
            raise channel.garbled("more bytes than their length")
    except BaseException:
        _give_up(channel, left)
        raise
    _resume(channel)
    await channel.execute(_STALL_MS * 2)
    return n


def _there(channel, count: int) -> bool:
    """Whether `count` bytes are in the line buffer, where they stay."""
    lexer = channel.lexer
    if lexer.end - lexer.start < count:
        room = lexer.room()
        n = channel.port.read(lexer.buf, lexer.end, min(room, 2))
        if n:
            lexer.end += n
            channel.last = channel.port.ticks_ms()
    return lexer.end - lexer.start >= count


def _received(channel, into, at: int, limit: int) -> int:
    """Move received bytes to `into[at:]`; returns their number."""
    n = channel.lexer.take(into, at, limit)
    if not n:
        n = channel.port.read(into, at, limit)
        if n:
            channel.last = channel.port.ticks_ms()
    return n


def _patience(channel, began: int) -> None:
    if channel.elapsed(began) > _STALL_MS:
        raise channel.garbled("bytes are missing")
    channel.proceed("payload")


# ---- a counted payload after OK, taken in pieces ------------------------------------------------


def listen(channel) -> None:
    """Go on with an exchange that OK has ended: a URC of its name, with `commas` before its
    payload, belongs to it. It ends with that payload's head (`piece` takes it) or `listened`."""
    channel.state = _WAITING
    channel.outcome = 0
    channel.connect = not channel.abandoned
    channel.since = channel.port.ticks_ms()


def listened(channel) -> None:
    """Called by the handler of the URC that says that no more comes."""
    if channel.state == _WAITING and not channel.outcome:
        channel.state = _IDLE
        channel.outcome = _OK
        channel.end_abandoned()


async def piece(channel, into, at: int, room: int, commas: int, late_ms: int) -> int:
    """Some bytes of the payload at whose head the exchange has stopped, to `into[at:]`, at most
    `room` (into None: dropped); 0 at its end, when the exchange goes on with `listen`. A caller
    that gives up leaves the rest to be dropped by its length, which may take `late_ms`."""
    lexer = channel.lexer
    began = channel.port.ticks_ms()
    try:
        wanted = min(room, channel.left, _SOME)
        done = 0
        while channel.left:
            if into is None and not _there(channel, 1):
                got = 0
            else:
                got = _received(channel, into, at + done, min(room - done, channel.left))
            if got:
                channel.left -= got
                done += got
                if done >= wanted:
                    return done
                began = channel.port.ticks_ms()
            else:
                _patience(channel, began)
                await channel.sleep(1)
        while not _there(channel, 2):
            _patience(channel, began)
            await channel.sleep(1)
        if lexer.buf[lexer.start] != 34 or lexer.buf[lexer.start + 1] != 13:
            channel.left = _ENDLESS
            raise channel.garbled("more bytes than their length")
        lexer.start += 1
    except BaseException:
        give_back(channel, late_ms)
        raise
    channel.commas = commas
    listen(channel)
    return 0


def give_back(channel, late_ms: int) -> None:
    """The rest of such a payload is dropped by the engine, before the next command."""
    _give_up(channel, channel.left)
    channel.late_ms = late_ms
