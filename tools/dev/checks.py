"""The steps of tools/test, how they are run and how their results are counted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dev.environment import BUILD, NODE, ROOT

BUDGETS = "tests/test_budgets.py"


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: Tally) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass
class Step:
    """Commands that must all succeed: one result, or that of each test if pytest runs."""

    name: str
    about: str
    commands: list[list[str]]
    needs: list[str] = field(default_factory=list)  # parts of the environment
    report: Path | None = None  # pytest's results as XML
    shown: bool = False  # its output is passed on, not only after a failure
    beside: bool = False  # one after the other beside the rest: it takes long, on one processor


def steps(pytest_arguments: Sequence[str] = ()) -> list[Step]:
    """All steps, in the order in which a mistake shows soonest."""
    python = sys.executable
    pyright = ["node", str(NODE / "node_modules" / "pyright" / "index.js")]
    found = [
        Step(
            "generate", "generated files are up to date", [[python, "tools/generate", "--check"]]
        ),
        Step("ruff", "lint", [[python, "-m", "ruff", "check", *_commands()]]),
        Step("format", "layout", [[python, "-m", "ruff", "format", "--check", *_commands()]]),
        Step("codespell", "spelling", [[python, "-m", "codespell_lib"]]),
        Step(
            "pyright",
            "types: lib against the MicroPython stubs, tools and tests against CPython",
            [pyright, [*pyright, "-p", "tools/pyrightconfig.json"]],
            needs=["node", "stubs-rp2"],
            beside=True,
        ),
        _pytest(
            "pytest",
            "behaviour, on CPython and on the real MicroPython",
            ["-n", "3", "--dist=worksteal", f"--ignore={BUDGETS}", *pytest_arguments],
        ),
    ]
    if (ROOT / "tools" / "docs").exists():
        docs = Step("docs", "the API reference is complete", [[python, "tools/docs"]], beside=True)
        found.append(docs)
    if (ROOT / BUDGETS).exists():
        budgets = _pytest("budgets", "size and heap, file by file", ["-s", BUDGETS])
        budgets.needs, budgets.beside = ["node"], True
        found.append(budgets)
    if (ROOT / "tools" / "demo").exists():
        found.append(Step("demo", "the demo ends well", [[python, "tools/demo"]], beside=True))
    return found


def _pytest(name: str, about: str, arguments: list[str]) -> Step:
    report = BUILD / f"{name}.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    return Step(name, about, [command], report=report, shown=True)


def _commands() -> list[str]:
    """What ruff is to look at: it does not find commands, which have no suffix, by itself."""
    shebang = b"#!/usr/bin/env python3"
    files = (path for path in (ROOT / "tools").iterdir() if path.is_file() and not path.suffix)
    return [".", *sorted(str(path) for path in files if path.read_bytes().startswith(shebang))]


@dataclass
class _Result:
    tally: Tally
    word: str
    seconds: float
    note: str


def run(chosen: Sequence[Step], missing: dict[str, str], strict: bool) -> int:
    """Run the steps, print what came of them, return the exit status."""
    with ThreadPoolExecutor(1) as pool:
        found = {}
        beside = [step for step in chosen if step.beside]
        futures = [pool.submit(_result, step, missing, strict) for step in beside]
        for step in chosen:
            if not step.beside:
                found[step.name] = _result(step, missing, strict)
        for step, future in zip(beside, futures, strict=True):
            found[step.name] = future.result()
    total = Tally()
    print()
    for step in chosen:
        result = found[step.name]
        total.add(result.tally)
        line = f"{step.name:12} {result.word:8} {result.seconds:6.1f} s  {result.note}"
        print(line.rstrip())
    print()
    print(total)
    return 1 if total.failed or not total.passed else 0


def _result(step: Step, missing: dict[str, str], strict: bool) -> _Result:
    """The result of a step; its output is printed."""
    begin = time.monotonic()
    reasons = [missing[part] for part in step.needs if part in missing]
    heading = f"--- {step.name}: {step.about}\n"
    if not step.beside:
        print(heading, end="", flush=True)
    said = ""
    tally = Tally(skipped=1)
    if not reasons:
        tally, said = _execute(step)
    if strict and tally.skipped:
        said += f"{step.name}: {tally.skipped} skipped, which --no-skip makes a failure\n"
        tally = Tally(tally.passed, tally.failed + tally.skipped)
    # In one piece: another step prints at the same time.
    print(heading + said if step.beside else said, end="", flush=True)
    word = "FAILED" if tally.failed else "skipped" if reasons else "ok"
    note = "; ".join(reasons) or (str(tally) if step.report else "")
    return _Result(tally, word, time.monotonic() - begin, note)


def _execute(step: Step) -> tuple[Tally, str]:
    """The result, and what is to be printed of the output."""
    if step.report:
        step.report.unlink(missing_ok=True)
    captured = step.beside or not step.shown
    # Bytecode of the tests and of the many programs they start, made once, not by each process.
    environment = os.environ | {
        "PYTHONUNBUFFERED": "1", "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
    }  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ok, said = True, ""
    for command in step.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            check=False,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
        )
        if done.returncode or step.shown:
            said += done.stdout or ""
        ok = ok and not done.returncode
    if step.report is None:
        return (Tally(passed=1) if ok else Tally(failed=1)), said
    tally = _counted(step.report)
    if not ok and not tally.failed:  # pytest itself failed, or found nothing to run
        tally.failed = 1
    return tally, said


def _counted(report: Path) -> Tally:
    tally = Tally()
    if not report.exists():
        return tally
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif (skip := case.find("skipped")) is not None and skip.get("type") != "pytest.xfail":
            tally.skipped += 1
        else:
            tally.passed += 1
    return tally
