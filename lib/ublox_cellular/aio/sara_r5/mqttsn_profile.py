"""The settings of MQTT-SN (+UMQTTSN) and their storage (+UMQTTSNNV). A5 7.1, 7.8."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModuleReset, NotSupported
from ...core.mqtt_names import check_qos, check_topic, octets
from ...core.payload import plain
from ..resolver import is_address
from ..terms import Order, with_identity, within
from .mqttsn_actions import carry

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
_ECONNRESET = const(104)

_KNOWN = ("client_id", "keepalive", "clean", "will", "tls")


def prepare(mqttsn, host: str, port, options) -> Order:
    """All settings, checked before anything is sent; what is as from the factory is left out."""
    for name in options:
        if name not in _KNOWN:
            raise TypeError("no option " + name)
    option = options.get
    if not isinstance(host, str) or not host or " " in host:
        raise ValueError("host: a name or an address wanted")
    sendable(host, _LONGEST)
    order = Order(host, within("keepalive", options.get("keepalive", 60), 65535), option("clean"))
    wanted = order.wanted
    if option("client_id"):
        sendable(option("client_id"), _LONGEST)
        wanted.append((_CLIENT, option("client_id")))
    usual = order.secure(mqttsn.modem, option("tls"), _TLS)
    port = within("port", port or usual, 65535)
    wanted.append((_ADDRESS if is_address(host) else _NAME, host, port))
    if option("will") is not None:
        wanted += _will(*option("will"))
    if order.keepalive:
        wanted.append((_KEEPALIVE, order.keepalive))
    if order.clean is not None:
        wanted.append((_CLEAN, 1 if order.clean else 0))
    return order


def _will(topic, msg, qos=0, retain=False) -> list:
    found = [(_WILL_QOS, qos)] if check_qos(qos) else []
    if retain:
        found.append((_WILL_RETAIN, 1))
    data = octets(msg)
    if len(data) > _LONGEST:
        raise ValueError("will: %d bytes, at most %d fit" % (len(data), _LONGEST))
    return found + [(_WILL_TOPIC, check_topic(topic)), (_WILL, bytes(data))]


# ---- to the module ----------------------------------------------------------------------------


async def ready(mqttsn, timeout_ms: int) -> None:
    """The module is awake, a restart of it noticed, the data connection stands."""
    await mqttsn.channel.acquire()
    mqttsn.channel.release()
    network = mqttsn.modem.network
    if network.wanted is not None and not network.up:
        await network.wanted.back(timeout_ms)


async def place(mqttsn, wanted) -> None:
    """Tell the module what differs; if something else is in place, too, it is reset before.
    Stored settings that fit are loaded."""
    life = mqttsn.life
    placed = mqttsn.placed
    mqttsn.placed = None  # unknown if we fail half-way
    command = mqttsn.channel.command
    if placed is None and mqttsn.stored is not None:
        await command(b"+UMQTTSNNV", _LOAD)
        placed = mqttsn.stored
    if placed is None or [item for item in placed if item not in wanted]:
        await command(b"+UMQTTSNNV", _FACTORY)
        placed = []
    for item in wanted:
        if item not in placed:
            await _tell(mqttsn, item)
    if mqttsn.life != life:  # what it was told is gone
        raise ModuleReset(_ECONNRESET, "AT+UMQTTSN")
    mqttsn.placed = list(wanted)


async def _tell(mqttsn, item) -> None:
    """One setting; a message goes as hexadecimal digits where it is not plain text."""
    channel = mqttsn.channel
    await channel.acquire()
    try:
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
            carry(channel, line, value)
        await channel.execute()
    except CommandError:
        if item[0] != _CLEAN:
            raise
        feature = "choice of a clean session (+UMQTTSN operation 10)"
        raise NotSupported(_EOPNOTSUPP, mqttsn.modem.name, feature)
    finally:
        channel.release()


async def configure(mqttsn, host: str, port=None, **options) -> None:
    """Tell the module its settings without connecting: arguments as of `connect()`. `connect()`
    without a host then uses them, and `publish` with QoS -1."""
    order = prepare(mqttsn, host, port, options)
    await ready(mqttsn, _READY_MS)
    await with_identity(mqttsn, order)
    await place(mqttsn, order.wanted)
    mqttsn.order = order


async def store(mqttsn, host=None, **options) -> None:
    """Keep the settings in the module's non-volatile memory: those in place, or with `host` and
    the options of `connect()` these. After a deep sleep or a restart `connect()` of the same takes
    them up with one command; another program calls `load()` first."""
    if host is not None:
        await configure(mqttsn, host, options.pop("port", None), **options)
    await mqttsn.channel.command(b"+UMQTTSNNV", _STORE)
    mqttsn.stored = mqttsn.placed


async def load(mqttsn) -> None:
    """Take up the stored settings; `connect()` without a host uses them. What is no setting of
    +UMQTTSN goes with a host only: the security profile of DTLS, and the pings of `keepalive`."""
    mqttsn.placed = mqttsn.order = None
    await mqttsn.channel.command(b"+UMQTTSNNV", _LOAD)
    mqttsn.placed = mqttsn.stored


async def factory(mqttsn) -> None:
    """Everything as it came from the factory; what is stored stays."""
    mqttsn.placed = mqttsn.order = None
    await mqttsn.channel.command(b"+UMQTTSNNV", _FACTORY)
    mqttsn.placed = []


async def settings(mqttsn) -> dict:
    """Of what the module says it has (+UMQTTSN?): "host" and "tls", the number of the security
    profile, None without DTLS."""
    found = {"host": "", "tls": None}
    for row in await mqttsn.channel.command(b"+UMQTTSN?", least=1):
        if row[0] in (_NAME, _ADDRESS) and len(row) > 1 and row[1]:
            found["host"] = str(row[1])
        elif row[0] == _TLS and len(row) > 2 and row[1]:
            found["tls"] = row[2]
    return found
