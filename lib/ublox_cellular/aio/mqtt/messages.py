"""Messages that have arrived, of MQTT and MQTT-SN: what a program gets, and waiting for it.

`take()` of read.py asks the module for the next one. `mqtt.held` is what the module has
given out and no caller has got, `mqtt.back` what was read and is to be given out again.
"""

from ...core.compat import const
from ...core.errors import ModemError
from .session_request import duration

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
    from ...core.mqtt_errors import MessageTooLarge

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
