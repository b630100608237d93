"""MQTT-SN 1.2 on the wire, as the gateway reads and writes it.

Deliberately not the client's code (ublox_simulator/mqttsn/packets.py): the two are separate
readings of the standard, so that they can find each other's mistakes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """Message types, section 5.2.2 of the standard."""

    ADVERTISE = 0x00
    SEARCHGW = 0x01
    GWINFO = 0x02
    CONNECT = 0x04
    CONNACK = 0x05
    WILLTOPICREQ = 0x06
    WILLTOPIC = 0x07
    WILLMSGREQ = 0x08
    WILLMSG = 0x09
    REGISTER = 0x0A
    REGACK = 0x0B
    PUBLISH = 0x0C
    PUBACK = 0x0D
    PUBCOMP = 0x0E
    PUBREC = 0x0F
    PUBREL = 0x10
    SUBSCRIBE = 0x12
    SUBACK = 0x13
    UNSUBSCRIBE = 0x14
    UNSUBACK = 0x15
    PINGREQ = 0x16
    PINGRESP = 0x17
    DISCONNECT = 0x18
    WILLTOPICUPD = 0x1A
    WILLTOPICRESP = 0x1B
    WILLMSGUPD = 0x1C
    WILLMSGRESP = 0x1D


class Code(IntEnum):
    """Return codes, section 5.3.10."""

    ACCEPTED = 0
    CONGESTION = 1
    INVALID_TOPIC = 2
    NOT_SUPPORTED = 3


class Topic(IntEnum):
    """Topic types, section 5.3.4."""

    NORMAL = 0
    PREDEFINED = 1
    SHORT = 2


SHORT_HEAD = struct.Struct(">BB")
LONG_HEAD = struct.Struct(">BHB")
LONG = 1
LEAST_BODY = {
    Kind.CONNECT: 5,
    Kind.REGISTER: 5,
    Kind.REGACK: 5,
    Kind.PUBLISH: 5,
    Kind.PUBACK: 5,
    Kind.PUBREC: 2,
    Kind.PUBREL: 2,
    Kind.PUBCOMP: 2,
    Kind.SUBSCRIBE: 4,
    Kind.UNSUBSCRIBE: 4,
    Kind.SEARCHGW: 1,
}
"""What a message of this type has at least after its type."""


def parse(datagram: bytes) -> tuple[Kind, bytes] | None:
    """Type and body, or None for a datagram that is not a sound message."""
    if len(datagram) < SHORT_HEAD.size:
        return None
    if datagram[0] == LONG:
        if len(datagram) < LONG_HEAD.size:
            return None
        _, length, number = LONG_HEAD.unpack_from(datagram)
        body = datagram[LONG_HEAD.size :]
    else:
        length, number = SHORT_HEAD.unpack_from(datagram)
        body = datagram[SHORT_HEAD.size :]
    if length != len(datagram):
        return None
    try:
        kind = Kind(number)
    except ValueError:
        return None
    return (kind, body) if len(body) >= LEAST_BODY.get(kind, 0) else None


def message(kind: Kind, body: bytes = b"") -> bytes:
    """A whole datagram."""
    length = SHORT_HEAD.size + len(body)
    if length <= 0xFF:
        return SHORT_HEAD.pack(length, kind) + body
    return LONG_HEAD.pack(LONG, LONG_HEAD.size + len(body), kind) + body


@dataclass(frozen=True)
class Flags:
    """The flag byte, section 5.3.4."""

    dup: bool = False
    qos: int = 0
    retain: bool = False
    will: bool = False
    clean: bool = False
    topic_type: int = 0

    @classmethod
    def parse(cls, byte: int) -> Flags:
        """From the wire; QoS 3 there is -1."""
        qos = byte >> 5 & 3
        return cls(
            bool(byte & 0x80),
            -1 if qos == 3 else qos,
            bool(byte & 0x10),
            bool(byte & 0x08),
            bool(byte & 0x04),
            byte & 0x03,
        )

    @property
    def byte(self) -> int:
        """For the wire."""
        bits = (self.dup << 7) | ((self.qos & 3) << 5) | (self.retain << 4)
        return bits | (self.will << 3) | (self.clean << 2) | self.topic_type


def number(body: bytes, at: int) -> int:
    """A two-byte field."""
    return int(struct.unpack_from(">H", body, at)[0])


def fields(*values: int) -> bytes:
    """Two-byte fields one after the other."""
    return struct.pack(f">{len(values)}H", *values)
