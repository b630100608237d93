"""boards/apps/https_node.py against a server that wants the device's certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from behaviours.rig import Rig, pattern
from behaviours.stage import Stage


@pytest.fixture(params=["sara-r5", "lexi-r10"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage("blocking", request.param, Rig)
    yield made
    made.close()


@pytest.fixture
def app(load_app: Callable[[str], ModuleType]) -> ModuleType:
    return load_app("https_node")


def folder_of(stage: Stage, path: Path) -> str:
    pem: Any = stage.rig.place["pem"]
    for name, text in (("ca.pem", "ca"), ("device.pem", "cert"), ("device.key", "key")):
        (path / name).write_text(pem[text])
    return f"{path}/"


def connected(stage: Stage) -> Any:
    modem = stage.rig.made()
    modem.power_on(30000)
    modem.connect("iot.example")
    return modem


def test_turn_after_turn(stage: Stage, app: ModuleType, tmp_path: Path) -> None:
    folder = folder_of(stage, tmp_path)
    base = f"https://{stage.rig.name}:{stage.rig.place['https_mutual']}"
    answer, size, _ = app.turn(connected(stage), base, {"t": 1}, folder)
    assert (answer["text"], size) == ('{"t": 1}', 3000)
    assert (tmp_path / "config.bin").read_bytes() == pattern(3000, 1)
    assert stage.uart.module.violations == []
    stage.uart.module.restart()  # as after a sleep that has switched it off
    passed = len(stage.uart.trace)
    modem = connected(stage)
    answer, size, _ = app.turn(modem, base, {"t": 2}, folder)
    assert (answer["text"], size) == ('{"t": 2}', 3000)
    sent = b"".join(data for _, way, data in stage.uart.trace[passed:] if way == ">")
    assert b"-----BEGIN" not in sent  # no certificate travels twice
    with modem.http.get(base + "/session", tls=app.trusted(modem, folder)) as response:
        told = response.json()
    assert (told["client"], told["reused"]) == (True, True)


def test_a_damaged_session_is_only_a_long_handshake(
    stage: Stage, app: ModuleType, tmp_path: Path
) -> None:
    folder = folder_of(stage, tmp_path)
    (tmp_path / app.SESSION).write_bytes(b"half of it")
    base = f"https://{stage.rig.name}:{stage.rig.place['https_mutual']}"
    assert app.turn(connected(stage), base, {}, folder)[1] == 3000
