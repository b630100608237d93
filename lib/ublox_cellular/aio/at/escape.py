"""Out of data mode when the usual escape does not help: an earlier program has left another
character in S2, or another silence around it in S12. A5 9.1.4, at-commands 1.3.

Imported when a module is not found otherwise. bringup.py sets both registers at every start.
"""

from ...core.compat import const
from ..device.attach import answers, hang_up

_PLUS = const(43)
_GUARD_MS = const(1040)  # the least that is more than 1 s
_LONGEST_MS = const(5150)  # of S12 = 255
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
    silence after one is that before the next. Whether the module answers then."""
    if _is_off(channel, pins):
        return False
    began = channel.port.ticks_ms()
    for guard_ms in (_GUARD_MS, _LONGEST_MS):
        ready = False
        for character in _characters():
            if channel.elapsed(began) + 2 * guard_ms + _TAKES_MS > limit_ms:
                return False
            if not ready:
                await channel.pause(guard_ms)
            ready = True
            channel.lexer.clear()
            channel.suspect = False
            heard = channel.unknown
            channel.port.write(bytes((character,)) * 3, 0, 3)
            await channel.pause(guard_ms)
            if channel.suspect or channel.unknown != heard:  # an OK, or data of the other side
                ready = False
                channel.suspect = False
                channel.lexer.clear()
                if await answers(channel):
                    await hang_up(channel)
                    return await answers(channel)
    return False


def _is_off(channel, pins) -> bool:
    """Whether looking on is in vain: the driver's own registers are in force, or V_INT is down."""
    return channel.escape_set or (pins is not None and pins.get("power_sense") is False)


def _characters():
    for character in _LIKELY:
        yield character
    for character in range(128):
        if character != _PLUS and _LIKELY.find(bytes((character,))) < 0:
            yield character
