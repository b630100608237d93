"""Bytes of a request that are lost or doubled on their way to the module: the right answer or an
error, in time, and the next request is right, whatever was damaged.

What no driver can see is left out: a byte of the path, of a header, of what stands in quotes.
CI runs a sample of the rest, `FAULTS=all` all (see matrix.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from driver.support.fault_matrix import sampled
from driver.support.http_server import Server
from driver.support.node import Node

BODY = bytes(range(1, 40))
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sara-get": ("sara-r5", "GET", {}),
    "sara-post": ("sara-r5", "POST", {"data": BODY}),
    "lexi-get": ("lexi-r10", "GET", {"direct": False}),
    "lexi-post": ("lexi-r10", "POST", {"data": BODY, "direct": False}),
    "lexi-link": ("lexi-r10", "GET", {"direct": True}),
    "lexi-link-post": ("lexi-r10", "POST", {"data": BODY, "direct": True}),
}
REST_MS = 100_000
LIMIT_S = 250 + REST_MS / 1000


def request(node: Node, server: Server, method: str, options: dict[str, Any]) -> bytes:
    """What the server says, which has got the right body."""
    response = node.call(
        node.modem.http.request, method, server.base, timeout_ms=30_000, **options
    )
    body = bytes(node.call(response.read))
    node.call(response.close)
    if "data" in options:
        assert server.requests[-1].endswith(b"\r\n\r\n" + BODY)
    return body


@pytest.mark.parametrize("what", ["drop", "double"])
@pytest.mark.parametrize("name", CASES)
def test_every_byte_to_the_module(name: str, what: str, nodes: Callable[..., Node]) -> None:
    module, method, options = CASES[name]
    node = nodes(module, strict=False)
    server = Server(node)
    modem = node.up()
    into = node.module.faults.into
    began = into.count
    request(node, server, method, options)
    total = into.count - began
    wrong = []
    for index in sampled(range(0, total, 2 if what == "drop" else 6), f"{name} {what}"):
        modem.http.lost()  # so that all of it is sent again
        node.module.faults.load(f"{what}=in@{into.count + index}")
        at = node.seconds()
        with contextlib.suppress(AssertionError):
            try:
                assert request(node, server, method, options) == b"hello world"
            except OSError:
                node.pass_ms(REST_MS)  # it may still be under way
        if node.seconds() - at > LIMIT_S:
            wrong.append((index, f"took {node.seconds() - at} s"))
        into.at.clear()
        try:
            assert node.call(modem.imei)
            assert request(node, server, method, options) == b"hello world"
        except (OSError, AssertionError) as error:
            wrong.append((index, str(error)[:200]))
            print(node.told())
            break
    server.peer.close()
    assert wrong == []
