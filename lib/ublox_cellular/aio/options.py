"""Socket options, and what the module tells of a socket: +USOSO, +USOGO, +USOCTL. A5 5.4, 5.8."""

from ..core.compat import const
from ..core.errors import CommandError
from .failures import control
from .links import create

_TCP_LEVEL = const(6)
_SOCKET_LEVEL = const(0xFFFF)
_KEEP_IDLE = const(2)
_KEEP_INTERVAL = const(4)
_LINGER = const(128)
_SO_ERROR = const(0x1007)
_SO_TYPE = const(0x1008)

_EBADF = const(9)
_EINVAL = const(22)
_ENOPROTOOPT = const(92)
_ENOTCONN = const(107)

# Options of the modules (at-commands 3.2), and what they are before anything is set.
_KNOWN = {
    (0, 1): 0, (0, 2): 255, (6, 1): 0, (6, 2): 7200000, (6, 4): 75000, (6, 5): 9,
    (0xFFFF, 4): 0, (0xFFFF, 8): 0, (0xFFFF, 32): 0, (0xFFFF, 128): (0, 0), (0xFFFF, 512): 0,
}  # fmt: skip


def _level(level: int) -> int:
    """SOL_SOCKET is 1 or 0xFFF in the `socket` modules of some ports."""
    return _SOCKET_LEVEL if level in (1, 0xFFF) else level


def _check(sock) -> None:
    if sock.gone:
        raise sock.dead()


def getblocking(sock) -> bool:
    """False if it never waits."""
    return sock.timeout_ms != 0


def fileno(sock) -> int:
    """-1: there is no descriptor that `select` of a PC could use."""
    return -1


def detach(sock) -> int:
    """Give up the object without closing: the number of the module's socket, -1 if there is none,
    for `socket(fileno=…)`."""
    _check(sock)
    slot, sock.slot = sock.slot, None
    sock.closed = sock.gone = True
    if slot is None:
        return -1
    slot.sock = lambda: slot  # no sweep takes it for one that was dropped
    return slot.number


def take_over(sock, number) -> None:
    """Stand for a socket of the module that `detach()` has given up."""
    slots = sock.pool.slots
    if not isinstance(number, int) or not 0 <= number < len(slots) or not slots[number].state:
        raise OSError(_EBADF, "no socket of that number")
    slot = slots[number]
    sock.type = 1 if slot.stream else 2
    sock.pool.occupy(slot, sock)
    sock.peer = slot.peer


async def getpeername(sock):
    """`(address, port)` of the other side."""
    _check(sock)
    slot = sock.slot
    if sock.type == 2 and sock.peer:
        return sock.peer
    if slot is None or not slot.connected or slot.closed or sock.attempt is not None:
        raise OSError(_ENOTCONN, "socket is not connected")
    if slot.peer is None:
        slot.peer = tuple(await control(sock.pool, slot, 4))
    return slot.peer


async def getsockname(sock):
    """`(address, port)` of this side: the port is 0 where the module has chosen it."""
    _check(sock)
    modem = sock.pool.modem
    if sock.slot is None or sock.backlog:
        return ("0.0.0.0", sock.port)
    network = modem.network
    cid = network.wanted.cid if network.wanted is not None else 1
    four, six = await network.address(cid)
    return (four or six or "0.0.0.0", sock.port)


async def shutdown(sock, how: int) -> None:
    """SHUT_RD (0): `recv` reports the end; SHUT_WR (1): nothing more is sent; SHUT_RDWR (2): both,
    and the connection is closed. The module has no half-close: after SHUT_WR the other side sees
    the end only with `close()` or SHUT_RDWR."""
    if how not in (0, 1, 2):
        raise OSError(_EINVAL, "SHUT_RD, SHUT_WR or SHUT_RDWR wanted")
    if sock.errno or sock.gone:
        raise sock.dead()
    slot = sock.slot
    if slot is None or (not slot.connected and sock.type == 1):
        raise OSError(_ENOTCONN, "socket is not connected")
    if how != 0:
        sock.deaf = True
    if how == 1:
        return
    sock.shut = True
    if how == 2:
        from .links import part
        from .sockets import Slot

        part(sock)
        sock.slot = Slot(
            slot.number
        )  # no life of the module's socket: it is over for reading, too
        sock.slot.connected = sock.slot.closed = True
        sock.slot.fate = 0
        await sock.pool.channel.pay()


