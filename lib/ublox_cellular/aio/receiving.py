"""Payload from the module: +USORD and +USORF. A5 5.5, 5.7."""

from ..core.compat import const
from ..core.errors import CommandError

_CHUNK = const(1024)
_HEX_CHUNK = const(512)
_BULK = const(256)  # from here on leaving the hex mode costs less than reading in it


async def read(sock, into, at: int, n: int) -> int:
    """At most `n` announced bytes to `into[at:]`; how many there were."""
    pool = sock.pool
    channel = pool.channel
    failure = None
    moved = rubbish = 0
    stream = sock.type == 1
    await channel.acquire()
    try:
        slot = pool.claim(sock)
        # One mode for all sockets: large reads are not worth two digits a byte.
        bulk = slot.pending > _BULK and n > _BULK and not pool.syntax
        if pool.hex_mode is None or (pool.hex_mode and bulk):
            await pool.set_hex_mode(False)
        if n > slot.pending:  # rule 5: never more than was announced
            n = slot.pending
        limit = _HEX_CHUNK if pool.hex_mode else _CHUNK
        if n > limit:
            n = limit
        line = channel.start(b"+USORD" if stream else b"+USORF")
        channel.handler = pool.on_stream if stream else pool.on_datagram
        channel.commas = 2 if stream else 4
        channel.digits = pool.hex_mode
        channel.into = into
        channel.at = at
        channel.room = n
        rubbish = channel.unknown
        line.number(slot.number)
        line.number(n)
        await channel.execute()
        moved = pool.moved
        if moved < 0 or not channel.answers:
            raise channel.garbled("data without its length, or the reverse")
        if not moved:
            slot.pending = 0
    except CommandError as error:
        failure = error
    except BaseException:
        pool.broken(sock)
        raise
    finally:
        channel.release()
    if failure:
        from .failures import read_failed

        await read_failed(pool, sock, failure)
    elif stream and moved < n:
        from .failures import check_short

        await check_short(pool, sock, rubbish)
    return moved
