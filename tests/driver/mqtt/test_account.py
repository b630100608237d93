"""The account of `mqtt.keep()`: messages both ways through a real broker while the network, the
broker, the module and the host go and come back. What was sent must balance with what was
acknowledged, delivered, doubled and reported.

The number of a message is in its topic; payloads are of random size and every byte value.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from driver.support.mqtt_client import Party, mqtt_node
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES
from servers.broker import NAME, Broker

UP = int(os.environ.get("MQTT_MESSAGES", "48"))
"""Messages each way of a case; with 420 (and --timeout=0) all cases together have 10 000."""
KINDS = [(flavour, module) for module in MODULES for flavour in FLAVOURS]
LIMIT_S = 40_000.0
QUEUE = 32


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@dataclass
class Account:
    """What became of the messages. `qos` of each; `told`: ticket -> errors that were told."""

    node: Node
    party: Party
    seed: str
    prefix: str
    qos: dict[int, int] = field(default_factory=dict)
    sent: dict[int, bytes] = field(default_factory=dict)
    number: dict[int, int] = field(default_factory=dict)
    told: dict[int, list[Any]] = field(default_factory=dict)
    down: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    came: list[tuple[int, bytes]] = field(default_factory=list)
    repeated: int = 0
    longest: int = 1024
    trouble: list[str] = field(default_factory=list)
    last: OSError | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def payload(self) -> bytes:
        """Of any length, those about the borders of its forms more often."""
        size = self.random.choice((0, 1, 128, 129, self.random.randint(0, 1024)))
        return self.random.randbytes(min(size, self.longest))

    def result(self, ticket: int, error: Any) -> None:
        self.told.setdefault(ticket, []).append(error)

    def message(self, topic: bytes, payload: bytes) -> None:
        self.came.append((int(topic.rsplit(b"/", 1)[1]), payload))

    def keep(self, **options: Any) -> Any:
        session = self.node.modem.mqtt.keep(
            NAME, self.party.port, client_id=self.prefix, on_message=self.message,
            on_result=self.result, outbox=6, **options,
        )  # fmt: skip
        session.subscribe(f"{self.prefix}/down/#", 2)
        return session

    def post(self, session: Any) -> None:
        """One more message into the outbox."""
        number = len(self.sent)
        data = self.payload()
        qos = number % 3
        self.qos[number] = qos
        self.sent[number] = data
        ticket = session.publish(f"{self.prefix}/up/{number}", data, qos=qos)
        self.number[ticket] = number

    def send_down(self) -> None:
        number = len(self.down)
        data = self.payload()
        self.down[number] = (data, number % 3)
        self.party.say(f"{self.prefix}/down/{number}", data, number % 3)

    def heard(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for topic, payload, _, _ in list(self.party.heard):
            if topic.startswith(f"{self.prefix}/up/"):
                number = int(topic.rsplit("/", 1)[1])
                assert payload == self.sent[number], f"message {number} was changed"
                found[number] += 1
        return found

    def balance(self, session: Any, restarts: int = 0, lossy: bool = False) -> dict[str, int]:
        """All conditions of the contract; the figures."""
        assert session.waiting == []
        assert sorted(self.told) == sorted(self.number)
        assert all(len(errors) == 1 for errors in self.told.values()), "told twice"
        acknowledged = {self.number[t] for t, errors in self.told.items() if errors[0] is None}
        failed = set(self.sent) - acknowledged
        wanted = {n for n in acknowledged if self.qos[n]}
        self.party.until(lambda: wanted <= set(self.heard()))
        heard = self.heard()
        assert wanted <= set(heard), f"acknowledged, not delivered: {wanted - set(heard)}"
        twice = {n: times - 1 for n, times in heard.items() if times > 1}
        assert not [n for n in twice if self.qos[n] != 1], "doubled beyond its QoS"
        assert not [n for n in failed if self.qos[n] == 1], "QoS 1 failed"
        back = Counter(number for number, _ in self.came)
        for number, payload in self.came:
            assert payload == self.down[number][0], f"message {number} was changed"
        lost = [n for n, (_, qos) in self.down.items() if qos and n not in back]
        assert lossy or len(lost) <= QUEUE * restarts, f"lost on the way down: {lost}"
        assert not [n for n, times in back.items() if times > 1 and self.down[n][1] == 0]
        return {
            "sent": len(self.sent), "acknowledged": len(acknowledged), "failed": len(failed),
            "delivered": len(heard), "doubled": sum(twice.values()), "repeated": self.repeated,
            "down": len(self.down), "down lost": len(lost), "down arrived": len(back),
            "down doubled": sum(times - 1 for times in back.values()),
        }  # fmt: skip


def begin(flavour: str, module: str, broker: Broker, name: str, **options: Any) -> Account:
    node = mqtt_node(broker, module, flavour, **options)
    party = Party(broker, f"{name}/up/#")
    return Account(node, party, name, name)


def established(account: Account, **options: Any) -> Any:
    """A session that stands, subscribed."""
    session = account.keep(**options)
    while session.todo:
        work(account, session)
    return session


def work(account: Account, session: Any, ms: float = 300) -> None:
    account.node.call(session.work, ms)
    if session.trouble is not None and session.trouble is not account.last:
        account.trouble.append(str(session.trouble))
    account.last = session.trouble


def exchange(account: Account, session: Any, count: int) -> None:
    """`count` messages each way."""
    for _ in range(count):
        while len(session.waiting) >= session.limit:
            work(account, session)
        account.post(session)
        account.send_down()
        work(account, session, 20)


def finish(account: Account, session: Any) -> None:
    assert account.node.call(session.flush, 3_600_000), account.node.told()
    wanted = {number for number, (_, qos) in account.down.items() if qos}
    for _ in range(200):  # more than the longest time without coverage
        work(account, session, 2000)
        if wanted <= {number for number, _ in account.came}:
            break
    account.repeated += session.repeated


def end(account: Account, restarted: bool = False) -> None:
    if not restarted:  # a payload that is cut off by a restart is no command
        assert account.node.violations() == []
    account.node.close()
    account.party.close()


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_on_a_good_day(flavour: str, module: str, broker: Broker) -> None:
    account = begin(flavour, module, broker, f"good-{flavour}-{module}")
    account.node.up()
    session = established(account)
    exchange(account, session, UP)
    finish(account, session)
    figures = account.balance(session)
    assert figures["failed"] == figures["doubled"] == figures["down lost"] == 0
    assert figures["down doubled"] == 0
    assert session.connections == 1 and session.persistent
    print("\n", account.prefix, figures)
    end(account)


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_coverage_and_broker_come_and_go(flavour: str, module: str, broker: Broker) -> None:
    account = begin(flavour, module, broker, f"cover-{flavour}-{module}")
    node = account.node
    node.up()
    session = established(account)
    for turn in range(3):
        exchange(account, session, UP // 6)
        delay = account.random.random()
        node.loop.call_later(delay, node.module.set_coverage, False)
        node.loop.call_later(
            delay + account.random.randrange(5, 300), node.module.set_coverage, True
        )
        exchange(account, session, UP // 6)
        if turn == 1:
            node.loop.call_later(account.random.random(), broker.restart)
            work(account, session, 1500)
    finish(account, session)
    figures = account.balance(session)
    print("\n", account.prefix, figures, session.connections, set(account.trouble))
    assert session.connections > 1
    end(account)


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_module_and_host_restart(flavour: str, module: str, broker: Broker) -> None:
    account = begin(flavour, module, broker, f"restart-{flavour}-{module}")
    node = account.node
    node.up()
    session = established(account)
    for turn in range(3):
        exchange(account, session, UP // 6)
        node.loop.call_later(account.random.random(), node.module.restart)
        exchange(account, session, UP // 6)
        if turn == 1:
            state = session.save()
            account.repeated += session.repeated
            modem = node.make()
            try:
                node.call(modem.attach)
            except OSError:  # the module has restarted in the middle of that
                node.call(modem.attach)
            node.call(modem.connect, APN)
            session = account.keep(state=state)
    finish(account, session)
    figures = account.balance(session, restarts=4)
    print("\n", account.prefix, figures, session.connections, set(account.trouble))
    end(account, restarted=True)


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_on_a_bad_line(flavour: str, module: str, broker: Broker) -> None:
    """URCs between all lines, answers in pieces, bytes lost, or doubled, on the way to the host. A
    message that is lost on its way here is told by an error. Without a check sum on the line, two
    faults at once can balance each other, so there is one kind of them; and up go messages that
    need no prompt, as the module takes what it is sent when that is lost for the message."""
    account = begin(flavour, module, broker, f"line-{flavour}-{module}")
    node = account.node
    node.up()
    session = established(account)
    account.longest = 128
    what = "drop" if flavour == "blocking" else "double"
    node.module.faults.load(f"split=9;urc=*:+CSCON: 1;{what}=out:0.0005")
    exchange(account, session, UP)
    node.module.faults.clear()
    finish(account, session)
    figures = account.balance(session, lossy=True)
    print("\n", account.prefix, figures, session.connections, len(account.trouble))
    assert figures["down lost"] <= len(account.trouble)
    end(account, restarted=True)
