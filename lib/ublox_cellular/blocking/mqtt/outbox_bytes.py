# Generated from aio/mqtt/outbox_bytes.py by tools/generate. Do not edit.
"""The outbox of a session as bytes, for storing while this microcontroller sleeps or restarts.

2 check sum, 4 last ticket (id), then for each message 4 ticket, 1 QoS and flags, 2 + 2 lengths,
topic, message
"""

from binascii import crc32

from ...core.compat import const
from .reliable_session import Parcel

_RETAIN = const(4)
_DOUBTFUL = const(8)
_HEAD = const(9)


def save(session) -> bytes:
    """The messages in the outbox, for `keep(state=…)`: 6 bytes, and 9 for each message besides its
    content. Store it as securely as the messages."""
    for parcel in session.waiting[:]:  # report messages that were acknowledged meanwhile first
        action = parcel.action
        if action is not None and action.result is not None and parcel is not session.flying:
            session.look_at(parcel)
    data = bytearray(2)
    data += session.ticket.to_bytes(4, "big")
    for parcel in session.waiting:
        topic = parcel.topic.encode()
        flags = parcel.qos | (_RETAIN if parcel.retain else 0)
        launched = parcel.action is not None and parcel.action.launched
        if parcel.doubtful or launched or parcel is session.flying:
            flags |= _DOUBTFUL
        data += parcel.ticket.to_bytes(4, "big")
        data.append(flags)
        data += len(topic).to_bytes(2, "big")
        data += len(parcel.data).to_bytes(2, "big")
        data += topic
        data += parcel.data
    data[:2] = _sum(data).to_bytes(2, "big")
    return bytes(data)


def restore(session, state) -> None:
    """Restore an outbox; `ValueError` if it is damaged. Messages that were being sent at that time
    and must not be duplicated (QoS 0 and 2) count as failed."""
    if len(state) < 6 or _sum(state) != int.from_bytes(state[:2], "big"):
        raise ValueError("state: not of save(), or damaged")
    session.ticket = int.from_bytes(state[2:6], "big")
    at = 6
    while at < len(state):
        ticket = int.from_bytes(state[at : at + 4], "big")
        flags = state[at + 4]
        topic = at + _HEAD
        message = topic + int.from_bytes(state[at + 5 : at + 7], "big")
        at = message + int.from_bytes(state[at + 7 : at + _HEAD], "big")
        text = str(state[topic:message], "utf-8")
        parcel = Parcel(ticket, text, bytes(state[message:at]), bool(flags & _RETAIN), flags & 3)
        parcel.doubtful = bool(flags & _DOUBTFUL)
        if parcel.doubtful and parcel.qos != 1:
            session.failed += 1
        else:
            session.waiting.append(parcel)


def _sum(data) -> int:
    return crc32(memoryview(data)[2:]) & 0xFFFF
