"""Faults of commands: refused, failed, slow, answered otherwise; for a time or until something
ends it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Faults
from ublox_simulator.control.channel import Control
from ublox_simulator.line.command_faults import concerns
from ublox_simulator.line.faults import SPEC_HELP
from ublox_simulator.line.parser import split_line

Make = Callable[..., Bench]

READY = ["+CPIN: READY"]


def with_codes(make_bench: Make, module: str, **options: object) -> Bench:
    bench = make_bench(module, **options)
    bench.ok("AT+CMEE=1")
    return bench


def cme(code: int) -> str:
    return f"+CME ERROR: {code}"


# -- which command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "line", "meant"),
    [
        ("+CPIN", "+CPIN?", True),
        ("+CPIN?", "+CPIN?", True),
        ("+CPIN?", '+CPIN="1234"', False),
        ("+COPS=", "+COPS=0", True),
        ("+COPS=1", '+COPS=1,2,"22812"', True),
        ("+UDCONF=1", "+UDCONF=19,1", False),
        ("+UMQTT", "+UMQTTC=6,1", False),
        ("+UMQTT*", "+UMQTTC=6,1", True),
        ("+UPSDA=0,3", "+UPSDA=0,3", True),
        ("+UPSDA=0,3", "+UPSDA=0,4", False),
        ("*", "E0", True),
        ("E", "E0", True),
        ("S2", "S2=43", True),
        ("#3", "+CFUN?", True),
        ("#4", "+CFUN?", False),
        ("+CSQ|+CFUN", "+CFUN?", True),
        ("+CSQ|", "+CFUN?", False),
    ],
)
def test_which_commands_are_meant(which: str, line: str, meant: bool) -> None:
    assert concerns(which, split_line(line)[0], 3) is meant


# -- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [3, 10, 13, 14, 15])
def test_the_sim_is_not_there_for_some_seconds_after_each_start(
    make_bench: Make, module_name: str, code: int
) -> None:
    bench = with_codes(make_bench, module_name, faults=f"refuse=+CPIN?:{code}:start+3000")
    assert bench.error("AT+CPIN?") == cme(code)
    bench.pass_ms(3000)
    assert bench.ok("AT+CPIN?") == READY
    bench.module.restart()
    bench.pass_ms(bench.module.options.boot_ms + 10)
    bench.take()
    bench.ok("ATE0+CMEE=1")
    assert bench.error("AT+CPIN?") == cme(code)
    bench.pass_ms(3000)
    assert bench.ok("AT+CPIN?") == READY


def test_one_code_may_follow_another(make_bench: Make) -> None:
    spec = "refuse=+CPIN?:10:start+1000;refuse=+CPIN?:13:start+2000"
    bench = with_codes(make_bench, "sara-r5", faults=spec)
    assert bench.error("AT+CPIN?") == cme(10)
    bench.pass_ms(1000)
    assert bench.error("AT+CPIN?") == cme(13)
    bench.pass_ms(1000)
    assert bench.ok("AT+CPIN?") == READY


def test_set_up_commands_are_busy_from_now_on_for_a_time(
    make_bench: Make, module_name: str
) -> None:
    bench = with_codes(make_bench, module_name)
    bench.module.faults.load("refuse=+UDCONF|+CEREG=|+CG*:14:5000")
    for command in ("AT+UDCONF=1,0", "AT+CEREG=5", "AT+CGDCONT?", "AT+CGEREP=2,1"):
        assert bench.error(command) == cme(14)
    bench.ok("AT+CEREG?")
    bench.ok("AT+CSQ")
    bench.pass_ms(5000)
    for command in ("AT+UDCONF=1,0", "AT+CEREG=5", "AT+CGDCONT?", "AT+CGEREP=2,1"):
        bench.ok(command)


def test_a_refused_command_does_nothing(make_bench: Make) -> None:
    bench = with_codes(make_bench, "sara-r5", strict=True)
    bench.module.faults.load("refuse=+CFUN=4:50:x1;refuse=+CGMM:ERROR:x1")
    assert bench.error("AT+CFUN=4") == cme(50)
    assert bench.ok("AT+CFUN?") == ["+CFUN: 1,0"]
    assert bench.error("AT+CGMM") == "ERROR"
    bench.ok("AT+CGMM")
    assert bench.module.violations == []


def test_a_refusal_that_the_radio_ends(make_bench: Make, module_name: str) -> None:
    bench = with_codes(make_bench, module_name, online=True)
    bench.module.faults.load("refuse=+CGACT=1:148:radio")
    bench.pass_ms(3_600_000)
    assert bench.error("AT+CGACT=1,1") == cme(148)
    bench.ok("AT+COPS=2")
    bench.ok("AT+COPS=0")
    assert bench.error("AT+CGACT=1,1") == cme(148)
    bench.ok("AT+CFUN=4")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(5000)
    bench.ok("AT+CGACT=1,1")


@pytest.mark.parametrize("way", ["+CFUN=16", "power"])
def test_a_refusal_that_a_restart_ends(make_bench: Make, module_name: str, way: str) -> None:
    spec = "refuse=+UMQTTC|+UHTTPC:3:restart"
    bench = with_codes(make_bench, module_name, online=True, faults=spec)
    for command in ("AT+CFUN=0", "AT+CFUN=1"):
        bench.ok(command)
    bench.pass_ms(5000)
    for command in ("AT+UMQTTC=6", "AT+UMQTTC=0", "AT+UHTTPC=0,1"):
        assert bench.error(command) == cme(3)
    if way == "power":
        bench.module.cut_supply()
        bench.pass_ms(100)
        bench.module.power_on()
    else:
        bench.ok("AT+CFUN=16")
    bench.pass_ms(6000)
    bench.take()
    bench.ok("ATE0")
    bench.ok("AT+UMQTTC=6")


def test_power_saving_mode_is_no_restart(make_bench: Make) -> None:
    bench = with_codes(make_bench, "sara-r5", online=True, rrc_idle_ms=1000)
    bench.module.faults.load("refuse=+UMQTTC=1:3:restart,radio")
    bench.ok("AT+UPSV=1,40")
    bench.ok('AT+CPSMS=1,,,"00100001","00000001"')
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == "psm"
    bench.module.power_key(True)
    bench.pass_ms(1500)
    bench.module.power_key(False)
    bench.pass_ms(5000)
    bench.take()
    bench.ok("ATE0+CMEE=1")
    assert bench.error("AT+UMQTTC=1") == cme(3)


# -- failed --------------------------------------------------------------------------------------


def test_an_activation_that_fails_for_a_time(make_bench: Make) -> None:
    bench = with_codes(make_bench, "sara-r5", registered_after_ms=0)
    bench.pass_ms(1000)
    bench.module.faults.load("fail=+UPSDA=0,3:30:60000")
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc() == "+UUPSDA: 30"
    bench.pass_ms(60_000)
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc().startswith("+UUPSDA: 0,")


def test_mqtt_and_http_clients_that_fail_until_a_restart(
    make_bench: Make, module_name: str
) -> None:
    spec = "fail=+UMQTTC:33:restart;fail=+UHTTPC:4/12:restart"
    bench = with_codes(make_bench, module_name, online=True, faults=spec)
    bench.ok('AT+UMQTT=2,"127.0.0.1",1')
    bench.ok("AT+UMQTTC=1")
    assert bench.expect_urc() == "+UUMQTTC: 1,0"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,33"]
    bench.ok('AT+UHTTP=0,0,"127.0.0.1"')
    bench.ok('AT+UHTTPC=0,1,"/","result.txt"')
    assert bench.expect_urc() == "+UUHTTPCR: 0,1,0"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,4,12"]


def test_an_mqttsn_client_that_fails(make_bench: Make) -> None:
    bench = with_codes(make_bench, "sara-r5", online=True, faults="fail=+UMQTTSNC=1:7:x1")
    bench.ok("AT+UMQTTSNC=1")
    assert bench.expect_urc() == "+UUMQTTSNC: 1,0"
    assert bench.ok("AT+UMQTTSNER") == ["+UMQTTSNER: 14,7"]


# -- slow ----------------------------------------------------------------------------------------


def test_a_command_slower_than_documented(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, strict=True, faults="late=+CFUN=4:250000")
    bench.send("AT+CFUN=4")
    bench.expect_silence(200_000)
    bench.send("AT")
    bench.expect_silence(49_000)
    assert bench.answer().final == "OK"
    assert bench.answer().final == "OK"  # of the AT, which was kept
    assert bench.ok("AT+CFUN?")[0].startswith("+CFUN: 4")
    assert bench.module.violations == []  # it came after the longest documented maximum


def test_one_that_is_deaf_meanwhile(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, quiet=False, faults="late=+COPS=0:250000:x1,deaf")
    bench.send("AT+COPS=0")
    bench.pass_ms(200_000)
    bench.take()
    bench.raw.clear()
    bench.send("AT+CGMM")
    bench.pass_ms(60_000)
    assert bytes(bench.raw).strip() == b"OK"  # neither an echo nor an answer of +CGMM
    bench.ok("AT+COPS=0")


def test_a_slow_command_may_be_aborted(make_bench: Make) -> None:
    bench = with_codes(make_bench, "lexi-r10", faults="late=+COPS=0:250000:abort")
    bench.send("AT+COPS=0")
    bench.pass_ms(100_000)
    bench.uart.write(b" ")
    assert bench.answer().final == cme(3000)
    bench.ok("AT")


def test_an_answer_may_be_missing_once(make_bench: Make) -> None:
    bench = make_bench("sara-r5", faults="mute=+CMEE:x1")
    bench.send("AT+CMEE=2")
    bench.expect_silence(5000)
    assert bench.ok("AT+CMEE?") == ["+CMEE: 2"]


# -- other answers, lost URCs --------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["24/05/07,08:47:45+128", "24/13/40,25:61:61+00"])
def test_an_impossible_clock(make_bench: Make, module_name: str, clock: str) -> None:
    bench = make_bench(module_name)
    bench.module.faults.load(f'answer=+CCLK?:+CCLK: "{clock}":x1')
    assert bench.ok("AT+CCLK?") == [f'+CCLK: "{clock}"']
    assert bench.ok("AT+CCLK?") != [f'+CCLK: "{clock}"']


def test_an_answer_of_several_lines(make_bench: Make) -> None:
    bench = make_bench("sara-r5", faults="answer=+CGSN:RING|004999010640000")
    assert bench.ok("AT+CGSN") == ["RING", "004999010640000"]


def test_a_lost_urc(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, faults="lose=+UUPSDD:x1")
    bench.ok("AT+CGEREP=2,1")
    bench.pass_ms(100)
    bench.take()
    bench.module.network.network_deactivates(1)
    bench.pass_ms(100)
    assert bench.take() == ["+CGEV: NW PDN DEACT 1"]
    assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,0"]
    bench.ok("AT+UPSD=0,0,2")
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc() == "+CGEV: ME PDN ACT 1,0"
    assert bench.expect_urc().startswith("+UUPSDA: 0,")
    bench.module.network.network_deactivates(1)
    bench.pass_ms(100)
    assert bench.take() == ["+CGEV: NW PDN DEACT 1", "+UUPSDD: 0"]


# -- the language --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "refuse=+CPIN?",
        "refuse=+CPIN?:x",
        "refuse=+CPIN?:13:soon",
        "fail=+UPSDA",
        "answer=+CCLK?",
        "late=+COPS:x",
        "late=+COPS:5:loud",
        "deny=x",
        "deny=11:later",
    ],
)
def test_a_wrong_item_is_named(spec: str) -> None:
    with pytest.raises(ValueError, match="fault '" + spec.partition("=")[0]):
        Faults(random.Random(1)).load(spec)


def test_faults_by_the_control_channel(make_bench: Make) -> None:
    bench = with_codes(make_bench, "lexi-r10")
    control = Control(bench.module)
    assert control.execute("faults refuse=+CPIN?:15") == ["ok"]
    assert bench.error("AT+CPIN?") == cme(15)
    assert control.execute("faults clear") == ["ok"]
    assert bench.ok("AT+CPIN?") == READY


def test_faults_that_are_over_are_forgotten(make_bench: Make) -> None:
    bench = make_bench("sara-r5", registered_after_ms=60_000)
    faults = bench.module.faults
    for _ in range(100):
        faults.load("refuse=+CSQ:14:50;lose=+X:50;deny=15:50;refuse=+CREG:3:start+1;mute=+CSQ:x1")
        bench.pass_ms(100)
        bench.send("AT+CSQ")
        bench.expect_silence(100)
    assert [knob.which for knob in faults.on_commands.knobs].count("+CSQ") <= 2
    assert len(faults.on_commands.knobs) == 102  # those of each start are never over


def test_every_fault_is_in_the_help() -> None:
    for name in ("late", "mute", "refuse", "fail", "answer", "lose", "deny"):
        assert f"\n  {name}=" in SPEC_HELP
