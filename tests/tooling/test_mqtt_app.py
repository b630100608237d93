"""boards/apps/mqtt_node.py against a broker that wants the device's certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from driver.support.mqtt_client import Party
from servers.broker import Broker

from ublox_simulator import open_uart


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture
def app(load_app: Callable[[str], ModuleType]) -> ModuleType:
    return load_app("mqtt_node")


def folder_of(broker: Broker, path: Path) -> str:
    (path / "ca.pem").write_bytes(broker.ca.cert_pem.bytes())
    (path / "device.pem").write_bytes(broker.identity.cert_chain_pems[0].bytes())
    (path / "device.key").write_bytes(broker.identity.private_key_pem.bytes())
    return f"{path}/"


@pytest.fixture(params=["sara-r5", "lexi-r10"])
def place(request: pytest.FixtureRequest, broker: Broker) -> Iterator[Any]:
    """A simulated module in virtual time, and programs on it."""
    loop = broker.loop()
    hosts = {"broker.example": "127.0.0.1"}
    uart = open_uart(request.param, loop=loop, hosts=hosts, registered_after_ms=500, trace=True)

    def connected() -> Any:
        from ublox_cellular import LexiR10, SaraR5

        modem = (SaraR5 if request.param == "sara-r5" else LexiR10)(uart)
        modem.power_on(30000)
        modem.connect("iot.example")
        return modem

    yield SimpleNamespace(connected=connected, uart=uart, module=uart.module, loop=loop)
    uart.close()
    loop.close()


def values(party: Party) -> list[bytes]:
    return [payload for topic, payload, _, _ in party.heard if topic == "node-1/value"]


def test_measurements_commands_and_the_last_will(
    place: Any, app: ModuleType, broker: Broker, tmp_path: Path
) -> None:
    folder = folder_of(broker, tmp_path)
    port = broker.ports["mutual"]
    with Party(broker, "node-1/#") as party:
        node = app.Node(place.connected(), "broker.example", port, folder)
        node.turn(1)
        party.until(lambda: values(party) == [b"1.00"])
        party.say("node-1/interval", b"7")
        node.turn(2)
        assert node.interval_ms == 7000
        place.loop.call_later(0.5, place.module.set_coverage, False)
        place.loop.call_later(200, place.module.set_coverage, True)
        node.interval_ms = 60000
        for number in range(3, 9):
            node.turn(number)
        waiting = (tmp_path / app.OUTBOX).read_bytes()
        assert node.session.waiting == [] and len(waiting) < 10
        assert place.module.violations == []
        node.session.publish("node-1/value", "9.00")
        app.keep(folder + app.OUTBOX, node.session.save())  # and then a reset
        node = app.Node(place.connected(), "broker.example", port, folder)
        node.turn(10)
        wanted = [b"%d.00" % number for number in range(1, 11)]
        party.until(lambda: set(wanted) <= set(values(party)))
        assert list(dict.fromkeys(values(party))) == wanted
        states = [payload for topic, payload, _, _ in party.heard if topic == "node-1/state"]
        assert states[0] == states[-1] == b"here"
