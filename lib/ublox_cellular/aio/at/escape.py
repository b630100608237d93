"""Out of data mode when the usual escape does not help: an earlier program has left another
character in S2, or another silence around it in S12. A5 9.1.4, at-commands 1.3.

Imported when a module is not found otherwise. device/power_on.py sets both registers at every
start.
"""

from ...core.compat import const
from ..device.attach import answers, hang_up

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
