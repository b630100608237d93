"""TLS (on LEXI-R10 DTLS, too) on a socket: +USOSEC, before it is connected. A5 5.10, A10 5.11.

The handshake is the module's: it is told the security profile and does it while connecting.
"""

from ..core.compat import const
from ..core.errors import CommandError, NotSupported
from .failures import errno_of
from .links import connect_plainly, create, release, verdict
from .socket import nap

_SESSIONS = const(0)  # of tls_traits()
_DATAGRAMS = const(1)
_ALONE = const(2)

_EVENT_NOT_ALWAYS_ON = const(12)
_SETTLE_MS = const(250)  # what ubxlib lets pass behind +USOSEC
_CONNECT_MS = const(130000)

_EINVAL = const(22)
_ENFILE = const(23)
_EOPNOTSUPP = const(95)
_ECONNABORTED = const(103)
_EISCONN = const(106)
_ETIMEDOUT = const(110)

_OWN_ERRORS = (_ENFILE, _EOPNOTSUPP, _ETIMEDOUT, -2)


async def secure(sock, profile=None, server_hostname=None) -> None:
    """Let the socket speak TLS by a `modem.security.profile()` (None: `modem.security.default`).

    `server_hostname`: what the server's certificate must say, and the SNI; None: the host given
    to `connect()`. A socket that is connected already is connected anew, as the module begins
    TLS only with the connection: `OSError(EISCONN)` if data has passed. `NotSupported` for
    datagrams on SARA-R5.
    """
    modem = sock.pool.modem
    if sock.type != 1 and not modem.tls_traits()[_DATAGRAMS]:
        raise NotSupported(_EOPNOTSUPP, modem.name, "DTLS on sockets")
    if sock.backlog:
        raise OSError(_EINVAL, "a listening socket cannot speak TLS")
    slot = sock.slot
    began = slot is not None and (slot.connected or slot.result is not None)
    passed = slot is not None and (slot.total or slot.pending)
    if began and (passed or sock.first < sock.last):
        raise OSError(_EISCONN, "data has passed: TLS begins with the connection")
    sock.tls = profile or modem.security.default
    sock.tls_name = server_hostname
    if began or sock.pool.connecting is slot is not None:
        peer = sock.peer
        await release(sock)
        await sock.connect(peer)


def sessions(modem) -> int:
    """TLS sessions in use, by sockets and services."""
    count = 0
    for slot in modem.socket_pool.slots:
        if slot.socket and slot.socket.tls and not slot.closed:
            count += 1
    for name in modem.loaded:
        count += getattr(modem.loaded[name], "tls_sessions", 0)
    return count


async def connect(pool, slot, host: str, port: int, timeout_ms, began: int) -> bool:
    """As `links.connect_plainly`, with +USOSEC before it; the session's data are collected."""
    sock = slot.socket
    modem = pool.modem
    profile = sock.tls
    traits = modem.tls_traits()
    if sessions(modem) > traits[_SESSIONS]:
        raise OSError(_ENFILE, "all %d TLS sessions are in use" % traits[_SESSIONS])
    pool.connecting = slot  # nobody else connects from here on
    slot.since = began
    slot.result = None
    await profile.hold(sock.tls_name or host)
    try:
        await _switch_on(pool.channel, slot.number, profile.number)
        if slot.always_on:
            slot.always_on = False
            modem.events.put(_EVENT_NOT_ALWAYS_ON, slot.number)
        await pool.channel.pause(_SETTLE_MS)
        shake = _alone if traits[_ALONE] else connect_plainly
        done = await shake(pool, slot, host, port, timeout_ms, began)
        if done and profile.resume:
            await profile.collect()
        return done
    except OSError as error:
        code = error.errno
        if code in _OWN_ERRORS:
            raise
        raise OSError(
            code, "TLS with %s failed: %s (CA, host name, date, version, ciphers?)" % (host, error)
        )
    finally:
        profile.let_go()


async def _switch_on(channel, number: int, profile: int) -> None:
    """+USOSEC, read back: with a digit lost on the line the socket would speak in the clear.
    Firmware that cannot be asked, which no manual of these modules rules out, is believed."""
    await channel.command(b"+USOSEC", number, 1, profile)
    try:
        rows = await channel.command(b"+USOSEC", number)
    except CommandError:
        return
    if rows and rows[0][:3] != [number, 1, profile]:
        raise channel.garbled("the socket is not secured as it should be")


async def _alone(pool, slot, host: str, port: int, timeout_ms, began: int) -> bool:
    """+USOCO with the channel held: during the handshake the module refuses every other socket
    command. A socket that does not wait waits here, too."""
    channel = pool.channel
    limit = timeout_ms or _CONNECT_MS
    failed = False
    await channel.acquire()
    try:
        await channel.ask(b"+USOCO", slot.number, host, port, 1)
        while slot.result is None and not slot.closed:
            elapsed = channel.elapsed(began)
            if elapsed >= limit:
                raise OSError(_ETIMEDOUT, "TLS with %s timed out" % host)
            channel.poll()
            channel.proceed("connect")
            await channel.sleep(nap(elapsed))
    except CommandError:
        failed = True
    finally:
        channel.release()
    if failed:
        slot.result = await errno_of(pool, slot, _ECONNABORTED)
    return verdict(pool, slot, host)


async def connect_datagrams(sock, address) -> None:
    """DTLS: a datagram socket has one peer, and a handshake with it."""
    host, port = address
    pool = sock.pool
    slot = await create(sock)
    sock.peer = (await pool.modem.resolve(host), port)
    sock.tls_name = sock.tls_name or host
    began = pool.channel.port.ticks_ms()
    try:
        await connect(pool, slot, sock.peer[0], port, sock.timeout_ms, began)
    except BaseException as error:
        if pool.connecting is slot:
            pool.connecting = None
        await release(sock)
        if isinstance(error, OSError):
            sock.errno = sock.errno or error.errno
        raise
    slot.connected = True
