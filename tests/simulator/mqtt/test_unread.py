"""Unread MQTT messages: how many the module holds, what becomes of the rest, when they go."""

from __future__ import annotations

from simulator.support.mqtt_bench import (
    PUBACK,
    Make,
    Scripted,
    done,
    publish_packet,
    started,
)
from simulator.support.serial_host import Bench


def burst(broker: Scripted, count: int, size: int = 1) -> None:
    packets = (publish_packet(b"t", b"%d" % (number % 10) * size) for number in range(count))
    broker.last.send(b"".join(packets))


def last_count(bench: Bench) -> int:
    lines = bench.take()
    assert lines
    return int(lines[-1].rpartition(",")[2])


def read_all(bench: Bench) -> list[str]:
    """The payloads, one by one."""
    found = []
    while lines := bench.ok("AT+UMQTTC=6,1"):
        found += [line.split('"')[3] for line in lines if line.startswith("+UMQTTC")]
        bench.take()
    return found


def test_a_full_queue_drops_the_newest(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, mqtt_queue=5)
    burst(broker, 8)
    bench.pass_ms(2000)
    assert last_count(bench) == 5
    assert bench.module.mqtt.inbox.dropped == 3
    assert read_all(bench) == list("01234")


def test_a_full_queue_may_drop_the_oldest(make_bench: Make) -> None:
    bench, broker = started(make_bench, "sara-r5", mqtt_queue=5, variants={"mqtt-queue-oldest"})
    burst(broker, 8)
    bench.pass_ms(2000)
    assert bench.module.mqtt.inbox.dropped == 3
    assert read_all(bench) == list("34567")


def test_a_full_queue_may_hold_the_connection_up(make_bench: Make) -> None:
    bench, broker = started(make_bench, "sara-r5", mqtt_queue=5, variants={"mqtt-queue-holds"})
    burst(broker, 400, size=100)
    bench.pass_ms(2000)
    assert last_count(bench) == 5
    found = read_all(bench)
    assert [text[0] for text in found] == [str(number % 10) for number in range(400)]
    assert bench.module.mqtt.inbox.dropped == 0


def test_what_is_too_large_is_dropped(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, mqtt_largest=2000)
    broker.last.send(publish_packet(b"t", b"x" * 2000))
    broker.last.send(publish_packet(b"t", b"y" * 1999))
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.module.mqtt.inbox.dropped == 1


def test_qos_1_is_acknowledged_by_the_module(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    broker.last.send(publish_packet(b"t", b"x", qos=1, ident=77))
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    bench.pass_ms(100)
    assert broker.packets[-1] == (PUBACK << 4, b"\x00\x4d")


def test_unread_messages_outlive_the_session(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    burst(broker, 1)
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    done(bench, "0")
    assert read_all(bench) == ["0"]


def test_unread_messages_may_be_lost_with_it(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, variants={"mqtt-unread-lost"})
    burst(broker, 1)
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    done(bench, "0")
    assert bench.error("AT+UMQTTC=6,1") == "+CME ERROR: 3"
    done(bench, "1")
    assert bench.ok("AT+UMQTTC=6,1") == []


def test_the_refusals_of_a_sibling(make_bench: Make, module_name: str) -> None:
    variants = {"mqtt-empty-error", "mqtt-refusals-53"}
    bench, _ = started(make_bench, module_name, variants=variants)
    assert bench.error("AT+UMQTTC=6,1") == "+CME ERROR: 53"
    assert bench.error("AT+UMQTTC=1") == "+CME ERROR: 53"
