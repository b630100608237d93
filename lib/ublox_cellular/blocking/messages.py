# Generated from aio/messages.py by tools/generate. Do not edit.
"""Messages that have arrived, of MQTT and MQTT-SN: what a program gets, and waiting for it.

The service's own `take(room)` asks its module for the next one.
"""

from ..core.compat import const

_EMSGSIZE = const(90)


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
    from ..core.mqtt_errors import MessageTooLarge

    text = "a message of %d bytes is more than the buffer holds" % size
    raise MessageTooLarge(_EMSGSIZE, text, size)


def read(mqtt):
    """Ask the module for a message, whether or not it has announced one: a `Message` or None.
    `check_msg()` asks only if there is one."""
    message = mqtt.take()
    if message is not None and mqtt.callback:
        mqtt.callback(message.topic, message.payload)
    return message


def read_all(mqtt) -> list:
    """All messages that wait, in a list: as many as arrive meanwhile, too."""
    found = []
    while True:
        message = mqtt.check_msg()
        if message is None:
            return found
        found.append(message)
        if not mqtt.unread:
            return found


def read_into(mqtt, buf):
    """Put the payload of the next message at the beginning of `buf`; how long it is, None if there
    is none. Its topic is `mqtt.topic`. One that is longer than `buf` raises `MessageTooLarge`: see
    `leave`."""
    mqtt.channel.poll()
    if not mqtt.unread:
        if not mqtt.connected:
            raise mqtt.gone()
        return None
    message = mqtt.take(len(buf))
    if message is None:
        return None
    mqtt.topic = message.topic
    n = len(message.payload)
    buf[:n] = message.payload
    return n


def wait_msg(mqtt, timeout_ms=None):
    """Wait for a message: a `Message`; None after `timeout_ms` (None: as long as the session
    stands) or `disconnect()`. A session that is lost raises `MqttError`."""
    channel = mqtt.channel
    began = channel.port.ticks_ms()
    was_connected = mqtt.is_connected() or mqtt.unread > 0
    while True:
        if was_connected and not mqtt.connected and not mqtt.why and not mqtt.unread:
            return None
        message = mqtt.check_msg()
        if message is not None:
            return message
        passed = channel.elapsed(began)
        if timeout_ms is not None and passed >= timeout_ms:
            return None
        channel.proceed("mqtt")
        channel.sleep(1 if passed < 200 else 5)
