"""Socket options and what the module tells of a socket: +USOSO, +USOGO, +USOCTL. A5 5.4, 5.8."""

from ..core.compat import const
from ..core.errors import CommandError
from .failures import control
from .links import create

_TCP_LEVEL = const(6)
_SOCKET_LEVEL = const(0xFFFF)
_KEEP_IDLE = const(2)
_LINGER = const(128)
_ENOPROTOOPT = const(92)


def _level(level: int) -> int:
    """SOL_SOCKET is 1 or 0xFFF in the `socket` modules of some ports."""
    return _SOCKET_LEVEL if level in (1, 0xFFF) else level


def gettimeout(sock):
    """As `settimeout` was told."""
    return None if sock.timeout_ms is None else sock.timeout_ms / 1000


def fileno(sock) -> int:
    """-1: there is no descriptor that `select` of a PC could use."""
    return -1


async def setsockopt(sock, level: int, option: int, value) -> None:
    """+USOSO. Levels and options as in `SocketPool`; linger takes (on, ms), the keep-alive timer
    seconds. `OSError(ENOPROTOOPT)` for what the module does not have (A5 5.4)."""
    level = _level(level)
    values = value if isinstance(value, (tuple, list)) else (value,)
    for number in (level, option) + tuple(values):
        if not isinstance(number, int):
            raise TypeError("integers wanted; as a value, for linger two")
    if level == _TCP_LEVEL and option == _KEEP_IDLE:
        values = (values[0] * 1000,)  # the module counts ms, everybody else seconds
    slot = await create(sock)
    try:
        await sock.pool.channel.command(b"+USOSO", slot.number, level, option, *values)
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))


async def getsockopt(sock, level: int, option: int):
    """+USOGO: the value, for linger a tuple."""
    level = _level(level)
    slot = await create(sock)
    try:
        row = await sock.pool.channel.row(1, b"+USOGO", slot.number, level, option)
    except CommandError as error:
        raise OSError(_ENOPROTOOPT, str(error))
    if option == _LINGER:
        return tuple(row)
    value = row[-1]
    return value // 1000 if level == _TCP_LEVEL and option == _KEEP_IDLE else value


async def info(sock, what: int):
    """+USOCTL: 0 protocol, 1 last error, 2 bytes sent, 3 bytes received, 4 [host, port] of the
    peer, 10 TCP state (4: established), 11 bytes sent and not acknowledged (A5 5.8)."""
    return await control(sock.pool, await create(sock), what)
