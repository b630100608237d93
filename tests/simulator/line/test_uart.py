"""The in-process UART and its clock: both flavours of host, short buffers, speed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.clock import StalledError, Ticks
from ublox_simulator.world.peers import tcp_echo, udp_echo

Make = Callable[..., Bench]


def test_an_idle_wait_and_an_exchange_cost_next_to_no_real_time() -> None:
    with open_uart("sara-r5") as uart:
        buffer = bytearray(64)
        began = time.process_time()
        assert not uart.wait(1_000_000)
        for _ in range(100):
            uart.clock.sleep_ms(20)
            uart.write(b"AT\r")
            got = b""
            while not got.endswith(b"OK\r\n"):
                assert uart.wait(1000)
                got += buffer[: uart.readinto(buffer) or 0]
        assert time.process_time() - began < 2  # it takes 0.02 s


def test_a_host_that_spins_on_any_makes_progress() -> None:
    with open_uart("lexi-r10") as uart:
        uart.write(b"AT\r")
        spins = 0
        while uart.any() < 9:
            spins += 1
            assert spins < 10_000
        buffer = bytearray(20)
        assert uart.readinto(buffer, 4) == 4
        assert uart.readinto(buffer) == 5
        assert uart.readinto(buffer) is None


def test_write_takes_micropythons_arguments() -> None:
    with open_uart("lexi-r10") as uart:
        assert uart.write(b"AT\rxxxx", 3) == 3
        assert uart.write(memoryview(b"xxAT\rxx"), 2, 3) == 3
        uart.clock.sleep_ms(100)
        assert uart.any() == 18


def test_a_short_transmit_buffer_makes_short_writes() -> None:
    with open_uart("lexi-r10", host_txbuf=4) as uart:
        assert uart.write(b"AT+CGMI\r") == 4
        assert uart.write(b"CGMI\r") == 0
        uart.clock.sleep_ms(1)
        assert uart.write(b"GMI\r") == 4


def test_a_short_receive_buffer_overflows() -> None:
    with open_uart("lexi-r10", host_rxbuf=8) as uart:
        uart.write(b"AT+CGMI\r")
        uart.clock.sleep_ms(100)
        assert uart.any() == 8
        assert uart.line.host_overflow > 0


def test_the_trace_shows_both_directions_with_times() -> None:
    with open_uart("lexi-r10", trace=True) as uart:
        uart.clock.sleep_ms(5)
        uart.write(b"ATE0\r")
        uart.clock.sleep_ms(100)
        assert uart.trace[0] == (pytest.approx(5), ">", b"ATE0\r")
        assert [entry[1:] for entry in uart.trace[1:]] == [("<", b"ATE0\r"), ("<", b"\r\nOK\r\n")]


def test_an_asyncio_host_runs_on_the_same_loop() -> None:
    uart = open_uart("lexi-r10")
    echo = tcp_echo(uart.loop)

    async def command(text: str) -> bytes:
        await asyncio.sleep(0.02)
        uart.write(text.encode() + b"\r")
        got = bytearray()
        buffer = bytearray(256)
        end = uart.loop.time() + 10
        while b"\r\nOK\r\n" not in got:
            assert uart.loop.time() < end, got
            await asyncio.sleep(0.001)
            if uart.any():
                got += buffer[: uart.readinto(buffer) or 0]
        return bytes(got)

    async def session() -> bytes:
        await command("ATE0")
        await asyncio.sleep(1000)
        await command("AT+USOCR=6")
        await command(f'AT+USOCO=0,"127.0.0.1",{echo.port}')
        await command('AT+USOWR=0,5,"hello"')
        await asyncio.sleep(0.1)
        return await command("AT+USORD=0,5")

    assert b'+USORD: 0,5,"hello"' in uart.loop.run_until_complete(session())
    assert uart.loop.time() > 1000
    assert uart.module.violations == []
    echo.close()
    uart.close()


def test_blocking_calls_are_refused_while_the_loop_runs() -> None:
    with open_uart("lexi-r10") as uart:

        async def wrong(call: Callable[[float], Any]) -> None:
            with pytest.raises(RuntimeError):
                call(1)

        uart.loop.run_until_complete(wrong(uart.wait))
        uart.loop.run_until_complete(wrong(uart.clock.sleep_ms))


def test_ticks_wrap_like_micropythons() -> None:
    loop = VirtualLoop()
    ticks = Ticks(loop)
    loop.jump((1 << 30) / 1000 - 0.010)
    before = ticks.ticks_ms()
    loop.jump(loop.time() + 0.030)
    assert ticks.ticks_ms() < before
    assert ticks.ticks_diff(ticks.ticks_ms(), before) == pytest.approx(30, abs=1)
    assert ticks.ticks_add(before, 30) == ticks.ticks_ms()
    loop.close()


def test_timers_run_in_order_and_nothing_is_skipped() -> None:
    loop = VirtualLoop()
    seen: list[tuple[str, float]] = []
    for name, when in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        loop.call_later(when, lambda name=name: seen.append((name, loop.time())))
    loop.run_to(2.5)
    assert seen == [("a", pytest.approx(1)), ("b", pytest.approx(2))]
    assert loop.time() == 2.5
    loop.close()


def test_a_loop_with_nothing_to_do_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ublox_simulator.clock.STALL_S", 0.01)
    loop = VirtualLoop()
    with pytest.raises(StalledError):
        loop.run_until_complete(loop.create_future())
    loop.close()


def test_many_benches_share_one_loop() -> None:
    loop = VirtualLoop()
    uarts = [open_uart(name, loop=loop) for name in ("sara-r5", "lexi-r10", "sara-r5")]
    for uart in uarts:
        uart.write(b"ATE0\r")
    uarts[0].clock.sleep_ms(100)
    assert [uart.any() for uart in uarts] == [11, 11, 11]
    for uart in uarts:
        uart.close()
    loop.close()


@pytest.mark.parametrize("size", [1, 100, 1024])
def test_datagrams_make_the_round_trip(make_bench: Make, module_name: str, size: int) -> None:
    bench = make_bench(module_name, online=True)
    echo = udp_echo(bench.loop)
    bench.peers.append(echo)
    bench.ok("AT+USOCR=17")
    bench.prompted(f'AT+USOST=0,"127.0.0.1",{echo.port},{size}', b"d" * size)
    assert bench.expect_urc() == f"+UUSORD: 0,{size}"
    expected = f'+USORF: 0,"127.0.0.1",{echo.port},{size},"{"d" * size}"'
    assert bench.ok(f"AT+USORF=0,{size}") == [expected]


def test_an_asyncio_host_that_polls_without_sleeping_gets_on() -> None:
    with open_uart("lexi-r10") as uart:

        async def poll() -> None:
            uart.write(b"AT\r")
            for _ in range(10_000):
                if uart.any() == 9:
                    return
                await asyncio.sleep(0)
            pytest.fail("no progress")

        uart.loop.run_until_complete(poll())
