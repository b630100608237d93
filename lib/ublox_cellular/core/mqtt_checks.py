"""Topics and messages, checked. MQTT 3.1.1 section 4.7, at-commands 5."""

from .command import sendable
from .compat import const

_LONGEST_TOPIC = const(256)  # bytes, both modules


def octets(value):
    """The bytes of a message: `str` as UTF-8, else a bytes-like object."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("message: string or bytes wanted")
    if getattr(value, "itemsize", 1) != 1:  # a memoryview of something larger
        raise TypeError("message: a memoryview of bytes wanted")
    return value


def check_topic(topic) -> str:
    """A topic to publish to, as a string; `ValueError` for wildcards, or what is too long."""
    topic = _text(topic)
    if "+" in topic or "#" in topic:
        raise ValueError("topic: wildcards are for subscribing")
    return topic


def check_filter(topic) -> str:
    """A topic to subscribe to: "+" stands for a level, "#" at the end for all that follow."""
    topic = _text(topic)
    levels = topic.split("/")
    for i in range(len(levels)):
        level = levels[i]
        if ("+" in level and level != "+") or (
            "#" in level and (level != "#" or i < len(levels) - 1)
        ):
            raise ValueError("topic: + stands for a whole level, # for all at the end")
    return topic


def _text(topic) -> str:
    if not isinstance(topic, str):
        topic = str(topic, "utf-8")
    if not topic:
        raise ValueError("topic: at least one character")
    sendable(topic, _LONGEST_TOPIC)
    return topic


def check_qos(qos) -> int:
    if not isinstance(qos, int):
        raise TypeError("qos: integer wanted")
    if not 0 <= qos <= 2:
        raise ValueError("qos: 0 to 2")
    return qos
