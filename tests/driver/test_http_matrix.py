"""The fault matrix over the HTTP dialogues: every split, a URC at every line boundary, and every
byte of the module's answers lost, doubled or damaged.

A fault ends in the right answer or in an error; afterwards the channel works, and so does HTTP.
What nobody could notice is in `undetectable`: the line has no check sum.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from http_model import ANSWER, BODY, HttpModel
from model import LATENCY_MS, Arrivals
from script import FLAVOURS, Bench
from test_matrix import URCS, Nth, boundaries, pieces, splits

URL = "http://192.0.2.7/x"
SENT = b'\x00\r\n\xff"+'
PATIENCE_MS = 3000
QUARANTINE_MS = 60_000
CHUNKED = b"\r\nTransfer-Encoding: chunked\r\n"
NASTY = (0, 10, 13, 44, 48, 57, 255)


@dataclass
class Dialogue:
    """A request with these options, and what the server must have got by it."""

    name: str
    module: str
    method: str
    options: dict[str, Any]
    posted: bytes | None = None
    answer: bytes = ANSWER


def chunked() -> bytes:
    head = b"HTTP/1.1 200 OK" + CHUNKED + b"\r\n"
    return head + b"a\r\n" + BODY[:10] + b"\r\n9\r\n" + BODY[10:] + b"\r\n0\r\n\r\n"


DIALOGUES = [
    Dialogue("file-get", "sara-r5", "GET", {}),
    Dialogue("file-get", "lexi-r10", "GET", {}),
    Dialogue("file-post", "sara-r5", "POST", {"data": SENT}, SENT),
    Dialogue("file-post", "lexi-r10", "POST", {"data": SENT}, SENT),
    Dialogue("post-data", "sara-r5", "POST", {"data": b"a=b"}, b"a=b"),
    Dialogue("link-get", "lexi-r10", "GET", {"direct": True}),
    Dialogue("link-chunked", "lexi-r10", "GET", {"direct": True}, None, chunked()),
    Dialogue("link-post", "lexi-r10", "POST", {"direct": True, "data": SENT}, SENT),
]
CASES = [
    pytest.param(flavour, dialogue, id=f"{flavour}-{dialogue.module}-{dialogue.name}")
    for dialogue in DIALOGUES
    for flavour in FLAVOURS
]


def ready(flavour: str, dialogue: Dialogue, bench: Bench | None = None) -> Bench:
    """A bench with everything before the request done; the profile is set."""
    model = HttpModel(dialogue.module)
    if bench is None:
        bench = Bench(flavour, dialogue.module, model)
    else:
        bench.restart(model)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    http = bench.modem.http
    mode = [] if dialogue.module == "sara-r5" else [(10, int("direct" in dialogue.options))]
    http.slot(0).settings = [(0, "192.0.2.7"), (5, 80), *mode, (7, 30)]
    http.slot(0).swept = True
    model.settings["10"] = [str(int("direct" in dialogue.options))]
    model.answer = dialogue.answer
    model.answers.clear()
    return bench


def request(bench: Bench, dialogue: Dialogue, patience_ms: int = PATIENCE_MS) -> bytes:
    ask = bench.modem.http.request
    response = bench.call(
        ask, dialogue.method, URL, profile=0, timeout_ms=patience_ms, **dialogue.options
    )
    try:
        return bytes(bench.call(response.read))
    finally:
        bench.call(response.close)


def outcome(bench: Bench, dialogue: Dialogue) -> str:
    """How it went: "right", or the name of the error; AssertionError if wrong."""
    try:
        body = request(bench, dialogue)
    except OSError as error:
        assert str(error)
        return type(error).__name__
    assert body == BODY, body
    assert bench.partner.posted in ([], [dialogue.posted]), bench.partner.posted
    return "right"


def works_again(bench: Bench, dialogue: Dialogue) -> None:
    """The channel is in command mode, and requests go as if nothing had been."""
    model = bench.partner
    model.tamper = None
    bench.pass_ms(QUARANTINE_MS)  # a request of which nothing was heard may still be under way
    assert bench.call(bench.modem.imei) == "004999010640000"
    model.posted.clear()
    assert request(bench, dialogue, 120_000) == BODY
    assert not [name for name in model.files if name.startswith("http_")], model.files
    assert model.handles == {}


def plain_answers(flavour: str, dialogue: Dialogue) -> list[bytes]:
    """What the module answers when nothing goes wrong."""
    bench = ready(flavour, dialogue)
    assert outcome(bench, dialogue) == "right"
    works_again(bench, dialogue)
    bench = ready(flavour, dialogue, bench)
    outcome(bench, dialogue)
    bench.close()
    return list(bench.partner.answers)


def cuts_of(answer: bytes) -> list[int]:
    """Where a URC may stand: not in or before raw data."""
    if b"CONNECT\r\n" in answer:
        return [0] if answer.startswith(b"\r\nCONNECT") else []
    return [0] if b"CONNECT " in answer or answer == b"\r\n>" else boundaries(answer)


def ours(answer: bytes) -> bool:
    """Whether it is of HTTP: those of the file system have a matrix of their own."""
    return b"HTTP" in answer or b"DISCONNECT" in answer


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    rng = random.Random(dialogue.name)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for urc in [b"", *URCS]:
            for boundary in cuts_of(answer) if urc else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                few = [[len(answer) // 2], list(range(1, len(data)))]
                whole = ours(answer) and (not urc or (flavour == "blocking" and urc == URCS[0]))
                for cuts in splits(data, rng) if whole else few:
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
        damaged = {answer[i] ^ 1, NASTY[i % len(NASTY)]}
        for byte in sorted(damaged - {answer[i]}):
            yield f"damaged to {byte}", i, answer[:i] + bytes([byte]) + answer[i + 1 :]


def undetectable(answer: bytes, dialogue: Dialogue, what: str, i: int, data: bytes) -> bool:
    """Whether nobody could notice this fault: a damaged byte of what the server says, and that
    the body comes in chunks, of which only that one header and the first size tell."""
    start = answer.find(b"HTTP/")
    if not start <= i < start + len(dialogue.answer) or start < 0:
        return False
    if dialogue.name == "link-chunked" and CHUNKED + b"\r\na\r\n" not in data:
        return True
    return what.startswith("damaged")


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong = []
    seen = set()
    for number, answer in enumerate(plain_answers(flavour, dialogue)):
        for what, position, data in faulty(answer):
            if undetectable(answer, dialogue, what, position, data):
                continue
            if what.startswith("damaged") and (flavour == "asyncio" or not ours(answer)):
                continue  # the same engine: what differs are waits and cancellation
            if flavour == "asyncio" and not ours(answer):
                continue
            bench = ready(flavour, dialogue, bench)
            bench.partner.tamper = Nth(number, lambda _, d=data: [(LATENCY_MS, d)])
            try:
                seen.add(outcome(bench, dialogue))
                works_again(bench, dialogue)
            except Exception as error:
                wrong.append((number, what, position, data, repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
    assert "right" in seen  # doubled line ends do no harm


GREETING = b"\r\ncellular ready\r\n"


def restarting(model: HttpModel, said: bytes) -> Callable[[bytes], Arrivals]:
    """The module says so much of its answer and then greets: nothing is left of the rest."""

    def restart(_: bytes) -> Arrivals:
        model.cmee = 0
        model.settings.clear()
        model.handles.clear()
        model.forget()
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
                works_again(bench, dialogue)
            except Exception as error:
                wrong.append((number, position, answer[:position], repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
