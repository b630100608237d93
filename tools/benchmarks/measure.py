"""The measurements of tools/bench. Every figure is taken in the run that prints it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from statistics import mean, median
from typing import Any

from benchmarks import wake_up
from demonstration import places
from dev import bytecode, footprint

MODULES = ("sara-r5", "lexi-r10")
FLAVOURS = ("blocking", "asyncio")
BAUDS = (115200, 460800, 921600, 3000000)
REAL_BAUDS = (115200, 921600)
LIMITS = {115200: 5, 921600: 10}  # percent over the bound, DESIGN "Speed"
TURNS = 4

COMMAND_PAUSE_MS = 20.0  # rule 1 of the wire
PAYLOAD_PAUSE_MS = 50.0

Row = dict[str, Any]


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    return {
        "system": platform.platform(),
        "processors": str(os.cpu_count()),
        "cpython": platform.python_version(),
        "node": node.stdout.strip(),
        "micropython": f"{bytecode.VERSION} (WebAssembly)",
    }


# ---- the wire -------------------------------------------------------------------------------


def own_time(
    trace: list[tuple[float, str, bytes]], byte_ms: float, start: float, end: float
) -> float:
    """Milliseconds between `start` and `end` for which the host alone is to blame.

    That is every delay beyond the pause asked for before it sends, and what passes between the
    last byte received and its return. All else is the bound: bytes both ways at the baud rate,
    pauses of rule 1, and the time the module takes.
    """
    lost = 0.0
    received = sent = -PAYLOAD_PAUSE_MS
    pause = COMMAND_PAUSE_MS
    for when, way, data in trace:
        if when >= end:
            break
        done = min(when + len(data) * byte_ms, end)  # a line counts before its newline is there
        if way == ">":
            if when >= start:
                lost += when - max(start, sent, received + pause)
            sent = done
        else:
            received = done
            pause = PAYLOAD_PAUSE_MS if data.endswith((b"@", b">")) else COMMAND_PAUSE_MS
    return lost + end - max(received, sent, start)


def in_virtual_time(module: str, flavour: str, baud: int) -> list[Row]:
    """Exchanges with the module in this process, against the bound that its trace gives."""
    place = places.InProcess(module, flavour, baud)
    found: dict[tuple[Any, ...], list[tuple[float, float]]] = {}

    def report(kind: str, way: str, size: int, what: str, start: int, end: int) -> None:
        begin, finish = start / 1000, end / 1000
        lost = own_time(place.uart.trace, 10_000 / baud, begin, finish)
        found.setdefault((way, size, what), []).append((finish - begin, finish - begin - lost))

    if flavour == "asyncio":
        from demonstration.tour import exchanges_aio as work
    else:
        from demonstration.tour import exchanges_blocking as work
    plan = place.peers.place() | {"turns": TURNS, "settle": 100}
    try:
        bench = work.Bench(place.modem(), plan, report, place.clock, place.sleep())
        place.result(work.measure(bench, "exchanges", None))
        if place.violations():
            raise RuntimeError(f"rules of the wire broken: {place.violations()[0]}")
    finally:
        place.close()
    key = {"module": module, "flavour": flavour, "python": "cpython", "clock": "virtual"}
    return [
        _row(key | {"baud": baud}, where, mean(t for t, _ in times), mean(b for _, b in times))
        for where, times in found.items()
    ]


def in_real_time(python: str, baud: int, bounds: list[Row]) -> list[Row]:
    """The same exchanges of a blocking SARA-R5 over a pty, against the bounds of virtual time."""
    found: dict[tuple[Any, ...], list[float]] = {}

    def report(kind: str, *what: Any) -> None:
        if kind == "exchange":
            found.setdefault(tuple(what[:3]), []).append((what[4] - what[3]) / 1000)

    plan = {"work": "exchanges", "module": "sara-r5", "flavour": "blocking", "baud": baud}
    _run(places.Board(python, plan | {"turns": TURNS, "settle": 30}, report))
    same = [
        row
        for row in bounds
        if row["baud"] == baud and (row["module"], row["flavour"]) == ("sara-r5", "blocking")
    ]
    key = {"module": "sara-r5", "flavour": "blocking", "python": python, "clock": "real"}
    return [
        _row(
            key | {"baud": baud},
            (row["direction"], row["bytes"], row["payload"]),
            median(found[row["direction"], row["bytes"], row["payload"]]),
            row["bound_ms"],
        )
        for row in same
    ]


def _row(key: Row, where: tuple[Any, ...], ms: float, bound: float) -> Row:
    direction, size, kind = where
    carried = size * 2 if direction == "echo" else size
    return key | {
        "direction": direction,
        "bytes": size,
        "payload": kind,
        "ms": round(ms, 3),
        "bound_ms": round(bound, 3),
        "over_percent": round((ms / bound - 1) * 100, 2),
        "kB_per_s": round(carried / ms, 2),
        "per_s": round(1000 / ms, 2),
    }


def _run(board: places.Board) -> places.Board:
    if not board.run():
        raise RuntimeError(board.error or "the firmware failed")
    # In real time a URC that is still on its way through the pty is a race that cannot be decided.
    for violation in board.violations:
        print(f"in real time, strict: {violation}", file=sys.stderr)
    return board


# ---- memory ---------------------------------------------------------------------------------


def allocations(flavour: str) -> list[Row]:
    """By how much the heap grows with each call on MicroPython, garbage included."""
    found: dict[str, list[int]] = {}

    def report(kind: str, *what: Any) -> None:
        if kind == "alloc":
            found.setdefault(what[0], []).append(what[1])

    plan = {"work": "allocations", "module": "sara-r5", "flavour": flavour, "baud": 115200}
    _run(places.Board("micropython", plan | {"turns": TURNS, "settle": 60}, report))
    return [
        {"flavour": flavour, "call": call, "least": min(sizes), "most": max(sizes)}
        for call, sizes in found.items()
    ]


def heap(module: str, flavour: str) -> Row:
    """What the imports keep, layer by layer, and what is in use while a program works."""
    short = "aio" if flavour == "asyncio" else flavour
    family = footprint.FAMILIES[module]
    modules = footprint.measured(short, family)
    total = modules[footprint.PACKAGE]
    layers = {}
    for layer in footprint.LAYERS:
        total += sum(modules[name] for name in layer.chosen(short, family))
        layers[layer.name] = total
    kept = {"module": module, "flavour": flavour, "after_import": layers, "modules": modules}
    added = footprint.added(short, family)
    services = {
        layer.name: sum(added[name] for name in layer.chosen(short, family))
        for layer in footprint.SERVICES
    }
    used = {"in_use": in_use(module, flavour), "in_use_saving": in_use(module, flavour, True)}
    return kept | {"services": services} | used


def in_use(module: str, flavour: str, saving: bool = False, services: int = 0) -> int:
    """Heap of driver, modem and one socket after attach, connect and an echo; with `saving` also
    and after a deep sleep; `services`: 1 with an MQTT session over TLS, 2 with HTTPS as well."""
    asyncio = flavour == "asyncio"
    work = "exchanges_aio" if asyncio else "exchanges_blocking"
    before = [*footprint.BUILT_IN, *(footprint.ASYNCIO if asyncio else []), "json", work]
    plan = {"work": "session", "module": module, "flavour": flavour, "baud": 115200}
    plan = plan | {"measure": [*before, "in_use"], "saving": saving, "services": services}
    board = _run(places.Board("micropython", plan, lambda *event: None))
    return board.measured["in_use"]


def sizes() -> dict[str, int]:
    """Bytes of each .mpy."""
    compiled = bytecode.compile_all(bytecode.sources(), level=3)
    return {
        source.relative_to(bytecode.LIB / footprint.PACKAGE).as_posix(): code.stat().st_size
        for source, code in compiled
    }


def everything(tell: Any, micropython: bool) -> dict[str, Any]:
    """All measurements; `tell(text)` before each part."""
    results: dict[str, Any] = {"machine": machine(), "alloc": [], "heap": []}
    with ThreadPoolExecutor(3) as pool:  # their clocks do not count, so they may share processors
        pending = []
        if micropython:
            pending = [("alloc", pool.submit(allocations, flavour)) for flavour in FLAVOURS]
            pending += [
                ("heap", pool.submit(heap, module, flavour))
                for module in MODULES
                for flavour in FLAVOURS
            ]
        tell("the wire in virtual time")
        virtual = [
            row
            for module in MODULES
            for flavour in FLAVOURS
            for baud in BAUDS
            for row in in_virtual_time(module, flavour, baud)
        ]
        results["size"] = sizes()
        tell("wake-ups in virtual time")
        results["sleep"] = wake_up.naps()
        tell("heap on MicroPython")
        for name, future in pending:
            found = future.result()
            results[name] += found if isinstance(found, list) else [found]
    real: list[Row] = []
    for python in ("cpython", *(["micropython"] if micropython else [])):
        for baud in REAL_BAUDS:
            tell(f"the wire in real time, {python}, {baud} baud")
            real += in_real_time(python, baud, virtual)
    results["wire"] = virtual + real
    return results
