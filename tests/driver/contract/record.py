"""Runs the whole table over CPython's own sockets: every cell on a socket of its own."""

from __future__ import annotations

import sys

from driver.contract.calls import Call
from driver.contract.cpython import CPython
from driver.contract.far import Far
from driver.contract.situations import Situation
from driver.contract.table import Outcomes, cells, perform, reach


def recorded(
    situations: list[str] | None = None,
    modes: list[str] | None = None,
    progress: bool = False,
) -> Outcomes:
    """What CPython gives in every cell."""
    world, far = CPython(), Far()
    found: Outcomes = {}
    try:
        for situation, mode, calls in cells(situations, modes):
            if progress:
                print(f"{situation.name}, {mode}", file=sys.stderr)
            for call in calls:
                found[situation.name, mode, call.name] = _one(world, far, situation, mode, call)
    finally:
        far.close()
    return found


def _one(world: CPython, far: Far, situation: Situation, mode: str, call: Call) -> str:
    scene = reach(world, far, situation, mode)
    try:
        return perform(scene, call)
    finally:
        scene.close()
        far.drain()
