"""tools/demo: it tells all scenes, and its verdict is that of the bytes and of the wire."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from demonstration import report, tour_run
from demonstration.tour import aio
from dev.environment import ROOT
from rich.console import Console

from ublox_simulator.world import peers


def play(module: str, flavour: str, trace: bool = False) -> tuple[report.Run, str]:
    out = io.StringIO()
    console = Console(file=out, width=100, highlight=False)
    run = tour_run.Show(module, flavour, "cpython", 115200, trace, False).play(console)
    return run, out.getvalue()


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
@pytest.mark.parametrize("module", ["sara-r5", "lexi-r10"])
def test_all_scenes_end_well(module: str, flavour: str) -> None:
    run, said = play(module, flavour)
    assert run.good, said
    for title, _ in aio.SCENES:
        apart = title == "Memory" or (title in ("CoAP", "FTP") and module == "lexi-r10")
        assert (f" {title} ·" in said) != apart  # what MicroPython tells; what one module has
    assert run.sent > 15000
    assert run.came_back > run.sent
    assert run.out > run.sent
    assert "all right" in _table(run)


def test_every_scene_has_its_words() -> None:
    assert {title for title, _ in aio.SCENES} == set(report.ABOUT)


def test_the_trace_shows_commands_and_hides_payload() -> None:
    _, said = play("lexi-r10", "blocking", trace=True)
    assert "> AT+USOCR=6" in said
    assert "<10240 bytes>" not in said  # in portions
    assert "Hello from a microcontroller" not in said


def test_a_damaged_byte_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An echo that is not one: the story goes on, the verdict is no."""
    send = peers.Connection.send

    def wrong(self: peers.Connection, data: bytes) -> None:
        send(self, data.replace(b"Hello", b"Jello"))

    monkeypatch.setattr(peers.Connection, "send", wrong)
    run, said = play("sara-r5", "blocking")
    assert not run.good
    assert "text: 39 B out, 39 B back ✗ WRONG" in said
    assert "FAILED" in _table(run)


def test_a_broken_rule_of_the_wire_is_told() -> None:
    run, _ = play("sara-r5", "blocking")
    run.violations.append("command 1.00 ms after the last byte sent, 20 ms asked")
    assert not run.good
    assert "FAILED" in _table(run)


def test_the_command_tells_the_days_too() -> None:
    line = [sys.executable, str(ROOT / "tools" / "demo"), "--only", "day", "--module", "lexi-r10"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "LEXI-R10 · a day on a battery" in done.stdout
    assert "│ all right" in done.stdout
    assert "What it came to" not in done.stdout


def _table(run: report.Run) -> str:
    out = io.StringIO()
    Console(file=out, width=100).print(report.table([run]))
    return out.getvalue()
