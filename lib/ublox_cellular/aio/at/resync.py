"""Getting a channel back in step: late answers, doubtful lines, a module that has restarted.

Imported when it is needed, which on a good line is never.
"""

from ...core.compat import const
from ...core.error_text import heard
from ...core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    InUse,
    ModemError,
    ModuleLost,
)

_PROBES = const(4)
_TRIES = const(3)  # of what is owed
_PROBE_MS = const(1500)
_QUIET_MS = const(50)
_BEGUN_MS = const(100)  # after a line has been handed to the UART
_FILL_MS = const(10000)  # a module that takes no byte for so long will not take the next
_LIST_MS = const(180000)
_LONGEST = const(1024)  # bytes that a prompt with a length takes

_IDLE = const(0)  # states of the engine
_WAITING = const(3)
_DATA = const(8)
_GARBLED = const(5)  # outcome of the engine
_ETIMEDOUT = const(110)

_BLANKS = b" " * 64


async def settle(channel, timeout_ms: int) -> None:
    """Make the channel usable, within about `timeout_ms`; it is held by the caller. Then what
    earlier callers have left to be done is done.

    Rule 6: nothing is sent until the late answer has come or its documented maximum has passed.
    `timeout_ms` is for that and for what earlier callers owe; a module that has to be woken or
    found again takes the time it takes.
    """
    began = channel.port.ticks_ms()
    if not await ended(channel, timeout_ms):
        raise CommandTimeout(
            _ETIMEDOUT, channel.title(), timeout_ms, "no answer to an earlier one either"
        )
    if channel.state == _DATA:
        await _take_back(channel)
    if channel.mend:
        await channel.mend()
    if channel.dozing():
        await channel.waken()
    if channel.suspect:
        await _probe(channel)
    if channel.restarted:
        channel.restarted = False
        try:
            if channel.configure:
                await channel.configure()
        except BaseException:
            channel.restarted = True
            raise
    if channel.debts:
        await _pay(channel, began, timeout_ms)


async def ended(channel, timeout_ms: int) -> bool:
    """Let what an earlier caller has left in flight come to its end; whether it has."""
    began = channel.port.ticks_ms()
    while channel.state != _IDLE:
        # Before the module is at it the character would be part of the line.
        begun = channel.state == _WAITING and channel.elapsed(channel.since) >= _BEGUN_MS
        if channel.abortable and begun:
            channel.port.write(b" ", 0, 1)
            channel.abortable = False
        ms = channel.step()
        if ms < 0:
            break
        if channel.elapsed(channel.since) > channel.late_ms:
            forget(channel)
            channel.suspect = True
            break
        if channel.elapsed(began) > timeout_ms:
            return False
        channel.proceed(channel.title())
        await channel.sleep(ms)
    return True


async def _pay(channel, began: int, timeout_ms: int) -> None:
    """Do what is owed, in order. What the module refuses is over; what fails otherwise is tried
    again before the next command, three times; a caller that gives up leaves it to the next."""
    for _ in range(len(channel.debts)):
        debt = channel.debts[0]
        if channel.elapsed(began) > timeout_ms:
            text = "the channel was in use for %d ms, by what others had begun"
            raise InUse(_ETIMEDOUT, text % timeout_ms)
        try:
            await debt[0](*debt[1])
        except Cancelled:
            raise
        except CommandError:
            pass
        except Exception:
            debt[2] += 1
            if debt[2] >= _TRIES:
                channel.debts.pop(0)
            raise
        channel.debts.pop(0)


def forget(channel) -> None:
    """Drop the exchange that is left over, without an answer."""
    channel.state = _IDLE
    channel.outcome = channel.outcome or _GARBLED
    channel.end_abandoned()


async def _probe(channel) -> None:
    """Ask something only its own answer fits: a late `OK` alone does not count."""
    for attempt in range(_PROBES):
        if attempt and channel.dozing():  # it has fallen asleep over the last one
            await channel.waken()
        await quiet(channel, _QUIET_MS)
        if not attempt and _harmless(channel):
            await fill(channel, channel.out_n, channel.out, channel.out_at)
            channel.owed = channel.prompt = 0
            await quiet(channel, _QUIET_MS * 4)
        if 0 < attempt < 3 and channel.owed:
            # Perhaps it still waits for the payload of a prompt; for more, if a digit of the
            # length was damaged. Any answer says that it does not.
            await fill(channel, channel.owed if attempt == 1 else _LONGEST)
            await quiet(channel, _QUIET_MS * 4)
        try:
            rows = await channel.ask(b"+CMEE?", timeout_ms=_PROBE_MS)
        except Cancelled:
            raise
        except ModemError:
            forget(channel)
            continue
        finally:
            channel.late_ms = _PROBE_MS  # given up, it need not be waited for any longer
        if rows and rows[0] and isinstance(rows[0][0], int):
            break
    else:
        channel.suspect = True
        raise ModuleLost(_ETIMEDOUT, "the module does not answer, heard: " + heard(channel))
    channel.suspect = False
    if rows[0][0] != 1 and not channel.restarted:  # our setting was lost: it has restarted
        channel.reset_seen()


def _harmless(channel) -> bool:
    """Whether a prompt never came whose payload can go out unasked: in command mode it would be
    no command, not even before the next one. The engine has kept a copy."""
    if not channel.prompt or not channel.owed or len(channel.out or b"") < channel.out_n:
        return False
    data = channel.out[channel.out_at : channel.out_at + channel.out_n].upper()
    return b"AT" not in data and b"A/" not in data


async def _take_back(channel) -> None:
    """A prompt or CONNECT has come when nobody waited for it any more: a payload that the module
    waits for is owed to it, another data mode is left; what comes meanwhile is nobody's."""
    if channel.commas:  # a list whose reader was dropped
        from .payload_stream import give_back

        give_back(channel, _LIST_MS)
        await ended(channel, _LIST_MS)
        return
    forget(channel)
    channel.suspect = True
    channel.owed = channel.out_n
    if channel.owed:
        return
    lexer = channel.lexer
    for escape in (channel.escape, b""):
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < channel.guard_ms:
            channel.port.read(lexer.buf, 0, len(lexer.buf))
            channel.proceed("data mode")
            await channel.sleep(5)
        channel.port.write(escape, 0, len(escape))
    lexer.clear()


async def quiet(channel, ms: int, limit_ms: int = 2000) -> None:
    """Wait until nothing has arrived for `ms`, at most `limit_ms`."""
    began = last = channel.port.ticks_ms()
    while channel.elapsed(last) < ms and channel.elapsed(began) < limit_ms:
        seen = channel.last
        channel.pump()
        if channel.last != seen:
            last = channel.last
        channel.proceed("silence")
        await channel.sleep(5)


async def fill(channel, count: int, data=None, at: int = 0) -> None:
    """Send `count` bytes of `data`, else blanks: the rest of a payload to a module that waits for
    one, else nothing."""
    began = channel.port.ticks_ms()
    while count > 0 and channel.elapsed(began) < _FILL_MS:
        n = channel.port.write(data or _BLANKS, at, min(count, len(_BLANKS)))
        count -= n
        if data:
            at += n
        if n:
            began = channel.port.ticks_ms()
        channel.proceed("payload")
        await channel.sleep(1)
