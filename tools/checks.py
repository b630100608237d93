"""The steps of tools/test, how they are run and how their results are counted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap import BUILD, NODE, ROOT

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
    needs: list[str] = field(default_factory=list)  # parts of the bootstrap
    report: Path | None = None  # pytest's results as XML
    shown: bool = False  # pass the output on while it runs, not only after a failure


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
        ),
        _pytest(
            "pytest",
            "behaviour, on CPython and on the real MicroPython",
            ["-n", "3", "--dist=worksteal", f"--ignore={BUDGETS}", *pytest_arguments],
        ),
    ]
    if (ROOT / BUDGETS).exists():
        found.append(_pytest("budgets", "size and heap, file by file", ["-s", BUDGETS], "node"))
    if (ROOT / "tools" / "demo").exists():
        found.append(Step("demo", "the demo ends well", [[python, "tools/demo"]]))
    return found


def _pytest(name: str, about: str, arguments: list[str], *needs: str) -> Step:
    report = BUILD / f"{name}.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    return Step(name, about, [command], needs=list(needs), report=report, shown=True)


def _commands() -> list[str]:
    """What ruff is to look at: it does not find commands, which have no suffix, by itself."""
    shebang = b"#!/usr/bin/env python3"
    files = (path for path in (ROOT / "tools").iterdir() if path.is_file() and not path.suffix)
    return [".", *sorted(str(path) for path in files if path.read_bytes().startswith(shebang))]


def run(chosen: Sequence[Step], missing: dict[str, str], strict: bool) -> int:
    """Run the steps, print what came of them, return the exit status."""
    total = Tally()
    lines = []
    for step in chosen:
        begin = time.monotonic()
        reasons = [missing[part] for part in step.needs if part in missing]
        print(f"--- {step.name}: {step.about}", flush=True)
        tally = Tally(skipped=1) if reasons else _execute(step)
        if strict and tally.skipped:
            print(f"{step.name}: {tally.skipped} skipped, which --no-skip makes a failure")
            tally = Tally(tally.passed, tally.failed + tally.skipped)
        total.add(tally)
        word = "FAILED" if tally.failed else "skipped" if reasons else "ok"
        note = "; ".join(reasons) or (str(tally) if step.report else "")
        lines.append(f"{step.name:12} {word:8} {time.monotonic() - begin:6.1f} s  {note}".rstrip())
    print("\n" + "\n".join(lines) + "\n")
    print(total)
    return 1 if total.failed or not total.passed else 0


def _execute(step: Step) -> Tally:
    if step.report:
        step.report.unlink(missing_ok=True)
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ok = True
    for command in step.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            check=False,
            stdout=None if step.shown else subprocess.PIPE,
            stderr=None if step.shown else subprocess.STDOUT,
        )
        if done.returncode:
            ok = False
            print(done.stdout or "", end="")
    if step.report is None:
        return Tally(passed=1) if ok else Tally(failed=1)
    tally = _counted(step.report)
    if not ok and not tally.failed:  # pytest itself failed, or found nothing to run
        tally.failed = 1
    return tally


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
