"""A caller gives up at every await of every operation of MQTT, on the simulated module and a real
broker: afterwards no lock, hold or vote is left, every message is delivered, kept or reported, and
MQTT works as ever.

With GIVING_UP=all at every await; else at some of each operation, chosen by its name.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from broker import NAME, Broker
from giving_up import WAYS, Cut
from mqtt_party import Party
from node import APN, Node
from script import FLAVOURS, MODULES

ALL = os.environ.get("GIVING_UP") == "all"
SAMPLE = 3
"""Awaits of an operation and a way, where not all are tried."""
MOST = 4000
BINARY = bytes(range(256))


class World:
    """A node with a broker, and an account of what was sent and received."""

    def __init__(self, flavour: str, module: str, broker: Broker) -> None:
        self.broker = broker
        self.flavour = flavour
        hosts = {NAME: "127.0.0.1"}
        self.node = Node(module, flavour, loop=broker.loop(), hosts=hosts)
        self.modem = self.node.make()
        self.node.call(self.modem.power_on)
        if module == "lexi-r10":  # so that there are votes
            self.node.call(self.modem.power.save, "timer", 60_000, "hibernate")
        self.node.call(self.modem.connect, APN)
        self.node.call(self.modem.security.store, "CA", "ca", broker.ca.cert_pem.bytes())
        self.tls = self.modem.security.profile(ca="ca")
        self.mqtt = self.modem.mqtt
        self.party = Party(broker, f"{flavour}/{module}/up/#")
        self.place = f"{flavour}/{module}"
        self.number = 0
        self.call = self.node.call
        self.called_back: list[bytes] = []

    # ---- what a program does --------------------------------------------------------------------

    def connect(self, **options: Any) -> Any:
        port = self.broker.ports["tls"] if "tls" in options else self.broker.port
        return self.mqtt.connect(NAME, port, client_id=self.place, **options)

    def up(self) -> None:
        """A session, subscribed."""
        if not self.mqtt.is_connected():
            self.call(self.connect)
            self.call(self.mqtt.subscribe, f"{self.place}/down/#", 1)

    def next(self) -> int:
        self.number += 1
        return self.number

    def say(self) -> bytes:
        """A message for the module, which the broker has."""
        data = b"%d:" % self.next() + BINARY * 2
        self.party.say(f"{self.place}/down/x", data, 1)
        return data

    def announced(self, count: int) -> list[bytes]:
        """Messages for the module, which it has announced."""
        said = [self.say() for _ in range(count)]
        while self.mqtt.unread < count:
            self.node.pass_ms(20)
            self.mqtt.is_connected()
        return said

    def drain(self) -> list[bytes]:
        """All that still comes, up to a message that is said now."""
        last = self.say()
        found = []
        while True:
            message = self.call(self.mqtt.wait_msg, 30_000)
            assert message is not None, self.node.told()
            if message.payload == last:
                return found
            found.append(message.payload)

    # ---- what must be right afterwards ----------------------------------------------------------

    def free(self) -> None:
        """No lock, hold, vote or debt is left."""
        mqtt, channel = self.mqtt, self.modem.channel
        self.call(channel.pay)
        for lock in (mqtt.lock, mqtt.setup, channel.lock):
            assert not lock.held and lock.queue == []
        assert not mqtt.making
        assert channel.debts == [] and channel.firm == 0
        assert self.tls.busy == 0
        sleeper = self.modem.sleeper
        if sleeper is not None:
            assert sleeper.busy == 0
            assert sleeper.votes == (1 if mqtt.connected else 0), "votes"
            assert (mqtt.vote is not None) == mqtt.connected
            assert not sleeper.vote_owed

    def works(self) -> None:
        """An ordinary round trip; then what has arrived above is known."""
        self.up()
        topic = f"{self.place}/up/mark"
        mark = b"%d" % self.next()
        self.call(self.mqtt.publish, topic, mark, qos=1)
        self.party.until(lambda: self.heard(topic)[-1:] == [mark])

    def heard(self, topic: str) -> list[bytes]:
        return [payload for name, payload, _, _ in list(self.party.heard) if name == topic]

    def close(self) -> None:
        broken = self.node.violations()
        self.party.close()
        self.node.close()
        assert broken == []
        heard = Counter(topic for topic, _, _, _ in self.party.heard)
        doubled = [topic for topic, count in heard.items() if count > 1]
        assert doubled in ([], [f"{self.place}/up/mark"]), "published twice"
        for topic, payload, _, _ in self.party.heard:
            if not topic.endswith("mark"):
                assert payload.startswith(b"for %s " % topic.encode()), "another's message"


@dataclass
class Operation:
    """`run(world, cut)` carries it out and returns what it has given; `session`: whether one
    stands before. `publishes`: it is told a topic and a message. `reads`: messages wait."""

    name: str
    run: Callable[..., Any]
    session: bool = True
    publishes: int | None = None
    reads: int = 0


def plain(method: str, *arguments: Any, **options: Any) -> Callable[..., Any]:
    def run(world: World, cut: Cut) -> Any:
        return world.call(cut.through, getattr(world.mqtt, method), *arguments, **options)

    return run


def connecting(**options: Any) -> Callable[..., Any]:
    def run(world: World, cut: Cut) -> Any:
        if "tls" in options:
            options["tls"] = world.tls
        return world.call(cut.through, world.connect, **options)

    return run


def configuring(method: str) -> Callable[..., Any]:
    def run(world: World, cut: Cut) -> Any:
        function = getattr(world.mqtt, method)
        options = {"client_id": f"x{world.next()}", "will": ("w", b"\0", 1)}
        return world.call(cut.through, function, NAME, port=world.broker.port, **options)

    return run


def publishing(data: bytes, qos: int, form: str | None = None) -> Operation:
    def run(world: World, cut: Cut, topic: str, payload: bytes) -> Any:
        world.mqtt.form = form
        try:
            return world.call(cut.through, world.mqtt.publish, topic, payload + data, qos=qos)
        finally:
            world.mqtt.form = None

    return Operation(f"publish-{form}-{len(data)}-{qos}", run, publishes=qos)


def file_publish(world: World, cut: Cut, topic: str, payload: bytes) -> Any:
    world.call(world.modem.files.write, "msg", payload)
    return world.call(cut.through, world.mqtt.publish_file, topic, "msg", qos=1)


def reading_into(world: World, cut: Cut) -> Any:
    buf = bytearray(1024)
    n = world.call(cut.through, world.mqtt.read_into, buf)
    return None if n is None else bytes(buf[:n])


def iterating(world: World, cut: Cut) -> Any:
    step = world.mqtt.__next__ if world.flavour == "blocking" else world.mqtt.__anext__
    return world.call(cut.through, step)


OPERATIONS = [
    Operation("connect", connecting(), session=False),
    Operation("connect-tls", connecting(tls=True), session=False),
    Operation("disconnect", plain("disconnect")),
    Operation("ping", plain("ping")),
    Operation("subscribe", plain("subscribe", "else/#", 1)),
    Operation("unsubscribe", plain("unsubscribe", "else/#")),
    Operation("configure", configuring("configure"), session=False),
    Operation("store", configuring("store"), session=False),
    Operation("load", plain("load"), session=False),
    Operation("factory", plain("factory"), session=False),
    Operation("settings", plain("settings")),
    publishing(b" text", 0),
    publishing(b" text", 1, "text"),
    publishing(BINARY[:40], 2, "hex"),
    publishing(BINARY, 0),
    publishing(BINARY, 1),
    publishing(BINARY, 2),
    Operation("publish_file", file_publish, publishes=1),
    Operation("check_msg", plain("check_msg"), reads=1),
    Operation("read", plain("read"), reads=2),
    Operation("read_into", reading_into, reads=1),
    Operation("read_all", plain("read_all"), reads=3),
    Operation("async-for", iterating, reads=1),
]


def payloads(found: Any) -> list[bytes]:
    """Of what a reading operation has given."""
    if found is None:
        return []
    if isinstance(found, bytes):
        return [found]
    if isinstance(found, list):
        return [message.payload for message in found]
    return [found.payload]


def carried_out(world: World, operation: Operation, cut: Cut) -> None:
    """One case, with all that must hold."""
    mqtt, channel = world.mqtt, world.modem.channel
    if operation.session:
        world.up()
    elif mqtt.is_connected():
        world.call(mqtt.disconnect)
    said = world.announced(operation.reads) if operation.reads else []
    dropped = mqtt.dropped
    arguments: tuple[Any, ...] = ()
    topic = f"{world.place}/up/{world.next()}"
    if operation.publishes is not None:
        arguments = topic, b"for %s " % topic.encode()
    found: Any = None
    error: BaseException | None = None
    if cut.way == "hook":
        channel.keep_going = cut.hook
    try:
        found = operation.run(world, cut, *arguments)
    except BaseException as caught:
        error = caught
        assert cut.hit or isinstance(caught, KeyboardInterrupt), caught
    finally:
        channel.keep_going = None
    assert not mqtt.making and not mqtt.lock.held and not mqtt.setup.held
    world.works()
    world.free()
    assert world.node.violations() == [], world.node.told()
    if operation.publishes is not None and error is None:
        world.party.until(lambda: bool(world.heard(topic)))
    if operation.reads:
        got = Counter(payloads(found) + world.drain())
        assert not got - Counter(said), "given twice, or another's"
        missing = sum((Counter(said) - got).values())
        assert mqtt.dropped - dropped == missing == 0, f"{missing} lost"


def awaits(world: World, operation: Operation, way: str) -> int:
    """How many there are when nobody gives up."""
    cut = Cut(way, MOST)
    carried_out(world, operation, cut)
    return cut.count


def places(count: int, name: str) -> list[int]:
    if ALL or count <= SAMPLE:
        return list(range(1, count + 1))
    return sorted(random.Random(name).sample(range(1, count + 1), SAMPLE))


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


KINDS = [
    pytest.param(flavour, module, way, id=f"{flavour}-{module}-{way.replace(' ', '-')}")
    for flavour in FLAVOURS
    for module in MODULES
    for way in WAYS
    if flavour == "asyncio" or way == "hook"
]


@pytest.mark.timeout(0 if ALL else 120)
@pytest.mark.parametrize(("flavour", "module", "way"), KINDS)
def test_nothing_is_left_wherever_a_caller_gives_up(
    flavour: str, module: str, way: str, broker: Broker
) -> None:
    world = World(flavour, module, broker)
    wrong: list[str] = []
    cases = 0
    for operation in OPERATIONS:
        count = awaits(world, operation, way)
        for at in places(count, f"{operation.name} {way}"):
            cases += 1
            try:
                carried_out(world, operation, Cut(way, at))
            except Exception as error:
                wrong.append(f"{operation.name} at {at} of {count}: {error!r}"[:300])
                world.node.close()
                world.party.close()
                world = World(flavour, module, broker)
    print(f"\n{flavour} {module} {way}: {cases} cases")
    world.close()
    assert wrong == [], "\n".join([f"{len(wrong)} of {cases} cases", *wrong[:20]])
