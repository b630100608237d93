"""Sockets that an earlier host program left open in the module."""

from ..core.errors import CommandError
from .failures import refresh
from .links import claim


async def sweep(pool, adopt: bool) -> int:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`. Returns
    their number."""
    channel = pool.channel
    count = 0
    for number in range(len(pool.slots)):
        await channel.acquire()
        try:
            slot = pool.slots[number]
            if slot.state:
                continue
            rows = await channel.ask(b"+USOCTL", number, 0, least=3)
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
            pool.adopted.append(await _adopt(pool, slot))
        else:
            pool.discard(slot)
    if channel.debts:
        await channel.pay()
    return count


async def _adopt(pool, slot):
    sock = pool.socket(2, 1 if slot.stream else 2)
    try:
        row = await pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    claim(sock, slot)
    slot.total = -1 << 28  # an earlier program may have sent
    await refresh(sock, slot, pool.channel.port.ticks_ms())
    return sock
