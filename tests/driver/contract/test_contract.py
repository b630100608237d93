"""Our sockets against the contract, on both modules; see __init__.py and __main__.py."""

from __future__ import annotations

import sys

import pytest
from driver.contract import compare, report, simulated
from driver.contract.forced import admissible, idle_rules
from driver.contract.record import recorded
from driver.contract.situations import SITUATIONS
from driver.contract.table import cells, contract

CONTRACT = contract()
WANTED = admissible(CONTRACT)

SAMPLE = ["new", "connecting, refused", "connected, data", "reset, data", "UDP, a datagram waits"]


def test_the_recorded_cells_are_those_of_the_table() -> None:
    table = [
        (situation.name, mode, call.name) for situation, mode, calls in cells() for call in calls
    ]
    assert set(CONTRACT) == set(table), "run: python -m contract record"
    assert len(table) == len(set(table))


@pytest.mark.skipif(sys.platform != "linux", reason="the contract has Linux's errnos")
def test_cpython_gives_what_was_recorded() -> None:
    found = recorded(SAMPLE, modes=["non-blocking"])
    assert len(found) > 300
    assert found == {cell: CONTRACT[cell] for cell in found}


def test_every_forced_difference_is_one() -> None:
    assert idle_rules(CONTRACT) == []


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("module", simulated.MODULES)
def test_sockets_keep_the_contract(module: str, situation: str) -> None:
    found = simulated.found(module, WANTED, [situation])
    wrong = compare.faults(found, WANTED)
    assert not wrong, "\n".join(report.lines(wrong, WANTED))


def test_an_outcome_that_is_not_admissible_is_a_fault() -> None:
    one, two = ("new", "blocking", "recv(5)"), ("new", "blocking", "accept()")
    wanted = {one: ("ENOTCONN",), two: ("EINVAL", "EBADF")}
    assert compare.faults({one: "ENOTCONN", two: "EBADF"}, wanted) == {}
    assert compare.faults({one: "EIO", two: "EINVAL"}, wanted) == {one: "EIO"}
