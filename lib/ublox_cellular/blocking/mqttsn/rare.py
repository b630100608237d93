# Generated from aio/mqttsn/rare.py by tools/generate. Do not edit.
"""What is seldom needed of MQTT-SN: long messages, and another will for a session that stands."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import ModemError
from ...core.mqtt_checks import check_qos, check_topic, octets
from ..at import Lock
from ..mqtt.action import Action, act
from ..mqtt.session_request import Limit
from .publish import quality
from .topics import classify, forget, number_of

_WILL_TOPIC = const(7)
_WILL_MESSAGE = const(8)
_FILE = const(11)

_LONGEST_FILE = const(1017)
_LONGEST_WILL = const(256)
_OURS = "mqttsn_message"

_LIMIT_MS = const(120000)  # what an action may take (at-commands 1.6)

_ENOENT = const(2)
_ETIMEDOUT = const(110)


def publish_file(
    mqttsn, topic, name, retain=False, qos: int = 0, *, kind=None, timeout_ms: int = 60000
) -> None:
    """Publish what a file on the module holds, see `modem.files`; otherwise as `publish()`. The
    file may have 1017 bytes: `ValueError`; `OSError(ENOENT)` if there is none."""
    number, topic = classify(mqttsn, topic, kind)
    flags = quality(qos, number), 1 if retain else 0
    name = mqttsn.modem.files.check(name, "")
    limit = Limit(mqttsn.channel, timeout_ms)
    size = mqttsn.modem.files.size(name)
    if size < 0:
        raise OSError(_ENOENT, "no file " + name)
    if size > _LONGEST_FILE:
        raise ValueError("file of %d bytes, at most %d fit" % (size, _LONGEST_FILE))
    ids = mqttsn.ids
    try:
        parts = flags + (number, number_of(mqttsn, number, topic, limit), name)
        act(mqttsn, _FILE, parts, limit.left(), action=Action(ids), blind=qos < 0)
    except OSError:
        forget(mqttsn, number, topic, ids)
        raise


def publish_by_file(mqttsn, parts, data, ids, qos: int, limit) -> None:
    """What is too long for a line where the firmware does not know the binary form: by a file,
    which is removed again. One message at a time: it has one name."""
    channel = mqttsn.channel
    if mqttsn.spool is None:
        mqttsn.spool = Lock()
    mqttsn.spool.acquire(channel, limit.left(), "the file for messages")
    try:
        earlier = mqttsn.action
        if earlier is not None and earlier.op == _FILE:  # the module may be reading that file
            mqttsn.idle(max(1, min(limit.left(), _LIMIT_MS - channel.elapsed(earlier.began))))
            if mqttsn.action is earlier and channel.elapsed(earlier.began) < _LIMIT_MS:
                raise ModemError(_ETIMEDOUT, "the module is at an earlier message still")
        mqttsn.modem.files.write(_OURS, data)
        parts += (_OURS,)
        act(mqttsn, _FILE, parts, limit.left(), action=Action(ids), blind=qos < 0)
    finally:
        mqttsn.spool.release()
        channel.owe(_remove, mqttsn)
    mqttsn.settle()


def _remove(mqttsn) -> None:
    """Remove that file, with the channel held; unless it is in use by another message, or by one
    that was given up, which the module may still be at: then the next one is written over it."""
    if not mqttsn.spool.held and mqttsn.action is None:
        mqttsn.channel.ask(b"+UDELFILE", _OURS)


def update_will(mqttsn, topic, msg, qos=0, retain=False, *, timeout_ms: int = 60000) -> None:
    """Change the will of the session that stands: what the gateway publishes when we vanish.

    `topic`: at most 256 bytes; `msg`: at most 256 without quotes and control characters, as no
    other form is documented here (at-commands 6, op 8): `ValueError`. For the sessions to come
    say `connect(will=…)`. Not one action but two: if the second fails, the topic is the new one.
    """
    topic = check_topic(topic)
    check_qos(qos)
    text = str(sendable(bytes(octets(msg)), _LONGEST_WILL), "utf-8")
    limit = Limit(mqttsn.channel, timeout_ms)
    mqttsn.setup.acquire(mqttsn.channel, limit.left(), "the settings of the session")
    try:
        act(mqttsn, _WILL_TOPIC, (qos, 1 if retain else 0, topic), limit.left())
        act(mqttsn, _WILL_MESSAGE, (text,), limit.left())
    finally:
        mqttsn.setup.release()
