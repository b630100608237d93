"""What a piece of a file takes from the heap, nearly nothing: on the real MicroPython."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours import stage
from behaviours.outside import BAUDRATE, Board
from dev import wasm

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "heap_probe.py"
LIMITS = {"blocking": 64, "asyncio": 1200}  # bytes of garbage for a piece of 512 bytes


@pytest.mark.parametrize("module", stage.MODULES)
@pytest.mark.parametrize("flavour", stage.FLAVOURS)
def test_a_piece_of_a_file(flavour: str, module: str, tmp_path: Path) -> None:
    with Board(module) as board:
        plan = {"flavour": flavour, "module": module, "baudrate": BAUDRATE}
        job = wasm.Job(
            program=stage.in_flavour(PROGRAM, flavour, tmp_path / "program"),
            arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
    found = said.figures()
    assert set(found) == {"write", "read"}, said
    print(f"\n{flavour} {module}: {found}")
    assert max(found.values()) < LIMITS[flavour]
