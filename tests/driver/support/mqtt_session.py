"""A driver with an MQTT session on `MqttModel`, for tests of what passes the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.mqtt_model import MqttModel
from driver.support.serial_script import Bench

HOST = "broker.example"


class Desk:
    """A driver with a session, on the model."""

    def __init__(self, flavour: str, module: str = "sara-r5", connect: bool = True) -> None:
        self.model = MqttModel()
        self.bench = Bench(flavour, module, self.model)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.mqtt = self.bench.modem.mqtt
        self.told: list[tuple[str, bytes]] = []
        self.bench.modem.channel.trace = lambda way, line: self.told.append((way, bytes(line)))
        if connect:
            self.connect()

    def connect(self, **options: Any) -> None:
        self.call(self.mqtt.connect, HOST, **{"client_id": "c", "keepalive": 0} | options)

    def written(self) -> bytes:
        return bytes(self.bench.line.written)

    def silent(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The error of a call that must not send anything."""
        before = self.written()
        with pytest.raises((ValueError, TypeError, OSError)) as caught:
            self.call(call, *arguments, **options)
        assert self.written() == before
        return caught.value

    def arrive(self, *messages: tuple[bytes, bytes, int], announced: int | None = None) -> None:
        self.model.inbox += messages
        count = len(self.model.inbox) if announced is None else announced
        self.bench.line.push(b"\r\n+UUMQTTC: 6,%d\r\n" % count)
        self.bench.pass_ms(50)

    def say(self, line: bytes) -> None:
        self.bench.line.push(b"\r\n" + line + b"\r\n")
        self.bench.pass_ms(50)
