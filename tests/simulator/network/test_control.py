"""The control channel changes the network, the SIM and the clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.control.channel import CONTROL_HELP, Control

Make = Callable[..., Bench]


@pytest.mark.parametrize(
    ("line", "command", "answer"),
    [
        ("network roaming", "AT+CEREG?", "+CEREG: 0,5"),
        (
            "network denied 15",
            "AT+CEER",
            '+CEER: "EMM cause",15,"No suitable cells in tracking area"',
        ),
        ("network denied", "AT+CEREG?", "+CEREG: 0,3"),
        ("network none", "AT+CEREG?", "+CEREG: 0,2"),
        ("signal -100 -5.5 3", "AT+CESQ", "+CESQ: 99,99,255,255,29,41"),
        ("signal -140", "AT+CEREG?", "+CEREG: 0,2"),
        ("sim remove", "AT+CEREG?", "+CEREG: 0,0"),
        ("deactivate 1", "AT+CGACT?", "+CGACT: 1,0"),
        ("detach", "AT+CGATT?", "+CGATT: 1"),
        ("time-zone -4", "AT+CTZR?", "+CTZR: 0"),
    ],
)
def test_verbs(make_bench: Make, line: str, command: str, answer: str) -> None:
    bench = make_bench("lexi-r10", online=True)
    control = Control(bench.module)
    assert control.execute(line) == ["ok"]
    bench.pass_ms(5000)
    bench.take()
    assert bench.ok(command) == [answer]
    assert control.execute("registration")[-1] == "ok"


@pytest.mark.parametrize(
    "line",
    [
        "network",
        "network moon",
        "network home 3",
        "network denied x",
        "signal",
        "signal loud",
        "signal -80 -10 3 4",
        "sim",
        "sim eject",
        "deactivate",
        "deactivate 7",
        "time-zone",
    ],
)
def test_wrong_verbs_are_told(make_bench: Make, line: str) -> None:
    bench = make_bench("sara-r5", online=True)
    assert Control(bench.module).execute(line)[0].startswith("error ")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_the_help_names_every_verb() -> None:
    for verb in ("network", "signal", "sim", "detach", "deactivate", "time-zone", "registration"):
        assert f"\n  {verb} " in CONTROL_HELP
