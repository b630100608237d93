"""What a CoAP request takes from the heap, and what each block of an answer of 64 KiB does, which
no buffer holds: on the real MicroPython."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours import stage
from behaviours.outside import BAUDRATE, Board
from dev import wasm
from servers.coap import CoapServer

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "heap_probe.py"
LONG = 65536
REQUEST = {"blocking": 2000, "asyncio": 3500}  # bytes of garbage of a request
BLOCK = {"blocking": 1500, "asyncio": 1500}  # and of a block of 1024 bytes, its digits included


@pytest.mark.parametrize("flavour", stage.FLAVOURS)
def test_a_request_and_a_long_answer(flavour: str, tmp_path: Path) -> None:
    with Board("sara-r5") as board:
        server = board.loop.run_until_complete(CoapServer(board.loop).over_datagrams())
        plan = {
            "flavour": flavour, "baudrate": BAUDRATE, "root": f"coap://127.0.0.1:{server.port}",
        }  # fmt: skip
        job = wasm.Job(
            program=stage.in_flavour(PROGRAM, flavour, tmp_path / "program"),
            arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
        board.loop.run_until_complete(server.stop())
    found = said.figures()
    print(f"\n{flavour}: {found}")
    assert found.get("read") == LONG, said
    assert found["request"] < REQUEST[flavour]
    assert found["block"] < BLOCK[flavour]
