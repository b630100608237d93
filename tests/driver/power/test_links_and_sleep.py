"""Data mode while the module may sleep: a link keeps the module awake as long as it is open, and
no longer. LEXI-R10 by a vote (+USLPVOTE, A10 6.1.4), SARA-R5 by +UPSV=0, both by a wire that does
the same. Case I34 of interleaving.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.power.test_sleep import fall_asleep, save
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS

WAYS = {  # module, what save() is told, wires, the state it then sleeps in
    "sara-timer": ("sara-r5", ("timer", 1000), "power_key power_sense", "uart"),
    "sara-timer-no-wires": ("sara-r5", ("timer", 1000), "", "uart"),
    "sara-dtr": ("sara-r5", ("dtr", 500), "dtr", "uart"),
    "sara-rts": ("sara-r5", ("rts", 500), "rts", "uart"),
    "lexi-sleep1": ("lexi-r10", ("timer", 1000, "sleep1"), "power_key", "sleep1"),
    "lexi-sleep2": ("lexi-r10", ("timer", 1000, "sleep2"), "power_key power_sense", "sleep2"),
    "lexi-gpio": ("lexi-r10", ("gpio", 500, "sleep1", 14), "wake_gpio", "sleep1"),
}
PAUSE_MS = 60_000


@pytest.fixture
def nodes(nodes: Callable[..., Node]) -> Iterator[Callable[..., Node]]:
    """As everywhere, and no rule of the wire may be broken."""
    made: list[Node] = []

    def make(*arguments: Any, **options: Any) -> Node:
        made.append(nodes(*arguments, **options))
        return made[-1]

    yield make
    assert [node.violations() for node in made] == [[] for _ in made]


def idle(node: Node, ms: float = PAUSE_MS) -> None:
    for _ in range(10):
        node.pass_ms(ms / 10)
        node.modem.poll()


def opened(node: Node, saving: tuple[Any, ...], wires: str) -> tuple[Any, Any]:
    """A socket and its link, on a module that saves power."""
    node.up(wires=wires)
    save(node, *saving)
    sock = node.stream()
    return sock, node.call(sock.direct_link)


def echo(node: Node, link: Any, data: bytes) -> None:
    node.call(link.write, data)
    buf = bytearray(len(data))
    got = 0
    while got < len(data):
        n = node.call(link.readinto, memoryview(buf)[got:], 0, 5000)
        assert n, (bytes(buf[:got]), node.told())
        got += n
    assert buf == data


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_idle_link_loses_no_byte_and_the_module_sleeps_after_it(
    flavour: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, state = WAYS[way]
    node = nodes(kind, flavour)
    sock, link = opened(node, saving, wires)
    lost = node.module.lost_bytes
    for turn in range(3):
        echo(node, link, b"message %d" % turn)
        idle(node)
        assert node.module.sleep_state == "awake"
    echo(node, link, b"the last")
    node.call(link.close)
    assert node.module.lost_bytes == lost
    assert node.modem.power.votes == 0
    fall_asleep(node, state, PAUSE_MS)
    node.echo(sock, b"behind it")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_blockers_name_the_link_and_do_not_wait_for_its_end(
    flavour: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, _ = WAYS[way]
    node = nodes(kind, flavour)
    _, link = opened(node, saving, wires)
    began = node.seconds()
    found = node.call(node.modem.power.blockers)
    assert any("direct link" in text for text in found), found
    assert node.seconds() - began < 1
    node.call(link.close)
    assert not any("direct link" in text for text in node.call(node.modem.power.blockers))


@pytest.mark.parametrize("way", ["sara-dtr", "sara-rts", "lexi-gpio"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wire_is_not_released_while_a_link_is_open(
    flavour: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, state = WAYS[way]
    node = nodes(kind, flavour)
    _, link = opened(node, saving, wires)
    node.modem.power.rest()
    idle(node)
    echo(node, link, b"heard")
    node.call(link.close)
    fall_asleep(node, state, PAUSE_MS)


@pytest.mark.parametrize("way", ["sara-timer", "lexi-sleep1", "lexi-sleep2"])
@pytest.mark.parametrize("end", ["peer", "dropped", "restart", "refused"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_module_may_sleep_again_however_a_link_ends(
    flavour: str, end: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, state = WAYS[way]
    node = nodes(kind, flavour)
    modem = node.up(wires=wires)
    save(node, *saving)
    sock = node.stream()
    if end == "refused":
        node.tcp.connections[0].close()
        with pytest.raises(OSError):
            node.call(sock.direct_link)
    else:
        link = node.call(sock.direct_link)
        if end == "peer":
            node.tcp.connections[0].close()
            idle(node, 3000)
            node.call(link.readinto, bytearray(10), 0, 1000)
            assert link.ended
            node.call(link.close)
        elif end == "dropped":
            del link
        else:
            node.module.restart()
            node.pass_ms(8000)
            with contextlib.suppress(OSError):  # it does not answer to `+++` as from data mode
                node.call(link.close)
    if end in ("dropped", "restart"):
        assert len(node.call(modem.imei)) == 15
    assert modem.power.votes == 0
    assert not modem.power.vote_owed
    if end != "restart":
        fall_asleep(node, state, PAUSE_MS)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_other_votes_outlast_a_link(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up(wires="power_key")
    save(node, "timer", 1000, "sleep1")
    awake = modem.power.awake()
    node.call(awake.__aenter__ if flavour == "asyncio" else awake.__enter__)
    link = node.call(node.stream().direct_link)
    node.call(link.close)
    idle(node)
    assert node.module.sleep_state == "awake"
    end = awake.__aexit__ if flavour == "asyncio" else awake.__exit__
    node.call(end, None, None, None)
    fall_asleep(node, "sleep1", PAUSE_MS)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_power_saving_of_sara_r5_is_off_for_the_time_of_a_link(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    _, link = opened(node, *WAYS["sara-timer"][1:3])
    sent = node.sent()
    assert sent.rindex(b"AT+UPSV=0\r") < sent.rindex(b"AT+USODL=0\r")
    node.call(link.close)
    assert b"AT+UPSV=1,216\r" in node.sent()[len(sent) :]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_link_of_a_module_that_does_not_save_power_costs_no_command(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    for kind in ("sara-r5", "lexi-r10"):
        node = nodes(kind, flavour)
        node.up()
        sock = node.stream()
        before = len(node.sent())
        link = node.call(sock.direct_link)
        assert node.sent()[before:] == b"AT+USODL=0\r"
        node.call(link.close)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_saved_state_of_an_open_link_lets_the_module_sleep_again(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    for way in ("sara-timer", "lexi-sleep1"):
        kind, saving, wires, state = WAYS[way]
        node = nodes(kind, flavour)
        _, link = opened(node, saving, wires)
        saved = node.modem.save_state()
        node.call(link.close)  # which a program that has died does not do
        modem = node.make(wires=wires, state=saved)
        assert modem.power.votes == 0
        node.call(modem.power_on)
        assert not modem.power.vote_owed
        fall_asleep(node, state, PAUSE_MS)
