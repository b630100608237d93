# Generated from aio/leftovers.py by tools/generate. Do not edit.
"""Sockets that an earlier host program left open in the module."""

from ..core.compat import const
from ..core.errors import CommandError
from .failures import control, refresh
from .links import claim

_FREE = const(0)  # states of a slot
_OPEN = const(1)
_ECONNRESET = const(104)
_UNKNOWN = -1 << 28
_WHOLE = 0xFFFFFFFF


def sweep(pool, adopt: bool) -> int:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`. Returns
    their number."""
    channel = pool.channel
    count = 0
    for number in range(len(pool.slots)):
        sock = None
        channel.acquire()
        try:
            slot = pool.slots[number]
            if slot.state:
                continue
            rows = channel.ask(b"+USOCTL", number, 0, least=3)
            if not rows or pool.slots[number] is not slot or slot.state:
                continue
            slot.stream = rows[0][2] == 6
            slot.connected = True
            if adopt:
                sock = _adopt(pool, slot)
            else:
                slot.state = _OPEN
                pool.discard(slot)
        except CommandError:
            continue  # there is none of this number
        finally:
            channel.release()
        count += 1
        if sock is not None:
            _ask_about(pool, slot, sock)
    if channel.debts:
        channel.pay()
    return count


def _adopt(pool, slot):
    sock = pool.socket(2, 1 if slot.stream else 2)
    claim(sock, slot)
    slot.total = slot.taken = _UNKNOWN  # an earlier program may have sent
    pool.adopted.append(sock)
    return sock


def _ask_about(pool, slot, sock) -> None:
    try:
        row = pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = sock.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    refresh(sock, slot, pool.channel.port.ticks_ms())


def close_unknown(pool, kept: dict) -> None:
    """Have what the module has and we do not know of closed; `kept`: its sockets by number."""
    for slot in pool.slots:
        if slot.state == _FREE and slot.number in kept:
            slot.stream = kept[slot.number] == 6
            slot.connected = True
            slot.state = _OPEN
            pool.discard(slot)


def compare(pool) -> None:
    """A saved state was taken up, and it may be older than what the program did last: a stream
    that was sent or read any further, or that is another one by now, is not what the state
    says."""
    for slot in pool.slots:
        sock = slot.sock()
        if slot.state != _OPEN or sock is None or sock.type != 1 or slot.total < 0:
            continue
        try:
            same = slot.total == (control(pool, slot, 2)) & _WHOLE
            same = same and (control(pool, slot, 3)) & _WHOLE <= slot.taken
        except CommandError:
            continue  # it is not there any more, see refresh()
        if not same and slot.state == _OPEN:
            sock.errno = sock.errno or _ECONNRESET
            pool.discard(slot)
