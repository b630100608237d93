# Generated from aio/sockets/put_back.py by tools/generate. Do not edit.
"""What seldom happens to an exchange of a socket: a URC crosses it on the wire, or its caller
gives up and what it had read is kept. Imported when that happens."""

from ...core.compat import const

_LONGEST = const(1024)  # what one command reads
_AHEAD = const(128)  # of socket.py: bytes it reads ahead at once
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
        if sock.type != 1 and sock.peer and sock.sender != sock.peer and not sock.tls:
            return  # as in receiving.py: not of the peer that this socket is connected to
        try:
            sock.append(channel.into, pool.moved)
            return
        except MemoryError:
            pass
    if sock.type == 1:
        sock.errno = sock.errno or _EIO


# ---- bytes that were read and not handed over ---------------------------------------------------


def append(sock, data, n: int) -> None:
    """What a read that was given up has brought comes after what is there already."""
    _keep(sock, sock.ahead, sock.first, sock.last, data, 0, n)


def put_back(sock, data) -> None:
    """What was read and not handed over is there for the next read."""
    if data:
        _keep(sock, data, 0, len(data), sock.ahead, sock.first, sock.last)


def _keep(sock, one, one_first: int, one_last: int, two, first: int, last: int) -> None:
    """Both, in this order, are what was read ahead."""
    n = one_last - one_first
    size = n + last - first
    kept = bytearray(max(size, _AHEAD))
    if n:
        kept[:n] = memoryview(one)[one_first:one_last]
    if last > first:
        kept[n:size] = memoryview(two)[first:last]
    sock.ahead = kept
    sock.first = 0
    sock.last = size


def peek(sock, buf, n: int) -> int:
    """`recv(…, MSG_PEEK)`: the bytes stay there. Of a datagram not more than that is read."""
    if sock.first == sock.last:
        sock.wants_sender = True  # of whoever reads it then
        found = bytearray(min(max(n, _AHEAD), _LONGEST))
        got = sock.recv_into(found)
        if got:
            put_back(sock, memoryview(found)[:got])
    n = min(n, sock.last - sock.first)
    buf[:n] = memoryview(sock.ahead)[sock.first : sock.first + n] if n else b""
    return n
