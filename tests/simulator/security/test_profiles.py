"""+USECPRF: ranges, read-back, reset; what each module has of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]


@pytest.fixture
def bench(make_bench: Make, module_name: str) -> Bench:
    """A module that tells its errors by number."""
    made = make_bench(module_name)
    made.ok("AT+CMEE=1")
    return made


def read(bench: Bench, op: int, profile: int = 0) -> str:
    """The value of an op-code."""
    return bench.ok(f"AT+USECPRF={profile},{op}")[0].removeprefix(f"+USECPRF: {profile},{op},")


def refused(bench: Bench, *texts: str) -> None:
    """Each is answered with CME 50."""
    for text in texts:
        assert bench.error(f"AT+USECPRF={text}") == "+CME ERROR: 50", text
    bench.module.violations.clear()


def test_values_are_read_back_and_reset(bench: Bench) -> None:
    fresh = {0: "0", 1: "0", 2: "0", 3: '""', 4: '""', 5: '""', 6: '""', 10: '""', 14: "0"}
    assert {op: read(bench, op) for op in fresh} == fresh
    chosen = {
        0: "3",
        1: "3",
        2: "29",
        3: '"ca"',
        4: '"host.example"',
        5: '"cert"',
        6: '"key"',
        10: '"sni.example"',
        12: '"pin",2',
    }
    for op, value in chosen.items():
        bench.ok(f"AT+USECPRF=0,{op},{value}")
    assert {op: read(bench, op) for op in chosen} == chosen
    assert read(bench, 0, 1) == "0"
    bench.ok("AT+USECPRF=0")
    assert {op: read(bench, op) for op in fresh} == fresh


def test_ranges(bench: Bench) -> None:
    bench.ok("AT+USECPRF=4,0,3")
    refused(bench, "5,0,1", "0,0,4", "0,1,4", "0,2,34", "0,2,98", "0,15,1", "0,0,1,1")
    refused(bench, '0,2,99,"C0","FF"', '0,2,99,"C","2B"', '0,2,99,"GG","00"', "0,2,99")
    refused(bench, "0,3,ca", f'0,3,"{"n" * 201}"', f'0,4,"{"n" * 257}"', f'0,10,"{"n" * 129}"')
    refused(bench, f'0,7,"{"p" * 129}"', '0,12,"pin",3', '0,12,"pin"', f'0,8,"{"p" * 65}"')
    assert bench.error("AT+USECPRF=0,14,1") == "+CME ERROR: 3"


def test_secrets_go_in_only(bench: Bench) -> None:
    bench.ok('AT+USECPRF=0,7,"secret"')
    bench.ok('AT+USECPRF=0,8,"secret"')
    for op in (7, 8):
        assert bench.error(f"AT+USECPRF=0,{op}") == "+CME ERROR: 3"


def test_one_iana_suite(bench: Bench) -> None:
    bench.ok('AT+USECPRF=0,2,99,"c0","2b"')
    assert read(bench, 2) == '99,"C02B"'
    bench.ok("AT+USECPRF=0,2,0")
    assert read(bench, 2) == "0"


def test_what_only_sara_r5_has(bench: Bench, module_name: str) -> None:
    if module_name == "lexi-r10":
        refused(bench, '0,2,100,"C0","2B",0', "0,11,1", "0,11", '0,8,"0102",1', '0,9,"0102",1')
        bench.ok('AT+USECPRF=0,9,"me"')
        assert read(bench, 9) == '"me"'
        return
    bench.ok('AT+USECPRF=0,2,100,"C0","2B",0')
    bench.ok('AT+USECPRF=0,2,100,"C0","2F",0')
    bench.ok('AT+USECPRF=0,2,100,"C0","2F",0')
    assert read(bench, 2) == '100,"C02B;C02F"'
    bench.ok('AT+USECPRF=0,2,100,"C0","2B",1')
    assert read(bench, 2) == '100,"C02F"'
    bench.ok("AT+USECPRF=0,11,1")
    assert read(bench, 11) == "1"
    bench.ok('AT+USECPRF=0,9,"0a0B",1')
    assert read(bench, 9) == '"0A0B",1'
    refused(bench, '0,9,"0a0",1', f'0,8,"{"00" * 65}",1')


def test_resumption_settings(bench: Bench, module_name: str) -> None:
    bench.ok("AT+USECPRF=0,13,0,1")
    assert bench.ok("AT+USECPRF=0,13,0") == ["+USECPRF: 0,13,0,1"]
    refused(bench, "0,13,0,2", "0,13,1,7", "0,13,9,1")
    if module_name == "sara-r5":
        assert bench.ok("AT+USECPRF=0,13,1") == ["+USECPRF: 0,13,1,0"]
        bench.ok("AT+USECPRF=0,13,1,1")
        bench.ok('AT+USECPRF=0,13,2,"AAAA","BBBB"')
        bench.ok("AT+USECPRF=0,13,2,AAAA,BBBB")
        bench.ok('AT+USECPRF=0,13,12,"AAAA",4')
        refused(bench, '0,13,12,"AAAA",5', '0,13,3,"AAAA",4', f'0,13,2,"{"A" * 49}","B"')
        assert bench.error("AT+USECPRF=0,13,12") == "+CME ERROR: 3"
        return
    assert bench.ok("AT+USECPRF=0,13,1") == ["+USECPRF: 0,13,1,1"]
    bench.ok("AT+USECPRF=0,13,1,11")
    for tag in (3, 13):
        bench.ok(f'AT+USECPRF=0,13,{tag},"AAAA",4')
        assert bench.ok(f"AT+USECPRF=0,13,{tag}") == [f'+USECPRF: 0,13,{tag},"AAAA",4']
    assert bench.ok("AT+USECPRF=0,13,0") == ["+USECPRF: 0,13,0,2"]
    refused(bench, '0,13,3,"AAAA",5', '0,13,2,"AAAA","BBBB"', "0,13,1,0")


def test_test_forms(bench: Bench) -> None:
    assert bench.ok("AT+USECPRF=?") == ["+USECPRF: (0-4),(0-14)"]
    assert bench.ok("AT+USECMNG=?") == ["+USECMNG: (0-4),(0-5)"]
    assert bench.error("AT+USECPRF?") == "+CME ERROR: 3"
