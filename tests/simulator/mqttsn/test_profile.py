"""+UMQTTSN, +UMQTTSNNV and the parameters of +UMQTTSNC (at-commands 6): no network needed."""

from __future__ import annotations

import pytest
from simulator.support.mqttsn_bench import Make
from simulator.support.serial_host import Bench

IMEI = "357862090033897"


def made(make_bench: Make, *variants: str, **options: object) -> Bench:
    bench = make_bench("sara-r5", imei=IMEI, variants=frozenset(variants), **options)
    bench.ok("AT+CMEE=1")
    return bench


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('0,"node-7"', '0,"node-7"'),
        ('1,"gw.example",20000', '1,"gw.example",20000'),
        ('1,"gw.example"', '1,"gw.example",1883'),
        ('2,"10.0.0.1",10000', '2,"10.0.0.1",10000'),
        ("4,2", "4,2"),
        ("5,1", "5,1"),
        ('6,"state/node"', '6,"state/node"'),
        ('7,"gone"', '7,0,"gone"'),
        ('7,0,"gone"', '7,0,"gone"'),
        ('7,1,"00FF22"', '7,1,"00FF22"'),
        ("8,65535", "8,65535"),
        ("9,1", "9,1"),
        ("9,1,4", "9,1,4"),
        ("9,0", "9,0"),
        ("10,0", "10,0"),
    ],
)
def test_values_are_kept(make_bench: Make, line: str, shown: str) -> None:
    bench = made(make_bench)
    bench.ok(f"AT+UMQTTSN={line}")
    op = line.split(",", maxsplit=1)[0]
    assert bench.ok(f"AT+UMQTTSN={op}") == [f"+UMQTTSN: {shown}"]
    if op != "10":
        assert f"+UMQTTSN: {shown}" in bench.ok("AT+UMQTTSN?")


@pytest.mark.parametrize(
    "line",
    [
        f'0,"{"x" * 24}"',
        "0,7",
        '1,"gw",0',
        '1,"gw",65536',
        f'1,"{"x" * 257}"',
        '2,"gw.example"',
        "3,1",
        "4,3",
        "5,2",
        f'6,"{"x" * 257}"',
        f'7,"{"x" * 257}"',
        '7,1,"0"',
        '7,1,"0 1 "',
        '7,2,"00"',
        "8,65536",
        "9,2",
        "9,1,5",
        "10,2",
        "11,10",
        "12,1",
        "4,1,1",
    ],
)
def test_wrong_values_are_refused(make_bench: Make, line: str) -> None:
    bench = made(make_bench, strict=False)
    before = bench.ok("AT+UMQTTSN?")
    assert bench.error(f"AT+UMQTTSN={line}") == "+CME ERROR: 50"
    assert bench.ok("AT+UMQTTSN?") == before


def test_name_and_address_exclude_each_other(make_bench: Make) -> None:
    bench = made(make_bench)
    bench.ok('AT+UMQTTSN=1,"gw.example",5000')
    bench.ok('AT+UMQTTSN=2,"10.0.0.1",6000')
    assert bench.ok("AT+UMQTTSN=1") == ['+UMQTTSN: 1,"",5000']
    bench.ok('AT+UMQTTSN=1,"gw.example",5000')
    assert bench.ok("AT+UMQTTSN=2") == ['+UMQTTSN: 2,"",6000']


def test_stored_profile_outlives_a_restart(make_bench: Make) -> None:
    bench = made(make_bench)
    bench.ok("AT+UMQTTSN=8,600")
    bench.ok("AT+UMQTTSNNV=2")
    bench.ok("AT+UMQTTSN=8,700")
    bench.ok("AT+UMQTTSNNV=1")
    assert bench.ok("AT+UMQTTSN=8") == ["+UMQTTSN: 8,600"]
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    assert bench.ok("AT+UMQTTSN=8") == ["+UMQTTSN: 8,0"]
    bench.ok("AT+UMQTTSNNV=1")
    assert bench.ok("AT+UMQTTSN=8") == ["+UMQTTSN: 8,600"]
    bench.ok("AT+UMQTTSNNV=0")
    assert bench.ok("AT+UMQTTSN=8") == ["+UMQTTSN: 8,0"]


