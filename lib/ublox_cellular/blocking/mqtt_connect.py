# Generated from aio/mqtt_connect.py by tools/generate. Do not edit.
"""Beginning and ending a session. A5 6.2, 6.6, 6.9, A10 6.1.4, 6.2."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError
from .mqtt_action import act
from .mqtt_profile import awake, place, prepare
from .terms import begin_by, with_identity

_DISCONNECT = const(0)
_CONNECT = const(1)
_PING = const(8)
_SHORT_MS = const(20000)  # for the end of a session that nobody wants any more

_EALREADY = const(114)


def connect(mqtt, host=None, port=None, *, timeout_ms=120000, **options) -> None:
    """Begin a session with the broker.

    `host`: name or address; None: what `load()` or `configure()` has left in the module, if no
    deep sleep came between. If that speaks TLS, make `security.profile(number, …)` of its number
    before: the module forgets those.
    `port`: None is 1883, with TLS 8883. `client_id`: at most 256 bytes; None is the module's
    IMEI. `user`, `password`: at most 256 bytes each. `keepalive`: seconds, 0 to 65535; the module
    pings the broker after four fifths of it without traffic, and tells when that fails (`why` is
    8); 0: a dead connection may go unnoticed. `clean`: False asks the broker to keep subscriptions
    and messages of QoS 1 and 2 while we are away; `NotSupported` where the firmware does not
    have it (+UMQTT operation 12). `will`: (topic, message[, qos[, retain]]), at most 256 bytes
    each, published by the broker when we vanish. `tls`: a profile of `modem.security`; True is
    `modem.security.default`. `context` (LEXI-R10): its cid, or (cid, prefer_ipv6).

    The settings are written where they differ from what the module has. A lost data connection
    is waited for; a session that an earlier program has left open is ended. With deep sleep
    allowed on LEXI-R10 there is a vote against it until the session ends (A10 6.1.4).

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `OSError(EALREADY)`
    if the session stands; `MqttError` with the module's class and code, `MqttTimeout`,
    `CommandError`, `ModuleReset`.
    """
    if mqtt.connected:
        raise ModemError(_EALREADY, "the MQTT session stands: disconnect() first")
    order = None
    if host is not None:
        order = prepare(mqtt, host, port, options)
    elif port is not None or options:
        raise ValueError("host: wanted with other settings")
    began = mqtt.channel.port.ticks_ms()
    try:
        ready(mqtt, timeout_ms)
        with_identity(mqtt, order)
        begin_by(mqtt, _begin, order, began, timeout_ms)
        if order is not None and order.keepalive:
            _ping_or_end(mqtt)
    except BaseException:
        if not mqtt.connected:
            _free(mqtt)
        raise


def ready(mqtt, timeout_ms: int) -> None:
    """The module is awake and stays so, the data connection stands."""
    modem = mqtt.modem
    awake(mqtt)
    sleeper = modem.sleeper
    if mqtt.vote is None and sleeper is not None and sleeper.deep and modem.sleep_traits()[0]:
        vote = modem.power.awake()
        vote.__enter__()
        mqtt.vote = vote
        mqtt.placed = None  # see mqtt_failures.free
    wanted = modem.network.wanted
    if wanted is not None and not modem.network.up:
        wanted.back(timeout_ms)


def _free(mqtt) -> None:
    """Nothing keeps the module awake any more."""
    if mqtt.vote is not None:
        from .mqtt_failures import free

        free(mqtt)


def _begin(mqtt, order, timeout_ms: int) -> None:
    """Settings and +UMQTTC=1; if the module is in a session already, that is ended first."""
    try:
        _once(mqtt, order, timeout_ms)
    except CommandError as error:
        if not _end_old(mqtt):
            from .mqtt_failures import refused

            raise refused(mqtt, error)
        _once(mqtt, order, timeout_ms)


def _once(mqtt, order, timeout_ms: int) -> None:
    if order is not None:
        place(mqtt, order.wanted)
    mqtt.unread = 0
    mqtt.seen = -1  # perhaps something is left of an earlier session: one look will tell
    act(mqtt, _CONNECT, timeout_ms=max(1, timeout_ms))


def _end_old(mqtt) -> bool:
    """End a session this program knows nothing of; whether there was one."""
    mqtt.placed = None
    try:
        act(mqtt, _DISCONNECT, timeout_ms=_SHORT_MS)
    except CommandError:
        return False
    except ModemError:  # it has failed, or the session went by itself
        pass
    return True


def _ping_or_end(mqtt) -> None:
    try:
        ping(mqtt)
    except ModemError:
        if mqtt.connected:
            try:
                disconnect(mqtt, _SHORT_MS)
            except ModemError:
                pass
        raise


def disconnect(mqtt, timeout_ms: int = 60000) -> None:
    """End the session; nothing if there is none. The will is not published.

    The session counts as ended whatever is raised: `MqttTimeout`, `CommandError` …
    """
    if not mqtt.connected:
        mqtt.why = 0
        _free(mqtt)
        return
    try:
        act(mqtt, _DISCONNECT, timeout_ms=timeout_ms)
    finally:
        mqtt.ended(0)
        mqtt.why = 0
        _free(mqtt)


def ping(mqtt, on: bool = True) -> None:
    """Let the module ping the broker by itself, or not; `connect()` with a `keepalive` has begun
    it (+UMQTTC=8). A ping that fails ends the session, `why` is 8."""
    mqtt.lock.acquire(mqtt.channel)
    try:
        if not mqtt.connected:
            raise mqtt.gone()
        mqtt.channel.command(b"+UMQTTC", _PING, 1 if on else 0)
    finally:
        mqtt.lock.release()
