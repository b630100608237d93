"""MQTT-SN over a network that loses: the account of what was sent and delivered must balance, and
nothing that comes over the network brings module or gateway down."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from servers.broker import Broker
from servers.mqttsn_gateway.client import State
from servers.mqttsn_gateway.wire import Kind, message
from simulator.support.mqttsn_bench import GatewayStage, Make, act
from simulator.support.serial_host import Bench

from ublox_simulator.world.udp_endpoint import UdpEndpoint

IMEI = "357862090033897"
MESSAGES = 40


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """mosquitto."""
    with Broker() as running:
        yield running


def drained(bench: Bench) -> list[str]:
    """The payloads of all messages that wait."""
    found = []
    while True:
        bench.take()
        lines = [line for line in bench.ok("AT+UMQTTSNC=9,1") if line.startswith("+UMQTTSNC: 9")]
        if not lines:
            return found
        found.append(lines[0].rsplit(",", 1)[1].strip('"'))


def only_endpoint(bench: Bench) -> UdpEndpoint:
    """The module's side of the session."""
    (endpoint,) = bench.module.sockets.guests
    assert isinstance(endpoint, UdpEndpoint)
    return endpoint


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_account_balances(make_bench: Make, broker: Broker, qos: int, seed: int) -> None:
    patient = {"retries": 12, "mqttsn_retries": 12, "mqttsn_unread": 10_000}
    stage = GatewayStage(make_bench, broker, **patient)
    bench, listener = stage.open(), stage.open(stage.new_bench())
    act(bench, '2,"account"', "2,1,1")
    act(listener, f'5,{qos},0,"account"', f"5,1,{qos},1")
    chance = random.Random(seed)
    stage.gateway.loses = lambda: chance.random() < 0.25
    sent = [f"message {number}" for number in range(MESSAGES)]
    for text in sent:
        act(bench, f'4,{qos},0,0,0,"1","{text}"', "4,1", 200_000)
        listener.pass_ms(3000)
    listener.pass_ms(600_000)
    got = Counter(drained(listener))
    assert set(got) <= set(sent)
    if qos:
        assert set(got) == set(sent)
    else:
        assert len(got) < MESSAGES
    if qos != 1:
        assert set(got.values()) == {1}
    assert bench.module.violations == []


def test_noise_changes_nothing(make_bench: Make, broker: Broker) -> None:
    """Datagrams of every type with random content, to the module and to the gateway."""
    stage = GatewayStage(make_bench, broker)
    bench = stage.open()
    chance = random.Random(7)
    endpoint = only_endpoint(bench)
    harmless = [kind for kind in Kind if kind is not Kind.DISCONNECT]
    for number in range(2000):
        body = chance.randbytes(chance.randrange(12))
        datagram = message(chance.choice(harmless), body) if number % 4 else body
        endpoint.queue.append((datagram, ("192.168.105.30", 10000)))
        endpoint.on_data()
    bench.pass_ms(1000)
    bench.take()
    while drained(bench):
        bench.pass_ms(100)
    act(bench, '2,"still there"', "2,1,1")
    stray = bench.udp_peer()
    for number in range(500):
        body = chance.randbytes(chance.randrange(12))
        datagram = message(chance.choice(list(Kind)), body) if number % 4 else body
        stray.send(datagram, ("127.0.0.1", stage.gateway.port))
        bench.pass_ms(1)
    bench.take()
    assert stage.gateway.state(IMEI) is State.ACTIVE
    act(bench, '2,"and there"', "2,1,2")


def test_another_sender_is_not_heard(make_bench: Make, broker: Broker) -> None:
    stage = GatewayStage(make_bench, broker)
    bench = stage.open()
    endpoint = only_endpoint(bench)
    goodbye = message(Kind.DISCONNECT)
    endpoint.queue.append((goodbye, ("10.9.8.7", 10000)))
    endpoint.on_data()
    act(bench, '2,"still there"', "2,1,1")
