"""What an MQTT-SN gateway has for one client: messages in order, one on its way at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from servers.mqttsn_gateway.wire import Code, Flags, Kind, Topic, fields, message, number

SHORT_NAME = 2
LAST_ID = 0xFFFF


@dataclass
class Parcel:
    """A message for the client."""

    topic: str
    qos: int
    data: bytes
    ident: int = 0
    tries: int = 0
    step: Kind = Kind.PUBLISH
    """What was sent last: REGISTER, PUBLISH or PUBREL."""


class TopicIds:
    """Names and ids of one session; `told` are the ids the client has heard since it connected."""

    def __init__(self, predefined: Mapping[int, str]) -> None:
        self._predefined = predefined
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._types: dict[str, int] = {}
        self.told: set[int] = set()

    def give(self, name: str) -> int:
        """The id of a name, a new one if need be."""
        ident = self._ids.setdefault(name, len(self._ids) + 1)
        self._names[ident] = name
        return ident

    def subscribed(self, name: str, topic_type: int) -> None:
        """Messages will be told by this type of topic."""
        self._types[name] = topic_type

    def name(self, topic_type: int, field: bytes) -> str | None:
        """The name two bytes stand for."""
        if topic_type == Topic.SHORT:
            return field.decode("utf-8", "replace")
        known = self._predefined if topic_type == Topic.PREDEFINED else self._names
        return known.get(number(field, 0))

    def field(self, name: str) -> tuple[int, bytes]:
        """Type and two bytes for a message to the client."""
        topic_type = self._types.get(name, Topic.NORMAL)
        if topic_type == Topic.PREDEFINED:
            ident = next(i for i, known in self._predefined.items() if known == name)
            return topic_type, fields(ident)
        raw = name.encode()
        if topic_type == Topic.SHORT or (len(raw) == SHORT_NAME and name not in self._ids):
            return Topic.SHORT, raw
        return Topic.NORMAL, fields(self.give(name))


class Delivery:
    """`send` puts a datagram on its way, `gave_up` hears that the client does not answer."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ids: TopicIds,
        send: Callable[[bytes], None],
        gave_up: Callable[[], None],
        *,
        retry_s: float,
        retries: int,
    ) -> None:
        self._loop = loop
        self._ids = ids
        self._send = send
        self._gave_up = gave_up
        self._retry_s = retry_s
        self._retries = retries
        self._queue: deque[Parcel] = deque()
        self._flight: Parcel | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_ident = 0
        self.on_empty: Callable[[], None] | None = None
        """Called once when nothing is left."""
        self.running = False

    def put(self, topic: str, qos: int, data: bytes) -> None:
        """One more message."""
        self._queue.append(Parcel(topic, qos, data))
        self._next()

    def run(self) -> None:
        """The client can hear."""
        self.running = True
        if self._flight is None:
            self._next()

    def pause(self) -> None:
        """It cannot; what is on its way will be sent again."""
        self.running = False
        self.on_empty = None
        self._stop_timer()
        flight, self._flight = self._flight, None
        if flight is not None:
            flight.tries = 0
            self._queue.appendleft(flight)

    def when_empty(self, action: Callable[[], None]) -> None:
        """Call `action` as soon as everything has been delivered."""
        self.on_empty = action
        self._next()

    # -- one after the other ---------------------------------------------------------------

    def _next(self) -> None:
        while self.running and self._flight is None and self._queue:
            self._flight = self._queue.popleft()
            self._go_on(self._flight)
        if self._flight is None and not self._queue and self.on_empty is not None:
            action, self.on_empty = self.on_empty, None
            action()

    def _go_on(self, parcel: Parcel) -> None:
        topic_type, field = self._ids.field(parcel.topic)
        if not parcel.ident:
            self._last_ident = self._last_ident % LAST_ID + 1
            parcel.ident = self._last_ident
        if parcel.step == Kind.PUBREL:
            self._send(message(Kind.PUBREL, fields(parcel.ident)))
        elif topic_type == Topic.NORMAL and number(field, 0) not in self._ids.told:
            parcel.step = Kind.REGISTER
            name = parcel.topic.encode()
            self._send(message(Kind.REGISTER, field + fields(parcel.ident) + name))
        else:
            repeated = parcel.step == Kind.PUBLISH and parcel.tries > 0
            parcel.step = Kind.PUBLISH
            flags = Flags(dup=repeated and parcel.qos > 0, qos=parcel.qos, topic_type=topic_type)
            ident = parcel.ident if parcel.qos else 0
            body = bytes((flags.byte,)) + field + fields(ident) + parcel.data
            self._send(message(Kind.PUBLISH, body))
            if not parcel.qos:
                self._flight = None
                return
        self._timer = self._loop.call_later(self._retry_s, self._again)

    def _again(self) -> None:
        parcel = self._flight
        assert parcel is not None
        parcel.tries += 1
        if parcel.tries > self._retries:
            self._gave_up()
        else:
            self._go_on(parcel)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _advance(self, parcel: Parcel, step: Kind | None) -> None:
        """To the next message of the exchange, or (None) to its end."""
        self._stop_timer()
        if step is None:
            self._flight = None
            self._next()
            return
        parcel.step, parcel.tries = step, 0
        self._go_on(parcel)
        if self._flight is None:
            self._next()

    # -- what the client answers -----------------------------------------------------------

    def answered(self, kind: Kind, body: bytes) -> None:
        """REGACK, PUBACK, PUBREC or PUBCOMP; those that fit nothing are late ones."""
        if kind == Kind.PUBACK and body[4] == Code.INVALID_TOPIC:
            self._ids.told.discard(number(body, 0))
        parcel = self._flight
        at = 2 if kind in (Kind.REGACK, Kind.PUBACK) else 0
        if parcel is None or number(body, at) != parcel.ident:
            return
        if kind == Kind.REGACK and parcel.step == Kind.REGISTER:
            if body[4] == Code.ACCEPTED:
                self._ids.told.add(number(body, 0))
                self._advance(parcel, Kind.PUBLISH)
            else:
                self._advance(parcel, None)
        elif kind == Kind.PUBACK and parcel.step == Kind.PUBLISH:
            self._acknowledged(parcel, body[4])
        elif kind == Kind.PUBREC and parcel.step == Kind.PUBLISH and parcel.qos == 2:
            self._advance(parcel, Kind.PUBREL)
        elif kind == Kind.PUBCOMP and parcel.step == Kind.PUBREL:
            self._advance(parcel, None)

    def _acknowledged(self, parcel: Parcel, code: int) -> None:
        if code == Code.CONGESTION:
            parcel.tries = 0  # the client will have room later: the timer tries again
        elif code == Code.INVALID_TOPIC:
            self._advance(parcel, Kind.PUBLISH)  # the id is no longer among those told
        else:
            self._advance(parcel, None)
