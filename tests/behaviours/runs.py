"""Plays behaviours on MicroPython in real time, against tools/simulate."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import wasm

from . import stage
from .outside import obeyed, world

RUN_LIMIT_S = 400
# What was sent so shortly before may still be in the pty, or not have been looked at by a machine
# that is busy: seen from the module no broken rule. The driver's own pauses are judged by `Tap`.
CROSSING_MS = 20.0
Run = tuple[str, str, str]  # flavour, module, and which topics: a group of stage.py
Result = dict[str, dict[str, str]]
ITSELF = "the program itself"


def play_all(runs: dict[Run, list[tuple[str, str]]], folder: Path) -> None:
    """Every run with its (topic, name) of behaviours; each leaves a file, see `told`."""

    def one(run: Run) -> None:
        home = told(folder, run).parent
        home.mkdir()
        try:
            found = play(run, runs[run], home)
        except Exception as error:
            found = {ITSELF: {"text": f"the run failed: {error!r}"}}
        (home / "part").write_text(json.dumps(found))
        (home / "part").rename(told(folder, run))

    # Mostly they wait for the line: all at a time do not disturb each other.
    with ThreadPoolExecutor(len(runs) or 1) as pool:
        list(pool.map(one, runs))


def told(folder: Path, run: Run) -> Path:
    """The file with the results of a run, there once it has ended."""
    return folder / "-".join(run) / "results.json"


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
            found[ITSELF] = {"text": errors.read()}
    return found


def crossed(violation: str) -> bool:
    """Whether command and URC met on the wire: in real time a race that nobody can win. Nor can a
    module wake in time that is told of a wire by way of three processes."""
    if "(waking up)" in violation:
        return True
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
