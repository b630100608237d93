"""The other party of MQTT tests: a real client of the real broker, in a thread of its own, and a
node whose simulated module reaches that broker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any

import paho.mqtt.client as paho
from driver.support.node import Node
from paho.mqtt.enums import CallbackAPIVersion
from servers.broker import NAME, Broker

PATIENCE_S = 120.0
_NUMBERS = count()


def mqtt_node(broker: Broker, module: str, flavour: str, **options: Any) -> Node:
    """A node that knows the broker by name, in virtual time that waits for it."""
    return Node(module, flavour, loop=broker.loop(), hosts={NAME: "127.0.0.1"}, **options)


class Party:
    """A client that hears `topic` with QoS 2, also what came while the broker was down; `heard`:
    (topic, payload, QoS, retained)."""

    def __init__(self, broker: Broker, topic: str = "#") -> None:
        self.heard: list[tuple[str, bytes, int, bool]] = []
        self._news = threading.Condition()
        self._subscribed = False
        self._topic = topic
        self._port = broker.port
        self._broker = broker
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, f"party-{next(_NUMBERS)}", clean_session=False
        )
        self._client.max_queued_messages_set(0)
        self._client.max_inflight_messages_set(1000)
        self._client.reconnect_delay_set(0, 0)  # the broker is back when its restart() returns
        self._client.on_socket_open = self._opened
        self._client.on_connect = self._connected
        self._client.on_message = self._message
        self._client.on_subscribe = self._granted
        self._client.on_disconnect = self._lost
        self._client.connect("127.0.0.1", broker.port, keepalive=60)
        self._client.loop_start()
        self.until(lambda: self._subscribed)

    @staticmethod
    def _opened(_client: Any, _data: Any, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each QoS 2 takes 40 ms

    def _connected(self, client: Any, *_: Any) -> None:
        client.subscribe(self._topic, 2)

    def _lost(self, *_: Any) -> None:
        self._subscribed = False

    def _granted(self, *_: Any) -> None:
        with self._news:
            self._subscribed = True
            self._news.notify_all()

    def _message(self, _client: Any, _data: Any, message: Any) -> None:
        with self._news:
            found = (message.topic, bytes(message.payload), message.qos, message.retain)
            self.heard.append(found)
            self._news.notify_all()

    @property
    def port(self) -> int:
        return self._port

    def until(self, question: Callable[[], bool]) -> None:
        """Wait in real time for what the broker brings."""
        with self._news:
            assert self._news.wait_for(question, PATIENCE_S), self.heard[-5:]

    def say(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait for the broker's acknowledgement."""
        self.until(lambda: self._subscribed)
        self._published([self._client.publish(topic, payload, qos, retain)])

    def say_all(self, topic: str, payloads: list[bytes], qos: int) -> None:
        """Publish all at once; returns when the broker has them."""
        self.until(lambda: self._subscribed)
        self._published([self._client.publish(topic, payload, qos) for payload in payloads])

    def _published(self, sent: list[paho.MQTTMessageInfo]) -> None:
        for info in sent:
            info.wait_for_publish(PATIENCE_S)
            assert info.is_published()
        self._broker.told()

    def payloads(self) -> list[bytes]:
        return [payload for _, payload, _, _ in self.heard]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Party:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
