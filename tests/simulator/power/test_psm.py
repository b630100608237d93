"""PSM of SARA-R5: timers, deep sleep, what a wake-up brings back, eDRX, release assistance."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

ONE_HOUR, TEN_SECONDS, NO_TIME = "00100001", "00000101", "00000000"


def ready_to_sleep(make_bench: Make, t3412: str, t3324: str, **options: object) -> Bench:
    """Online, fixed rate, greeting, everything stored that sleep would lose."""
    bench = make_bench("sara-r5", online=True, **options)
    bench.ok("AT+IPR=115200")
    bench.ok('AT+CSGT=1,"Ready"')
    bench.ok("AT+UPSV=1,1300")
    bench.ok("AT&W")
    bench.ok("AT+CSCON=1")
    bench.ok("AT+UPSMR=1")
    bench.ok(f'AT+CPSMS=1,,,"{t3412}","{t3324}"')
    return bench


def let_sleep(bench: Bench, ms: float = 60_000) -> None:
    bench.pass_ms(ms)
    assert bench.module.sleep_state == "psm"
    bench.take()


def pulse(bench: Bench, ms: float = 1500) -> None:
    bench.module.power_key(True)
    bench.pass_ms(ms)
    bench.module.power_key(False)


def wake(bench: Bench) -> None:
    """A pulse on PWR_ON, the greeting, echo off."""
    pulse(bench)
    bench.pass_ms(bench.module.options.psm_wake_ms + 10)
    assert bench.take() == ["Ready"]
    bench.ok("ATE0")
    bench.take()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ('AT+CPSMS=1,,,"10100010","00000011"', '+CPSMS: 1,,,"10100010","00000011"'),
        ("AT+CPSMS=1", '+CPSMS: 1,,,"00100001","00000101"'),
        ("AT+CPSMS=0", '+CPSMS: 0,,,"00100001","00000101"'),
        ('AT+CPSMS=1,,,"1010001","00000011"', None),
        ('AT+CPSMS=1,,,"10100012","00000011"', None),
        ("AT+CPSMS=3", None),
    ],
)
def test_requests_are_kept(
    make_bench: Make, module_name: str, command: str, shown: str | None
) -> None:
    bench = make_bench(module_name, strict=False)
    if shown is None:
        bench.error(command)
        return
    bench.ok(command)
    assert bench.ok("AT+CPSMS?") == [shown]
    bench.module.restart()
    bench.pass_ms(2200)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(100)
    bench.take()
    assert bench.ok("AT+CPSMS?") == [shown]
    bench.ok("AT+CPSMS=2")
    assert bench.ok("AT+CPSMS?") == ['+CPSMS: 0,,,"00100001","00000101"']


@pytest.mark.parametrize(
    ("grant", "shown"),
    [
        ("requested", '+UCPSMS: 1,,,"10100010","00000011",1'),
        ("00100001,00000101", '+UCPSMS: 1,,,"00100001","00000101",1'),
        ("none", "+UCPSMS: 0,,,,"),
    ],
)
def test_the_network_grants_what_it_likes(make_bench: Make, grant: str, shown: str) -> None:
    bench = make_bench(online=True, psm_grant=grant)
    bench.ok('AT+CPSMS=1,,,"10100010","00000011"')
    assert bench.ok("AT+UCPSMS?") == [shown]
    bench.ok("AT+CEREG=4")
    assert bench.ok("AT+CEREG?")[0].split(",")[-2:] == (
        ['"11100000"', '"11100000"']
        if grant == "none"
        else [shown.split(",")[4], shown.split(",")[3]]
    )


def test_the_way_into_psm(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    bench.pass_ms(bench.module.options.rrc_idle_ms + 10)
    assert bench.take() == ["+CSCON: 0"]
    bench.pass_ms(9900)
    assert bench.module.sleep_state == "uart"
    assert bench.module.v_int
    bench.pass_ms(200)
    assert bench.take() == ["+UUPSMR: 1"]
    assert bench.module.sleep_state == "psm"
    assert not bench.module.v_int
    assert not bench.module.rx_high
    bench.uart.write(b"AT\rAT\r")
    bench.expect_silence(10_000)


def test_an_active_time_of_zero_sleeps_as_soon_as_the_uart_does(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    bench.pass_ms(10_010)
    assert bench.take() == ["+CSCON: 0", "+UUPSMR: 1"]
    bench.pass_ms(200)
    assert bench.module.sleep_state == "psm"


def test_power_saving_off_keeps_the_module_on(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    bench.ok("AT+UPSV=0")
    bench.pass_ms(60_000)
    assert bench.take() == ["+CSCON: 0", "+UUPSMR: 1"]
    assert bench.module.sleep_state == "awake"
    assert bench.module.v_int
    peer = bench.udp_peer()
    bench.ok("AT+USOCR=17")
    bench.ok(f'AT+USOST=0,"127.0.0.1",{peer.port},2,"hi"')
    bench.pass_ms(10)
    assert bench.take() == ["+CSCON: 1", "+UUPSMR: 0"]


def test_dtr_decides_about_deep_sleep(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    bench.module.dtr(True)
    bench.ok("AT+UPSV=3")
    bench.pass_ms(60_000)
    assert bench.take() == ["+CSCON: 0", "+UUPSMR: 1"]
    assert bench.module.v_int
    bench.module.dtr(False)
    bench.pass_ms(100)
    assert not bench.module.v_int


def test_waking_by_the_key(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.ok("AT+CMEE=2")
    bench.ok("AT+UDCONF=1,1")
    address = bench.ok("AT+CGPADDR=1")
    let_sleep(bench)
    pulse(bench, 900)
    bench.expect_silence(10_000)
    assert bench.module.sleep_state == "psm"  # too short
    wake(bench)
    assert bench.module.wakes == 1
    assert bench.module.boots == 1
    assert bench.ok("AT+CMEE?") == ["+CMEE: 0"]
    assert bench.ok("AT+UDCONF=1") == ["+UDCONF: 1,0"]
    assert bench.ok("AT+CSCON?") == ["+CSCON: 0,0"]
    assert bench.ok("AT+UPSV?") == ["+UPSV: 1,1300"]
    bench.pass_ms(1000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1"]
    assert bench.ok("AT+CGPADDR=1") == address
    bench.error("AT+USORD=0,0")  # the socket is gone
    assert peer.last.eof
    assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,0"]
    bench.error("AT+USOCR=6")
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc().startswith("+UUPSDA: 0,")
    bench.connected(peer)


@pytest.mark.parametrize("variants", [(), ("psm-upsd-lost",)])
def test_the_map_of_the_profile(make_bench: Make, variants: tuple[str, ...]) -> None:
    bench = make_bench("sara-r5", variants=variants)
    bench.ok("AT+CFUN=0")
    bench.ok('AT+CGDCONT=1,"IPV4V6","apn"')
    bench.ok("AT+CFUN=1")
    bench.ok("AT+UPSD=0,0,2")
    bench.ok("AT+UPSV=1,1300")
    bench.ok("AT&W")
    bench.ok(f'AT+CPSMS=1,,,"{ONE_HOUR}","{NO_TIME}"')
    let_sleep(bench)
    pulse(bench)
    bench.pass_ms(2000)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(100)
    bench.take()
    assert bench.ok("AT+UPSD=0,0") == ["+UPSD: 0,0,0" if variants else "+UPSD: 0,0,2"]


def test_it_goes_back_to_sleep_without_radio_work(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    let_sleep(bench)
    wake(bench)
    bench.pass_ms(8000)
    assert bench.module.sleep_state == "psm"
    assert bench.module.time_in["connected"] < 20


def test_the_periodic_update_wakes_and_sleeps_again(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    bench.pass_ms(60_000)
    bench.take()
    bench.module.energy.reset()
    bench.pass_ms(3_600_000)
    assert bench.take() == ["Ready"]
    assert bench.module.sleep_state == "psm"
    spent = bench.module.time_in
    assert spent["booting"] == pytest.approx(2.0)
    assert spent["connected"] == pytest.approx(10.0)
    assert spent["idle"] + spent["uart"] + spent["searching"] == pytest.approx(10.5, abs=0.1)
    assert sum(spent.values()) == pytest.approx(3600.0)


def test_work_begins_the_timers_anew(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    let_sleep(bench, 1_800_000)
    wake(bench)
    bench.pass_ms(1000)
    bench.ok("AT+UPSDA=0,3")
    let_sleep(bench, 30_000)
    bench.pass_ms(3_500_000)
    assert bench.take() == []
    bench.pass_ms(100_000)
    assert bench.take() == ["Ready"]


def test_a_command_in_flight_blocks(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    peer = bench.udp_peer()
    bench.ok("AT+USOCR=17")
    bench.pass_ms(15_000)
    bench.take()
    bench.uart.write(b"AT\r")  # the wake-up
    bench.pass_ms(100)
    bench.send(f'AT+USOST=0,"127.0.0.1",{peer.port},4')
    bench.expect_bytes(b"@")
    bench.pass_ms(9000)  # T3324 runs out
    assert bench.module.sleep_state == "awake"
    bench.uart.write(b"data")
    assert bench.answer().text == ["+USOST: 0,4"]
    bench.pass_ms(10)
    assert bench.take() == ["+UUPSMR: 2,1", "+CSCON: 1"]


def test_wrong_order_of_things_in_sleep_is_survived(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    let_sleep(bench)
    bench.module.set_coverage(False)
    bench.module.power_on()  # it is on
    assert bench.module.sleep_state == "psm"
    wake(bench)
    bench.pass_ms(2000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]
    bench.module.set_coverage(True)
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    let_sleep(bench)
    bench.module.restart()
    assert bench.module.sleep_state == "booting"
    bench.pass_ms(2500)
    assert bench.ok("AT+CEREG?")[-1] == "+CEREG: 0,2"  # from the beginning


def test_supply_and_reset_in_deep_sleep(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, NO_TIME)
    bench.pass_ms(60_000)
    bench.module.cut_supply()  # V_INT is low
    assert bench.module.sleep_state == "off"
    assert bench.module.violations == []
    bench.pass_ms(3_700_000)
    assert bench.module.sleep_state == "off"


@pytest.mark.parametrize("module", ["sara-r5", "lexi-r10"])
def test_the_supply_of_the_pins_may_be_seen_as_nul(make_bench: Make, module: str) -> None:
    bench = make_bench(module, online=True, variants=["sleep-nul"])
    if module == "sara-r5":
        bench.ok("AT+UPSV=1,1300")
    else:
        bench.ok("AT+UUSBCONF=99")
        bench.ok("AT+UPSV=1,5000,4")
    bench.ok(f'AT+CPSMS=1,,,"{ONE_HOUR}","{NO_TIME}"')
    bench.pull()
    before = len(bench.raw)
    bench.pass_ms(60_000)
    pulse(bench)
    bench.pass_ms(100)
    assert bytes(bench.raw[before:]) == b"\x00\x00"


def test_airplane_mode_ends_the_timers(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    bench.ok("AT+CFUN=4")
    bench.pass_ms(3_700_000)
    assert bench.module.sleep_state == "uart"


def test_a_day_of_hourly_wake_ups_is_quick(make_bench: Make) -> None:
    bench = ready_to_sleep(make_bench, ONE_HOUR, TEN_SECONDS)
    let_sleep(bench)
    began = time.process_time()
    bench.pass_ms(24 * 3_600_000)
    assert time.process_time() - began < 10  # it takes 0.1 s
    assert bench.take() == ["Ready"] * 23
    assert sum(bench.module.time_in.values()) == pytest.approx(bench.loop.time())


# -- eDRX and paging -------------------------------------------------------------------------


def test_edrx_values(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    assert bench.ok("AT+CEDRXS?") == ["+CEDRXS:"]
    assert bench.ok("AT+CEDRXRDP") == ["+CEDRXRDP: 0"]
    bench.ok('AT+CEDRXS=2,4,"0101","0001"')
    bench.pass_ms(10)
    assert bench.take() == ['+CEDRXP: 4,"0101","0101","0001"']
    assert bench.ok("AT+CEDRXS?") == ['+CEDRXS: 4,"0101","0001"']
    assert bench.ok("AT+CEDRXRDP") == ['+CEDRXRDP: 4,"0101","0101","0001"']
    bench.ok("AT+CEDRXS=0,4")
    assert bench.ok("AT+CEDRXS?") == ["+CEDRXS:"]


def test_the_network_grants_another_cycle(make_bench: Make) -> None:
    bench = make_bench(online=True, edrx_grant="0011")
    bench.ok('AT+CEDRXS=1,4,"0101"')
    assert bench.ok("AT+CEDRXRDP") == ['+CEDRXRDP: 4,"0101","0011","0000"']
    assert make_bench(online=True, edrx_grant="none").ok("AT+CEDRXRDP") == ["+CEDRXRDP: 0"]


@pytest.mark.parametrize(
    ("edrx", "options", "cycle_ms"),
    [
        ("", {"drx_ms": 0}, 0),
        ("", {"drx_ms": 1280}, 1280),
        ("", {"drx_ms": 2560}, 2560),
        ("0010", {}, 20_480),
        ("0101", {}, 81_920),
    ],
)
def test_data_waits_for_the_next_paging(
    make_bench: Make, module_name: str, edrx: str, options: dict[str, float], cycle_ms: float
) -> None:
    bench = make_bench(module_name, online=True, **options)
    peer = bench.tcp_peer()
    bench.connected(peer)
    if edrx:
        bench.ok(f'AT+CEDRXS=1,4,"{edrx}"')
    bench.pass_ms(30_000)
    now = bench.loop.time()
    if cycle_ms:  # a tenth of the cycle later: outside of any paging window
        bench.pass_ms(1.1 * cycle_ms - now * 1000 % cycle_ms)
        now = bench.loop.time()
    peer.last.send(b"hello")
    assert bench.expect_urc(100_000) == "+UUSORD: 0,5"
    waited = (bench.loop.time() - now) * 1000
    assert waited == pytest.approx(0.9 * cycle_ms, abs=3)
    peer.last.send(b"more")  # connected: at once
    bench.ok("AT+USORD=0,5")
    bench.pass_ms(5)
    assert bench.take() == ["+UUSORD: 0,4"]


def test_release_assistance(make_bench: Make) -> None:
    bench = make_bench(online=True)
    peer = bench.udp_peer()
    bench.ok("AT+USOCR=17")
    bench.ok("AT+CSCON=1")
    bench.pass_ms(15_000)
    assert bench.take() == ["+CSCON: 0"]
    bench.ok("AT+UDCONF=89,1")
    assert bench.ok("AT+UDCONF=89") == ["+UDCONF: 89,1"]
    bench.ok(f'AT+USOST=0,"127.0.0.1",{peer.port},2,"hi"')
    bench.pass_ms(200)
    assert bench.take() == ["+CSCON: 1", "+CSCON: 0"]
    bench.ok(f'AT+USOST=0,"127.0.0.1",{peer.port},2,"hi"')
    bench.pass_ms(9000)
    assert bench.take() == ["+CSCON: 1"]  # only the one before
