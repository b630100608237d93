"""Messages that have arrived, of MQTT and MQTT-SN: what a program gets, and waiting for it.

`take()` asks the module for the next one. `mqtt.held` is what the module has
given out and no caller has got, `mqtt.back` what was read and is to be given out again.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError, NotSupported
from .action import duration

_PATIENCE_MS = const(60000)  # with a channel that is in use

_EMSGSIZE = const(90)
_ETIMEDOUT = const(110)


class Message:
    """`topic` and `payload`: bytes; `qos`: with which it was delivered."""

    def __init__(self, topic: bytes, payload: bytes, qos: int):
        self.topic = topic
        self.payload = payload
        self.qos = qos

    def __repr__(self) -> str:
        return "<message of %d bytes, topic %r>" % (len(self.payload), self.topic)


def fitting(mqtt, message, size: int, fits: bool):
    """`message` if it fits where it is to go; else `MessageTooLarge`: it is kept or dropped as
    `leave` says, None is none to be kept."""
    if message is not None and fits:
        return message
    if message is None or not mqtt.leave or mqtt.large is not None:
        mqtt.dropped += 1
    if message is not None and mqtt.leave:
        mqtt.large = message
    from ...core.service_errors import MessageTooLarge

    text = "a message of %d bytes is more than the buffer holds" % size
    raise MessageTooLarge(_EMSGSIZE, text, size)


async def read(mqtt, ask: bool = True, limit_ms: int = _PATIENCE_MS) -> "Message | None":
    """Ask the module for a message, whether or not it has announced one: a `Message` or None.
    `check_msg()` asks only if there is one."""
    message = await mqtt.take(-1, ask, limit_ms)
    if message is not None and mqtt.callback:
        mqtt.callback(message.topic, message.payload)
    return message


async def wait_msg(mqtt, timeout_ms: "int | None" = None) -> "Message | None":
    """Wait for a message: a `Message`; None after `timeout_ms` (None: as long as the session
    stands) or `disconnect()`. A session that is lost raises `MqttError`. As all that wait it may
    be given up (`asyncio.wait_for`): a message that is just arriving is for the next call."""
    if timeout_ms is not None:
        duration(timeout_ms)
    channel = mqtt.channel
    began = channel.port.ticks_ms()
    was_connected = mqtt.is_connected() or mqtt.waiting()
    limit_ms = _PATIENCE_MS
    while True:
        if was_connected and not mqtt.connected and not mqtt.why and not mqtt.waiting():
            return None
        if timeout_ms is not None:
            limit_ms = channel.remaining(timeout_ms, began)
        try:
            message = await mqtt.check_msg(limit_ms)
        except ModemError as error:
            if type(error) is not ModemError or error.errno != _ETIMEDOUT:
                raise
            message = None  # the channel was in use all the time
        if message is not None:
            return message
        passed = channel.elapsed(began)
        if timeout_ms is not None and passed >= timeout_ms:
            return None
        channel.proceed("mqtt")
        await channel.sleep(1 if passed < 200 else 5)


# ---- other ways to read -------------------------------------------------------------------------
#
# Reading messages in other ways than one by one. Imported when needed.


async def look(mqtt, limit_ms: int):
    """Ask for a message because a line was damaged, which may have been an announcement."""
    rubbish = mqtt.channel.unknown
    try:
        message = await mqtt.read(True, limit_ms)
    except OSError:
        mqtt.seen = rubbish
        raise
    mqtt.seen = rubbish
    return message


async def read_all(mqtt) -> list:
    """All messages that wait, in a list: as many as arrive meanwhile, too. What was read when it
    fails or is given up is given out again, unless the callback has had it."""
    found = []
    message = None
    try:
        while True:
            message = await mqtt.check_msg()
            if message is None:
                return found
            found.append(message)
            message = None
            if not mqtt.waiting():
                return found
    except BaseException:
        if mqtt.callback is None:
            if message is not None:
                mqtt.dropped += 1
            if found:
                mqtt.back = found + mqtt.back if mqtt.back else found
        raise


async def read_into(mqtt, buf: bytearray) -> "int | None":
    """Put the payload of the next message at the beginning of `buf`; how long it is, None if there
    is none. Its topic is `mqtt.topic`. One that is longer than `buf` raises `MessageTooLarge`: see
    `leave`."""
    if not isinstance(buf, (bytearray, memoryview)) or getattr(buf, "itemsize", 1) != 1:
        raise TypeError("buf: a bytearray or a memoryview of bytes wanted")
    if len(buf):
        buf[0] = buf[0]  # TypeError where it cannot be written
    mqtt.channel.poll()
    if not mqtt.waiting():
        if not mqtt.connected:
            raise await mqtt.gone()
        return None
    message = await mqtt.take(len(buf), False)
    if message is None:
        return None
    mqtt.topic = message.topic
    n = len(message.payload)
    buf[:n] = message.payload
    return n


# ---- from the module ----------------------------------------------------------------------------
#
# Messages that have arrived, of MQTT and MQTT-SN. A5 6.3, 7.3, A10 6.4, at-commands 5.3, 6.
#
# +UMQTTC: 6,<qos>,<both lengths>,<topic length>,"<topic>",<length>,"<message>"
# +UMQTTSNC: 9,<qos>,<kind>,<both lengths>,<topic length>,"<topic>",<length>,"<message>"
#
# Topic and message may hold whatever ends a string or a line, so all from the first byte of the
# topic to the last of the message is one counted payload; the second length, in its middle, proves
# it.
#
# What the module gives out it gives once. So a message is `mqtt.held` from its first byte on until
# a caller has it: one that gives up, or has no memory for it, leaves it to the next.

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LONGEST = const(1 << 28)  # of MQTT itself
_AGAIN_MS = const(1000)
_REFUSALS = const(30)  # a second apart, of a message that was announced

_EOPNOTSUPP = const(95)


class Head:
    """What the beginning of the answer says, and where the rest is put. Made once: the channel
    asks for one message at a time, and not before a caller has the last one."""

    if TYPE_CHECKING:
        into: Any

    def __init__(self, mqtt):
        self.mqtt = mqtt
        self.methods = (self.seen, self.launched, self.kept)  # each time they would be garbage
        self.into = None
        self.qos = self.kind = self.topic = self.size = self.told = 0
        self.hex = self.good = self.fits = False

    def plan(self) -> None:
        """The exchange that asks for it, with the channel held."""
        mqtt = self.mqtt
        channel = mqtt.channel
        self.good = False
        self.hex = mqtt.hex_reads
        self.into = mqtt.buffer
        line = channel.start(mqtt.NAME)
        line.number(mqtt.READ)
        line.number(1)
        if self.hex:
            line.number(1)
        channel.commas = mqtt.COMMAS
        channel.shape = mqtt.shape
        channel.handler, channel.guard, channel.keeper = self.methods
        channel.into = mqtt.buffer

    def launched(self) -> None:
        """Guard of the channel: counts that come from here on may include this message."""
        self.told = self.mqtt.told

    def seen(self, line) -> int:
        """Handler of the channel: how many bytes follow, -1 if this is no such answer. An
        exception here would have the message taken for lines, so nothing is allocated."""
        mqtt = self.mqtt
        channel = mqtt.channel
        good = channel.head and line.number() == mqtt.READ
        qos = line.number()
        kind = line.number() if mqtt.COMMAS > 4 else 0
        total = line.number()
        topic = line.number()
        if not good or qos is None or kind is None or total is None or topic is None:
            return -1
        if not 0 <= qos <= 2 or not 0 <= kind <= 2 or not 0 <= topic <= total < _LONGEST:
            return -1
        self.good = True
        # A count that came after our command may include this message, or not any more.
        if mqtt.told == self.told and mqtt.unread:
            mqtt.unread -= 1
        self.qos = qos
        self.kind = kind
        self.topic = topic
        n = self.size = total - topic
        if self.hex:
            total += n
        total += 5
        while n > 9:
            n //= 10
            total += 1
        self.fits = total <= len(self.into)
        if not self.fits:
            self.into = None
            if mqtt.leave:
                try:
                    self.into = bytearray(total)
                except MemoryError:
                    pass
        channel.into = self.into
        channel.room = total
        return total

    def kept(self, ended: bool) -> None:
        """Keeper of the channel: the caller has given up, the module goes on giving it out."""
        if ended:
            from .earlier_action import given_out

            given_out(self)
        else:
            self.mqtt.held = self

    def message(self) -> Message:
        """Topic and message out of the buffer; `Garbled` if they are not what the head says."""
        mqtt = self.mqtt
        between = b'",%d,"' % self.size
        at = self.topic + len(between)
        view = memoryview(self.into)
        if bytes(view[self.topic : at]) != between:
            mqtt.held = None
            raise mqtt.channel.garbled("lengths that contradict each other")
        n = self.size
        if self.hex:
            from .stored_settings import undigited

            payload = undigited(mqtt, view[at : at + 2 * n])
        else:
            payload = bytes(view[at : at + n])
        topic = bytes(view[: self.topic])
        if mqtt.COMMAS > 4:
            topic = mqtt.named(self.kind, topic)
        return Message(topic, payload, self.qos)


async def take(mqtt, room: int = -1, ask: bool = True, limit_ms: int = _PATIENCE_MS):
    """The next message, or None; `ask`: also if none is announced. `MessageTooLarge` if it does
    not fit the buffer, or `room`. The channel is waited for at most `limit_ms`."""
    channel = mqtt.channel
    back = mqtt.back
    if back:
        message = back.pop(0)
        if not back:
            mqtt.back = None
        size = len(message.payload)
        return fitting(mqtt, message, size, not 0 <= room < size)
    _check(mqtt)
    began = channel.port.ticks_ms()
    tries = 2 if mqtt.unread else 1  # the question may have been damaged
    while True:
        await channel.acquire(limit_ms)
        try:
            if mqtt.held is not None:
                break
            if not ask and not mqtt.unread:  # another task has read it
                return None
            if mqtt.refusals and channel.elapsed(mqtt.refused_at) < _AGAIN_MS:
                return None
            busy = mqtt.action is not None
            if not busy:
                tries -= 1
            if await _fetch(mqtt, not busy and not tries):
                break
        finally:
            channel.release()
        if busy:  # it may be at something else
            if channel.elapsed(began) >= _PATIENCE_MS:
                return None
            await mqtt.idle(_AGAIN_MS)
    head = mqtt.held
    if head is None:
        return None
    message = head.message() if head.into is not None else None
    mqtt.held = None
    return fitting(mqtt, message, head.size, head.fits and not 0 <= room < head.size)


def _check(mqtt) -> None:
    """Whether messages can be read as the application has it; raises."""
    if mqtt.buffer is None:
        mqtt.buffer = bytearray(mqtt.ROOM)
    if not isinstance(mqtt.buffer, (bytearray, memoryview)):
        raise TypeError("buffer: a bytearray wanted")
    if mqtt.hex_reads and not mqtt.modem.chooses_context:
        raise NotSupported(_EOPNOTSUPP, mqtt.modem.name, "reading as hexadecimal digits")


async def _fetch(mqtt, last: bool) -> bool:
    """Have the next message given out, if there is one; False if that was refused, unless it was
    the `last` try. The channel is held."""
    channel = mqtt.channel
    if mqtt.head is None:
        mqtt.head = Head(mqtt)
    head = mqtt.head
    announced = mqtt.unread
    rubbish = channel.unknown
    refused = False
    head.plan()
    try:
        await channel.execute()
    except CommandError:
        if not last and channel.unknown == rubbish:
            return False
        refused = True
    except BaseException:
        if channel.abandoned and channel.keeper is None and (head.good or announced):
            mqtt.dropped += 1  # there is no memory, not even for keeping it
        raise
    if channel.answers:
        if not head.good:
            raise channel.garbled("not a message")
        mqtt.held = head
        mqtt.refusals = 0
        return True
    if refused and announced and mqtt.connected and mqtt.refusals < _REFUSALS:
        mqtt.refusals += 1  # it is there, and cannot be read now (F5)
        mqtt.refused_at = channel.port.ticks_ms()
        return True
    same = mqtt.told == head.told  # else it has been told of messages meanwhile
    if announced and channel.unknown != rubbish:  # lost on the line, or it never was there
        if mqtt.unread and same:
            mqtt.unread -= 1
        raise channel.garbled("a message, perhaps")
    if same:
        if not mqtt.connected or mqtt.refusals:  # they went with the session, or for good
            mqtt.dropped += mqtt.unread
        mqtt.refusals = 0
        mqtt.unread = 0
    return True
