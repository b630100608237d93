"""A socket read and written like a file, and datagrams with their sender."""

_EAGAIN = 11
_LONGEST = 1024  # what one command reads
_AHEAD = 128  # of socket.py: bytes it reads ahead at once


async def read(sock, size: int):
    """What `Socket.read` does."""
    if size >= 0:
        return await _read_exactly(sock, size)
    found = bytearray()
    piece = bytearray(512)
    while True:
        n = await sock.readinto(piece)
        if not n:
            return None if n is None and not found else bytes(found)
        found.extend(memoryview(piece)[:n])


async def _read_exactly(sock, size: int):
    found = bytearray(size)
    view = memoryview(found)
    done = 0
    while done < size:
        try:
            n = await sock.readinto(view[done:])
        except OSError:
            _unread(sock, found[:done])
            raise
        if not n:
            if n is None and not done:
                return None
            break
        done += n
    return bytes(view[:done])


def _unread(sock, data) -> None:
    """What was read before a time-out is there for the next read."""
    if data:
        if sock.first < sock.last:
            data = data + sock.ahead[sock.first : sock.last]
        sock.ahead = bytearray(max(len(data), _AHEAD))
        sock.ahead[: len(data)] = data
        sock.first = 0
        sock.last = len(data)


async def readline(sock):
    """Up to and with the next newline, or to the end of the stream."""
    found = bytearray()
    one = bytearray(1)
    while True:
        try:
            n = await sock.readinto(one)
        except OSError:
            _unread(sock, found)
            raise
        if n is None:
            return bytes(found) if found else None
        if not n:
            return bytes(found)
        found.extend(one)
        if one[0] == 10:
            return bytes(found)


async def write(sock, data, size: int):
    """What `Socket.write` does."""
    if isinstance(data, str):
        data = data.encode()
    n = len(data) if size < 0 else min(size, len(data))
    if sock.type == 2:
        return await sock.send(data[:n])
    slot = sock.slot
    if sock.errno or slot is None or not (slot.connected or slot.result == 0):
        raise sock.dead()
    done = 0
    while done < n:
        try:
            done += await sock.give(data, done, n - done)
        except OSError as error:
            if error.errno != _EAGAIN or sock.timeout_ms != 0:
                raise
            return done or None
    return done


async def recvfrom_into(sock, buf, nbytes=0, flags=0):
    """`(number, (host, port))`; what does not fit of a datagram is read next."""
    sock.wants_sender = True
    try:
        n = await sock.recv_into(buf, nbytes)
    finally:
        sock.wants_sender = False
    return n, (sock.pool.sender if sock.type == 2 else sock.peer)


async def recvfrom(sock, bufsize: int, flags=0):
    """`(bytes, (host, port))`."""
    buf = bytearray(min(bufsize, _LONGEST))
    n, sender = await recvfrom_into(sock, buf)
    return bytes(memoryview(buf)[:n]), sender


def makefile(sock, mode="rb", buffering=0):
    """The socket itself, which reads and writes like a file."""
    return sock
