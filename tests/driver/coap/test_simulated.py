"""CoAP on whole nodes: the simulated module and a real server.

Whatever datagrams are lost, the account balances: what was answered has arrived, and what was not
was reported.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS
from OpenSSL import SSL
from servers.coap import CoapServer, pattern
from servers.dtls_echo import server_context

from ublox_cellular.core.coap_errors import AnswerTooLarge, CoapError
from ublox_cellular.core.errors import NotSupported
from ublox_simulator.control.channel import Control

COUNT = 500
VARIANTS = (
    "coap-mask-whole", "coap-names-blank", "coap-answer-whole", "coap-block-512",
    "coap-field-detail", "coap-field-format", "coap-no-more",
)  # fmt: skip


class World:
    """A node with a connected modem, and a server of its own."""

    def __init__(self, flavour: str, **options: Any) -> None:
        self.node = Node("sara-r5", flavour, **options)
        loop = self.node.loop
        self.server = loop.run_until_complete(CoapServer(loop).over_datagrams())
        self.call = self.node.call
        self.modem = self.node.up()
        self.coap = self.modem.coap
        self.root = f"coap://127.0.0.1:{self.server.port}"

    def get(self, path: str, **options: Any) -> Any:
        return self.call(self.coap.get, self.root + path, **options)

    def close(self) -> None:
        self.node.loop.run_until_complete(self.server.stop())
        self.node.close()


Make = Callable[..., World]


@pytest.fixture
def worlds() -> Iterator[Make]:
    made: list[World] = []

    def make(flavour: str, **options: Any) -> World:
        made.append(World(flavour, **options))
        return made[-1]

    yield make
    for world in made:
        fair = "wrong parameters"  # what a variant lacks is found out by trying
        assert [v for v in world.node.violations() if fair not in v] == []
        assert world.node.module.sockets.guests == set()
        assert world.node.module.security.open_sessions == 0
        world.close()
        assert world.node.module.crashes == []


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_firmware_that_differs(flavour: str, variant: str, worlds: Make) -> None:
    world = worlds(flavour, variants={variant})
    coap = world.coap
    coap.buffer = bytearray(3000)
    coap.second_field = "detail" if variant == "coap-field-detail" else "format"
    detail = variant == "coap-field-detail"
    assert world.get("/hello").payload == b"world"
    answer = world.get("/pattern?3000")
    assert answer.payload == pattern(3000)
    assert answer.content_format == (42 if variant == "coap-field-format" else None)
    assert world.get("/forbidden").code == ("4.03" if detail else "4.xx")
    answer = world.call(coap.put, world.root + "/large-update", pattern(1100))
    assert answer.code == ("2.01" if detail else "2.xx")
    world.call(coap.store, 3)
    found = world.call(coap.profiles)[3]
    assert (found["uri"], found["number"], found["valid"]) == (
        world.root + "/large-update", 3, True,
    )  # fmt: skip
    assert found["options"] == (31 if variant == "coap-mask-whole" else 7)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_firmware_without_delete(flavour: str, worlds: Make) -> None:
    world = worlds(flavour, variants={"coap-no-delete"})
    with pytest.raises(NotSupported, match="DELETE"):
        world.call(world.coap.delete, world.root + "/store/x")
    assert world.get("/hello").ok


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("confirmable", [True, False])
def test_the_account_of_500_exchanges_over_a_bad_network_balances(
    flavour: str, confirmable: bool, worlds: Make
) -> None:
    world = worlds(flavour)
    chance = random.Random(8)
    world.server.loses = lambda: chance.random() < 0.1
    answered, failed = set(), set()
    for number in range(COUNT):
        data = b"%d" % number
        try:
            answer = world.call(
                world.coap.post, world.root + f"/store/{number}", data, confirmable=confirmable
            )
            assert answer.ok
            answered.add(str(number))
        except CoapError as error:
            assert error.error_class == 15
            failed.add(str(number))
    kept = world.server.store.kept
    arrived = {path[0] for path in kept}
    assert all(kept[(name,)][0] == name.encode() for name in arrived)
    assert len(answered) + len(failed) == COUNT
    assert answered <= arrived, "answered, and not with the server"
    lost = {True: (0, 5), False: (60, 130)}[confirmable]  # of 4 repetitions, or of none: 19 %
    assert lost[0] <= len(failed) <= lost[1], len(failed)
    print(f"{len(answered)} answered, {len(failed)} failed, {len(arrived)} arrived")
    world.server.loses = lambda: False
    assert world.get("/hello").ok


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_lost_data_connection_ends_a_request(flavour: str, worlds: Make) -> None:
    world = worlds(flavour)
    world.node.loop.call_later(3, Control(world.node.module).execute, "deactivate 1")
    with pytest.raises(CoapError, match="class 15"):
        world.get("/hang", timeout_ms=60_000)
    assert not world.coap.wanted


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_dtls_session_counts_among_those_of_the_module(flavour: str, worlds: Make) -> None:
    world = worlds(flavour)
    ca = trustme.CA()
    loop = world.node.loop
    context = server_context(SSL.DTLS_METHOD, ca.issue_cert("127.0.0.1"))
    server = loop.run_until_complete(CoapServer(loop).over_datagrams(context))
    world.call(world.modem.security.store, "CA", "ca", ca.cert_pem.bytes())
    tls = world.modem.security.profile(ca="ca")
    root = f"coaps://127.0.0.1:{server.port}"
    assert world.call(world.coap.get, root + "/hello", tls=tls).payload == b"world"
    seen: list[int] = []
    world.modem.channel.keep_going = lambda: seen.append(world.coap.tls_sessions) or True
    assert world.call(world.coap.get, root + "/slow?3000", tls=tls).ok
    world.modem.channel.keep_going = None
    assert max(seen) == 1 and world.coap.tls_sessions == 0
    assert tls.settled()
    loop.run_until_complete(server.stop())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_that_does_not_fit_leaves_the_line_usable(flavour: str, worlds: Make) -> None:
    world = worlds(flavour)
    with pytest.raises(AnswerTooLarge, match="20000 bytes, 1024 fit"):
        world.get("/pattern?20000")
    world.node.usable()
    assert world.get("/hello").payload == b"world"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_of_the_module_between_two_requests(flavour: str, worlds: Make) -> None:
    world = worlds(flavour)
    assert world.get("/hello").ok
    Control(world.node.module).execute("restart")
    world.node.pass_ms(8000)
    world.call(world.modem.connect, "iot.example")
    assert world.get("/hello").payload == b"world"
