"""Settings that an earlier program has left in the module."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm
from ublox_simulator.leftovers import LEFT_HELP

Make = Callable[..., Bench]


def booted_again(bench: Bench) -> None:
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("ATE0")


def test_a_manual_operator_that_is_not_there(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, left="cops=1,2,22812")
    for _ in range(2):
        bench.pass_ms(3_600_000)
        assert bench.ok("AT+COPS?") == ["+COPS: 1"]
        assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]
        booted_again(bench)
    bench.ok("AT+COPS=0")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    booted_again(bench)
    assert bench.ok("AT+COPS?")[0].startswith("+COPS: 0,")


def test_a_manual_operator_that_is_there(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, left="cops=1,2,00101")
    assert bench.ok("AT+COPS?")[0].startswith("+COPS: 1,0,")


def test_an_operator_that_comes_back_into_range(make_bench: Make) -> None:
    far, near = ("Far", "FAR", "22812", "available"), ("Near", "NEAR", "00101", "available")
    bench = make_bench("sara-r5", left="cops=1,2,22812", operators=(near,))
    bench.pass_ms(60_000)
    bench.module.options.operators = (near, far)
    bench.pass_ms(15_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,5"]


def test_an_attach_to_an_operator_that_is_not_there_takes_three_minutes(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", left="cops=1,2,22812")
    bench.ok("AT+CMEE=1")
    began = bench.loop.time()
    assert bench.error("AT+CGATT=1") == "+CME ERROR: 30"
    assert bench.loop.time() - began == pytest.approx(180, abs=1)


def test_credentials_of_an_earlier_user(make_bench: Make, module_name: str) -> None:
    bench = make_bench(
        module_name,
        left="context=1,IP,iot.example;auth=1,2,old,secret",
        logins={"iot.example": ("", "", "NONE")},
    )
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,3"]
    assert bench.ok("AT+CEER") == ['+CEER: "ESM cause",29,"User authentication failed"']
    if module_name == "lexi-r10":
        assert bench.ok("AT+CGAUTH?") == ['+CGAUTH: 1,2,"old",""']
        bench.ok("AT+CGAUTH=1,0")
    else:
        bench.ok('AT+UAUTHREQ=1,0,"",""')
    booted_again(bench)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_a_profile_mapped_to_another_context(make_bench: Make) -> None:
    spec = "context=2,IP,b.example;psd=0,100,2;psd=0,0,0;psd=0,2,old"
    bench = make_bench("sara-r5", left=spec)
    bench.pass_ms(4000)
    assert bench.ok("AT+UPSD=0,100") == ["+UPSD: 0,100,2"]
    assert bench.ok("AT+UPSD=0,2") == ['+UPSD: 0,2,"old"']
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc().startswith("+UUPSDA: 0,")
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1", "+CGACT: 2,1"]
    booted_again(bench)
    assert bench.ok("AT+UPSD=0,100") == ["+UPSD: 0,100,0"]
    bench.ok("AT+UPSDA=0,2")
    assert bench.ok("AT+UPSD=0,100") == ["+UPSD: 0,100,2"]


@pytest.mark.parametrize(
    ("module", "left", "cell", "read", "shown"),
    [
        ("sara-r5", "rats=8", {"cell_rat": 7}, "AT+URAT?", "+URAT: 8"),
        ("sara-r5", "bands=20", {"cell_band": 3}, "AT+UBANDMASK?", None),
        ("lexi-r10", "bands=20", {"cell_band": 3}, "AT+UBANDCONF?", "+UBANDCONF: 20"),
    ],
)
def test_technologies_and_bands_without_a_cell(
    make_bench: Make, module: str, left: str, cell: dict[str, int], read: str, shown: str | None
) -> None:
    bench = make_bench(module, left=left, **cell)
    bench.pass_ms(60_000)
    assert shown is None or bench.ok(read) == [shown]
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]
    bench.ok("AT+CFUN=4")
    restored = {"AT+URAT?": "+URAT=7", "AT+UBANDCONF?": "+UBANDCONF=3,20"}
    bench.ok("AT" + restored.get(read, f"+UBANDMASK=0,{1 << 2 | 1 << 19}"))
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("ATE0+CFUN=1")
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_other_values(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", left="default-cid=2; nvm.upsv=[1, 9000, 3]")
    assert bench.ok("AT+UDCONF=19") == ["+UDCONF: 19,2,0"]
    assert bench.ok("AT+UPSV?") == ["+UPSV: 1,9000,3"]


def test_the_rest_of_a_memory_stays(make_bench: Make) -> None:
    nvm = Nvm()
    bench = make_bench("sara-r5", nvm=nvm)
    bench.ok('AT+CGDCONT=3,"IP","third"')
    again = make_bench("sara-r5", nvm=nvm, left="auth=3,1,u,p;context=4,ip,fourth")
    shown = [line.split(",")[:3] for line in again.ok("AT+CGDCONT?")]
    assert shown[1:] == [["+CGDCONT: 3", '"IP"', '"third"'], ["+CGDCONT: 4", '"IP"', '"fourth"']]


@pytest.mark.parametrize(
    ("module", "spec"),
    [
        ("sara-r5", "tea=1"),
        ("sara-r5", "cops=x"),
        ("sara-r5", "context=1,IP"),
        ("sara-r5", "rats=3"),
        ("sara-r5", "default-cid=2"),
        ("lexi-r10", "bands=200"),
        ("lexi-r10", "psd=0,100,2"),
        ("lexi-r10", "nvm.upsv=[1"),
    ],
)
def test_a_wrong_item_is_named(make_bench: Make, module: str, spec: str) -> None:
    with pytest.raises(ValueError, match="left-over '" + spec[:4]):
        make_bench(module, left="cops=0;" + spec)


def test_every_setting_is_in_the_help() -> None:
    for name in ("cops", "context", "auth", "psd", "rats", "bands", "default-cid", "nvm.KEY"):
        assert f" {name}=" in LEFT_HELP
