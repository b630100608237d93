"""The fault matrix over short MQTT-SN dialogues: every split, a URC at every line boundary, every
byte of the module's answers lost, doubled or damaged, a restart at every byte.

A fault ends in the right result or in an error, in time; afterwards a session can be had again,
and a message gets through. What nobody could notice is in `undetectable`: the line has no check
sum, so a damaged digit of an id, of a granted QoS or a byte of a message reads as another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.fault_matrix import LONGEST_MS, URCS, Matrix, in_command_mode
from driver.support.mqttsn_model import MqttSnModel
from driver.support.serial_script import FLAVOURS, Bench

GATEWAY = "192.0.2.7"
NASTY = b'\x00ar"\r\nOK\r\n+CME ERROR: 3\r\n,>x'
LONG = bytes(range(256)) * 2
PATIENCE_MS = 3000
BYTES = (0, 10, 13, 44, 48, 57, 255)
PINGED = b"\r\n+UUMQTTSNC: 10,1\r\n"
FIELDS = re.compile(rb'\+UUMQTTSNC: 5,1,(\d,\d)|\+UMQTTSNC: 9,(\d,\d),\d+,\d+,"(.+?)",(?=\d)')
MESSAGE = re.compile(rb'\+UMQTTSNC: 9,.*?",\d+,"(.*)"\r\n\r\nOK', re.DOTALL)


@dataclass
class Dialogue:
    """`run(bench, mqttsn)` is the exchange under test and gives `wanted`; then the gateway must
    have got `published`, or nothing if it failed."""

    name: str
    run: Callable[[Bench, Any], Any]
    wanted: Any = None
    published: tuple[str, bytes, int] | None = None
    arrived: tuple[int, int, bytes, bytes] | None = None
    connected: bool = True


def publish(data: Any, **options: Any) -> Callable[[Bench, Any], Any]:
    return lambda bench, mqttsn: bench.call(
        mqttsn.publish, "t", data, timeout_ms=PATIENCE_MS, **options
    )


def read(bench: Bench, mqttsn: Any) -> Any:
    message = bench.call(mqttsn.check_msg)
    return message and (message.topic, message.payload, message.qos)


DIALOGUES = [
    Dialogue(
        "connect",
        lambda bench, mqttsn: bench.call(
            mqttsn.connect, GATEWAY, client_id="me", keepalive=9, timeout_ms=PATIENCE_MS
        ),
        connected=False,
    ),
    Dialogue("text", publish("hello", qos=1), published=("1", b"hello", 1)),
    Dialogue("digits", publish(NASTY), published=("1", NASTY, 0)),
    Dialogue("prompt", publish(LONG, qos=2), published=("1", LONG, 2)),
    Dialogue(
        "subscribe",
        lambda bench, mqttsn: bench.call(mqttsn.subscribe, "a/b", 1, timeout_ms=PATIENCE_MS),
        1,
    ),
    Dialogue("read", read, (b"t", NASTY, 1), arrived=(1, 0, b"1", NASTY)),
    Dialogue("short", read, (b',"', NASTY, 0), arrived=(0, 2, b',"', NASTY)),
    Dialogue(
        "disconnect",
        lambda bench, mqttsn: bench.call(mqttsn.disconnect, timeout_ms=PATIENCE_MS),
    ),
]
CASES = [
    pytest.param(flavour, dialogue, id=f"{flavour}-{dialogue.name}")
    for dialogue in DIALOGUES
    for flavour in FLAVOURS
]


class MqttSn(Matrix):
    """Whatever the fault, an exchange is over in time."""

    urcs = (PINGED, *URCS[:4])
    longest_ms = LONGEST_MS

    def __init__(self, flavour: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, "sara-r5", seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> MqttSnModel:
        return MqttSnModel()

    def prepare(self, bench: Bench) -> None:
        if self.dialogue.connected:
            bench.call(bench.modem.mqttsn.connect, GATEWAY, client_id="me", keepalive=0)
            bench.call(bench.modem.mqttsn.register, "t")
        if self.dialogue.arrived:
            bench.line.push(bench.partner.arrive(*self.dialogue.arrived))
            bench.pass_ms(100)

    def outcome(self, bench: Bench) -> str:
        model, dialogue = bench.partner, self.dialogue
        wanted = [dialogue.published] if dialogue.published else []
        try:
            result = dialogue.run(bench, bench.modem.mqttsn)
        except OSError as error:
            assert str(error)
            assert model.published in ([], wanted), model.published
            return type(error).__name__
        assert result == dialogue.wanted, result
        assert model.published == wanted, model.published
        return "right"

    def works_again(self, bench: Bench) -> None:
        """A session can be had, and messages get through."""
        in_command_mode(bench, 0)
        model, mqttsn = bench.partner, bench.modem.mqttsn
        model.published.clear()
        if not bench.call(mqttsn.is_connected):
            bench.call(mqttsn.connect, GATEWAY, client_id="me", keepalive=0)
        try:
            bench.call(mqttsn.publish, "again", "and again")
        except OSError:  # it was lost unseen, and this has shown it
            if not bench.call(mqttsn.is_connected):
                bench.call(mqttsn.connect, GATEWAY, client_id="me", keepalive=0)
            model.published.clear()
            bench.call(mqttsn.publish, "again", "and again")
        assert model.published == [(str(model.topics["again"]), b"and again", 0)]
        bench.line.push(model.arrive(0, 0, str(model.topics["again"]).encode(), b"back"))
        found = []
        while b"back" not in found:
            message = bench.call(mqttsn.wait_msg, 1000)
            assert message is not None, found
            found.append(message.payload)

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        return self.flavour == "blocking" and not urc

    def damages(self, byte: int, i: int) -> set[int]:
        return {byte ^ 1, byte ^ 64, BYTES[i % len(BYTES)]}

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """The fault reads as another value that could be as right."""
        found = FIELDS.search(answer)
        if found and any(found.start(n) <= i < found.end(n) for n in (1, 2, 3) if found[n]):
            return True
        found = MESSAGE.search(answer)
        return what.startswith("damaged") and bool(found) and found.start(1) <= i < found.end(1)

    def works_after_restart(self, bench: Bench) -> None:
        bench.pass_ms(2000)
        bench.call(bench.modem.imei)  # a message cut short may have swallowed the greeting
        assert not bench.call(bench.modem.mqttsn.is_connected)
        self.works_again(bench)


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    MqttSn(flavour, dialogue).every_split()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    MqttSn(flavour, dialogue).every_byte()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    MqttSn(flavour, dialogue).every_restart(MqttSnModel.restart)
