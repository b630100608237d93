"""How sockets come and go: create, connect, listen, accept, close. A5 5.1, 5.2, 5.9."""

from ..core.command import sendable
from ..core.compat import const
from ..core.errors import CommandError, NotSupported
from .failures import errno_of
from .receiving import read
from .sending import write
from .socket import Socket, nap

_FREE = const(0)
_OPEN = const(1)
_ACCEPTED = const(2)
_CLOSING = const(3)

_EVENT_ACCEPTED = const(6)

_CONNECT_MS = const(130000)  # +USOCO, at most (at-commands 1.6)
_CLOSE_MS = const(120000)
_BACK_MS = const(180000)  # for a lost data connection to come back
_LONGEST_NAME = const(128)
_AF_INET6 = const(10)
_DNS_ERRORS = range(160, 178)  # of +USOER (at-commands 3.6)
_NO_NAME = const(-2)  # what getaddrinfo() raises everywhere

_EAGAIN = const(11)
_EINVAL = const(22)
_ENFILE = const(23)
_EOPNOTSUPP = const(95)
_EADDRNOTAVAIL = const(99)
_ECONNABORTED = const(103)
_EISCONN = const(106)
_ETIMEDOUT = const(110)
_EINPROGRESS = const(115)


def check_address(address):
    """`(host, port)` of a peer; IPv6 tuples are cut."""
    host, port = address[0], address[1]
    if not isinstance(host, str) or not isinstance(port, int):
        raise TypeError("address (host, port) wanted")
    if not sendable(host, _LONGEST_NAME) or not 0 < port <= 65535:
        raise ValueError("host and a port from 1 to 65535 wanted")
    return host, port


async def aim(sock, address) -> None:
    """Make ready to send datagrams to `(host, port)`; a name is resolved."""
    host, port = check_address(address)
    sock.at = (await sock.pool.modem.resolve(host), port)
    sock.to = address
    await create(sock)


async def create(sock):
    """The slot of a socket; the module's socket (+USOCR) is made now if there is none."""
    if sock.closed or sock.errno:
        raise sock.dead()
    if sock.slot is not None:
        return sock.slot
    pool = sock.pool
    parts = _wishes(pool, sock)
    if pool.channel.dozing():  # only awake it can tell whether the connection still stands
        await pool.channel.acquire()
        pool.channel.release()
    wanted = pool.modem.network.wanted
    if wanted is not None and sock.timeout_ms != 0 and not pool.modem.network.up:
        await wanted.back(sock.timeout_ms or _BACK_MS)  # lost since connect()
    try:
        row = await pool.channel.row(1, b"+USOCR", *parts)
    except CommandError as error:
        raise OSError(_ENFILE, "no socket (is the data connection up?): %s" % error)
    number = row[0]
    if not isinstance(number, int) or not 0 <= number < len(pool.slots):
        raise pool.channel.garbled("no socket number")
    slot = pool.vacant(number)
    slot.always_on = len(row) > 2 and row[2] == 1
    sock.slot = slot
    _occupy(slot, sock)
    return slot


def _wishes(pool, sock):
    """Parameters of +USOCR."""
    parts = [6 if sock.type == 1 else 17]
    modem = pool.modem
    ip6 = sock.family == _AF_INET6
    report = modem.keeps_sockets and modem.sleeper is not None  # whether it is always-on
    if modem.chooses_context and (ip6 or pool.cid):
        parts += [sock.port or None, 1 if ip6 else 0, pool.cid or 1]
    elif pool.cid:
        raise NotSupported(_EOPNOTSUPP, modem.name, "context of its own for a socket")
    elif report:
        parts += [sock.port or None, None, None]
    elif sock.port and not sock.backlog:  # a listening socket is told by +USOLI
        parts.append(sock.port)
    return parts + [1] if report else parts


def _occupy(slot, sock) -> None:
    slot.state = _OPEN
    slot.socket = sock
    sock.pool.read = read
    sock.pool.write = write


