"""Topics of MQTT-SN: names, their ids, and what is subscribed to. A5 7.3 to 7.5, at-commands 6.

How a topic is told to the module, its `kind`: "normal" by an id that the gateway gives for the
name, "predefined" by an id that gateway and we have agreed upon, "short" by a name of two
characters. None chooses: a number, or a name of `predefine()`, is predefined, else normal.
"""

from ...core.compat import const
from ...core.mqtt_checks import check_filter, check_qos, check_topic
from ..mqtt.action import Action, act
from ..mqtt.session_request import duration

_KINDS = ("normal", "predefined", "short")
_NORMAL = const(0)
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


async def number_of(mqttsn, kind: int, name: str, limit) -> str:
    """What a message names its topic by: the id of a normal one."""
    if kind != _NORMAL:
        return name
    return str(mqttsn.ids.get(name) or await register(mqttsn, name, limit.left()))


async def register(mqttsn, topic, timeout_ms: int = 60000) -> int:
    """Ask the gateway for the id of a normal topic, and remember it for this session. Needed by
    nobody: `publish` does it for the first message of a topic."""
    name = check_topic(topic)
    ids = mqttsn.ids
    action = await act(mqttsn, _REGISTER, (name,), duration(timeout_ms))
    number = action.number
    if not number:
        raise mqttsn.channel.garbled("no id of the topic")
    learn(mqttsn, name, number, ids)
    return number


async def subscribe(mqttsn, topic, qos: int = 0, *, kind=None, timeout_ms: int = 60000) -> int:
    """Receive messages of a topic with a QoS of at most `qos` (0 to 2); the QoS granted.

    `topic`: a name of at most 256 bytes, "+" and "#" allowed, or a predefined id; for `kind` see
    the top of this file. What only a wildcard matches the gateway names to the module, and no
    document says that the module tells it: unless it is registered here, messages of it have a
    number for a topic.
    """
    number, name = classify(mqttsn, topic, kind, check_filter)
    parts = (check_qos(qos), number, name)
    ids = mqttsn.ids
    action = await act(mqttsn, mqttsn.SUBSCRIBE, parts, duration(timeout_ms))
    granted = action.granted
    if granted is None or not 0 <= granted <= 2:
        raise mqttsn.channel.garbled("no granted QoS")
    if number == _NORMAL:
        learn(mqttsn, name, action.number, ids)
    return granted


async def unsubscribe(mqttsn, topic, *, kind=None, timeout_ms: int = 60000) -> None:
    """Receive them no longer; `topic` as it was subscribed to."""
    number, name = classify(mqttsn, topic, kind, check_filter)
    ids = None
    if number == _NORMAL and name in mqttsn.ids:
        ids = mqttsn.ids
        name = str(ids[name])  # A5 7.3; one with wildcards has no id
    timeout_ms = duration(timeout_ms)
    await act(mqttsn, _UNSUBSCRIBE, (number, name), timeout_ms, action=Action(ids))