async def setsockopt(sock, level: int, option: int, value) -> None:
    """+USOSO; before there is a socket in the module it is kept until then. Levels and options as
    in `SocketPool`; linger takes (on, seconds) or the C structure of two integers, keep-alive
    times are seconds. `OSError(ENOPROTOOPT)` for what the module does not have (A5 5.4)."""
    _check(sock)
    level = _level(level)
    if isinstance(value, (bytes, bytearray)):
        from struct import unpack

        value = unpack("ii" if len(value) == 8 else "i", value)
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    for number in (level, option) + values:
        if not isinstance(number, int):
            raise TypeError("integers wanted; as a value, for linger two")
    if (level, option) not in _KNOWN:
        raise OSError(_ENOPROTOOPT, "the module has no option %d of level %d" % (option, level))
    if option == _LINGER:
        values = (values[0], values[-1] * 1000)
    elif level == _TCP_LEVEL and option in (_KEEP_IDLE, _KEEP_INTERVAL):
        values = (values[0] * 1000,)  # the module counts ms, everybody else seconds
    if sock.slot is None:
        kept = [entry for entry in sock.options or () if entry[:2] != (level, option)]
        sock.options = kept + [(level, option) + values]
        return
    await _tell(sock, (level, option) + values)


async def _tell(sock, entry) -> None:
    pool = sock.pool
    began = pool.channel.port.ticks_ms()
    await pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        await pool.channel.ask(b"+USOSO", slot.number, *entry, guard=pool.on_launch)
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))
    finally:
        pool.channel.release()


async def apply(sock) -> None:
    """What was set before there was a socket in the module; the channel is held. A wish that this
    firmware refuses is passed over, as the program was told that it was taken."""
    for entry in sock.options:
        try:
            await sock.pool.channel.ask(b"+USOSO", sock.slot.number, *entry)
        except CommandError:
            pass


async def getsockopt(sock, level: int, option: int, buflen: int = 0):
    """+USOGO: the value, for linger (on, seconds). SO_ERROR is what an attempt to connect has
    ended with, SO_TYPE the kind of socket."""
    _check(sock)
    level = _level(level)
    if level == _SOCKET_LEVEL and option == _SO_ERROR:
        if sock.attempt is not None:
            sock.attempt.push()
        code, sock.refused = sock.refused, 0
        return code
    if level == _SOCKET_LEVEL and option == _SO_TYPE:
        return sock.type
    if (level, option) not in _KNOWN:
        raise OSError(_ENOPROTOOPT, "the module has no option %s of level %s" % (option, level))
    if sock.slot is None:
        row = _KNOWN[(level, option)]
        for entry in sock.options or ():
            if entry[:2] == (level, option):
                row = entry[2:]
        row = list(row) if isinstance(row, tuple) else [row]
    else:
        row = await _asked(sock, level, option)
    if option == _LINGER:
        return (row[0], row[-1] // 1000)
    value = row[-1]
    seconds = level == _TCP_LEVEL and option in (_KEEP_IDLE, _KEEP_INTERVAL)
    return value // 1000 if seconds else value


async def _asked(sock, level: int, option: int):
    pool = sock.pool
    await pool.enter(sock, pool.channel.port.ticks_ms())
    try:
        slot = pool.claim(sock)
        rows = await pool.channel.ask(
            b"+USOGO", slot.number, level, option, least=1, guard=pool.on_launch
        )
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))
    finally:
        pool.channel.release()
    if not rows:
        raise pool.channel.garbled("no answer line")
    return rows[0]


async def info(sock, what: int):
    """+USOCTL: 0 protocol, 1 last error, 2 bytes sent, 3 bytes received, 4 [host, port] of the
    peer, 10 TCP state (4: established), 11 bytes sent and not acknowledged (A5 5.8)."""
    began = sock.pool.channel.port.ticks_ms()
    return await control(sock.pool, await create(sock, began), what)
