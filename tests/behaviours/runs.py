"""Plays behaviours on MicroPython, in virtual time."""

from __future__ import annotations

import json
from pathlib import Path

from dev import environment, wasm

from . import stage
from .outside import BAUDRATE, Board

Run = tuple[str, str, str]  # flavour, module, and which topics: a group of stage.py
Result = dict[str, dict[str, str]]
ITSELF = "the program itself"


def play(run: Run, wanted: list[tuple[str, str]], folder: Path) -> Result:
    """Run behaviours on MicroPython, one after the other on one modem; result, milliseconds, text
    and broken rules by name."""
    flavour, module, group = run
    package = folder / "path" / "behaviours"
    package.mkdir(parents=True)
    portable = (*stage.PORTABLE, "session")
    if flavour == "asyncio":
        stage.copy(portable + stage.ASYNCIO_ONLY + stage.EQUIPMENT, package)
    else:
        stage.write_blocking([stage.HERE / f"{name}.py" for name in portable], package)
        stage.copy(stage.BLOCKING_ONLY + stage.BOARD_ONLY + stage.EQUIPMENT, package)
    foreign = group == "foreign"
    with Board(module, **stage.options(wanted[0][0])) as board:
        plan = {
            "flavour": flavour, "module": module, "behaviours": wanted,
            "place": board.place | stage.FACTS[module] | {"baudrate": BAUDRATE},
        }  # fmt: skip
        job = wasm.Job(
            program=stage.HERE / "program.py", arguments=[json.dumps(plan)],
            path=[folder / "path", *([environment.FOREIGN] if foreign else [])],
            asyncio=foreign or flavour == "asyncio", bytecode=True,
        )  # fmt: skip
        return _Recorder(board).play(job)


class _Recorder:
    """Notes what the program reports."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._module = board.uart.module
        self._found: Result = {}
        self._name = ""

    def play(self, job: wasm.Job) -> Result:
        try:
            text = self._board.run(job, self._heard).errors
        except Exception as error:
            text = f"the run failed: {error!r}\n{self._board.told()}"
        self._found[ITSELF] = {"text": text, "crashes": repr(self._module.crashes)}
        return self._found

    def _heard(self, line: str) -> None:
        """ "@@ ..." is the end of a behaviour; what follows says why it has failed."""
        if line.startswith("@@ "):
            self._ended(*line.split()[1:])
        elif self._name:
            self._found[self._name]["text"] += line

    def _ended(self, name: str, result: str, took: str, rules: str) -> None:
        violations = self._module.violations
        broken = "\n".join(map(str, violations)) if rules == "keeps" else ""
        violations.clear()
        text = "" if result == "PASS" else self._board.told() + "\n"
        self._found[name] = {"result": result, "ms": took, "text": text, "broken": broken}
        self._name = name
