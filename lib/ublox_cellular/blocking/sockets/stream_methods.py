# Generated from aio/sockets/stream_methods.py by tools/generate. Do not edit.
"""A socket read and written like a file."""

from ...core.buffers import check_data
from ...core.compat import const
from ...core.errors import InUse
from ..at import Lock

_AGES_MS = const(1 << 28)  # for no time-out

_EAGAIN = const(11)
_ETIMEDOUT = const(110)

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
        sock.put_back(view[:done])
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
        sock.put_back(found)
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
        sock.put_back(found)
        raise


def _take_line(sock, found, size: int) -> None:
    """Of the bytes that were read ahead up to and with a newline to `found`."""
    end = sock.ahead.find(b"\n", sock.first, sock.last) + 1 or sock.last
    if size >= 0:
        end = min(end, sock.first + size - len(found))
    found.extend(memoryview(sock.ahead)[sock.first : end])
    sock.first = end


# ---- writing ------------------------------------------------------------------------------------


def write(sock, data, size: int, whole: bool = False):
    """What `Socket.write` does; `whole`: `sendall()`, which raises where it cannot go on."""
    if isinstance(data, str):
        data = data.encode()
    check_data(data)
    n = len(data) if size < 0 else min(size, len(data))
    if sock.type == 2:
        return sock.send(data if n == len(data) else memoryview(data)[:n])
    channel = sock.pool.channel
    began = channel.port.ticks_ms()
    if not n:
        return sock.send(b"")
    if sock.turn is None:
        sock.turn = Lock()
    done = 0
    try:
        if not sock.turn.take():
            _our_turn(sock)
        try:
            while done < n:
                if not whole:
                    began = channel.port.ticks_ms()
                elif done and sock.timeout_ms:
                    sock.check_patience(began, True)
                done += sock.give(data, done, n - done, began)
        finally:
            sock.turn.release()
    except OSError as error:
        if error.errno != _EAGAIN or sock.timeout_ms != 0 or whole:
            raise
        return done or None
    return done


def _our_turn(sock) -> None:
    """Another task writes to this socket: wait for its end, within the time-out."""
    limit = sock.timeout_ms
    if limit == 0:
        raise sock.late(True)
    try:
        sock.turn.acquire(sock.pool.channel, limit or _AGES_MS, "the socket")
    except InUse as error:
        if error.errno != _ETIMEDOUT:
            raise
        raise sock.late(True)
