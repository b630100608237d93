# Generated from aio/mqttsn/read.py by tools/generate. Do not edit.
"""Topics of messages of MQTT-SN that have arrived. A5 7.3, 7.5, 7.6, at-commands 6."""

from ...core.compat import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PREDEFINED = const(1)
_SHORT = const(2)


def named(mqttsn, kind: int, topic: bytes) -> "Any":
    """The name of a message's topic; its id if nobody has told it to us."""
    if kind == _SHORT or not topic.isdigit():
        return topic
    number = int(topic)
    if kind != _PREDEFINED:
        name = mqttsn.names.get(number)
        return number if name is None else name.encode()
    for name in mqttsn.fixed:
        if mqttsn.fixed[name] == number:
            return name.encode()
    return number
