"""A download of 1 MiB on the real MicroPython takes less than 2 KiB of heap beyond idling.

CI takes 1 MiB over a direct link and 128 KiB in the other ways, of which a copy would exceed the
limit as surely; `DOWNLOAD=all tools/test -- tests/micropython/test_download.py` 1 MiB in all.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from behaviours.outside import BAUDRATE, Board
from dev import wasm

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "download.py"
MEGABYTE = 1 << 20
ALL = os.environ.get("DOWNLOAD") == "all"
LIMIT = 2304
CASES = [
    pytest.param(flavour, module, direct, id=f"{flavour}-{module}-{'link' if direct else 'file'}")
    for module, direct in (("sara-r5", False), ("lexi-r10", False), ("lexi-r10", True))
    for flavour in ("blocking", "asyncio")
]


@pytest.mark.parametrize(("flavour", "module", "direct"), CASES)
def test_a_megabyte_in_constant_memory(flavour: str, module: str, direct: bool) -> None:
    size = MEGABYTE if ALL or direct else MEGABYTE // 8
    with Board(module) as board:
        plan = {
            "flavour": flavour, "module": module, "direct": direct, "baudrate": BAUDRATE,
            "count": size, "url": f"http://127.0.0.1:{board.place['http']}/bytes/%d/1",
        }  # fmt: skip
        job = wasm.Job(
            program=PROGRAM, arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
    found = said.figures()
    assert found.get("received") == size, said
    assert found["wrong"] == 0
    print(f"\n{flavour} {module}: {found['held']} B between pieces, {found['peak']} B at most")
    assert found["held"] < LIMIT
    assert found["peak"] < LIMIT
