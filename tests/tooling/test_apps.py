"""The low-power programs of boards/apps: days in virtual time in which things go wrong."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import pytest
from demonstration import day_report, day_servers, energy
from demonstration.day_report import DayRun, Scene
from dev import bytecode
from dev.environment import ROOT
from rich.console import Console

APPS = ROOT / "boards" / "apps"
SARA, LEXI = "sara-r5", "lexi-r10"


def day(module: str, hours: float, *acts: tuple[float, str], **options: Any) -> DayRun:
    """What comes of so many hours in which `acts` (hour, action of day.py) happen."""
    scenes = [Scene(hour, action, "", True, [action]) for hour, action in acts]
    found = day_report.Day(module, scenes, hours, **options).play(Console(file=io.StringIO()))
    assert found.error == ""
    assert found.violations == []
    assert found.summary["crashes"] == []
    assert found.summary["memory"] < 2048  # what an ESP32 has
    return found


def honest(run: DayRun) -> None:
    """Nothing lost or doubled but what was told."""
    assert run.summary["unreported"] == [0, 0]
    assert run.summary["garbled"] == 0


@pytest.mark.parametrize("module", [SARA, LEXI])
def test_the_day_of_the_demo(module: str) -> None:
    out = io.StringIO()
    run = day_report.Day(module).play(Console(file=out, width=100, highlight=False))
    assert run.good, run
    told = out.getvalue()
    for scene in day_report.SCENES[module]:
        assert f" {scene.title} · {scene.about}" in told
    assert "estimate: " in told
    spent = run.summary["time_in"]
    deep = spent["psm"] + spent["hibernate"] + spent["off"]
    assert deep > 0.98 * sum(spent.values())
    assert run.summary["made"] == run.summary["measurements"] > 24
    assert run.summary["memory"] < 256


def test_the_sensor_in_peace() -> None:
    run = day(SARA, 6)
    assert run.good
    assert (run.summary["wakes"], run.summary["reports"], run.summary["made"]) == (12, 12, 12)
    assert run.said.count("  PSM requested (7200, 8) granted (7200, 8)") == 12
    assert run.summary["doubles"] == run.summary["again"] == run.summary["dropped"] == 0
    assert run.summary["boots"] == 1
    assert run.summary["time_in"]["connected"] < 12  # release assistance: the network waits 10 s


def test_the_sensor_keeps_what_nobody_hears_and_gives_up_the_oldest() -> None:
    run = day(SARA, 30, (2, "coverage off"), (22, "coverage on"))
    honest(run)
    assert run.summary["made"] == 60
    assert run.summary["waiting"] == 0
    assert run.summary["dropped"] == 60 - run.summary["measurements"] > 0
    awake = [int(line.split()[5]) for line in run.said if line.startswith("wake ")]
    assert max(awake) < 200_000
    # Later and later it tries again, and the module does not search in between.
    assert sum(ms > 100_000 for ms in awake) < 10
    assert run.summary["time_in"]["searching"] < 1500
    ladder = [line for line in run.said if line.startswith("  ladder")]
    assert ladder[0] == "  ladder [0, 0, 0, 0, 0, 0, 0, 0]"
    assert ladder[-1].startswith("  ladder [0, 0, 0, ") and "0, 0, 0, 0, 0]" not in ladder[-1]


def test_the_sensor_where_psm_is_refused() -> None:
    run = day(SARA, 4, psm_grant="none")
    assert run.good
    assert run.said.count("  PSM requested (7200, 8) granted None") == 8
    assert run.summary["time_in"]["off"] > 0.99 * 4 * 3600


def test_the_sensor_doubles_nothing_untold_when_answers_are_lost() -> None:
    run = day(SARA, 8, (1.9, "answers off"), (4.2, "answers on"))
    honest(run)
    assert 0 < run.summary["doubles"] <= run.summary["again"]
    assert run.summary["measurements"] == run.summary["made"] == 16


@pytest.mark.parametrize("options", [{"network": "denied"}, {"sim": "NONE"}])
def test_the_sensor_without_a_network_sleeps_all_the_same(options: dict[str, Any]) -> None:
    run = day(SARA, 12, **options)
    honest(run)
    assert run.summary["made"] == run.summary["waiting"] == 24
    assert run.summary["time_in"]["off"] > 0.95 * 12 * 3600


@pytest.mark.parametrize("module", [SARA, LEXI])
def test_a_supply_that_fails(module: str) -> None:
    """First that of the module, then that of the board, whose memory is gone."""
    run = day(module, 9, (2.2, "brownout"), (5.7, "forget"))
    honest(run)
    assert run.summary["measurements"] > run.summary["made"]  # of two lives and of one


@pytest.mark.parametrize("command", [1, 12, 25, 27, 28, 30, 31, 33, 34, 36])
def test_the_module_restarts_in_a_wake_of_the_sensor(command: int) -> None:
    run = day(SARA, 3.2, (0.1, f"restart {command}"))
    assert run.good, run.said
    assert run.summary["waiting"] == 0


@pytest.mark.parametrize("command", [1, 2, 8, 14, 16, 18, 19, 34, 36, 54])
def test_the_module_restarts_in_a_turn_of_the_node(command: int) -> None:
    run = day(LEXI, 3.2, (0.1, f"restart {command}"), (0.2, "command led 1"))
    assert run.good, run.said
    assert run.summary["waiting"] == 0
    assert "  connection made" in run.said[2:]  # a second one


@pytest.mark.parametrize("uses", [0, 20, 200, 450, 600, 950, 1150, 1350])
@pytest.mark.parametrize("module", [SARA, LEXI])
def test_the_board_is_reset_in_the_middle(module: str, uses: int) -> None:
    command = [(0.2, "command led 1")] if module == LEXI else []
    run = day(module, 2.6, (0.1, f"watchdog {uses}"), *command)
    assert run.good, run.said


def test_the_node_in_peace() -> None:
    run = day(LEXI, 6.5, (1.5, "command led 1"), (3.3, "command report"), (5.2, "hangup"))
    assert run.good
    assert run.summary["boots"] == 1
    assert run.said.count("  connection made") == 2
    assert run.said.count("  command: led 1") == 1
    assert sum(line.endswith("by RI") for line in run.said) == 3
    assert run.summary["longest"] < 90  # an eDRX cycle and a little
    assert run.summary["made"] == 1 + 6 + 1


def test_the_node_keeps_its_connection_through_a_reset_of_the_board() -> None:
    run = day(LEXI, 4, (1.5, "watchdog"))
    assert run.good
    assert run.said.count("  connection made") == 1
    assert run.said.count("  connection adopted") == 1


def test_the_node_and_a_long_night_without_coverage() -> None:
    run = day(LEXI, 30, (2, "coverage off"), (5, "command led 1"), (22, "coverage on"))
    assert run.good
    assert run.said.count("  command: led 1") == 1
    assert run.summary["waiting"] == 0
    assert run.summary["time_in"]["searching"] < 3600


def test_the_node_explains_why_the_module_does_not_sleep() -> None:
    run = day(LEXI, 2.5, rrc_idle_ms=60_000)
    assert run.good
    why = [line for line in run.said if line.startswith("  still awake:")]
    assert len(why) == 3
    assert "the radio is connected" in why[-1]


def test_the_node_without_edrx_sleeps_less_deeply() -> None:
    run = day(LEXI, 4, edrx_grant="none")
    assert run.good
    assert run.summary["time_in"]["sleep2"] > 0.98 * 4 * 3600


# ---- the same by tools/run ---------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "tools" / "run"), *arguments]


def test_the_sensor_by_tools_run() -> None:
    pins = ("--pin", "power_key=13", "--pin", "v_int=14")
    line = command(*pins, "--hours", "1.2", str(APPS / "psm_sensor.py"))
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    said = [line.split()[:4] for line in done.stdout.splitlines() if line.startswith("wake")]
    assert said == [["wake", str(number), "waiting", "0"] for number in (1, 2, 3)]


def test_the_node_by_tools_run() -> None:
    pins = ("--pin", "power_key=13", "--pin", "v_int=14", "--pin", "ri=15")
    line = command("--module", LEXI, *pins, str(APPS / "always_on_node.py"))
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as node:
        try:
            assert node.stdout is not None
            said = [node.stdout.readline().strip() for _ in range(4)]
        finally:
            node.kill()  # it never ends by itself
    assert said[1:] == ["connection made", "wake 3600 by timer", "wake 7200 by timer"]


@pytest.mark.parametrize("name", ["outbox.py", "psm_sensor.py", "always_on_node.py"])
def test_micropython_takes_them(name: str) -> None:
    assert bytecode.compile_file(APPS / name, name).stat().st_size < 8192


# ---- the judges --------------------------------------------------------------------------------


def kept(number: int, waiting: list[int], again: int = 0, dropped: int = 0) -> dict[str, Any]:
    counts = [7, number, 0, again, dropped]
    return {"counts": counts, "waiting": [[number, 0, 0] for number in waiting]}


def test_what_is_lost_or_doubled_untold_is_seen() -> None:
    server = day_servers.Ledger()
    assert server.take([b"2 7 0 0 0", b"1 0 0", b"2 0 0"]) == 2
    assert server.unreported(kept(2, [])) == (0, 0)
    assert server.unreported(kept(4, [4])) == (1, 0)
    assert server.unreported(kept(4, [4], dropped=1)) == (0, 0)
    server.take([b"2 7 0 0 0", b"2 0 0"])
    assert server.unreported(kept(2, [])) == (0, 1)
    assert server.unreported(kept(2, [], again=1)) == (0, 0)
    assert server.take([b"2 7 0", b"2 0 0"]) == 0
    assert server.garbled == 1


def test_a_day_is_good_only_if_all_of_it_is() -> None:
    good: dict[str, Any] = {
        "violations": [], "crashes": [], "unreported": [0, 0], "measurements": 3,
        "commands": 1, "done": 1, "obeyed": 1,
    }  # fmt: skip
    assert DayRun(LEXI, good).good
    wrong: list[tuple[str, Any]] = [
        ("violations", ["command too soon"]), ("crashes", ["KeyError"]), ("unreported", [1, 0]),
        ("unreported", [0, 1]), ("measurements", 0), ("done", 0), ("obeyed", 2),
    ]  # fmt: skip
    for name, value in wrong:
        assert not DayRun(LEXI, good | {name: value}).good
    assert not DayRun(LEXI, good, error="it broke").good
    assert not DayRun(LEXI).good


def test_a_day_that_breaks_off_is_told() -> None:
    broken = day_report.Day(SARA, [Scene(0.1, "?", "", True, ["nonsense"])], 1, no_such_option=1)
    run = broken.play(Console(file=io.StringIO()))
    assert not run.good
    assert "no_such_option" in run.error


@pytest.mark.parametrize("module", [SARA, LEXI])
def test_every_current_says_what_it_is(module: str) -> None:
    for current in energy.CURRENTS[module].values():
        assert current.milliamps > 0
        assert current.basis in ("related", "assumed")
        assert current.source


def test_the_estimate_adds_up() -> None:
    shares = energy.shares(SARA, {"connected": 3600.0, "psm": 43200.0 - 3600.0, "idle": 0.0})
    assert [share.state for share in shares] == ["connected", "psm"]
    assert energy.a_day(shares) == pytest.approx(2 * (61.6 + 0.011))
    assert energy.years(10) == pytest.approx(energy.BATTERY_MAH * energy.USABLE / 3652.5)
    with pytest.raises(KeyError):
        energy.shares(SARA, {"hibernate": 1.0})
