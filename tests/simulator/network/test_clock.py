"""The clock: set by hand or by the network, zones, reports, what survives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.control.channel import Control
from ublox_simulator.services.general.clock import RealTime

Make = Callable[..., Bench]

START = "2024-05-07T08:47:45"


def now(bench: Bench) -> str:
    """What +CCLK tells, without seconds."""
    text = bench.ok("AT+CCLK?")[-1]
    assert text.startswith('+CCLK: "')
    return text[8:22] + text[25:28]


def test_unset_until_the_network_tells(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, clock=START)
    assert now(bench) == "70/01/01,00:00+00"
    bench.pass_ms(4000)
    assert now(bench) == "24/05/07,08:47+00"


@pytest.mark.parametrize(
    ("module", "zone", "shown"),
    [
        ("sara-r5", 8, "24/05/07,10:47+08"),
        ("sara-r5", -20, "24/05/07,03:47-20"),
        ("sara-r5", 23, "24/05/07,14:32+23"),
        ("lexi-r10", 8, "24/05/07,08:47+08"),
        ("lexi-r10", -20, "24/05/07,08:47-20"),
    ],
)
def test_local_time_or_utc(make_bench: Make, module: str, zone: int, shown: str) -> None:
    bench = make_bench(module, clock=START, time_zone=zone)
    bench.pass_ms(4000)
    assert now(bench) == shown


@pytest.mark.parametrize("off", ["option", "+CTZU"])
def test_without_network_time_the_clock_is_the_hosts(make_bench: Make, off: str) -> None:
    bench = make_bench("sara-r5", network_time=off != "option")
    if off == "+CTZU":
        bench.ok("AT+CTZU=0")
        assert bench.ok("AT+CTZU?") == ["+CTZU: 0"]
    bench.ok('AT+CCLK="25/12/31,23:59:50+04"')
    bench.pass_ms(20_000)
    assert now(bench) == "26/01/01,00:00+04"


def test_a_new_registration_corrects_the_clock(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, clock=START)
    bench.ok('AT+CCLK="30/01/01,00:00:00+00"')
    assert now(bench) == "30/01/01,00:00+00"
    bench.ok("AT+CFUN=4")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(4000)
    assert now(bench).startswith("24/05/07,08:4")


@pytest.mark.parametrize(
    "wrong",
    [
        '"25/12/31,23:59:50"',
        '"25/13/31,23:59:50+00"',
        '"25/02/29,00:00:00+00"',
        '"2025/12/31,23:59:50+00"',
        '"25/12/31,24:00:00+00"',
        '"25/12/31,23:59:50+97"',
        "",
    ],
)
def test_what_is_no_time(make_bench: Make, wrong: str) -> None:
    bench = make_bench("lexi-r10")
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT+CCLK={wrong}") == "+CME ERROR: 50"


@pytest.mark.parametrize(
    ("mode", "first", "second"),
    [
        (1, "+CTZV: +04", "+CTZV: +08"),
        (2, '+CTZE: "+04",0,"2024/05/07,09:47:4', '+CTZE: "+08",0,"2024/05/07,10:4'),
    ],
)
def test_reports_of_the_zone(make_bench: Make, mode: int, first: str, second: str) -> None:
    bench = make_bench("sara-r5", clock=START, time_zone=4)
    bench.ok(f"AT+CTZR={mode}")
    assert bench.expect_urc().startswith(first)
    bench.module.set_coverage(False)
    bench.module.set_coverage(True)
    bench.expect_silence(10_000)  # the same zone again is no news
    bench.module.service(RealTime).set_network_zone(8)
    assert bench.expect_urc().startswith(second)
    assert now(bench).endswith("+08")
    bench.ok("AT+CTZR=0")
    bench.module.service(RealTime).set_network_zone(4)
    bench.expect_silence(1000)


def test_a_restart_keeps_the_clock_and_power_off_does_not(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, network="none")
    bench.ok('AT+CCLK="25/12/31,12:00:00+00"')
    bench.ok("AT+CFUN=16")
    bench.pass_ms(5000)
    assert now(bench) == "25/12/31,12:00+00"
    bench.module.power_off()
    bench.pass_ms(1000)
    bench.module.power_on()
    bench.pass_ms(5000)
    assert now(bench).startswith("70/01/01,00:00")


@pytest.mark.parametrize("zone", [128, -99])
def test_a_zone_out_of_range_from_the_network(
    make_bench: Make, module_name: str, zone: int
) -> None:
    bench = make_bench(module_name, clock=START, time_zone=zone)
    bench.ok("AT+CTZR=1")
    bench.pass_ms(4000)
    assert bench.take() == [f"+CTZV: {zone:+03d}"]
    assert bench.ok("AT+CCLK?")[0].endswith(f'{zone:+03d}"')
    assert Control(bench.module).execute("time-zone 112") == ["ok"]
    assert bench.expect_urc() == "+CTZV: +112"
    assert bench.ok("AT+CCLK?")[0].endswith('+112"')
