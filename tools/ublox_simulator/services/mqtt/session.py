"""One session with a broker, from the look-up of its name to its end."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import paho.mqtt.client as paho

from ...world.foreign_servers import answer_expected
from ...world.net import ResolveError, is_address
from ...world.tcp_endpoint import TcpEndpoint
from ..network.dns import Dns
from .errors import (
    FAILED,
    INACTIVITY,
    LOST,
    NO_RADIO,
    REFUSED,
    TIMED_OUT,
    VIOLATION,
    MqttFailure,
)
from .inbox import Inbox, Message
from .profile import Profile, utf8
from .wire import MqttClient, Wire

if TYPE_CHECKING:
    from ...module import Module

GUEST_ID = 200
"""The endpoint is in no socket table; its id must only differ from ids there."""

NO_RADIO_S = 1.0
"""Time after which an action without network fails (U)."""

FAREWELL_S = 5.0
"""The longest the last bytes may take to leave (U)."""

BROKEN_PACKET = (struct.error, ValueError, IndexError)
"""Errors of the library for invalid packets."""

_T = TypeVar("_T")


class Session:
    """`open` makes it; afterwards one of `publish`, `subscribe`, `unsubscribe` at a time, or
    `close`. All raise MqttFailure. `on_lost` is called when it ends otherwise, with the result of
    the URC; `drop` ends it silently."""

    def __init__(
        self, module: Module, client: MqttClient, profile: Profile, cid: int, inbox: Inbox
    ) -> None:
        self._module = module
        self._client = client
        self._profile = profile
        self._inbox = inbox
        self.cid = cid
        self.keep_alive_s = profile.keep_alive_s
        self.on_lost: Callable[[int], None] = lambda result: None
        self._endpoint = TcpEndpoint(module, GUEST_ID, cid)
        self._wire = Wire(self._endpoint)
        self._lost: asyncio.Future[int] = module.loop.create_future()
        self._moved = asyncio.Event()
        self._connected: bool | None = None
        self._answers: dict[int, int] = {}
        """Message id -> result: granted QoS, or -1 for a refusal."""
        self._pump_due = False
        self._closing = False

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._lost.done()

    @property
    def awake(self) -> bool:
        """Whether the module works: in deep sleep nothing is sent, and waking ends the session."""
        return self._module.state == "ready"

    # -- time ------------------------------------------------------------------------------

    @property
    def sent_at(self) -> float:
        """Loop time of the last byte sent."""
        return self._wire.sent_at

    @property
    def heard_at(self) -> float:
        """Loop time of the last byte received."""
        return self._wire.heard_at

    # -- actions ---------------------------------------------------------------------------

    async def open(self) -> None:
        """Find the broker, connect, and wait for its acceptance."""
        await self._require_radio()
        limit = self._module.options.connect_timeout_ms
        limit += self._module.options.mqtt_response_ms
        await self._limited(self._open(), limit / 1000)
        if self.over:
            raise MqttFailure(FAILED)

    async def _open(self) -> None:
        module, profile, endpoint = self._module, self._profile, self._endpoint
        prefer = module.network.preferred_type if profile.prefer_v6 is None else profile.prefer_v6
        if not is_address(profile.host):
            await asyncio.sleep(module.options.dns_ms / 1000)
        try:
            dns = module.service(Dns)
            address = await dns.query(profile.host, self.cid, bool(prefer))
        except ResolveError:
            raise MqttFailure(FAILED) from None
        if profile.secure:
            endpoint.secure_with(profile.security_profile, profile.host)
        endpoint.on_data = endpoint.on_end = self._wake
        endpoint.on_send = self._sent
        module.sockets.guests.add(endpoint)
        try:
            await endpoint.connect(address, profile.port)
        except TimeoutError:
            raise MqttFailure(TIMED_OUT) from None
        except OSError:
            raise MqttFailure(FAILED) from None
        self._introduce()
        with self._answer_expected():
            while self._connected is None:
                await self._next()
        if not self._connected:
            raise MqttFailure(REFUSED)

    def _introduce(self) -> None:
        client, profile = self._client, self._profile
        user = utf8(profile.user) or None
        client.username_pw_set(user, utf8(profile.password) if user else None)
        client.will_clear()
        if profile.will_topic:
            retain = bool(profile.will_retain)
            client.will_set(utf8(profile.will_topic), profile.will, profile.will_qos, retain)
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_publish
        client.on_message = self._on_message
        self._wire.sent_at = self._wire.heard_at = self._module.loop.time()
        client.open(self._wire, profile.keep_alive_s)

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Return when it is sent (QoS 0) or acknowledged."""
        await self._act(lambda: self._client.publish(topic, payload, qos, retain).mid)

    async def subscribe(self, topic_filter: str, qos: int) -> int:
        """The granted QoS."""
        granted = await self._act(lambda: self._client.subscribe(topic_filter, qos)[1])
        if granted < 0:
            raise MqttFailure(REFUSED)
        return granted

    async def unsubscribe(self, topic_filter: str) -> None:
        """Return when it is acknowledged."""
        await self._act(lambda: self._client.unsubscribe(topic_filter)[1])

    async def _act(self, begin: Callable[[], int | None]) -> int:
        await self._require_radio()
        self._answers.clear()
        try:
            ident = begin()
        except ValueError:  # a topic or filter the protocol forbids
            raise MqttFailure(REFUSED) from None
        if ident is None:
            raise MqttFailure(FAILED)
        work = self._answered(ident)
        return await self._limited(work, self._module.options.mqtt_response_ms / 1000)

    async def _answered(self, ident: int) -> int:
        with self._answer_expected():
            while ident not in self._answers:
                await self._next()
        return self._answers[ident]

    def _answer_expected(self) -> AbstractContextManager[None]:
        """Virtual time waits for a real broker, unless the module itself needs time to ask."""
        if self._endpoint.tx or not self._module.network.usable:
            return nullcontext()
        return answer_expected(self._module.loop)

    async def _next(self) -> None:
        """Something happened on the connection."""
        self._moved.clear()
        await self._moved.wait()

    async def _require_radio(self) -> None:
        if not self._module.network.usable:
            await asyncio.sleep(NO_RADIO_S)
            if not self._module.network.usable:
                raise MqttFailure(NO_RADIO)

    async def _limited(self, work: Coroutine[Any, Any, _T], limit_s: float) -> _T:
        """The first of: the result, the end of the session, the time-out."""
        task = self._module.loop.create_task(work)
        try:
            waits = {task, self._lost}
            await asyncio.wait(waits, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if self.over:
                raise MqttFailure(REFUSED if self._lost.result() == VIOLATION else FAILED)
            raise MqttFailure(TIMED_OUT if self._module.network.usable else NO_RADIO)
        finally:
            task.cancel()

    def ping(self) -> None:
        """Send a ping."""
        self._client.ping()

    # -- end -------------------------------------------------------------------------------

    async def close(self) -> None:
        """Send DISCONNECT; ends in any case. Raises MqttFailure when it could not be sent."""
        reached = self._module.network.usable
        self._closing = True
        self._client.disconnect()
        await self._endpoint.drain_and_close(FAREWELL_S if reached else NO_RADIO_S)
        self.drop()
        if not reached:
            raise MqttFailure(NO_RADIO)

    def drop(self) -> None:
        """End the connection silently."""
        if not self.over:
            self._lost.set_result(LOST)
        self._module.sockets.guests.discard(self._endpoint)
        self._endpoint.shut()

    def lose(self, result: int = LOST) -> None:
        """The connection is lost."""
        if not self.over:
            self._lost.set_result(result)
            self.drop()
            self.on_lost(result)

    # -- the connection --------------------------------------------------------------------

    def _sent(self) -> None:
        self._module.network.touch()
        self._wake()

    def _wake(self) -> None:
        """Let the library work soon: never inside of its own calls."""
        if not self._pump_due:
            self._pump_due = True
            self._module.loop.call_soon(self._pump)

    def messages_read(self) -> None:
        """There is room for messages again."""
        self._wake()

    def _pump(self) -> None:
        self._pump_due = False
        if self.over or self._closing:
            return
        try:
            result = self._read()
            if not result:
                result = self._client.loop_write()
        except BROKEN_PACKET:
            result = paho.MQTT_ERR_PROTOCOL
        if result and self._connected is not False:
            self.lose(self._reason(result))
        self._moved.set()

    def _read(self) -> int:
        """Packets as far as they have come; returns the library's result (0: success)."""
        endpoint, result = self._endpoint, 0
        while not result and self._connected is not False:
            waiting = endpoint.unread
            if self._stalled() or (not waiting and not endpoint.eof):
                break
            result = self._client.loop_read()
            if endpoint.unread == waiting:
                break
        return result

    def _stalled(self) -> bool:
        """Whether the connection is paused until messages have been read."""
        holds = "mqtt-queue-holds" in self._module.options.variants
        return holds and self._inbox.full and not self._endpoint.eof

    def _reason(self, result: int) -> int:
        if result == paho.MQTT_ERR_PROTOCOL:
            return VIOLATION
        silent = self._module.loop.time() - self._wire.sent_at
        return INACTIVITY if 0 < self.keep_alive_s < silent else LOST

    # -- calls of the library ---------------------------------------------------------------

    def _on_connect(self, client: Any, data: Any, flags: Any, reason: Any, *rest: Any) -> None:
        self._connected = not reason.is_failure

    def _on_publish(self, client: Any, data: Any, ident: int, *rest: Any) -> None:
        self._answers[ident] = 0
        self._moved.set()

    def _on_subscribe(self, client: Any, data: Any, ident: int, reasons: Any, *rest: Any) -> None:
        reason = reasons[0]
        self._answers[ident] = -1 if reason.is_failure else reason.value
        self._moved.set()

    def _on_message(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        topic = message.topic.encode("utf-8")
        self._inbox.put(Message(message.qos, topic, bytes(message.payload)))
