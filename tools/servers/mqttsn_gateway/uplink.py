"""The broker's side of the MQTT-SN gateway: one MQTT connection by paho-mqtt for each client.

paho is driven by the loop's own readers and writers. In virtual time nothing passes while the
broker, another process, owes an answer; as it answers a publication after it has handed it to all
its subscribers, and QoS 0 is followed by a question of its own, a test sees the same order each
time.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

BrokerAddress = tuple[str, int]
Done = Callable[[bool, int], None]
"""Success, and the QoS granted to a subscription."""

CONNECTING = 0
"""Stands for the connection among the message ids, which begin with 1."""

REFUSED = 0x80
NOBODYS_TOPIC = "$nobody/ever"


def nothing_more(ok: bool, granted: int) -> None:
    """The caller does not mind."""


class Uplink:
    """Connects at once; `on_message` gets topic, QoS and data, `on_lost` hears of the end."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        broker: BrokerAddress,
        client_id: str,
        *,
        clean: bool,
        on_message: Callable[[str, int, bytes], None],
        on_lost: Callable[[], None],
        opened: Done,
    ) -> None:
        self._loop = loop
        self._on_message = on_message
        self._on_lost = on_lost
        self._owed: dict[int, Done] = {}
        self._arrived: deque[tuple[str, int, bytes]] = deque()
        self._open = False
        self._halfway = False
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(1000)
        client.on_socket_open = self._socket_opened
        client.on_socket_close = self._socket_closed
        client.on_socket_register_write = self._register_writer
        client.on_socket_unregister_write = self._unregister_writer
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._message
        client.on_publish = self._answered
        client.on_subscribe = self._subscribed
        client.on_unsubscribe = self._answered
        self._owe(CONNECTING, opened)
        try:
            client.connect(broker[0], broker[1], keepalive=0)
        except OSError:
            loop.call_soon(self._settle, CONNECTING, False)

    # -- what the broker owes --------------------------------------------------------------

    def _owe(self, ident: int | None, done: Done) -> None:
        if ident is None:
            done(False, 0)
            return
        self._owed[ident] = done
        self._hold(1)

    def _settle(self, ident: int, ok: bool, granted: int = 0) -> None:
        """Not at once: paho is in the middle of a callback and must not be called from there."""
        self._loop.call_soon(self._finish, ident, ok, granted)

    def _finish(self, ident: int, ok: bool, granted: int) -> None:
        done = self._owed.pop(ident, None)
        if done is not None:
            self._hold(-1)
            done(ok, granted)
            self._pass_on()

    def _hold(self, more: int) -> None:
        if hasattr(self._loop, "held"):
            self._loop.held += more  # type: ignore[attr-defined]

    # -- what the gateway asks for ---------------------------------------------------------

    def publish(
        self, topic: str, data: bytes, qos: int, retain: bool, done: Done = nothing_more
    ) -> None:
        """`done` once the broker has it and has passed it on."""
        try:
            info = self._client.publish(topic, data, qos, retain)
        except ValueError:  # a wildcard in the topic
            done(False, 0)
            return
        if info.rc not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_QUEUE_SIZE):
            done(False, 0)
        elif qos:
            self._owe(info.mid, done)
        else:
            self._owe(self._client.unsubscribe(NOBODYS_TOPIC)[1], done)

    def subscribe(self, topic: str, qos: int, done: Done) -> None:
        """`done` gets the QoS granted."""
        try:
            _, ident = self._client.subscribe(topic, qos)
        except ValueError:
            ident = None
        self._owe(ident, done)

    def unsubscribe(self, topic: str, done: Done) -> None:
        """`done` once the broker has forgotten it."""
        try:
            _, ident = self._client.unsubscribe(topic)
        except ValueError:
            ident = None
        self._owe(ident, done)

    def close(self) -> None:
        """Leave the broker in order; whoever waits for it hears nothing more."""
        self._on_lost = lambda: None
        for ident in self._owed:
            self._owed[ident] = nothing_more
        self._client.disconnect()
        while self._client.want_write() and self._client.loop_write() == paho.MQTT_ERR_SUCCESS:
            pass
        self._give_up()

    def _give_up(self) -> None:
        for ident in list(self._owed):
            self._settle(ident, False)

    # -- what paho tells -------------------------------------------------------------------

    def _connected(self, client: Any, userdata: Any, flags: Any, reason: Any, more: Any) -> None:
        self._open = not reason.is_failure
        self._settle(CONNECTING, self._open)

    def _disconnected(self, *told: Any) -> None:
        was_open, self._open = self._open, False
        self._watch_halfway()
        self._give_up()
        if was_open:
            self._on_lost()

    def _message(self, client: Any, userdata: Any, message: paho.MQTTMessage) -> None:
        self._arrived.append((message.topic, message.qos, bytes(message.payload)))
        self._loop.call_soon(self._pass_on)

    def _pass_on(self) -> None:
        """Messages; not before the answers, which is the order the dialogues of A5 7 show. The
        broker sends a message to its own sender before it acknowledges it."""
        while self._arrived and not self._owed:
            self._on_message(*self._arrived.popleft())

    def _answered(self, client: Any, userdata: Any, ident: int, *more: Any) -> None:
        self._settle(ident, True)

    def _subscribed(self, client: Any, userdata: Any, ident: int, codes: Any, more: Any) -> None:
        granted = codes[0].value
        self._settle(ident, granted < REFUSED, granted)

    # -- sockets on the loop ---------------------------------------------------------------

    def _socket_opened(self, client: Any, userdata: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(sock, self._readable)

    def _readable(self) -> None:
        self._client.loop_read()
        self._watch_halfway()

    def _watch_halfway(self) -> None:
        """A message of QoS 2 from the broker counts once it is released, which is an answer like
        any other; paho does not tell of it, so its table is looked at where it has one."""
        halfway = self._open and bool(getattr(self._client, "_in_messages", ()))
        if halfway != self._halfway:
            self._halfway = halfway
            self._hold(1 if halfway else -1)

    def _socket_closed(self, client: Any, userdata: Any, sock: Any) -> None:
        with contextlib.suppress(ValueError, OSError):
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)

    def _register_writer(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self._writable)

    def _writable(self) -> None:
        self._client.loop_write()

    def _unregister_writer(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)
