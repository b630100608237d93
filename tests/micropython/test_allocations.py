"""Memory in steady state on the real MicroPython: DESIGN, "Memory".

Blocking: idle poll, send and recv_into of 1 KiB allocate nothing, whether the module may sleep or
not. asyncio: under 1 KiB each. A wake-up is no steady state, but bounded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from behaviours.outside import BAUDRATE, Board
from dev import wasm

pytestmark = pytest.mark.micropython

MODULES = ("sara-r5", "lexi-r10")
FLAVOURS = ("blocking", "asyncio")
LIMIT = 1024
WAKE_LIMIT = 4096
EXCHANGES = ("send_text", "send_binary", "recv_into_text", "recv_into_binary")
SAVING = ("", "saving_", "wire_")  # power saving: off, by the timer, by a wire
OPERATIONS = tuple(way + what for way in SAVING for what in ("idle_poll", *EXCHANGES))
PROGRAM = Path(__file__).resolve().parent / "allocations.py"
Found = dict[str, tuple[str, int, str]]
Measured = Callable[[str, str], Found]


def results(said: str) -> Found:
    """By name: PASS or FAIL, bytes, and the reason of a failure."""
    found: Found = {}
    for part in said.split("@@ ")[1:]:
        head, _, text = part.partition("\n")
        name, result, used = head.split()
        found[name] = (result, int(used), text)
    return found


@pytest.fixture(scope="session")
def measured(once: Callable[..., Any]) -> Measured:
    """measured(flavour, module): what a run has found."""

    def run(flavour: str, module: str) -> Found:
        with Board(module, rrc_idle_ms=300) as board:
            plan = {
                "flavour": flavour, "module": module, "baudrate": BAUDRATE,
                "port": board.place["tcp"],
            }  # fmt: skip
            job = wasm.Job(
                program=PROGRAM, arguments=[json.dumps(plan)], asyncio=flavour == "asyncio",
                bytecode=True,
            )  # fmt: skip
            said = board.run(job)
        found = results(said.printed)
        assert "wake_wire" in found, said
        return found

    return lambda flavour, module: once(
        f"allocations-{flavour}-{module}", lambda _: run(flavour, module)
    )


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("what", OPERATIONS)
def test_the_blocking_flavour_allocates_nothing(
    what: str, module: str, measured: Measured
) -> None:
    result, _, text = measured("blocking", module)[what]
    assert result == "PASS", f"{what} under heap_lock():\n{text}"


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("what", OPERATIONS)
def test_the_asyncio_flavour_stays_below_a_kilobyte(
    what: str, module: str, measured: Measured, record_property: Callable[[str, object], None]
) -> None:
    _, used, _ = measured("asyncio", module)[what]
    print(f"\n{module} {what}: {used} bytes allocated")
    record_property("bytes", used)
    assert used < LIMIT, f"{what} of 1 KiB allocates {used} bytes, {LIMIT} are the limit"


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("what", ["wake_timer", "wake_wire"])
def test_waking_allocates_a_bounded_amount(
    what: str, flavour: str, module: str, measured: Measured
) -> None:
    _, used, _ = measured(flavour, module)[what]
    print(f"\n{module} {flavour} {what}: {used} bytes allocated, garbage included")
    assert used < WAKE_LIMIT
