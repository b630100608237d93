# Generated from aio/sockets/options.py by tools/generate. Do not edit.
"""Socket options and the state of a socket: +USOSO, +USOGO, +USOCTL. A5 5.4, 5.8."""

from ...core.compat import const
from ...core.errors import CommandError
from ..network.dns import is_address
from . import Slot
from .diagnosis import control
from .lifecycle import create, part, pay

_TCP_LEVEL = const(6)
_SOCKET_LEVEL = const(0xFFFF)
_KEEP_IDLE = const(2)
_KEEP_INTERVAL = const(4)
_LINGER = const(128)
_SO_ERROR = const(0x1007)
_SO_TYPE = const(0x1008)

_EINVAL = const(22)
_ENOPROTOOPT = const(92)
_ENOTCONN = const(107)

# Options of the modules (at-commands 3.2), and their default values.
_KNOWN = {
    (0, 1): 0, (0, 2): 255, (6, 1): 0, (6, 2): 7200000, (6, 4): 75000, (6, 5): 9,
    (0xFFFF, 4): 0, (0xFFFF, 8): 0, (0xFFFF, 32): 0, (0xFFFF, 128): (0, 0), (0xFFFF, 512): 0,
}  # fmt: skip


def _level(level: int) -> int:
    """SOL_SOCKET is 1 or 0xFFF in the `socket` modules of some ports."""
    return _SOCKET_LEVEL if level in (1, 0xFFF) else level


def _unknown(level, option) -> Exception:
    for number in (level, option):
        if not isinstance(number, int):
            return TypeError("level, option: integers wanted")
    name = {0: "IPPROTO_IP", _TCP_LEVEL: "IPPROTO_TCP", _SOCKET_LEVEL: "SOL_SOCKET"}.get(level)
    text = "the module has no option %d of %s" % (option, name or "level %d" % level)
    return OSError(_ENOPROTOOPT, text)


def _check(sock) -> None:
    if sock.gone:
        raise sock.dead()


def getblocking(sock) -> bool:
    """False for a non-blocking socket."""
    return sock.timeout_ms != 0


def fileno(sock) -> int:
    """-1: there is no descriptor that `select` of a PC could use."""
    return -1


def detach(sock) -> int:
    """Close the socket and return -1: there is no descriptor to keep."""
    sock.files = None
    sock.close()
    return -1


def getpeername(sock):
    """`(address, port)` of the other side."""
    _check(sock)
    if sock.type == 2 and sock.peer:
        return sock.peer
    began = sock.pool.channel.port.ticks_ms()
    if sock.attempt is not None:
        sock.attempt.push()
    slot = sock.slot
    if slot is None or not slot.connected or sock.attempt is not None:
        raise OSError(_ENOTCONN, "socket is not connected")
    if slot.closed and _lost(sock, slot):
        raise OSError(_ENOTCONN, "the connection was reset")
    if slot.peer is None and sock.peer and is_address(sock.peer[0]):
        slot.peer = sock.peer
    if slot.peer is None:
        if slot.closed:  # the module has no record of it any more
            raise OSError(_ENOTCONN, "the connection is closed")
        slot.peer = tuple(control(sock.pool, slot, 4, sock, began))
    return slot.peer


def _lost(sock, slot) -> int:
    """The errno of a connection that was reset, also while there is data to read; 0 otherwise."""
    from .diagnosis import fate_of, pending_fate

    began = sock.pool.channel.port.ticks_ms()
    if slot.closed or slot.fate:
        return fate_of(sock, slot, began)
    return pending_fate(sock, slot, began) if slot.pending else 0


def getsockname(sock):
    """`(address, port)` of this side: the port is 0 if the module has chosen it."""
    _check(sock)
    slot = sock.slot
    if slot is None or sock.backlog or (sock.type == 2 and not sock.peer):
        return ("0.0.0.0", sock.port)
    pool = sock.pool
    network = pool.modem.network
    cid = network.wanted.cid if network.wanted is not None else 1
    pool.enter(sock, pool.channel.port.ticks_ms())
    pool.channel.release()
    four, six = network.address(cid)
    return (four or six or "0.0.0.0", sock.port)


def shutdown(sock, how: int) -> None:
    """SHUT_RD (0): `recv` reports the end; SHUT_WR (1): nothing more is sent; SHUT_RDWR (2): both,
    and the connection is closed. The module has no half-close: after SHUT_WR the other side sees
    the end only after `close()` or SHUT_RDWR."""
    sock.pool.channel.poll()
    if sock.errno or sock.gone:
        raise sock.dead()
    if not isinstance(how, int):
        raise TypeError("how: an integer wanted")
    if how not in (0, 1, 2):
        raise OSError(_EINVAL, "SHUT_RD, SHUT_WR or SHUT_RDWR wanted")
    slot = sock.slot
    if sock.attempt is not None or sock.backlog:  # cancelled; no longer listening
        if how != 1 or sock.attempt is not None:
            sock.backlog = 0
            part(sock)
            pay(sock)
        return
    connected = slot is not None and (slot.connected if sock.type == 1 else sock.peer)
    if connected and _lost(sock, slot):  # it still has an error to raise
        raise OSError(_ENOTCONN, "the connection was reset")
    if how != 1:
        sock.shut = True
    if how != 0:
        sock.deaf = True
    if not connected or slot is None:
        raise OSError(_ENOTCONN, "socket is not connected")
    if how == 2 and not slot.closed:
        peer = slot.peer
        part(sock)
        sock.slot = Slot(slot.number)  # not in the module's table: reading has ended, too
        sock.slot.connected = sock.slot.closed = True
        sock.slot.fate = 0
        sock.slot.peer = peer
        pay(sock)


