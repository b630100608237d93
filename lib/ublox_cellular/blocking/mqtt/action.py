# Generated from aio/mqtt/action.py by tools/generate. Do not edit.
"""One action of +UMQTTC or +UMQTTSNC: the module answers OK at once and reports the result later,
by URC.

It runs one action at a time, and refuses others meanwhile without any effect. So a URC before the
OK of an action belongs to the earlier one, and if the result of an action was lost, or its caller
cancelled, the next action is simply tried; only if that is refused, the end of the earlier one
is awaited.
"""

from ...core.command import plain
from ...core.compat import const
from ...core.errors import CommandError, ModemError, ModuleReset
from ...core.mqtt_payload import check_filter, check_qos, check_topic, encode, octets
from ..sockets.socket import nap

TYPE_CHECKING = const(False)

_CONNECT = const(1)

_LOST_MS = const(2000)  # the module's own report of a lost connection comes first
_NEVER = const(-1)
_ANSWER_MS = const(20000)  # of an exchange with a prompt

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


class Action:
    """`op`: its number, 0 ends the session; `life` of the module in which it is valid; `ids`:
    topics of the session in which it is valid (MQTT-SN); `blind`: it needs no session.

    `launched`: its command was sent and not refused, `began`: when. `wanted`: its caller waits
    for `result`, 1 is success, None while there is none; `granted`, `number`: fields of the
    result.
    """

    if TYPE_CHECKING:
        ids: dict[str, int] | None
        result: int | None
        granted: int | None
        number: int | None

    def __init__(self, ids=None):
        self.ids = ids
        self.op = self.life = self.began = 0
        self.launched = self.blind = False
        self.wanted = True
        self.result = self.granted = self.number = None


def act(
    mqtt, op: int, parts, timeout_ms: int, carry=None, data=None, action=None, life=-1, blind=False
):
    """Run an action and wait for its result, at most `timeout_ms` from this call on; returns the
    `Action`. `carry(channel, line, data)` may add a payload to the plan. `action`: an object of
    the caller, which has the result also after the caller was cancelled. `life`, `blind`: see
    `Action`.

    Raises `MqttError`, `MqttTimeout` (the result is unknown), `CommandError`, `ModuleReset`.
    """
    channel = mqtt.channel
    began = channel.port.ticks_ms()
    if action is None:
        action = Action()
    action.op = op
    action.life = mqtt.life if life < 0 else life
    action.blind = blind
    if not mqtt.lock.take():
        mqtt.lock.acquire(channel, timeout_ms, "the MQTT client")
    try:
        refusal = busy = None
        while not action.launched:
            channel.acquire(channel.remaining(timeout_ms, began))
            try:
                busy = mqtt.action
                mqtt.check(action)
                line = plan(mqtt, action, parts)
                if carry:
                    carry(channel, line, data)
                left_ms = min(_ANSWER_MS, channel.remaining(timeout_ms, began))
                channel.execute(left_ms)
                mqtt.accepted()
            except CommandError as error:
                mqtt.asked = action.result = None
                action.launched = False
                refusal = error
            finally:
                channel.release()
            if not action.launched:
                mqtt.again(op, busy, refusal, began, timeout_ms)
        if op != mqtt.PING:
            _result(mqtt, action, began, timeout_ms)
        return action
    except BaseException:
        action.wanted = False
        if mqtt.asked is action and not channel.abandoned:
            mqtt.answered()  # an answer at the last moment, or a damaged one
        raise
    finally:
        mqtt.lock.release()


def plan(mqtt, action, parts):
    """Plan the exchange of an action, with the channel held; returns the command line."""
    channel = mqtt.channel
    line = channel.start(mqtt.NAME)
    channel.shape = _never
    channel.guard = mqtt.on_launch
    channel.keeper = mqtt.on_kept
    mqtt.next = action
    line.number(action.op)
    for part in parts:
        line.part(part)
    return line


