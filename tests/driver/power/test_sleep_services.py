"""What services know of their profiles is not believed behind a deep sleep, told or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from behaviours.peers import Peers
from driver.support.node import APN, Node

ROUNDS = 3


@pytest.fixture
def peers(nodes: Callable[..., Node]) -> Iterator[Callable[[Node], Any]]:
    """Starts peers on a node's loop and says where they are."""
    made: list[tuple[Node, Peers]] = []

    def make(node: Node) -> dict[str, object]:
        made.append((node, Peers(_no_control)))
        return node.loop.run_until_complete(made[-1][1].start())

    yield make
    for node, peers in made:
        node.loop.run_until_complete(peers.close())


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
@pytest.mark.parametrize("level", ["sleep2", "hibernate"])
@pytest.mark.parametrize("what", ["http", "https", "socket"])
def test_profiles_are_told_again_behind_every_deep_sleep(
    what: str, level: str, flavour: str, nodes: Callable[..., Node], peers: Callable[[Node], Any]
) -> None:
    node = nodes("lexi-r10", flavour)
    place = peers(node)
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.power.save, "timer", 5000, level)
    node.call(modem.connect, APN)
    node.call(modem.security.store, "CA", "peers", place["pem"]["ca"].encode())
    profile = modem.security.profile(ca="peers")

    def page(scheme: str, at: str = "") -> bytes:
        url = f"{scheme}://{place['name']}:{place[at or scheme]}/until/3/1"
        tls = profile if scheme == "https" else None
        response = node.call(modem.http.get, url, tls=tls)
        return bytes(node.call(response.read))

    def spoken(at: str = "tls") -> bytes:
        sock = modem.socket()
        sock.settimeout(60)
        try:
            node.call(sock.secure, profile)
            node.call(sock.connect, (place["name"], place[at]))
            node.call(sock.sendall, b"send 3 1\n")
            return bytes(node.call(sock.read, 3))
        finally:
            node.call(sock.close)

    slept = 0
    for number in range(ROUNDS):
        if number and what != "http":  # with a profile that is gone a stranger would do
            with pytest.raises(OSError):
                _ = spoken("tls_stranger") if what == "socket" else page(what, "https_stranger")
            node.pass_ms(200_000)
        assert len(spoken() if what == "socket" else page(what)) == 3
        node.pass_ms(200_000)
        modem.poll()
        slept += modem.power.depth > 1 or any(kind == 9 for kind, _, _ in node.events())
    assert slept, "it never slept: nothing is proven"


async def _no_control(_line: str) -> list[str]:
    return []
