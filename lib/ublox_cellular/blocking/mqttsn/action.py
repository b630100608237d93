# Generated from aio/mqttsn/action.py by tools/generate. Do not edit.
"""Publishing, topics and subscriptions of MQTT-SN, what is seldom needed, and failures. A5 7.3 to
7.7, at-commands 6."""

from ...core.command import plain, sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ...core.mqtt_payload import check_filter, check_qos, check_topic, octets
from ..at import Lock
from ..mqtt.action import Action, Limit, act, after_prompt, check_form, digits, duration, text

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    pass

_CONNECT = const(1)

# ---- publishing ---------------------------------------------------------------------------------
#
# Publishing by MQTT-SN, in the form that the payload and the module allow. A5 7.3 to 7.5.
#
# As text, as hexadecimal digits, after a prompt, which only a sibling's document has, or where the
# firmware does not know that and it is too long for digits, by way of a file.

_NORMAL = const(0)
_PUBLISH = const(4)
_BINARY = const(12)
_WITHOUT_SESSION = const(3)  # how the module is told a QoS of -1

_LONGEST = const(1017)  # of any form (at-commands 6, op 11): with its header it makes 1024
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_OVERHEAD = const(28)  # of the line beside topic and message
_ID = const(5)  # characters of the longest one


def quality(qos, kind: int) -> int:
    """A QoS as the module is told it; `ValueError`."""
    if not isinstance(qos, int):
        raise TypeError("qos: integer wanted")
    if not -1 <= qos <= 2:
        raise ValueError("qos: -1 to 2")
    if qos >= 0:
        return qos
    if kind == _NORMAL:
        raise ValueError("qos -1 is for predefined and short topics")
    return _WITHOUT_SESSION


def publish(
    mqttsn,
    topic: "str | bytes | int",
    msg: "str | bytes | bytearray | memoryview",
    retain=False,
    qos: int = 0,
    *,
    kind=None,
    timeout_ms: int = 60000,
) -> None:
    """Publish `msg`: a string (as UTF-8) or bytes of any value, at most 1017; with QoS 1 and 2
    it returns when the gateway has acknowledged it.

    `topic`: a name of at most 256 bytes without wildcards, or a predefined id; for `kind` see
    below. A normal topic is registered first if the gateway has not told its id. With
    QoS -1 no session is needed, but `configure()`, and a predefined or short topic.

    `mqttsn.form`, and what is noticed of bytes that are lost, damaged or doubled on the line, are
    as for MQTT: mqtt/action.py. The binary form, which None takes for QoS 1 and 2 unless
    `modem.flow` is True, is in a sibling's document only: where the firmware refuses it, None
    takes "text" or "hex" from then on, and a file for what is too long for those.

    Raises `ValueError`, `TypeError` before anything is sent; `MqttSnError` (not connected, lost,
    refused), `MqttTimeout` (unknown whether it was published), `CommandError`, `ModuleReset`.
    Nothing is repeated.
    """
    number, name = classify(mqttsn, topic, kind)
    flags = quality(qos, number), 1 if retain else 0
    data = octets(msg)
    if len(data) > _LONGEST:
        raise ValueError("message of %d bytes, at most %d fit" % (len(data), _LONGEST))
    room = _LONGEST_LINE - _OVERHEAD - (_ID if number == _NORMAL else len(name))
    form = mqttsn.form
    if form and form != "binary":
        check_form(form, data, room)
    counted = qos > 0 and mqttsn.modem.flow is not True
    form = form if form and len(data) else choose(data, room, counted, mqttsn.binary is not False)
    limit = Limit(mqttsn.channel, timeout_ms)
    ids = mqttsn.ids
    refused = False
    try:
        where = number, number_of(mqttsn, number, name, limit)
        if form == "binary":
            try:
                parts = flags + where + (len(data),)
                _send(mqttsn, _BINARY, parts, after_prompt, data, ids, qos, limit)
                mqttsn.binary = True
                return
            except CommandError:
                if mqttsn.form or mqttsn.binary:
                    raise
            refused = True
            form = choose(data, room, False, False)
        if form == "file":
            publish_by_file(mqttsn, flags + where, data, ids, qos, limit)
        elif form == "hex":
            parts = flags + (1,) + where
            _send(mqttsn, _PUBLISH, parts, digits, data, ids, qos, limit)
        else:
            parts = flags + (0,) + where
            _send(mqttsn, _PUBLISH, parts, text, data, ids, qos, limit)
        if refused:
            mqttsn.binary = False
    except OSError:
        forget(mqttsn, number, name, ids)
        raise


def choose(data, room: int, counted: bool, binary: bool) -> str:
    """The form of a message: `counted` where that is possible, else the fastest."""
    n = len(data)
    if counted and binary and n:
        return "binary"
    if n <= room and plain(data, 0, n):
        return "text"
    if 2 * n <= room:
        return "hex"
    return "binary" if binary else "file"


def _send(mqttsn, op: int, parts, carry, data, ids, qos: int, limit):
    return act(mqttsn, op, parts, limit.left(), carry, data, Action(ids), blind=qos < 0)


