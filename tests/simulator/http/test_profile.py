"""+UHTTP, +UHTTPNV: ranges, read-back, defaults, the rule of the port, what outlives what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.http_server import fetched, ok, serve
from simulator.support.serial_host import Bench
from simulator.support.sleep_host import pulse

Make = Callable[..., Bench]

WRONG = "+CME ERROR: 50"


def verbose(bench: Bench) -> Bench:
    bench.ok("AT+CMEE=1")
    return bench


DEFAULTS = {0: '""', 1: '""', 2: '""', 4: "0", 5: "80", 6: "0", 7: "180", 9: '""'}


def test_factory_values_and_reset(make_bench: Make, module_name: str) -> None:
    bench = verbose(make_bench(module_name))
    defaults = dict(DEFAULTS)
    if module_name == "lexi-r10":
        defaults |= {10: "0", 20: "1,0"}
    bench.ok('AT+UHTTP=0,1,"x.test"')
    bench.ok("AT+UHTTP=0,6,1,3")
    bench.ok("AT+UHTTP=0,7,30")
    bench.ok("AT+UHTTP=0")
    for op, value in defaults.items():
        assert bench.ok(f"AT+UHTTP=0,{op}") == [f"+UHTTP: 0,{op},{value}"]


@pytest.mark.parametrize(
    ("op", "given", "shown"),
    [
        (0, '"10.1.2.3"', None),
        (0, '"2001:db8::1"', None),
        (1, f'"{"x" * 128}"', None),
        (2, f'"{"u" * 30}"', None),
        (4, "1", None),
        (5, "65535", None),
        (6, "1", None),
        (6, "0", None),
        (6, "1,4", None),
        (7, "30", None),
        (9, '"4:Name:a value, with comma"', None),
        (9, f'"0:{"n" * 64}:{"v" * 64}"', None),
    ],
)
def test_set_and_read(
    make_bench: Make, module_name: str, op: int, given: str, shown: str | None
) -> None:
    bench = make_bench(module_name)
    bench.ok(f"AT+UHTTP=0,{op},{given}")
    assert bench.ok(f"AT+UHTTP=0,{op}") == [f"+UHTTP: 0,{op},{shown or given}"]


@pytest.mark.parametrize(
    "tail",
    [
        '0,"no address"',
        f'1,"{"x" * 129}"',
        '1,"two words"',
        f'2,"{"u" * 31}"',
        f'3,"{"p" * 31}"',
        "2,name",
        "4,2",
        "5,0",
        "5,65536",
        "6,2",
        "6,1,5",
        "7,29",
        "7,181",
        "8,1",
        '9,"5:a:b"',
        '9,"0:a b:c"',
        '9,"0:a:b:c"',
        f'9,"0:{"n" * 65}:v"',
        "11,0",
        "5,80,1",
    ],
)
def test_refused_values(make_bench: Make, module_name: str, tail: str) -> None:
    bench = verbose(make_bench(module_name))
    assert bench.error(f"AT+UHTTP=0,{tail}") == WRONG


def test_what_each_module_has(make_bench: Make) -> None:
    sara, lexi = verbose(make_bench("sara-r5")), verbose(make_bench("lexi-r10"))
    sara.ok('AT+UHTTP=3,1,"x.test"')
    assert sara.error("AT+UHTTP=4") == WRONG
    assert sara.error("AT+UHTTP=0,10,1") == WRONG
    assert sara.error("AT+UHTTP=0,20,1,0") == WRONG
    assert sara.error("AT+UHTTPNV=0,1") == "+CME ERROR: 4"
    assert lexi.error("AT+UHTTP=1") == WRONG
    lexi.ok("AT+UHTTP=0,10,1")
    lexi.ok("AT+UHTTP=0,20,15,1")
    assert lexi.ok("AT+UHTTP=0,20") == ["+UHTTP: 0,20,15,1"]
    assert lexi.error("AT+UHTTP=0,20,16,1") == WRONG
    assert lexi.ok("AT+UHTTPER=1") == ["+UHTTPER: 1,0,0"]  # A10 7.4
    assert sara.error("AT+UHTTPER=4") == WRONG


def test_uhttper_of_the_profile_alone(make_bench: Make) -> None:
    bench = verbose(make_bench("lexi-r10", variants={"uhttper-own-profile"}))
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,0,0"]
    assert bench.error("AT+UHTTPER=1") == WRONG


def test_the_password_is_not_told(make_bench: Make, module_name: str) -> None:
    bench = verbose(make_bench(module_name))
    bench.ok('AT+UHTTP=0,3,"secret"')
    assert bench.error("AT+UHTTP=0,3") == "+CME ERROR: 3"


def test_name_and_address_replace_each_other(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok('AT+UHTTP=0,1,"x.test"')
    bench.ok('AT+UHTTP=0,0,"10.1.2.3"')
    assert bench.ok("AT+UHTTP=0,1") == ['+UHTTP: 0,1,""']
    bench.ok('AT+UHTTP=0,1,"x.test"')
    assert bench.ok("AT+UHTTP=0,0") == ['+UHTTP: 0,0,""']


def test_the_port_follows_tls_until_it_is_set_by_hand(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)

    def port() -> str:
        return bench.ok("AT+UHTTP=0,5")[0].split(",")[-1]

    bench.ok("AT+UHTTP=0,6,1")
    assert port() == "443"
    bench.ok("AT+UHTTP=0,6,0")
    assert port() == "80"
    bench.ok("AT+UHTTP=0,5,9000")
    bench.ok("AT+UHTTP=0,6,1")
    assert port() == "9000"
    bench.ok("AT+UHTTP=0,6,0")
    assert port() == "9000"
    bench.ok("AT+UHTTP=0")
    bench.ok("AT+UHTTP=0,6,1")
    assert port() == "443"


def server_of(bench: Bench) -> str:
    return bench.ok("AT+UHTTP=0,1")[0].split(",", 2)[2]


def test_profiles_are_volatile(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok('AT+UHTTP=0,1,"x.test"')
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    assert server_of(bench) == '""'


def slept(bench: Bench) -> None:
    """Through Sleep-2 and back."""
    bench.ok("AT+UUSBCONF=99")
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == "sleep2"
    pulse(bench)
    bench.take()


def test_deep_sleep_loses_what_is_not_in_use_from_nvm(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.ok('AT+UHTTP=0,1,"lost.test"')
    slept(bench)
    assert server_of(bench) == '""'
    bench.ok('AT+UHTTP=0,1,"kept.test"')
    bench.ok("AT+UHTTPNV=0,2")
    assert bench.ok("AT+UHTTPNV?") == ["+UHTTPNV: 0,1"]
    bench.ok('AT+UHTTP=0,1,"not-stored.test"')
    slept(bench)
    assert server_of(bench) == '"kept.test"'


def test_the_stored_profile_must_be_loaded_after_a_boot(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.ok('AT+UHTTP=0,1,"kept.test"')
    bench.ok('AT+UHTTP=0,9,"1:X-A:b"')
    bench.ok("AT+UHTTPNV=0,2")
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    assert bench.ok("AT+UHTTPNV?") == ["+UHTTPNV: 0,0"]
    assert server_of(bench) == '""'
    bench.go_online()
    slept(bench)
    assert server_of(bench) == '""'
    bench.ok("AT+UHTTPNV=0,1")
    assert server_of(bench) == '"kept.test"'
    assert bench.ok("AT+UHTTP=0,9") == ['+UHTTP: 0,9,"1:X-A:b"']
    bench.ok("AT+UHTTPNV=0,0")
    assert bench.ok("AT+UHTTPNV?") == ["+UHTTPNV: 0,0"]
    assert server_of(bench) == '""'


def test_an_operation_with_the_stored_profile_after_deep_sleep(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    server = serve(bench, ok())
    bench.ok('AT+UHTTP=0,3,"secret"')
    bench.ok("AT+UHTTP=0,4,1")
    bench.ok("AT+UHTTPNV=0,2")
    slept(bench)
    assert fetched(bench) == ok()
    assert server.last.header("Authorization") == "Basic OnNlY3JldA=="


def test_the_context_mapping_chooses_the_context(make_bench: Make) -> None:
    bench = verbose(make_bench("lexi-r10", online=True))
    serve(bench, ok())
    bench.ok("AT+UHTTP=0,20,2,1")
    assert bench.error('AT+UHTTPC=0,1,"/","f"') == "+CME ERROR: 3"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,10,22"]
    bench.ok('AT+CGDCONT=2,"IP","apn"')
    bench.ok("AT+CGACT=1,2")
    assert fetched(bench) == ok()
