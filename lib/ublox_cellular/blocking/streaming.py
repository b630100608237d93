# Generated from aio/streaming.py by tools/generate. Do not edit.
"""A socket read and written like a file, and datagrams with their sender."""

from ..core.compat import const

_EAGAIN = const(11)
_ETIMEDOUT = const(110)
_LONGEST = const(1024)  # what one command reads
_AHEAD = const(128)  # of socket.py: bytes it reads ahead at once


def check_buffer(buf) -> None:
    """`TypeError` for what bytes cannot be received into; before anything is taken."""
    if not isinstance(buf, (bytearray, memoryview)):
        raise TypeError("a bytearray or a memoryview of bytes wanted")
    if getattr(buf, "itemsize", 1) != 1:
        raise TypeError("a buffer of bytes wanted, not of larger items")
    if len(buf):
        buf[0] = buf[0]  # TypeError where it cannot be written


def check_data(data) -> None:
    """`TypeError` for what cannot be sent as bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("bytes, bytearray or memoryview wanted")
    if getattr(data, "itemsize", 1) != 1:
        raise TypeError("a buffer of bytes wanted, not of larger items")


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


# ---- reading ------------------------------------------------------------------------------------


def read(sock, size: int):
    """What `Socket.read` does."""
    if size is None or size < 0:
        return _read_all(sock)
    found = bytearray(size)
    view = memoryview(found)
    done = 0
    try:
        while done < size:
            n = sock.readinto(view[done:])
            if not n:
                if n is None and not done:
                    return None
                break
            done += n
    except BaseException:  # a time-out, a cancelled task: nothing of it is lost
        put_back(sock, view[:done])
        raise
    return bytes(view[:done])


def _read_all(sock):
    found = bytearray()
    piece = bytearray(512)
    try:
        while True:
            n = sock.readinto(piece)
            if not n:
                return None if n is None and not found else bytes(found)
            found.extend(memoryview(piece)[:n])
    except BaseException:
        put_back(sock, found)
        raise


def readline(sock, size: int = -1):
    """Up to and with the next newline, or to the end of the stream; at most `size` bytes. A socket
    that does not wait gives what is there, None if that is nothing."""
    found = bytearray()
    one = bytearray(1)
    try:
        while size < 0 or len(found) < size:
            if sock.first < sock.last:
                _take_line(sock, found, size)
            else:
                n = sock.readinto(one)
                if not n:
                    return None if n is None and not found else bytes(found)
                found.extend(one)
            if found[-1] == 10:
                break
        return bytes(found)
    except BaseException:
        put_back(sock, found)
        raise


def _take_line(sock, found, size: int) -> None:
    """Of the bytes that were read ahead up to and with a newline to `found`."""
    end = sock.ahead.find(b"\n", sock.first, sock.last) + 1 or sock.last
    if size >= 0:
        end = min(end, sock.first + size - len(found))
    found.extend(memoryview(sock.ahead)[sock.first : end])
    sock.first = end


def peek(sock, buf, n: int) -> int:
    """`recv(…, MSG_PEEK)`: the bytes stay there. Of a datagram not more than that is read."""
    if sock.first == sock.last:
        found = bytearray(min(max(n, _AHEAD), _LONGEST))
        got = sock.recv_into(found)
        if got:
            put_back(sock, memoryview(found)[:got])
    n = min(n, sock.last - sock.first)
    buf[:n] = memoryview(sock.ahead)[sock.first : sock.first + n] if n else b""
    return n


# ---- writing ------------------------------------------------------------------------------------


def write(sock, data, size: int, whole: bool = False):
    """What `Socket.write` does; `whole`: `sendall()`, which raises where it cannot go on."""
    if isinstance(data, str):
        data = data.encode()
    check_data(data)
    n = len(data) if size < 0 else min(size, len(data))
    if sock.type == 2:
        return sock.send(data if n == len(data) else memoryview(data)[:n])
    began = sock.pool.channel.port.ticks_ms()
    if not n:
        return sock.send(b"")
    done = 0
    while done < n:
        if not whole:
            began = sock.pool.channel.port.ticks_ms()
        try:
            done += sock.give(data, done, n - done, began)
        except OSError as error:
            if error.errno != _EAGAIN or sock.timeout_ms != 0 or whole:
                raise
            return done or None
    return done


# ---- datagrams with their sender ----------------------------------------------------------------


def recvfrom_into(sock, buf, nbytes: int = 0, flags: int = 0):
    """`(number, (host, port))`; what does not fit of a datagram is read next."""
    sock.wants_sender = True
    try:
        n = sock.recv_into(buf, nbytes, flags)
    finally:
        sock.wants_sender = False
    return n, (sock.sender if sock.type == 2 else None)


def recvfrom(sock, bufsize: int, flags: int = 0):
    """`(bytes, (host, port))`."""
    if bufsize < 0:
        raise ValueError("negative buffer size")
    buf = bytearray(min(bufsize, _LONGEST))
    n, sender = recvfrom_into(sock, buf, 0, flags)
    return bytes(memoryview(buf)[:n]), sender
