"""UART power saving of SARA-R5: time-outs, what wakes, what is lost, what strict mode says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

FRAME_MS = 4.615


def texts(bench: Bench) -> list[str]:
    return [violation.text for violation in bench.module.violations]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("AT+UPSV=0", "+UPSV: 0"),
        ("AT+UPSV=1", "+UPSV: 1,2000"),
        ("AT+UPSV=1,1300", "+UPSV: 1,1300"),
        ("AT+UPSV=4,40", "+UPSV: 4,40"),
        ("AT+UPSV=1,65000", "+UPSV: 1,65000"),
        ("AT+UPSV=3", "+UPSV: 3"),
        ("AT+UPSV=1,39", None),
        ("AT+UPSV=1,65001", None),
        ("AT+UPSV=2", None),  # hardware flow control needs RTS for itself
        ("AT+UPSV=3,1000", None),
        ("AT+UPSV=5", None),
        ("AT+UPSV=1,1000,2", None),
    ],
)
def test_values(make_bench: Make, command: str, shown: str | None) -> None:
    bench = make_bench(strict=False)
    bench.module.dtr(True)  # holds it awake in mode 3
    if shown is None:
        bench.error(command)
        assert bench.ok("AT+UPSV?") == ["+UPSV: 0"]
    else:
        bench.ok(command)
        assert bench.ok("AT+UPSV?") == [shown]


def test_rts_mode_without_flow_control(make_bench: Make) -> None:
    bench = make_bench()
    bench.ok("AT&K0")
    bench.ok("AT+UPSV=2")
    assert bench.ok("AT+UPSV?") == ["+UPSV: 2"]


@pytest.mark.parametrize("stored", [False, True])
def test_only_and_w_keeps_it(make_bench: Make, stored: bool) -> None:
    bench = make_bench()
    bench.ok("AT+UPSV=4,1300")
    if stored:
        bench.ok("AT&W")
    bench.ok("AT+CFUN=16")
    bench.pass_ms(2200)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(100)
    bench.take()
    assert bench.ok("AT+UPSV?") == ["+UPSV: 4,1300" if stored else "+UPSV: 0"]


@pytest.mark.parametrize("mode", [1, 4])
def test_the_first_characters_are_lost_and_wake(make_bench: Make, mode: int) -> None:
    bench = make_bench(registered_after_ms=0)
    bench.pass_ms(20_000)
    bench.ok(f"AT+UPSV={mode},1300")
    bench.pass_ms(1300 * FRAME_MS - 10)
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(15)
    assert bench.module.sleep_state == "uart"
    assert not bench.module.cts
    bench.uart.write(b"AT\r")  # in 0.26 ms: all of it is lost
    bench.expect_silence(100)
    assert bench.module.sleep_state == "awake"
    assert bench.module.lost_bytes == 3
    assert bench.ok("AT+CGMM") == ["SARA-R510S"]
    assert texts(bench) == []


def test_what_comes_after_the_wake_up_time_is_heard(make_bench: Make) -> None:
    bench = make_bench(uart_wake_ms=20)
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(1000)
    bench.uart.write(b"A")
    bench.pass_ms(19.5)
    bench.uart.write(b"AT+CGMM\r")  # the first 6 of 8 bytes, 87 us each, still come too early
    bench.pass_ms(100)
    assert bench.module.lost_bytes == 1 + 6
    assert texts(bench) == ["lost because the module slept (waking up): b'AAT+CGMM'"]
    bench.pass_ms(1000)
    bench.uart.write(b"A")
    bench.pass_ms(20)
    bench.uart.write(b"AT+CGMM\r")
    assert bench.answer("AT+CGMM").text == ["SARA-R510S"]
    assert len(texts(bench)) == 1


@pytest.mark.parametrize(
    ("sent", "violations"),
    [
        (b"AT\r", 0),
        (b"\x00", 0),
        (b"AT\r\nAT\r\n", 0),
        (b"+++", 0),
        (b"AT+CSQ\r", 1),
        (b"AT+CSQ\rAT+CSQ\r", 2),
        (b"hello\r", 1),
    ],
)
def test_which_losses_are_a_broken_rule(make_bench: Make, sent: bytes, violations: int) -> None:
    bench = make_bench()
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(1000)
    bench.uart.write(sent)
    bench.pass_ms(100)
    found = texts(bench)
    assert len(found) == violations
    assert all(text.startswith("lost because the module slept") for text in found)
    assert bench.module.lost_bytes == len(sent)
    bench.clock.sleep_ms(20)
    assert bench.ok("AT+CGMM") == ["SARA-R510S"]


def test_a_poke_that_arrives_in_part_is_no_broken_rule(make_bench: Make) -> None:
    bench = make_bench(uart_wake_ms=0.1)  # two of three bytes
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(1000)
    bench.uart.write(b"AT\r")
    bench.expect_silence(100)
    assert bench.module.lost_bytes == 2
    assert bench.ok("AT") == []
    assert texts(bench) == []


def test_traffic_and_answers_keep_it_awake(make_bench: Make) -> None:
    bench = make_bench()
    bench.ok("AT+UPSV=1,400")  # 1.8 s
    for _ in range(10):
        bench.pass_ms(1700)
        bench.ok("AT")
    assert bench.module.lost_bytes == 0


def test_the_time_may_count_from_received_characters_only(make_bench: Make) -> None:
    for variants, state in ((), "awake"), (("upsv-rx-only",), "uart"):
        bench = make_bench(variants=variants)
        bench.ok("AT+UPSV=1,400")
        bench.ok("AT+COPS=0")  # waits three seconds for the registration
        bench.pass_ms(1)
        assert bench.module.sleep_state == state


def test_no_sleep_in_a_command_or_at_a_prompt(make_bench: Make) -> None:
    bench = make_bench(online=True)
    peer = bench.tcp_peer(echo=True)
    ident = bench.connected(peer)
    bench.ok("AT+UPSV=1,40")
    bench.send(f"AT+USOWR={ident},4")
    bench.expect_bytes(b"@")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "awake"
    bench.uart.write(b"1234")
    assert bench.answer().final == "OK"
    bench.send("AT+COPS=?")
    bench.pass_ms(5000)
    assert bench.module.sleep_state == "awake"


def test_output_comes_while_the_receiver_sleeps(make_bench: Make) -> None:
    bench = make_bench(online=True)
    peer = bench.tcp_peer()
    ident = bench.connected(peer)
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(1000)
    assert bench.module.sleep_state == "uart"
    peer.last.send(b"hello")
    assert bench.expect_urc() == f"+UUSORD: {ident},5"
    bench.pass_ms(10)
    assert bench.module.sleep_state == "uart"


LINES = {2: "rts", 3: "dtr"}


@pytest.mark.parametrize("mode", [2, 3])
def test_lines_hold_it_awake_and_release_it(make_bench: Make, mode: int) -> None:
    bench = make_bench()
    line = getattr(bench.module, LINES[mode])
    line(True)
    bench.ok("AT&K0")
    bench.ok(f"AT+UPSV={mode}")
    bench.pass_ms(600_000)
    assert bench.ok("AT") == []
    line(False)
    bench.pass_ms(19)
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(2)
    assert bench.module.sleep_state == "uart"
    bench.uart.write(b"AT\rAT\rAT\r")
    bench.expect_silence(10_000)  # characters do not wake it
    assert bench.module.lost_bytes == 9
    line(True)
    bench.pass_ms(16)
    assert bench.ok("AT+CGMM") == ["SARA-R510S"]
    assert texts(bench) == []
    line(False)
    bench.pass_ms(100)
    bench.uart.write(b"AT+CGMM\r")
    bench.pass_ms(100)
    assert len(texts(bench)) == 1


def test_a_command_right_after_the_line_is_too_soon(make_bench: Make) -> None:
    bench = make_bench(line_wake_ms=15)
    bench.ok("AT+UPSV=3")
    bench.pass_ms(100)
    bench.module.dtr(True)
    bench.pass_ms(10)
    bench.uart.write(b"AT+CGMM\r")
    bench.expect_silence(100)
    assert len(texts(bench)) == 1


def test_dtr_mode_sleeps_at_once_when_dtr_is_not_wired(make_bench: Make) -> None:
    bench = make_bench()
    bench.ok("AT+UPSV=3")
    bench.pass_ms(100)
    assert bench.module.sleep_state == "uart"


def test_a_line_released_in_the_middle_of_a_command_cuts_it(make_bench: Make) -> None:
    bench = make_bench(baudrate=9600)
    bench.ok("AT+IPR=9600")
    bench.module.dtr(True)
    bench.ok("AT+UPSV=3")
    bench.pass_ms(1000)
    bench.uart.write(b"AT+CGMM" + b" " * 60 + b"\r")  # 71 ms
    bench.pass_ms(10)
    bench.module.dtr(False)
    bench.expect_silence(1000)
    assert 30 < bench.module.lost_bytes < 45


def test_waking_by_characters_may_need_flow_control_off(make_bench: Make) -> None:
    bench = make_bench(variants=["upsv-wake-needs-k0"])
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(1000)
    bench.uart.write(b"AT\rAT\r")
    bench.expect_silence(1000)
    bench.uart.write(b"AT\r")
    bench.expect_silence(1000)
    other = make_bench(variants=["upsv-wake-needs-k0"])
    other.ok("AT&K0")
    other.ok("AT+UPSV=1,40")
    other.pass_ms(1000)
    other.uart.write(b"AT\r")
    other.pass_ms(100)
    assert other.ok("AT") == []


def test_a_restart_in_sleep_is_a_restart(make_bench: Make) -> None:
    bench = make_bench()
    bench.ok("AT+UPSV=1,40")
    bench.ok("AT&W")
    bench.pass_ms(1000)
    bench.module.restart()
    assert bench.module.sleep_state == "booting"
    bench.pass_ms(2000)
    assert bench.module.sleep_state == "awake"
    bench.pass_ms(1000)
    assert bench.module.sleep_state == "uart"  # from NVM


def test_sleep_costs_no_events(make_bench: Make) -> None:
    bench = make_bench(registered_after_ms=0)
    bench.ok("AT+UPSV=1,1300")
    bench.pass_ms(60_000)
    waiting = bench.loop._scheduled  # type: ignore[attr-defined]
    assert [handle for handle in waiting if not handle.cancelled()] == []
