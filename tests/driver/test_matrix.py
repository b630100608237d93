"""Every short socket dialogue on a bad line: splits, URCs at every boundary, lost, doubled and
damaged bytes. The driver gives right data or one of its errors, in time, and works again.

What no driver can see is left out, and only that (`undetectable`), since the line has no check
sum: a damaged byte inside a counted payload, another address, port or state than the right one,
fewer bytes written than were. Lost and doubled bytes of payload count.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from model import LATENCY_MS, Arrivals, Model
from script import FLAVOURS, Bench

DATA = b'ar"\r\nOK\r\n+CME ERROR: 3\r\n,@x'
TEXT = b"hello you"
BINARY = b"\x00\r\n\xff+"
PEER = ("192.0.2.7", 7)


@dataclass
class Dialogue:
    """`run(bench, sock)` is the exchange under test and gives `wanted`; `prepare` comes before."""

    name: str
    run: Callable[[Bench, Any], Any]
    wanted: Any
    kind: int = 1
    prepare: Callable[[Bench, Any], None] = lambda bench, sock: None
    arrived: bytes = b""  # what the module must have been given if it went well


def unread(bench: Bench, sock: Any) -> None:
    bench.partner.unread = DATA
    bench.line.push(b"\r\n+UUSORD: 0,%d\r\n" % len(DATA))
    bench.pass_ms(100)


def datagram(bench: Bench, sock: Any) -> None:
    bench.call(sock.sendto, b"x", PEER)
    bench.partner.datagrams.clear()
    bench.partner.datagram = DATA
    bench.line.push(b"\r\n+UUSORF: 0,%d\r\n" % len(DATA))
    bench.pass_ms(100)


def syntax(value: int) -> Callable[[Bench, Any], None]:
    def prepare(bench: Bench, sock: Any) -> None:
        bench.modem.socket_pool.syntax = value

    return prepare


def write(data: bytes) -> Callable[[Bench, Any], Any]:
    return lambda bench, sock: bench.call(sock.send, data)


DIALOGUES = [
    Dialogue("write-quoted", write(TEXT), len(TEXT), arrived=TEXT),
    Dialogue("write-prompt", write(BINARY), len(BINARY), prepare=syntax(2), arrived=BINARY),
    Dialogue("write-hex", write(BINARY), len(BINARY), prepare=syntax(3), arrived=BINARY),
    Dialogue("read", lambda bench, sock: bench.call(sock.recv, 100), DATA, prepare=unread),
    Dialogue(
        "read-part", lambda bench, sock: bench.call(sock.recv, 64)[:3], DATA[:3], prepare=unread
    ),
    Dialogue(
        "read-datagram",
        lambda bench, sock: bench.call(sock.recvfrom, 100),
        (DATA, PEER),
        kind=2,
        prepare=datagram,
    ),
    Dialogue(
        "write-datagram",
        lambda bench, sock: bench.call(sock.sendto, TEXT, PEER),
        len(TEXT),
        kind=2,
        arrived=TEXT,
    ),
    Dialogue("state", lambda bench, sock: bench.call(sock.info, 10), 4),
]

URCS = [
    b"\r\n+CEREG: 5\r\n",
    b"\r\n+UUSORD: 3,77\r\n",
    b"\r\n+UUSOCL: 5\r\n",
    b"\r\n+CSCON: 1\r\n",
    b"\r\nOKAY\r\n",
    b'\r\n+UUSOLI: 4,"192.0.2.9",99,2,"192.0.2.1",5000\r\n',
    b"\0\0\r\n\r\n",
]


def ready(flavour: str, dialogue: Dialogue, bench: Bench | None = None) -> tuple[Bench, Any]:
    """A bench whose socket 0 is connected and everything before the exchange is done."""
    model = Model()
    if bench is None:
        bench = Bench(flavour, "sara-r5", model)
    else:
        bench.restart(model)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    sock = bench.modem.socket(2, dialogue.kind)
    sock.settimeout(30)
    if dialogue.kind == 1:
        bench.call(sock.connect, PEER)
    dialogue.prepare(bench, sock)
    model.answers.clear()
    return bench, sock


def outcome(bench: Bench, dialogue: Dialogue, sock: Any) -> str:
    """How the exchange went: "right", or the name of the error; AssertionError if wrong."""
    try:
        result = dialogue.run(bench, sock)
    except OSError as error:
        assert str(error)
        return type(error).__name__
    assert result == dialogue.wanted
    model = bench.partner
    if dialogue.kind == 1:
        assert bytes(model.received) == dialogue.arrived
    elif dialogue.arrived:
        assert model.datagrams == [dialogue.arrived]
    return "right"


def works_again(bench: Bench) -> None:
    """A following exchange succeeds; the channel may need one error to find that out."""
    bench.partner.tamper = None
    bench.pass_ms(1000)
    assert bench.call(bench.modem.imei) == "004999010640000"


def plain_answers(flavour: str, dialogue: Dialogue) -> list[bytes]:
    """What the module answers when nothing goes wrong."""
    bench, sock = ready(flavour, dialogue)
    assert outcome(bench, dialogue, sock) == "right"
    bench.close()
    return list(bench.partner.answers)


def boundaries(answer: bytes) -> list[int]:
    """Where a URC may stand in an answer: before and behind it, and between its lines."""
    if answer.endswith(b"@"):
        return [0]
    found = [0, len(answer)]
    cut = answer.rfind(b"\r\nOK\r\n")
    if cut > 0:
        found.insert(1, cut)
    return found


def pieces(data: bytes, cuts: list[int], gap_ms: float = 7.0) -> Arrivals:
    """`data` cut at these places, arriving apart."""
    edges = [0, *cuts, len(data)]
    return [
        (LATENCY_MS + gap_ms * number, data[a:b]) for number, (a, b) in enumerate(pairwise(edges))
    ]


def splits(data: bytes, rng: random.Random) -> Iterator[list[int]]:
    """All two-way splits, single bytes, some random ones."""
    for cut in range(1, len(data)):
        yield [cut]
    yield list(range(1, len(data)))
    for _ in range(6):
        yield sorted(rng.sample(range(1, len(data)), min(3, len(data) - 1)))


class Nth:
    """Tampers with the n-th answer of the exchange only."""

    def __init__(self, number: int, change: Callable[[bytes], Arrivals]) -> None:
        self.number = number
        self.change = change

    def __call__(self, answer: bytes) -> Arrivals:
        self.number -= 1
        if self.number == -1:
            return self.change(answer)
        return [(LATENCY_MS, answer)]


def named(dialogue: Dialogue) -> str:
    return dialogue.name


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_every_split_with_a_urc_at_every_boundary(dialogue: Dialogue, flavour: str) -> None:
    rng = random.Random(dialogue.name)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for urc in [b"", *URCS]:
            for boundary in boundaries(answer) if urc else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                few = (
                    [[len(answer) // 2], list(range(1, len(data)))]
                    if flavour != "blocking"
                    else ()
                )
                for cuts in few or splits(data, rng):
                    bench, sock = ready(flavour, dialogue, bench)
                    bench.partner.tamper = Nth(number, lambda _, d=data, c=cuts: pieces(d, c))
                    case = (number, urc, boundary, cuts)
                    assert outcome(bench, dialogue, sock) == "right", case
    assert bench is not None
    bench.close()


def undetectable(answer: bytes, what: str, i: int, data: bytes) -> bool:
    """Whether nobody could notice this fault: the line has no check sum."""
    payload = answer.find(b',"' + DATA[:3]) + 2
    if 2 <= payload <= i < payload + len(DATA):
        return what.startswith("damaged")
    sender = re.match(rb'\r\n\+USORF: 0,"([0-9.]+)",(7),', answer)
    if sender and (sender.start(1) <= i < sender.end(1) or sender.start(2) == i):
        return True
    # A datagram may be shorter than what was announced, and DATA holds what could end it.
    if what == "lost" and data.startswith(b'\r\n+USORF: 0,"192.0.2.7",7,2,"'):
        return True
    state = re.match(rb"\r\n\+USOCTL: 0,10,(4)", answer)
    if state and state.start(1) == i:
        return what != "lost"
    # A module may take a part of the data, so a smaller count is as good as the right one.
    before = re.match(rb"\r\n\+USO(?:WR|ST): 0,(\d+)\r\n", answer)
    after = re.match(rb"\r\n\+USO(?:WR|ST): 0,(\d+)\s", data)
    return bool(before and after and int(after[1]) < int(before[1]))


NASTY = (0, 10, 13, 34, 44, 48, 57, 64, 127, 255)


def faulty(answer: bytes) -> Iterator[tuple[str, int, bytes]]:
    """The answer with one byte lost, doubled or damaged, at every position."""
    for i in range(len(answer)):
        yield "lost", i, answer[:i] + answer[i + 1 :]
        yield "doubled", i, answer[: i + 1] + answer[i:]
        damaged = {answer[i] ^ (1 << bit) for bit in range(8)} | set(NASTY)
        for byte in sorted(damaged - {answer[i]}):
            yield f"damaged to {byte}", i, answer[:i] + bytes([byte]) + answer[i + 1 :]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_every_byte_lost_doubled_or_damaged(dialogue: Dialogue, flavour: str) -> None:
    bench: Bench | None = None
    wrong = []
    seen = set()
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for what, position, data in faulty(answer):
            if undetectable(answer, what, position, data):
                continue
            if flavour == "asyncio" and what.startswith("damaged"):
                continue  # the same engine: what differs are waits and cancellation
            bench, sock = ready(flavour, dialogue, bench)
            bench.partner.tamper = Nth(number, lambda _, d=data: [(LATENCY_MS, d)])
            try:
                seen.add(outcome(bench, dialogue, sock))
                works_again(bench)
            except Exception as error:
                wrong.append((number, what, position, data, repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
    assert "right" in seen  # doubled line ends do no harm
