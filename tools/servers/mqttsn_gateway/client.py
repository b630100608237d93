"""One client of the MQTT-SN gateway: its session, its will, its subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from servers.mqttsn_gateway.delivery import Delivery, TopicIds
from servers.mqttsn_gateway.uplink import Uplink
from servers.mqttsn_gateway.wire import Code, Flags, Kind, Topic, fields, message, number

WILDCARDS = "+#"


class State(Enum):
    """Section 6.14 of the standard; OPENING is between CONNECT and CONNACK."""

    OPENING = "opening"
    ACTIVE = "active"
    ASLEEP = "asleep"
    AWAKE = "awake"
    DISCONNECTED = "disconnected"
    LOST = "lost"


@dataclass
class LastWill:
    """What is published when the client is lost; nothing without topic."""

    topic: str = ""
    qos: int = 0
    retain: bool = False
    data: bytes = b""


@dataclass(frozen=True)
class House:
    """What all visitors share."""

    loop: asyncio.AbstractEventLoop
    predefined: Mapping[int, str]
    open_uplink: Callable[..., Uplink]
    retry_s: float
    retries: int


def tolerated(duration: int) -> float:
    """Seconds after which a client has been silent too long (section 7.2)."""
    return duration * (1.1 if duration > 60 else 1.5)


class Visitor:
    """A client by its id; `reply` sends to wherever it was heard last."""

    def __init__(self, house: House, client_id: str, reply: Callable[[bytes], None]) -> None:
        self._house = house
        self.client_id = client_id
        self.reply = reply
        self.state = State.DISCONNECTED
        self.will = LastWill()
        self._clean = True
        self._duration = 0
        self._uplink: Uplink | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._halfway: dict[int, tuple[str, bytes, bool]] = {}
        self._releasing: set[int] = set()
        self._forget()

    def _forget(self) -> None:
        """A clean session."""
        house = self._house
        self.ids = TopicIds(house.predefined)
        self._delivery = Delivery(
            house.loop,
            self.ids,
            self._say_raw,
            self.lost,
            retry_s=house.retry_s,
            retries=house.retries,
        )
        self._halfway.clear()
        self._releasing.clear()

    def _say_raw(self, datagram: bytes) -> None:
        self.reply(datagram)

    def _say(self, kind: Kind, body: bytes = b"") -> None:
        self.reply(message(kind, body))

    # -- coming and going ------------------------------------------------------------------

    def connect(self, body: bytes) -> None:
        """CONNECT, the first or one that repeats it."""
        flags = Flags.parse(body[0])
        self._delivery.pause()
        self._clean, self._duration = flags.clean, number(body, 2)
        if flags.clean:
            self._leave_broker()
            self.will = LastWill()
            self._forget()
        self.ids.told.clear()
        self.state = State.OPENING
        self._stop_watch()
        if flags.will:
            self._say(Kind.WILLTOPICREQ)
        else:
            self._join_broker()

    def _join_broker(self) -> None:
        if self._uplink is not None:
            self._joined(True, 0)
            return
        self._uplink = self._house.open_uplink(
            client_id=self.client_id,
            clean=self._clean,
            on_message=self._delivered,
            on_lost=self._broker_lost,
            opened=self._joined,
        )

    def _joined(self, ok: bool, granted: int) -> None:
        if self.state is not State.OPENING:
            return
        if not ok:
            self._uplink = None
            self.state = State.DISCONNECTED
            self._say(Kind.CONNACK, bytes((Code.CONGESTION,)))
            return
        self.state = State.ACTIVE
        self._say(Kind.CONNACK, bytes((Code.ACCEPTED,)))
        self._delivery.run()
        self.heard()

    def _delivered(self, topic: str, qos: int, data: bytes) -> None:
        self._delivery.put(topic, qos, data)

    def _broker_lost(self) -> None:
        """Without broker there is no session to offer."""
        self._uplink = None
        if self.state in (State.ACTIVE, State.AWAKE, State.ASLEEP):
            self._say(Kind.DISCONNECT)
        self._rest(State.DISCONNECTED)

    def _leave_broker(self) -> None:
        uplink, self._uplink = self._uplink, None
        if uplink is not None:
            uplink.close()

    def _rest(self, state: State) -> None:
        self.state = state
        self._delivery.pause()
        self._stop_watch()

    def disconnect(self, body: bytes) -> None:
        """DISCONNECT: the end, or sleep for some seconds."""
        duration = number(body, 0) if len(body) == 2 else 0
        if not duration:
            self._rest(State.DISCONNECTED)
            self._leave_broker()
        else:
            self._rest(State.ASLEEP)
            self._duration = duration
            self.heard()
        self._say(Kind.DISCONNECT)

    def ping(self, body: bytes) -> None:
        """PINGREQ; from a sleeper it asks for all that has come meanwhile."""
        if self.state is not State.ASLEEP:
            self._say(Kind.PINGRESP)
            return
        self.state = State.AWAKE
        self._delivery.run()
        self._delivery.when_empty(self._back_to_sleep)

    def _back_to_sleep(self) -> None:
        self._rest(State.ASLEEP)
        self.heard()
        self._say(Kind.PINGRESP)

    # -- is it still there? ----------------------------------------------------------------

    def heard(self) -> None:
        """A sign of life; the time that may pass until the next begins."""
        self._stop_watch()
        if self._duration:
            patience = tolerated(self._duration)
            self._watch = self._house.loop.call_later(patience, self.lost)

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def lost(self) -> None:
        """The client is lost without DISCONNECT: its last will is published."""
        self._rest(State.LOST)
        uplink, self._uplink = self._uplink, None
        if uplink is None:
            return
        will, self.will = self.will, LastWill()
        if will.topic:
            uplink.publish(
                will.topic, will.data, will.qos, will.retain, lambda ok, granted: uplink.close()
            )
        else:
            uplink.close()

    def close(self) -> None:
        """The gateway ends."""
        self._rest(State.DISCONNECTED)
        self._leave_broker()

    # -- will ------------------------------------------------------------------------------

    def will_topic(self, body: bytes) -> None:
        """WILLTOPIC; an empty one: there is no will after all."""
        if self.state is not State.OPENING:
            return
        if not body:
            self.will = LastWill()
            self._join_broker()
            return
        flags = Flags.parse(body[0])
        self.will = LastWill(body[1:].decode("utf-8", "replace"), flags.qos, flags.retain)
        self._say(Kind.WILLMSGREQ)

    def will_message(self, body: bytes) -> None:
        """WILLMSG ends the opening."""
        if self.state is State.OPENING:
            self.will.data = body
            self._join_broker()

    def update_will_topic(self, body: bytes) -> None:
        """WILLTOPICUPD; empty: no will any more."""
        if body:
            flags = Flags.parse(body[0])
            name = body[1:].decode("utf-8", "replace")
            self.will = LastWill(name, flags.qos, flags.retain, self.will.data)
        else:
            self.will = LastWill()
        self._say(Kind.WILLTOPICRESP, bytes((Code.ACCEPTED,)))

    def update_will_message(self, body: bytes) -> None:
        """WILLMSGUPD."""
        self.will.data = body
        self._say(Kind.WILLMSGRESP, bytes((Code.ACCEPTED,)))

    # -- topics ----------------------------------------------------------------------------

    def register(self, body: bytes) -> None:
        """REGISTER: an id for a name."""
        name = body[4:].decode("utf-8", "replace")
        if any(sign in name for sign in WILDCARDS):
            self._say(Kind.REGACK, fields(0) + body[2:4] + bytes((Code.NOT_SUPPORTED,)))
            return
        ident = self.ids.give(name)
        self.ids.told.add(ident)
        self._say(Kind.REGACK, fields(ident) + body[2:4] + bytes((Code.ACCEPTED,)))

    def _filter(self, topic_type: int, field: bytes) -> str | None:
        """The name or filter a (UN)SUBSCRIBE is about."""
        if topic_type == Topic.NORMAL:
            return field.decode("utf-8", "replace")
        return self.ids.name(topic_type, field) if len(field) == 2 else None

    def subscribe(self, body: bytes) -> None:
        """SUBSCRIBE: passed on to the broker."""
        flags, mark = Flags.parse(body[0]), body[1:3]
        name = self._filter(flags.topic_type, body[3:])
        if name is None or self._uplink is None:
            self._say(Kind.SUBACK, b"\0" + fields(0) + mark + bytes((Code.INVALID_TOPIC,)))
            return
        ident = self._id_for(flags.topic_type, name, body[3:])

        def done(ok: bool, granted: int) -> None:
            code = Code.ACCEPTED if ok else Code.CONGESTION
            if ok and flags.topic_type == Topic.NORMAL and ident:
                self.ids.told.add(ident)
            bits = Flags(qos=granted if ok else 0).byte
            self._say(Kind.SUBACK, bytes((bits,)) + fields(ident) + mark + bytes((code,)))

        self._uplink.subscribe(name, max(flags.qos, 0), done)

    def _id_for(self, topic_type: int, name: str, field: bytes) -> int:
        if any(sign in name for sign in WILDCARDS):
            return 0
        self.ids.subscribed(name, topic_type)
        if topic_type == Topic.NORMAL:
            return self.ids.give(name)
        return number(field, 0) if topic_type == Topic.PREDEFINED else 0

    def unsubscribe(self, body: bytes) -> None:
        """UNSUBSCRIBE; its answer has no place for an error."""
        flags, mark = Flags.parse(body[0]), body[1:3]
        name = self._filter(flags.topic_type, body[3:])
        if name is None or self._uplink is None:
            self._say(Kind.UNSUBACK, mark)
            return
        self._uplink.unsubscribe(name, lambda ok, granted: self._say(Kind.UNSUBACK, mark))

    # -- messages from the client ----------------------------------------------------------

    def publish(self, body: bytes) -> None:
        """PUBLISH: passed on to the broker, acknowledged once it is there."""
        flags, ident = Flags.parse(body[0]), number(body, 3)
        name = self.ids.name(flags.topic_type, body[1:3])
        if name is None:
            self._say(Kind.PUBACK, body[1:5] + bytes((Code.INVALID_TOPIC,)))
            return
        data, qos = body[5:], max(flags.qos, 0)
        if qos == 2:
            if ident not in self._releasing:
                self._halfway.setdefault(ident, (name, data, flags.retain))
            self._say(Kind.PUBREC, fields(ident))
            return

        def done(ok: bool, granted: int) -> None:
            if qos:
                code = Code.ACCEPTED if ok else Code.CONGESTION
                self._say(Kind.PUBACK, body[1:5] + bytes((code,)))

        if self._uplink is None:
            done(False, 0)
        else:
            self._uplink.publish(name, data, qos, flags.retain, done)

    def release(self, body: bytes) -> None:
        """PUBREL: only now the message counts. One that was released before is just confirmed."""
        ident = number(body, 0)
        if ident in self._releasing:
            return
        parcel = self._halfway.pop(ident, None)
        if parcel is None or self._uplink is None:
            self._say(Kind.PUBCOMP, body)
            return
        name, data, retain = parcel
        self._releasing.add(ident)

        def done(ok: bool, granted: int) -> None:
            self._releasing.discard(ident)
            if ok:
                self._say(Kind.PUBCOMP, body)
            else:
                self._halfway[ident] = parcel

        self._uplink.publish(name, data, 2, retain, done)

    def answered(self, kind: Kind, body: bytes) -> None:
        """REGACK, PUBACK, PUBREC, PUBCOMP."""
        self._delivery.answered(kind, body)
