"""Virtual time and the servers it waits for, or does not have to wait for."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from servers.broker import Broker
from simulator.support.mqtt_bench import act, connect, done, online, subscribed
from simulator.support.serial_host import Bench

from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.clock import delivered
from ublox_simulator.world import foreign_servers, peers

Make = Callable[..., Bench]


def test_time_does_not_pass_before_what_was_sent_has_arrived() -> None:
    loop = VirtualLoop(settle=None)
    server = peers.TcpPeer(loop)
    client = peers.connect_to(loop, server.port)
    for number in range(100):
        client.send(b"x")
        loop.run_to(loop.time() + 1e-6)
        assert len(server.last.received) == number + 1
    server.close()
    client.abandon()
    loop.close()


def test_delivered_returns() -> None:
    for _ in range(1000):
        delivered()


def test_a_barrier_is_passed_once_after_something_was_sent_and_before_time_passes() -> None:
    loop = VirtualLoop(settle=None)
    passed: list[float] = []
    loop.barriers.append(lambda: passed.append(loop.time()))
    server = peers.TcpPeer(loop)
    loop.run_to(5)
    assert passed == [0.0]
    client = peers.connect_to(loop, server.port)
    loop.run_to(10)
    assert set(passed[1:]) == {5.0}
    before = len(passed)
    for when in range(11, 100):
        loop.run_to(when)
    assert len(passed) == before
    server.close()
    client.abandon()
    loop.close()


def test_the_server_of_a_loop_that_knows_nothing_of_it(make_bench: Make) -> None:
    """As tools/run has it: time stands still while an answer is expected."""
    with Broker() as broker:
        bench = online(make_bench, loop=VirtualLoop())
        connect(bench, broker.port)
        subscribed(bench, "t")
        start = bench.loop.time()
        done(bench, '2,2,0,0,"t","x"')
        assert bench.loop.time() - start < 0.05
        assert bench.expect_urc() == "+UUMQTTC: 6,1"


def test_a_server_that_says_nothing_holds_time_up_for_a_moment(
    make_bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_servers, "PATIENCE_S", 0.02)
    bench = online(make_bench, loop=VirtualLoop())
    silent = bench.tcp_peer()
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{silent.port}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert bench.loop.held == 0


def test_where_all_peers_are_known_one_that_says_nothing_costs_no_real_time(
    make_bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_servers, "PATIENCE_S", 1000.0)
    bench = online(make_bench)
    silent = bench.tcp_peer()
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{silent.port}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"


def test_a_rest_is_as_long_as_asked_for_whatever_comes() -> None:
    with open_uart("lexi-r10") as uart:
        uart.write(b"ATI\r")
        for number in range(1, 200):
            uart.rest(1)
            assert uart.loop.time() == pytest.approx(number / 1000)
        assert uart.any() > 9
        began = time.process_time()
        uart.rest(1_000_000)
        assert uart.loop.time() == pytest.approx(1000.199, abs=0.01)
        assert time.process_time() - began < 2
