"""Pins: pulse lengths, reset, emergency off, supply, RI, V_INT, verbs of the control channel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.control.channel import Control

Make = Callable[..., Bench]


def hold(bench: Bench, ms: float) -> None:
    bench.module.power_key(True)
    bench.pass_ms(ms)
    bench.module.power_key(False)
    bench.pass_ms(1000)


def texts(bench: Bench) -> list[str]:
    return [violation.text for violation in bench.module.violations]


@pytest.mark.parametrize(
    ("module", "ms", "on"),
    [
        ("sara-r5", 990, False),
        ("sara-r5", 1000, True),
        ("sara-r5", 5000, True),
        ("lexi-r10", 290, False),
        ("lexi-r10", 300, True),
        ("lexi-r10", 2000, True),
    ],
)
def test_pulses_that_switch_on(make_bench: Make, module: str, ms: float, on: bool) -> None:
    bench = make_bench(module, powered=False, quiet=False)
    assert not bench.module.v_int
    hold(bench, ms)
    assert bench.module.v_int == on
    assert bench.module.rx_high == on


def test_the_key_acts_while_it_is_held(make_bench: Make) -> None:
    bench = make_bench("sara-r5", powered=False, quiet=False)
    bench.module.power_key(True)
    bench.pass_ms(1001)
    assert bench.module.sleep_state == "booting"


@pytest.mark.parametrize(
    ("ms", "off"), [(100, False), (1490, False), (1500, True), (10_000, True)]
)
def test_pulses_that_switch_off(make_bench: Make, module_name: str, ms: float, off: bool) -> None:
    bench = make_bench(module_name)
    hold(bench, ms)
    assert bench.module.v_int == (not off)
    assert texts(bench) == []


def test_an_orderly_off_by_the_key_saves_what_is_kept(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CFUN=4")
    hold(bench, 2000)
    assert bench.module.sleep_state == "off"
    hold(bench, 1500)
    bench.pass_ms(2000)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT+CFUN?")[0].startswith("+CFUN: 4")


@pytest.mark.parametrize("ms", [90, 200])
def test_reset_is_abrupt_and_no_routine(make_bench: Make, module_name: str, ms: float) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CFUN=4")
    bench.module.reset_line(True)
    bench.pass_ms(ms)
    assert bench.module.sleep_state == ("awake" if ms < 100 else "off")
    bench.module.reset_line(False)
    if ms < 100:
        assert texts(bench) == []
        return
    assert bench.module.sleep_state == "booting"
    bench.pass_ms(2100)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT+CFUN?")[0].startswith("+CFUN: 1")  # nothing was saved
    assert texts(bench) == ["RESET_N asserted while the module was switched on"]


def test_reset_and_supply_may_be_allowed(make_bench: Make) -> None:
    bench = make_bench(hard_reset_ok=True)
    bench.module.reset_line(True)
    bench.pass_ms(200)
    bench.module.reset_line(False)
    bench.pass_ms(3000)
    bench.module.cut_supply()
    assert bench.module.sleep_state == "off"
    assert texts(bench) == []


def test_a_supply_cut_is_no_way_to_switch_off(make_bench: Make) -> None:
    bench = make_bench()
    bench.module.cut_supply()
    assert texts(bench) == ["supply cut while V_INT was high"]
    bench.module.cut_supply()
    assert len(texts(bench)) == 1


def test_reset_of_a_module_that_is_off_is_nothing(make_bench: Make) -> None:
    bench = make_bench(powered=False, quiet=False)
    bench.module.reset_line(True)
    bench.pass_ms(200)
    bench.module.reset_line(False)
    bench.pass_ms(3000)
    assert bench.module.sleep_state == "off"
    assert texts(bench) == []


@pytest.mark.parametrize(
    ("module", "key_s", "reset_s", "off"),
    [
        ("sara-r5", 23, 1.5, True),
        ("sara-r5", 30, 5, True),
        ("sara-r5", 22.9, 1.5, False),
        ("sara-r5", 23, 1.4, False),
        ("lexi-r10", 23, 1.5, False),
    ],
)
def test_emergency_off(
    make_bench: Make, module: str, key_s: float, reset_s: float, off: bool
) -> None:
    bench = make_bench(module)
    bench.module.power_key(True)
    bench.pass_ms(10)
    bench.module.reset_line(True)
    bench.pass_ms(key_s * 1000)
    bench.module.power_key(False)
    bench.pass_ms(reset_s * 1000)
    bench.module.reset_line(False)
    bench.pass_ms(100)
    assert bench.module.sleep_state == ("off" if off else "booting")
    assert bool(texts(bench)) == (not off)


def test_ri_is_low_for_a_second_from_each_urc(make_bench: Make) -> None:
    bench = make_bench()
    bench.pass_ms(5000)
    edges: list[float] = []
    bench.module.pins.on_ring = lambda: edges.append(bench.loop.time())
    assert bench.module.ri
    bench.ok("AT")
    assert bench.module.ri  # an answer does not ring
    bench.module.inject_urc("+CTZV: 4")
    assert not bench.module.ri
    bench.pass_ms(600)
    bench.module.inject_urc("+CTZV: 8")
    bench.pass_ms(900)
    assert not bench.module.ri
    bench.pass_ms(100)
    assert bench.module.ri
    assert len(edges) == 1


def test_the_verbs_of_the_control_channel(make_bench: Make) -> None:
    bench = make_bench()
    run = Control(bench.module).execute
    assert run("state") == ["awake", "ok"]
    assert run("vint") == ["1", "ok"]
    assert run("cts") == ["1", "ok"]
    bench.ok("AT+UPSV=3")
    bench.pass_ms(100)
    assert run("state") == ["uart", "ok"]
    assert run("cts") == ["0", "ok"]
    assert run("dtr on") == ["ok"]
    bench.pass_ms(20)
    assert run("state") == ["awake", "ok"]
    assert run("rts off") == ["ok"]
    assert run("gpio high") == ["ok"]
    assert bench.module.pins.gpio_high
    assert not bench.module.pins.rts_on
    assert run("urc +CTZV: 4") == ["ok"]
    assert run("ri") == ["0", "ok"]
    assert "UPSV" not in run("blockers")
    assert "PSM not granted" in run("blockers")
    assert "off 0.000" in run("times")
    assert run("times reset") == ["ok"]
    assert run("reset down") == ["ok"]
    bench.pass_ms(200)
    assert run("state") == ["off", "ok"]
    assert run("reset up") == ["ok"]
    assert run("state") == ["booting", "ok"]
    assert run("power off") == ["ok"]
    assert run("vint") == ["0", "ok"]
    assert run("key sideways")[0].startswith("error")
    assert len(run("violations")) == 3
    assert {"wakes 0", "lost-bytes 0"} <= set(run("stats"))
