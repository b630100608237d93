"""The fault matrix over the file dialogues: every split, a URC at every line boundary, and every
byte of the module's answers lost, doubled or damaged.

A fault ends in the right result or in an error, never in wrong data or in a file that looks whole
and is not; afterwards the channel works. What nobody could notice is in `undetectable`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.fault_matrix import URCS, Matrix, boundaries, in_command_mode
from driver.support.files_model import ROOM, FilesModel
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.service_errors import PartialFile

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
ASKED_TWICE = ("read", "stream", "seek", "write", "replace", "append", "exists")
CASES = [
    pytest.param(flavour, module, dialogue, id=f"{flavour}-{module}-{dialogue.name}")
    for dialogue in DIALOGUES
    for module in MODULES
    for flavour in FLAVOURS
]


class Files(Matrix):
    """The file is as it was or as it should be; a part of it only if the error says so."""

    def __init__(self, flavour: str, module: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, module, seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> FilesModel:
        return FilesModel(self.module)

    def prepare(self, bench: Bench) -> None:
        model = bench.partner
        model.files[OTHER] = bytearray(b"x")
        if self.dialogue.before is not None:
            model.files[NAME] = bytearray(self.dialogue.before)

    def outcome(self, bench: Bench) -> str:
        model, dialogue = bench.partner, self.dialogue
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

    def works_again(self, bench: Bench) -> None:
        in_command_mode(bench)
        model, files = bench.partner, bench.modem.files
        assert bench.call(files.write, "after", b"all is well") == 11
        assert bytes(model.files["after"]) == b"all is well"
        assert model.handles == {}

    def urc_places(self, answer: bytes) -> list[int]:
        """Not between CONNECT and its data."""
        return [0] if answer.startswith(b"\r\nCONNECT") else boundaries(answer)

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        return self.flavour == "blocking" and urc in (b"", URCS[0])

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        held = answer.find(HELD[3:])
        if 0 <= held <= i + 3 and i < held + len(HELD):
            return what.startswith("damaged")
        if b"+ULSTFILE" in answer and self.dialogue.name in ASKED_TWICE:
            return False
        number = re.match(rb"\r\n\+ULSTFILE:( \d+)\r", answer)
        if number and number.start(1) <= i < number.end(1):
            return True  # a number is as good as another; where it matters it is asked for twice
        listed = re.match(rb'\r\n\+ULSTFILE: ("\D+)\r', answer)
        return bool(listed and listed.start(1) <= i < listed.end(1))

    def spared(self, number: int, answer: bytes, what: str, i: int) -> bool:
        """A third is enough here: test_matrix.py damages every byte."""
        damaged = what.startswith("damaged")
        return damaged and (self.flavour == "asyncio" or (i + number) % 3 > 0)


@pytest.mark.parametrize(("flavour", "module", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(
    flavour: str, module: str, dialogue: Dialogue
) -> None:
    Files(flavour, module, dialogue).every_split()


@pytest.mark.parametrize(("flavour", "module", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, module: str, dialogue: Dialogue) -> None:
    Files(flavour, module, dialogue).every_byte()
