"""MQTT and sleep: what a session outlives, what wakes the module, what it keeps from sleeping."""

from __future__ import annotations

import pytest
from simulator.support.mqtt_bench import (
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PONG,
    Make,
    Scripted,
    act,
    connect,
    done,
    online,
    publish_packet,
)
from simulator.support.serial_host import Bench
from simulator.support.sleep_host import LONG_EDRX, pulse


def sleeping_lexi(
    make_bench: Make, level: str, *variants: str, keep_alive_s: int = 0
) -> tuple[Bench, Scripted]:
    """In deep sleep with a session that was open."""
    bench = online(make_bench, "lexi-r10", variants=frozenset(variants))
    bench.ok("AT+UUSBCONF=99")
    broker = Scripted(bench, {PINGREQ: PONG})
    connect(bench, broker.port, keep_alive_s=keep_alive_s)
    if keep_alive_s:
        bench.ok("AT+UMQTTC=8,1")
    if level == "hibernate":
        bench.ok(LONG_EDRX)
    bench.ok(f"AT+UPSV=1,2000,{4 if level == 'hibernate' else 3}")
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == level
    return bench, broker


def woken(bench: Bench) -> None:
    pulse(bench)
    bench.pass_ms(1000)
    bench.ok("ATE0")
    bench.ok("AT+CMEE=1")


@pytest.mark.parametrize("level", ["sleep2", "hibernate"])
def test_deep_sleep_ends_the_session_silently(make_bench: Make, level: str) -> None:
    bench, broker = sleeping_lexi(make_bench, level)
    woken(bench)
    assert bench.take() == []
    assert bench.error('AT+UMQTTC=2,0,0,0,"t","x"') == "+CME ERROR: 3"
    bench.pass_ms(100)
    assert broker.last.eof
    assert DISCONNECT not in broker.kinds
    connect(bench, broker.port)
    assert broker.kinds == [CONNECT, CONNECT]


def test_the_loss_may_be_told(make_bench: Make) -> None:
    bench, _ = sleeping_lexi(make_bench, "sleep2", "mqtt-sleep-told")
    pulse(bench)
    assert bench.expect_urc() == "+UUMQTTC: 0,101"


def test_no_pings_in_deep_sleep(make_bench: Make) -> None:
    bench, broker = sleeping_lexi(make_bench, "sleep2", keep_alive_s=60)
    bench.expect_silence(600_000)
    assert PINGREQ not in broker.kinds


def test_a_message_in_deep_sleep_is_lost(make_bench: Make) -> None:
    """The connection was the module's that went to sleep: data wake it, nobody takes them."""
    bench, broker = sleeping_lexi(make_bench, "sleep2")
    broker.last.send(publish_packet(b"t", b"x"))
    bench.pass_ms(10_000)
    woken(bench)
    assert [line for line in bench.take() if "MQTT" in line] == []
    assert bench.ok("AT+UMQTTC=6,1") == []


def test_a_vote_keeps_the_session(make_bench: Make) -> None:
    """The procedure of A10 6.1.4."""
    bench = online(make_bench, "lexi-r10")
    bench.ok("AT+UUSBCONF=99")
    broker = Scripted(bench, {PINGREQ: PONG})
    bench.ok("AT+USLPVOTE=1,2")
    bench.ok("AT+USLPVOTE=0,0")
    bench.ok("AT+UPSV=1,2000,3")
    connect(bench, broker.port)
    bench.pass_ms(60_000)
    assert bench.module.sleep_state in ("awake", "sleep1")
    assert bench.module.mqtt.connected
    broker.last.send(publish_packet(b"t", b"x"))
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    done(bench, "0")
    bench.ok("AT+USLPVOTE=0,1")
    bench.pass_ms(30_000)
    assert bench.module.sleep_state == "sleep2"


def test_the_uart_of_sara_sleeps_and_the_session_lives(make_bench: Make) -> None:
    bench = online(make_bench)
    broker = Scripted(bench, {PINGREQ: PONG})
    connect(bench, broker.port, keep_alive_s=30)
    bench.ok("AT+UMQTTC=8,1")
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "uart"
    assert broker.kinds.count(PINGREQ) >= 2
    broker.last.send(publish_packet(b"t", b"x"))
    assert bench.expect_urc() == "+UUMQTTC: 6,1"


def test_psm_ends_the_session(make_bench: Make) -> None:
    bench = online(make_bench)
    bench.ok('AT+CPSMS=1,,,"00000110","00000001"')
    broker = Scripted(bench)
    connect(bench, broker.port)
    bench.ok("AT+UMQTTNV=2")
    bench.ok("AT+UPSV=1,40")
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "psm"
    assert broker.last.eof
    assert DISCONNECT not in broker.kinds
    pulse(bench, 1500)
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("AT")
    bench.take()
    bench.ok("ATE0")
    bench.ok("AT+CMEE=1")
    assert bench.error("AT+UMQTTC=0") == "+CME ERROR: 3"
    bench.ok("AT+UMQTTNV=1")
    assert bench.ok("AT+UMQTT=2") == [f'+UMQTT: 2,"127.0.0.1",{broker.port}']
    bench.go_online()
    assert act(bench, "1") == "+UUMQTTC: 1,1"


def test_a_session_uses_the_radio(make_bench: Make, module_name: str) -> None:
    """Publishing connects the radio, which is released after some silence."""
    bench = online(make_bench, module_name)
    broker = Scripted(bench)
    connect(bench, broker.port)
    bench.pass_ms(60_000)
    assert not bench.module.network.connected
    done(bench, '2,0,0,0,"t","x"')
    assert bench.module.network.connected
    bench.pass_ms(60_000)
    assert not bench.module.network.connected
    broker.last.send(publish_packet(b"t", b"x"))
    start = bench.loop.time()
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.loop.time() - start > 0.05  # paged first
