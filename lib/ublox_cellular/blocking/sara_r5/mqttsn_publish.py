# Generated from aio/sara_r5/mqttsn_publish.py by tools/generate. Do not edit.
"""Publishing by MQTT-SN, in the form that the payload and the module allow. A5 7.3 to 7.5.

As text where it is printable and fits a line, else as hexadecimal digits; what is too long for
those behind a prompt, and where the firmware does not know that, by way of a file.
"""

from ...core.compat import const
from ...core.mqtt_names import octets
from ...core.payload import plain
from .mqttsn_actions import act
from .mqttsn_topics import classify, register

_NORMAL = const(0)
_PUBLISH = const(4)
_WITHOUT_SESSION = const(3)  # how the module is told a QoS of -1

_LONGEST = const(1017)  # of any form (at-commands 6, op 11): with its header it makes 1024
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_OVERHEAD = const(28)  # of the line beside topic and message


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
    mqttsn, topic, msg, retain=False, qos: int = 0, *, kind=None, timeout_ms: int = 60000
) -> None:
    """Publish `msg`: a string (as UTF-8) or bytes of any value, at most 1017; with QoS 1 and 2
    it returns when the gateway has acknowledged it.

    `topic`: a name of at most 256 bytes without wildcards, or a predefined id; for `kind` see
    mqttsn_topics.py. A normal topic is registered first if the gateway has not told its id. With
    QoS -1 no session is needed, but `configure()`, and a predefined or short topic.

    Raises `ValueError`, `TypeError` before anything is sent; `MqttSnError` (not connected, lost,
    refused), `MqttTimeout` (unknown whether it was published), `CommandError`, `ModuleReset`.
    Nothing is repeated. What a prompt that is lost on the line leads to is as for MQTT:
    mqtt_publish.py.
    """
    number, name = classify(mqttsn, topic, kind)
    flags = quality(qos, number), 1 if retain else 0
    data = octets(msg)
    n = len(data)
    if n > _LONGEST:
        raise ValueError("message of %d bytes, at most %d fit" % (n, _LONGEST))
    began = mqttsn.channel.port.ticks_ms()
    life = mqttsn.life
    topic = name
    if number == _NORMAL:
        topic = str(mqttsn.ids.get(name) or register(mqttsn, name, timeout_ms))
        timeout_ms -= mqttsn.channel.elapsed(began)
    room = _LONGEST_LINE - _OVERHEAD - len(topic)
    try:
        if n <= room and plain(data, 0, n):
            parts = flags + (0, number, topic)
            act(mqttsn, _PUBLISH, parts, timeout_ms, life, data)
        elif 2 * n <= room:
            from binascii import hexlify

            digits = hexlify(data)  # pyright: ignore[reportArgumentType] # any buffer will do
            act(mqttsn, _PUBLISH, flags + (1, number, topic), timeout_ms, life, digits)
        else:
            from .mqttsn_extras import publish_long

            publish_long(mqttsn, flags + (number, topic), data, timeout_ms, life)
    except OSError:
        forget(mqttsn, number, name)
        raise


def forget(mqttsn, kind: int, name: str) -> None:
    """It was rejected: perhaps the gateway does not know its id any more."""
    if kind == _NORMAL:
        mqttsn.ids.pop(name, None)
