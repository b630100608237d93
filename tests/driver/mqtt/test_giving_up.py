"""A caller gives up at every await of every operation of MQTT and MQTT-SN, on the simulated module
and a real broker: afterwards no lock, hold or vote is left, every message is delivered, kept or
reported, and the service works as ever.

With GIVING_UP=all at every await; else at some of each operation, chosen by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from driver.support.giving_up import Cut
from driver.support.mqtt_world import (
    BINARY,
    HOST,
    READING,
    TIMEOUT_S,
    Operation,
    SnWorld,
    World,
    carried_out,
    file_publish,
    give_up_everywhere,
    kinds,
    plain,
    publishing,
)
from driver.support.serial_script import MODULES
from servers.broker import NAME, Broker

pytestmark = pytest.mark.timeout(TIMEOUT_S)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def connecting(secure: bool = False) -> Callable[..., Any]:
    def run(world: World, cut: Cut) -> Any:
        options = {"tls": world.tls} if secure else {}
        return world.call(cut.through, world.connect, **options)

    return run


def configuring(method: str) -> Callable[..., Any]:
    def run(world: World, cut: Cut) -> Any:
        function = getattr(world.service, method)
        host, port = (HOST, 2000) if isinstance(world, SnWorld) else (NAME, world.broker.port)
        options = {"client_id": f"x{world.next()}", "will": ("w", b"\0", 1), "port": port}
        return world.call(cut.through, function, host, **options)

    return run


COMMON = [
    Operation("connect", connecting(), session=False),
    Operation("disconnect", plain("disconnect")),
    Operation("ping", plain("ping")),
    Operation("subscribe", plain("subscribe", "else/x", 1)),
    Operation("unsubscribe", plain("unsubscribe", "else/x")),
    Operation("configure", configuring("configure"), session=False),
    Operation("store", configuring("store"), session=False),
    Operation("load", plain("load"), session=False),
    Operation("factory", plain("factory"), session=False),
    Operation("settings", plain("settings")),
    publishing(b" text", 0),
    publishing(b" text", 1, "text"),
    publishing(BINARY[:40], 2, "hex"),
    publishing(BINARY * 2, 0),
    publishing(BINARY, 1),
    publishing(BINARY, 2),
    Operation("publish_file", file_publish, publishes=True),
    *READING,
]
MQTT = [Operation("connect-tls", connecting(secure=True), session=False), *COMMON]
MQTT_SN = [
    *COMMON,
    Operation("sleep", plain("disconnect", 60)),
    Operation("register", plain("register", "some/topic")),
    Operation("update_will", plain("update_will", "w", "gone")),
    publishing(BINARY * 2, 1, binary=False),
]


@pytest.mark.parametrize(("flavour", "module", "way"), kinds(MODULES))
def test_nothing_is_left_wherever_a_caller_gives_up(
    flavour: str, module: str, way: str, broker: Broker
) -> None:
    give_up_everywhere(partial(World, flavour, module, broker), MQTT, way, carried_out)


@pytest.mark.parametrize(("flavour", "module", "way"), kinds(MODULES[:1]))
def test_nor_is_it_with_mqtt_sn(flavour: str, module: str, way: str, broker: Broker) -> None:
    give_up_everywhere(partial(SnWorld, flavour, module, broker), MQTT_SN, way, carried_out)
