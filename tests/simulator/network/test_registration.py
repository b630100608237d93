"""Registration: refusals and retries, roaming, lost and weak signal, all report forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

PLACE = '"1A2B","01A2D103",7'
NO_TIMERS = '"11100000","11100000"'


def settle(bench: Bench, ms: float = 4000) -> None:
    """Let an attempt to register come to its end."""
    bench.pass_ms(ms)


def said(bench: Bench) -> list[str]:
    """What has been printed, its last byte included."""
    bench.pass_ms(20)
    return bench.take()


@pytest.mark.parametrize(
    ("network", "stat"), [("home", 1), ("roaming", 5), ("denied", 3), ("none", 2)]
)
def test_what_a_registration_meets(
    make_bench: Make, module_name: str, network: str, stat: int
) -> None:
    bench = make_bench(module_name, network=network)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]
    settle(bench)
    assert bench.ok("AT+CEREG?") == [f"+CEREG: 0,{stat}"]
    assert bench.ok("AT+CGATT?") == [f"+CGATT: {int(stat in (1, 5))}"]
    assert bench.ok("AT+CGACT?") == [f"+CGACT: 1,{int(stat in (1, 5))}"]


@pytest.mark.parametrize(
    ("command", "mode", "home", "denied"),
    [
        ("+CREG", 0, "1", "3"),
        ("+CREG", 1, "1", "3"),
        ("+CREG", 2, f"1,{PLACE}", "3"),
        ("+CREG", 3, f"1,{PLACE}", "3,,,,0,15"),
        ("+CGREG", 2, "4", "3"),
        ("+CGREG", 3, "4", "3,,,,0,15"),
        ("+CEREG", 1, "1", "3"),
        ("+CEREG", 2, f"1,{PLACE}", "3"),
        ("+CEREG", 3, f"1,{PLACE}", "3,,,,0,15"),
        ("+CEREG", 4, f"1,{PLACE},,,{NO_TIMERS}", "3"),
        ("+CEREG", 5, f"1,{PLACE},,,{NO_TIMERS}", "3,,,,0,15"),
    ],
)
def test_report_forms(make_bench: Make, command: str, mode: int, home: str, denied: str) -> None:
    for network, fields in (("home", home), ("denied", denied)):
        bench = make_bench("lexi-r10", network=network, reject_cause=15)
        bench.ok(f"AT{command}={mode}")
        settle(bench)
        assert said(bench) == ([f"{command}: {fields}"] if mode else [])
        assert bench.ok(f"AT{command}?") == [f"{command}: {mode},{fields}"]


def test_the_extra_field_of_some_firmware(make_bench: Make) -> None:
    bench = make_bench("sara-r5", variants={"cereg-rac"}, reject_cause=7, cause_type=1)
    bench.ok("AT+CEREG=5")
    settle(bench)
    assert said(bench) == [f'+CEREG: 1,"1A2B","01A2D103","0",7,,,{NO_TIMERS}']
    bench.module.network.set_network("denied", 7, 1)
    settle(bench)
    assert said(bench) == ["+CEREG: 2", "+CEREG: 3,,,,,1,7"]


@pytest.mark.parametrize("wrong", ["AT+CREG=4", "AT+CGREG=4", "AT+CEREG=6", "AT+CEREG=1,2"])
def test_wrong_report_modes(make_bench: Make, wrong: str) -> None:
    bench = make_bench("sara-r5")
    bench.ok("AT+CMEE=1")
    assert bench.error(wrong) == "+CME ERROR: 50"


def test_granted_timers_are_shown(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.ok("AT+CEREG=4")
    bench.module.network.granted_timers = lambda: ("00100010", "10111110")
    bench.module.network.report_timers()
    assert said(bench) == [f'+CEREG: 1,{PLACE},,,"00100010","10111110"']


def test_a_refusal_is_repeated_until_the_network_changes_its_mind(make_bench: Make) -> None:
    bench = make_bench("sara-r5", network="denied", reject_cause=22, rrc_idle_ms=1000)
    bench.ok("AT+CSCON=1")
    settle(bench, 3500)
    attempts = said(bench)
    assert attempts == ["+CSCON: 1"]
    bench.pass_ms(50_000)
    assert said(bench).count("+CSCON: 1") == 4  # every 10 s, five in all
    bench.pass_ms(600_000)
    assert said(bench) == []  # then a pause of 12 minutes
    bench.pass_ms(120_000)
    assert "+CSCON: 1" in said(bench)
    assert bench.ok("AT+CEER") == ['+CEER: "EMM cause",22,"Congestion"']
    bench.ok("AT+CSCON=0")
    bench.module.network.set_network("home")
    settle(bench)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    assert bench.ok("AT+CEER")[0].startswith('+CEER: "No report available"')


def test_an_invalid_sim_is_not_tried_again_before_the_radio_was_off(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", network="denied", reject_cause=3)
    bench.ok("AT+CMEE=1")
    settle(bench)
    bench.module.network.set_network("home")
    bench.pass_ms(3_600_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    assert bench.error("AT+COPS=0") == "+CME ERROR: 30"
    bench.ok("AT+CFUN=4")
    bench.ok("AT+CFUN=1")
    settle(bench)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_a_refusal_takes_a_running_connection_away(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+CGEREP=2,1")
    said(bench)
    bench.ok("AT+CEREG=1")
    bench.ok("AT+USOCR=6")
    bench.module.network.set_network("denied", 11)
    settle(bench)
    assert set(said(bench)) == {
        "+CGEV: NW DETACH",
        "+UUPSDD: 0",
        "+UUSOCL: 0",
        "+CEREG: 2",
        "+CEREG: 3",
    }


def test_moving_between_home_and_abroad_keeps_the_contexts(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.ok("AT+CEREG=1")
    bench.module.network.set_network("roaming")
    assert said(bench) == ["+CEREG: 5"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1"]
    bench.module.network.set_network("home")
    assert said(bench) == ["+CEREG: 1"]


@pytest.mark.parametrize("way", ["coverage", "no cell", "weak"])
def test_lost_and_found(make_bench: Make, module_name: str, way: str) -> None:
    bench = make_bench(module_name, online=True)
    network = bench.module.network
    lose: Callable[[], None] = {
        "coverage": lambda: network.set_coverage(False),
        "no cell": lambda: network.set_network("none"),
        "weak": lambda: network.set_signal(-135),
    }[way]
    find: Callable[[], None] = {
        "coverage": lambda: network.set_coverage(True),
        "no cell": lambda: network.set_network("home"),
        "weak": lambda: network.set_signal(-90),
    }[way]
    bench.ok("AT+CEREG=1")
    lose()
    assert said(bench) == ["+CEREG: 2"]
    assert bench.ok("AT+CSQ") == ["+CSQ: 99,99"]
    assert bench.ok("AT+CGATT?") == ["+CGATT: 0"]
    bench.pass_ms(600_000)
    assert said(bench) == []
    find()
    settle(bench)
    assert said(bench) == ["+CEREG: 1"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1"]


@pytest.mark.parametrize(("away_ms", "forgotten"), [(30_000, False), (120_000, True)])
def test_a_network_may_forget_a_module(make_bench: Make, away_ms: int, forgotten: bool) -> None:
    bench = make_bench("sara-r5", online=True, implicit_detach_ms=60_000)
    bench.ok("AT+CGEREP=1")
    bench.module.set_coverage(False)
    bench.pass_ms(away_ms)
    bench.module.set_coverage(True)
    settle(bench)
    events = said(bench)
    assert ("+UUPSDD: 0" in events) is forgotten
    assert ("+CGEV: NW DETACH" in events) is forgotten
    assert bench.ok("AT+UPSND=0,8") == [f"+UPSND: 0,8,{int(not forgotten)}"]


def test_detached_stays_detached(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CEREG=1")
    bench.ok("AT+CGEREP=1")
    bench.ok("AT+CGATT=0")
    assert {"+CEREG: 0", "+CGEV: ME DETACH"} <= set(said(bench))
    bench.module.set_coverage(False)
    bench.module.set_coverage(True)
    bench.pass_ms(60_000)
    assert bench.ok("AT+CGATT?") == ["+CGATT: 0"]
    bench.ok("AT+CGATT=1")
    assert "+CEREG: 1" in said(bench)
    assert bench.ok("AT+CGATT?") == ["+CGATT: 1"]


def test_an_attach_can_be_aborted_and_needs_radio_and_operator(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", network="none")
    bench.ok("AT+CMEE=1")
    bench.send("AT+CGATT=1")
    bench.pass_ms(5000)
    bench.uart.write(b" ")
    assert bench.answer().final == "+CME ERROR: 3000"
    began = bench.loop.time()
    assert bench.error("AT+CGATT=1") == "+CME ERROR: 30"
    assert bench.loop.time() - began == pytest.approx(180, abs=1)
    bench.ok("AT+COPS=2")
    assert bench.error("AT+CGATT=1") == "+CME ERROR: 3"
    bench.ok("AT+CFUN=4")
    assert bench.error("AT+CGATT=1") == "+CME ERROR: 3"


@pytest.mark.parametrize(("mode", "up"), [(1, "1"), (2, "1,7"), (3, "1,7,4")])
def test_the_radio_connection_in_each_form(make_bench: Make, mode: int, up: str) -> None:
    bench = make_bench("lexi-r10", rrc_idle_ms=5000)
    bench.ok(f"AT+CSCON={mode}")
    assert bench.ok("AT+CSCON?") == [f"+CSCON: {mode},0"]
    bench.pass_ms(3500)
    assert said(bench) == [f"+CSCON: {up}"]
    assert bench.ok("AT+CSCON?") == [f"+CSCON: {mode},{up}"]
    assert bench.expect_urc() == "+CSCON: 0"


@pytest.mark.parametrize("fun", [0, 4])
def test_radio_off_ends_everything_and_on_begins_anew(
    make_bench: Make, module_name: str, fun: int
) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CEREG=1")
    bench.ok(f"AT+CFUN={fun}")
    bench.pass_ms(10_000)
    assert "+CEREG: 0" in said(bench)
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,0"]
    assert bench.ok("AT+CSQ") == ["+CSQ: 99,99"]
    bench.ok("AT+CFUN=1")
    settle(bench)
    assert said(bench) == ["+CEREG: 2", "+CEREG: 1"]


def test_deep_sleep_ends_where_it_began(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, network="home", rrc_idle_ms=1000)
    before = bench.ok("AT+CGPADDR=1")
    bench.ok("AT+UPSV=1,40")
    bench.ok('AT+CPSMS=1,,,"00100001","00000001"')
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == "psm"
    bench.module.power_key(True)
    bench.pass_ms(1500)
    bench.module.power_key(False)
    bench.pass_ms(5000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    assert bench.ok("AT+COPS?") == ['+COPS: 0,0,"Nutaq Cat-M1 Network",7']
    assert bench.ok("AT+CGPADDR=1") == before


def test_a_network_lost_during_deep_sleep_is_noticed(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, rrc_idle_ms=1000)
    bench.ok("AT+UPSV=1,40")
    bench.ok('AT+CPSMS=1,,,"00100001","00000001"')
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == "psm"
    bench.module.network.set_network("denied", 15)
    bench.module.power_key(True)
    bench.pass_ms(1500)
    bench.module.power_key(False)
    bench.pass_ms(8000)
    bench.take()
    bench.ok("ATE0+CMEE=1")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,0"]


def test_an_unknown_condition_is_refused(make_bench: Make) -> None:
    with pytest.raises(ValueError, match="network is one of"):
        make_bench("sara-r5", network="nowhere")
