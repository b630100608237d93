"""What users copy runs on the real MicroPython, in real time over a pty: the apps with TLS and the
stand-in for umqtt."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from behaviours import on_pty
from behaviours.outside import BAUDRATE
from behaviours.stage import MODULES
from dev import wasm
from dev.environment import ROOT
from driver.support.mqtt_client import Party
from servers.broker import Broker
from servers.web import certificates

pytestmark = pytest.mark.micropython

PROGRAM = Path(__file__).resolve().parent / "programs.py"
APPS = ("https_node.py", "mqtt_node.py")
PEM = (("ca.pem", "ca"), ("device.pem", "cert"), ("device.key", "key"))


def on_board(folder: Path, pem: dict[str, str]) -> Path:
    """What is on the board beside the library: the apps, certificates for both servers."""
    folder.mkdir()
    for name in APPS:
        shutil.copy(ROOT / "boards" / "apps" / name, folder)
    for name, what in PEM:
        (folder / name).write_text(pem[what])
    return folder


def values(party: Party) -> list[bytes]:
    return [payload for topic, payload, _, _ in party.heard if "value" in topic]


@pytest.mark.parametrize("module", MODULES)
def test_programs_to_copy_do_their_work(module: str, tmp_path: Path) -> None:
    names = ("--host", "broker.example=127.0.0.1")
    place: Any
    with (
        on_pty.module(module, tmp_path, *names) as tty,
        on_pty.peers() as place,
        Broker(ca=certificates().ca) as broker,
        Party(broker, "node-1/#") as party,
    ):
        folder = on_board(tmp_path / "board", place["pem"])
        plan = {
            "module": module, "baudrate": BAUDRATE, "folder": "/path0/",
            "https": place["https_mutual"], "mutual": broker.ports["mutual"],
            "plain": broker.port,
        }  # fmt: skip
        job = wasm.Job(
            program=PROGRAM, arguments=[json.dumps(plan)], uarts={1: tty},
            path=[folder], bytecode=True,
        )  # fmt: skip
        said = subprocess.run(job.command(), capture_output=True, text=True, check=False)
        lines = [line.split(" ", 2) for line in said.stdout.splitlines()]
        told = {line[1]: json.loads(line[2]) for line in lines if line[0] == "@@"}
        assert set(told) == {"answer0", "answer1", "session", "waiting", "heard"}, said
        party.until(lambda: len(values(party)) == 3)
    assert told["answer0"] == ['{"turn": 0}', 3000]
    assert told["answer1"] == ['{"turn": 1}', 3000]
    assert told["session"]["client"] and told["session"]["reused"]
    assert (told["waiting"], values(party)) == (0, [b"1.00", b"2.00", b"3.00"])
    assert told["heard"] == [["in/x", "hello"]]
