"""A driver on the smallest module with MQTT-SN, and ways in which that may behave."""

from __future__ import annotations

from typing import Any

from driver.support.mqttsn_model import MqttSnModel
from driver.support.serial_script import Bench

from ublox_cellular import event

GATEWAY = "192.0.2.7"


class Desk:
    """A driver on the model, with or without a session."""

    def __init__(self, flavour: str) -> None:
        self.model = MqttSnModel()
        self.bench = Bench(flavour, "sara-r5", self.model)
        self.modem: Any = self.bench.modem
        self.call = self.bench.call
        self.call(self.modem.attach, rates=(), sockets="keep")
        self.mqttsn = self.modem.mqttsn

    def connect(self, **options: Any) -> None:
        self.call(self.mqttsn.connect, GATEWAY, **{"client_id": "me", "keepalive": 0} | options)
        self.model.lines.clear()

    def urc(self, text: str) -> None:
        self.bench.line.push(f"\r\n{text}\r\n".encode())
        self.bench.pass_ms(50)

    def sent(self) -> list[str]:
        """The MQTT-SN commands since the last call."""
        lines = [line.decode("latin-1") for line in self.model.lines if b"MQTTSN" in line]
        self.model.lines.clear()
        return lines

    def events(self) -> list[tuple[int, int, int]]:
        found = []
        while entry := self.modem.events.take():
            found.append(tuple(entry))
        return [one for one in found if one[0] in (event.MESSAGES, event.SESSION)]


def refusing(model: MqttSnModel, start: bytes) -> None:
    """The module answers commands that begin so with an error."""
    command = model._command

    def refuse(text: bytes) -> bytes:
        return model._error(4) if text.startswith(start) else command(text)

    model._command = refuse  # type: ignore[method-assign]


def freeing(model: MqttSnModel, result: bytes, first: bool) -> Any:
    """The module reports the result that is due, before or after its next answer."""

    def free(data: bytes) -> list[tuple[float, bytes]]:
        model.busy = False
        model.tamper = None
        urc = b"\r\n+UUMQTTSNC: " + result + b"\r\n"
        return [(1.0, urc), (1.0, data)] if first else [(1.0, data), (4000.0, urc)]

    return free
