"""The other party of MQTT tests: a real client of the real broker, in a thread of its own, and a
node whose simulated module reaches that broker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any

import paho.mqtt.client as paho
from broker import NAME, SETTLE_S, Broker
from node import Node
from paho.mqtt.enums import CallbackAPIVersion

from simulator import VirtualLoop

PATIENCE_S = 20.0
_NUMBERS = count()


def mqtt_node(module: str, flavour: str, settle: float = SETTLE_S, **options: Any) -> Node:
    """A node that knows the broker by name, in virtual time that waits for it."""
    hosts = {NAME: "127.0.0.1"}
    return Node(module, flavour, loop=VirtualLoop(settle=settle), hosts=hosts, **options)


class Party:
    """A client that hears `topic` with QoS 2, also what came while the broker was down; `heard`:
    (topic, payload, QoS, retained)."""

    def __init__(self, broker: Broker, topic: str = "#") -> None:
        self.heard: list[tuple[str, bytes, int, bool]] = []
        self._news = threading.Condition()
        self._subscribed = False
        self._topic = topic
        self._port = broker.port
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, f"party-{next(_NUMBERS)}", clean_session=False
        )
        self._client.max_queued_messages_set(0)
        self._client.max_inflight_messages_set(1000)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._connected
        self._client.on_message = self._message
        self._client.on_subscribe = self._granted
        self._client.on_disconnect = self._lost
        self._client.connect("127.0.0.1", broker.port, keepalive=60)
        self._client.loop_start()
        self.until(lambda: self._subscribed)

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

    def hears_until(self, question: Callable[[], bool], quiet_s: float = 2.0) -> bool:
        """The same, given up when nothing has come for `quiet_s`."""
        with self._news:
            while not question():
                before = len(self.heard)
                if not self._news.wait(quiet_s) and len(self.heard) == before:
                    return False
        return True

    def say(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait for the broker's acknowledgement."""
        self.until(lambda: self._subscribed)
        self._client.publish(topic, payload, qos, retain).wait_for_publish(PATIENCE_S)

    def say_all(self, topic: str, payloads: list[bytes], qos: int) -> None:
        """Publish all at once; returns when the broker has them."""
        self.until(lambda: self._subscribed)
        told = [self._client.publish(topic, payload, qos) for payload in payloads]
        for info in told:
            info.wait_for_publish(PATIENCE_S)

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