def test_variants_of_the_profile(make_bench: Make) -> None:
    bench = made(make_bench, "umqttsn-no-clean", "umqttsn-timeout", strict=False)
    assert bench.error("AT+UMQTTSN=10,1") == "+CME ERROR: 50"
    bench.ok("AT+UMQTTSN=11,30")
    assert bench.ok("AT+UMQTTSN=11") == ["+UMQTTSN: 11,30"]
    bench = made(make_bench, "umqttsn-op-resets")
    bench.ok("AT+UMQTTSN=8,60")
    assert bench.ok("AT+UMQTTSN=8") == []
    assert "+UMQTTSN: 8,0" in bench.ok("AT+UMQTTSN?")


def test_what_can_be_asked(make_bench: Make) -> None:
    bench = made(make_bench, strict=False)
    assert bench.ok("AT+UMQTTSN=?") == ["+UMQTTSN: (0,1,2,4,5,6,7,8,9,10)"]
    assert bench.ok("AT+UMQTTSNC=?") == ["+UMQTTSNC: (0-2,4-12)"]
    assert bench.ok("AT+UMQTTSNNV=?") == ["+UMQTTSNNV: (0-2)"]
    assert bench.ok("AT+UMQTTSNER") == ["+UMQTTSNER: 14,0"]
    assert bench.error("AT+UMQTTSNNV=3") == "+CME ERROR: 50"
    assert bench.error("AT+UMQTTSNER=1") == "+CME ERROR: 50"


@pytest.mark.parametrize(
    "line",
    [
        "3",
        "13",
        "0,0",
        "0,65536",
        "1,1",
        '2,""',
        f'2,"{"x" * 257}"',
        '4,4,0,0,0,"1","x"',
        '4,0,2,0,0,"1","x"',
        '4,0,0,2,0,"1","x"',
        '4,0,0,0,3,"1","x"',
        '4,0,0,0,0,"name","x"',
        '4,0,0,0,0,"0","x"',
        '4,0,0,0,0,"65535","x"',
        '4,0,0,0,1,"name","x"',
        '4,0,0,0,2,"abc","x"',
        '4,3,0,0,0,"1","x"',
        '4,0,0,1,0,"1","0"',
        f'4,0,0,0,0,"1","{"x" * 1018}"',
        f'4,0,0,1,0,"1","{"00" * 513}"',
        '4,0,0,0,0,"1"',
        '5,3,0,"a"',
        '5,0,1,"a"',
        '5,0,2,"a"',
        '6,0,""',
        '6,2,"abc"',
        "7,0,0",
        f'8,"{"x" * 257}"',
        "9",
        "9,0",
        "10",
        "10,2",
        '11,0,0,0,"1"',
        '12,0,0,0,"1",0',
        '12,0,0,0,"1",1018',
    ],
)
def test_wrong_actions_are_refused(make_bench: Make, line: str) -> None:
    bench = made(make_bench, strict=False)
    assert bench.error(f"AT+UMQTTSNC={line}") == "+CME ERROR: 50"


@pytest.mark.parametrize(
    "line",
    ["0", '2,"a"', '4,0,0,0,0,"1","x"', '5,0,0,"a"', '6,0,"a"', '7,0,0,"a"', '8,"a"', "10,1"],
)
def test_actions_without_session_are_refused(make_bench: Make, line: str) -> None:
    bench = made(make_bench)
    assert bench.error(f"AT+UMQTTSNC={line}") == "+CME ERROR: 3"


def test_reading_nothing(make_bench: Make) -> None:
    assert made(make_bench).ok("AT+UMQTTSNC=9,1") == []
    bench = made(make_bench, "umqttsnc-empty-error")
    assert bench.error("AT+UMQTTSNC=9,1") == "+CME ERROR: 3"


def test_lexi_r10_has_none(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", strict=False)
    bench.ok("AT+CMEE=1")
    for name in ("", "C", "NV", "ER"):
        assert bench.error(f"AT+UMQTTSN{name}=1") == "+CME ERROR: 4"
