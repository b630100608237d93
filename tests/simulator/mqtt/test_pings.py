"""The ping loop of +UMQTTC=8."""

from __future__ import annotations

from simulator.support.mqtt_bench import (
    CONNECT,
    PINGREQ,
    PONG,
    Make,
    connect,
    done,
    started,
)


def test_pings_keep_the_session(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, {PINGREQ: PONG}, keep_alive_s=30)
    bench.expect_silence(120_000)
    assert broker.kinds == [CONNECT]  # off until it is switched on
    bench.ok("AT+UMQTTC=8,1")
    start = bench.loop.time()
    bench.expect_silence(100_000)
    assert broker.kinds.count(PINGREQ) == 1 + int((bench.loop.time() - start) // 24)
    bench.ok("AT+UMQTTC=8,0")
    before = broker.kinds.count(PINGREQ)
    bench.expect_silence(60_000)
    assert broker.kinds.count(PINGREQ) == before


def test_other_traffic_puts_a_ping_off(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, keep_alive_s=30)
    bench.ok("AT+UMQTTC=8,1")
    for _ in range(5):
        bench.pass_ms(20_000)
        done(bench, '2,1,0,0,"t","x"')
    assert PINGREQ not in broker.kinds


def test_a_ping_without_answer(make_bench: Make, module_name: str) -> None:
    bench, _ = started(make_bench, module_name, {}, keep_alive_s=30)
    bench.ok("AT+UMQTTC=8,1")
    start = bench.loop.time()
    assert bench.expect_urc(60_000) == "+UUMQTTC: 8,0"
    assert 24 < bench.loop.time() - start < 31
    assert bench.module.mqtt.connected


def test_a_ping_without_answer_may_end_it(make_bench: Make, module_name: str) -> None:
    bench, _ = started(make_bench, module_name, {}, keep_alive_s=30, variants={"mqtt-ping-ends"})
    bench.ok("AT+UMQTTC=8,1")
    assert bench.expect_urc(60_000) == "+UUMQTTC: 8,0"
    assert bench.expect_urc() == "+UUMQTTC: 0,101"
    bench.expect_silence(60_000)


def test_pings_need_a_keep_alive_and_end_with_the_session(
    make_bench: Make, module_name: str
) -> None:
    bench, broker = started(make_bench, module_name, {})
    assert bench.error("AT+UMQTTC=8,1") == "+CME ERROR: 3"
    done(bench, "0")
    connect(bench, broker.port, keep_alive_s=10)
    bench.ok("AT+UMQTTC=8,1")
    done(bench, "0")
    connect(bench, broker.port, keep_alive_s=10)
    bench.expect_silence(60_000)
    assert PINGREQ not in broker.kinds
