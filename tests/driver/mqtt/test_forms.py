"""What is noticed of a bad line when a message is given to the module: bytes of command and
message are lost, doubled or damaged, each in turn, in every form, on the simulated module and a
real broker. The figures are those of lib/MQTT.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.mqtt_client import Party, mqtt_node
from driver.support.mqtt_session import Desk
from driver.support.node import APN
from driver.support.serial_script import FLAVOURS
from servers.broker import NAME, Broker

FAULTS = {"one lost": ("drop", 1), "two lost": ("drop", 2), "doubled": ("double", 1),
          "damaged": ("damage", 1)}  # fmt: skip
FORMS = ("text", "hex", "binary")
MESSAGE = b"temperature 21.5; door closed"
TOPIC = "forms/t"
NOTICED = {("hex", "one lost"), ("hex", "doubled"), ("binary", "one lost"), ("binary", "two lost")}
"""What ends in an error wherever in the message it happens."""
UNNOTICED = "acknowledged, and not what was sent"


class Sender:
    """A node that publishes by a line that can be spoiled."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.node = mqtt_node(broker, "sara-r5", "blocking")
        self.modem = self.node.make()
        self.modem.power_on()
        self.modem.connect(APN)
        self.mqtt: Any = self.modem.mqtt
        self.party = Party(broker, "#")
        self.marks = self.seen = 0
        self.form: str | None = None

    def publish(self, what: str, at: int, count: int) -> str:
        """`count` bytes from `at` on, counted from the first of the command, are spoiled; what
        became of the message."""
        into = self.node.module.faults.into
        into.count, into.at = 0, {at + n: what for n in range(count)}
        self.mqtt.form = self.form
        error = None
        try:
            self.mqtt.publish(TOPIC, MESSAGE, qos=1)
        except OSError as caught:
            error = caught
        into.at = {}
        right = self.heard() == [(TOPIC, MESSAGE)]
        return "an error" if error else "nothing wrong" if right else UNNOTICED

    def heard(self) -> list[tuple[str, bytes]]:
        """What the broker has got since the last call."""
        self.mqtt.form = None
        if not self.mqtt.is_connected():
            self.mqtt.connect(NAME, self.broker.port, client_id="forms")
        self.marks += 1
        mark = "mark", b"%d" % self.marks
        self.mqtt.publish(*mark, qos=1)
        heard = self.party.heard
        self.party.until(lambda: mark in [one[:2] for one in heard[self.seen :]])
        found = [one[:2] for one in heard[self.seen : -1]]
        self.seen = len(heard)
        return found

    def sent(self) -> bytes:
        """All that goes to the module for a message."""
        before = len(self.node.sent())
        self.mqtt.form = self.form
        self.mqtt.publish(TOPIC, MESSAGE, qos=1)
        return self.node.sent()[before:]


@pytest.fixture(scope="module")
def sender() -> Iterator[Sender]:
    with Broker() as broker:
        made = Sender(broker)
        made.heard()
        yield made
        made.party.close()
        made.node.close()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_noticed_of_a_bad_line(sender: Sender, fault: str, form: str) -> None:
    sender.form = form
    line = sender.sent()
    message = MESSAGE.hex().upper().encode() if form == "hex" else MESSAGE
    start = line.index(message)
    stop = start + len(message)
    sender.heard()
    what, count = FAULTS[fault]
    ends = [sender.publish(what, at, count) for at in range(len(line) - count + 1)]
    within = Counter(ends[start : stop - count + 1])
    outside = Counter(ends[:start] + ends[stop:])
    print(f"\n{form}, {fault}: of the message {dict(within)}, of the rest {dict(outside)}")
    if (form, fault) in NOTICED:
        assert set(within) == {"an error"}
    else:
        assert UNNOTICED in within, "more is noticed than the documentation says"
    topic = line.index(TOPIC.encode())
    assert UNNOTICED in ends[topic : topic + len(TOPIC)]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_form_that_is_taken(flavour: str) -> None:
    desk = Desk(flavour)
    publish = desk.mqtt.publish
    table: list[tuple[bool | None, str | None, int, bytes, bytes]] = [
        # RTS and CTS, wish, QoS, message, beginning of the command
        (None, None, 0, b"21.5", b'AT+UMQTTC=2,0,0,0,"t","21.5"\r'),
        (None, None, 0, b"\0", b'AT+UMQTTC=2,0,0,1,"t","00"\r'),
        (None, None, 0, b"\0" * 200, b'AT+UMQTTC=9,0,0,"t",200\r'),
        (None, None, 1, b"21.5", b'AT+UMQTTC=9,1,0,"t",4\r'),
        (False, None, 2, b"21.5", b'AT+UMQTTC=9,2,0,"t",4\r'),
        (None, None, 1, b"", b'AT+UMQTTC=2,1,0,0,"t",""\r'),
        (True, None, 1, b"21.5", b'AT+UMQTTC=2,1,0,0,"t","21.5"\r'),
        (True, None, 2, b"\0", b'AT+UMQTTC=2,2,0,1,"t","00"\r'),
        (None, "text", 1, b"21.5", b'AT+UMQTTC=2,1,0,0,"t","21.5"\r'),
        (None, "hex", 2, b"A", b'AT+UMQTTC=2,2,0,1,"t","41"\r'),
        (True, "binary", 0, b"21.5", b'AT+UMQTTC=9,0,0,"t",4\r'),
    ]
    for flow, form, qos, data, command in table:
        desk.bench.modem.flow = flow
        desk.mqtt.form = form
        before = len(desk.written())
        desk.call(publish, "t", data, qos=qos)
        assert desk.written()[before:].startswith(command), (flow, form, qos)
        assert desk.model.published[-1] == ("t", data, qos, 0)
    desk.bench.close()
