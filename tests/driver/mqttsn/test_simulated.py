"""MQTT-SN on whole nodes: the simulated module, a gateway and a real broker behind it.

Whatever happens between, the account of messages balances: what was acknowledged has arrived once,
what was not was reported.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.mqtt_client import Party
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS
from servers.broker import Broker
from servers.mqttsn_gateway.gateway import Gateway

from ublox_cellular.core.errors import NotSupported
from ublox_cellular.core.service_errors import MqttSnError, MqttTimeout

HOST = "127.0.0.1"
VARIANTS = (
    "umqttsn-op-resets", "umqttsn-timeout", "umqttsnc-topic-quoted", "umqttsnc-empty-error",
    "umqttsnc-no-binary", "umqttsnc-timeout-ends",
)  # fmt: skip
COUNT = 150
HEAD = 6


class World:
    """A node with a connected modem, and a gateway of its own."""

    def __init__(self, flavour: str, broker: Broker, **options: Any) -> None:
        self.node = Node("sara-r5", flavour, loop=broker.loop(), **options)
        self.gateway = Gateway(
            self.node.loop, (HOST, broker.port), predefined={7: "fixed/seven"}, retry_s=2.0
        )
        self.call = self.node.call
        self.modem = self.node.up()
        self.mqttsn = self.modem.mqttsn

    def connect(self, **options: Any) -> None:
        self.call(self.mqttsn.connect, HOST, self.gateway.port, **options)

    def close(self) -> None:
        self.gateway.close()
        self.node.close()


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture
def worlds(broker: Broker) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(flavour: str, **options: Any) -> World:
        made.append(World(flavour, broker, **options))
        return made[-1]

    yield make
    for world in made:
        # What a variant lacks is found out by trying; a prompt may be lost on a bad line.
        fair = ("wrong parameters", "only 0 of")
        assert [v for v in world.node.violations() if not any(one in v for one in fair)] == []
        world.close()
        assert world.node.module.crashes == []


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_firmware_that_differs(flavour: str, variant: str, worlds: Callable[..., World]) -> None:
    world = worlds(flavour, variants={variant})
    mqttsn = world.mqttsn
    world.connect(will=("w", b"\x00", 1))
    assert world.call(mqttsn.subscribe, "some/topic", 1) == 1
    for size in (0, 9, 480, 900):
        data = bytes(range(250)) * 4
        world.call(mqttsn.publish, "some/topic", data[:size], qos=1)
        message = world.call(mqttsn.wait_msg, 20_000)
        assert (message.topic, message.payload) == (b"some/topic", data[:size])
    assert world.call(mqttsn.read) is None
    world.call(mqttsn.unsubscribe, "some/topic")
    world.call(mqttsn.disconnect)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_firmware_that_lacks_something(flavour: str, worlds: Callable[..., World]) -> None:
    world = worlds(
        flavour, variants={"umqttsn-no-clean", "umqttsnc-no-sleep", "umqttsnc-all-sessions"}
    )
    with pytest.raises(NotSupported, match="clean session"):
        world.connect(clean=False)
    world.connect()
    with pytest.raises(OSError, match="UMQTTSNC"):
        world.call(world.mqttsn.disconnect, 60)
    world.connect()  # the module may have kept its session
    world.call(world.mqttsn.disconnect)
    with pytest.raises(OSError, match="UMQTTSNC"):
        world.call(world.mqttsn.publish, 7, "x", qos=-1)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_gateway_that_is_silent(flavour: str, worlds: Callable[..., World]) -> None:
    world = worlds(flavour)
    world.gateway.deaf = 1000
    with pytest.raises(MqttSnError, match="no answer from the gateway") as caught:
        world.connect()
    assert (caught.value.errno, caught.value.code) == (110, 21)
    world.gateway.deaf = 0
    world.connect()
    world.gateway.deaf = 1000
    with pytest.raises(MqttTimeout):
        world.call(world.mqttsn.subscribe, "a", timeout_ms=2000)
    world.gateway.deaf = 0
    assert world.call(world.mqttsn.subscribe, "a") == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_slept_deeply_is_connected_anew(
    flavour: str, worlds: Callable[..., World]
) -> None:
    """With `clean=False` the gateway remembers what was subscribed to, and what came meanwhile."""
    world = worlds(flavour)
    node, mqttsn = world.node, world.mqttsn
    world.call(world.modem.power.save, "timer", 1000)
    world.call(world.modem.power.set_psm, 3600, 2)
    world.connect(client_id="sleepy", keepalive=0, clean=False)
    world.call(mqttsn.subscribe, "while/asleep", 1)
    world.call(mqttsn.disconnect, 3000)
    fall_asleep(node)
    world.gateway.publish("while/asleep", b"good morning", 1)
    node.pass_ms(5000)
    world.call(mqttsn.connect)
    message = world.call(mqttsn.wait_msg, 20_000)
    assert (message.topic, message.payload) == (b"while/asleep", b"good morning")
    world.call(mqttsn.publish, "a", "b", qos=1)
    fall_asleep(node)
    with pytest.raises(OSError):  # the session did not outlive it
        world.call(mqttsn.publish, "a", "b", qos=1)
    assert (mqttsn.is_connected(), mqttsn.why) == (False, 200)
    world.call(mqttsn.connect)
    world.call(mqttsn.publish, "a", "c", qos=1)
    world.call(mqttsn.disconnect)


def fall_asleep(node: Node) -> None:
    for _ in range(40):
        node.pass_ms(3000)
        node.modem.poll()
        if node.module.sleep_state == "psm":
            return
    raise AssertionError(node.call(node.modem.power.blockers))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_will_of_one_module_reaches_another(
    flavour: str, worlds: Callable[..., World]
) -> None:
    """A5 7.6, with a keep-alive by which the gateway notices."""
    one = worlds(flavour)
    will = ("u-blox/publish", "Unrequested disconnect.", 1)
    one.connect(client_id="one", keepalive=20, will=will)
    other = Node("sara-r5", flavour, loop=one.node.loop)
    try:
        modem = other.up()
        other.call(modem.mqttsn.connect, HOST, one.gateway.port, client_id="other")
        assert other.call(modem.mqttsn.subscribe, "u-blox/publish", 1) == 1
        one.call(one.mqttsn.update_will, "u-blox/publish", "And another one.", 1)
        one.node.module.set_coverage(False)
        message = other.call(modem.mqttsn.wait_msg, 120_000)
        assert (message.topic, message.payload) == (b"u-blox/publish", b"And another one.")
        one.node.pass_ms(60_000)
        assert not one.mqttsn.is_connected()
        other.call(modem.mqttsn.disconnect)
        assert other.violations() == []
    finally:
        other.uart.close()
        other.tcp.close()
        other.udp.close()


class Account:
    """Messages up, one at a time by an application that comes back after every failure, and down;
    they begin with their number."""

    def __init__(self, world: World, seed: str) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.sent: dict[int, tuple[bytes, int]] = {}
        self.acknowledged: set[int] = set()
        self.reported: dict[int, str] = {}
        self.received: list[bytes] = []
        self.failures: list[str] = []

    def message(self, number: int) -> bytes:
        """Nothing in it could be a command: where a prompt is lost, blanks would be sent for that
        (mqtt_publish.py)."""
        data = self.rng.randbytes(self.rng.choice((0, 20, 400, 1011)))
        return b"%06d" % number + data.replace(b"A", b"B").replace(b"a", b"b")

    def back(self) -> None:
        """Up and subscribed again, however long that takes."""
        world = self.world
        for _ in range(30):
            try:
                if not world.call(world.modem.isconnected):
                    world.call(world.modem.connect, "iot.example")
                if not world.mqttsn.is_connected():
                    world.connect(client_id="account")
                    world.call(world.mqttsn.subscribe, "down", 1)
                return
            except OSError as error:
                self.failures.append(repr(error))
                world.node.pass_ms(2000)
        raise AssertionError(self.failures[-5:])

    def publish(self, number: int) -> None:
        data, qos = self.message(number), self.rng.choice((0, 1, 2))
        self.sent[number] = data, qos
        try:
            self.world.call(self.world.mqttsn.publish, "up", data, qos=qos)
            self.acknowledged.add(number)
        except OSError as error:
            self.reported[number] = repr(error)

    def read(self) -> None:
        try:
            while message := self.world.call(self.world.mqttsn.check_msg):
                self.received.append(message.payload)
        except OSError as error:
            self.failures.append(repr(error))

    def balance(self, heard: list[bytes]) -> None:
        """What arrived above is what was sent, and all that was acknowledged, once."""
        numbers = [int(data[:HEAD]) for data in heard]
        assert [self.sent[n][0] for n in numbers] == heard
        assert set(self.sent) == self.acknowledged | set(self.reported)
        assert not self.acknowledged & set(self.reported)
        lost = {n for n in self.acknowledged if self.sent[n][1] and n not in numbers}
        assert lost == set()
        doubled = {n for n in numbers if numbers.count(n) > 1}
        # The protocol itself may double QoS 1, when an acknowledgement is lost behind it.
        assert not [n for n in doubled if self.sent[n][1] != 1], doubled


def run_account(world: World, broker: Broker, trouble: Callable[[Account, int], None]) -> Account:
    account = Account(world, world.node.flavour)
    with Party(broker, "up") as party:
        account.back()
        for number in range(COUNT):
            trouble(account, number)
            account.publish(number)
            if number % 3 == 0:
                party.say("down", b"%06d" % number, 1)
            account.read()
            if not world.mqttsn.is_connected():
                account.back()
        world.node.module.faults.clear()
        world.gateway.deaf = world.gateway.mute = 0
        world.node.module.set_coverage(True)
        account.back()
        for _ in range(30):
            world.node.pass_ms(1000)
            account.read()
        wanted = {n for n in account.acknowledged if account.sent[n][1]}
        party.until(lambda: wanted <= {int(data[:HEAD]) for data in party.payloads()})
        account.balance(party.payloads())
    return account


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_account_balances_when_nothing_is_wrong(
    flavour: str, worlds: Callable[..., World], broker: Broker
) -> None:
    account = run_account(worlds(flavour), broker, lambda _account, _number: None)
    assert account.reported == {} and account.failures == []
    assert account.received == [b"%06d" % number for number in range(0, COUNT, 3)]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_account_balances_on_a_bad_line(
    flavour: str, worlds: Callable[..., World], broker: Broker
) -> None:
    """Bytes from the module are lost and doubled; datagrams, too."""

    def trouble(account: Account, number: int) -> None:
        world = account.world
        if number == 5:
            world.node.module.faults.load("drop=out:0.0005;double=out:0.0005")
        if number % 20 == 10:
            world.gateway.deaf = 1
        if number % 20 == 15:
            world.gateway.mute = 1

    account = run_account(worlds(flavour), broker, trouble)
    assert account.reported  # something has happened
    known = {b"%06d" % number for number in range(0, COUNT, 3)}
    assert set(account.received) <= known


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_account_balances_when_coverage_and_module_come_and_go(
    flavour: str, worlds: Callable[..., World], broker: Broker
) -> None:
    def trouble(account: Account, number: int) -> None:
        node = account.world.node
        if number % 30 == 10:
            node.module.set_coverage(False)
            node.loop.call_later(25, node.module.set_coverage, True)
        if number % 40 == 25:
            node.loop.call_later(0.1, node.module.restart)

    account = run_account(worlds(flavour), broker, trouble)
    assert account.reported
