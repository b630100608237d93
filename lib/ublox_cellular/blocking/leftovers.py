# Generated from aio/leftovers.py by tools/generate. Do not edit.
"""Sockets that an earlier host program left open in the module."""

from ..core.errors import CommandError
from .failures import refresh
from .links import claim


def sweep(pool, adopt: bool) -> int:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`. Returns
    their number."""
    channel = pool.channel
    count = 0
    for number in range(len(pool.slots)):
        channel.acquire()
        try:
            slot = pool.slots[number]
            if slot.state:
                continue
            rows = channel.ask(b"+USOCTL", number, 0, least=3)
            if not rows or pool.slots[number] is not slot or slot.state:
                continue
            slot.state = 1
            slot.sock = lambda: slot  # noqa: B023 (no sweep takes it for one that was dropped)
        except CommandError:
            continue  # there is none of this number
        finally:
            channel.release()
        count += 1
        slot.stream = rows[0][2] == 6
        slot.connected = True
        if adopt:
            pool.adopted.append(_adopt(pool, slot))
        else:
            pool.discard(slot)
    if channel.debts:
        channel.pay()
    return count


def _adopt(pool, slot):
    sock = pool.socket(2, 1 if slot.stream else 2)
    try:
        row = pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    claim(sock, slot)
    slot.total = -1 << 28  # an earlier program may have sent
    refresh(sock, slot, pool.channel.port.ticks_ms())
    return sock
