# Generated from aio/mqttsn/session.py by tools/generate. Do not edit.
"""The session with an MQTT-SN gateway and the settings it is made with. A5 7.2, 7.8,
at-commands 6."""

from ...core.command import plain, sendable
from ...core.compat import const
from ...core.errors import CommandError, NotSupported
from ...core.mqtt_payload import check_topic, octets
from ..mqtt.action import Limit, Order, act, port_of, text, with_identity, within
from ..mqtt.connect import end, log_in, make, ready
from ..network.dns import is_address

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, TypedDict, Unpack

    from ..security.tls_profile import Profile

    class Options(TypedDict, total=False):
        client_id: str | None
        keepalive: int
        clean: bool | None
        will: tuple[Any, ...] | None
        tls: Profile | bool | None


_CONNECT = const(1)
_CLIENT = const(0)  # operations of +UMQTTSN
_NAME = const(1)
_ADDRESS = const(2)
_WILL_QOS = const(4)
_WILL_RETAIN = const(5)
_WILL_TOPIC = const(6)
_WILL = const(7)
_KEEPALIVE = const(8)
_TLS = const(9)
_CLEAN = const(10)

_FACTORY = const(0)  # of +UMQTTSNNV
_LOAD = const(1)
_STORE = const(2)

_LONGEST = const(256)  # bytes of a string
_READY_MS = const(180000)

_EOPNOTSUPP = const(95)

_KNOWN = ("client_id", "keepalive", "clean", "will", "tls")


def prepare(mqttsn, host: str, port, options) -> Order:
    """All settings, checked before anything is sent; what is as from the factory is left out."""
    for name in options:
        if name not in _KNOWN:
            raise TypeError("no option " + name)
    option = options.get
    host = str(sendable(host, _LONGEST), "utf-8")
    if not host or " " in host:
        raise ValueError("host: a name or an address wanted")
    order = Order(host, within("keepalive", options.get("keepalive", 60), 65535), option("clean"))
    wanted = order.wanted
    client = option("client_id")
    if client is not None and sendable(client, _LONGEST):
        wanted.append((_CLIENT, str(sendable(client), "utf-8")))
    port = port_of(port, order.secure(mqttsn.modem, option("tls"), _TLS))
    wanted.append((_ADDRESS if is_address(host) else _NAME, host, port))
    if option("will") is not None:
        from ..mqtt.stored_settings import shaped

        wanted += _will(*shaped(option("will")))
    if order.keepalive:
        wanted.append((_KEEPALIVE, order.keepalive))
    if order.clean is not None:
        wanted.append((_CLEAN, 1 if order.clean else 0))
    return order


def _will(topic, msg, qos, retain) -> list:
    found = [(_WILL_QOS, qos)] if qos else []
    if retain:
        found.append((_WILL_RETAIN, 1))
    data = octets(msg)
    if len(data) > _LONGEST:
        raise ValueError("will: %d bytes, at most %d fit" % (len(data), _LONGEST))
    return found + [(_WILL_TOPIC, check_topic(topic)), (_WILL, bytes(data))]


# ---- to the module ----------------------------------------------------------------------------


def place(mqttsn, wanted, limit) -> int:
    """Tell the module what differs; the life of the module in which it knows that."""
    mqttsn.channel.acquire(limit.left())
    try:
        _put(mqttsn, wanted)
        return mqttsn.life
    finally:
        mqttsn.channel.release()


def _put(mqttsn, wanted) -> None:
    """Tell the module what differs; if something else is in place, too, it is reset before. Stored
    settings that fit are loaded. The channel is held."""
    placed = mqttsn.placed
    mqttsn.placed = None  # unknown if we fail half-way
    ask = mqttsn.channel.ask
    if placed is None and mqttsn.stored is not None:
        ask(b"+UMQTTSNNV", _LOAD)
        placed = mqttsn.stored
    if placed is None or [item for item in placed if item not in wanted]:
        ask(b"+UMQTTSNNV", _FACTORY)
        placed = []
    for item in wanted:
        if item not in placed:
            _tell(mqttsn, item)
    mqttsn.placed = list(wanted)


def _tell(mqttsn, item) -> None:
    """One setting; a message goes as hexadecimal digits where it is not plain text."""
    channel = mqttsn.channel
    line = channel.start(b"+UMQTTSN")
    line.number(item[0])
    for value in item[1:]:
        if not isinstance(value, bytes):
            line.part(value)
            continue
        if not plain(value, 0, len(value)):
            from binascii import hexlify

            value = hexlify(value)
            line.number(1)
        text(channel, line, value)
    try:
        channel.execute()
    except CommandError:
        if item[0] != _CLEAN:
            raise
        feature = "choice of a clean session (+UMQTTSN operation 10)"
        raise NotSupported(_EOPNOTSUPP, mqttsn.modem.name, feature)


