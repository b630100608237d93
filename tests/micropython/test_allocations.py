"""Memory in steady state on the real MicroPython: DESIGN, "Memory".

Blocking: idle poll, send and recv_into of 1 KiB allocate nothing. asyncio: under 1 KiB each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import wasm
from behaviours.outside import BAUDRATE, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(120)]

MODULES = ("sara-r5", "lexi-r10")
LIMIT = 1024
OPERATIONS = ("idle_poll", "send_text", "send_binary", "recv_into_text", "recv_into_binary")
PROGRAM = Path(__file__).resolve().parent / "allocations.py"
Measured = Callable[[str, str], dict[str, tuple[str, int, str]]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    @cache
    def run(flavour: str, module: str) -> dict[str, tuple[str, int, str]]:
        folder = tmp_path_factory.mktemp("allocations")
        with world(module, folder) as outside:
            plan = {
                "flavour": flavour, "module": module, "baudrate": BAUDRATE,
                "port": outside.place["tcp"],
            }  # fmt: skip
            job = wasm.Job(
                program=PROGRAM, arguments=[json.dumps(plan)], uarts={1: outside.tty},
                asyncio=flavour == "asyncio", bytecode=True,
            )  # fmt: skip
            done = job.run(60)
        found: dict[str, tuple[str, int, str]] = {}
        for part in done.stdout.split("@@ ")[1:]:
            head, _, text = part.partition("\n")
            name, result, used = head.split()
            found[name] = (result, int(used), text)
        assert found, done.stdout + done.stderr
        return found

    return run


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
