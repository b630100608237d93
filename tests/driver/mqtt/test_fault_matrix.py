"""The fault matrix over the MQTT dialogues: every split, a URC at every line boundary, every byte
of the module's answers lost, doubled or damaged, a restart at every byte.

A fault ends in the right outcome or in an error; afterwards the channel works, and so does MQTT.
What nobody could notice is in `undetectable`: the line has no check sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.fault_matrix import URCS, Matrix, in_command_mode
from driver.support.mqtt_model import MqttModel
from driver.support.serial_script import FLAVOURS, Bench

HOST = "192.0.2.9"
TOPIC = "a/b"
SHORT = b'\x00"\r\n+'
LONG = bytes(range(256)) * 2
MESSAGE = b'ar"\r\nOK\r\n+CME ERROR: 3\r\n,4,">x'
PLACE = [(0, "c"), (10, 0), (2, HOST, 1883)]
PATIENCE_MS = 5000
MESSAGES_WAIT = b"\r\n+UUMQTTC: 6,3\r\n"
NASTY = (0, 10, 13, 34, 44, 48, 57, 255)


@dataclass
class Dialogue:
    """`run(bench)` gives `wanted`; `published` is what the broker must have got by it."""

    name: str
    run: Callable[[Bench], Any]
    wanted: Any = None
    published: tuple[str, bytes, int, int] | None = None
    prepare: Callable[[Bench], None] = lambda bench: None
    connected: bool = True


def publish(data: bytes, qos: int) -> Callable[[Bench], Any]:
    return lambda bench: bench.call(
        bench.modem.mqtt.publish, TOPIC, data, True, qos, timeout_ms=PATIENCE_MS
    )


def read(bench: Bench) -> Any:
    found = bench.call(bench.modem.mqtt.check_msg)
    return None if found is None else (found.topic, found.payload, found.qos)


def arrive(bench: Bench) -> None:
    model: Any = bench.partner
    model.inbox.append((TOPIC.encode(), MESSAGE, 1))
    bench.line.push(model.announcement())
    bench.pass_ms(50)
    bench.modem.mqtt.seen = bench.modem.channel.unknown


def connect(bench: Bench) -> None:
    bench.call(bench.modem.mqtt.connect, HOST, client_id="c", keepalive=0, timeout_ms=PATIENCE_MS)


def subscribe(bench: Bench) -> Any:
    return bench.call(bench.modem.mqtt.subscribe, "a/#", 1, timeout_ms=PATIENCE_MS)


def disconnect(bench: Bench) -> None:
    bench.call(bench.modem.mqtt.disconnect, PATIENCE_MS)


DIALOGUES = [
    Dialogue("connect", connect, connected=False),
    Dialogue("publish-text", publish(b"hello", 1), published=(TOPIC, b"hello", 1, 1)),
    Dialogue("publish-hex", publish(SHORT, 2), published=(TOPIC, SHORT, 2, 1)),
    Dialogue("publish-binary", publish(LONG, 0), published=(TOPIC, LONG, 0, 1)),
    Dialogue("subscribe", subscribe, 1),
    Dialogue("read", read, (TOPIC.encode(), MESSAGE, 1), prepare=arrive),
    Dialogue("disconnect", disconnect),
]
CASES = [
    pytest.param(flavour, dialogue, id=f"{flavour}-{dialogue.name}")
    for dialogue in DIALOGUES
    for flavour in FLAVOURS
]


class Mqtt(Matrix):
    urcs = (*URCS, MESSAGES_WAIT)

    def __init__(self, flavour: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, "sara-r5", seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> MqttModel:
        return MqttModel()

    def prepare(self, bench: Bench) -> None:
        mqtt = bench.modem.mqtt
        mqtt.placed = list(PLACE)
        if self.dialogue.connected:
            connect(bench)
            mqtt.seen = bench.modem.channel.unknown
        self.dialogue.prepare(bench)
        bench.partner.published.clear()

    def outcome(self, bench: Bench) -> str:
        model, dialogue = bench.partner, self.dialogue
        try:
            result = dialogue.run(bench)
        except OSError as error:
            assert str(error)
            return type(error).__name__
        assert result == dialogue.wanted, result
        if dialogue.published:
            assert model.published == [dialogue.published], model.published
        if dialogue.name in ("connect", "disconnect"):
            bench.pass_ms(1500)  # it may have restarted right behind its answer
            assert bench.modem.mqtt.connected == model.connected
        return "right"

    def works_again(self, bench: Bench) -> None:
        """Messages go as if nothing had been."""
        in_command_mode(bench)
        model, mqtt = bench.partner, bench.modem.mqtt
        if not mqtt.is_connected():
            bench.call(mqtt.connect, HOST, client_id="c", keepalive=0, timeout_ms=150_000)
        model.published.clear()
        bench.call(mqtt.publish, TOPIC, b"again", qos=1, timeout_ms=150_000)
        assert model.published == [(TOPIC, b"again", 1, 0)]
        model.inbox[:] = [(b"t", b"last", 0)]
        bench.line.push(model.announcement())
        bench.pass_ms(50)
        found = bench.call(mqtt.check_msg)
        assert (found.topic, found.payload) == (b"t", b"last")

    def damages(self, byte: int, i: int) -> set[int]:
        return {byte ^ 1, byte ^ 64, *NASTY}

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """A damaged byte of topic or message, the QoS one came with or that was granted."""
        head = re.match(rb'\r\n\+UMQTTC: 6,(\d),\d+,(\d+),"', answer)
        if head:
            topic = head.end()
            message = answer.index(MESSAGE, topic)
            inside = topic <= i < topic + len(TOPIC) or message <= i < message + len(MESSAGE)
            return head.start(1) == i or (what.startswith("damaged") and inside)
        granted = re.search(rb"\+UUMQTTC: 4,1,(\d)", answer)
        return granted is not None and granted.start(1) <= i <= granted.end(1)


def restart(model: MqttModel) -> None:
    model.cmee = model._need = 0
    model._into = None
    model.settings.clear()
    model.inbox.clear()
    model.connected = False


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    Mqtt(flavour, dialogue).every_split()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    Mqtt(flavour, dialogue).every_byte()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    Mqtt(flavour, dialogue).every_restart(restart)