# ---- topics -------------------------------------------------------------------------------------
#
# Topics of MQTT-SN: names, their ids, and what is subscribed to. A5 7.3 to 7.5, at-commands 6.
#
# How a topic is told to the module, its `kind`: "normal" by an id that the gateway gives for the
# name, "predefined" by an id that gateway and we have agreed upon, "short" by a name of two
# characters. None chooses: a number, or a name of `predefine()`, is predefined, else normal.

_KINDS = ("normal", "predefined", "short")
_PREDEFINED = const(1)
_SHORT = const(2)

_REGISTER = const(2)
_UNSUBSCRIBE = const(6)

_LAST_ID = const(65534)  # 0 and 65535 are reserved by the standard


def classify(mqttsn, topic, kind, check=check_topic):
    """(kind as a number, topic as it is sent: of a normal one the name); `check` tells whether
    wildcards are allowed. `ValueError`, `TypeError`."""
    if kind is not None and kind not in _KINDS:
        raise ValueError("kind: one of " + " ".join(_KINDS))
    if isinstance(topic, int):
        if kind is not None and kind != "predefined":
            raise ValueError("a number is the id of a predefined topic")
        return _PREDEFINED, str(_checked(topic))
    name = check(topic)
    if kind == "predefined" or (kind is None and name in mqttsn.fixed):
        if name not in mqttsn.fixed:
            raise ValueError("predefine() the topic before")
        return _PREDEFINED, str(mqttsn.fixed[name])
    if kind == "short":
        if len(name.encode()) != 2 or "+" in name or "#" in name:
            raise ValueError("a short topic has two characters, and no wildcards")
        return _SHORT, name
    return _NORMAL, name


def _checked(number) -> int:
    if not isinstance(number, int):
        raise TypeError("id of a topic: integer wanted")
    if not 0 < number <= _LAST_ID:
        raise ValueError("id of a topic: 1 to %d" % _LAST_ID)
    return number


def predefine(mqttsn, topic, number: int) -> None:
    """From now on `topic` stands for the predefined id `number` (1 to 65534), when sending and
    in messages. Gateway and all clients must have agreed upon it; nothing is sent."""
    mqttsn.fixed[check_topic(topic)] = _checked(number)


def learn(mqttsn, name: str, number, ids) -> None:
    """The gateway knows a name by an id, in the session that `ids` are of; 0 is none."""
    if number:
        ids[name] = number
        if ids is mqttsn.ids:
            mqttsn.names[number] = name


def forget(mqttsn, kind: int, name: str, ids) -> None:
    """A message was rejected: perhaps the gateway does not know its id any more."""
    if kind == _NORMAL:
        ids.pop(name, None)


def number_of(mqttsn, kind: int, name: str, limit) -> str:
    """What a message names its topic by: the id of a normal one."""
    if kind != _NORMAL:
        return name
    return str(mqttsn.ids.get(name) or register(mqttsn, name, limit.left()))


def register(mqttsn, topic, timeout_ms: int = 60000) -> int:
    """Ask the gateway for the id of a normal topic, and remember it for this session. Needed by
    nobody: `publish` does it for the first message of a topic."""
    name = check_topic(topic)
    ids = mqttsn.ids
    action = act(mqttsn, _REGISTER, (name,), duration(timeout_ms))
    number = action.number
    if not number:
        raise mqttsn.channel.garbled("no id of the topic")
    learn(mqttsn, name, number, ids)
    return number


def subscribe(mqttsn, topic, qos: int = 0, *, kind=None, timeout_ms: int = 60000) -> int:
    """Receive messages of a topic with a QoS of at most `qos` (0 to 2); the QoS granted.

    `topic`: a name of at most 256 bytes, "+" and "#" allowed, or a predefined id; for `kind` see
    the top of this file. What only a wildcard matches the gateway names to the module, and no
    document says that the module tells it: unless it is registered here, messages of it have a
    number for a topic.
    """
    number, name = classify(mqttsn, topic, kind, check_filter)
    parts = (check_qos(qos), number, name)
    ids = mqttsn.ids
    action = act(mqttsn, mqttsn.SUBSCRIBE, parts, duration(timeout_ms))
    granted = action.granted
    if granted is None or not 0 <= granted <= 2:
        raise mqttsn.channel.garbled("no granted QoS")
    if number == _NORMAL:
        learn(mqttsn, name, action.number, ids)
    return granted


def unsubscribe(mqttsn, topic, *, kind=None, timeout_ms: int = 60000) -> None:
    """Receive them no longer; `topic` as it was subscribed to."""
    number, name = classify(mqttsn, topic, kind, check_filter)
    ids = None
    if number == _NORMAL and name in mqttsn.ids:
        ids = mqttsn.ids
        name = str(ids[name])  # A5 7.3; one with wildcards has no id
    timeout_ms = duration(timeout_ms)
    act(mqttsn, _UNSUBSCRIBE, (number, name), timeout_ms, action=Action(ids))


# ---- long messages, another will ----------------------------------------------------------------
#
# What is seldom needed of MQTT-SN: long messages, and another will for a session that stands.

