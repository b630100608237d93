"""Worlds for callers that give up: the simulated module and a real broker, for MQTT-SN with a
gateway before it; operations, and what must hold after each, however it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from driver.support.giving_up import ALL, MOST, WAYS, Cut, places
from driver.support.mqtt_client import Party
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS
from servers.broker import NAME, Broker
from servers.mqttsn_gateway.gateway import Gateway

BINARY = bytes(range(256))
HOST = "127.0.0.1"


class World:
    """A node with a broker, and an account of what was sent and received."""

    def __init__(self, flavour: str, module: str, broker: Broker) -> None:
        self.broker = broker
        self.flavour = flavour
        self.place = f"{flavour}/{module}"
        hosts = {NAME: HOST}
        self.node = Node(module, flavour, loop=broker.loop(), hosts=hosts)
        self.call = self.node.call
        self.modem = self.node.make()
        self.call(self.modem.power_on)
        if module == "lexi-r10":  # so that there are votes
            self.call(self.modem.power.save, "timer", 60_000, "hibernate")
        self.call(self.modem.connect, APN)
        self.call(self.modem.security.store, "CA", "ca", broker.ca.cert_pem.bytes())
        self.tls = self.modem.security.profile(ca="ca")
        self.party = Party(broker, f"{self.place}/up/#")
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.service: Any = self.modem.mqtt
        self.form: str | None = None
        self.down: Any = f"{self.place}/down/x"

    # ---- what a program does --------------------------------------------------------------------

    def connect(self, **options: Any) -> Any:
        port = self.broker.ports["tls"] if "tls" in options else self.broker.port
        return self.service.connect(NAME, port, client_id=self.place, **options)

    def up(self) -> None:
        """A session, subscribed."""
        if not self.service.is_connected():
            self.call(self.connect)
            self.call(self.service.subscribe, self.down, 1)

    def next(self) -> int:
        self.number += 1
        return self.number

    def say(self) -> bytes:
        """A message for the module, which the broker has."""
        data = b"%d:" % self.next() + BINARY * 2
        self.party.say(self.down, data, 1)
        return data

    def announced(self, count: int) -> list[bytes]:
        """Messages for the module, which it has announced."""
        said = [self.say() for _ in range(count)]
        while self.service.unread < count:
            self.node.pass_ms(20)
            self.service.is_connected()
        return said

    def drain(self) -> list[bytes]:
        """All that still comes, up to a message that is said now."""
        last = self.say()
        found = []
        while True:
            message = self.call(self.service.wait_msg, 30_000)
            assert message is not None, self.node.told()
            if message.payload == last:
                return found
            found.append(message.payload)

    # ---- what must be right afterwards ----------------------------------------------------------

    def free(self) -> None:
        """No lock, hold, vote or debt is left."""
        service, channel = self.service, self.modem.channel
        self.call(channel.pay)
        for lock in (service.lock, service.setup, channel.lock):
            assert not lock.held and lock.queue == []
        assert not service.making and not service.stray
        assert channel.debts == [] and channel.firm == 0
        assert self.tls.settled()
        sleeper = self.modem.sleeper
        if sleeper is not None:
            assert sleeper.busy == 0
            assert sleeper.votes == (1 if service.connected else 0), "votes"
            assert (service.vote is not None) == service.connected
            assert not sleeper.vote_owed

    def works(self) -> None:
        """An ordinary round trip; then what has arrived above is known."""
        self.up()
        topic = f"{self.place}/up/mark"
        mark = b"%d" % self.next()
        self.call(self.service.publish, topic, mark, qos=1)
        self.party.until(lambda: self.heard(topic)[-1:] == [mark])

    def heard(self, topic: str) -> list[bytes]:
        return [payload for name, payload, _, _ in list(self.party.heard) if name == topic]

    def close(self) -> None:
        """Nothing was published twice, or with another's message."""
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


class SnWorld(World):
    """The same with MQTT-SN."""

    def begin(self) -> None:
        self.service = self.modem.mqttsn
        self.gateway = Gateway(self.node.loop, (HOST, self.broker.port), retry_s=2.0)

    def connect(self, **options: Any) -> Any:
        options.pop("tls", None)
        return self.service.connect(HOST, self.gateway.port, client_id=self.place, **options)

    def up(self) -> None:
        if not self.service.is_connected():
            self.down = f"{self.place}/down/x"
        super().up()

    def close(self) -> None:
        self.gateway.close()
        super().close()


