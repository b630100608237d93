"""MQTT with a real broker: every action, every QoS, what is read and how it is announced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers.broker import NAME, PASSWORD, USER, Broker
from simulator.support.mqtt_bench import (
    Make,
    act,
    at_broker,
    binary,
    connect,
    done,
    online,
    read_raw,
    session,
    subscribed,
)
from simulator.support.tls_peers import install_identity, trust


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def test_session_and_results(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = at_broker(make_bench, broker, module_name)
    bench.ok(f'AT+UMQTT=3,"127.0.0.1",{broker.port}')
    assert act(bench, "1") == "+UUMQTTC: 1,1"
    assert bench.module.mqtt.connected
    assert bench.error("AT+UMQTTC=1") == "+CME ERROR: 3"
    assert act(bench, "0") == "+UUMQTTC: 0,1"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,0"]
    for action in ("0", '2,0,0,0,"t","x"', '4,0,"t"', '5,"t"', "8,1", '9,0,0,"t",3'):
        assert bench.error(f"AT+UMQTTC={action}") == "+CME ERROR: 3"
    assert bench.module.violations == []


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_all_byte_values(make_bench: Make, module_name: str, broker: Broker, qos: int) -> None:
    bench = session(make_bench, broker, module_name)
    subscribed(bench, "bytes/é".encode().decode("latin-1"))
    payload = bytes(range(256)) * 4
    topic = "bytes/é".encode().decode("latin-1")
    binary(bench, payload, topic=topic, qos=qos)
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    head = f'\r\n+UMQTTC: 6,{qos},1032,8,"{topic}",1024,"'.encode("latin-1")
    assert read_raw(bench) == head + payload + b'"\r\n'
    bench.expect_silence(100)


def test_text_hex_empty_and_file(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = session(make_bench, broker, module_name)
    bench.module.files.save("big", b"0123456789" * 500)
    subscribed(bench)
    done(bench, '2,0,0,0,"t","a, b;c"')
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    done(bench, '2,1,0,"t","without mode"')
    assert bench.expect_urc() == "+UUMQTTC: 6,2"
    done(bench, '2,2,0,1,"t","00ff22"')
    assert bench.expect_urc() == "+UUMQTTC: 6,3"
    done(bench, '2,0,0,0,"t",""')
    assert bench.expect_urc() == "+UUMQTTC: 6,4"
    assert act(bench, '3,1,0,"t","big"') == "+UUMQTTC: 3,1"
    assert bench.expect_urc() == "+UUMQTTC: 6,5"
    found = read_raw(bench, "6")
    assert found == (
        b'\r\n+UMQTTC: 6,0,7,1,"t",6,"a, b;c"\r\n'
        b'\r\n+UMQTTC: 6,1,13,1,"t",12,"without mode"\r\n'
        b'\r\n+UMQTTC: 6,2,4,1,"t",3,"\x00\xff""\r\n'
        b'\r\n+UMQTTC: 6,0,1,1,"t",0,""\r\n'
        b'\r\n+UMQTTC: 6,1,5001,1,"t",5000,"' + b"0123456789" * 500 + b'"\r\n'
    )
    bench.expect_silence(100)  # no count of zero
    assert bench.error('AT+UMQTTC=3,1,0,"t","none"') == "+CME ERROR: 1612"


def test_counts_fall_with_each_read(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = session(make_bench, broker, module_name)
    subscribed(bench)
    for number in range(1, 4):
        done(bench, f'2,0,0,0,"t","{number}"')
        assert bench.expect_urc() == f"+UUMQTTC: 6,{number}"
    assert bench.ok("AT+UMQTTC=6,1") == ['+UMQTTC: 6,0,2,1,"t",1,"1"']
    assert bench.expect_urc() == "+UUMQTTC: 6,2"
    assert bench.ok("AT+UMQTTC=6,1") == ['+UMQTTC: 6,0,2,1,"t",1,"2"']
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.ok("AT+UMQTTC=6,1") == ['+UMQTTC: 6,0,2,1,"t",1,"3"']
    bench.expect_silence(100)
    assert bench.ok("AT+UMQTTC=6,1") == []
    assert bench.ok("AT+UMQTTC=6") == []


def test_reading_as_hex(make_bench: Make, broker: Broker) -> None:
    bench = session(make_bench, broker, "lexi-r10")
    subscribed(bench)
    binary(bench, b"\xab\xcd01")
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.ok("AT+UMQTTC=6,1,1") == ['+UMQTTC: 6,0,5,1,"t",4,"ABCD3031"']
    sara = online(make_bench)
    assert sara.error("AT+UMQTTC=6,1,1") == "+CME ERROR: 50"


def test_unsubscribe_and_retained(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = session(make_bench, broker, module_name)
    topic = f"kept/{module_name}"
    done(bench, f'2,1,1,0,"{topic}","held"')
    assert act(bench, f'4,1,"{topic}"') == f'+UUMQTTC: 4,1,1,"{topic}"'
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.ok("AT+UMQTTC=6,1") == [
        f'+UMQTTC: 6,1,{len(topic) + 4},{len(topic)},"{topic}",4,"held"'
    ]
    assert act(bench, f'5,"{topic}"') == "+UUMQTTC: 5,1"
    done(bench, f'2,1,1,0,"{topic}",""')
    bench.expect_silence(1000)


@pytest.mark.parametrize("wrong", ["a/#/b", "a+"])
def test_topics_the_protocol_forbids(make_bench: Make, broker: Broker, wrong: str) -> None:
    bench = session(make_bench, broker)
    assert act(bench, f'4,0,"{wrong}"') == "+UUMQTTC: 4,0"
    assert act(bench, f'2,0,0,0,"{wrong}","x"') == "+UUMQTTC: 2,0"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,4"]
    done(bench, '2,1,0,0,"right","x"')


@pytest.mark.parametrize(
    "wrong",
    [
        '2,3,0,0,"t","x"',
        '2,0,2,0,"t","x"',
        '2,0,0,2,"t","x"',
        '2,0,0,0,"","x"',
        '2,0,0,0,"t"',
        '2,0,0,0,"t",5',
        '2,0,0,1,"t","0g"',
        '2,0,0,1,"t","012"',
        f'2,0,0,0,"t","{"x" * 1025}"',
        f'2,0,0,0,"{"t" * 257}","x"',
        '2,0,0,0,"\xff","x"',
        '9,0,0,"t",0',
        '9,0,0,"t",1025',
        '9,0,0,"t"',
        '4,3,"t"',
        '4,0,""',
        "4,0",
        '5,""',
        "6,2",
        "7",
        "8",
        "8,2",
        "10",
        "0,1",
        "1,1",
    ],
)
def test_wrong_parameters(make_bench: Make, wrong: str) -> None:
    bench = make_bench(online=True)
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT+UMQTTC={wrong}") == "+CME ERROR: 50"


def test_a_persistent_session(make_bench: Make, module_name: str, broker: Broker) -> None:
    """The broker keeps what comes meanwhile; it is told after the next connect."""
    bench = at_broker(make_bench, broker, module_name, imei="356938035643809")
    connect(bench, broker.port, clean=False)
    topic = f"later/{module_name}"
    subscribed(bench, topic, 1)
    done(bench, "0")
    other = online(make_bench, module_name, loop=bench.loop, imei="490154203237518")
    connect(other, broker.port)
    done(other, f'2,1,0,0,"{topic}","for later"')
    done(other, "0")
    done(bench, "1")
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.ok("AT+UMQTTC=6,1")[0].endswith('9,"for later"')
    done(bench, "0")
    bench.ok("AT+UMQTT=12,1")  # a clean one removes it
    done(bench, "1")
    done(bench, f'2,1,0,0,"{topic}","x"')
    bench.expect_silence(1000)


def test_password(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = at_broker(make_bench, broker, module_name)
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.ports["password"]}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,4"]
    bench.ok(f'AT+UMQTT=4,"{USER}","wrong"')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    bench.ok(f'AT+UMQTT=4,"{USER}","{PASSWORD}"')
    done(bench, "1")
    assert bench.ok("AT+UMQTT=4") == [f'+UMQTT: 4,"{USER}"']
    done(bench, "0")


def test_tls(make_bench: Make, module_name: str, broker: Broker) -> None:
    """By name, verified; a broker that wants a certificate gets one."""
    bench = at_broker(make_bench, broker, module_name, hosts={NAME: "127.0.0.1"})
    trust(bench, broker.ca, level=2, profile=2, host=NAME)
    bench.ok("AT+UMQTT=11,1,2")
    bench.ok(f'AT+UMQTT=2,"{NAME}",{broker.ports["tls"]}')
    done(bench, "1")
    subscribed(bench)
    binary(bench, bytes(range(256)) * 4, qos=2)
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bytes(range(256)) * 4 in read_raw(bench)
    done(bench, "0")
    bench.ok(f'AT+UMQTT=2,"{NAME}",{broker.ports["mutual"]}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,8"]
    install_identity(bench, broker.identity, profile=2)
    done(bench, "1")
    assert bench.module.security.open_sessions == 1
    done(bench, "0")
    assert bench.module.security.open_sessions == 0


def test_tls_wrong_name(make_bench: Make, module_name: str, broker: Broker) -> None:
    bench = at_broker(make_bench, broker, module_name)
    trust(bench, broker.ca, level=2, profile=2, host="other.example")
    bench.ok("AT+UMQTT=11,1,2")
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.ports["tls"]}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert bench.ok("AT+UMQTTER") == ["+UMQTTER: 13,8"]
    assert bench.module.security.open_sessions == 0


def test_many_messages_balance(make_bench: Make, module_name: str, broker: Broker) -> None:
    """What is published at QoS 1 and 2 is read once each, in order."""
    bench = session(make_bench, broker, module_name)
    subscribed(bench)
    for number in range(100):
        qos = 1 + number % 2
        payload = bytes([number]) * (number * 10 + 1)
        binary(bench, payload, qos=qos)
        bench.pass_ms(50)
        bench.take()
        head = f'\r\n+UMQTTC: 6,{qos},{len(payload) + 1},1,"t",{len(payload)},"'.encode()
        assert read_raw(bench) == head + payload + b'"\r\n'
    assert bench.module.mqtt.inbox.dropped == 0
    assert bench.module.violations == []


def test_a_broker_that_restarts(make_bench: Make, module_name: str, broker: Broker) -> None:
    """The loss is told; a session that is not clean goes on afterwards, subscriptions included."""
    bench = at_broker(make_bench, broker, module_name, imei=f"35693803564380{len(module_name)}")
    connect(bench, broker.port, clean=False)
    topic = f"restart/{module_name}"
    subscribed(bench, topic, 1)
    broker.restart()
    bench.loop.expect_io()
    assert bench.expect_urc() == "+UUMQTTC: 0,101"
    done(bench, "1")
    done(bench, f'2,1,0,0,"{topic}","x"')
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    done(bench, "0")


def test_time_stands_still_while_the_broker_answers(make_bench: Make, broker: Broker) -> None:
    bench = session(make_bench, broker)
    start = bench.loop.time()
    done(bench, '2,2,0,0,"t","x"')
    assert bench.loop.time() - start < 0.05
    assert bench.loop.held == 0
