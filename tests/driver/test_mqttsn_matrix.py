"""The fault matrix over short MQTT-SN dialogues: every split, a URC at every line boundary, every
byte of the module's answers lost, doubled or damaged, a restart at every byte.

A fault ends in the right result or in an error, in time; afterwards a session can be had again,
and a message gets through. What nobody could notice is in `undetectable`: the line has no check
sum, so a damaged digit of an id, of a granted QoS or a byte of a message reads as another one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from model import LATENCY_MS, Arrivals
from mqttsn_model import MqttSnModel
from script import FLAVOURS, Bench
from test_matrix import URCS, Nth, boundaries, pieces, splits

GATEWAY = "192.0.2.7"
NASTY = b'\x00ar"\r\nOK\r\n+CME ERROR: 3\r\n,>x'
LONG = bytes(range(256)) * 2
PATIENCE_MS = 3000
LONGEST_MS = 45_000
BYTES = (0, 10, 13, 44, 48, 57, 255)
OURS = [b"\r\n+UUMQTTSNC: 10,1\r\n", *URCS[:4]]


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


def ready(flavour: str, dialogue: Dialogue, bench: Bench | None = None) -> Bench:
    """A bench with everything before the exchange done."""
    model = MqttSnModel()
    if bench is None:
        bench = Bench(flavour, "sara-r5", model)
    else:
        bench.restart(model)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    if dialogue.connected:
        bench.call(bench.modem.mqttsn.connect, GATEWAY, client_id="me", keepalive=0)
        bench.call(bench.modem.mqttsn.register, "t")
    if dialogue.arrived:
        bench.line.push(model.arrive(*dialogue.arrived))
        bench.pass_ms(100)
    model.answers.clear()
    return bench


def outcome(bench: Bench, dialogue: Dialogue) -> str:
    """How it went: "right", or the name of the error; AssertionError if wrong."""
    model = bench.partner
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


def works_again(bench: Bench) -> None:
    """The channel is in command mode, and a session can be had."""
    model, mqttsn = bench.partner, bench.modem.mqttsn
    model.tamper = None
    assert bench.call(bench.modem.imei) == "004999010640000"
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


def plain_answers(flavour: str, dialogue: Dialogue) -> list[bytes]:
    """What the module answers when nothing goes wrong."""
    bench = ready(flavour, dialogue)
    assert outcome(bench, dialogue) == "right"
    answers = list(bench.partner.answers)
    works_again(bench)
    bench.close()
    return answers


def tampered(
    bench: Bench, dialogue: Dialogue, number: int, how: Callable[[bytes], Arrivals]
) -> str:
    bench.partner.tamper = Nth(number, how)
    began = bench.clock.ms()
    result = outcome(bench, dialogue)
    assert bench.clock.ms() - began < LONGEST_MS
    return result


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    rng = random.Random(dialogue.name)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for urc in [b"", *OURS]:
            for boundary in boundaries(answer) if urc and answer != b"\r\n>" else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                every = splits(data, rng) if flavour == "blocking" and not urc else None
                for cuts in every or [[len(answer) // 2], list(range(1, len(data)))]:
                    bench = ready(flavour, dialogue, bench)
                    case = (number, urc, boundary, cuts)
                    found = tampered(
                        bench, dialogue, number, lambda _, d=data, c=cuts: pieces(d, c)
                    )
                    assert found == "right", case
    assert bench is not None
    bench.close()


def faulty(answer: bytes) -> Iterator[tuple[str, int, bytes]]:
    """The answer with one byte lost, doubled or damaged, at every position."""
    for i in range(len(answer)):
        yield "lost", i, answer[:i] + answer[i + 1 :]
        yield "doubled", i, answer[: i + 1] + answer[i:]
        damaged = {answer[i] ^ 1, answer[i] ^ 64, BYTES[i % len(BYTES)]}
        for byte in sorted(damaged - {answer[i]}):
            yield f"damaged to {byte}", i, answer[:i] + bytes([byte]) + answer[i + 1 :]


FIELDS = re.compile(rb'\+UUMQTTSNC: 5,1,(\d,\d)|\+UMQTTSNC: 9,(\d,\d),\d+,\d+,"(.+?)",(?=\d)')
MESSAGE = re.compile(rb'\+UMQTTSNC: 9,.*?",\d+,"(.*)"\r\n\r\nOK', re.DOTALL)
READING = re.compile(rb"\+UUMQTTSNC: 5,1,\d+,")


def undetectable(answer: bytes, what: str, i: int, data: bytes) -> bool:
    """Whether the fault reads as another value that could be as right."""
    found = FIELDS.search(answer)
    if found and any(found.start(n) <= i < found.end(n) for n in (1, 2, 3) if found[n]):
        return True
    found = MESSAGE.search(answer)
    return what.startswith("damaged") and bool(found) and found.start(1) <= i < found.end(1)


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong, seen = [], set()
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for what, position, data in faulty(answer):
            if undetectable(answer, what, position, data):
                continue
            if flavour == "asyncio" and what.startswith("damaged"):
                continue  # the same engine: what differs are waits and cancellation
            bench = ready(flavour, dialogue, bench)
            try:
                found = tampered(bench, dialogue, number, lambda _, d=data: [(LATENCY_MS, d)])
                seen.add(found)
                works_again(bench)
            except Exception as error:
                wrong.append((number, what, position, data, repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
    assert "right" in seen  # doubled line ends do no harm


GREETING = b"\r\ncellular ready\r\n"


def restarting(model: MqttSnModel, said: bytes) -> Callable[[bytes], Arrivals]:
    """The module says so much of its answer and then greets: nothing is left of the rest."""

    def restart(_: bytes) -> Arrivals:
        model.restart()
        return [(LATENCY_MS, said), (1000.0, GREETING)]

    return restart


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong = []
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for position in range(0, len(answer), 1 if flavour == "blocking" else 5):
            bench = ready(flavour, dialogue, bench)
            try:
                tampered(bench, dialogue, number, restarting(bench.partner, answer[:position]))
                bench.pass_ms(2000)
                bench.call(bench.modem.imei)  # a message cut short may have swallowed the greeting
                assert not bench.call(bench.modem.mqttsn.is_connected)
                works_again(bench)
            except Exception as error:
                wrong.append((number, position, answer[:position], repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
