"""Sockets of the module beside those of a saved state, or of before a deep sleep."""

from ...core.compat import const
from ...core.errors import CommandError
from ..sockets.diagnosis import control

_FREE = const(0)  # states of a slot
_OPEN = const(1)
_ECONNRESET = const(104)
_WHOLE = 0xFFFFFFFF


def close_unknown(pool, kept: dict) -> None:
    """Have what the module has and we do not know of closed; `kept`: its sockets by number."""
    for slot in pool.slots:
        if slot.state == _FREE and slot.number in kept:
            slot.stream = kept[slot.number] == 6
            slot.connected = True
            slot.state = _OPEN
            pool.discard(slot)


async def compare(pool) -> None:
    """A saved state was taken up, and it may be older than what the program did last: a stream
    that was sent or read any further, or that is another one by now, is not what the state
    says."""
    for slot in pool.slots:
        sock = slot.sock()
        if slot.state != _OPEN or sock is None or sock.type != 1 or slot.total < 0:
            continue
        try:
            same = slot.total == (await control(pool, slot, 2)) & _WHOLE
            same = same and (await control(pool, slot, 3)) & _WHOLE <= slot.taken
        except CommandError:
            continue  # it is not there any more, see refresh()
        if not same and slot.state == _OPEN:
            sock.errno = sock.errno or _ECONNRESET
            pool.discard(slot)
