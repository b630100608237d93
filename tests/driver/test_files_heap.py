"""What a piece of a file takes from the heap, nearly nothing: on the real MicroPython."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import wasm
from behaviours import stage
from behaviours.outside import BAUDRATE, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(120)]

PROGRAM = Path(__file__).resolve().parent / "files_heap.py"
LIMITS = {"blocking": 64, "asyncio": 1200}  # bytes of garbage for a piece of 512 bytes


def program(flavour: str, folder: Path) -> Path:
    """The program in a flavour: the blocking one is made as the library's."""
    if flavour == "asyncio":
        return PROGRAM
    stage.write_blocking([PROGRAM], folder)
    return folder / PROGRAM.name


@pytest.mark.parametrize("module", stage.MODULES)
@pytest.mark.parametrize("flavour", stage.FLAVOURS)
def test_a_piece_of_a_file(flavour: str, module: str, tmp_path: Path) -> None:
    with world(module, tmp_path) as outside:
        plan = {"flavour": flavour, "module": module, "baudrate": BAUDRATE}
        job = wasm.Job(
            program=program(flavour, tmp_path / "program"), arguments=[json.dumps(plan)],
            uarts={1: outside.tty}, asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = subprocess.run(
            job.command(), capture_output=True, text=True, timeout=90, check=False
        )
    lines = [line.split() for line in said.stdout.splitlines() if line.startswith("@@ ")]
    found = {name: int(value) for _, name, value in lines}
    assert set(found) == {"write", "read"}, said
    print(f"\n{flavour} {module}: {found}")
    assert max(found.values()) < LIMITS[flavour]
