"""MQTT-SN of SARA-R5 (at-commands 6, A5 7): messages, through a gateway and a real broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers.broker import Broker
from servers.mqttsn_gateway.wire import Kind
from simulator.support.mqttsn_bench import GatewayStage, Make, act, error_of, read

from ublox_simulator.services.mqttsn.commands import MqttSn


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """mosquitto."""
    with Broker() as running:
        yield running


@pytest.fixture
def stage(make_bench: Make, broker: Broker) -> GatewayStage:
    """One module, a gateway, a broker."""
    return GatewayStage(make_bench, broker)


def test_connect_and_disconnect(stage: GatewayStage) -> None:
    bench = stage.open()
    assert error_of(bench) == 0
    assert bench.error("AT+UMQTTSNC=1") == "+CME ERROR: 3"
    act(bench, "0", "0,1")
    assert bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"
    act(bench, "1", "1,1")
    assert bench.module.violations == []
    assert not bench.module.working


def test_the_gateway_by_name(stage: GatewayStage) -> None:
    bench = stage.bench
    bench.module.addresses.hosts["gw.example"] = "192.168.105.30"
    bench.ok('AT+UMQTTSN=1,"gw.example",10000')
    act(bench, "1", "1,1")


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_publish_and_receive(stage: GatewayStage, qos: int) -> None:
    bench = stage.open()
    act(bench, f'5,{qos},0,"room/temperature"', f"5,1,{qos},1")
    act(bench, f'4,{qos},0,0,0,"1","20 degrees"', "4,1")
    assert read(bench) == f'+UMQTTSNC: 9,{qos},0,11,1,"1",10,"20 degrees"'
    act(bench, '6,0,"1"', "6,1")
    act(bench, f'4,{qos},0,0,0,"1","not for us"', "4,1")
    bench.expect_silence(60_000)


def test_the_lower_qos_counts(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    act(bench, '4,2,0,0,0,"1","x"', "4,1")
    assert read(bench) == '+UMQTTSNC: 9,1,0,2,1,"1",1,"x"'


def test_every_way_to_publish(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    every = bytes(range(256))
    act(bench, '4,0,0,1,0,"1","0022FF"', "4,1")
    assert read(bench) == '+UMQTTSNC: 9,0,0,4,1,"1",3,"\0"\xff"'
    bench.raw.clear()
    payload = (every * 4)[:1017]
    answer = bench.prompted('AT+UMQTTSNC=12,1,0,0,"1",1017', payload, b">")
    assert answer.final == "OK"
    assert bench.expect_urc() == "+UUMQTTSNC: 12,1"
    assert bench.expect_urc() == "+UUMQTTSNC: 9,1"
    bench.send("AT+UMQTTSNC=9,1")
    bench.pass_ms(500)
    assert b'\r\n+UMQTTSNC: 9,1,0,1018,1,"1",1017,"%s"\r\n\r\nOK\r\n' % payload in bench.raw
    bench.take()
    bench.module.files.save("report", payload)
    act(bench, '11,2,0,0,"1","report"', "11,1")
    bench.raw.clear()
    assert bench.expect_urc() == "+UUMQTTSNC: 9,1"
    bench.send("AT+UMQTTSNC=9,1")
    bench.pass_ms(500)
    assert b'1017,"%s"\r\n\r\nOK\r\n' % payload in bench.raw


def test_files_that_cannot_be_published(stage: GatewayStage) -> None:
    bench = stage.open()
    assert bench.error('AT+UMQTTSNC=11,0,0,0,"1","missing"') == "+CME ERROR: 1612"
    bench.module.files.save("big", bytes(1018))
    assert bench.error('AT+UMQTTSNC=11,0,0,0,"1","big"') == "+CME ERROR: 50"


def test_an_empty_message(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    act(bench, '4,1,0,0,0,"1",""', "4,1")
    assert read(bench) == '+UMQTTSNC: 9,1,0,1,1,"1",0,""'


def test_predefined_and_short_topics(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,1,"300"', "5,1,1,300")
    act(bench, '5,1,2,"ab"', "5,1,1,0")
    act(bench, '4,1,0,0,1,"300","one"', "4,1")
    assert read(bench) == '+UMQTTSNC: 9,1,1,6,3,"300",3,"one"'
    act(bench, '4,1,0,0,2,"ab","two"', "4,1")
    assert read(bench) == '+UMQTTSNC: 9,1,2,5,2,"ab",3,"two"'
    act(bench, '6,1,"300"', "6,1")
    act(bench, '6,2,"ab"', "6,1")
    act(bench, '4,1,0,0,1,"300","one"', "4,1")
    act(bench, '4,1,0,0,2,"ab","two"', "4,1")
    bench.expect_silence(1000)


def test_the_quoted_form_of_a_subscription(make_bench: Make, broker: Broker) -> None:
    stage = GatewayStage(make_bench, broker, variants=frozenset({"umqttsnc-topic-quoted"}))
    bench = stage.open()
    act(bench, '5,1,0,"a"', '5,1,1,"1"')
    act(bench, '5,1,2,"ab"', '5,1,1,"ab"')


def test_register(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '2,"first"', "2,1,1")
    act(bench, '2,"second"', "2,1,2")
    act(bench, '2,"first"', "2,1,1")
    act(bench, '2,"all/#"', "2,0")
    assert error_of(bench) == 3
    act(bench, '5,1,0,"second"', "5,1,1,2")
    act(bench, '4,1,0,0,0,"2","x"', "4,1")
    assert read(bench).endswith(',1,"2",1,"x"')


def test_an_id_nobody_knows(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '4,1,0,0,0,"9","x"', "4,0")
    assert error_of(bench) == 2
    act(bench, '4,2,0,0,0,"9","x"', "4,0")
    act(bench, '4,1,0,0,1,"9","x"', "4,0")
    act(bench, '5,1,1,"9"', "5,0")
    assert error_of(bench) == 2


def test_wildcards_bring_topics_registered_by_the_gateway(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"room/+"', "5,1,1,0")
    stage.gateway.publish("room/a", b"one", 1)
    stage.gateway.publish("room/b", b"two", 0)
    bench.pass_ms(100)
    assert bench.take()[-1] == "+UUMQTTSNC: 9,2"
    assert bench.ok("AT+UMQTTSNC=9,1") == ['+UMQTTSNC: 9,1,0,4,1,"1",3,"one"']
    assert read(bench) == '+UMQTTSNC: 9,0,0,4,1,"2",3,"two"'
    assert stage.gateway.heard.count(Kind.REGACK) == 2
    act(bench, '6,0,"room/+"', "6,1")
    stage.gateway.publish("room/a", b"three", 1)
    bench.expect_silence(1000)


def test_retained_messages_come_with_the_subscription(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '2,"kept"', "2,1,1")
    act(bench, '4,1,1,0,0,"1","old"', "4,1")
    other = stage.open(stage.new_bench())
    act(other, '5,1,0,"kept"', "5,1,1,1")
    assert read(other) == '+UMQTTSNC: 9,1,0,4,1,"1",3,"old"'
    act(bench, '4,1,1,0,0,"1",""', "4,1")


def test_unread_messages_are_told_again(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    for number in range(3):
        stage.gateway.publish("a", b"%d" % number, 1)
    bench.pass_ms(100)
    assert [urc[-1] for urc in bench.take()] == ["1", "2", "3"]
    for number in range(3):
        assert bench.ok("AT+UMQTTSNC=9,1")[0].endswith(f'"{number}"')
        left = [f"+UUMQTTSNC: 9,{2 - number}"] if number < 2 else []
        bench.pass_ms(100)
        assert bench.take() == left


def test_a_full_queue(make_bench: Make, broker: Broker) -> None:
    """QoS 0 is lost, QoS 1 and 2 come once there is room."""
    stage = GatewayStage(make_bench, broker, mqttsn_unread=2)
    bench = stage.open()
    act(bench, '5,2,0,"a"', "5,1,2,1")
    for number, qos in enumerate((0, 0, 0, 1, 2)):
        stage.gateway.publish("a", b"%d" % number, qos)
    bench.pass_ms(100_000)
    assert [urc[-1] for urc in bench.take()] == ["1", "2"]
    got = []
    for _ in range(4):
        got.append(bench.ok("AT+UMQTTSNC=9,1")[0][-2])
        bench.pass_ms(30_000)
        bench.take()
    assert got == ["0", "1", "3", "4"]
    assert bench.module.service(MqttSn).dropped == 1
    bench.expect_silence(60_000)


def test_qos_minus_one_needs_no_session(make_bench: Make, broker: Broker) -> None:
    stage = GatewayStage(make_bench, broker)
    listener = stage.open(stage.new_bench())
    act(listener, '5,1,1,"7"', "5,1,1,7")
    act(listener, '5,1,2,"zz"', "5,1,1,0")
    stage.configure()
    act(stage.bench, '4,3,0,0,1,"7","seven"', "4,1")
    assert read(listener) == '+UMQTTSNC: 9,0,1,6,1,"7",5,"seven"'
    act(stage.bench, '4,3,0,0,2,"zz","short"', "4,1")
    assert read(listener) == '+UMQTTSNC: 9,0,2,7,2,"zz",5,"short"'
    assert stage.bench.module.sockets.guests == set()
    stage.open()
    act(stage.bench, '4,3,0,0,1,"7","again"', "4,1")
    assert read(listener).endswith('"again"')
    strict = stage.new_bench(variants=frozenset({"umqttsnc-all-sessions"}))
    stage.configure(strict)
    assert strict.error('AT+UMQTTSNC=4,3,0,0,1,"7","seven"') == "+CME ERROR: 3"


def test_one_action_at_a_time(stage: GatewayStage) -> None:
    bench = stage.open()
    stage.gateway.deaf = 1
    bench.ok('AT+UMQTTSNC=2,"a"')
    assert bench.error('AT+UMQTTSNC=2,"b"') == "+CME ERROR: 3"
    assert bench.expect_urc(60_000) == "+UUMQTTSNC: 2,1,1"
    act(bench, '2,"b"', "2,1,2")
