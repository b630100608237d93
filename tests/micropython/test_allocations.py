"""Memory in steady state on the real MicroPython: DESIGN, "Memory".

Blocking: idle poll, send and recv_into of 1 KiB allocate nothing, whether the module may sleep or
not. asyncio: under 1 KiB each. A wake-up is no steady state, but bounded.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wasm
from behaviours.outside import BAUDRATE, obeyed, world

pytestmark = [pytest.mark.micropython, pytest.mark.timeout(120)]

MODULES = ("sara-r5", "lexi-r10")
FLAVOURS = ("blocking", "asyncio")
LIMIT = 1024
WAKE_LIMIT = 4096
RUN_LIMIT_S = 90
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


def told(job: wasm.Job, control: Callable[[str], list[str]]) -> str:
    """All that the program prints, its wires obeyed."""
    with subprocess.Popen(
        job.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        watch = threading.Timer(RUN_LIMIT_S, process.kill)
        watch.start()
        try:
            return "".join(obeyed(process.stdout, control))
        finally:
            watch.cancel()
            process.kill()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    def run(flavour: str, module: str, folder: Path) -> Found:
        with world(module, folder, "--set", "rrc_idle_ms=300") as outside:
            plan = {
                "flavour": flavour, "module": module, "baudrate": BAUDRATE,
                "port": outside.place["tcp"],
            }  # fmt: skip
            job = wasm.Job(
                program=PROGRAM, arguments=[json.dumps(plan)], uarts={1: outside.tty},
                asyncio=flavour == "asyncio", bytecode=True,
            )  # fmt: skip
            said = told(job, outside.control)
        found = results(said)
        assert "wake_wire" in found, said
        return found

    # pytest's factory is not made for threads: the folders come first.
    folders = [tmp_path_factory.mktemp("allocations") for _ in FLAVOURS for _ in MODULES]
    # They mostly wait for the line: all at a time do not disturb each other.
    with ThreadPoolExecutor(4) as pool:
        runs = {
            (flavour, module): pool.submit(run, flavour, module, folders.pop())
            for flavour in FLAVOURS
            for module in MODULES
        }
        yield lambda flavour, module: runs[flavour, module].result()


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
