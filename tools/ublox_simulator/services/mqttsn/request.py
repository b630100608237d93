"""The request of +UMQTTSNC, read from its parameters (at-commands 6)."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command
from ...mqttsn.packets import NORMAL, QOS_MINUS_ONE, SHORT
from ...mqttsn.session import Will
from .profile import TOPIC_LIMIT, WILL_LIMIT, from_hex

DISCONNECT, CONNECT, REGISTER = 0, 1, 2
PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WILL_TOPIC, WILL_MESSAGE, READ, PING = range(4, 11)
PUBLISH_FILE, PUBLISH_BINARY = 11, 12

MESSAGE_LIMIT = 1017
"""[cl], for files: 1024 bytes with the header of PUBLISH. Taken for all messages (U)."""
HEX_LIMIT = 512
"""Bytes, as for +UMQTTC (U)."""
LAST_TOPIC_ID = 0xFFFE
SHORT_LENGTH = 2


@dataclass(frozen=True)
class Order:
    """One action. The message is `data`, the file `source`, or `length` bytes from the prompt."""

    action: int
    qos: int = 0
    retain: int = 0
    topic_type: int = NORMAL
    topic: str = ""
    data: bytes = b""
    source: str = ""
    length: int = 0
    duration: int = 0

    @property
    def needs_no_session(self) -> bool:
        """QoS -1."""
        return self.qos == QOS_MINUS_ONE and self.action in PUBLISHING

    @property
    def will(self) -> Will:
        """The topic of the last will and what goes with it."""
        return Will(self.qos, self.retain, self.topic)


PUBLISHING = (PUBLISH, PUBLISH_FILE, PUBLISH_BINARY)


def read_order(cmd: Command, action: int) -> Order:
    """CME 50 when a parameter is wrong."""
    if action == DISCONNECT:
        cmd.at_most(2)
        return Order(action, duration=cmd.number(1, 1, 65535) if cmd.has(1) else 0)
    if action == CONNECT:
        cmd.at_most(1)
        return Order(action)
    if action == REGISTER:
        cmd.at_most(2)
        return Order(action, topic=_name(cmd, 1))
    if action in PUBLISHING:
        return _publication(cmd, action)
    if action == SUBSCRIBE:
        cmd.at_most(4)
        qos = cmd.number(1, 0, 2)
        topic_type, topic = _subject(cmd, 2, by_name=True)
        return Order(action, qos=qos, topic_type=topic_type, topic=topic)
    if action == UNSUBSCRIBE:
        cmd.at_most(3)
        topic_type, topic = _subject(cmd, 1, by_name=True)
        return Order(action, topic_type=topic_type, topic=topic)
    if action == WILL_TOPIC:
        cmd.at_most(4)
        topic = cmd.string(3, TOPIC_LIMIT)
        return Order(action, cmd.number(1, 0, 2), cmd.number(2, 0, 1), topic=topic)
    cmd.at_most(2)
    return Order(WILL_MESSAGE, data=cmd.string(1, WILL_LIMIT).encode("latin-1"))


def _publication(cmd: Command, action: int) -> Order:
    qos, retain = cmd.number(1, 0, QOS_MINUS_ONE), cmd.number(2, 0, 1)
    at = 4 if action == PUBLISH else 3
    cmd.at_most(at + 3)
    topic_type, topic = _subject(cmd, at)
    if qos == QOS_MINUS_ONE and topic_type == NORMAL:
        raise CommandError(BAD_PARAMETERS)  # without a session there are no ids of its own
    data, source, length = b"", "", 0
    if action == PUBLISH_FILE:
        source = cmd.string(at + 2, TOPIC_LIMIT)
    elif action == PUBLISH_BINARY:
        length = cmd.number(at + 2, 1, MESSAGE_LIMIT)
    elif cmd.number(3, 0, 1):
        data = from_hex(cmd.string(at + 2, 2 * HEX_LIMIT))
    else:
        data = cmd.string(at + 2, MESSAGE_LIMIT).encode("latin-1")
    return Order(action, qos, retain, topic_type, topic, data, source, length)


def _name(cmd: Command, index: int) -> str:
    name = cmd.string(index, TOPIC_LIMIT)
    if not name:
        raise CommandError(BAD_PARAMETERS)
    return name


def _subject(cmd: Command, index: int, by_name: bool = False) -> tuple[int, str]:
    """Type and topic: a name, the digits of an id, or the two characters of a short name."""
    topic_type, topic = cmd.number(index, NORMAL, SHORT), _name(cmd, index + 1)
    if topic_type == SHORT:
        fits = len(topic) == SHORT_LENGTH
    elif by_name and topic_type == NORMAL:
        fits = True
    else:
        digits = topic.isascii() and topic.isdigit() and len(topic) <= len(str(LAST_TOPIC_ID))
        fits = digits and 1 <= int(topic) <= LAST_TOPIC_ID
    if not fits:
        raise CommandError(BAD_PARAMETERS)
    return topic_type, topic
