"""Bands that an earlier program has excluded: named at first, allowed again before a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES
from driver.support.told_uart import Answer, told

HOUR = 3600.0
BAND = 3  # the only one on the air
NAMES = {"sara-r5": "+UBANDMASK", "lexi-r10": "+UBANDCONF"}
EVERY = {"sara-r5": "+UBANDMASK: (0-1),(526494,2)|OK", "lexi-r10": "+UBANDCONF: (2-5,8,20)|OK"}
LEFT = {"sara-r5": "+UBANDMASK: 0,524288,1,524288|OK", "lexi-r10": "+UBANDCONF: 20|OK"}
WRITTEN = {
    "sara-r5": ["+UBANDMASK=0,526494,2", "+UBANDMASK=1,526494,2"],
    "lexi-r10": ["+UBANDCONF=2,3,4,5,8,20"],
}


def loop_until_connected(node: Node, limit_s: float) -> list[str]:
    """The plain program; what it was told before it was connected."""
    reasons: list[str] = []
    while True:
        try:
            node.call(node.modem.connect, APN)
            return reasons
        except OSError as error:
            reasons.append(str(error))
            assert node.seconds() < limit_s, reasons[-1]
            node.pass_ms(60_000)


@pytest.mark.parametrize("left", ["bands=20", "bands=1,2,4,5,12,13,20"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_that_left_over_bands_hide_is_found(
    flavour: str, module: str, left: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, left=left, cell_band=BAND)
    node.make(wires="")
    node.call(node.modem.power_on)
    reasons = loop_until_connected(node, HOUR)
    assert reasons[0].endswith("bands 20") == (left == "bands=20")
    assert BAND in node.call(node.modem.network.bands)
    assert node.modem.recovery.counts[5] == 1
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_bands_that_this_program_has_chosen_are_kept(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, left="bands=20", cell_band=BAND)
    node.make(wires="")
    node.call(node.modem.power_on)
    node.call(node.modem.network.set_bands, [20])
    with pytest.raises(AssertionError, match="bands 20"):
        loop_until_connected(node, 2 * HOUR)
    assert node.modem.recovery.counts[5] >= 1
    assert node.call(node.modem.network.bands) == (20,)


def silent(module: str, *answers: tuple[str, Answer]) -> list[tuple[str, Any]]:
    """A module that never registers."""
    return [
        *answers, (NAMES[module] + "=?", EVERY[module]), (NAMES[module] + "?", LEFT[module]),
        ("+URAT?", "+URAT: 7,8|OK"), ("+CEREG?", "+CEREG: 5,2|OK"),
    ]  # fmt: skip


def loop_until_restarted(node: Any, bench: Any) -> None:
    for _ in range(20):
        if node.sent("+CFUN=16"):
            return
        with pytest.raises(OSError):
            bench.call(bench.modem.connect, APN)
    raise AssertionError("no restart")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_module_itself_says_which_bands_it_has(flavour: str, module: str) -> None:
    with told(flavour, module, *silent(module)) as (node, bench):
        bench.call(bench.modem.power_on)
        loop_until_restarted(node, bench)
        assert node.sent(NAMES[module] + "=")[1:] == WRITTEN[module]
        at = [node.log.index(line) for line in WRITTEN[module]]
        off, restart = node.log.index("+CFUN=0"), node.log.index("+CFUN=16")
        assert off < min(at) and max(at) < restart
        assert "+CFUN=1" not in node.log[off:restart]  # the radio is switched once


REFUSED = {
    "no test form": ("{}=?", "+CME ERROR: 100"), "an empty one": ("{}=?", "OK"),
    "one of another shape": ("{}=?", "{}: (0-1),(all)|OK"),
    "none written": ("{}=", "+CME ERROR: 3"), "technologies refused": ("+URAT=", "ERROR"),
    "technologies not shown": ("+URAT?", "ERROR"), "garbled": ("{}?", "{}: x|OK"),
}  # fmt: skip


@pytest.mark.parametrize("refused", REFUSED)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_cannot_be_widened_does_not_keep_the_module_from_its_restart(
    flavour: str, module: str, refused: str
) -> None:
    begin, answer = [text.format(NAMES[module]) for text in REFUSED[refused]]
    answers = [(NAMES[module] + "=?", EVERY[module]), (begin, answer)]
    if begin.endswith("=?"):
        answers.reverse()
    with told(flavour, module, *silent(module, *answers)) as (node, bench):
        bench.call(bench.modem.power_on)
        loop_until_restarted(node, bench)
