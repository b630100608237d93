"""Beginning and ending a session with an MQTT-SN gateway. A5 7.2, 7.8."""

from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ..terms import begin_by, with_identity, within
from .mqttsn_actions import act, never
from .mqttsn_profile import place, prepare, ready

_DISCONNECT = const(0)
_CONNECT = const(1)
_PING = const(10)
_SHORT_MS = const(20000)  # for the end of a session that nobody wants any more

_EALREADY = const(114)


async def connect(mqttsn, host=None, port=None, *, timeout_ms: int = 120000, **options) -> None:
    """Begin a session with the gateway.

    `host`: name or address; None: the settings of the last `connect()` or `configure()`, or what
    `load()` has left in the module. `port`: None is 1883, with TLS 8883; gateways have others.
    `client_id`: at most 256 bytes; None is the module's IMEI. `keepalive`: seconds, 0 to 65535,
    after which the gateway takes us for lost; the module pings it by itself, and tells when that
    fails (`why` is 8); 0: none of this. `clean`: False asks the gateway to keep subscriptions,
    will and messages while we are away, True to forget them, None leaves it to the module;
    `NotSupported` where the firmware has no choice (+UMQTTSN operation 10). `will`: (topic,
    message[, qos[, retain]]), at most 256 bytes each, published by the gateway when we vanish.
    `tls`: a profile of `modem.security` for DTLS; True is `modem.security.default`.

    The settings are written where they differ from what the module has. A lost data connection
    is waited for; a session that an earlier program has left open is ended.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `OSError(EALREADY)`
    if the session stands; `MqttSnError` with the module's class and code, `MqttTimeout`,
    `CommandError`, `ModuleReset`.
    """
    if mqttsn.connected:
        raise ModemError(_EALREADY, "the MQTT-SN session stands: disconnect() first")
    if host is not None:
        mqttsn.order = prepare(mqttsn, host, port, options)
    elif port is not None or options:
        raise ValueError("host: wanted with other settings")
    order = mqttsn.order
    began = mqttsn.channel.port.ticks_ms()
    await ready(mqttsn, timeout_ms)
    await with_identity(mqttsn, order)
    await begin_by(mqttsn, _begin, order, began, timeout_ms)
    if order is not None and order.keepalive:
        await _ping_or_end(mqttsn)


async def _begin(mqttsn, order, timeout_ms: int) -> None:
    """Settings and +UMQTTSNC=1; if the module is in a session already, that is ended first."""
    resumes = order is not None and order.clean is False
    if not resumes:
        mqttsn.names.clear()
    if not resumes or not mqttsn.asleep:
        mqttsn.ids.clear()  # the gateway gives them anew
    try:
        await _once(mqttsn, order, timeout_ms)
    except CommandError:
        if not await _end_old(mqttsn):
            raise
        await _once(mqttsn, order, timeout_ms)
    mqttsn.asleep = False


async def _once(mqttsn, order, timeout_ms: int) -> None:
    life = mqttsn.life
    if order is not None:
        await place(mqttsn, order.wanted)
    mqttsn.seen = mqttsn.channel.unknown
    await act(mqttsn, _CONNECT, (), max(1, timeout_ms), life)


async def _end_old(mqttsn) -> bool:
    """End a session this program knows nothing of; whether there was one."""
    try:
        await act(mqttsn, _DISCONNECT, (), _SHORT_MS)
    except CommandError:
        return False
    except ModemError:  # it has failed, or the session went by itself
        pass
    return True


async def _ping_or_end(mqttsn) -> None:
    try:
        await ping(mqttsn)
    except ModemError:
        if mqttsn.connected:
            try:
                await disconnect(mqttsn, None, _SHORT_MS)
            except ModemError:
                pass
        raise


async def disconnect(mqttsn, duration_s=None, timeout_ms: int = 60000) -> None:
    """End the session; nothing if there is none. The will is not published.

    `duration_s`: go to sleep for so long instead (1 to 65535): the gateway keeps our messages
    and subscriptions, and `connect()` within that time gets them (uncertain, at-commands 6).

    The session counts as ended whatever is raised: `MqttTimeout`, `CommandError` …
    """
    parts = ()
    if duration_s is not None:
        parts = (within("duration_s", duration_s, 65535),)
        if not duration_s:
            raise ValueError("duration_s: at least 1")
    if mqttsn.connected:
        try:
            await act(mqttsn, _DISCONNECT, parts, timeout_ms)
            mqttsn.asleep = duration_s is not None
        finally:
            mqttsn.ended(0)
    mqttsn.why = 0


async def ping(mqttsn, on: bool = True) -> None:
    """Let the module ping the gateway by itself, or not; `connect()` with a `keepalive` has begun
    it (+UMQTTSNC=10). A ping that fails ends the session, `why` is 8."""
    if not mqttsn.connected:
        raise await mqttsn.gone()
    await mqttsn.channel.command(b"+UMQTTSNC", _PING, 1 if on else 0, shape=never)