@dataclass
class Operation:
    """`run(world, cut)` carries it out and returns what it has given; `session`: whether one
    stands before. `publishes`: it is told a topic and a message. `reads`: messages wait."""

    name: str
    run: Callable[..., Any]
    session: bool = True
    publishes: bool = False
    reads: int = 0


def plain(method: str, *arguments: Any, **options: Any) -> Callable[..., Any]:
    """A call of the service."""

    def run(world: World, cut: Cut) -> Any:
        return world.call(cut.through, getattr(world.service, method), *arguments, **options)

    return run


def publishing(data: bytes, qos: int, form: str | None = None, **more: Any) -> Operation:
    """`more`: attributes of the service meanwhile."""

    def run(world: World, cut: Cut, topic: str, payload: bytes) -> Any:
        more["form"] = form
        before = {name: getattr(world.service, name) for name in more}
        for name, value in more.items():
            setattr(world.service, name, value)
        try:
            return world.call(cut.through, world.service.publish, topic, payload + data, qos=qos)
        finally:
            for name, value in before.items():
                setattr(world.service, name, value)

    return Operation(f"publish-{form}-{len(data)}-{qos}{list(more)}", run, publishes=True)


def file_publish(world: World, cut: Cut, topic: str, payload: bytes) -> Any:
    world.call(world.modem.files.write, "msg", payload)
    return world.call(cut.through, world.service.publish_file, topic, "msg", qos=1)


def reading_into(world: World, cut: Cut) -> Any:
    buf = bytearray(1024)
    n = world.call(cut.through, world.service.read_into, buf)
    return None if n is None else bytes(buf[:n])


def iterating(world: World, cut: Cut) -> Any:
    service = world.service
    step = service.__next__ if world.flavour == "blocking" else service.__anext__
    return world.call(cut.through, step)


READING = [
    Operation("check_msg", plain("check_msg"), reads=1),
    Operation("read", plain("read"), reads=2),
    Operation("read_into", reading_into, reads=1),
    Operation("read_all", plain("read_all"), reads=3),
    Operation("wait_msg", plain("wait_msg", 5000), reads=1),
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
    service, channel = world.service, world.modem.channel
    if operation.session:
        world.up()
    elif service.is_connected():
        world.call(service.disconnect)
    said = world.announced(operation.reads) if operation.reads else []
    dropped = service.dropped
    arguments: tuple[Any, ...] = ()
    topic = f"{world.place}/up/{world.next()}"
    if operation.publishes:
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
    assert not service.making and not service.lock.held and not service.setup.held
    world.works()
    world.free()
    assert world.node.violations() == [], world.node.told()
    if operation.publishes and error is None:
        world.party.until(lambda: bool(world.heard(topic)))
    if operation.reads:
        got = Counter(payloads(found) + world.drain())
        assert not got - Counter(said), "given twice, or another's"
        missing = sum((Counter(said) - got).values())
        assert service.dropped - dropped == missing == 0, f"{missing} lost"


def kinds(modules: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(flavour, module, way); without tasks only a hook can give up."""
    return [
        (flavour, module, way)
        for flavour in FLAVOURS
        for module in modules
        for way in WAYS
        if flavour == "asyncio" or way == "hook"
    ]


def give_up_everywhere(
    make: Callable[[], Any], operations: list[Any], way: str, case: Callable[..., None]
) -> None:
    """`case(world, operation, cut)` for awaits of all operations. A world in which something was
    wrong is not used any more."""
    world = make()
    wrong: list[str] = []
    cases = 0
    for operation in operations:
        whole = Cut(way, MOST)
        case(world, operation, whole)
        for at in places(whole.count, f"{operation.name} {way}"):
            cases += 1
            try:
                case(world, operation, Cut(way, at))
            except Exception as error:
                wrong.append(f"{operation.name} at {at} of {whole.count}: {error!r}"[:600])
                world.party.close()
                world.node.close()
                world = make()
    world.close()
    print(f"\n{world.place} {way}: {cases} cases")
    assert wrong == [], "\n".join([f"{len(wrong)} of {cases} cases", *wrong[:20]])


TIMEOUT_S = 0 if ALL else 120
