"""Messages of MQTT-SN 1.2 as a client writes and reads them."""

from __future__ import annotations

CONNECT, CONNACK = 0x04, 0x05
WILL_TOPIC_REQUEST, WILL_TOPIC, WILL_MESSAGE_REQUEST, WILL_MESSAGE = range(0x06, 0x0A)
REGISTER, REGACK = 0x0A, 0x0B
PUBLISH, PUBACK, PUBCOMP, PUBREC, PUBREL = range(0x0C, 0x11)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = range(0x12, 0x16)
PINGREQ, PINGRESP, DISCONNECT = 0x16, 0x17, 0x18
WILL_TOPIC_UPDATE, WILL_TOPIC_RESPONSE = 0x1A, 0x1B
WILL_MESSAGE_UPDATE, WILL_MESSAGE_RESPONSE = 0x1C, 0x1D

ACCEPTED, CONGESTION, INVALID_TOPIC, NOT_SUPPORTED = range(4)
"""Return codes."""

NORMAL, PREDEFINED, SHORT = range(3)
"""Topic types."""

DUP, RETAIN, WILL, CLEAN, TYPE_BITS = 0x80, 0x10, 0x08, 0x04, 0x03
QOS_SHIFT, QOS_BITS = 5, 0x03
QOS_MINUS_ONE = 3
"""Numbers of QoS -1 in the flags, and in +UMQTTSNC."""

PROTOCOL = 1
LONG_FORM = 1
SHORTEST_LONG = 256


def word(number: int) -> bytes:
    """Two bytes, the higher one first."""
    return number.to_bytes(2, "big")


def framed(kind: int, body: bytes = b"") -> bytes:
    """A datagram: its length, which counts itself, in one byte or in three."""
    size = len(body) + 2
    if size < SHORTEST_LONG:
        return bytes((size, kind)) + body
    return bytes((LONG_FORM,)) + word(size + 2) + bytes((kind,)) + body


def unframed(datagram: bytes) -> tuple[int, bytes] | None:
    """Type and content; None for an invalid message."""
    if len(datagram) >= 2 and datagram[0] == len(datagram):
        return datagram[1], datagram[2:]
    long_form = len(datagram) >= 4 and datagram[0] == LONG_FORM
    if long_form and int.from_bytes(datagram[1:3], "big") == len(datagram):
        return datagram[3], datagram[4:]
    return None


def flags(qos: int = 0, retain: int = 0, topic_type: int = 0) -> int:
    """The flags that most messages share."""
    return qos << QOS_SHIFT | (RETAIN if retain else 0) | topic_type


def connect(client_id: str, duration: int, *, clean: int, will: bool) -> bytes:
    """CONNECT."""
    bits = (CLEAN if clean else 0) | (WILL if will else 0)
    return framed(CONNECT, bytes((bits, PROTOCOL)) + word(duration) + client_id.encode("latin-1"))


def publish(bits: int, topic: bytes, ident: int, data: bytes) -> bytes:
    """PUBLISH; `topic` is the topic id or the short name."""
    return framed(PUBLISH, bytes((bits,)) + topic + word(ident) + data)


def with_dup(datagram: bytes) -> bytes:
    """Repeats the same PUBLISH or SUBSCRIBE."""
    at = 4 if datagram[0] == LONG_FORM else 2
    return datagram[:at] + bytes((datagram[at] | DUP,)) + datagram[at + 1 :]
