"""The client's side of an MQTT-SN 1.2 session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import packets as mp
from .failure import SESSION_LOST, MqttSnFailure
from .requests import Requests, nothing_to_settle
from .transport import Carrier, Security

if TYPE_CHECKING:
    import asyncio

    from ..module import Module

OFF, OPENING, ACTIVE, ASLEEP, LEAVING = "off", "opening", "active", "asleep", "leaving"

PING_SHARE = 0.8
"""Part of the connect duration after which the keep-alive is sent (as for +UMQTTC, at-commands
5.3)."""

LAST_IDENT = 0xFFFF


@dataclass(frozen=True)
class Message:
    """A message in the queue; `topic` is an id in digits or a short name."""

    qos: int
    topic_type: int
    topic: str
    data: bytes


@dataclass(frozen=True)
class Will:
    """No topic: no last will."""

    qos: int = 0
    retain: int = 0
    topic: str = ""
    data: bytes = b""


@dataclass(frozen=True)
class Terms:
    """Parameters for opening a session."""

    client_id: str
    duration: int
    clean: int
    will: Will


def topic_field(topic_type: int, topic: str) -> bytes:
    """The two bytes of a topic."""
    return topic.encode("latin-1") if topic_type == mp.SHORT else mp.word(int(topic))


class Session:
    """One session at a time; `on_message` returns whether it had room, `on_lost` is called at an
    end that was not requested here, `on_ping_failed` when the gateway does not answer any more."""

    def __init__(
        self,
        module: Module,
        *,
        on_message: Callable[[Message], bool],
        on_lost: Callable[[], None],
        on_ping_failed: Callable[[], None],
    ) -> None:
        self._module = module
        self._on_message = on_message
        self._on_lost = on_lost
        self._on_ping_failed = on_ping_failed
        options = module.options
        self._requests = Requests(
            module.loop,
            self._send,
            patience_s=options.mqttsn_retry_ms / 1000,
            retries=options.mqttsn_retries,
        )
        self._carrier: Carrier | None = None
        self._terms = Terms("", 0, 1, Will())
        self._ident = 0
        self._names: dict[int, str] = {}
        self._held: set[int] = set()
        self._ping_timer: asyncio.TimerHandle | None = None
        self.state = OFF

    def set_patience(self, seconds: float) -> None:
        """Time limit of an answer before the request is repeated."""
        self._requests.patience_s = seconds

    @property
    def cid(self) -> int | None:
        """The context in use."""
        return None if self._carrier is None else self._carrier.cid

    def name_of(self, ident: int) -> str | None:
        """The topic of a normal id."""
        return self._names.get(ident)

    # -- way to the gateway ----------------------------------------------------------------

    async def reach(self, cid: int, address: str, port: int, security: Security | None) -> None:
        """Open the connection to the gateway unless it is open (a sleeping session keeps it)."""
        if self._carrier is None:
            self._carrier = Carrier(self._module, cid, self._incoming, self._ended)
            await self._carrier.open(address, port, security)

    def close(self) -> None:
        """The session ends here; nothing is sent to the gateway."""
        self.state = OFF
        self.keep_alive(False)
        self._held.clear()
        self._requests.give_up()
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None

    def _ended(self) -> None:
        """The gateway, the context or DTLS has ended it."""
        was_open = self.state in (ACTIVE, ASLEEP)
        self.close()
        if was_open:
            self._on_lost()

    lose = _ended

    def _send(self, datagram: bytes) -> None:
        if self._carrier is None:
            raise MqttSnFailure(SESSION_LOST)
        self._carrier.send(datagram)

    async def _ask(
        self,
        datagram: bytes,
        *kinds: int,
        ident: int | None = None,
        again: bytes = b"",
        settle: Callable[[bytes], None] = nothing_to_settle,
    ) -> tuple[int, bytes]:
        """The answer of one of these types, about this message."""

        def fits(kind: int, body: bytes) -> bool:
            return kind in kinds and (ident is None or ident_of(kind, body) == ident)

        return await self._requests.ask(datagram, fits, again, settle)

    def _next_ident(self) -> int:
        self._ident = self._ident % LAST_IDENT + 1
        return self._ident

    # -- session ---------------------------------------------------------------------------

    async def connect(self, terms: Terms) -> None:
        """CONNECT, with the will if there is one; the connection must be open."""
        self._terms = terms
        self.state = OPENING
        if terms.clean:
            self._names.clear()
        will = terms.will
        hello = mp.connect(
            terms.client_id, terms.duration, clean=terms.clean, will=bool(will.topic)
        )
        kind, body = await self._ask(hello, mp.WILL_TOPIC_REQUEST, mp.CONNACK)
        if kind == mp.WILL_TOPIC_REQUEST:
            topic = bytes((mp.flags(will.qos, will.retain),)) + will.topic.encode("latin-1")
            answers = (mp.WILL_MESSAGE_REQUEST, mp.CONNACK)
            kind, body = await self._ask(mp.framed(mp.WILL_TOPIC, topic), *answers)
        if kind == mp.WILL_MESSAGE_REQUEST:
            kind, body = await self._ask(mp.framed(mp.WILL_MESSAGE, will.data), mp.CONNACK)
        accepted(body[:1])
        self.state = ACTIVE

    async def disconnect(self, duration: int = 0) -> None:
        """End, or sleep for a time. The session ends with or without an answer."""
        self.keep_alive(False)
        body = mp.word(duration) if duration else b""
        self.state = LEAVING
        try:
            await self._ask(mp.framed(mp.DISCONNECT, body), mp.DISCONNECT)
        except MqttSnFailure:
            self.close()
            raise
        if duration:
            self.state = ASLEEP
        else:
            self.close()

    async def check(self) -> None:
        """Awake for a moment: kept messages come before the gateway's answer."""
        client_id = self._terms.client_id.encode("latin-1")
        await self._ask(mp.framed(mp.PINGREQ, client_id), mp.PINGRESP)

    def keep_alive(self, on: bool) -> None:
        """Ping by itself; without connect duration there is nothing to keep."""
        if self._ping_timer is not None:
            self._ping_timer.cancel()
            self._ping_timer = None
        if on and self._terms.duration:
            wait_ms = self._terms.duration * PING_SHARE * 1000
            self._ping_timer = self._module.later(wait_ms, self._ping_due)

    def _ping_due(self) -> None:
        self._module.spawn(self._ping())

    async def _ping(self) -> None:
        try:
            await self._ask(mp.framed(mp.PINGREQ), mp.PINGRESP)
        except MqttSnFailure:
            if self.state == ACTIVE:
                self._on_ping_failed()
                self._ended()
            return
        if self.state == ACTIVE:
            self.keep_alive(True)

    async def change_will_topic(self, will: Will) -> None:
        """WILLTOPICUPD; without topic the will is deleted."""
        topic = will.topic.encode("latin-1")
        body = bytes((mp.flags(will.qos, will.retain),)) + topic if topic else b""
        _, answer = await self._ask(mp.framed(mp.WILL_TOPIC_UPDATE, body), mp.WILL_TOPIC_RESPONSE)
        accepted(answer[:1])

    async def change_will_message(self, data: bytes) -> None:
        """WILLMSGUPD."""
        _, answer = await self._ask(
            mp.framed(mp.WILL_MESSAGE_UPDATE, data), mp.WILL_MESSAGE_RESPONSE
        )
        accepted(answer[:1])

    # -- topics and messages ---------------------------------------------------------------

    async def register(self, topic: str) -> int:
        """The id assigned by the gateway to a name."""
        ident = self._next_ident()
        body = mp.word(0) + mp.word(ident) + topic.encode("latin-1")
        _, answer = await self._ask(
            mp.framed(mp.REGISTER, body),
            mp.REGACK,
            ident=ident,
            settle=lambda reply: self._learn(reply[:2], topic, reply[4]),
        )
        accepted(answer[4:5])
        return int.from_bytes(answer[:2], "big")

    def _learn(self, field: bytes, topic: str, code: int = mp.ACCEPTED) -> None:
        ident = int.from_bytes(field, "big")
        if ident and code == mp.ACCEPTED:
            self._names[ident] = topic

    async def subscribe(self, qos: int, topic_type: int, topic: str) -> tuple[int, int]:
        """QoS granted and topic id; 0 if there is none (short names, wildcards)."""
        ident = self._next_ident()
        datagram = self._about(mp.SUBSCRIBE, mp.flags(qos, 0, topic_type), ident, topic)
        again = mp.with_dup(datagram)

        def learn(reply: bytes) -> None:
            if topic_type == mp.NORMAL:
                self._learn(reply[1:3], topic, reply[5])

        _, answer = await self._ask(datagram, mp.SUBACK, ident=ident, again=again, settle=learn)
        accepted(answer[5:6])
        granted = answer[0] >> mp.QOS_SHIFT & mp.QOS_BITS
        if topic_type == mp.NORMAL:
            return granted, int.from_bytes(answer[1:3], "big")
        return granted, int(topic) if topic_type == mp.PREDEFINED else 0

    async def unsubscribe(self, topic_type: int, topic: str) -> None:
        """With the argument of `subscribe`."""
        ident = self._next_ident()
        datagram = self._about(mp.UNSUBSCRIBE, mp.flags(0, 0, topic_type), ident, topic)
        await self._ask(datagram, mp.UNSUBACK, ident=ident)

    def _about(self, kind: int, bits: int, ident: int, topic: str) -> bytes:
        by_name = bits & mp.TYPE_BITS == mp.NORMAL
        field = topic.encode("latin-1") if by_name else topic_field(bits & mp.TYPE_BITS, topic)
        return mp.framed(kind, bytes((bits,)) + mp.word(ident) + field)

    def tell(self, retain: int, topic_type: int, topic: str, data: bytes) -> None:
        """Publish with QoS -1: without a session, but with a connection."""
        bits = mp.flags(mp.QOS_MINUS_ONE, retain, topic_type)
        self._send(mp.publish(bits, topic_field(topic_type, topic), 0, data))

    async def publish(
        self, qos: int, retain: int, topic_type: int, topic: str, data: bytes
    ) -> None:
        """Publish with QoS 0 to 2."""
        field, bits = topic_field(topic_type, topic), mp.flags(qos, retain, topic_type)
        if not qos:
            self._send(mp.publish(bits, field, 0, data))
            return
        ident = self._next_ident()
        datagram = mp.publish(bits, field, ident, data)
        again = mp.with_dup(datagram)
        answers = (mp.PUBREC, mp.PUBACK) if qos == 2 else (mp.PUBACK,)
        kind, answer = await self._ask(datagram, *answers, ident=ident, again=again)
        if kind == mp.PUBACK:
            accepted(answer[4:5])
            return
        release = mp.framed(mp.PUBREL, mp.word(ident))
        await self._ask(release, mp.PUBCOMP, ident=ident)

    # -- messages of the gateway ----------------------------------------------------------------

    def _incoming(self, datagram: bytes) -> None:
        message = mp.unframed(datagram)
        if message is None or self._requests.offer(*message) or self.state == OFF:
            return
        kind, body = message
        if kind == mp.PUBLISH and len(body) >= 5:
            self._published(body)
        elif kind == mp.PUBREL and len(body) == 2:
            self._held.discard(int.from_bytes(body, "big"))
            self._send(mp.framed(mp.PUBCOMP, body))
        elif kind == mp.REGISTER and len(body) > 4:
            self._learn(body[:2], body[4:].decode("latin-1"))
            self._send(mp.framed(mp.REGACK, body[:4] + bytes((mp.ACCEPTED,))))
        elif kind == mp.PINGREQ:
            self._send(mp.framed(mp.PINGRESP))
        elif kind == mp.DISCONNECT:
            self._ended()

    def _published(self, body: bytes) -> None:
        qos = body[0] >> mp.QOS_SHIFT & mp.QOS_BITS
        topic_type, ident = body[0] & mp.TYPE_BITS, int.from_bytes(body[3:5], "big")
        number = int.from_bytes(body[1:3], "big")
        if topic_type == mp.NORMAL and number not in self._names:
            self._acknowledge(body, mp.INVALID_TOPIC)
            return
        if ident not in self._held or qos != 2:
            topic = body[1:3].decode("latin-1") if topic_type == mp.SHORT else str(number)
            taken = self._on_message(Message(qos, topic_type, topic, body[5:]))
            if not taken:
                if qos:
                    self._acknowledge(body, mp.CONGESTION)
                return
        if qos == 1:
            self._acknowledge(body, mp.ACCEPTED)
        elif qos == 2:
            self._held.add(ident)
            self._send(mp.framed(mp.PUBREC, body[3:5]))

    def _acknowledge(self, body: bytes, code: int) -> None:
        self._send(mp.framed(mp.PUBACK, body[1:5] + bytes((code,))))


IDENT_AT = {
    mp.REGACK: 2,
    mp.PUBACK: 2,
    mp.PUBREC: 0,
    mp.PUBCOMP: 0,
    mp.SUBACK: 3,
    mp.UNSUBACK: 0,
}
"""Position of the message id in an answer."""

ANSWER_SIZE = {mp.CONNACK: 1, mp.REGACK: 5, mp.PUBACK: 5, mp.SUBACK: 6}


def ident_of(kind: int, body: bytes) -> int | None:
    """The message id of an answer; None when it is damaged."""
    at = IDENT_AT.get(kind)
    if at is None or len(body) < ANSWER_SIZE.get(kind, at + 2):
        return None
    return int.from_bytes(body[at : at + 2], "big")


def accepted(code: bytes) -> None:
    """Raises MqttSnFailure with the return code when the gateway refuses."""
    refused = code[0] if code else mp.NOT_SUPPORTED
    if refused != mp.ACCEPTED:
        raise MqttSnFailure(refused)