async def connect(sock, address) -> None:
    """What `Socket.connect` does."""
    host, port = check_address(address)
    pool = sock.pool
    if sock.type != 1:  # A5 5.7: +USOST and +USORF without +USOCO
        if sock.tls:
            from .secure import connect_datagrams

            return await connect_datagrams(sock, (host, port))
        host = await pool.modem.resolve(host)
        await create(sock)
        sock.peer = (host, port)
        return
    slot = sock.slot
    if slot is not None:
        if pool.connecting is slot and _busy(pool):
            raise OSError(_EINPROGRESS, "still connecting")
        if slot.connected or slot.result == 0:
            slot.connected = True
            raise OSError(_EISCONN, "socket is connected already")
        if slot.result:  # the connect that did not wait has failed
            sock.errno = slot.result
            await release(sock)
            raise OSError(sock.errno, "connect to %s failed" % host)
    began = pool.channel.port.ticks_ms()
    slot = await create(sock)
    sock.peer = (host, port)
    try:
        await _turn(pool, sock.timeout_ms, began)
        join = connect_plainly
        if sock.tls:
            from .secure import connect as join
        if await join(pool, slot, host, port, sock.timeout_ms, began):
            slot.connected = True
            return
    except BaseException as error:
        if pool.connecting is slot:
            pool.connecting = None
        await release(sock)
        sock.slot = None
        if isinstance(error, OSError) and error.errno != _EAGAIN:
            sock.errno = sock.errno or error.errno
        raise
    raise OSError(_EINPROGRESS, "connecting")


def _busy(pool) -> bool:
    slot = pool.connecting
    if slot is None or slot.result is not None or slot.closed or slot.state != _OPEN:
        return False
    return pool.channel.elapsed(slot.since) < _CONNECT_MS


async def _turn(pool, timeout_ms, began: int) -> None:
    """The module connects one socket at a time; a second +USOCO would be refused."""
    while _busy(pool):
        if timeout_ms is not None and pool.channel.elapsed(began) >= timeout_ms:
            code = _ETIMEDOUT if timeout_ms else _EAGAIN
            raise OSError(code, "another socket is connecting")
        pool.channel.poll()
        await pool.channel.sleep(5)


async def connect_plainly(pool, slot, host: str, port: int, timeout_ms, began: int) -> bool:
    """+USOCO; False when a socket that does not wait has to wait."""
    channel = pool.channel
    pool.connecting = slot
    slot.since = began
    slot.result = None
    limit = timeout_ms or _CONNECT_MS
    try:
        if pool.async_connect:
            await channel.command(b"+USOCO", slot.number, host, port, 1)
        else:
            await channel.command(
                b"+USOCO", slot.number, host, port, timeout_ms=limit, max_ms=_CONNECT_MS
            )
            slot.result = 0
    except CommandError:
        slot.result = await errno_of(pool, slot, _ECONNABORTED)
    while slot.result is None and not slot.closed:
        if timeout_ms == 0:
            return False
        elapsed = channel.elapsed(began)
        if elapsed >= limit:
            raise OSError(_ETIMEDOUT, "connect to %s timed out" % host)
        channel.poll()
        channel.proceed("connect")
        await channel.sleep(nap(elapsed))
    return verdict(pool, slot, host)


def verdict(pool, slot, host: str) -> bool:
    """How connecting has ended: True, or the exception."""
    if pool.connecting is slot:
        pool.connecting = None
    if slot.result != 0 or slot.state != _OPEN:
        code = slot.result or _ECONNABORTED
        if code in _DNS_ERRORS:
            raise OSError(_NO_NAME, "%s not resolved (+USOER %d)" % (host, code))
        raise OSError(code, "connect to %s failed" % host)
    return True


def getpeername(sock):
    """`(host, port)` of the other side."""
    if not sock.peer:
        raise sock.dead()
    return sock.peer


async def bind(sock, address) -> None:
    """Choose the local port; the host must be "" or "0.0.0.0"."""
    host, port = address[0], address[1]
    if host not in ("", "0.0.0.0", "::"):
        raise OSError(_EADDRNOTAVAIL, "only the module's own address can be bound: use ''")
    if not isinstance(port, int) or not 0 <= port <= 65535:
        raise ValueError("port from 0 to 65535 wanted")
    if sock.slot is not None:
        raise OSError(_EINVAL, "socket is in use already")
    sock.port = port
    if sock.type == 2:
        await create(sock)


