"""The message or subscription of +UMQTTC, read from its parameters (at-commands 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command
from .profile import TEXT_LIMIT, from_hex, utf8

DISCONNECT, CONNECT, PUBLISH, PUBLISH_FILE, SUBSCRIBE, UNSUBSCRIBE, READ = range(7)
PING, PUBLISH_BINARY = 8, 9

PAYLOAD_LIMIT = 1024
"""Characters of a text, digits of hexadecimal, bytes after the prompt."""


@dataclass(frozen=True)
class Publication:
    """A message to publish, but for its payload."""

    qos: int
    retain: bool
    topic: str


def topic_of(cmd: Command, index: int) -> str:
    """A topic or a filter: not empty, UTF-8."""
    text = cmd.string(index, TEXT_LIMIT)
    if not text:
        raise CommandError(BAD_PARAMETERS)
    return utf8(text)


def publication(cmd: Command, topic_at: int = 3) -> Publication:
    """QoS, retain and topic."""
    qos, retain = cmd.number(1, 0, 2), cmd.number(2, 0, 1)
    return Publication(qos, bool(retain), topic_of(cmd, topic_at))


def text_publication(cmd: Command, *, commas: bool) -> tuple[Publication, bytes]:
    """Topic and message on the command line, as text or hexadecimal digits; without the mode it
    is text (seen on a similar module)."""
    has_mode = len(cmd) > 3 and not cmd.params[3].quoted
    mode = cmd.number(3, 0, 1) if has_mode else 0
    at = 4 if has_mode else 3
    cmd.at_most(at + 2)
    order = publication(cmd, at)
    text = cmd.string(at + 1, PAYLOAD_LIMIT)
    if not commas and "," in text:
        raise CommandError(BAD_PARAMETERS)
    return order, from_hex(text) if mode else text.encode("latin-1")
