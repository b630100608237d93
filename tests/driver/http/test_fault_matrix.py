"""The fault matrix over the HTTP dialogues: every split, a URC at every line boundary, and every
byte of the module's answers lost, doubled or damaged.

A fault ends in the right answer or in an error; afterwards the channel works, and so does HTTP.
What nobody could notice is in `undetectable`: the line has no check sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.fault_matrix import URCS, Matrix, boundaries, in_command_mode
from driver.support.http_model import ANSWER, BODY, HttpModel
from driver.support.serial_script import FLAVOURS, Bench

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


def request(bench: Bench, dialogue: Dialogue, patience_ms: int = PATIENCE_MS) -> bytes:
    ask = bench.modem.http.request
    response = bench.call(
        ask, dialogue.method, URL, profile=0, timeout_ms=patience_ms, **dialogue.options
    )
    try:
        return bytes(bench.call(response.read))
    finally:
        bench.call(response.close)


def ours(answer: bytes) -> bool:
    """Whether it is of HTTP: the file system's have a matrix of their own."""
    return b"HTTP" in answer or b"DISCONNECT" in answer


class Http(Matrix):
    """The profile is set. The file system's answers go through a part of the cases only."""

    def __init__(self, flavour: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, dialogue.module, seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> HttpModel:
        return HttpModel(self.module)

    def prepare(self, bench: Bench) -> None:
        model, slot = bench.partner, bench.modem.http.slot(0)
        direct = int("direct" in self.dialogue.options)
        mode = [] if self.module == "sara-r5" else [(10, direct)]
        slot.settings = [(0, "192.0.2.7"), (5, 80), *mode, (7, 30)]
        slot.swept = True
        model.settings["10"] = [str(direct)]
        model.answer = self.dialogue.answer

    def outcome(self, bench: Bench) -> str:
        try:
            body = request(bench, self.dialogue)
        except OSError as error:
            assert str(error)
            return type(error).__name__
        assert body == BODY, body
        assert bench.partner.posted in ([], [self.dialogue.posted]), bench.partner.posted
        return "right"

    def works_again(self, bench: Bench) -> None:
        """A request of which nothing was heard may still be under way: they go after a while."""
        in_command_mode(bench, QUARANTINE_MS)
        model = bench.partner
        model.posted.clear()
        assert request(bench, self.dialogue, 120_000) == BODY
        assert not [name for name in model.files if name.startswith("http_")], model.files
        assert model.handles == {}

    def urc_places(self, answer: bytes) -> list[int]:
        """Not in or before raw data."""
        if b"CONNECT\r\n" in answer:
            return [0] if answer.startswith(b"\r\nCONNECT") else []
        return [0] if b"CONNECT " in answer else boundaries(answer)

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        return ours(answer) and (not urc or (self.flavour == "blocking" and urc == URCS[0]))

    def damages(self, byte: int, i: int) -> set[int]:
        return {byte ^ 1, NASTY[i % len(NASTY)]}

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """A damaged byte of what the server says, and that the body comes in chunks, of which
        only that one header and the first size tell."""
        start = answer.find(b"HTTP/")
        if not start <= i < start + len(self.dialogue.answer) or start < 0:
            return False
        if self.dialogue.name == "link-chunked" and CHUNKED + b"\r\na\r\n" not in data:
            return True
        return what.startswith("damaged")

    def spared(self, number: int, answer: bytes, what: str, i: int) -> bool:
        if super().spared(number, answer, what, i):
            return True
        return not ours(answer) and (self.flavour == "asyncio" or what.startswith("damaged"))


def restart(model: HttpModel) -> None:
    model.cmee = 0
    model.settings.clear()
    model.handles.clear()
    model.forget()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    Http(flavour, dialogue).every_split()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    Http(flavour, dialogue).every_byte()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    Http(flavour, dialogue).every_restart(restart)
