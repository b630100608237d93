"""What seldom happens to an exchange of a socket: a URC crosses it on the wire, or its caller
gives up and what it had read is kept. Imported when that happens."""

from ...core.compat import const

_LONGEST = const(1024)  # what one command reads
_AHEAD = const(128)  # of socket.py: bytes it reads ahead at once
_FREE = const(0)  # state of a slot
_OK = const(1)  # outcomes of the engine
_FAILED = const(2)

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


def given_up(pool, ended: bool) -> None:
    """The caller of a read or a write has given up; later the module has ended the exchange."""
    if pool.channel.handler is not pool.on_written:
        _rescue(pool, ended)
    elif ended:
        _count(pool)


def _count(pool) -> None:
    """What the module has taken of a write that was given up is part of the stream; how much it
    was its caller does not learn. Only if the module has not said it, or has got blanks as there
    was no memory for the payload, the stream is of no more use."""
    channel = pool.channel
    sock = pool.sock
    if sock.type != 1 or channel.outcome == _FAILED:  # it has taken nothing; the next write asks
        return
    kept = channel.out is None or len(channel.out) >= channel.out_n
    if channel.outcome == _OK and channel.answers and pool.moved >= 0 and kept:
        pool.slot.total += pool.moved
        return
    channel.suspect = True
    sock.errno = sock.errno or _EIO


def _rescue(pool, ended: bool) -> None:
    """The buffer of a read that was given up is not ours any more: the bytes go to one of the
    socket's own, and are there for the next read when they have come."""
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
            return  # as in transfer.py: not of the peer that this socket is connected to
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


async def peek(sock, buf, n: int) -> int:
    """`recv(…, MSG_PEEK)`: the bytes stay there. Of a datagram not more than that is read."""
    if sock.first == sock.last:
        sock.wants_sender = True  # of whoever reads it then
        found = bytearray(min(max(n, _AHEAD), _LONGEST))
        got = await sock.recv_into(found)
        if got:
            put_back(sock, memoryview(found)[:got])
    n = min(n, sock.last - sock.first)
    buf[:n] = memoryview(sock.ahead)[sock.first : sock.first + n] if n else b""
    return n