def shown(sock) -> str:
    """The text for `repr()`."""
    state = "new"
    slot = sock.slot
    if sock.gone:
        state = "closed"
    elif sock.errno:
        state = "error %d" % sock.errno
    elif sock.attempt is not None:
        state = "connecting"
    elif sock.backlog:
        state = "listening"
    elif slot is not None:
        state = "connected" if slot.connected and not slot.closed else "open"
    kind = "stream" if sock.type == 1 else "datagram"
    return "<%s socket, %s, peer %s>" % (kind, state, sock.peer)


def setsockopt(sock, level: int, option: int, value) -> None:
    """+USOSO; before there is a socket in the module the option is stored until then. Levels and
    options as in `SocketPool`; linger takes (on, seconds) or the C structure of two integers,
    keep-alive times are seconds. `OSError(ENOPROTOOPT)` if the module lacks it (A5 5.4)."""
    level = _level(level)
    if isinstance(value, (bytes, bytearray)):
        from struct import unpack

        value = unpack("ii" if len(value) == 8 else "i", value)
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    for number in (level, option) + values:
        if not isinstance(number, int):
            raise TypeError("integers wanted; for linger two values")
    _check(sock)
    if (level, option) not in _KNOWN:
        raise _unknown(level, option)
    if option == _LINGER:
        values = (values[0], values[-1] * 1000)
    elif level == _TCP_LEVEL and option in (_KEEP_IDLE, _KEEP_INTERVAL):
        values = (values[0] * 1000,)  # ms in the module, seconds in the `socket` module
    if sock.slot is None or sock.slot.closed:
        _note(sock, (level, option) + values)
    else:
        _tell(sock, (level, option) + values)


def _note(sock, entry) -> None:
    kept = [one for one in sock.options or () if one[:2] != entry[:2]]
    sock.options = kept + [entry]


def _tell(sock, entry) -> None:
    pool = sock.pool
    began = pool.channel.port.ticks_ms()
    pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        pool.channel.ask(b"+USOSO", slot.number, *entry, guard=pool.on_launch)
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))
    except OSError:
        if sock.slot is None or not sock.slot.closed:
            raise
        _note(sock, entry)  # closed meanwhile by the other side
    finally:
        pool.channel.release()


def apply(sock) -> None:
    """Set the options stored before there was a socket in the module; the channel is held. An
    option that this firmware refuses is skipped, as the program's call has already succeeded."""
    for entry in sock.options:
        try:
            sock.pool.channel.ask(b"+USOSO", sock.slot.number, *entry)
        except CommandError:
            pass


def getsockopt(sock, level: int, option: int, buflen: int = 0):
    """+USOGO: the value, for linger (on, seconds). SO_ERROR is the result of a connection attempt,
    SO_TYPE the kind of socket."""
    _check(sock)
    level = _level(level)
    if level == _SOCKET_LEVEL and option == _SO_ERROR:
        if sock.attempt is not None:
            sock.attempt.push()
        code, sock.refused = sock.refused, 0
        slot = sock.slot
        if not code and slot is not None and slot.connected and not slot.raised:
            code = _lost(sock, slot)
            slot.raised = bool(code)
        return code
    if level == _SOCKET_LEVEL and option == _SO_TYPE:
        return sock.type
    if (level, option) not in _KNOWN:
        raise _unknown(level, option)
    if sock.slot is None or sock.slot.closed:
        row = _KNOWN[(level, option)]
        for entry in sock.options or ():
            if entry[:2] == (level, option):
                row = entry[2:]
        row = list(row) if isinstance(row, tuple) else [row]
    else:
        row = _asked(sock, level, option)
    if option == _LINGER:
        return (row[0], row[-1] // 1000)
    value = row[-1]
    seconds = level == _TCP_LEVEL and option in (_KEEP_IDLE, _KEEP_INTERVAL)
    return value // 1000 if seconds else value


def _asked(sock, level: int, option: int):
    pool = sock.pool
    pool.enter(sock, pool.channel.port.ticks_ms())
    try:
        slot = pool.claim(sock)
        rows = pool.channel.ask(
            b"+USOGO", slot.number, level, option, least=1, guard=pool.on_launch
        )
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))
    finally:
        pool.channel.release()
    if not rows:
        raise pool.channel.garbled("no answer line")
    return rows[0]


def info(sock, what: int):
    """+USOCTL: 0 protocol, 1 last error, 2 bytes sent, 3 bytes received, 4 [host, port] of the
    peer, 10 TCP state (4: established), 11 bytes sent and not acknowledged (A5 5.8)."""
    began = sock.pool.channel.port.ticks_ms()
    return control(sock.pool, create(sock, began), what, sock, began)
