"""A context that is gone without a word: the state tells it, and every client refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers.broker import Broker
from simulator.support.mqtt_bench import Make, at_broker, connect, publish_packet, started
from simulator.support.mqttsn_bench import GatewayStage, act
from simulator.support.serial_host import Bench

from ublox_simulator.control.channel import Control

REFUSED = "+CME ERROR: 3"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """mosquitto."""
    with Broker() as running:
        yield running


def lose_silently(bench: Bench) -> None:
    """The network takes context 1 away and no URC arrives."""
    assert Control(bench.module).execute("deactivate 1 silent") == ["ok"]


def brought_back(bench: Bench) -> None:
    """The host activates the connection anew."""
    if bench.module.spec.psd_profiles:
        bench.ok("AT+UPSD=0,0,2")
        bench.ok("AT+UPSDA=0,3")
    else:
        bench.ok("AT+CGACT=1,1")
    bench.pass_ms(1000)
    bench.take()


def test_the_state_tells_it_and_nothing_else_does(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, hosts={"a.example": "10.1.1.1"})
    for command in ("AT+CMEE=1", "AT+CGEREP=2,1", "AT+CEREG=5", "AT+CSCON=1"):
        bench.ok(command)
    peer = bench.tcp_peer()
    ident = bench.connected(peer)
    bench.ok('AT+UHTTP=0,0,"127.0.0.1"')
    bench.pass_ms(20_000)
    bench.take()
    lose_silently(bench)
    bench.expect_silence(3_600_000)
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,0"]
    assert bench.ok("AT+CEREG?")[0].startswith("+CEREG: 5,1,")
    assert bench.ok("AT+COPS?") != ["+COPS: 0"]
    if bench.module.spec.psd_profiles:
        assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,0"]
    for command in (
        f'AT+USOWR={ident},3,"abc"',
        f'AT+USOCO={ident},"127.0.0.1",{peer.port}',
        "AT+USOCR=6",
        'AT+UDNSRN=0,"a.example"',
        'AT+UHTTPC=0,1,"/","result.txt"',
    ):
        assert bench.error(command) == REFUSED, command
    brought_back(bench)
    bench.connected(peer)


def test_a_session_ends_without_its_urc(
    make_bench: Make, module_name: str, broker: Broker
) -> None:
    bench = at_broker(make_bench, broker, module_name)
    connect(bench, broker.port)
    lose_silently(bench)
    bench.expect_silence(600_000)
    assert bench.error('AT+UMQTTC=2,0,0,0,"t","x"') == REFUSED
    bench.ok("AT+UMQTTC=1")
    assert bench.expect_urc() == "+UUMQTTC: 1,0"
    brought_back(bench)
    connect(bench, broker.port)


def test_an_mqttsn_session_ends_without_its_urc(make_bench: Make, broker: Broker) -> None:
    stage = GatewayStage(make_bench, broker)
    bench = stage.open()
    lose_silently(bench)
    bench.expect_silence(600_000)
    assert bench.error('AT+UMQTTSNC=4,0,0,0,0,"1","x"') == REFUSED


def test_wrong_verbs(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    control = Control(bench.module)
    assert control.execute("deactivate 1 loudly")[0].startswith("error ")
    lose_silently(bench)
    assert control.execute("deactivate 1 silent")[0].startswith("error ")


# -- reads that are refused although a message waits ----------------------------------------------


def test_a_read_is_refused_while_a_message_waits(make_bench: Make, module_name: str) -> None:
    for code in (20, 3, 1041):
        bench, broker = started(make_bench, module_name)
        bench.module.faults.load(f"refuse=+UMQTTC=6:{code}:unread,x2")
        assert bench.ok("AT+UMQTTC=6,1") == []
        broker.last.send(publish_packet(b"a/b", b"hello"))
        assert bench.expect_urc() == "+UUMQTTC: 6,1"
        for _ in range(2):
            assert bench.error("AT+UMQTTC=6,1") == f"+CME ERROR: {code}"
        assert bench.ok("AT+UMQTTC=6,1") == ['+UMQTTC: 6,0,8,3,"a/b",5,"hello"']
        bench.expect_silence(60_000)


def test_an_mqttsn_read_is_refused_while_a_message_waits(make_bench: Make, broker: Broker) -> None:
    stage = GatewayStage(make_bench, broker)
    bench = stage.open()
    bench.module.faults.load("refuse=+UMQTTSNC=9:1041:unread,x1")
    assert bench.ok("AT+UMQTTSNC=9,1") == []
    act(bench, '5,0,0,"t"', "5,1,0,1")
    act(bench, '4,0,0,0,0,"1","x"', "4,1")
    assert bench.expect_urc(60_000) == "+UUMQTTSNC: 9,1"
    assert bench.error("AT+UMQTTSNC=9,1") == "+CME ERROR: 1041"
    assert bench.ok("AT+UMQTTSNC=9,1") == ['+UMQTTSNC: 9,0,0,2,1,"1",1,"x"']
