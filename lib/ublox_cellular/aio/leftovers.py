"""Sockets that an earlier host program left open in the module."""

from ..core.errors import CommandError
from .failures import refresh
from .links import claim, close


async def sweep(pool, adopt: bool) -> None:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`."""
    for slot in pool.slots:
        if slot.state:
            continue
        try:
            row = await pool.channel.row(3, b"+USOCTL", slot.number, 0)
        except CommandError:
            continue  # there is none of this number
        slot.state = 1
        if adopt:
            pool.adopted.append(await _adopt(pool, slot, row[2]))
        else:
            await close(pool, slot)


async def _adopt(pool, slot, protocol: int):
    sock = pool.socket(2, 1 if protocol == 6 else 2)
    try:
        row = await pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    claim(sock, slot)
    slot.total = -1 << 28  # an earlier program may have sent
    await refresh(pool, slot)
    return sock
