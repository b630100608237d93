"""Sockets that an earlier host program left open in the module."""

from ...core.compat import const
from ...core.errors import CommandError
from .diagnosis import refresh
from .lifecycle import claim

_OPEN = const(1)  # state of a slot
_UNKNOWN = -1 << 28


async def sweep(pool, adopt: bool) -> int:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`. Returns
    their number."""
    channel = pool.channel
    count = 0
    for number in range(len(pool.slots)):
        sock = None
        await channel.acquire()
        try:
            slot = pool.slots[number]
            if slot.state:
                continue
            rows = await channel.ask(b"+USOCTL", number, 0, least=3)
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
            await _ask_about(pool, slot, sock)
    if channel.debts:
        await channel.pay()
    return count


def _adopt(pool, slot):
    sock = pool.socket(2, 1 if slot.stream else 2)
    claim(sock, slot)
    slot.total = slot.taken = _UNKNOWN  # an earlier program may have sent
    pool.adopted.append(sock)
    return sock


async def _ask_about(pool, slot, sock) -> None:
    try:
        row = await pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = sock.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    await refresh(sock, slot, pool.channel.port.ticks_ms())
