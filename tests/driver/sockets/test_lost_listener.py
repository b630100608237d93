"""accept() on a socket that listens no more: the data connection was lost meanwhile."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Any

import pytest
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

CAUSES: dict[str, Callable[[Node], Any]] = {
    "context": lambda node: node.module.network.network_deactivates(1),
    "unseen": lambda node: node.module.network.network_deactivates(1, told=False),
    "restart": lambda node: node.module.restart(),
}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_accept_ends_when_the_module_does_not_listen_any_more(
    flavour: str, module: str, cause: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, strict=False)
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.connect, "iot.example")
    server = modem.socket()
    server.settimeout(1)
    node.call(server.bind, ("", 500))
    node.call(server.listen, 2)
    with pytest.raises(TimeoutError):
        node.call(server.accept)
    CAUSES[cause](node)
    if cause == "unseen":
        modem.network.doubt()  # as whatever fails meanwhile does
    failure: OSError = TimeoutError()
    for _ in range(300):
        try:
            node.call(modem.connect, "iot.example", timeout_ms=5000)
            node.call(server.accept)
        except OSError as error:
            failure = error
        if failure.errno == errno.ECONNRESET:
            break
    assert failure.errno == errno.ECONNRESET
    node.call(server.close)
    again = modem.socket()
    node.call(again.bind, ("", 500))
    node.call(again.listen, 2)
    [real] = node.module.listen_ports().values()
    answer: list[bytes] = []

    async def call() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", real)
        answer.append(await reader.read(10))
        writer.close()

    task = node.loop.create_task(call())
    again.settimeout(30)
    sock, _ = node.call(again.accept)
    node.call(sock.sendall, b"here")
    node.call(sock.close)
    node.loop.run_until_complete(task)
    assert answer == [b"here"]


@pytest.mark.parametrize("module", MODULES)
def test_a_listener_that_the_module_has_kept_goes_on(
    module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    server = modem.socket()
    server.settimeout(1)
    node.call(server.bind, ("", 500))
    node.call(server.listen, 2)
    modem.network.set_up(False)  # only we believe so
    modem.network.set_up(True)
    with pytest.raises(TimeoutError):
        node.call(server.accept)
    asked = node.sent().count(b"AT+USOCTL=")
    with pytest.raises(TimeoutError):
        node.call(server.accept)
    assert node.sent().count(b"AT+USOCTL=") == asked
