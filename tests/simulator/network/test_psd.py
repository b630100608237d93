"""PSD profiles of SARA-R5: every tag, every action, mapping, DNS, refusals of the network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm

Make = Callable[..., Bench]


def ready(make_bench: Make, **options: object) -> Bench:
    bench = make_bench("sara-r5", **options)
    bench.ok("AT+CMEE=1")
    bench.pass_ms(4000)
    return bench


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [
        (0, "3", "3"),
        (1, '"apn.example"', '"apn.example"'),
        (2, '"user"', '"user"'),
        (4, '"8.8.8.8"', '"8.8.8.8"'),
        (5, '"8.8.4.4"', '"8.8.4.4"'),
        (6, "2", "2"),
        (7, '"10.1.2.3"', '"10.1.2.3"'),
        (8, "0", "0"),
        (51, "7", "7"),
        (100, "11", "11"),
    ],
)
def test_tags_are_kept(make_bench: Make, tag: int, value: str, shown: str) -> None:
    bench = ready(make_bench)
    bench.ok(f"AT+UPSD=6,{tag},{value}")
    assert bench.ok(f"AT+UPSD=6,{tag}") == [f"+UPSD: 6,{tag},{shown}"]
    if tag < 8 or tag == 100:
        assert f"+UPSD: 6,{tag},{shown}" in bench.ok("AT+UPSD=6")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("AT+UPSD=7,0,0", 50),
        ("AT+UPSD=0,0,4", 50),
        ("AT+UPSD=0,6,4", 50),
        ("AT+UPSD=0,100,12", 50),
        ("AT+UPSD=0,52,1", 3),
        ('AT+UPSD=0,4,"nowhere"', 3),
        (f'AT+UPSD=0,1,"{"a" * 100}"', 50),
        ("AT+UPSD=0,1,apn", 50),
        ("AT+UPSD=0,3", 3),  # the password
        ("AT+UPSDA=0,5", 50),
        ("AT+UPSDA=7,3", 50),
        ("AT+UPSDA=0,4", 3),  # not active
        ("AT+UPSND=0,25", 50),
        ("AT+UPSND=7,0", 50),
    ],
)
def test_refusals(make_bench: Make, command: str, code: int) -> None:
    bench = ready(make_bench)
    assert bench.error(command) == f"+CME ERROR: {code}"


def test_store_load_reset(make_bench: Make) -> None:
    nvm = Nvm()
    bench = ready(make_bench, nvm=nvm)
    bench.ok('AT+UPSD=2,1,"kept"')
    bench.ok("AT+UPSD=2,100,3")
    bench.ok("AT+UPSDA=2,1")
    bench.ok('AT+UPSD=2,1,"changed"')
    bench.ok("AT+UPSDA=2,2")
    assert bench.ok("AT+UPSD=2,1") == ['+UPSD: 2,1,"kept"']
    bench.ok("AT+UPSDA=2,0")
    assert bench.ok("AT+UPSD=2,1") == ['+UPSD: 2,1,""']
    again = ready(make_bench, nvm=nvm)
    assert again.ok("AT+UPSD=2,1") == ['+UPSD: 2,1,""']
    again.ok("AT+UPSDA=2,2")
    assert again.ok("AT+UPSD=2,1") == ['+UPSD: 2,1,"kept"']
    assert again.ok("AT+UPSD=2,100") == ["+UPSD: 2,100,3"]


def test_an_active_profile_cannot_be_changed(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+CMEE=1")
    for command in ("AT+UPSD=0,0,1", "AT+UPSDA=0,0", "AT+UPSDA=0,2", "AT+UPSDA=0,3"):
        assert bench.error(command) == "+CME ERROR: 3"
    bench.ok("AT+UPSDA=0,1")


@pytest.mark.parametrize(
    ("profile_apn", "context_apn", "final"),
    [
        ("", "a.example", "OK"),
        ("A.Example", "a.example", "OK"),
        ("b.example", "a.example", "+CME ERROR: 4000"),
        ("internet.sim", "", "OK"),
        ("b.example", "", "+CME ERROR: 4000"),
    ],
)
def test_apns_must_agree(make_bench: Make, profile_apn: str, context_apn: str, final: str) -> None:
    bench = ready(make_bench)
    bench.ok("AT+CFUN=0")
    bench.ok(f'AT+CGDCONT=1,"IP","{context_apn}"')
    bench.ok("AT+CFUN=1")
    bench.pass_ms(4000)
    bench.ok(f'AT+UPSD=0,1,"{profile_apn}"')
    assert bench.at("AT+UPSDA=0,3").final == final


@pytest.mark.parametrize(
    ("method", "password", "urc"), [(1, "secret", "0,"), (1, "wrong", "149"), (0, "secret", "149")]
)
def test_a_profile_brings_its_login(
    make_bench: Make, method: int, password: str, urc: str
) -> None:
    bench = ready(make_bench, logins={"private": ("node", "secret", "PAP")})
    bench.ok('AT+CGDCONT=2,"IP","private"')
    bench.ok("AT+UPSD=0,100,2")
    bench.ok('AT+UPSD=0,2,"node"')
    bench.ok(f'AT+UPSD=0,3,"{password}"')
    bench.ok(f"AT+UPSD=0,6,{method}")
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc().startswith(f"+UUPSDA: {urc}")
    assert bench.ok("AT+UPSND=0,8") == [f"+UPSND: 0,8,{int(urc == '0,')}"]


def test_an_unknown_apn_is_told_by_urc(make_bench: Make) -> None:
    bench = ready(make_bench, apns=("internet.sim",))
    bench.ok('AT+CGDCONT=2,"IP","wrong"')
    bench.ok("AT+UPSD=0,100,2")
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc() == "+UUPSDA: 127"
    assert bench.ok("AT+CEER") == ['+CEER: "ESM cause",27,"Missing or unknown APN"']


def test_the_network_may_be_gone_meanwhile(make_bench: Make) -> None:
    bench = ready(make_bench, psd_ms=2000)
    bench.ok("AT+UPSDA=0,3")
    bench.module.set_coverage(False)
    assert bench.expect_urc() == "+UUPSDA: 30"
    assert bench.error("AT+UPSDA=0,3") == "+CME ERROR: 3"


def test_own_name_servers_are_shown_while_active(make_bench: Make) -> None:
    bench = ready(make_bench)
    bench.ok('AT+UPSD=0,5,"9.9.9.9"')
    assert bench.ok("AT+UPSND=0,1") == ['+UPSND: 0,1,"0.0.0.0"']
    bench.ok("AT+UPSDA=0,3")
    bench.expect_urc()
    assert bench.ok("AT+UPSND=0,1") == ['+UPSND: 0,1,"10.0.0.1"']
    assert bench.ok("AT+UPSND=0,2") == ['+UPSND: 0,2,"9.9.9.9"']
    assert bench.ok("AT+UPSND=0,3") == ["+UPSND: 0,3,0"]


def test_two_profiles_on_two_contexts(make_bench: Make) -> None:
    bench = ready(make_bench)
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok("AT+UPSD=1,100,2")
    for profile in (0, 1):
        bench.ok(f"AT+UPSDA={profile},3")
        assert bench.expect_urc().startswith("+UUPSDA: 0,")
    bench.module.network.network_deactivates(2)
    assert bench.expect_urc() == "+UUPSDD: 1"
    assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,1"]
    bench.ok("AT+CGATT=0")
    assert "+UUPSDD: 0" in [bench.expect_urc()]
