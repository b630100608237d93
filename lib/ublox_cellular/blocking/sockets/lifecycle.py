# Generated from aio/sockets/lifecycle.py by tools/generate. Do not edit.
"""How sockets come and go in the module: create, listen, accept, close. A5 5.1, 5.2, 5.9."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, InUse, ModemError, NotSupported
from .socket import nap
from .transfer import receive, send

_FREE = const(0)
_OPEN = const(1)
_ACCEPTED = const(2)
_CLOSING = const(3)

_EVENT_ACCEPTED = const(6)
_OK = const(1)  # outcome of the engine

_LEAST_MS = const(1000)  # to close a socket
_CLOSE_MS = const(120000)
_BACK_MS = const(180000)  # for a lost data connection to come back
_LONGEST_NAME = const(128)
_AF_INET6 = const(10)
_FIRST_FREE_PORT = const(49152)
_PORTS = const(4)  # to try

_EINVAL = const(22)
_EOPNOTSUPP = const(95)
_EADDRINUSE = const(98)
_EADDRNOTAVAIL = const(99)
_ECONNABORTED = const(103)
_ENOTCONN = const(107)


def pair(sock, address):
    """`(host, port)`; of IPv6 there may be two numbers more. `TypeError`."""
    if isinstance(address, (tuple, list)) and len(address) > 1:
        host, port = address[:2]
        if isinstance(host, (bytes, bytearray)):
            host = str(host, "utf-8")
        if not isinstance(host, str):
            raise TypeError("host: a string wanted")
        if not isinstance(port, int):
            raise TypeError("port: an integer wanted")
        if len(address) <= (4 if sock.family == _AF_INET6 or ":" in host else 2):
            return host, port
    raise TypeError("address: (host, port) wanted")


def check_address(sock, address):
    """`(host, port)` of a peer. `TypeError`, `ValueError`."""
    host, port = pair(sock, address)
    if not sendable(host, _LONGEST_NAME) or not 0 < port <= 65535:
        raise ValueError("host and a port from 1 to 65535 wanted")
    return host, port


def create(sock, began: int):
    """The slot of a socket; the module's socket (+USOCR) is made now if there is none. Two tasks
    that do this at once get the same."""
    if sock.gone or sock.errno:
        raise sock.dead()
    if sock.slot is not None:
        return sock.slot
    pool = sock.pool
    channel = pool.channel
    parts = _wishes(pool, sock)
    pool.taken()  # what the application has dropped is closed first
    if pool.downs != pool.modem.network.downs:
        from .diagnosis import last_error

        pool.downs = pool.modem.network.downs
        # What is said of sockets lost with it says nothing of new ones.
        last_error(pool, sock, began)
    if channel.dozing():  # only awake it can tell whether the connection still stands
        pool.enter(sock, began)
        channel.release()
    wanted = pool.modem.network.wanted
    if wanted is not None and sock.timeout_ms != 0 and not pool.modem.network.up:
        wanted.back(_BACK_MS if sock.timeout_ms is None else sock.timeout_ms)
    refusal = None
    for attempt in range(2):
        pool.enter(sock, began)
        try:
            if sock.slot is None:
                if sock.gone or sock.errno:
                    raise sock.dead()
                _create(pool, sock, parts)
            return sock.slot
        except CommandError as error:
            refusal = error
        finally:
            channel.release()
        # The module may have sockets of an earlier program that this one knows nothing of.
        from .diagnosis import sweep

        if attempt or not sweep(pool, False):
            break
    from .diagnosis import no_socket

    raise no_socket(sock, refusal, began)


def _create(pool, sock, parts) -> None:
    """+USOCR and the options; the channel is held."""
    channel = pool.channel
    line = channel.start(b"+USOCR")
    for value in parts:
        line.part(value)
    pool.number = -1
    told = []

    def created(lexer) -> None:
        row = lexer.fields()
        told.append(row)
        if row and isinstance(row[0], int) and 0 <= row[0] < len(pool.slots):
            pool.number = row[0]

    def kept(ended: bool) -> None:
        """Whoever wanted it has given up: it is closed again."""
        if ended and channel.outcome == _OK and pool.number >= 0:
            slot = pool.vacant(pool.number)
            slot.state = _OPEN
            slot.stream = sock.type == 1
            pool.discard(slot)

    channel.handler = created
    channel.keeper = kept
    channel.execute()
    if pool.number < 0:
        raise channel.garbled("no socket number")
    slot = pool.vacant(pool.number)
    slot.always_on = len(told[0]) > 2 and told[0][2] == 1
    pool.read = receive
    pool.write = send
    pool.occupy(slot, sock)
    if sock.gone:  # closed meanwhile by another task
        part(sock)
        raise sock.dead()
    if sock.options:
        from .options import apply

        apply(sock)


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


def bind(sock, address) -> None:
    """Choose the local port (0: the module chooses one); the host must be "" or "0.0.0.0"."""
    host, port = pair(sock, address)
    if not 0 <= port <= 65535:
        raise ValueError("port from 0 to 65535 wanted")
    if sock.gone:
        raise sock.dead()
    if host not in ("", "0.0.0.0", "::"):
        raise OSError(_EADDRNOTAVAIL, "only the module's own address can be bound: use ''")
    if sock.slot is not None or sock.bound or sock.attempt is not None:
        raise OSError(_EINVAL, "socket is bound or in use already")
    _check_free(sock, port)
    sock.bound = True
    sock.port = port
    if sock.type == 2:
        create(sock, sock.pool.channel.port.ticks_ms())


def _check_free(sock, port: int) -> None:
    """`OSError(EADDRINUSE)` for a port that another socket of ours has."""
    for one in sock.pool.made if port else ():
        other = one()
        if other is None or other is sock or other.gone or other.type != sock.type:
            continue
        if other.port == port and other.bound and not other.peer:
            raise OSError(_EADDRINUSE, "port %d is in use by another socket" % port)


def listen(sock, backlog: int = 2) -> None:
    """Let connections to the port given to `bind()` wait for `accept()` (+USOLI), at most
    `backlog` at a time: further ones are closed when `accept()` comes round to them. Without
    `bind()` a port is chosen, see `getsockname()`."""
    if not isinstance(backlog, int):
        raise TypeError("backlog: number wanted")
    if sock.gone or sock.errno:
        raise sock.dead()
    if sock.backlog:
        sock.backlog = max(1, backlog)
        return
    if sock.attempt is not None or (sock.slot is not None and sock.type == 1):
        raise OSError(_EINVAL, "socket is connected")
    began = sock.pool.channel.port.ticks_ms()
    chosen = not sock.port
    pool = sock.pool
    sock.backlog = max(1, backlog)
    if b"+UUSOLI" not in pool.channel.urcs:
        pool.channel.on_urc(b"+UUSOLI", lambda line: _connected(pool, line))
    try:
        create(sock, began)
        pool.enter(sock, began)
        try:
            slot = pool.claim(sock)
            _listen(pool, sock, slot, chosen)
            slot.always_on = False  # A10 5.10
            slot.times = times(pool)
        finally:
            pool.channel.release()
    except BaseException as error:
        sock.backlog = 0
        part(sock)
        if isinstance(error, CommandError):
            from .diagnosis import last_error

            raise OSError(last_error(pool) or _EINVAL, "cannot listen: %s" % error)
        raise


def _listen(pool, sock, slot, chosen: bool) -> None:
    """+USOLI; where the program has named no port, one that no other socket has."""
    tries = _PORTS if chosen else 1
    while True:
        tries -= 1
        if chosen:
            sock.port = _FIRST_FREE_PORT + (pool.channel.port.ticks_ms() & 0x3FFF)
        try:
            pool.channel.ask(b"+USOLI", slot.number, sock.port, guard=pool.on_launch)
            return
        except CommandError:
            if not tries:
                raise


def _connected(pool, line) -> None:
    """+UUSOLI: a peer has connected."""
    number = pool._of(line).number
    if number >= 0:
        slot = pool.vacant(number)
        slot.state = _ACCEPTED
        slot.connected = True
        slot.peer = (line.text(), line.number())
        owner = pool._of(line)
        slot.listener = owner.number
        sock = owner.sock()
        if sock and sock.backlog:
            pool.modem.events.put(_EVENT_ACCEPTED, number, owner.number)
        else:  # the socket that listened is closed: nobody will accept it
            pool.discard(slot)


def accept(sock):
    """`(socket, (host, port))` of the next connection."""
    pool = sock.pool
    channel = pool.channel
    began = channel.port.ticks_ms()
    while True:
        if sock.errno or sock.gone:
            raise sock.dead()
        if sock.type != 1:
            raise OSError(_EOPNOTSUPP, "datagrams are not accepted")
        if not sock.backlog:
            raise OSError(_EINVAL, "listen() first")
        channel.poll()
        slot = _first(pool, sock)
        if slot:
            if channel.debts:  # connections beyond the backlog
                channel.pay()
                if slot.state != _ACCEPTED:
                    continue
            new = pool.socket(2, 1)
            claim(new, slot)
            new.port = sock.port
            new.bound = True
            return new, new.peer
        slot = sock.slot
        if slot is not None and (slot.closed or slot.times != times(pool)):
            from .diagnosis import check_listener

            check_listener(sock, slot, began)
        sock.check_patience(began)
        channel.proceed("accept")
        channel.sleep(nap(channel.elapsed(began)))


def times(pool) -> int:
    """Changes when the data connection is lost, and when it stands again."""
    network = pool.modem.network
    return 2 * network.downs + network.up


def claim(sock, slot) -> None:
    """Let `sock` stand for a connection the module has made already."""
    pool = sock.pool
    pool.read = receive
    pool.write = send
    pool.occupy(slot, sock)
    slot.connected = True
    sock.peer = slot.peer


def _first(pool, sock):
    """The first that waits. Those beyond the backlog are closed: the module has no limit."""
    first = None
    count = 0
    if sock.slot is None:  # another task is at listen()
        return None
    number = sock.slot.number
    for slot in pool.slots:
        if slot.state == _ACCEPTED and slot.listener == number:
            first = first or slot
            count += 1
            if count > sock.backlog:
                pool.discard(slot)
    return first


def part(sock) -> None:
    """Part a `Socket` from the module's, which is closed before the next command; of a listening
    one also the connections that accept() has not given out."""
    pool = sock.pool
    attempt, sock.attempt = sock.attempt, None
    if attempt is not None:
        attempt.stop()
    slot, sock.slot = sock.slot, None
    if slot is None or slot.sock() is not sock:
        return
    pool.discard(slot)
    for other in pool.slots:
        if other.state == _ACCEPTED and other.listener == slot.number:
            pool.discard(other)


def drop(sock) -> None:
    """Have a socket closed before the next command: an exception is on its way."""
    sock.closed = sock.gone = True
    part(sock)


def release(sock) -> None:
    """The same, at once."""
    sock.gone = sock.closed
    part(sock)
    pay(sock)


def pay(sock) -> None:
    """Do now what is owed, but wait for the channel no longer than the time-out of the socket, or
    a second: then it is done before the next command."""
    channel = sock.pool.channel
    limit = sock.timeout_ms
    try:
        if channel.debts:
            channel.pay(0 if limit is None else max(_LEAST_MS, limit))
    except InUse:
        if limit is None:
            raise


def close(pool, slot) -> None:
    """+USOCL with the channel held, without waiting for the other side where the module can do
    so. Paid as a debt: nothing if the slot's life is over meanwhile."""
    if slot.state == _FREE or slot.sock() or pool.slots[slot.number] is not slot:
        return
    slot.state = _CLOSING
    channel = pool.channel
    if pool.shaking is not None and pool.shaking is not slot:
        channel.owe(close, pool, slot)  # no socket command meanwhile: A10 5.11
        return

    def guard() -> None:
        if slot.state != _CLOSING or pool.slots[slot.number] is not slot:
            raise ModemError(_ENOTCONN, "closed")

    try:
        if slot.connected and slot.stream and pool.async_close:
            try:
                channel.ask(b"+USOCL", slot.number, 1, guard=guard)
                _check_owner(pool, slot)
                return  # +UUSOCL frees the slot
            except CommandError:
                if slot.state != _CLOSING or pool.slots[slot.number] is not slot:
                    return
        channel.ask(b"+USOCL", slot.number, timeout_ms=_CLOSE_MS, guard=guard)
        _check_owner(pool, slot)
    except CommandError:
        pass  # it is gone already
    except ModemError as error:
        if error.errno != _ENOTCONN:
            slot.state = _OPEN  # and nobody's: not tried any more, `taken()` will find it
            raise
    slot.clear()


def _check_owner(pool, slot) -> None:
    """What +USOCL has closed: perhaps a connection that got the number while the command was on
    its way."""
    new = pool.slots[slot.number]
    if new is not slot and new.state != _FREE:
        sock = new.sock()
        if sock:
            sock.errno = sock.errno or _ECONNABORTED
        pool.discard(new)


def close_all(pool) -> None:
    """Close every socket, also the connections nobody has accepted."""
    for slot in pool.slots:
        sock = slot.sock()
        if sock:
            sock.files = None
            sock.closed = False
            sock.close()
        elif slot.state == _ACCEPTED:
            pool.discard(slot)
    for one in list(pool.made):
        sock = one()
        if sock:
            sock.close()
    if pool.channel.debts:
        pool.channel.pay()
