"""Received messages that were not read yet (at-commands 5.3, op 6).

How many the module can hold, and the handling of the rest, is not documented (U): options
`mqtt_queue` and `mqtt_largest`; the rest is dropped although the library acknowledges it.
The variants mqtt-queue-oldest and mqtt-queue-holds drop the oldest instead, or stop to take data
from the connection until there is room.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...module import Module


@dataclass(frozen=True)
class Message:
    """One message as delivered."""

    qos: int
    topic: bytes
    payload: bytes

    def shown(self, hexadecimal: bool) -> str:
        """The line of the message; lengths count bytes also for hexadecimal digits (A10 6.4)."""
        payload = self.payload.hex().upper() if hexadecimal else self.payload.decode("latin-1")
        sizes = len(self.topic) + len(self.payload), len(self.topic)
        topic = self.topic.decode("latin-1")
        return (
            f'+UMQTTC: 6,{self.qos},{sizes[0]},{sizes[1]},"{topic}",'
            f'{len(self.payload)},"{payload}"'
        )


class Inbox:
    """The unread messages and their announcement."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._messages: deque[Message] = deque()
        self._held = False
        self._wanted = False
        """An announcement is kept back."""
        self._queued = False
        """An announcement waits to be printed, with the count of that moment."""
        self.dropped = 0
        """Number of messages without room, since the simulation began."""

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def full(self) -> bool:
        """Whether the next message would not fit."""
        return len(self._messages) >= self._module.options.mqtt_queue

    def put(self, message: Message) -> None:
        """A message came."""
        if len(message.topic) + len(message.payload) > self._module.options.mqtt_largest:
            self.dropped += 1
            return
        if self.full and "mqtt-queue-holds" not in self._module.options.variants:
            self.dropped += 1
            if "mqtt-queue-oldest" not in self._module.options.variants:
                return
            self._messages.popleft()
        self._messages.append(message)
        self.announce()

    def take(self) -> Message | None:
        """The oldest message."""
        return self._messages.popleft() if self._messages else None

    def clear(self) -> None:
        """All messages are lost, and their announcements."""
        self._messages.clear()
        self._held = self._wanted = self._queued = False

    def hold(self, on: bool) -> None:
        """Keep announcements back while an action runs, so that its result comes first, as in
        the seeds, whatever order the broker sends in (U)."""
        if "mqtt-announce-at-once" in self._module.options.variants:
            return
        self._held = on
        if not on and self._wanted:
            self._wanted = False
            self.announce()

    def announce(self) -> None:
        """+UUMQTTC: 6 with the count at the moment it is printed; nothing when that is 0."""
        if self._held:
            self._wanted = True
        elif not self._queued:
            self._queued = True
            self._module.urc(self._announcement)

    def _announcement(self) -> str | None:
        self._queued = False
        return f"+UUMQTTC: 6,{len(self._messages)}" if self._messages else None
