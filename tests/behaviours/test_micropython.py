"""The behaviours on the real MicroPython, against tools/simulate in real time, rules enforced.

One start of MicroPython runs a group of behaviours of a flavour and a module; every behaviour is a
test.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wasm

from behaviours import stage
from behaviours.outside import obeyed, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(420)]

RUN_LIMIT_S = 400
# What was sent so shortly before may still be in the pty, or not have been looked at by a machine
# that is busy: seen from the module no broken rule. The driver's own pauses are judged by `Tap`.
CROSSING_MS = 20.0
Run = tuple[str, str, str]  # flavour, module, and which topics: a group of stage.py
Result = dict[str, dict[str, str]]

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


def play(run: Run, wanted: list[tuple[str, str]], folder: Path) -> Result:
    """Run behaviours on MicroPython; result, milliseconds and text by name."""
    flavour, module, _ = run
    sources = [stage.HERE / f"{n}.py" for n in (*stage.PORTABLE, "session", *stage.ASYNCIO_ONLY)]
    package = folder / "path" / "behaviours"
    if flavour == "asyncio":
        package.mkdir(parents=True)
        for source in sources:
            shutil.copy(source, package)
    else:
        stage.write_blocking(sources[:-1], package)
    chosen = stage.options(wanted[0][0]).items()
    options = [word for name, value in chosen for word in ("--set", f"{name}={value}")]
    with world(module, folder, *options) as outside:
        plan = {
            "flavour": flavour, "module": module, "behaviours": wanted,
            "place": outside.place | stage.FACTS[module],
        }  # fmt: skip
        job = wasm.Job(
            program=stage.HERE / "program.py", arguments=[json.dumps(plan)],
            uarts={1: outside.tty}, path=[folder / "path"], asyncio=flavour == "asyncio",
            bytecode=True,
        )  # fmt: skip
        with (folder / "errors").open("w+") as errors:
            process = subprocess.Popen(
                job.command(), stdout=subprocess.PIPE, stderr=errors, text=True
            )
            watch = threading.Timer(RUN_LIMIT_S, process.kill)
            watch.start()
            try:
                found = collect(process, outside.control)
            finally:
                watch.cancel()
                process.kill()
                process.wait()
            errors.seek(0)
            found["the program itself"] = {"text": errors.read()}
    return found


def crossed(violation: str) -> bool:
    """Whether command and URC met on the wire: in real time a race that nobody can win."""
    found = re.search(r"command (-?[\d.]+) ms after the last byte sent", violation)
    return found is not None and float(found[1]) < CROSSING_MS


def collect(process: subprocess.Popen[str], control) -> Result:  # type: ignore[no-untyped-def]
    """What the program prints, with the rules that were broken since the line before."""
    found: Result = {}
    name, broken = "", 0
    assert process.stdout is not None
    for line in obeyed(process.stdout, control):
        if line.startswith("@@ "):
            _, name, result, took, rules = line.split()
            violations = control("violations")[:-1]
            fresh = [
                rule for rule in violations[broken:] if rules == "keeps" and not crossed(rule)
            ]
            broken = len(violations)
            found[name] = {"result": result, "ms": took, "text": "", "broken": "\n".join(fresh)}
        elif name:
            found[name]["text"] += line
    return found


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

    def one(run: Run) -> None:
        home = folder / "-".join(run)
        home.mkdir()
        try:
            found = play(run, runs[run], home)
        except Exception as error:
            found = {"the program itself": {"text": f"the run failed: {error!r}"}}
        (home / "part").write_text(json.dumps(found))
        (home / "part").rename(home / "results.json")

    # Mostly they wait for the line: all at a time do not disturb each other.
    pool = ThreadPoolExecutor(12)
    for run in runs:
        pool.submit(one, run)
    pool.shutdown(wait=False)
    return folder


@pytest.mark.parametrize(("flavour", "module", "topic", "name"), CASES)
def test_on_micropython(flavour: str, module: str, topic: str, name: str, results: Path) -> None:
    file = results / "-".join(run_of(flavour, module, topic)) / "results.json"
    while not file.exists():
        time.sleep(0.2)  # for the other process: nothing is synchronised by it
    found = json.loads(file.read_text())
    itself = found["the program itself"]["text"]
    assert name in found, f"did not come to it: {itself}"
    mine = found[name]
    with contextlib.suppress(KeyError):
        print(f"{mine['ms']} ms")
    assert mine["result"] == "PASS", mine["text"]
    assert mine["broken"] == ""
