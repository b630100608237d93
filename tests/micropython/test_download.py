"""A download of 1 MiB on the real MicroPython takes less than 2 KiB of heap beyond idling."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest
import wasm
from behaviours.outside import BAUDRATE, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(300)]

PROGRAM = Path(__file__).resolve().parent / "download.py"
MEGABYTE = 1 << 20
LIMIT = 2048
RUN_LIMIT_S = 280
CASES = [
    pytest.param(flavour, module, direct, id=f"{flavour}-{module}-{'link' if direct else 'file'}")
    for module, direct in (("sara-r5", False), ("lexi-r10", False), ("lexi-r10", True))
    for flavour in ("blocking", "asyncio")
]


@pytest.mark.parametrize(("flavour", "module", "direct"), CASES)
def test_a_megabyte_in_constant_memory(
    flavour: str, module: str, direct: bool, tmp_path: Path
) -> None:
    with world(module, tmp_path) as outside:
        plan = {
            "flavour": flavour, "module": module, "direct": direct, "baudrate": BAUDRATE,
            "count": MEGABYTE, "url": f"http://127.0.0.1:{outside.place['http']}/bytes/%d/1",
        }  # fmt: skip
        job = wasm.Job(
            program=PROGRAM, arguments=[json.dumps(plan)], uarts={1: outside.tty},
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        with subprocess.Popen(
            job.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            watch = threading.Timer(RUN_LIMIT_S, process.kill)
            watch.start()
            try:
                said, _ = process.communicate()
            finally:
                watch.cancel()
                process.kill()
    words = [line.split() for line in said.splitlines() if line.startswith("@@ ")]
    found = {name: int(value) for _, name, value in words}
    assert found.get("received") == MEGABYTE, said
    assert found["wrong"] == 0
    print(f"\n{flavour} {module}: {found['held']} B between pieces, {found['peak']} B at most")
    assert found["held"] < LIMIT
    assert found["peak"] < LIMIT
