"""The fault matrix over the file dialogues: every split, a URC at every line boundary, and every
byte of the module's answers lost, doubled or damaged.

A fault ends in the right result or in an error, never in wrong data or in a file that looks whole
and is not; afterwards the channel works. What nobody could notice is in `undetectable`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from files_model import ROOM, FilesModel
from model import LATENCY_MS
from script import FLAVOURS, MODULES, Bench
from test_matrix import URCS, Nth, boundaries, faulty, pieces, splits

from ublox_cellular.core.file_errors import PartialFile

NAME = "log.txt"
OTHER = "a.bin"
HELD = b'ar"\r\nOK\r\n+CME ERROR: 3\r\n,>CONNECT 9"\r'
SENT = b'\x00\r\n\xff"+'


@dataclass
class Dialogue:
    """`run(bench, files)` gives `wanted` and leaves `after` as the file, which was `before`."""

    name: str
    run: Callable[[Bench, Any], Any]
    wanted: Any
    before: bytes | None = HELD
    after: bytes | None = HELD


def stream(bench: Bench, files: Any) -> bytes:
    file = bench.call(files.open, NAME)
    try:
        return bench.call(file.read, 100)
    finally:
        bench.call(file.close)


def in_two(bench: Bench, files: Any) -> bytes:
    file = bench.call(files.open, NAME)
    try:
        bench.call(file.seek, 3)
        buf = bytearray(100)
        n = bench.call(file.readinto, buf)
        return bytes(buf[:n])
    finally:
        bench.call(file.close)


def append(bench: Bench, files: Any) -> int:
    file = bench.call(files.open, NAME, "ab")
    try:
        return bench.call(file.write, SENT)
    finally:
        bench.call(file.close)


DIALOGUES = [
    Dialogue("read", lambda bench, files: bench.call(files.read, NAME), HELD),
    Dialogue("stream", stream, HELD),
    Dialogue("seek", in_two, HELD[3:]),
    Dialogue(
        "write", lambda bench, files: bench.call(files.write, NAME, SENT), len(SENT), None, SENT
    ),
    Dialogue(
        "replace", lambda bench, files: bench.call(files.write, NAME, SENT), len(SENT), HELD, SENT
    ),
    Dialogue("append", append, len(SENT), HELD, HELD + SENT),
    Dialogue("list", lambda bench, files: bench.call(files.listdir), [OTHER, NAME]),
    Dialogue("size", lambda bench, files: bench.call(files.stat, NAME)[6], len(HELD)),
    Dialogue("exists", lambda bench, files: bench.call(files.exists, NAME), True),
    Dialogue("missing", lambda bench, files: bench.call(files.exists, NAME), False, None, None),
    Dialogue("free", lambda bench, files: bench.call(files.free), ROOM - len(HELD) - 1),
    Dialogue("remove", lambda bench, files: bench.call(files.remove, NAME), None, HELD, None),
]
CASES = [
    pytest.param(flavour, module, dialogue, id=f"{flavour}-{module}-{dialogue.name}")
    for dialogue in DIALOGUES
    for module in MODULES
    for flavour in FLAVOURS
]


def ready(flavour: str, module: str, dialogue: Dialogue, bench: Bench | None = None) -> Bench:
    """A bench with everything before the exchange done."""
    model = FilesModel(module)
    if bench is None:
        bench = Bench(flavour, module, model)
    else:
        bench.restart(model)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    model.files[OTHER] = bytearray(b"x")
    if dialogue.before is not None:
        model.files[NAME] = bytearray(dialogue.before)
    model.answers.clear()
    return bench


def outcome(bench: Bench, dialogue: Dialogue) -> str:
    """How it went: "right", or the name of the error; AssertionError if wrong."""
    model = bench.partner
    try:
        result = dialogue.run(bench, bench.modem.files)
    except OSError as error:
        assert str(error)
        left = model.files.get(NAME)
        good = left is None or bytes(left) in (dialogue.before, dialogue.after)
        assert good or isinstance(error, PartialFile), (left, error)
        if isinstance(error, PartialFile) and left is not None:
            assert bytes(left[: error.size]) == (dialogue.after or b"")[: error.size]
        return type(error).__name__
    assert result == dialogue.wanted, result
    left = model.files.get(NAME)
    assert (None if left is None else bytes(left)) == dialogue.after, left
    return "right"


def works_again(bench: Bench) -> None:
    """The channel is in command mode, and so is the file system."""
    model = bench.partner
    model.tamper = None
    bench.pass_ms(1000)
    assert bench.call(bench.modem.imei) == "004999010640000"
    files = bench.modem.files
    assert bench.call(files.write, "after", b"all is well") == 11
    assert bytes(model.files["after"]) == b"all is well"
    assert model.handles == {}


def plain_answers(flavour: str, module: str, dialogue: Dialogue) -> list[bytes]:
    """What the module answers when nothing goes wrong."""
    bench = ready(flavour, module, dialogue)
    assert outcome(bench, dialogue) == "right"
    bench.close()
    return list(bench.partner.answers)


def cuts_of(answer: bytes) -> list[int]:
    """Where a URC may stand: not between CONNECT and its data."""
    if answer.startswith(b"\r\nCONNECT") or answer == b"\r\n>":
        return [0]
    return boundaries(answer)


@pytest.mark.parametrize(("flavour", "module", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(
    flavour: str, module: str, dialogue: Dialogue
) -> None:
    rng = random.Random(dialogue.name)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(flavour, module, dialogue)):
        for urc in [b"", *URCS]:
            for boundary in cuts_of(answer) if urc else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                few = [[len(answer) // 2], list(range(1, len(data)))]
                whole = flavour == "blocking" and urc in URCS[:2]
                for cuts in splits(data, rng) if whole else few:
                    bench = ready(flavour, module, dialogue, bench)
                    bench.partner.tamper = Nth(number, lambda _, d=data, c=cuts: pieces(d, c))
                    case = (number, urc, boundary, cuts)
                    assert outcome(bench, dialogue) == "right", case
    assert bench is not None
    bench.close()


def undetectable(answer: bytes, what: str, i: int) -> bool:
    """Whether nobody could notice this fault: the line has no check sum."""
    held = answer.find(HELD[3:])
    if 0 <= held <= i + 3 and i < held + len(HELD):
        return what.startswith("damaged")
    number = re.match(rb"\r\n\+ULSTFILE:( \d+)\r", answer)
    if number and number.start(1) <= i < number.end(1):
        return True  # a number is as good as another; where it matters it is asked for twice
    listed = re.match(rb'\r\n\+ULSTFILE: ("\D+)\r', answer)
    return bool(listed and listed.start(1) <= i < listed.end(1))


ASKED_TWICE = ("read", "stream", "seek", "write", "replace", "append", "exists")


@pytest.mark.parametrize(("flavour", "module", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, module: str, dialogue: Dialogue) -> None:
    bench: Bench | None = None
    wrong = []
    seen = set()
    for number, answer in enumerate(plain_answers(flavour, module, dialogue)):
        for what, position, data in faulty(answer):
            hidden = undetectable(answer, what, position)
            if hidden and not (b"+ULSTFILE" in answer and dialogue.name in ASKED_TWICE):
                continue
            if what.startswith("damaged") and (flavour == "asyncio" or (position + number) % 3):
                continue  # the same engine, which test_matrix.py damages at every byte
            bench = ready(flavour, module, dialogue, bench)
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
