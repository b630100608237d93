"""The ladder of recovery, and a data connection that is kept: nobody has to press a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular import event
from ublox_cellular.core.errors import ModuleLost

# Rungs, as firmware authors know them from the documentation of ladder.py.
RESYNC, MODE, RATE, CONTEXT, RADIO, REBOOT, POWER, GIVEN_UP = range(8)


def rungs(node: Node) -> list[tuple[int, int]]:
    """(rung, 1 helped or 2 did not) told since the last call."""
    told = [(a, b) for kind, a, b in node.events() if kind == event.RECOVERY]
    return [(a, b) for a, b in told if b]


def hang(node: Node, boots: int) -> None:
    """The module reacts to nothing before it has booted so many times more."""
    feed, wanted = node.module.interface.feed, node.module.boots + boots

    def deaf(data: bytes, start: float, end: float) -> None:
        if node.module.boots >= wanted:
            feed(data, start, end)

    node.module.interface.feed = deaf  # type: ignore[method-assign]


def deafen(node: Node, ms: float) -> None:
    """The line is dead for a while."""
    feed, until = node.module.interface.feed, node.seconds() + ms / 1000

    def deaf(data: bytes, start: float, end: float) -> None:
        if node.seconds() >= until:
            feed(data, start, end)

    node.module.interface.feed = deaf  # type: ignore[method-assign]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_is_deaf_for_a_while_is_only_asked_again(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.events()
    deafen(node, 12_000)
    node.call(modem.recovery.reach, "a test")
    assert rungs(node)[-1][1] == 1 and rungs(node) == []
    assert modem.recovery.counts[POWER] == 0
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_hangs_is_power_cycled_and_connect_goes_on(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.events()
    hang(node, 1)
    node.call(modem.connect, APN, timeout_ms=900_000)
    assert rungs(node) == [(RESYNC, 2), (MODE, 2), (RATE, 2), (POWER, 1)]
    assert modem.recovery.counts[POWER] == 1
    assert modem.recovery.last[:2] == (POWER, True)
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_without_wires_it_gives_up_with_a_reason_and_the_line_is_usable_afterwards(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up(wires="")
    node.events()
    hang(node, 1)
    with pytest.raises(ModuleLost) as caught:
        node.call(modem.connect, APN, timeout_ms=900_000)
    assert "no answer after resynchronise" in str(caught.value)
    assert rungs(node) == [(RESYNC, 2), (MODE, 2), (RATE, 2)]
    assert modem.recovery.counts[GIVEN_UP] == 1
    node.module.restart()
    node.pass_ms(5000)
    node.call(modem.power_on)
    node.call(modem.connect, APN)
    node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_only_the_rungs_that_are_allowed_are_climbed(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    modem.recovery.rungs = (RESYNC,)
    node.events()
    hang(node, 1)
    with pytest.raises(ModuleLost):
        node.call(modem.connect, APN, timeout_ms=900_000)
    assert rungs(node) == [(RESYNC, 2)]
    with pytest.raises(OSError):
        node.call(modem.connect, APN, timeout_ms=900_000, recover=False)
    assert rungs(node) == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_that_never_takes_us_is_tried_on_every_rung_then_given_up(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, network="denied", retry_ms=2000)
    modem = node.make()
    node.call(modem.power_on)
    modem.recovery.patience_ms = 30_000
    node.events()
    with pytest.raises(OSError) as caught:
        node.call(modem.connect, APN, timeout_ms=3_600_000)
    assert "no recovery step has helped" in str(caught.value)
    assert rungs(node) == [(RADIO, 1), (REBOOT, 1), (POWER, 1)]  # there is no context to lose
    assert list(modem.recovery.counts[CONTEXT:]) == [0, 1, 1, 1, 1]
    assert len(node.call(modem.imei)) == 15


@pytest.mark.parametrize("cure", [RADIO, REBOOT, POWER])
@pytest.mark.parametrize("module", MODULES)
def test_the_ladder_stops_where_it_helps(
    module: str, cure: int, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, network="denied", retry_ms=2000)
    modem = node.make()
    modem.power_on()
    modem.recovery.patience_ms = 30_000

    def listen(kind: int, a: int, b: int) -> None:
        if (kind, a, b) == (event.RECOVERY, cure, 0):
            node.module.network.set_network("home")

    modem.on_event = listen
    modem.connect(APN, timeout_ms=3_600_000, progress=lambda stage: modem.poll())
    node.usable()
    assert modem.recovery.counts[cure] == 1 and modem.recovery.climbed == 0
    assert sum(modem.recovery.counts[cure + 1 :]) == 0


@pytest.mark.parametrize("module", MODULES)
def test_the_counters_survive_in_the_state(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module)
    modem = node.up()
    for number in range(8):
        modem.recovery.counts[number] = number * 30
    state = modem.save_state()
    assert list(node.make(state=state).recovery.counts) == [number * 30 for number in range(8)]


# ---- a connection nobody waits for --------------------------------------------------------------


async def polled(node: Node, connected: Callable[[], bool], seconds: float) -> float:
    """Ask now and then, as an application does; how long it took."""
    began = node.seconds()
    while not connected():
        assert node.seconds() - began < seconds, node.told()
        node.modem.poll()
        if node.flavour == "asyncio":
            await asyncio.sleep(0.1)
        else:
            node.pass_ms(100)
    return node.seconds() - began


def until_connected(node: Node, seconds: float = 60) -> float:
    work = polled(node, node.modem.isconnected, seconds)
    if node.flavour == "asyncio":
        return float(node.call(lambda: work))
    try:
        work.send(None)
    except StopIteration as stop:
        return float(stop.value)
    raise AssertionError("the blocking form never waits")


def status(node: Node) -> int:
    return int(node.call(node.modem.status))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_connecting_without_waiting(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, flavour, registered_after_ms=20_000)
    modem = node.make()
    node.call(modem.power_on)
    assert status(node) == 0
    began = node.seconds()
    node.call(modem.connect, APN, wait=False)
    assert node.seconds() - began < 0.1
    assert status(node) in (1, 2)
    assert 15 < until_connected(node) < 40
    assert status(node) == 3
    node.usable()


@pytest.mark.parametrize("module", MODULES)
def test_no_call_of_the_blocking_form_takes_long(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, registered_after_ms=20_000)
    modem = node.make()
    modem.power_on()
    modem.connect(APN, wait=False)
    longest = 0.0
    while True:
        began = node.seconds()
        done = modem.isconnected()
        longest = max(longest, node.seconds() - began)
        if done:
            break
        node.pass_ms(50)
    print(f"{module}: the longest call of isconnected() took {longest * 1000:.0f} ms")
    assert longest < 0.5


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_giving_it_up_by_disconnect(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, flavour)
    node.module.set_coverage(False)
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.connect, APN, wait=False)
    with pytest.raises(AssertionError):
        until_connected(node, 20)
    node.call(modem.disconnect)
    assert status(node) == 0 and not modem.isconnected()
    node.module.set_coverage(True)
    node.call(modem.connect, APN)
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_cannot_be_is_told_by_status(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, sim="NONE")
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.connect, APN, wait=False)
    with pytest.raises(AssertionError):
        until_connected(node, 30)
    assert status(node) == -1
    assert "SIM" in str(modem.network.wanted.failed)


LOSSES: dict[str, Callable[[Node], None]] = {
    "coverage": lambda node: node.module.set_coverage(False),
    "the context": lambda node: node.module.network.network_deactivates(1),
    "the attach": lambda node: node.module.network.network_detaches(),
    "the module": lambda node: node.module.restart(),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_lost_connection_comes_back_by_itself(
    flavour: str, module: str, loss: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.usable()
    node.events()
    LOSSES[loss](node)
    node.pass_ms(8000)
    told = node.events()
    if loss != "the module":
        assert (event.CONNECTION, 0, 0) in told, told
    node.module.set_coverage(True)
    node.usable()  # a new socket waits for it
    assert modem.isconnected()
    assert (event.CONNECTION, 1, 0) in node.events()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_lost_answer_of_a_long_command_does_not_stop_it_for_ever(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.make()
    node.call(modem.power_on)
    node.module.faults.load("mute=+CFUN;mute=+UPSDA")
    node.call(modem.connect, APN, wait=False)
    node.loop.call_later(5, node.module.faults.clear)
    assert until_connected(node, 500) < 400
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_was_switched_off_stays_off(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000)
    node.call(modem.power_off)
    for _ in range(20):
        node.pass_ms(5000)
        modem.poll()
        assert not modem.isconnected()
    assert node.module.state == "off"
    node.call(modem.power_on)
    node.call(modem.connect, APN)
    assert modem.power.mode == 1  # the module has kept it, and the driver knows
    node.usable()


@pytest.mark.parametrize("cured", [True, False])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_is_refused_is_tried_rung_by_rung_while_nobody_waits(
    flavour: str, cured: bool, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour, psd_error=33)
    modem = node.make()
    node.call(modem.power_on)
    modem.recovery.patience_ms = 30_000

    def listen(kind: int, a: int, b: int) -> None:
        node.heard.append((kind, a, b))
        if cured and (kind, a, b) == (event.RECOVERY, RADIO, 0):
            node.module.options.psd_error = 0

    modem.on_event = listen
    if cured:
        node.call(modem.connect, APN, wait=False)
        until_connected(node, 300)
        assert modem.recovery.counts[RADIO] == 1 and modem.recovery.counts[REBOOT] == 0
        node.usable()
        return
    with pytest.raises(OSError):  # who waits is told soon
        node.call(modem.connect, APN)
    assert sum(modem.recovery.counts) == 0
    node.call(modem.connect, APN, wait=False)
    with pytest.raises(AssertionError):
        until_connected(node, 600)
    assert [(a, b) for kind, a, b in node.heard if kind == event.RECOVERY and b][:4] == [
        (CONTEXT, 1), (RADIO, 1), (REBOOT, 1), (POWER, 1)
    ]  # fmt: skip
    assert status(node) == -1
    node.module.options.psd_error = 0
    until_connected(node, 900)  # nothing that only keeps trying has an end
    assert modem.network.wanted.failed is None
    node.usable()
