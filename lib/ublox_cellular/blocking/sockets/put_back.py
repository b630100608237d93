# Generated from aio/sockets/put_back.py by tools/generate. Do not edit.
"""Rare cases of a socket exchange: a URC crosses it on the wire, or its caller is cancelled and
the data it has read is kept. Imported when that happens."""

from ...core.compat import const

_LONGEST = const(1024)  # what one command reads
_AHEAD = const(128)  # of socket.py: bytes read ahead with one command
_FREE = const(0)  # state of a slot
_OK = const(1)  # outcomes of the engine
_FAILED = const(2)

_EIO = const(5)
_ECONNABORTED = const(103)
_ECONNRESET = const(104)


def both_end(pool) -> bool:
    """Another connection has the number that the command in flight names, and has got the data for
    our socket, or the reverse: both end. False if the number is only free."""
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
    """The caller of a read or write was cancelled; called again when the exchange has ended."""
    if pool.channel.handler is not pool.on_written:
        _rescue(pool, ended)
    elif ended:
        _count(pool)


def _count(pool) -> None:
    """Bytes that the module has accepted of a cancelled write are part of the stream; its caller
    does not learn their number. Only if the module has not reported it, or has got blanks because
    there was no memory for the payload, the stream becomes unusable."""
    channel = pool.channel
    sock = pool.sock
    if sock.type != 1 or channel.outcome == _FAILED:  # nothing accepted; the next write asks
        return
    kept = channel.out is None or len(channel.out) >= channel.out_n
    if channel.outcome == _OK and channel.answers and pool.moved >= 0 and kept:
        pool.slot.total += pool.moved
        return
    channel.suspect = True
    sock.errno = sock.errno or _EIO


def _rescue(pool, ended: bool) -> None:
    """The buffer of a cancelled read must not be used any more: the bytes go to a buffer of the
    socket, for the next read."""
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
            return  # as in transfer.py: not from the connected peer
        try:
            sock.append(channel.into, pool.moved)
            return
        except MemoryError:
            pass
    if sock.type == 1:
        sock.errno = sock.errno or _EIO


# ---- bytes that were read and not returned ------------------------------------------------------


def append(sock, data, n: int) -> None:
    """Append the data of a cancelled read to the data read ahead."""
    _keep(sock, sock.ahead, sock.first, sock.last, data, 0, n)


def put_back(sock, data) -> None:
    """Put data that was read and not returned back, for the next read."""
    if data:
        _keep(sock, data, 0, len(data), sock.ahead, sock.first, sock.last)


def _keep(sock, one, one_first: int, one_last: int, two, first: int, last: int) -> None:
    """Store both parts, in this order, as read ahead."""
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
    """`recv(…, MSG_PEEK)`: the bytes stay in the buffer. At most `n` bytes of a datagram are
    read."""
    if sock.first == sock.last:
        sock.wants_sender = True  # for the later reader
        found = bytearray(min(max(n, _AHEAD), _LONGEST))
        got = sock.recv_into(found)
        if got:
            put_back(sock, memoryview(found)[:got])
    n = min(n, sock.last - sock.first)
    buf[:n] = memoryview(sock.ahead)[sock.first : sock.first + n] if n else b""
    return n
