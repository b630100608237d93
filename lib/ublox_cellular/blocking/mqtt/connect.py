# Generated from aio/mqtt/connect.py by tools/generate. Do not edit.
"""Beginning and ending a session, and its settings. A5 6.1, 6.2, 6.6, 6.9,
A10 6.1, 6.2."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import (
    CommandError,
    CommandTimeout,
    InUse,
    ModemError,
    NotSupported,
    ServiceError,
)
from .action import Limit, Order, act, begin_by, port_of, with_identity, within

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, TypedDict, Unpack

    from ..security.tls_profile import Profile

    class Options(TypedDict, total=False):
        client_id: str | None
        user: str | None
        password: str | None
        keepalive: int
        clean: bool
        will: tuple[Any, ...] | None
        tls: Profile | bool | None
        context: int | tuple[int, bool] | None


_DISCONNECT = const(0)
_CONNECT = const(1)
_LOAD = const(1)  # of +UMQTTNV
_PING_MS = const(60000)
_SHORT_MS = const(20000)  # for cleanup of earlier calls

_ETIMEDOUT = const(110)
_EALREADY = const(114)


def connect(
    mqtt,
    host: "str | None" = None,
    port: "int | None" = None,
    *,
    timeout_ms=120000,
    **options: "Unpack[Options]",
) -> None:
    """Begin a session with the broker.

    `host`: name or address; None: the settings of `load()`, or, if there was no deep sleep since,
    of `configure()`, pings included. If these use TLS, call `security.profile(number, …)` with
    their number first: the module loses security profiles.
    `port`: None is 1883, with TLS 8883. `client_id`: at most 256 bytes; None is the module's
    IMEI. `user`, `password`: at most 256 bytes each. `keepalive`: seconds, 0 to 65535; the module
    pings the broker after four fifths of it without traffic, and reports a failure (`why` is 8);
    0: a dead connection may stay undetected. `clean`: False asks the broker to keep subscriptions
    and messages of QoS 1 and 2 while disconnected; `NotSupported` if the firmware lacks it
    (+UMQTT operation 12). `will`: (topic, message[, qos[, retain]]), at most 256 bytes each,
    published by the broker when the connection is lost. `tls`: a profile of `modem.security`; True
    is `modem.security.default`. `context` (LEXI-R10): its cid, or (cid, prefer_ipv6).

    Settings are written if they differ from the module's. A lost data connection is awaited; a
    session left open by an earlier program is ended. With deep sleep allowed on LEXI-R10, a vote
    prevents it until the session ends (A10 6.1.4). `timeout_ms` counts from the call. If the call
    is cancelled, a resulting session is ended before the next command.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `OSError(EALREADY)`
    if the session is active or another task is connecting; `MqttError` with the module's class
    and code, `MqttTimeout`, `CommandError`, `ModuleReset`.
    """
    limit = Limit(mqtt.channel, timeout_ms)
    order = None
    if host is not None:
        order = prepare(mqtt, host, port, options)
    elif port is not None or options:
        raise ValueError("host: wanted with other settings")
    make(mqtt, _begin, order, limit)


def make(mqtt, begin, order, limit) -> None:
    """Make a session by `begin(mqtt, order, limit)`, of MQTT or MQTT-SN: one caller at a time, and
    everything is undone if that fails or is cancelled."""
    if mqtt.connected or mqtt.making:
        text = "the session is active, or another task is connecting: disconnect() first"
        raise ModemError(_EALREADY, text)
    mqtt.making = True
    try:
        mqtt.setup.acquire(mqtt.channel, limit.left(), "the settings of the session")
        try:
            ready(mqtt, limit)
            with_identity(mqtt, order, limit)
            begin_by(mqtt, begin, order, limit)
            # Pings must be switched on again in each session, also for stored settings.
            if mqtt.keepalive if order is None else order.keepalive:
                act(mqtt, mqtt.PING, (1,), limit.left())
        finally:
            mqtt.setup.release()
    except BaseException as error:
        mqtt.making = False
        if mqtt.connected:
            mqtt.disown()
        mqtt.ended(0)
        if isinstance(error, OSError):
            mqtt.settle()
        if order is not None and isinstance(error, ModemError):
            if isinstance(error, ServiceError) and error.error_class:
                error = mqtt.explain(order, error, limit)
            error.place = order.host + ": "  # pyright: ignore # as describe() looks for it
            raise error
        raise
    mqtt.making = False
    mqtt.looked_up = ""


def ready(mqtt, limit) -> None:
    """Wait until module and data connection are ready, without an action in progress."""
    modem = mqtt.modem
    stay_awake(mqtt, limit)
    wanted = modem.network.wanted
    if wanted is not None and not modem.network.up:
        wanted.back(limit.left())
    if mqtt.action is not None:
        mqtt.idle(min(_SHORT_MS, limit.left()))


def stay_awake(mqtt, limit) -> None:
    """Wake the module, and if it may sleep deeply, vote against that until `mqtt.ended()`
    (A10 6.1.4)."""
    modem = mqtt.modem
    mqtt.channel.acquire(limit.left())  # a restart is detected, pending cleanup is done
    mqtt.channel.release()
    sleeper = modem.sleeper
    if mqtt.vote is None and sleeper is not None and sleeper.deep and modem.sleep_traits()[0]:
        vote = modem.power.awake()
        vote.__enter__()
        mqtt.vote = vote
        mqtt.placed = None  # see earlier_action.unvote


def _begin(mqtt, order, limit) -> None:
    """Settings and +UMQTTC=1; if the module has a session already, that is ended first."""
    log_in(mqtt, "MQTT", _once, order, limit)


def log_in(mqtt, service: str, once, order, limit) -> None:
    """`once()`; if that is refused, it is repeated after ending a session of the module. The
    result is reported to recovery as evidence of `service`, MQTT or MQTT-SN."""
    network = mqtt.modem.network
    try:
        try:
            once(mqtt, order, limit)
        except CommandError:
            mqtt.placed = None
            if not mqtt.end_old(limit):
                raise
            once(mqtt, order, limit)
    except (CommandError, CommandTimeout, ServiceError) as error:
        network.trouble(service, error)
        raise mqtt.refused(error) if isinstance(error, CommandError) else error
    except ModemError as error:
        if error.errno == _ETIMEDOUT and not isinstance(
            error, InUse
        ):  # it was at an earlier action all the time
            network.trouble(service, error, True)
        raise
    if "recovery" in mqtt.modem.loaded:
        network.works(service)


def _once(mqtt, order, limit) -> None:
    life = mqtt.life
    if order is not None:
        mqtt.reload = False
        life = place(mqtt, order.wanted, limit)
    elif mqtt.reload and mqtt.vote is not None:  # lost in a deep sleep (A10 6.1.4)
        mqtt.channel.command(b"+UMQTTNV", _LOAD, limit_ms=limit.left())
    mqtt.unread = 0
    mqtt.seen = -1  # an earlier session may have left messages: check once
    act(mqtt, _CONNECT, (), limit.left(), life=life)


def disconnect(mqtt, timeout_ms: int = 60000) -> None:
    """End the session; nothing if there is none. Waits for another task that is connecting. The
    will is not published.

    The session counts as ended whatever is raised: `MqttTimeout`, `CommandError` …; the rest of it
    in the module is ended before the next command.
    """
    end(mqtt, (), Limit(mqtt.channel, timeout_ms))


def end(mqtt, parts, limit) -> bool:
    """End the session, of MQTT or MQTT-SN; returns whether there was one."""
    if mqtt.making:
        mqtt.setup.acquire(mqtt.channel, limit.left(), "the settings of the session")
        mqtt.setup.release()
    stood = mqtt.connected
    try:
        if stood:
            act(mqtt, _DISCONNECT, parts, limit.left())
        elif mqtt.stray or mqtt.connecting():
            mqtt.end_old(limit)
            mqtt.stray = False
    except ModemError:
        if mqtt.connected:  # otherwise it has ended meanwhile
            raise
        stood = False
    finally:
        if mqtt.connected:
            mqtt.disown()
        mqtt.ended(0)
        mqtt.why = 0
    mqtt.settle()
    return stood


def ping(mqtt, on: bool = True) -> None:
    """Have the module ping the broker by itself, or not; `connect()` with a `keepalive` has
    switched it on (+UMQTTC=8). A ping that fails ends the session, `why` is 8."""
    if not mqtt.connected:
        raise mqtt.gone()
    act(mqtt, mqtt.PING, (1 if on else 0,), _PING_MS)


# ---- settings -----------------------------------------------------------------------------------
#
# The settings of MQTT (+UMQTT), checked and written. A5 6.1, A10 6.1, at-commands 5.

_CLIENT = const(0)  # operation of +UMQTT
_NAME = const(2)
_ADDRESS = const(3)
_LOGIN = const(4)
_WILL = const(9)
_KEEPALIVE = const(10)
_TLS = const(11)
_CLEAN = const(12)

_FACTORY = const(0)  # of +UMQTTNV

_LONGEST = const(256)  # bytes of a string
_EOPNOTSUPP = const(95)

_SELDOM = ("user", "password", "will", "context")
_KNOWN = ("client_id", "keepalive", "clean", "tls")


def prepare(mqtt, host: str, port, options) -> Order:
    """All settings, checked before anything is sent."""
    for name in options:
        if name not in _KNOWN and name not in _SELDOM:
            raise TypeError("no option " + name)
    option = options.get
    keepalive = within("keepalive", options.get("keepalive", 60), 65535)
    host = string(host)
    if not host or " " in host:
        raise ValueError("host: a name or an address wanted")
    order = Order(host, keepalive, options.get("clean", True))
    wanted = order.wanted
    client = option("client_id")
    if client is not None and string(client):
        wanted.append((_CLIENT, string(client)))
    for name in _SELDOM:
        if option(name) is not None:
            from .stored_settings import dress

            wanted += dress(mqtt.modem, option)
            break
    wanted.append((_KEEPALIVE, keepalive))
    if not order.clean:
        wanted.append((_CLEAN, 0))
    usual = order.secure(mqtt.modem, option("tls"), _TLS)
    wanted.append((_NAME, host, port_of(port, usual)))
    return order


def string(value) -> str:
    """A setting of at most 256 bytes that can be sent, as a string."""
    return str(sendable(value, _LONGEST), "utf-8")


# ---- to the module ----------------------------------------------------------------------------


def place(mqtt, wanted, limit) -> int:
    """Write the settings that differ; returns the life of the module in which they are valid."""
    mqtt.channel.acquire(limit.left())
    try:
        put(mqtt, wanted)
        return mqtt.life
    finally:
        mqtt.channel.release()


def put(mqtt, wanted) -> None:
    """Write the settings that differ; reset them first if there are others, too. Matching stored
    settings are loaded. The channel is held."""
    placed = mqtt.placed
    mqtt.placed = None  # unknown if this fails midway
    ask = mqtt.channel.ask
    if placed is None and mqtt.stored is not None:
        ask(b"+UMQTTNV", _LOAD)
        placed = mqtt.stored
    operations = [item[0] for item in wanted]
    if placed is None or [item for item in placed if item[0] not in operations]:
        ask(b"+UMQTTNV", _FACTORY)
        placed = []
    for item in wanted:
        if item not in placed:
            _tell(mqtt, item)
    mqtt.placed = list(wanted)


def _tell(mqtt, item) -> None:
    ask = mqtt.channel.ask
    operation = item[0]
    try:
        ask(b"+UMQTT", *item, secret=2 if operation == _LOGIN else -1)
    except CommandError:
        if operation == _CLEAN:
            feature = "persistent session (+UMQTT operation 12)"
            raise NotSupported(_EOPNOTSUPP, mqtt.modem.name, feature)
        # The documents disagree about which of two operations takes a name, and which an address
        # (the first takes both, as far as is known), and where the flag for a will in digits is.
        # Refused settings change nothing, so the other form can be tried.
        if operation == _NAME:
            ask(b"+UMQTT", _ADDRESS, *item[1:])
        elif operation == _WILL and len(item) == 3:
            ask(b"+UMQTT", _WILL, item[2], 1)
        else:
            raise
