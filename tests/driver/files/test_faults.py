"""Files on the simulated module: bytes lost and doubled on their way to it, restarts at any byte,
operations that are given up. Afterwards the file is whole, gone, or the error says what is left.

CI runs a sample of the bytes, `FAULTS=all` all of them (see matrix.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.fault_matrix import sampled
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import Cancelled
from ublox_cellular.core.service_errors import PartialFile

NAME = "log.txt"
OLD = b"what was there before"
DATA = b'\x00\r\n\xff"+AT' * 4
BOTH = [(flavour, module) for flavour in FLAVOURS for module in MODULES]


class Bench:
    """A node that is on; `run` carries out an operation and tells how it ended."""

    def __init__(self, module: str, flavour: str = "blocking", **options: Any) -> None:
        self.node = Node(module, flavour, strict=False, **options)
        self.faults = self.node.module.faults
        self.node.make()
        self.node.call(self.node.modem.power_on)
        self.call = self.node.call
        self.files = self.node.modem.files

    def prepare(self, before: bytes | None) -> None:
        """Without faults: the file as it is to be before the operation."""
        self.faults.clear()
        for name in self.call(self.files.listdir):
            self.call(self.files.remove, name)
        if before is not None:
            self.call(self.files.write, NAME, before)

    def held(self) -> bytes | None:
        """Without faults: what the module has. The first question may find the line in doubt."""
        self.faults.clear()
        self.node.pass_ms(1000)
        with contextlib.suppress(OSError):
            self.call(self.node.modem.imei)
        assert len(self.call(self.node.modem.imei)) == 15
        if not self.call(self.files.exists, NAME):
            return None
        return self.call(self.files.read, NAME)


def write(bench: Bench) -> Any:
    return bench.call(bench.files.write, NAME, DATA)


def append(bench: Bench) -> Any:
    file = bench.call(bench.files.open, NAME, "ab")
    try:
        return bench.call(file.write, DATA)
    finally:
        bench.call(file.close)


def read(bench: Bench) -> Any:
    return bench.call(bench.files.read, NAME)


def stream(bench: Bench) -> Any:
    file = bench.call(bench.files.open, NAME)
    try:
        return bench.call(file.read, 100)
    finally:
        bench.call(file.close)


Operation = Callable[[Bench], Any]
# name: (operation, what it gives, the file before and after it)
OPERATIONS: dict[str, tuple[Operation, Any, bytes | None, bytes]] = {
    "write": (write, len(DATA), None, DATA),
    "replace": (write, len(DATA), OLD, DATA),
    "append": (append, len(DATA), OLD, OLD + DATA),
    "read": (read, OLD, OLD, OLD),
    "stream": (stream, OLD, OLD, OLD),
}


def attempt(bench: Bench, name: str, hidden: bool = False) -> str:
    """Run an operation with the faults that are set; what is wrong about its end, or nothing.
    `hidden`: nobody could notice the fault."""
    operation, wanted, before, after = OPERATIONS[name]
    partial: PartialFile | None = None
    try:
        result = operation(bench)
    except OSError as error:
        assert str(error)
        partial = error if isinstance(error, PartialFile) else None
        good: tuple[bytes | None, ...] = (None, before, after) if before != after else (before,)
    else:
        if result != wanted and not hidden:
            return f"gave {result!r}"
        good = (after,)
    try:
        held = bench.held()
    except OSError as error:
        return f"not usable afterwards: {error}"
    if partial is not None:
        certain = partial.size
        return "" if held is None or held[:certain] == after[:certain] else f"{held!r}: {partial}"
    return "" if held in good or hidden else f"left {held!r}"


def sent(bench: Bench, name: str) -> tuple[int, int, int]:
    """Bytes an operation sends; where in them the payload is."""
    bench.prepare(OPERATIONS[name][2])
    before = bench.faults.into.count
    mark = len(bench.node.sent())
    OPERATIONS[name][0](bench)
    at = bench.node.sent()[mark:].find(DATA)
    return bench.faults.into.count - before, at, at + len(DATA)


@pytest.mark.parametrize("what", ["drop", "double"])
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("module", MODULES)
def test_every_byte_to_the_module(module: str, name: str, what: str) -> None:
    bench = Bench(module)
    total, first, last = sent(bench, name)
    wrong = []
    for index in sampled(range(total), f"{module} {name} {what}"):
        bench.prepare(OPERATIONS[name][2])
        bench.faults.load(f"{what}=in@{bench.faults.into.count + index}")
        found = attempt(bench, name, hidden=first <= index < last and what == "double")
        if found:
            wrong.append((index, found))
            bench.node.close()
            bench = Bench(module)
    bench.node.close()
    assert wrong == []


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("module", MODULES)
def test_a_burst_is_lost(module: str, name: str) -> None:
    bench = Bench(module)
    total, _, _ = sent(bench, name)
    for index in range(0, total, 7):
        bench.prepare(OPERATIONS[name][2])
        first = bench.faults.into.count + index
        bench.faults.load(";".join(f"drop=in@{first + i}" for i in range(12)))
        assert attempt(bench, name) == "", index
    bench.node.close()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("flavour", "module"), BOTH)
def test_the_module_restarts_at_any_byte(flavour: str, module: str, name: str) -> None:
    bench = Bench(module, flavour, boot_ms=300)
    into, _, _ = sent(bench, name)
    step = 3 if flavour == "blocking" else 11
    for index in range(0, into, step):
        bench.prepare(OPERATIONS[name][2])
        bench.faults.load(f"restart=in@{bench.faults.into.count + index}")
        assert attempt(bench, name) == "", index
    bench.node.close()


@pytest.fixture(params=BOTH, ids=str)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(module, flavour, boot_ms=300)
    yield made
    made.node.close()


def restart(bench: Bench) -> None:
    bench.node.module.restart()
    bench.node.pass_ms(3000)
    bench.node.modem.poll()


def test_a_restart_ends_a_file_that_is_written(bench: Bench) -> None:
    file = bench.call(bench.files.open, NAME, "wb")
    bench.call(file.write, DATA)
    restart(bench)
    with pytest.raises(OSError) as caught:
        bench.call(file.write, DATA)
    assert caught.value.errno == 104
    bench.call(file.close)
    assert bench.held() is None


def test_a_restart_before_close_is_told(bench: Bench) -> None:
    file = bench.call(bench.files.open, NAME, "wb")
    bench.call(file.write, DATA)
    restart(bench)
    with pytest.raises(OSError) as caught:
        bench.call(file.close)
    assert caught.value.errno == 104
    assert bench.held() is None


def test_reading_goes_on_after_a_restart_where_it_can(bench: Bench) -> None:
    bench.prepare(OLD)
    file = bench.call(bench.files.open, NAME)
    assert bench.call(file.read, 5) == OLD[:5]
    bench.call(file.seek, 5)
    restart(bench)
    if bench.node.kind == "sara-r5":
        assert bench.call(file.read) == OLD[5:]
    else:
        with pytest.raises(OSError) as caught:
            bench.call(file.read)
        assert caught.value.errno == 104
    bench.call(file.close)
    assert bench.held() == OLD


@pytest.mark.parametrize("looks", [*range(24), 30, 60, 90, 120])
def test_what_the_application_gives_up_is_cleared_away(bench: Bench, looks: int) -> None:
    channel = bench.node.modem.channel
    left = [looks]

    def patience() -> bool:
        left[0] -= 1
        return left[0] >= 0

    file = bench.call(bench.files.open, NAME, "wb")
    channel.keep_going = patience
    given_up = False
    try:
        bench.call(file.write, DATA * 60)
    except Cancelled:
        given_up = True
    bench.call(file.close)
    assert channel.keep_going is patience
    channel.keep_going = None
    assert bench.held() == (None if given_up else DATA * 60)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("ms", range(0, 700, 23))
def test_a_task_is_cancelled_in_the_middle(module: str, ms: int) -> None:
    bench = Bench(module, "asyncio")
    bench.prepare(OLD)

    async def cancelled() -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(bench.files.write(NAME, DATA * 40), ms / 1000)

    bench.call(cancelled)
    assert bench.held() in (None, OLD, DATA * 40)
    bench.node.close()
