"""What MQTT-SN takes from the heap, nothing when idle: on the real MicroPython."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import wasm
from behaviours import stage
from behaviours.outside import BAUDRATE, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(120)]

PROGRAM = Path(__file__).resolve().parent / "mqttsn_heap.py"
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
    with world("sara-r5", tmp_path) as outside:
        plan = {"flavour": flavour, "baudrate": BAUDRATE, "tcp": outside.place["tcp"]}
        job = wasm.Job(
            program=program, arguments=[json.dumps(plan)], uarts={1: outside.tty},
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = subprocess.run(
            job.command(), capture_output=True, text=True, timeout=90, check=False
        )
    lines = [line.split() for line in said.stdout.splitlines() if line.startswith("@@ ")]
    found = {name: int(value) for _, name, value in lines}
    print(f"\n{flavour}: {found}")
    assert set(found) == set(LIMITS[flavour]), said
    assert {name: size for name, size in found.items() if size > LIMITS[flavour][name]} == {}
