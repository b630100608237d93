"""What the driver adds to a CoAP exchange: the pause of rule 1 before its command, and after the
last byte hardly anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS
from servers.coap import CoapServer

PAUSE_MS = 20
SHARE = 0.05
BYTE_MS = 10_000 / 115_200


@pytest.fixture(params=FLAVOURS)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    made = Node("sara-r5", request.param)
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/hello", "/pattern?900", "/slow?150"])
def test_a_request_adds_at_most_5_percent(node: Node, path: str) -> None:
    loop = node.loop
    server: Any = loop.run_until_complete(CoapServer(loop).over_datagrams())
    modem = node.up()
    uri = f"coap://127.0.0.1:{server.port}{path}"
    node.call(modem.coap.get, uri)
    before = len(node.uart.trace)
    began = node.seconds() * 1000
    node.call(modem.coap.get, uri)
    took = node.seconds() * 1000 - began
    passed = node.uart.trace[before:]
    sent = [ms for ms, way, _ in passed if way == ">"]
    heard = [ms for ms, way, _ in passed if way == "<"]
    assert len(sent) == 1  # no setting is sent again
    tail_ms = len(passed[-1][2]) * BYTE_MS  # a line is noted when it begins
    needed = heard[-1] + tail_ms - sent[0] + min(PAUSE_MS, sent[0] - began)
    assert took <= needed * (1 + SHARE), (took, needed)
    loop.run_until_complete(server.stop())
