"""Publishing: as text, hexadecimal digits, behind a prompt, or from a file. A5 6.3 to 6.5."""

from ..core.compat import const
from ..core.hexadecimal import encode
from ..core.mqtt_names import check_qos, check_topic, octets
from ..core.payload import plain
from .mqtt_action import act

_TEXT = const(2)  # actions of +UMQTTC
_FILE = const(3)
_BINARY = const(9)
_PROMPT = const(62)  # the prompt '>'

_LONGEST = const(1024)  # bytes of a message
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_HEX_WORTH = const(128)  # above it, two digits a byte cost more than the pause of a prompt
_OVERHEAD = const(24)  # of the line beside topic and message


async def publish(mqtt, topic, msg, retain=False, qos=0, *, timeout_ms=60000) -> None:
    """Publish `msg`: a string (as UTF-8) or bytes of any value, at most 1024; longer ones go by
    `publish_file()`. `topic`: at most 256 bytes, no control characters or quotes, no wildcards.

    The module gets it as text, as hexadecimal digits or behind a prompt, whichever is fastest for
    what it contains. With QoS 1 and 2 it returns when the broker has acknowledged it.

    Raises `ValueError`, `TypeError` before anything is sent; `MqttError` (not connected, lost,
    refused), `MqttTimeout` (unknown whether it was published), `ModuleReset`. Nothing is
    repeated: that is what `keep()` does. A prompt lost on the line ends in an error behind 10 s,
    the module gets the message then; blanks if it could be taken for a command ("AT" or "A/").
    """
    topic = check_topic(topic)
    data = octets(msg)
    n = len(data)
    if n > _LONGEST:
        raise ValueError("message of %d bytes, at most %d: see publish_file()" % (n, _LONGEST))
    qos = check_qos(qos)
    kept = 1 if retain else 0
    size = _OVERHEAD + len(topic.encode())
    if size + n <= _LONGEST_LINE and plain(data, 0, n):
        parts, carry = (_TEXT, qos, kept, 0, topic), _text
    elif n <= _HEX_WORTH and size + 2 * n <= len(mqtt.channel.tx.buf):
        parts, carry = (_TEXT, qos, kept, 1, topic), _digits
    else:
        parts, carry = (_BINARY, qos, kept, topic, n), _behind_prompt
    await act(mqtt, *parts, timeout_ms=timeout_ms, carry=carry, data=data)


def _text(channel, line, data) -> None:
    line.open_text()
    channel.out = data
    channel.out_n = len(data)


def _digits(_channel, line, data) -> None:
    encode(line, data, 0, len(data))


def _behind_prompt(channel, _line, data) -> None:
    channel.out = data
    channel.out_n = len(data)
    channel.prompt = _PROMPT


async def publish_file(mqtt, topic, name, retain=False, qos=0, *, timeout_ms=60000) -> None:
    """Publish what a file on the module holds, see `modem.files`: for messages of more than 1024
    bytes. How long it may be, no document tells."""
    topic = check_topic(topic)
    mqtt.modem.files.check(name, "")
    qos = check_qos(qos)
    kept = 1 if retain else 0
    await act(mqtt, _FILE, qos, kept, topic, name, timeout_ms=timeout_ms)
