# Generated from aio/sara_r5/mqttsn_reading.py by tools/generate. Do not edit.
"""Messages of MQTT-SN that have arrived. A5 7.3, 7.5, 7.6, at-commands 6.

    +UMQTTSNC: 9,<qos>,<kind>,<both lengths>,<topic length>,"<topic>",<length>,"<message>"

Read as those of MQTT: what is between the first quote and the last is one counted payload, with
the second length in the middle of it.
"""

from ...core.compat import const
from ...core.errors import CommandError
from ..messages import Message, fitting
from .mqttsn_actions import settled

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_READ = const(9)
_COMMAS = const(5)  # before the topic
_PREDEFINED = const(1)
_SHORT = const(2)

_ROOM = const(1040)  # 1017 bytes of message, an id, and what is between them
_LONGEST = const(1 << 16)  # of MQTT-SN itself
_PATIENCE_MS = const(60000)


class _Head:
    """What the beginning of the answer tells, and where the rest is put."""

    if TYPE_CHECKING:
        into: Any

    def __init__(self, mqttsn):
        self.mqttsn = mqttsn
        self.into = mqttsn.buffer
        self.qos = self.kind = self.topic = self.size = 0
        self.good = self.fits = False

    def seen(self, line) -> int:
        """Handler of the channel: how many bytes follow, -1 if this is no such answer."""
        mqttsn = self.mqttsn
        op, qos, kind = line.number(), line.number(), line.number()
        total, topic = line.number(), line.number()
        if not mqttsn.channel.head or op != _READ or qos not in (0, 1, 2) or kind not in (0, 1, 2):
            return -1
        if topic is None or total is None or not 0 <= topic <= total < _LONGEST:
            return -1
        self.good = True
        # A count that came behind our command may tell of this message, or not any more.
        if mqttsn.unread and not mqttsn.late:
            mqttsn.unread -= 1
        self.qos = qos
        self.kind = kind
        self.topic = topic
        self.size = total - topic
        n = total + 4 + len(str(self.size))
        self.fits = n <= len(self.into)
        if not self.fits:
            self.into = bytearray(n) if mqttsn.leave else None
        mqttsn.channel.into = self.into
        mqttsn.channel.room = n
        return n

    def message(self) -> Message:
        """Topic and message out of the buffer; `Garbled` if they are not what the head says."""
        between = b'",%d,"' % self.size
        at = self.topic + len(between)
        view = memoryview(self.into)
        if bytes(view[self.topic : at]) != between:
            raise self.mqttsn.channel.garbled("lengths that contradict each other")
        topic = _named(self.mqttsn, self.kind, bytes(view[: self.topic]))
        return Message(topic, bytes(view[at : at + self.size]), self.qos)


def _named(mqttsn, kind: int, topic: bytes) -> "Any":
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


def _fetch(mqttsn):
    """The head of the next message, which is read; None if there is none."""
    channel = mqttsn.channel
    if mqttsn.buffer is None:
        mqttsn.buffer = bytearray(_ROOM)
    channel.acquire()
    announced = mqttsn.unread
    rubbish = channel.unknown
    try:
        line = channel.start(b"+UMQTTSNC")
        line.number(_READ)
        line.number(1)
        head = _Head(mqttsn)
        mqttsn.late = False
        channel.shape = _ours
        channel.commas = _COMMAS
        channel.handler = head.seen
        channel.into = mqttsn.buffer
        channel.execute()
        if channel.answers:
            if not head.good:
                raise channel.garbled("not a message")
        elif announced and channel.unknown != rubbish:
            raise _perhaps(mqttsn)
        else:
            mqttsn.unread = 0
            return None
    except CommandError:
        if announced and channel.unknown != rubbish:
            raise _perhaps(mqttsn)
        raise
    finally:
        channel.release()
    return head


def _perhaps(mqttsn) -> Exception:
    """The exception for an answer in which a message may have been: it was lost on the line, or
    never there, and is not asked for again."""
    if mqttsn.unread and not mqttsn.late:
        mqttsn.unread -= 1
    return mqttsn.channel.garbled("a message that nobody can read, perhaps")


def _ours(line) -> bool:
    """A message has more fields than a URC that A5 7.8 prints with the same name."""
    return line.number() == _READ and line.number() is not None and line.number() is not None


def take(mqttsn, room: int = -1):
    """The next message, or None; `MessageTooLarge` if it does not fit the buffer, or `room`."""
    began = mqttsn.channel.port.ticks_ms()
    while True:
        busy = mqttsn.op is not None
        try:
            head = _fetch(mqttsn)
            break
        except CommandError:
            if not busy:  # nothing there
                mqttsn.unread = 0
                return None
            settled(mqttsn, began, _PATIENCE_MS, True)  # it may be at something else
    if head is None:
        return None
    message = head.message() if head.into is not None else None
    return fitting(mqttsn, message, head.size, head.fits and not 0 <= room < head.size)
