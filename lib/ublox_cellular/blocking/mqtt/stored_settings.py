# Generated from aio/mqtt/stored_settings.py by tools/generate. Do not edit.
"""Settings that few programs need: kept in the module (+UMQTTNV), sent without connecting, read;
login, last will, context. A5 6.1, A10 6.1."""

from binascii import unhexlify

from ...core.command import plain
from ...core.compat import const
from ...core.errors import ModemError, NotSupported
from ...core.mqtt_payload import check_topic, octets
from .action import Limit, with_identity, within
from .connect import place, prepare, put, ready, stay_awake, string

_CLIENT = const(0)  # operations of +UMQTT
_NAME = const(2)
_ADDRESS = const(3)
_LOGIN = const(4)
_WILL_QOS = const(6)
_WILL_RETAIN = const(7)
_WILL_TOPIC = const(8)
_WILL = const(9)
_KEEPALIVE = const(10)
_TLS = const(11)
_CLEAN = const(12)
_CONTEXT = const(20)

_FACTORY = const(0)  # of +UMQTTNV
_LOAD = const(1)
_STORE = const(2)

_EACCES = const(13)
_PORT = const(1883)
_READY_MS = const(180000)


def configure(mqtt, host: str, port=None, **options) -> None:
    """Tell the module its settings without connecting: arguments as of `connect()`. `connect()`
    without a host then uses them."""
    order = prepare(mqtt, host, port, options)
    limit = Limit(mqtt.channel, _READY_MS)
    mqtt.setup.acquire(mqtt.channel, limit.left(), "the settings of the session")
    try:
        with_identity(mqtt, order, limit)
        mqtt.reload = False
        place(mqtt, order.wanted, limit)
    finally:
        mqtt.setup.release()


def store(mqtt, host=None, **options) -> None:
    """Keep the settings in the module's non-volatile memory: those in place, or with `host` and
    the options of `connect()` these. After a deep sleep or a restart `connect()` of the same takes
    them up with one command; another program calls `load()` first.

    No deep sleep comes between (A10 6.1.4): where one is allowed, it is voted against meanwhile,
    and `host` is to be given, as it may have taken what was in place before.
    """
    order = None
    if host is not None:
        order = prepare(mqtt, host, options.pop("port", None), options)
    elif options:
        raise ValueError("host: wanted with other settings")
    channel = mqtt.channel
    limit = Limit(channel, _READY_MS)
    mqtt.setup.acquire(channel, limit.left(), "the settings of the session")
    try:
        ready(mqtt, limit)
        with_identity(mqtt, order, limit)
        channel.acquire(limit.left())
        try:
            if order is not None:
                put(mqtt, order.wanted)
            mqtt.stored = None  # unknown until it has answered
            channel.ask(b"+UMQTTNV", _STORE)
            mqtt.stored = mqtt.placed
        finally:
            channel.release()
    finally:
        mqtt.setup.release()
        if not mqtt.connected:
            mqtt.ended(0)
    mqtt.settle()


def load(mqtt) -> None:
    """Take up the stored settings; `connect()` without a host uses them."""
    _choose(mqtt, _LOAD)


def factory(mqtt) -> None:
    """Everything as it came from the factory; what is stored stays."""
    _choose(mqtt, _FACTORY)


def _choose(mqtt, what: int) -> None:
    channel = mqtt.channel
    limit = Limit(channel, _READY_MS)
    mqtt.setup.acquire(channel, limit.left(), "the settings of the session")
    try:
        stay_awake(mqtt, limit)
        channel.acquire(limit.left())
        try:
            mqtt.placed = None
            channel.ask(b"+UMQTTNV", what)
            mqtt.placed = mqtt.stored if what else []
            mqtt.reload = what == _LOAD
        finally:
            channel.release()
    finally:
        mqtt.setup.release()
        if not mqtt.connected:
            mqtt.ended(0)
    mqtt.settle()


