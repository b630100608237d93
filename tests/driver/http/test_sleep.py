"""HTTP and a module that sleeps: what is kept, what is told again, what keeps it awake."""

from __future__ import annotations

import pytest
from driver.support.http_server import Places
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS

from ublox_cellular.core.service_errors import HttpError


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stored_profile_is_in_place_after_hibernation(flavour: str, places: Places) -> None:
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.set_edrx, 81.92)
    node.call(modem.power.save, "timer", 1000, "hibernate")
    node.call(modem.http.store, server.base)
    assert server.get() == b"hello world"
    asleep(node, "hibernate")
    before = len(node.sent())
    assert server.get() == b"hello world"
    sent = node.sent()[before:]
    assert b"AT+UHTTP=" not in sent
    assert b"AT+UHTTPNV?" in sent
    node.module.restart()  # that is no sleep: it is gone, until it is loaded
    node.pass_ms(8000)
    node.call(modem.connect, "iot.example")
    before = len(node.sent())
    assert server.get() == b"hello world"
    assert b"AT+UHTTP=0\r" in node.sent()[before:]
    node.call(modem.http.load)
    before = len(node.sent())
    assert server.get() == b"hello world"
    assert b"AT+UHTTP=" not in node.sent()[before:]
    node.call(modem.http.factory)
    assert server.get() == b"hello world"


def asleep(node: Node, wanted: str) -> None:
    for _ in range(40):
        node.pass_ms(3000)
        node.modem.poll()
        if node.module.sleep_state == wanted:
            return
    raise AssertionError(node.call(node.modem.power.blockers))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_profile_that_sleep_has_cost_is_told_again(flavour: str, places: Places) -> None:
    for module, level in (("lexi-r10", "hibernate"), ("sara-r5", "psm")):
        node, server = places(module, flavour)
        modem = node.up()
        if module == "sara-r5":
            node.call(modem.power.save, "timer", 1000)
            node.call(modem.power.set_psm, 3600, 2)
        else:
            node.call(modem.power.set_edrx, 81.92)
            node.call(modem.power.save, "timer", 1000, "hibernate")
        for _ in range(2):
            assert server.get() == b"hello world"
            asleep(node, level)
        assert server.get() == b"hello world"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_request_on_its_way_keeps_the_module_from_deep_sleep(
    flavour: str, places: Places
) -> None:
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.set_edrx, 81.92)
    node.call(modem.power.save, "timer", 1000, "hibernate")
    server.get()
    states = set()

    def look() -> None:
        states.add(node.module.sleep_state)
        if node.seconds() < until:
            node.loop.call_later(0.5, look)

    until = node.seconds() + 35
    look()
    with pytest.raises(HttpError):
        server.get("silent", timeout_ms=30_000, direct=False)
    assert "hibernate" not in states and "sleep2" not in states, states
    assert modem.power.votes == 0
    asleep(node, "hibernate")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wire_is_not_released_while_a_request_is_on_its_way(
    flavour: str, places: Places
) -> None:
    node, server = places("sara-r5", flavour)
    modem = node.make("dtr power_key")
    node.call(modem.power_on)
    node.call(modem.connect, "iot.example")
    node.call(modem.power.save, "dtr", 500)
    released: list[float] = []
    rest = modem.power.rest
    modem.power.rest = lambda: (released.append(node.seconds()), rest())
    modem.channel.keep_going = lambda: modem.poll()
    with pytest.raises(HttpError):
        server.get("silent", timeout_ms=30_000)
    modem.channel.keep_going = None
    assert released == []
    for _ in range(5):
        node.pass_ms(1000)
        modem.poll()
    assert released != []


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_direct_link_votes_against_sleep_while_it_is_open(flavour: str, places: Places) -> None:
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000, "sleep1")
    node.call(modem.imei)
    before = len(node.sent())
    assert server.get(direct=True) == b"hello world"
    sent = node.sent()[before:]
    down, request, up = (
        sent.index(text) for text in (b"AT+USLPVOTE=0,0\r", b"AT+UHTTPC=", b"AT+USLPVOTE=0,1\r")
    )
    assert down < request < up
    assert modem.power.votes == 0
    asleep(node, "sleep1")
    assert server.get(direct=True) == b"hello world"
