# Generated from aio/escape.py by tools/generate. Do not edit.
"""The escape from data mode: the character (S2) and the silence around it (S12). A5 9.1.4,
at-commands 1.3.

Both are set at every start, so that links and the driver agree. What an earlier program has left
in them is unknown when the module is found in data mode: that is what the rest is for, which is
seldom used.
"""

from ..core.compat import const
from ..core.errors import CommandError
from .attach import answers, hang_up

_CHARACTER = const(2)  # registers
_SILENCE = const(12)
_PLUS = const(43)
_ONE_SECOND = const(50)  # in units of 20 ms
_MARGIN_MS = const(100)
_GUARD_MS = const(1040)  # the least that is more than 1 s
_LONGEST_MS = const(5150)  # of S12 = 255
_TAKES_MS = const(1000)  # to see whether the module answers

# Characters in the order in which a program may have chosen them; then all others.
_LIKELY = b"*-/#~=.,_!@$%^&:;?|<>()[]{}'\"`\\ 0123456789"


def set_registers(channel, read: bool) -> None:
    """S2 and S12 as at the factory; `read`: look whether the module has taken them, and go by what
    it has. The channel is held."""
    for number, value in ((_CHARACTER, _PLUS), (_SILENCE, _ONE_SECOND)):
        try:
            channel.ask(b"S%d" % number, value)
        except CommandError:  # whatever it has counts, see below
            pass
    if read:
        character = _read(channel, _CHARACTER, _PLUS)
        if character < 128:  # above there is no escape
            channel.escape = bytes((character,)) * 3
        channel.guard_ms = _read(channel, _SILENCE, _ONE_SECOND) * 20 + _MARGIN_MS
    channel.escape_set = True


def _read(channel, number: int, usual: int) -> int:
    try:
        for line in channel.ask(b"S%d?" % number, plain=True):
            if line.isdigit() and len(line) == 3 and int(line) < 256:
                return int(line)
    except CommandError:
        pass
    return usual


def leave_slowly(channel, pins) -> None:
    """`+++` between the longest silences there are."""
    if _is_off(channel, pins):
        return
    channel.pause(_LONGEST_MS)
    channel.port.write(b"+++", 0, 3)
    channel.pause(_LONGEST_MS)
    hang_up(channel)


def try_characters(channel, pins, limit_ms: int) -> bool:
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
                channel.pause(guard_ms)
            ready = True
            channel.lexer.clear()
            channel.suspect = False
            heard = channel.unknown
            channel.port.write(bytes((character,)) * 3, 0, 3)
            channel.pause(guard_ms)
            if channel.suspect or channel.unknown != heard:  # an OK, or data of the other side
                ready = False
                channel.suspect = False
                channel.lexer.clear()
                if answers(channel):
                    hang_up(channel)
                    return answers(channel)
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
