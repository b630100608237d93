# Generated from aio/crossing.py by tools/generate. Do not edit.
"""What seldom happens to an exchange of a socket: a URC crosses it on the wire, or its caller
gives up. Imported when that happens."""

from ..core.compat import const

_FREE = const(0)  # state of a slot
_OK = const(1)  # outcome of the engine

_EIO = const(5)
_ECONNABORTED = const(103)
_ECONNRESET = const(104)


def both_end(pool) -> bool:
    """Another connection has the number that the command in flight names, and has got what was
    meant for our socket, or the reverse: both end. False if the number is only free."""
    new = pool.slots[pool.slot.number]
    if new.state == _FREE:
        return False
    sock = new.sock()
    if sock:
        sock.errno = sock.errno or _ECONNABORTED
    pool.discard(new)
    sock = pool.sock
    sock.errno = sock.errno or _ECONNRESET
    return True


def rescue(pool, ended: bool) -> None:
    """The caller of a read has given up, and its buffer is not ours any more: the bytes go to one
    of the socket's own, and are there for the next read when they have come."""
    channel = pool.channel
    sock = pool.sock
    if not ended:
        if channel.into is not sock.ahead:
            at = channel.at
            kept = bytearray(channel.room)
            kept[: channel.count] = memoryview(channel.into)[at : at + channel.count]
            channel.into = kept
            channel.at = 0
        return
    if channel.outcome == _OK and pool.moved >= 0 and not sock.errno:
        try:
            sock.append(channel.into, pool.moved)
            return
        except MemoryError:
            pass
    if sock.type == 1:
        sock.errno = sock.errno or _EIO