def configure(mqttsn, host: str, port=None, **options) -> None:
    """Tell the module its settings without connecting: arguments as of `connect()`. `connect()`
    without a host then uses them, and `publish` with QoS -1."""
    order = prepare(mqttsn, host, port, options)
    _settle(mqttsn, order, None)


def store(mqttsn, host=None, **options) -> None:
    """Keep the settings in the module's non-volatile memory: those in place, or with `host` and
    the options of `connect()` these. After a deep sleep or a restart `connect()` of the same takes
    them up with one command; another program calls `load()` first."""
    order = None
    if host is not None:
        order = prepare(mqttsn, host, options.pop("port", None), options)
    elif options:
        raise ValueError("host: wanted with other settings")
    _settle(mqttsn, order, _STORE)


def load(mqttsn) -> None:
    """Take up the stored settings; `connect()` without a host uses them. The security
    profile of DTLS is to be made again before."""
    _settle(mqttsn, None, _LOAD)


def factory(mqttsn) -> None:
    """Everything as it came from the factory; what is stored stays."""
    _settle(mqttsn, None, _FACTORY)


def _settle(mqttsn, order, what) -> None:
    """Tell the settings of `order`, if there are any; then +UMQTTSNNV, if `what` says which."""
    channel = mqttsn.channel
    limit = Limit(channel, _READY_MS)
    mqttsn.setup.acquire(channel, limit.left(), "the settings of the session")
    try:
        if order is not None:
            ready(mqttsn, limit)
            with_identity(mqttsn, order, limit)
        channel.acquire(limit.left())
        try:
            if order is not None:
                _put(mqttsn, order.wanted)
                mqttsn.order = order
            if what == _STORE:
                mqttsn.stored = None  # unknown until it has answered
            elif what is not None:
                mqttsn.placed = mqttsn.order = None
            if what is not None:
                channel.ask(b"+UMQTTSNNV", what)
            if what == _STORE:
                mqttsn.stored = mqttsn.placed
            elif what is not None:
                mqttsn.placed = mqttsn.stored if what else []
        finally:
            channel.release()
    finally:
        mqttsn.setup.release()


def settings(mqttsn) -> dict:
    """Of what the module says it has (+UMQTTSN?): "host"; "tls", the number of the security
    profile, None without DTLS; "keepalive" in seconds, 0 without pings."""
    found = {"host": "", "tls": None, "keepalive": 0}
    for row in mqttsn.channel.command(b"+UMQTTSN?", least=1):
        if row[0] in (_NAME, _ADDRESS) and len(row) > 1 and row[1]:
            found["host"] = str(row[1])
        elif row[0] == _TLS and len(row) > 2 and row[1]:
            found["tls"] = row[2]
        elif row[0] == _KEEPALIVE and len(row) > 1 and isinstance(row[1], int):
            found["keepalive"] = row[1]
    return found


# ---- the session --------------------------------------------------------------------------------


def connect(
    mqttsn,
    host: "str | None" = None,
    port: "int | None" = None,
    *,
    timeout_ms: int = 120000,
    **options: "Unpack[Options]",
) -> None:
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
    is waited for; a session that an earlier program has left open is ended. `timeout_ms` counts
    from the call. What comes of an attempt after it was given up is ended before the next command.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `OSError(EALREADY)`
    if the session stands or another task is at it; `MqttSnError` with the module's class and
    code, `MqttTimeout`, `CommandError`, `ModuleReset`.
    """
    limit = Limit(mqttsn.channel, timeout_ms)
    order = mqttsn.order
    if host is not None:
        order = prepare(mqttsn, host, port, options)
    elif port is not None or options:
        raise ValueError("host: wanted with other settings")
    make(mqttsn, _begin, order, limit)


def _begin(mqttsn, order, limit) -> None:
    """Settings and +UMQTTSNC=1; if the module is in a session already, that is ended first."""
    mqttsn.order = order
    resumes = order is not None and order.clean is False
    if not resumes:
        mqttsn.names.clear()
    if not resumes or not mqttsn.asleep:
        mqttsn.ids = {}  # the gateway gives them anew
    log_in(mqttsn, "MQTT-SN", _once, order, limit)
    mqttsn.asleep = False


def _once(mqttsn, order, limit) -> None:
    life = mqttsn.life
    if order is not None:
        life = place(mqttsn, order.wanted, limit)
    mqttsn.seen = mqttsn.channel.unknown
    act(mqttsn, _CONNECT, (), limit.left(), life=life)


def disconnect(mqttsn, duration_s=None, timeout_ms: int = 60000) -> None:
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
    stood = end(mqttsn, parts, Limit(mqttsn.channel, timeout_ms))
    if stood and parts:
        mqttsn.asleep = True
