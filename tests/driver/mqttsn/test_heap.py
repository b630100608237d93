"""What MQTT-SN takes from the heap, nothing when idle: on the real MicroPython."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours import stage
from behaviours.outside import BAUDRATE, Board
from dev import wasm

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "heap_probe.py"
# Bytes of garbage of one call.
LIMITS = {
    "blocking": {"idle": 0, "publish_4": 400, "publish_1000": 450, "message_4": 550},
    "asyncio": {"idle": 64, "publish_4": 1400, "publish_1000": 1600, "message_4": 1300},
}


@pytest.mark.parametrize("flavour", stage.FLAVOURS)
def test_what_a_message_takes(flavour: str, tmp_path: Path) -> None:
    program = PROGRAM
    if flavour == "blocking":
        stage.write_blocking([PROGRAM], tmp_path / "program")
        program = tmp_path / "program" / PROGRAM.name
    with Board("sara-r5") as board:
        plan = {"flavour": flavour, "baudrate": BAUDRATE, "tcp": board.place["tcp"]}
        job = wasm.Job(
            program=program, arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
    found = said.figures()
    print(f"\n{flavour}: {found}")
    assert set(found) == set(LIMITS[flavour]), said
    assert {name: size for name, size in found.items() if size > LIMITS[flavour][name]} == {}
