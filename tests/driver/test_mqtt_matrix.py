"""The fault matrix over the MQTT dialogues: every split, a URC at every line boundary, every byte
of the module's answers lost, doubled or damaged, a restart at every byte.

A fault ends in the right outcome or in an error; afterwards the channel works, and so does MQTT.
What nobody could notice is in `undetectable`: the line has no check sum.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from model import LATENCY_MS, Arrivals
from mqtt_model import MqttModel
from script import FLAVOURS, Bench
from test_matrix import URCS, Nth, boundaries, pieces, splits

HOST = "192.0.2.9"
TOPIC = "a/b"
SHORT = b'\x00"\r\n+'
LONG = bytes(range(256)) * 2
MESSAGE = b'ar"\r\nOK\r\n+CME ERROR: 3\r\n,4,">x'
PLACE = [(0, "c"), (10, 0), (2, HOST, 1883)]
PATIENCE_MS = 5000
OURS = (b"\r\n+UUMQTTC: 2,1\r\n", b"\r\n+UUMQTTC: 6,3\r\n")
GREETING = b"\r\ncellular ready\r\n"
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


def ready(flavour: str, dialogue: Dialogue, bench: Bench | None = None) -> Bench:
    """A bench with everything before the exchange done."""
    model = MqttModel()
    if bench is None:
        bench = Bench(flavour, "sara-r5", model)
    else:
        bench.restart(model)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    bench.modem.mqtt.placed = list(PLACE)
    if dialogue.connected:
        connect(bench)
        bench.modem.mqtt.seen = bench.modem.channel.unknown
    dialogue.prepare(bench)
    model.answers.clear()
    model.published.clear()
    return bench


def outcome(bench: Bench, dialogue: Dialogue) -> str:
    """How it went: "right", or the name of the error; AssertionError if wrong."""
    model: Any = bench.partner
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


def works_again(bench: Bench) -> None:
    """The channel is in command mode, and messages go as if nothing had been."""
    model: Any = bench.partner
    model.tamper = None
    bench.pass_ms(1000)
    assert bench.call(bench.modem.imei) == "004999010640000"
    mqtt = bench.modem.mqtt
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


def plain_answers(flavour: str, dialogue: Dialogue) -> list[bytes]:
    """What the module answers when nothing goes wrong."""
    bench = ready(flavour, dialogue)
    assert outcome(bench, dialogue) == "right"
    works_again(bench)
    bench = ready(flavour, dialogue, bench)
    outcome(bench, dialogue)
    bench.close()
    return list(bench.partner.answers)


def cuts_of(answer: bytes) -> list[int]:
    """Where a URC may stand."""
    return [0] if answer == b"\r\n>" else boundaries(answer)


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    rng = random.Random(dialogue.name)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for urc in [b"", *URCS, b"\r\n+UUMQTTC: 6,3\r\n"]:
            for boundary in cuts_of(answer) if urc else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                few = [[len(answer) // 2], list(range(1, len(data)))]
                for cuts in splits(data, rng) if flavour == "blocking" else few:
                    bench = ready(flavour, dialogue, bench)
                    bench.partner.tamper = Nth(number, lambda _, d=data, c=cuts: pieces(d, c))
                    case = (number, urc, boundary, cuts)
                    assert outcome(bench, dialogue) == "right", case
    assert bench is not None
    bench.close()


def faulty(answer: bytes) -> Iterator[tuple[str, int, bytes]]:
    """The answer with one byte lost, doubled or damaged, at every position."""
    for i in range(len(answer)):
        yield "lost", i, answer[:i] + answer[i + 1 :]
        yield "doubled", i, answer[: i + 1] + answer[i:]
        for byte in sorted({answer[i] ^ 1, answer[i] ^ 64, *NASTY} - {answer[i]}):
            yield f"damaged to {byte}", i, answer[:i] + bytes([byte]) + answer[i + 1 :]


def undetectable(answer: bytes, what: str, i: int, data: bytes) -> bool:
    """Whether nobody could notice this fault: a damaged byte of topic or message, the QoS one
    came with or that was granted."""
    head = re.match(rb'\r\n\+UMQTTC: 6,(\d),\d+,(\d+),"', answer)
    if head:
        topic = head.end()
        message = answer.index(MESSAGE, topic)
        inside = topic <= i < topic + len(TOPIC) or message <= i < message + len(MESSAGE)
        return head.start(1) == i or (what.startswith("damaged") and inside)
    granted = re.search(rb"\+UUMQTTC: 4,1,(\d)", answer)
    return granted is not None and granted.start(1) <= i <= granted.end(1)


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong = []
    seen = set()
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for what, position, data in faulty(answer):
            if undetectable(answer, what, position, data):
                continue
            if flavour == "asyncio" and what.startswith("damaged"):
                continue  # the same engine: what differs are waits and cancellation
            bench = ready(flavour, dialogue, bench)
            bench.partner.tamper = Nth(number, lambda _, d=data: [(LATENCY_MS, d)])
            try:
                seen.add(outcome(bench, dialogue))
                works_again(bench)
            except Exception as error:
                wrong.append((number, what, position, data, repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
    assert "right" in seen  # doubled line ends do no harm


def restarting(model: MqttModel, said: bytes) -> Callable[[bytes], Arrivals]:
    """The module says so much of its answer and then greets: nothing is left of the rest."""

    def restart(_: bytes) -> Arrivals:
        model.cmee = model._need = 0
        model._into = None
        model.settings.clear()
        model.inbox.clear()
        model.connected = False
        return [(LATENCY_MS, said), (1000.0, GREETING)]

    return restart


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong = []
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for position in range(0, len(answer), 1 if flavour == "blocking" else 5):
            bench = ready(flavour, dialogue, bench)
            bench.partner.tamper = Nth(number, restarting(bench.partner, answer[:position]))
            try:
                began = bench.clock.ms()
                outcome(bench, dialogue)
                assert bench.clock.ms() - began < 45_000
                works_again(bench)
            except Exception as error:
                wrong.append((number, position, answer[:position], repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