async def listen(sock, backlog: int = 2) -> None:
    """Let connections to the port given to `bind()` wait for `accept()` (+USOLI), at most
    `backlog` at a time: further ones are closed when `accept()` comes round to them."""
    if not sock.port:
        raise OSError(_EINVAL, "bind() to a port first")
    sock.backlog = max(1, backlog)
    _expect_peers(sock.pool)
    try:
        slot = await create(sock)
        await sock.pool.channel.command(b"+USOLI", slot.number, sock.port)
        slot.always_on = False  # A10 5.10
    except BaseException:
        sock.backlog = 0
        raise


def _expect_peers(pool) -> None:
    """Let +UUSOLI be understood from now on."""
    if b"+UUSOLI" not in pool.channel.urcs:
        pool.channel.on_urc(b"+UUSOLI", lambda line: _connected(pool, line))


def _connected(pool, line) -> None:
    number = line.number()
    if number is not None and 0 <= number < len(pool.slots):
        slot = pool.vacant(number)
        slot.state = _ACCEPTED
        slot.connected = True
        slot.peer = (line.text(), line.number())
        slot.listener = line.number()
        pool.modem.events.put(_EVENT_ACCEPTED, number, slot.listener)


async def accept(sock):
    """`(socket, (host, port))` of the next connection."""
    if not sock.backlog:
        raise OSError(_EINVAL, "listen() first")
    pool = sock.pool
    channel = pool.channel
    began = channel.port.ticks_ms()
    while True:
        if sock.errno or sock.slot is None:
            raise sock.dead()
        channel.poll()
        slot = await _first(pool, sock)
        if slot:
            new = Socket(pool, 2, 1)
            pool.made += 1
            claim(new, slot)
            return new, new.peer
        sock.check_patience(began)
        channel.proceed("accept")
        await channel.sleep(nap(channel.elapsed(began)))


def claim(sock, slot) -> None:
    """Let `sock` stand for a connection the module has made already."""
    _occupy(slot, sock)
    slot.connected = True
    sock.slot = slot
    sock.peer = slot.peer


async def _first(pool, sock):
    """The first that waits. Those beyond the backlog are closed: the module has no limit."""
    first = None
    count = 0
    number = sock.slot.number
    for slot in pool.slots:
        if slot.state == _ACCEPTED and slot.listener == number:
            first = first or slot
            count += 1
            if count > sock.backlog:
                await close(pool, slot)
    return first


async def release(sock) -> None:
    """Part a `Socket` from the module's, which is closed; of a listening one also the
    connections that nobody has accepted."""
    slot = sock.slot
    sock.slot = None
    if slot is None or slot.socket is not sock:
        return
    await close(sock.pool, slot)
    for other in sock.pool.slots:
        if other.state == _ACCEPTED and other.listener == slot.number:
            await close(sock.pool, other)


async def close(pool, slot) -> None:
    """+USOCL, without waiting for the other side where the module can do so."""
    channel = pool.channel
    stream = slot.connected and (slot.socket is None or slot.socket.type == 1)
    gone = slot.closed or slot.state == _FREE
    slot.socket = None
    if pool.connecting is slot:
        pool.connecting = None
    if gone:
        slot.clear()
        return
    slot.state = _CLOSING
    slot.since = channel.port.ticks_ms()
    try:
        if stream and pool.async_close:
            try:
                await channel.command(b"+USOCL", slot.number, 1)
                return  # +UUSOCL frees the slot
            except CommandError:
                if slot.state != _CLOSING:
                    return
        await channel.command(b"+USOCL", slot.number, timeout_ms=_CLOSE_MS)
    except CommandError:
        pass  # it is gone already
    slot.clear()


async def close_all(pool) -> None:
    """Close every socket, also the connections nobody has accepted."""
    for slot in pool.slots:
        if slot.socket:
            await slot.socket.close()
        elif slot.state == _ACCEPTED:
            await close(pool, slot)
    pool.made = 0


async def getaddrinfo(pool, host, port, family=0, kind=0, proto=0, flags=0):
    """One entry `(family, type, proto, "", (address, port))`; `OSError(-2)` if not found."""
    address = await pool.modem.resolve(host)
    return [(_AF_INET6 if ":" in address else 2, kind or 1, proto, "", (address, port))]
