"""1 MiB by FTP, each way, by the line and by files of the module, and a list of 500 lines on the
real MicroPython take less than 2 KiB of heap beyond idling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours.outside import BAUDRATE, Board
from behaviours.rig import pattern
from dev import wasm
from servers.ftp import FtpServer

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "ftp_transfer.py"
MEGABYTE = 1 << 20
LIMIT = 2304
NAMES = 500


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
def test_a_megabyte_each_way_in_constant_memory(flavour: str) -> None:
    with Board("sara-r5") as board:
        server = FtpServer(board.loop, names=NAMES)
        for size in (3000, MEGABYTE):
            (server.folder / f"down{size}").write_bytes(pattern(size, 1))
        plan = {
            "flavour": flavour, "baudrate": BAUDRATE, "count": MEGABYTE, "port": server.port,
        }  # fmt: skip
        job = wasm.Job(
            program=PROGRAM, arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
        stored = (server.folder / "up").read_bytes()
        put = (server.folder / f"put{MEGABYTE}").read_bytes()
        server.close()
    found = said.figures()
    assert found.get("up_count") == found.get("down_count") == MEGABYTE, said
    assert (found["list_count"], found["wrong"]) == (NAMES, 0)
    assert stored == put == pattern(MEGABYTE, 1)
    shown = ", ".join(f"{name} {value}" for name, value in found.items())
    print(f"\n{flavour}: {shown}")
    for name in ("down", "up", "list", "get", "put"):
        assert found[name + "_held"] < LIMIT
        if name not in ("get", "put"):  # one call, in which what its waits leave is not collected
            assert found[name + "_peak"] < LIMIT
