"""Payload from the module: +USORD and +USORF. A5 5.5, 5.7."""

from ...core.compat import const
from ...core.errors import CommandError

_CHUNK = const(1024)
_HEX_CHUNK = const(512)
_EPIPE = const(32)
_BULK = const(256)  # from here on leaving the hex mode costs less than reading in it


async def read(sock, into, at: int, n: int, began: int) -> int:
    """At most `n` announced bytes to `into[at:]`, within the socket's time-out, which counts from
    `began`; how many there were."""
    pool = sock.pool
    channel = pool.channel
    failure = slot = line = None
    moved = rubbish = 0
    stream = sock.type == 1
    await pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        if sock.first < sock.last:  # of a read that was given up
            return 0
        # One mode for all sockets: large reads are not worth two digits a byte.
        bulk = slot.pending > _BULK and n > _BULK and not pool.syntax
        if pool.hex_mode is None or (pool.hex_mode and bulk):
            await pool.set_hex_mode(False)
        if n > slot.pending:  # rule 5: never more than was announced
            n = slot.pending
        if not n:  # another task has read it
            return 0
        limit = _HEX_CHUNK if pool.hex_mode else _CHUNK
        if n > limit:
            n = limit
        line = channel.start(b"+USORD" if stream else b"+USORF")
        channel.handler = pool.on_stream if stream else pool.on_datagram
        channel.guard = pool.on_launch
        channel.keeper = pool.on_kept
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
    except BaseException as error:
        if line is not None:
            pool.broken(sock)
        # Closed by the other side within the pause before the command: the end, and no error.
        if isinstance(error, OSError) and error.errno == _EPIPE and slot and slot.closed:
            return 0
        raise
    finally:
        channel.release()
    if sock.errno:  # another socket had that number by then: these are not our bytes
        if channel.debts:
            await channel.pay()
        raise sock.dead()
    if failure:
        from .diagnosis import read_failed

        await read_failed(sock, slot, failure, began)
    elif stream and moved < n:
        from .diagnosis import check_short

        await check_short(sock, into, at, moved, rubbish, began)
        return 0  # they are with what is read ahead
    elif not stream and sock.peer and sock.sender and sock.sender != sock.peer and not sock.tls:
        return 0  # not of the peer that this socket is connected to
    return moved
