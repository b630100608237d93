"""A day on a battery: a program of boards/apps for 24 hours, in scenes, and its charge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from demonstration import energy
from dev.environment import ROOT
from rich.console import Console
from rich.markup import escape
from rich.table import Table

HOURS = 24
SHOWN = 16  # lines of the program in a scene that is shown


class Scene(NamedTuple):
    """From `hour` on; `actions` are those of day.py. What the program says is shown or counted."""

    hour: float
    title: str
    about: str
    shown: bool
    actions: list[str]


SCENES = {
    "sara-r5": [
        Scene(0, "Switched on", "the first report, and PSM is asked for", True, []),
        Scene(0.2, "Night", "measure, report, sleep", False, []),
        Scene(8, "No coverage", "for two hours; each attempt costs", True, ["coverage off"]),
        Scene(10.1, "Coverage is back", "and all comes in one report", True, ["coverage on"]),
        Scene(11.6, "Day", "measure, report, sleep", False, []),
        Scene(14.1, "A restart", "the module falls over in a report", True, ["restart 30"]),
        Scene(14.7, "Afternoon", "measure, report, sleep", False, []),
        Scene(17, "The server is mute", "it hears, and does not answer", True, ["answers off"]),
        Scene(18.2, "It answers again", "and knows what it has twice", True, ["answers on"]),
        Scene(20.2, "Brown-out", "the module's supply fails in its sleep", True, ["brownout"]),
        Scene(20.7, "Evening", "measure, report, sleep", False, []),
    ],
    "lexi-r10": [
        Scene(0, "Switched on", "connect once, ask for eDRX, sleep", True, []),
        Scene(0.5, "A command", "comes with the next page", True, ["command led 1"]),
        Scene(0.9, "Night", "a report an hour", False, []),
        Scene(6.3, "Another", "asks for a report", True, ["command report"]),
        Scene(6.5, "Morning", "a report an hour", False, []),
        Scene(8.1, "No coverage", "for an hour, later and later tried", True, ["coverage off"]),
        Scene(8.4, "Into the dark", "a command that cannot be heard", True, ["command led 0"]),
        Scene(9.2, "Coverage is back", "and the command comes", True, ["coverage on"]),
        Scene(9.9, "Day", "a report an hour", False, []),
        Scene(14.1, "A restart", "the module falls over in its sleep", True, ["restart"]),
        Scene(14.3, "Afternoon", "a report an hour", False, []),
        Scene(17, "The watchdog", "resets the board: the connection stays", True, ["watchdog"]),
        Scene(17.5, "Evening", "a report an hour", False, []),
        Scene(20.2, "The server restarts", "its connections are lost", True, ["hangup"]),
        Scene(21.1, "A last command", "now more often", True, ["command every 1800"]),
        Scene(21.3, "Night", "two reports an hour", False, []),
    ],
}


@dataclass
class DayRun:
    """What came of a day."""

    module: str
    summary: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    quiet: dict[str, float] = field(default_factory=dict)  # seconds per state without mishaps
    real_s: float = 0.0
    error: str = ""

    @property
    def title(self) -> str:
        return f"{self.module.upper()} · a day on a battery"

    @property
    def violations(self) -> list[str]:
        """Broken rules of the wire."""
        return self.summary.get("violations", [])

    @property
    def good(self) -> bool:
        """Nothing lost or doubled without a report, every command done once, no rule broken."""
        end = self.summary
        if self.error or not end or self.violations or end["crashes"]:
            return False
        once = end.get("commands", 0) == end.get("done", 0) == end.get("obeyed", 0)
        return once and end["unreported"] == [0, 0] and end["measurements"] > 0

    @property
    def shares(self) -> list[energy.Share]:
        return energy.shares(self.module, self.summary["time_in"])


class Day:
    """The day of one module. `scenes` and `options` (of the simulated module) are for tests."""

    def __init__(
        self,
        module: str,
        scenes: Sequence[Scene] | None = None,
        hours: float = HOURS,
        **options: Any,
    ) -> None:
        self._scenes = list(SCENES[module] if scenes is None else scenes)
        self._plan = {
            "module": module,
            "hours": hours,
            "options": options,
            "scenes": [[scene.hour, scene.title, scene.actions] for scene in self._scenes],
        }
        self.run = DayRun(module)
        self._number = 0
        self._left = 0  # lines of this scene that may be shown
        self._before: dict[str, Any] = {}

    def play(self, console: Console) -> DayRun:
        """Tell it; what came of it."""
        self._console = console
        console.print()
        console.rule(f"[bold]{self.run.title}", align="left", style="cyan")
        about = "at the right: hours of simulated time; the program is unchanged in boards/apps"
        console.print(f"   {about}\n", style="dim", highlight=False)
        began = time.monotonic()
        path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "tools/shim", "lib"))
        child = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "tools" / "demonstration" / "day_run.py"),
                json.dumps(self._plan),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        assert child.stdout is not None and child.stderr is not None
        with child:
            for line in child.stdout:
                kind, seconds, *what = json.loads(line)
                getattr(self, "_on_" + kind)(seconds, *what)
            errors = child.stderr.read()
        if child.returncode or not self.run.summary:
            self.run.error = errors or f"the day ended early, with status {child.returncode}"
        self.run.real_s = time.monotonic() - began
        if self.run.summary:
            console.print(power_table(self.run))
        return self.run

    # ---- what day_run.py reports ----------------------------------------------------------------

    def _on_scene(self, seconds: float, title: str, so_far: dict[str, Any]) -> None:
        self._close(so_far)
        scene = self._scenes[self._number]
        self._number += 1
        self._left = SHOWN if scene.shown else 0
        about = f" [dim]· {escape(scene.about)}[/]"
        self._line(f"[bold]{self._number:2} {escape(title)}[/]{about}", seconds)

    def _on_said(self, seconds: float, line: str) -> None:
        self.run.said.append(line)
        if self._left > 0:
            self._left -= 1
            self._line(f"   [dim]{escape(line)}[/]", seconds)

    def _on_end(self, seconds: float, summary: dict[str, Any]) -> None:
        self._close(summary)
        self.run.summary = summary

    def _close(self, so_far: dict[str, Any]) -> None:
        """What the scene that ends here came to."""
        if self._number:
            if not self._scenes[self._number - 1].shown:
                for state, seconds in so_far["time_in"].items():
                    passed = seconds - self._before["time_in"][state]
                    self.run.quiet[state] = self.run.quiet.get(state, 0.0) + passed
            gained = {
                name: so_far[name] - self._before[name]
                for name in ("wakes", "reports", "measurements", "doubles")
            }
            text = "{wakes} wake-ups, {reports} reports, {measurements} measurements arrived"
            text += ", {doubles} of them twice" if gained["doubles"] else ""
            waiting = so_far["waiting"]
            text += f", {waiting} waiting" if waiting else ""
            self._line("   " + text.format(**gained))
        self._before = so_far

    def _line(self, text: str, seconds: float | None = None) -> None:
        row = Table.grid(expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_row(text, "" if seconds is None else clock(seconds))
        self._console.print(row)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds since the start."""
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


