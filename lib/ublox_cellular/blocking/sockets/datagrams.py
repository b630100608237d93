# Generated from aio/sockets/datagrams.py by tools/generate. Do not edit.
"""Datagrams: resolving the destination, and sending (+USOST). A5 5.6, 5.7."""

from ...core.buffers import check_data, wrong
from ...core.compat import const
from .lifecycle import check_address, create

_LONGEST = const(1024)
_NAME_MS = const(70000)

_EMSGSIZE = const(90)
_EDESTADDRREQ = const(89)
_EOPNOTSUPP = const(95)


def aim(sock, address):
    """`(address, port)` to send to; a name is resolved, within the time-out of the socket, or
    without a limit if it has none, as in CPython. Makes the module's socket."""
    host, port = check_address(sock, address)
    began = sock.pool.channel.port.ticks_ms()
    resolved = (sock.pool.modem.resolve(host, sock.timeout_ms or _NAME_MS), port)
    create(sock, began)
    return resolved


def sendto(sock, data, address, with_flags=None) -> int:
    """Send one datagram of 1 to 1024 bytes to `(host, port)`; a name is resolved, only once for
    consecutive datagrams to it. Returns the number of bytes.

    `OSError(EMSGSIZE)` for more, EOPNOTSUPP for an empty one, which the module cannot send."""
    if sock.type == 1:
        return sock.send(data)
    data = _checked(sock, data)
    address = with_flags or address
    to = sock.to
    if to is not None and to[0] == address and sock.slot is not None:
        target = to[1]
    else:
        target = aim(sock, address)
        sock.to = (address, target)
    return _give(sock, data, target)


def send_datagram(sock, data) -> int:
    """`send()` for a datagram socket with a peer."""
    if not sock.peer and not sock.gone:
        raise OSError(_EDESTADDRREQ, "connect() first, or sendto()")
    data = _checked(sock, data)
    if sock.attempt is None:
        create(sock, sock.pool.channel.port.ticks_ms())
    elif not sock.ready():
        raise sock.late()
    return _give(sock, data, sock.peer)


def _checked(sock, data):
    if sock.gone or sock.errno:
        raise sock.dead()
    if isinstance(data, str):
        data = data.encode()
    check_data(data)
    if len(data) > _LONGEST:
        raise OSError(_EMSGSIZE, "datagram of at most %d bytes wanted" % _LONGEST)
    if not len(data):
        raise OSError(_EOPNOTSUPP, "the module sends no empty datagrams")
    return data


def _give(sock, data, target) -> int:
    pool = sock.pool
    channel = pool.channel
    began = channel.port.ticks_ms()
    while True:
        done = pool.write(sock, data, 0, len(data), began, target[0], target[1])
        if done:
            if pool.refusing:
                pool.works()
            return done
        sock.check_patience(began)
        channel.proceed("send")
        channel.pause(200)


def recvfrom_into(sock, buf, nbytes: int = 0, flags: int = 0):
    """`(number, (host, port))`; the next call reads the rest of a longer datagram."""
    sock.wants_sender = True  # for good: another task, or the next call, may get this datagram
    n = sock.recv_into(buf, nbytes, flags)
    return n, (sock.sender if sock.type == 2 else None)


def recvfrom(sock, bufsize: int, flags: int = 0):
    """`(bytes, (host, port))`."""
    if not isinstance(bufsize, int) or bufsize < 0:
        raise wrong("bufsize", bufsize)
    buf = bytearray(min(bufsize, _LONGEST))
    n, sender = recvfrom_into(sock, buf, 0, flags)
    return bytes(memoryview(buf)[:n]), sender
