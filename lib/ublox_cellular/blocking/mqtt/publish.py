# Generated from aio/mqtt/publish.py by tools/generate. Do not edit.
"""Publishing: as text, hexadecimal digits, after a prompt, or from a file. A5 6.3 to 6.5."""

from ...core.compat import const
from ...core.hex_payload import encode
from ...core.mqtt_checks import check_qos, check_topic, octets
from ...core.payload import plain
from .action import act
from .session_request import duration

_TEXT = const(2)  # actions of +UMQTTC
_FILE = const(3)
_BINARY = const(9)
_PROMPT = const(62)  # the prompt '>'

_LONGEST = const(1024)  # bytes of a message
_LONGEST_LINE = const(1000)  # a command line holds 1024 characters (at-commands 1.1)
_HEX_WORTH = const(128)  # above it, two digits a byte cost more than the pause of a prompt
_OVERHEAD = const(24)  # of the line beside topic and message


def publish(
    mqtt,
    topic: "str | bytes",
    msg: "str | bytes | bytearray | memoryview",
    retain=False,
    qos=0,
    *,
    timeout_ms=60000,
    action=None,
) -> None:
    """Publish `msg`: a string (as UTF-8) or bytes of any value, at most 1024; longer ones go by
    `publish_file()`. `topic`: at most 256 bytes, no control characters or quotes, no wildcards.
    With QoS 1 and 2 it returns when the broker has acknowledged it.

    `mqtt.form` says how the module gets the message: "text" (in the command line, only printable
    characters without quotes and commas: `ValueError`), "hex" (as digits, 2 a byte), "binary"
    (after a prompt, by its length: 50 ms and a round trip more). None takes "binary" for QoS 1
    and 2, unless `modem.flow` is True, and otherwise the fastest. Only "binary" notices bytes that
    are lost on the way to the module: an error after 20 s, and the message may have arrived with
    other bytes at its end. The others make a shorter message of it, which is acknowledged. Of
    what else happens to bytes lib/MQTT.md says what is noticed, and what is not.

    Raises `ValueError`, `TypeError` before anything is sent; `MqttError` (not connected, lost,
    refused), `MqttTimeout` (unknown whether it was published), `ModuleReset`. Nothing is
    repeated: that is what `keep()` does. A prompt lost on the line ends in an error after 10 s,
    the module gets the message then; blanks if it could be taken for a command ("AT" or "A/").
    """
    topic = check_topic(topic)
    data = octets(msg)
    n = len(data)
    if n > _LONGEST:
        raise ValueError("message of %d bytes, at most %d: see publish_file()" % (n, _LONGEST))
    qos = check_qos(qos)
    kept = 1 if retain else 0
    room = _LONGEST_LINE - _OVERHEAD - len(topic.encode())
    form = mqtt.form or (n and qos and mqtt.modem.flow is not True and "binary")
    if not form:
        if n <= room and plain(data, 0, n):
            form = "text"
        else:
            form = "hex" if n <= min(_HEX_WORTH, room // 2) else "binary"
    elif form != "binary":
        check_form(form, data, room)
    if not n or form == "text":
        parts, carry = (_TEXT, qos, kept, 0, topic), text
    elif form == "hex":
        parts, carry = (_TEXT, qos, kept, 1, topic), digits
    else:
        parts, carry = (_BINARY, qos, kept, topic, n), after_prompt
    act(mqtt, parts[0], parts[1:], duration(timeout_ms), carry, data, action)


def check_form(form, data, room: int) -> None:
    """Whether a message can be given to the module as "text" or "hex"; `ValueError`."""
    n = len(data)
    if form == "hex":
        n *= 2
    elif form != "text":
        raise ValueError("form: None, text, hex or binary")
    elif not plain(data, 0, n):
        raise ValueError("message with characters that cannot be sent as text")
    if n > room:
        raise ValueError("message of %d bytes, too long for its form" % len(data))


def text(channel, line, data) -> None:
    """The message in quotes as the last part of the line."""
    line.open_text()
    channel.out = data
    channel.out_n = len(data)


def digits(channel, line, data) -> None:
    """The message in hexadecimal digits."""
    n = len(data)
    if line.size + 2 * n + 4 <= len(line.buf):
        encode(line, data, 0, n)
    else:
        from binascii import hexlify

        text(channel, line, hexlify(data))


def after_prompt(channel, _line, data) -> None:
    """The message when the module asks for it."""
    channel.out = data
    channel.out_n = len(data)
    channel.prompt = _PROMPT


def publish_file(
    mqtt, topic: "str | bytes", name: str, retain=False, qos=0, *, timeout_ms=60000
) -> None:
    """Publish what a file on the module holds, see `modem.files`: for messages of more than 1024
    bytes. How long it may be, no document tells."""
    topic = check_topic(topic)
    name = mqtt.modem.files.check(name, "")
    parts = (check_qos(qos), 1 if retain else 0, topic, name)
    act(mqtt, _FILE, parts, duration(timeout_ms))