_NEW_WILL_TOPIC = const(7)
_WILL_MESSAGE = const(8)
_FILE = const(11)

_LONGEST_FILE = const(1017)
_LONGEST_WILL = const(256)
_OURS = "mqttsn_message"

_LIMIT_MS = const(120000)  # what an action may take (at-commands 1.6)

_ENOENT = const(2)
_ETIMEDOUT = const(110)


def publish_file(
    mqttsn, topic, name, retain=False, qos: int = 0, *, kind=None, timeout_ms: int = 60000
) -> None:
    """Publish what a file on the module holds, see `modem.files`; otherwise as `publish()`. The
    file may have 1017 bytes: `ValueError`; `OSError(ENOENT)` if there is none."""
    number, topic = classify(mqttsn, topic, kind)
    flags = quality(qos, number), 1 if retain else 0
    name = mqttsn.modem.files.check(name, "")
    limit = Limit(mqttsn.channel, timeout_ms)
    size = mqttsn.modem.files.size(name)
    if size < 0:
        raise OSError(_ENOENT, "no file " + name)
    if size > _LONGEST_FILE:
        raise ValueError("file of %d bytes, at most %d fit" % (size, _LONGEST_FILE))
    ids = mqttsn.ids
    try:
        parts = flags + (number, number_of(mqttsn, number, topic, limit), name)
        act(mqttsn, _FILE, parts, limit.left(), action=Action(ids), blind=qos < 0)
    except OSError:
        forget(mqttsn, number, topic, ids)
        raise


def publish_by_file(mqttsn, parts, data, ids, qos: int, limit) -> None:
    """What is too long for a line where the firmware does not know the binary form: by a file,
    which is removed again. One message at a time: it has one name."""
    channel = mqttsn.channel
    if mqttsn.spool is None:
        mqttsn.spool = Lock()
    mqttsn.spool.acquire(channel, limit.left(), "the file for messages")
    try:
        earlier = mqttsn.action
        if earlier is not None and earlier.op == _FILE:  # the module may be reading that file
            mqttsn.idle(max(1, min(limit.left(), _LIMIT_MS - channel.elapsed(earlier.began))))
            if mqttsn.action is earlier and channel.elapsed(earlier.began) < _LIMIT_MS:
                raise ModemError(_ETIMEDOUT, "the module is at an earlier message still")
        mqttsn.modem.files.write(_OURS, data)
        parts += (_OURS,)
        act(mqttsn, _FILE, parts, limit.left(), action=Action(ids), blind=qos < 0)
    finally:
        mqttsn.spool.release()
        channel.owe(_remove, mqttsn)
    mqttsn.settle()


def _remove(mqttsn) -> None:
    """Remove that file, with the channel held; unless it is in use by another message, or by one
    that was given up, which the module may still be at: then the next one is written over it."""
    if not mqttsn.spool.held and mqttsn.action is None:
        mqttsn.channel.ask(b"+UDELFILE", _OURS)


def update_will(mqttsn, topic, msg, qos=0, retain=False, *, timeout_ms: int = 60000) -> None:
    """Change the will of the session that stands: what the gateway publishes when we vanish.

    `topic`: at most 256 bytes; `msg`: at most 256 without quotes and control characters, as no
    other form is documented here (at-commands 6, op 8): `ValueError`. For the sessions to come
    say `connect(will=…)`. Not one action but two: if the second fails, the topic is the new one.
    """
    topic = check_topic(topic)
    check_qos(qos)
    text = str(sendable(bytes(octets(msg)), _LONGEST_WILL), "utf-8")
    limit = Limit(mqttsn.channel, timeout_ms)
    mqttsn.setup.acquire(mqttsn.channel, limit.left(), "the settings of the session")
    try:
        act(mqttsn, _NEW_WILL_TOPIC, (qos, 1 if retain else 0, topic), limit.left())
        act(mqttsn, _WILL_MESSAGE, (text,), limit.left())
    finally:
        mqttsn.setup.release()


# ---- failures -----------------------------------------------------------------------------------
#
# Why an action of MQTT-SN has failed (+UMQTTSNER), and sessions that are over. A5 7.7.

_CLASS = const(14)  # of MQTT-SN, always
_BY_MODULE = const(1)  # reason for the end of a session
_NOT_ALLOWED = const(3)  # +CME ERROR


def failure(mqttsn, op: int) -> Exception:
    """The exception for an action that the module has reported as failed."""
    from ...core.service_errors import mqttsn_error
    from ..mqtt.earlier_action import reason

    return mqttsn_error("AT+UMQTTSNC=%d" % op, *reason(mqttsn, b"+UMQTTSNER", _CLASS))


def refused(mqttsn, error, op: int = 0) -> Exception:
    """The exception for an action that was refused."""
    mqttsn.modem.network.doubt()
    if error.code == _NOT_ALLOWED and _CONNECT < op < _BINARY:
        mqttsn.ended(_BY_MODULE)  # it was lost unseen
    return error


def over(mqttsn) -> Exception:
    """The exception for a session that is over, or was never begun."""
    from ...core.service_errors import mqttsn_session_over

    return mqttsn_session_over(mqttsn.why)
