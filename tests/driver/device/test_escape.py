"""The way out of data mode, whatever an earlier program has left in S2 (the escape character) and
S12 (the silence around it, 1/50 s). A5 9.1.4, at-commands 1.3; case I35 of interleaving.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from driver.device.test_bringup import at, bring_up, direct_link, ppp
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import ModuleLost, ModuleReset

LEFT = {  # S2, S12
    "long-silence": (43, 100), "longest-silence": (43, 255), "no-silence": (43, 0),
    "star": (42, 50), "minus": (45, 50), "hash": (35, 50), "tilde": (126, 50), "short": (42, 10),
}  # fmt: skip
RARE = {"capital": (88, 50), "control": (1, 50), "star-and-long": (42, 255)}


def leave_behind(node: Node, registers: tuple[int, int]) -> None:
    node.pass_ms(3000)
    at(node, "AT", f"ATS2={registers[0]}", f"ATS12={registers[1]}")


def registers(node: Node) -> tuple[int, int]:
    settings = node.module.settings
    return settings.escape_char, settings.guard


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_power_on_gets_out_of_a_link_left_open(
    flavour: str, module: str, left: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    leave_behind(node, LEFT[left])
    direct_link(node)
    node.make(wires="")
    began = node.seconds()
    node.call(node.modem.power_on, rates=())
    assert node.seconds() - began <= 90
    assert registers(node) == (43, 50)
    assert len(node.call(node.modem.imei)) == 15


@pytest.mark.parametrize("left", ["long-silence", "longest-silence", "star"])
@pytest.mark.parametrize("what", ["link", "call"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_power_on_with_all_rates_and_wires(
    flavour: str, module: str, what: str, left: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    leave_behind(node, LEFT[left])
    (direct_link if what == "link" else ppp)(node)
    bring_up(node, f"{what} {left}")
    assert registers(node) == (43, 50)


@pytest.mark.parametrize("left", RARE)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_with_more_time_every_value_is_found(
    flavour: str, left: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    leave_behind(node, RARE[left])
    direct_link(node)
    modem = node.make(wires="")
    node.call(modem.attach, rates=(), timeout_ms=1_000_000)
    assert registers(node) == (43, 50)


@pytest.mark.parametrize("left", RARE)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_program_that_tries_again_finds_every_value(
    flavour: str, left: str, nodes: Callable[..., Node]
) -> None:
    """Each `power_on()` goes on where the one before has stopped, with all rates in between."""
    node = nodes("lexi-r10", flavour)
    leave_behind(node, RARE[left])
    direct_link(node)
    modem = node.make(wires="")
    calls = 0
    while registers(node) != (43, 50):
        calls += 1
        assert calls <= (16 if RARE[left][1] > 50 else 7)
        with contextlib.suppress(ModuleLost):
            node.call(modem.power_on)
    assert len(node.call(modem.imei)) == 15


@pytest.mark.parametrize("wires", ["power_key power_sense", "power_key power_sense reset"])
@pytest.mark.parametrize("registers_left", [(1, 50), (1, 255), (200, 50)])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_with_wires_what_is_not_found_in_time_is_switched_off_and_on(
    flavour: str, module: str, registers_left: tuple[int, int], wires: str,
    nodes: Callable[..., Node],
) -> None:  # fmt: skip
    node = nodes(module, flavour)
    leave_behind(node, registers_left)
    direct_link(node)
    modem = node.make(wires=wires)
    began = node.seconds()
    node.call(modem.power_on)
    assert node.seconds() - began < 150
    assert registers(node) == (43, 50)
    assert len(node.call(modem.imei)) == 15


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_links_end_after_any_value(
    flavour: str, module: str, left: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    leave_behind(node, LEFT[left])
    node.up(wires="")
    sock = node.stream()
    link = node.call(sock.direct_link)
    node.call(link.write, b"data")
    began = node.seconds()
    node.call(link.close)
    assert node.seconds() - began < 4
    assert len(node.call(node.modem.imei)) == 15


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_both_are_set_at_every_start(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up(wires="")
    before = len(node.sent())
    node.module.restart()
    node.pass_ms(8000)
    with contextlib.suppress(ModuleReset):
        node.call(modem.imei)
    assert len(node.call(modem.imei)) == 15
    sent = node.sent()[before:]
    assert b"ATS2=43\r" in sent
    assert b"ATS12=50\r" in sent


@pytest.mark.parametrize("registers", [(42, 50), (43, 100), (35, 255)])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_registers_that_cannot_be_set_are_read_and_obeyed(
    flavour: str, registers: tuple[int, int], nodes: Callable[..., Node], monkeypatch: Any
) -> None:
    node = nodes("lexi-r10", flavour)
    leave_behind(node, registers)
    general: Any = next(
        service for service in node.module.services if hasattr(service, "registers")
    )
    kept = type(node.module.settings)
    monkeypatch.setattr(kept, "__setattr__", lambda self, name, value: None if name in (
        "escape_char", "guard") else object.__setattr__(self, name, value))  # fmt: skip
    monkeypatch.setattr(general, "registers", Stubborn(general.registers))
    modem = node.make(wires="")
    node.call(modem.power_on)
    node.call(modem.connect, "iot.example")
    assert (modem.channel.escape, modem.channel.guard_ms) == (
        bytes([registers[0]]) * 3, registers[1] * 20 + 100
    )  # fmt: skip
    link = node.call(node.stream().direct_link)
    node.call(link.write, b"data")
    node.call(link.close)
    link = node.call(node.stream().direct_link)
    del link  # deserted: the next command leaves it
    assert len(node.call(modem.imei)) == 15


class Stubborn(dict[int, int]):
    """Registers that keep their values."""

    def __setitem__(self, number: int, value: int) -> None:
        pass


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_is_off_is_not_looked_for_so_long(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    node.module.power_off()
    modem = node.make(wires="power_sense")
    began = node.seconds()
    with pytest.raises(OSError, match="no module answers"):
        node.call(modem.attach, rates=())
    assert node.seconds() - began < 15