def _never(_lexer) -> bool:
    """No line answers the command: the same name may begin a URC, as A5 7.8 prints one."""
    return False


def _result(mqtt, action, began: int, timeout_ms: int) -> None:
    """Wait for the result of an action that the module has accepted; raise if it is a failure."""
    channel = mqtt.channel
    sleeper = mqtt.modem.sleeper
    down = 0 if mqtt.modem.network.up else _NEVER
    if sleeper is not None:
        sleeper.busy += 1
    try:
        while action.result is None:
            over = action.op > _CONNECT and not mqtt.connected and not action.blind
            if (over or mqtt.action is not action) and mqtt.life == action.life:
                raise mqtt.gone()  # the session has ended
            down = _look(mqtt, action, began, timeout_ms, down)
            if action.result is None and mqtt.action is action:
                channel.sleep(nap(channel.elapsed(action.began)))
    finally:
        if sleeper is not None:
            sleeper.busy -= 1
    if action.result != 1:
        raise mqtt.failure(action.op)


def _look(mqtt, action, began: int, timeout_ms: int, down: int) -> int:
    """Process received lines, and raise if the result will not come any more. `down`: since when
    the data connection has been lost, 0 while it is active. Not a coroutine: each would be
    garbage."""
    channel = mqtt.channel
    if mqtt.life != action.life:
        raise ModuleReset(_ECONNRESET, _named(mqtt, action.op))
    passed = channel.elapsed(began)
    if passed >= timeout_ms:
        from ...core.service_errors import MqttTimeout

        raise MqttTimeout(_ETIMEDOUT, _named(mqtt, action.op), passed, "")
    if not down and not mqtt.modem.network.up:
        down = channel.port.ticks_ms() or 1
    if down > 0 and channel.elapsed(down) > _LOST_MS:
        raise ModemError(_ECONNRESET, "the data connection was lost meanwhile")
    channel.poll()
    channel.proceed("mqtt")
    return down


def _named(mqtt, op: int) -> str:
    return "AT%s=%d" % (str(mqtt.NAME, "utf-8"), op)


# ---- publishing ---------------------------------------------------------------------------------
#
# Publishing: as text, hexadecimal digits, after a prompt, or from a file. A5 6.3 to 6.5.

_TEXT = const(2)  # actions of +UMQTTC
_FILE = const(3)
_BINARY = const(9)
_PROMPT = const(62)  # the prompt '>'

_LONGEST = const(1024)  # bytes of a message
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_HEX_WORTH = const(128)  # above it, two digits per byte cost more than the pause of a prompt
_OVERHEAD = const(24)  # of the line besides topic and message