def power_table(run: DayRun) -> Table:
    """Where the charge of the day went: an estimate."""
    found = Table(
        title=f"\nEstimate: charge of the {run.module.upper()} alone, from 3.8 V",
        title_justify="left",
        title_style="bold",
    )
    for name in ("state", "time", "mA", "mAh a day", "the current is"):
        text = name in ("state", "the current is")
        found.add_column(name, justify="left" if text else "right")
    total = energy.a_day(run.shares)
    for share in run.shares:
        current = share.current
        found.add_row(
            share.state,
            clock(share.seconds),
            f"{current.milliamps:g}",
            f"{share.milliamp_hours:.2f}",
            f"{current.basis}: {current.source}",
        )
    battery = f"{energy.BATTERY}, {energy.BATTERY_MAH} mAh, {energy.USABLE:.0%} of them usable"
    found.add_section()
    found.add_row("all", "", "", f"{total:.2f}", f"estimate: {life(total)} from {battery}")
    if run.quiet:
        calm = energy.a_day(energy.shares(run.module, run.quiet))
        found.add_row(
            "without mishaps", "", "", f"{calm:.2f}", f"estimate: {life(calm)} from them"
        )
    return found


def life(milliamp_hours_a_day: float) -> str:
    """How long the battery lasts."""
    return f"{energy.years(milliamp_hours_a_day):.1f} years"


def table(runs: list[DayRun]) -> Table:
    """What all days came to, a column each."""
    found = Table(title="\nA day on a battery", title_justify="left", title_style="bold")
    found.add_column("")
    for run in runs:
        found.add_column(run.module.upper())
    rows = {
        "result": lambda run: "[green]all right[/]" if run.good else "[bold red]FAILED[/]",
        "measurements made, arrived, waiting": _of("made", "measurements", "waiting"),
        "given up and told, lost": lambda run: _pair(run, "dropped", 0),
        "arrived twice and told, not told": lambda run: _pair(run, "doubles", 1),
        "commands sent, done": _commands,
        "bytes of payload up, down": _of("up", "down"),
        "wake-ups of the board": _of("wakes"),
        "starts of the module": _of("boots"),
        "bytes kept by the board": _of("memory"),
        "estimated charge": lambda run: f"{energy.a_day(run.shares):.1f} mAh a day",
        "estimated life": lambda run: life(energy.a_day(run.shares)),
        "rules of the wire broken": lambda run: str(len(run.violations)),
        "our time": lambda run: f"{run.real_s:.1f} s",
    }
    for name, cell in rows.items():
        found.add_row(name, *(cell(run) if run.summary else "–" for run in runs))
    return found


def _of(*names: str) -> Callable[[DayRun], str]:
    return lambda run: ", ".join(str(run.summary[name]) for name in names)


def _pair(run: DayRun, name: str, which: int) -> str:
    return f"{run.summary[name]}, {run.summary['unreported'][which]}"


def _commands(run: DayRun) -> str:
    if "commands" not in run.summary:
        return "–"
    slowest = f"slowest after {clock(run.summary['longest'])}"
    return f"{run.summary['commands']}, {run.summary['done']} ({slowest})"
