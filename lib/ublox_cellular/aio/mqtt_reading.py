"""Messages that have arrived, and waiting for them. A5 6.3, A10 6.4, at-commands 5.3.

    +UMQTTC: 6,<qos>,<both lengths>,<topic length>,"<topic>",<length>,"<message>"

Topic and message may hold whatever ends a string or a line, so all from the topic's first byte to
the message's last is one counted payload; the second length, in the middle of it, proves it.
"""

from ..core.compat import const
from ..core.errors import CommandError, NotSupported
from .messages import Message, fitting

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_READ = const(6)
_ROOM = const(1288)  # 256 of topic, 1024 of message, and what is between them
_LONGEST = const(1 << 28)  # of MQTT itself

_EOPNOTSUPP = const(95)


class Head:
    """What the beginning of the answer tells, and where the rest is put."""

    if TYPE_CHECKING:
        into: Any

    def __init__(self, mqtt):
        self.mqtt = mqtt
        self.hex = mqtt.hex_reads
        self.qos = self.topic = self.size = self.told = 0
        self.fits = False
        self.bad = True
        self.into = mqtt.buffer

    def seen(self, line) -> int:
        """Handler of the channel: how many bytes follow, -1 if this is no such answer."""
        mqtt = self.mqtt
        channel = mqtt.channel
        good = channel.head and line.number() == _READ
        qos = line.number()
        total = line.number()
        topic = line.number()
        if not good or qos is None or total is None or topic is None:
            return -1
        if not 0 <= qos <= 2 or not 0 <= topic <= total < _LONGEST:
            return -1
        self.bad = False
        # A count that came behind our command may tell of this message, or not any more.
        if mqtt.told == self.told and mqtt.unread:
            mqtt.unread -= 1
        self.qos = qos
        self.topic = topic
        self.size = total - topic
        n = total + 4 + len(str(self.size)) + (self.size if self.hex else 0)
        self.fits = n <= len(self.into)
        if not self.fits:
            self.into = bytearray(n) if mqtt.leave else None
        channel.into = self.into
        channel.room = n
        return n

    def message(self) -> Message:
        """Topic and message out of the buffer; `Garbled` if they are not what the head says."""
        between = b'",%d,"' % self.size
        at = self.topic + len(between)
        view = memoryview(self.into)
        if bytes(view[self.topic : at]) != between:
            raise self.mqtt.channel.garbled("lengths that contradict each other")
        n = self.size
        if self.hex:
            from .lexi_r10.mqtt_digits import undigited

            undigited(self.mqtt.channel, self.into, at, n)
        return Message(bytes(view[: self.topic]), bytes(view[at : at + n]), self.qos)


async def _fetch(mqtt):
    """The head of the next message, which is read; None if there is none."""
    channel = mqtt.channel
    if mqtt.buffer is None:
        mqtt.buffer = bytearray(_ROOM)
    if mqtt.hex_reads and not mqtt.modem.chooses_context:
        raise NotSupported(_EOPNOTSUPP, mqtt.modem.name, "reading as hexadecimal digits")
    head = Head(mqtt)
    await channel.acquire()
    announced = mqtt.unread
    rubbish = channel.unknown
    try:
        line = channel.start(b"+UMQTTC")
        line.number(_READ)
        line.number(1)
        if head.hex:
            line.number(1)
        channel.commas = 4
        channel.handler = head.seen
        channel.into = mqtt.buffer
        head.told = mqtt.told
        await channel.execute()
        if channel.answers and head.bad:
            raise channel.garbled("not a message")
    except CommandError:  # nothing there, or an action that nobody waits for is under way
        channel.answers = 0
        if not mqtt.connected:  # they went with the session
            mqtt.dropped += announced
    finally:
        channel.release()
    if channel.answers:
        return head
    if announced and channel.unknown != rubbish:
        if mqtt.unread and mqtt.told == head.told:  # lost on the line, or it never was there
            mqtt.unread -= 1
        raise channel.garbled("a message, perhaps")
    if mqtt.left is None:
        mqtt.unread = 0
    return None


async def take(mqtt, room: int = -1):
    """The next message, or None; `MessageTooLarge` if it does not fit the buffer, or `room`."""
    await mqtt.lock.acquire(mqtt.channel)
    try:
        head = await _fetch(mqtt)
        if head is None:
            return None
        message = head.message() if head.into is not None else None
    finally:
        mqtt.lock.release()
    return fitting(mqtt, message, head.size, head.fits and not 0 <= room < head.size)
