"""Nothing vanishes and nothing is doubled: accounts with a real broker under lost connections."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from servers.broker import Broker
from simulator.support.mqtt_bench import Make, act, at_broker, connect, done, read_raw, subscribed
from simulator.support.serial_host import Bench

COUNT = 120
LISTENER = "490154203237518"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def drained(bench: Bench) -> list[str]:
    """Payloads of all that has come."""
    bench.pass_ms(5000)
    bench.take()
    lines = bench.ok("AT+UMQTTC=6")
    bench.take()
    return [line.split('"')[3] for line in lines]


def back_in_session(bench: Bench) -> None:
    """Data connection and session, however often it takes."""
    for _ in range(50):
        bench.pass_ms(2000)
        bench.take()
        if bench.module.mqtt.connected:
            return
        if bench.module.spec.psd_profiles and not bench.ok("AT+UPSND=0,8")[0].endswith(",1"):
            bench.at("AT+UPSDA=0,3")
            bench.pass_ms(1000)
            bench.take()
        if act(bench, "1") == "+UUMQTTC: 1,1":
            return
    raise AssertionError("no session")


@pytest.mark.parametrize("qos", [1, 2])
def test_lost_connections(make_bench: Make, module_name: str, broker: Broker, qos: int) -> None:
    """Coverage and bearers go at random over a slow uplink, with a session that is kept."""
    topic = f"account/{module_name}/{qos}"
    rng = random.Random(qos)
    listener = at_broker(make_bench, broker, imei=LISTENER, mqtt_queue=10 * COUNT)
    connect(listener, broker.port)
    subscribed(listener, topic, qos)
    imei = f"35693803564380{qos + 2 * len(module_name)}"
    bench = at_broker(
        make_bench, broker, module_name, imei=imei, uplink_bps=2000, mqtt_response_ms=3000
    )
    connect(bench, broker.port, clean=False)
    acknowledged, failed = set[str](), set[str]()
    for number in range(COUNT):
        text = f"{number} " + "x" * rng.randrange(100)
        trouble = rng.random()
        bench.ok(f'AT+UMQTTC=2,{qos},0,0,"{topic}","{text}"')
        bench.pass_ms(rng.uniform(0, 500))
        if trouble < 0.15:
            bench.module.set_coverage(False)
            bench.pass_ms(rng.uniform(0, 6000))
            bench.module.set_coverage(True)
        elif trouble < 0.3:
            bench.module.network.network_detaches()
        bench.pass_ms(10_000)
        results = [line for line in bench.take() if line.startswith("+UUMQTTC: 2,")]
        assert len(results) == 1
        (acknowledged if results[0].endswith("1") else failed).add(text)
        back_in_session(bench)
    bench.pass_ms(60_000)
    listener.loop.expect_io()
    delivered = Counter(drained(listener))
    assert acknowledged <= set(delivered) <= acknowledged | failed
    assert set(delivered) == acknowledged | failed  # in flight: sent again in the kept session
    assert failed, "no trouble, no proof"
    if qos == 2:
        assert set(delivered.values()) == {1}
    assert listener.module.mqtt.inbox.dropped == 0


def test_500_messages_at_once(make_bench: Make, module_name: str, broker: Broker) -> None:
    """They wait at the broker for a session; what the module cannot hold it drops, and counts."""
    topic = f"burst/{module_name}"
    imei = f"35209900176148{len(module_name)}"
    bench = at_broker(make_bench, broker, module_name, imei=imei, mqtt_queue=300)
    connect(bench, broker.port, clean=False)
    subscribed(bench, topic, 1)
    done(bench, "0")
    sender = at_broker(make_bench, broker, imei=LISTENER)
    connect(sender, broker.port)
    for number in range(500):
        done(sender, f'2,1,0,0,"{topic}","{number}"')
    done(bench, "1")
    found = [text for text in drained(bench) if text]
    dropped = bench.module.mqtt.inbox.dropped
    assert found == [str(number) for number in range(300)]
    assert len(found) + dropped == 500
    assert read_raw(bench) == b""
