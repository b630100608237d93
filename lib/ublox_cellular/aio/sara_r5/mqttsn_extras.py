"""What is seldom needed of MQTT-SN: long messages, and another will for a session that stands."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError
from ...core.mqtt_names import check_qos, check_topic, octets
from .mqttsn_actions import act
from .mqttsn_publish import forget, quality
from .mqttsn_topics import classify, register

_NORMAL = const(0)
_WILL_TOPIC = const(7)
_WILL_MESSAGE = const(8)
_FILE = const(11)
_BINARY = const(12)
_PROMPT = const(62)  # '>'

_LONGEST_FILE = const(1017)
_LONGEST_WILL = const(256)
_OURS = "mqttsn_message"

_ENOENT = const(2)


async def publish_file(
    mqttsn, topic, name, retain=False, qos: int = 0, *, kind=None, timeout_ms: int = 60000
) -> None:
    """Publish what a file on the module holds, see `modem.files`; otherwise as `publish()`. The
    file may have 1017 bytes: `ValueError`; `OSError(ENOENT)` if there is none."""
    number, topic = classify(mqttsn, topic, kind)
    flags = quality(qos, number), 1 if retain else 0
    size = await mqttsn.modem.files.size(name)
    if size < 0:
        raise OSError(_ENOENT, "no file " + name)
    if size > _LONGEST_FILE:
        raise ValueError("file of %d bytes, at most %d fit" % (size, _LONGEST_FILE))
    life = mqttsn.life
    place = topic
    if number == _NORMAL:
        place = str(mqttsn.ids.get(topic) or await register(mqttsn, topic, timeout_ms))
    try:
        await act(mqttsn, _FILE, flags + (number, place, name), timeout_ms, life)
    except OSError:
        forget(mqttsn, number, topic)
        raise


async def publish_long(mqttsn, parts, data, timeout_ms: int, life: int) -> None:
    """What is too long for a line: behind a prompt, or where the firmware does not know that form,
    which only a sibling's document has, by a file that is removed again."""
    if mqttsn.binary:
        try:
            more = parts + (len(data),)
            await act(mqttsn, _BINARY, more, timeout_ms, life, data, _PROMPT)
            return
        except CommandError:
            pass
    files = mqttsn.modem.files
    await files.write(_OURS, data)
    try:
        await act(mqttsn, _FILE, parts + (_OURS,), timeout_ms, life)
        mqttsn.binary = False
    finally:
        try:
            await files.remove(_OURS)
        except OSError:
            pass  # the next one is written over it


async def update_will(mqttsn, topic, msg, qos=0, retain=False, *, timeout_ms: int = 60000) -> None:
    """Change the will of the session that stands: what the gateway publishes when we vanish.

    `topic`: at most 256 bytes; `msg`: at most 256 without quotes and control characters, as no
    other form is documented here (at-commands 6, op 8): `ValueError`. For the sessions to come
    say `connect(will=…)`. Not one action but two: if the second fails, the topic is the new one.
    """
    topic = check_topic(topic)
    check_qos(qos)
    text = str(sendable(bytes(octets(msg)), _LONGEST_WILL), "utf-8")
    await act(mqttsn, _WILL_TOPIC, (qos, 1 if retain else 0, topic), timeout_ms)
    await act(mqttsn, _WILL_MESSAGE, (text,), timeout_ms)
