"""Publishing by MQTT-SN, in the form that the payload and the module allow. A5 7.3 to 7.5.

As text, as hexadecimal digits, after a prompt, which only a sibling's document has, or where the
firmware does not know that and it is too long for digits, by way of a file.
"""

from ...core.compat import const
from ...core.errors import CommandError
from ...core.mqtt_checks import octets
from ...core.payload import plain
from ..mqtt.action import Action, act
from ..mqtt.publish import after_prompt, check_form, digits, text
from ..mqtt.session_request import Limit
from .topics import classify, forget, number_of

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


async def publish(
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
    topics.py. A normal topic is registered first if the gateway has not told its id. With
    QoS -1 no session is needed, but `configure()`, and a predefined or short topic.

    `mqttsn.form`, and what is noticed of bytes that are lost, damaged or doubled on the line, are
    as for MQTT: mqtt/publish.py. The binary form, which None takes for QoS 1 and 2 unless
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
        where = number, await number_of(mqttsn, number, name, limit)
        if form == "binary":
            try:
                parts = flags + where + (len(data),)
                await _send(mqttsn, _BINARY, parts, after_prompt, data, ids, qos, limit)
                mqttsn.binary = True
                return
            except CommandError:
                if mqttsn.form or mqttsn.binary:
                    raise
            refused = True
            form = choose(data, room, False, False)
        if form == "file":
            from .rare import publish_by_file

            await publish_by_file(mqttsn, flags + where, data, ids, qos, limit)
        elif form == "hex":
            parts = flags + (1,) + where
            await _send(mqttsn, _PUBLISH, parts, digits, data, ids, qos, limit)
        else:
            parts = flags + (0,) + where
            await _send(mqttsn, _PUBLISH, parts, text, data, ids, qos, limit)
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
