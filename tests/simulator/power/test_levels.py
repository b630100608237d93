"""Sleep-1, Sleep-2 and Hibernate of LEXI-R10: which level when, what wakes, what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simulator.support.serial_host import Bench
from simulator.support.sleep_host import LONG_EDRX, Make, lexi, pulse


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("AT+UPSV=0", "+UPSV: 0"),
        ("AT+UPSV=1,5000,4", "+UPSV: 1,5000,4"),
        ("AT+UPSV=5,6000,2", "+UPSV: 5,6000,2"),
        ("AT+UPSV=1", "+UPSV: 1,5000,4"),
        ("AT+UPSV=2", None),
        ("AT+UPSV=4", None),
        ("AT+UPSV=1,5000,1", None),
        ("AT+UPSV=1,5000,5", None),
        ("AT+UPSV=1,10", None),
    ],
)
def test_values_are_kept_without_profiles(
    make_bench: Make, command: str, shown: str | None
) -> None:
    bench = make_bench("lexi-r10", strict=False)
    if shown is None:
        bench.error(command)
        return
    bench.ok(command)
    bench.module.restart()
    bench.pass_ms(2200)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(100)
    bench.take()
    assert bench.ok("AT+UPSV?") == [shown]


def test_the_read_form_may_be_short(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", variants=["upsv-read-mode"])
    bench.ok("AT+UPSV=1,5000,2")
    assert bench.ok("AT+UPSV?") == ["+UPSV: 1"]


def nothing(bench: Bench) -> None:
    pass


def ordinary_socket(bench: Bench) -> None:
    bench.ok("AT+USOCR=17")
    bench.ok("AT+USOCR=17")


def always_on_sockets(bench: Bench) -> None:
    bench.connected(bench.tcp_peer())
    bench.ok("AT+USOCR=17")


def unread_data(bench: Bench) -> None:
    peer = bench.tcp_peer()
    bench.connected(peer)
    peer.last.send(b"unread")
    bench.pass_ms(100)


def unsent_data(bench: Bench) -> None:
    peer = bench.tcp_peer(receive_buffer=2048)
    ident = bench.connected(peer)
    peer.last.pause()
    for _ in range(40):
        if bench.at(f'AT+USOWR={ident},1000,"{"x" * 1000}"').final != "OK":
            return


def listener(bench: Bench) -> None:
    bench.ok("AT+USOCR=6")
    bench.ok("AT+USOLI=0,1099")


def direct_link(bench: Bench) -> None:
    ident = bench.connected(bench.tcp_peer())
    assert bench.at(f"AT+USODL={ident}").final == "CONNECT"


def ppp(bench: Bench) -> None:
    assert bench.at("ATD*99***1#").final == "CONNECT"
    bench.pass_ms(40_000)  # LCP has given up


def vote_all(bench: Bench) -> None:
    bench.ok("AT+USLPVOTE=1,2")
    bench.ok("AT+USLPVOTE=0,0")


def vote_deep(bench: Bench) -> None:
    bench.ok("AT+USLPVOTE=1,3")
    bench.ok("AT+USLPVOTE=0,0")


def vote_hibernate(bench: Bench) -> None:
    bench.ok("AT+USLPVOTE=1,4")
    bench.ok("AT+USLPVOTE=0,0")


def vote_up_again(bench: Bench) -> None:
    vote_all(bench)
    bench.ok("AT+USLPVOTE=0,1")


def no_edrx(bench: Bench) -> None:
    bench.ok("AT+CEDRXS=0,4")


def no_upsv(bench: Bench) -> None:
    bench.ok("AT+UPSV=0")


@pytest.mark.parametrize(
    ("what", "level", "usb_off", "reached"),
    [
        (nothing, 4, True, "hibernate"),
        (nothing, 3, True, "sleep2"),
        (nothing, 2, True, "sleep1"),
        (nothing, 4, False, "sleep1"),
        (no_edrx, 4, True, "sleep2"),
        (no_upsv, 4, True, "awake"),
        (ordinary_socket, 4, True, "sleep1"),
        (always_on_sockets, 4, True, "hibernate"),
        (unread_data, 4, True, "sleep1"),
        (unsent_data, 4, True, "sleep1"),
        (listener, 4, True, "sleep1"),
        (direct_link, 4, True, "sleep1"),
        (ppp, 4, True, "sleep1"),
        (vote_all, 4, True, "awake"),
        (vote_deep, 4, True, "sleep1"),
        (vote_hibernate, 4, True, "sleep2"),
        (vote_up_again, 4, True, "hibernate"),
    ],
)
def test_the_deepest_level_nothing_speaks_against(
    make_bench: Make, what: Callable[[Bench], None], level: int, usb_off: bool, reached: str
) -> None:
    bench = lexi(make_bench, usb_off=usb_off, listen_map={1099: 0})
    bench.ok(LONG_EDRX)
    bench.ok(f"AT+UPSV=1,5000,{level}")
    what(bench)
    bench.pass_ms(100_000)
    assert bench.module.sleep_state == reached
    blocked = reached != "hibernate" and (level == 4)
    assert bool(bench.module.sleeper.blockers()) == (blocked and what is not no_edrx)


@pytest.mark.parametrize(
    ("options", "edrx", "reached"),
    [
        ({"drx_ms": 320}, "", "sleep1"),
        ({"drx_ms": 1280}, "", "sleep2"),
        ({"drx_ms": 320}, "0001", "sleep2"),
        ({"drx_ms": 320}, "0010", "hibernate"),
        ({"drx_ms": 320, "edrx_grant": "none"}, "0010", "sleep1"),
        ({"hibernate_edrx_ms": 100_000}, "0010", "sleep2"),
    ],
)
def test_the_paging_cycle_decides(
    make_bench: Make, options: dict[str, Any], edrx: str, reached: str
) -> None:
    bench = lexi(make_bench, **options)
    if edrx:
        bench.ok(f'AT+CEDRXS=1,4,"{edrx}"')
    bench.ok("AT+UPSV=1,5000,4")
    bench.pass_ms(100_000)
    assert bench.module.sleep_state == reached


def test_not_before_the_time_out_and_the_release_of_the_radio(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UPSV=1,3000,3")
    bench.pass_ms(5000)
    assert bench.module.network.connected
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(6000)
    assert bench.module.sleep_state == "sleep2"
    other = lexi(make_bench)
    other.ok("AT+UPSV=1,30000,3")
    other.pass_ms(29_000)
    assert other.module.sleep_state == "awake"
    other.pass_ms(2000)
    assert other.module.sleep_state == "sleep2"


@pytest.mark.parametrize("level", [2, 3, 4])
def test_only_the_key_wakes(make_bench: Make, level: int) -> None:
    bench = lexi(make_bench)
    bench.ok(LONG_EDRX)
    bench.ok("AT+CMEE=2")
    bench.ok(f"AT+UPSV=1,5000,{level}")
    bench.pass_ms(60_000)
    state = ("sleep1", "sleep2", "hibernate")[level - 2]
    assert bench.module.sleep_state == state
    assert bench.module.v_int == (level < 4)
    bench.uart.write(b"AT\rAT\r")
    bench.expect_silence(10_000)
    assert bench.module.sleep_state == state
    assert bench.module.lost_bytes == 6
    pulse(bench, 50)
    bench.expect_silence(10_000)
    assert bench.module.sleep_state == state
    pulse(bench, 150)
    bench.pass_ms(600)
    assert bench.module.sleep_state == "awake"
    if level == 4:
        bench.uart.write(b"ATE0\r")
        bench.pass_ms(50)
        bench.take()
    assert bench.ok("AT+CMEE?") == [f"+CMEE: {0 if level == 4 else 2}"]
    bench.pass_ms(4000)
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(2000)
    assert bench.module.sleep_state == state
    assert bench.module.boots == 1
    assert bench.module.violations == []


def test_a_lost_command_is_a_broken_rule(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(60_000)
    bench.uart.write(b"AT+CSQ\r")
    bench.expect_silence(1000)
    assert [v.text for v in bench.module.violations] == [
        r"lost because the module slept (sleep2): b'AT+CSQ\r'"
    ]


def test_the_key_keeps_awake(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UPSV=1,15000,3")
    bench.pass_ms(14_000)
    pulse(bench)
    bench.pass_ms(14_000)
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(1000)
    assert bench.module.sleep_state == "sleep2"


def test_a_gpio_keeps_awake_and_wakes(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UGPIOC=23,34")
    assert bench.ok("AT+UGPIOC?") == ["+UGPIOC:", "23,34"]
    bench.module.wake_gpio(True)
    bench.ok("AT+UPSV=5,5000,3")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "awake"
    bench.module.wake_gpio(False)
    bench.pass_ms(10)
    assert bench.module.sleep_state == "sleep2"
    bench.module.wake_gpio(True)
    bench.pass_ms(200)
    assert bench.ok("AT") == []
    bench.module.wake_gpio(False)
    bench.pass_ms(6000)
    assert bench.module.sleep_state == "sleep2"
    pulse(bench)
    bench.pass_ms(200)
    assert bench.module.sleep_state == "awake"


@pytest.mark.parametrize("function", [255, 34])
def test_a_gpio_without_the_function_means_nothing(make_bench: Make, function: int) -> None:
    bench = lexi(make_bench)
    bench.ok(f"AT+UGPIOC=16,{function}")
    bench.module.wake_gpio(True)
    bench.ok("AT+UPSV=5,5000,3")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == ("awake" if function == 34 else "sleep2")


@pytest.mark.parametrize(
    ("level", "variants", "kept"),
    [
        (3, (), True),
        (3, ("sleep2-loses-settings",), False),
        (4, (), False),
        (4, ("hibernate-keeps-settings",), True),
    ],
)
def test_which_settings_a_wake_up_loses(
    make_bench: Make, level: int, variants: tuple[str, ...], kept: bool
) -> None:
    bench = lexi(make_bench, variants=variants)
    bench.ok('AT+CSGT=1,"hello"')
    bench.ok(LONG_EDRX)
    for command in ("AT+CMEE=2", "AT+CEREG=2", "AT+CSCON=1", "AT+UDCONF=1,1", "ATS12=100"):
        bench.ok(command)
    bench.ok('AT+USLPURC="SLEEP2",1')
    bench.ok('AT+USLPURC="HIBNATE",1')
    bench.ok(f"AT+UPSV=1,5000,{level}")
    bench.pass_ms(60_000)
    word = {3: "SLP2", 4: "HIB"}[level]
    assert bench.take() == ["+CSCON: 0", f"+UUSLPURC: {word} 1"]
    pulse(bench)
    bench.pass_ms(600)
    assert bench.take() == [*([] if kept else ["hello"]), f"+UUSLPURC: {word} 0"]
    if not kept:
        bench.uart.write(b"ATE0\r")
        bench.pass_ms(50)
        assert bench.take()[0] == "ATE0\r"
    values = ["2", "2", "1", "1", "100"] if kept else ["0", "0", "0", "0", "050"]
    assert bench.ok("AT+CMEE?") == [f"+CMEE: {values[0]}"]
    assert bench.ok("AT+CEREG?")[0].startswith(f"+CEREG: {values[1]},1")
    assert bench.ok("AT+CSCON?") == [f"+CSCON: {values[2]},0"]
    assert bench.ok("AT+UDCONF=1") == [f"+UDCONF: 1,{values[3]}"]
    assert bench.ok("ATS12?") == [values[4]]


def test_radio_off_lets_it_sleep_deepest(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UPSV=1,5000,4")
    bench.ok("AT+CFUN=4")
    bench.pass_ms(10_000)
    assert bench.module.sleep_state == "hibernate"
    searching = make_bench("lexi-r10")
    searching.module.set_coverage(False)
    searching.ok("AT+UUSBCONF=99")
    searching.ok("AT+UPSV=1,5000,4")
    searching.pass_ms(60_000)
    assert searching.module.sleep_state == "sleep1"
    assert searching.module.time_in["searching"] > 50


def test_coverage_lost_in_sleep_is_noticed_on_waking(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+CEREG=1")
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(60_000)
    bench.module.set_coverage(False)
    bench.expect_silence(10_000)
    pulse(bench)
    assert bench.expect_urc() == "+CEREG: 2"
    bench.module.set_coverage(True)
    assert bench.expect_urc() == "+CEREG: 1"


def test_a_restart_in_deep_sleep(make_bench: Make) -> None:
    bench = lexi(make_bench)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(60_000)
    peer.last.send(b"x")
    bench.pass_ms(10)
    bench.module.restart()
    bench.expect_silence(2000)
    bench.pass_ms(10)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT+USOCR?") == []
    assert peer.last.eof


def test_the_usb_stack_may_need_a_restart(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True, variants=["usbconf-reboot"])
    bench.ok("AT+UUSBCONF=99")
    assert bench.ok("AT+UUSBCONF?") == ["+UUSBCONF: 99"]
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "sleep1"
    bench.module.restart()
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "sleep2"


def test_the_vote_level_is_kept_and_the_vote_is_not(make_bench: Make) -> None:
    bench = make_bench("lexi-r10")
    bench.ok("AT+USLPVOTE=1,3")
    bench.ok("AT+USLPVOTE=0,0")
    bench.module.restart()
    bench.pass_ms(2200)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT+USLPVOTE?") == ["+USLPVOTE: 0,1", "+USLPVOTE: 1,3"]


def test_seconds_add_up(make_bench: Make) -> None:
    bench = lexi(make_bench)
    bench.ok("AT+UPSV=1,5000,3")
    bench.module.energy.reset()
    begin = bench.loop.time()
    bench.pass_ms(100_000)
    spent = bench.module.time_in
    assert sum(spent.values()) == pytest.approx(bench.loop.time() - begin)
    assert {name for name, seconds in spent.items() if seconds} == {"connected", "sleep2"}