def settings(mqtt) -> dict:
    """What the module says it has (+UMQTT?): "client_id", "host", "port", "user", "will_qos",
    "will_retain", "will_topic", "will", "keepalive", "tls" (number of the security profile, None
    without TLS), and on some firmware "clean" and "context". A password is never told."""
    found = {"host": "", "port": _PORT, "tls": None}
    for row in mqtt.channel.command(b"+UMQTT?", least=1):
        operation = row[0]
        value = row[1] if len(row) > 1 else ""
        value = "" if value is None else value
        if operation in (_NAME, _ADDRESS):
            if value:  # setting one clears the other
                found["host"] = str(value)
                found["port"] = row[2] if len(row) > 2 else _PORT
        elif operation == _TLS:
            found["tls"] = row[2] if value and len(row) > 2 else None
        elif operation == _WILL:
            found["will"] = row[2] or "" if len(row) > 2 else value
        else:
            name = _NAMES.get(operation)
            if name:
                found[name] = str(value) if operation in _TEXTS else value
    return found


def secured(mqtt):
    """(security profile, host) of the settings in place, (None, "") without TLS. The module
    forgets security profiles, and by one that is not there it would trust anybody."""
    found = mqtt.settings()
    mqtt.keepalive = found.get("keepalive", 0)
    number = found["tls"]
    if number is None:
        return None, ""
    profiles = mqtt.modem.security.profiles
    profile = profiles[number] if 0 <= number < len(profiles) else None
    if profile is None:
        text = "TLS by security profile %d, which is not made: security.profile(%d, ca=…) before"
        raise ModemError(_EACCES, "the settings want " + text % (number, number))
    return profile, found["host"]


_TEXTS = (_CLIENT, _LOGIN, _WILL_TOPIC)
_NAMES = {
    _CLIENT: "client_id", _LOGIN: "user", _WILL_QOS: "will_qos", _WILL_RETAIN: "will_retain",
    _WILL_TOPIC: "will_topic", _KEEPALIVE: "keepalive", _CLEAN: "clean", _CONTEXT: "context",
}  # fmt: skip


# ---- login, last will, context ------------------------------------------------------------------
#
# What a session has besides its broker: a login, a last will, a context. A5 6.1.2, A10 6.1.5.

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any


_LONGEST = const(256)  # bytes of a message
_EOPNOTSUPP = const(95)


def dress(modem, option) -> list:
    """The settings that `option(name)` asks for, checked."""
    found = _login(option("user"), option("password"))
    return found + _will(option("will")) + _context(modem, option("context"))


def _login(user, password) -> list:
    if user is None or user == "" or user == b"":
        if password:
            raise ValueError("password: wants a user")
        return []
    if password is None:
        return [(_LOGIN, string(user))]
    return [(_LOGIN, string(user), string(password))]


def _will(will) -> list:
    """Settings of the last will, which is (topic, message[, qos[, retain]])."""
    if will is None:
        return []
    topic, message, qos, retain = shaped(will)
    topic = check_topic(topic)
    message = octets(message)
    if len(message) > _LONGEST:
        raise ValueError("will: %d bytes, at most %d fit" % (len(message), _LONGEST))
    if plain(message, 0, len(message)):
        last: tuple[Any, ...] = (_WILL, str(message, "utf-8"))
    else:
        last = (_WILL, 1, "".join(["%02X" % c for c in message]))
    return [(_WILL_QOS, qos), (_WILL_RETAIN, retain), (_WILL_TOPIC, topic), last]


def shaped(will: "Any"):
    """(topic, message, QoS, retain) of a last will, which is (topic, message[, qos[, retain]])."""
    if not isinstance(will, (tuple, list)) or not 2 <= len(will) <= 4:
        raise TypeError("will: (topic, message[, qos[, retain]])")
    topic, message, qos, retain = (list(will) + [0, False])[:4]
    return topic, message, within("qos", qos, 2), 1 if retain else 0


def _context(modem, context) -> list:
    if context is None:
        return []
    if not modem.chooses_context:
        raise NotSupported(_EOPNOTSUPP, modem.name, "choice of the context for MQTT")
    if isinstance(context, int):
        context = (context, False)
    if not isinstance(context, (tuple, list)) or len(context) != 2:
        raise TypeError("context: cid, or (cid, prefer_ipv6)")
    cid, ipv6 = context
    return [(_CONTEXT, within("context", cid, 15), 1 if ipv6 else 0)]


# ---- messages as digits -------------------------------------------------------------------------
#
# Messages that LEXI-R10 gives as hexadecimal digits (+UMQTTC=6,1,1). A10 6.4.


def undigited(mqtt, digits) -> bytes:
    """The bytes of a message that came as `digits`, which stay as they are."""
    try:
        return unhexlify(bytes(digits))
    except ValueError:
        mqtt.held = None
        raise mqtt.channel.garbled("a digit that is none")