def publish(
    mqtt,
    topic: "str | bytes",
    msg: "str | bytes | bytearray | memoryview",
    retain=False,
    qos=0,
    *,
    timeout_ms=60000,
    action=None,
) -> None:
    """Publish `msg`: a string (as UTF-8) or bytes of any value, at most 1024; for longer ones use
    `publish_file()`. `topic`: at most 256 bytes, no control characters or quotes, no wildcards.
    With QoS 1 and 2 it returns when the broker has acknowledged it.

    `mqtt.form` selects how the message is sent to the module: "text" (in the command line, only
    printable characters without quotes and commas: `ValueError`), "hex" (as digits, 2 per byte),
    "binary" (after a prompt, with its length: 50 ms and a round trip more). None uses "binary" for
    QoS 1 and 2, unless `modem.flow` is True, and otherwise the fastest. Only "binary" detects
    bytes that are lost on the way to the module: an error after 20 s, and the message may have
    been sent with other bytes at its end. The others then send a shorter message, which is
    acknowledged. lib/MQTT.md lists which other damage is detected, and which is not.

    Raises `ValueError`, `TypeError` before anything is sent; `MqttError` (not connected, lost,
    refused), `MqttTimeout` (unknown whether it was published), `ModuleReset`. Nothing is
    repeated: use `keep()` for that. A prompt lost on the line ends in an error after 10 s; the
    module gets the message then, or blanks if it could be taken for a command ("AT" or "A/").
    """
    topic = check_topic(topic)
    data = octets(msg)
    n = len(data)
    if n > _LONGEST:
        raise ValueError("message of %d bytes, at most %d: see publish_file()" % (n, _LONGEST))
    qos = check_qos(qos)
    kept = 1 if retain else 0
    room = _LONGEST_LINE - _OVERHEAD - len(topic.encode())
    form = mqtt.form or (n and qos and mqtt.modem.flow is not True and "binary")
    if not form:
        if n <= room and plain(data, 0, n):
            form = "text"
        else:
            form = "hex" if n <= min(_HEX_WORTH, room // 2) else "binary"
    elif form != "binary":
        check_form(form, data, room)
    if not n or form == "text":
        parts, carry = (_TEXT, qos, kept, 0, topic), text
    elif form == "hex":
        parts, carry = (_TEXT, qos, kept, 1, topic), digits
    else:
        parts, carry = (_BINARY, qos, kept, topic, n), after_prompt
    act(mqtt, parts[0], parts[1:], duration(timeout_ms), carry, data, action)


def check_form(form, data, room: int) -> None:
    """Check that a message can be sent to the module as "text" or "hex"; `ValueError`."""
    n = len(data)
    if form == "hex":
        n *= 2
    elif form != "text":
        raise ValueError("form: None, text, hex or binary")
    elif not plain(data, 0, n):
        raise ValueError("message with characters that cannot be sent as text")
    if n > room:
        raise ValueError("message of %d bytes, too long for its form" % len(data))


def text(channel, line, data) -> None:
    """The message in quotes as the last part of the line."""
    line.open_text()
    channel.out = data
    channel.out_n = len(data)


def digits(channel, line, data) -> None:
    """The message in hexadecimal digits."""
    n = len(data)
    if line.size + 2 * n + 4 <= len(line.buf):
        encode(line, data, 0, n)
    else:
        from binascii import hexlify

        text(channel, line, hexlify(data))


def after_prompt(channel, _line, data) -> None:
    """The message when the module asks for it."""
    channel.out = data
    channel.out_n = len(data)
    channel.prompt = _PROMPT


def publish_file(
    mqtt, topic: "str | bytes", name: str, retain=False, qos=0, *, timeout_ms=60000
) -> None:
    """Publish the content of a file on the module, see `modem.files`: for messages of more than
    1024 bytes. The longest possible message is not documented."""
    topic = check_topic(topic)
    name = mqtt.modem.files.check(name, "")
    parts = (check_qos(qos), 1 if retain else 0, topic, name)
    act(mqtt, _FILE, parts, duration(timeout_ms))


# ---- subscribing --------------------------------------------------------------------------------
#
# Subscribing. A5 6.3, A10 6.3.

_SUBSCRIBE = const(4)
_UNSUBSCRIBE = const(5)
_REFUSED = const(128)  # the QoS that a broker reports for a refusal

_EACCES = const(13)


def subscribe(mqtt, topic: "str | bytes", qos=0, *, timeout_ms=60000) -> int:
    """Receive messages of a topic, "+" and "#" allowed, at most 256 bytes, with a QoS of at most
    `qos`; returns the QoS granted by the broker. `MqttError(EACCES)` if it refuses."""
    parts = (check_qos(qos), check_filter(topic))
    action = act(mqtt, _SUBSCRIBE, parts, duration(timeout_ms))
    granted = action.granted
    if granted is None:
        raise mqtt.channel.garbled("no granted QoS")
    if not 0 <= granted <= 2:
        from ...core.service_errors import MqttError

        raise MqttError(_EACCES, "AT+UMQTTC=4", 0, _REFUSED)
    return granted


def unsubscribe(mqtt, topic: "str | bytes", *, timeout_ms=60000) -> None:
    """End a subscription; `topic` is the same filter as in `subscribe()`."""
    act(mqtt, _UNSUBSCRIBE, (check_filter(topic),), duration(timeout_ms))


# ---- settings of a session ----------------------------------------------------------------------
#
# The settings of a session with a broker (MQTT) or a gateway (MQTT-SN), before they are written.

if TYPE_CHECKING:
    from typing import Any

_CLIENT = const(0)  # operation of +UMQTT and of +UMQTTSN

_PORT = const(1883)
_SECURE_PORT = const(8883)
_LONGEST_MS = const(0x1FFFFFFF)  # the longest time that the clock can measure


class Order:
    """`wanted`: settings as (operation, value …), `host`, `tls`, `clean`, `keepalive`: arguments
    of the session."""

    if TYPE_CHECKING:
        wanted: list[Any]
        tls: Any

    def __init__(self, host: str, keepalive: int, clean):
        self.host = host
        self.keepalive = keepalive
        self.clean = clean
        self.wanted = []
        self.tls = None

    def secure(self, modem, tls, operation: int) -> int:
        """Add TLS (DTLS) by `operation` if a profile or True is given; returns the default
        port."""
        self.tls = tls or None
        if not tls:
            return _PORT
        if tls is True:
            self.tls = tls = modem.security.default
        if not hasattr(tls, "hold"):
            raise TypeError("tls: a profile of modem.security, or True")
        self.wanted.append((operation, 1, tls.number))
        return _SECURE_PORT


def within(name: str, value, most: int) -> int:
    """`value` if it is an integer from 0 to `most`; `TypeError`, `ValueError`."""
    if not isinstance(value, int):
        raise TypeError(name + ": integer wanted")
    if not 0 <= value <= most:
        raise ValueError("%s: 0 to %d" % (name, most))
    return value


def duration(ms) -> int:
    """A time limit in milliseconds, checked."""
    return within("timeout_ms", ms, _LONGEST_MS)


def port_of(port, usual: int) -> int:
    """A port, or the default if it is None."""
    if port is None:
        return usual
    if not within("port", port, 65535):
        raise ValueError("port: 1 to 65535")
    return port


class Limit:
    """A time limit that counts from its creation, over several commands. `TypeError`,
    `ValueError`."""

    def __init__(self, channel, ms):
        self.channel = channel
        self.ms = duration(ms)
        self.began = channel.port.ticks_ms()

    def left(self) -> int:
        """The remaining time; at least a little, so that the time-out occurs in a command."""
        return self.channel.remaining(self.ms, self.began)

    def over(self) -> bool:
        return self.channel.elapsed(self.began) >= self.ms


def with_identity(service, order, limit) -> None:
    """Without a client id use the IMEI, which not every firmware does by itself (ubxlib)."""
    if order is not None and order.wanted[0][0] != _CLIENT:
        channel = service.channel
        channel.acquire(limit.left())
        try:
            lines = channel.ask(b"+CGSN", plain=True)
        finally:
            channel.release()
        for line in lines:
            if line.isdigit():  # otherwise an unknown URC
                order.wanted.insert(0, (_CLIENT, line))
                return
        raise channel.garbled("no IMEI")


def begin_by(service, begin, order, limit) -> None:
    """`begin(service, order, limit)` with the security profile of `order`, or of the module's
    settings, held for the host meanwhile; then collect its TLS session for a later connection."""
    if order is None:
        tls, name = service.secured()
    else:
        tls, name = order.tls, order.host
    service.tls = None if tls is None else (tls, name)
    if tls is None:
        begin(service, order, limit)
        return
    tls.hold(name, limit.left())
    try:
        begin(service, order, limit)
    finally:
        tls.let_go(service.connecting)  # after a cancellation the module may still connect
    tls.collect()
