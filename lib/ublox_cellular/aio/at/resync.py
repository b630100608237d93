"""Resynchronizing a channel: late answers, doubtful lines, a module that has restarted.

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
_TRIES = const(3)  # for pending cleanup
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
    """Make the channel usable, within about `timeout_ms`; the caller holds it. Then the cleanup
    left by earlier callers is done.

    Rule 6: nothing is sent until the late answer has arrived or its documented maximum has
    passed. `timeout_ms` limits that and the cleanup; waking the module or finding it again is
    not limited by it.
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
    """Wait for the end of an abandoned exchange; returns whether it has ended."""
    began = channel.port.ticks_ms()
    while channel.state != _IDLE:
        # Before the module runs the command, the character would be part of the line.
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
    """Run the pending cleanup, in order. A command that the module refuses is dropped; after other
    failures it is tried again before the next command, three times; after a cancellation the next
    caller runs it."""
    for _ in range(len(channel.debts)):
        debt = channel.debts[0]
        if channel.elapsed(began) > timeout_ms:
            text = "the channel was in use for %d ms, by what other callers had begun"
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
    """Drop the abandoned exchange without an answer."""
    channel.state = _IDLE
    channel.outcome = channel.outcome or _GARBLED
    channel.end_abandoned()


async def _probe(channel) -> None:
    """Send a query with a distinctive answer: a late `OK` alone does not count."""
    for attempt in range(_PROBES):
        if attempt and channel.dozing():  # it went to sleep during the last attempt
            await channel.waken()
        await quiet(channel, _QUIET_MS)
        if not attempt and _harmless(channel):
            await fill(channel, channel.out_n, channel.out, channel.out_at)
            channel.owed = channel.prompt = 0
            await quiet(channel, _QUIET_MS * 4)
        if 0 < attempt < 3 and channel.owed:
            # Perhaps the module still waits for the payload of a prompt; for more bytes, if a
            # digit of the length was damaged. Any answer shows that it does not.
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
            channel.late_ms = _PROBE_MS  # if cancelled, no longer wait is needed
        if rows and rows[0] and isinstance(rows[0][0], int):
            break
    else:
        channel.suspect = True
        raise ModuleLost(_ETIMEDOUT, "the module does not answer, heard: " + heard(channel))
    channel.suspect = False
    if rows[0][0] != 1 and not channel.restarted:  # the driver's setting was lost: a restart
        channel.reset_seen()


def _harmless(channel) -> bool:
    """Whether a prompt was missed and its payload can be sent without it: in command mode the
    payload would be no command, even with the next command after it. The engine kept a copy."""
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
    """Send `count` bytes of `data`, or blanks: the rest of a payload to a module that waits for
    one, without effect otherwise."""
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
