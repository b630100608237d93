"""The settings of MQTT (+UMQTT), checked and told. A5 6.1, A10 6.1, at-commands 5."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, NotSupported
from .session_request import Order, port_of, within

_CLIENT = const(0)  # operations of +UMQTT
_NAME = const(2)
_ADDRESS = const(3)
_LOGIN = const(4)
_WILL = const(9)
_KEEPALIVE = const(10)
_TLS = const(11)
_CLEAN = const(12)

_FACTORY = const(0)  # of +UMQTTNV
_LOAD = const(1)

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
            from .settings_rare import dress

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


async def place(mqtt, wanted, limit) -> int:
    """Tell the module what differs; the life of the module in which it knows that."""
    await mqtt.channel.acquire(limit.left())
    try:
        await put(mqtt, wanted)
        return mqtt.life
    finally:
        mqtt.channel.release()


async def put(mqtt, wanted) -> None:
    """Tell the module what differs; if something else is in place, too, it is reset before. Stored
    settings that fit are loaded. The channel is held."""
    placed = mqtt.placed
    mqtt.placed = None  # unknown if we fail half-way
    ask = mqtt.channel.ask
    if placed is None and mqtt.stored is not None:
        await ask(b"+UMQTTNV", _LOAD)
        placed = mqtt.stored
    operations = [item[0] for item in wanted]
    if placed is None or [item for item in placed if item[0] not in operations]:
        await ask(b"+UMQTTNV", _FACTORY)
        placed = []
    for item in wanted:
        if item not in placed:
            await _tell(mqtt, item)
    mqtt.placed = list(wanted)


async def _tell(mqtt, item) -> None:
    ask = mqtt.channel.ask
    operation = item[0]
    try:
        await ask(b"+UMQTT", *item, secret=2 if operation == _LOGIN else -1)
    except CommandError:
        if operation == _CLEAN:
            feature = "session that the broker keeps (+UMQTT operation 12)"
            raise NotSupported(_EOPNOTSUPP, mqtt.modem.name, feature)
        # The documents disagree which of two operations takes a name, and which an address (the
        # first takes both, as far as anybody has seen), and where it is said that a will is in
        # digits. Refused settings change nothing, so the other form can be tried.
        if operation == _NAME:
            await ask(b"+UMQTT", _ADDRESS, *item[1:])
        elif operation == _WILL and len(item) == 3:
            await ask(b"+UMQTT", _WILL, item[2], 1)
        else:
            raise
