"""What MQTT takes from the heap of the real MicroPython: idle nothing, little for a message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours import stage
from behaviours.outside import BAUDRATE, Board
from dev import wasm
from servers.broker import Broker

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "heap_probe.py"
# Bytes for a message of 200, in both flavours; a received one is kept itself, with its topic.
PUBLISH, MESSAGE = 1024, 1024 + 300


@pytest.mark.parametrize("module", stage.MODULES)
@pytest.mark.parametrize("flavour", stage.FLAVOURS)
def test_messages_and_idleness(flavour: str, module: str, tmp_path: Path) -> None:
    with Broker() as broker, Board(module, loop=broker.loop()) as board:
        plan = {"flavour": flavour, "module": module, "baudrate": BAUDRATE, "port": broker.port}
        job = wasm.Job(
            program=stage.in_flavour(PROGRAM, flavour, tmp_path / "program"),
            arguments=[json.dumps(plan)],
            asyncio=flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        said = board.run(job)
    found = said.figures()
    assert len(found) == 5, said
    print(f"\n{flavour} {module}: {found}")
    assert found.pop("idle") == 0
    assert max(found["publish_text"], found["publish_binary"]) < PUBLISH
    assert max(found["message_text"], found["message_binary"]) < MESSAGE
