# Generated from aio/sockets/tls.py by tools/generate. Do not edit.
"""TLS (on LEXI-R10 DTLS, too) on a socket: +USOSEC, before it is connected. A5 5.10, A10 5.11.

The handshake is the module's: it is told the security profile and does it while connecting.
"""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError, NotSupported
from .socket import nap

_FREE = const(0)  # state of a slot
_SESSIONS = const(0)  # of TLS_TRAITS
_DATAGRAMS = const(1)
_CA = const(3)  # operation of +USECPRF

_EVENT_NOT_ALWAYS_ON = const(12)
_SETTLE_MS = const(250)  # what ubxlib lets pass after +USOSEC
_CONNECT_MS = const(130000)
_BUSY_MS = const(200000)
_LONGEST_HOST = const(256)
# Errors that come before any handshake: of names, of the network, of this machine.
_OTHERS = (-2, 12, 23, 100, 101, 110, 111, 112, 113)

_EINVAL = const(22)
_ENFILE = const(23)
_EOPNOTSUPP = const(95)
_EISCONN = const(106)
_ETIMEDOUT = const(110)


def secure(sock, profile=None, server_hostname=None, wait=True) -> None:
    """Let the socket speak TLS by a `modem.security.profile()` (None: `modem.security.default`).

    `server_hostname`: what the server's certificate must say, and the SNI; None: the host given
    to `connect()`. A socket that is connected, or about to be, connects anew, as the module begins
    TLS only with the connection: `OSError(EISCONN)` if data has passed. `wait`: until that is
    done, unless the socket never waits. `NotSupported` for datagrams on SARA-R5, and for a
    connection that `accept()` gave; `TypeError`, `ValueError`.
    """
    modem = sock.pool.modem
    if profile is None or profile is True:
        profile = modem.security.default
    elif not hasattr(profile, "hold"):
        raise TypeError("profile: one of modem.security wanted")
    if server_hostname is not None:
        server_hostname = str(sendable(server_hostname, _LONGEST_HOST), "utf-8")
    if sock.type != 1 and not modem.TLS_TRAITS[_DATAGRAMS]:
        raise NotSupported(_EOPNOTSUPP, modem.name, "DTLS on sockets")
    if sock.gone or sock.errno:
        raise sock.dead()
    if sock.backlog:
        raise OSError(_EINVAL, "a listening socket cannot speak TLS")
    slot = sock.slot
    began = sock.attempt is not None or (slot is not None and slot.connected)
    if began and slot is not None:
        if slot.listener is not None:
            raise NotSupported(_EOPNOTSUPP, modem.name, "TLS for a server")
        if slot.total or slot.pending or sock.first < sock.last:
            raise OSError(_EISCONN, "data has passed: TLS begins with the connection")
    sock.tls = profile
    sock.tls_name = server_hostname
    if began:
        from .connect import Attempt
        from .lifecycle import part

        part(sock)
        attempt = sock.attempt = Attempt(sock, sock.peer[0], sock.peer[1])
        if sock.timeout_ms == 0 or not wait:
            attempt.push()
        else:
            attempt.finish()


def sessions(modem) -> int:
    """TLS sessions in use, by sockets and services."""
    count = 0
    for slot in modem.socket_pool.slots:
        sock = slot.sock()
        if sock and sock.tls and not slot.closed:
            count += 1
    for name in modem.loaded:
        count += getattr(modem.loaded[name], "tls_sessions", 0)
    return count


def available(attempt) -> bool:
    """Whether the security profile is free for this connection: else others come first."""
    try:
        return attempt.sock.tls.available(attempt.sock.tls_name or attempt.host)
    except ModemError as error:  # it gets no number
        raise OSError(_ENFILE, str(error))


def prepare(attempt, slot) -> None:
    """What comes before +USOCO: the security profile is reserved and written, +USOSEC."""
    sock = attempt.sock
    pool = sock.pool
    modem = pool.modem
    traits = modem.TLS_TRAITS
    if sessions(modem) > traits[_SESSIONS]:
        raise OSError(_ENFILE, "all %d TLS sessions are in use" % traits[_SESSIONS])
    profile = sock.tls
    profile.hold(sock.tls_name or attempt.host)
    attempt.held = profile
    _switch_on(pool, sock, profile.at, attempt.began)
    if slot.always_on:
        slot.always_on = False
        modem.events.put(_EVENT_NOT_ALWAYS_ON, slot.number)
    pool.channel.pause(_SETTLE_MS)


def _switch_on(pool, sock, profile: int, began: int) -> None:
    """+USOSEC, read back: with a digit lost on the line the socket would speak in the clear.
    Firmware that cannot be asked, which no manual of these modules rules out, is believed."""
    channel = pool.channel
    pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        number = slot.number
        channel.ask(b"+USOSEC", number, 1, profile, guard=pool.on_launch)
        try:
            rows = channel.ask(b"+USOSEC", number, guard=pool.on_launch)
        except CommandError:
            return
    finally:
        channel.release()
    if rows and rows[0][:3] != [number, 1, profile]:
        raise channel.garbled("the socket is not secured as it should be")


def explained(host: str, code: int, profile) -> OSError:
    """The error of a connection that has failed: what may be wrong. A root certificate that the
    module does not have shows only here."""
    if code in _OTHERS:
        return OSError(code, "connect to %s failed" % host)
    from ...core.ssl_names import SSLError

    ca = ["CA %r" % setting[1] for setting in profile.fixed if setting[0] == _CA]
    text = "TLS with %s failed, error %d (%s, host name, date, version, ciphers?)"
    return SSLError(code, text % (host, code, ca[0] if ca else "CA"))


def await_handshake(pool, limit) -> None:
    """LEXI-R10 takes no socket command while it makes a handshake (A10 5.11): the channel, which
    is held, is free for others until that is over, at most `limit` ms (None: as long as it
    takes)."""
    channel = pool.channel
    began = channel.port.ticks_ms()
    if limit is None:
        limit = _BUSY_MS
    while _shaking(pool):
        channel.release()
        passed = channel.elapsed(began)
        if passed >= limit:
            raise ModemError(_ETIMEDOUT, "a TLS handshake of another socket takes too long")
        channel.poll()
        channel.proceed("handshake")
        channel.sleep(nap(passed))
        channel.acquire(max(1, limit - passed))


def _shaking(pool) -> bool:
    slot = pool.shaking
    if slot is not None and (
        slot.state == _FREE  # given up, and closed
        or slot.result is not None
        or slot.closed
        or pool.slots[slot.number] is not slot
        or pool.channel.elapsed(slot.since) > _CONNECT_MS
    ):
        pool.shaking = None
    return pool.shaking is not None
