"""The behaviours on the real MicroPython, against tools/simulate in real time, rules enforced.

One start of MicroPython runs a group of behaviours of a flavour and a module; every behaviour is a
test.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from behaviours import stage
from behaviours.runs import ITSELF, Run, play_all, told

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(420)]

CASES = [
    pytest.param(
        flavour, module, topic, name, id=f"micropython-{flavour}-{module}-{name}"
    )
    for flavour in stage.FLAVOURS
    for module in stage.MODULES
    for topic, name in stage.behaviours(flavour)
]  # fmt: skip


def run_of(flavour: str, module: str, topic: str) -> Run:
    """The run in which behaviours of a topic are."""
    return flavour, module, stage.group(topic)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that gets a file for each run. Started once, however many workers there are."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    folder = base / "micropython"
    try:
        folder.mkdir()
    except FileExistsError:
        return folder
    runs: dict[Run, list[tuple[str, str]]] = {}
    for item in request.session.items:
        values = getattr(getattr(item, "callspec", None), "params", {})
        if item.name.startswith("test_on_micropython["):
            run = run_of(values["flavour"], values["module"], values["topic"])
            runs.setdefault(run, []).append((values["topic"], values["name"]))

    # In a process of its own: it is busy with real time, and opens what only it closes.
    spawn = multiprocessing.get_context("spawn")
    spawn.Process(target=play_all, args=(runs, folder)).start()
    return folder


def test_the_runs_begin(results: Path) -> None:
    """The first test of all, see tests/conftest.py: the others need not wait for them."""
    assert results.is_dir()


@pytest.mark.parametrize(("flavour", "module", "topic", "name"), CASES)
def test_on_micropython(flavour: str, module: str, topic: str, name: str, results: Path) -> None:
    file = told(results, run_of(flavour, module, topic))
    while not file.exists():
        time.sleep(0.2)  # for the other process: nothing is synchronised by it
    found = json.loads(file.read_text())
    itself = found[ITSELF]["text"]
    assert name in found, f"did not come to it: {itself}"
    mine = found[name]
    with contextlib.suppress(KeyError):
        print(f"{mine['ms']} ms")
    assert mine["result"] == "PASS", mine["text"]
    assert mine["broken"] == ""
