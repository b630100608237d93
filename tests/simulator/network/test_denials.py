"""The fault "deny": registrations refused with a cause, for a time or until something ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.control.channel import Control

Make = Callable[..., Bench]


def said(bench: Bench) -> list[str]:
    bench.pass_ms(20)
    return bench.take()


def test_a_refusal_for_a_time(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, faults="deny=15:25000")
    bench.ok("AT+CEREG=3")
    bench.pass_ms(20_000)
    assert said(bench) == ["+CEREG: 3,,,,0,15"]
    assert bench.ok("AT+CEREG?") == ["+CEREG: 3,3,,,,0,15"]
    assert bench.ok("AT+CEER") == ['+CEER: "EMM cause",15,"No suitable cells in tracking area"']
    bench.pass_ms(15_000)
    assert said(bench) == ['+CEREG: 1,"1A2B","01A2D103",7']


@pytest.mark.parametrize(("spec", "fields"), [("deny=22", "0,22"), ("deny=7/1", "1,7")])
def test_cause_and_type_and_a_registered_module(
    make_bench: Make, module_name: str, spec: str, fields: str
) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CEREG=5")
    assert Control(bench.module).execute(f"faults {spec}") == ["ok"]
    bench.pass_ms(5000)
    lines = said(bench)
    assert "+CEREG: 2" in lines and lines[-1] == f"+CEREG: 3,,,,{fields}"
    assert bench.ok("AT+CGATT?") == ["+CGATT: 0"]


def test_one_that_begins_later(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", faults="deny=11:60000-90000", retry_ms=5000)
    bench.pass_ms(59_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    bench.pass_ms(40_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]  # five attempts, then the long pause
    bench.pass_ms(720_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_one_that_radio_off_and_on_ends(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, faults="deny=11:radio")
    bench.pass_ms(3_600_000)
    bench.ok("AT+COPS=2")
    bench.send("AT+COPS=0")
    assert bench.answer().final == "ERROR"
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    bench.ok("AT+CFUN=0")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_one_that_a_restart_ends(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, faults="deny=11:restart")
    bench.ok("AT+CFUN=4")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_so_many_attempts(make_bench: Make) -> None:
    bench = make_bench("sara-r5", faults="deny=17:x2")
    bench.pass_ms(14_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    bench.pass_ms(10_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
