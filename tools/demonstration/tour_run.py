"""One show of tools/demo: the tour in process, or on a board, and what it cost."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

from demonstration import places
from demonstration.report import Run, Teller
from dev.environment import ROOT
from rich.console import Console

LIBRARY = str(ROOT / "lib" / "*")
VIRTUAL = "module time, simulated: it passes only while the driver waits"
REAL = "real time; the simulated module boots and registers faster than a real one"


class Show:
    """The story once: `python` is cpython or micropython, in virtual time unless `real_time`."""

    def __init__(
        self, module: str, flavour: str, python: str, baud: int, trace: bool, real_time: bool
    ) -> None:
        self._real_time = real_time
        self._trace = trace
        clock = REAL if real_time else VIRTUAL
        self.run = Run(module, flavour, python, baud, clock)

    def play(self, console: Console) -> Run:
        """Tell it; what came of it."""
        teller = Teller(console, self.run)
        began = time.monotonic()
        if self._real_time:
            self._play_on_board(teller)
        elif self.run.python == "micropython":
            self._play_on_micropython(teller)
        else:
            self._play_in_process(teller)
        self.run.real_s = time.monotonic() - began
        return self.run

    def _play_in_process(self, teller: Teller) -> None:
        run = self.run
        if run.flavour == "asyncio":
            from demonstration.tour.aio import tour
        else:
            from demonstration.tour.blocking import tour
        place = places.InProcess(run.module, run.flavour, run.baud, powered=False)

        def report(kind: str, *what: Any) -> None:
            teller.event(kind, *what)
            if kind == "listening":
                place.dial()

        plan = place.peers.place() | {"trace": self._trace}
        modem = place.modem(lambda level: teller.event("key", level))
        try:
            work = tour(modem, plan, report, place.clock, place.meter, lambda: None)
            run.right = bool(place.result(work))
            run.caller = place.peers.answered()
            run.violations = [str(violation) for violation in place.violations()]
            run.memory = (
                f"{_size(place) / 1024:.1f} KiB one modem object,\nits buffers and sockets"
            )
        finally:
            place.close()

    def _play_on_micropython(self, teller: Teller) -> None:
        run = self.run
        plan = {"work": "tour", "module": run.module, "baud": run.baud, "trace": self._trace}
        place = places.OnMicroPython(run.module, run.flavour, run.baud, powered=False)
        try:
            run.right = place.play(plan, teller.event)
            run.caller = place.peers.answered()
            run.violations = [str(violation) for violation in place.violations()]
            run.error = place.error
        finally:
            place.close()
        self._add_resident()

    def _add_resident(self) -> None:
        run = self.run
        kept = _resident(run.module, run.flavour) / 1024
        run.memory = f"{kept:.1f} KiB heap after import\n{run.memory}"

    def _play_on_board(self, teller: Teller) -> None:
        run = self.run
        plan = {"work": "tour", "module": run.module, "flavour": run.flavour, "baud": run.baud}
        board = places.Board(
            run.python, plan | {"trace": self._trace}, teller.event, powered=False
        )
        run.right = board.run()
        run.caller, run.violations, run.error = board.caller, board.violations, board.error
        if run.python == "micropython":
            self._add_resident()


def _size(place: places.InProcess) -> int:
    """Bytes of a modem object with all buffers and its table of sockets, as CPython counts them.

    Code is not in it: CPython keeps that in a form and size that tell nothing about a board.
    """
    tracemalloc.start()
    try:
        modem = place.modem()
        _ = modem.network, modem.socket_pool
        taken = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    found = taken.filter_traces([tracemalloc.Filter(True, LIBRARY)])
    return sum(statistic.size for statistic in found.statistics("filename"))


def _resident(module: str, flavour: str) -> int:
    """Heap that the imports of a program with this modem and sockets keep, from .mpy."""
    from dev import footprint

    return footprint.resident(module, flavour)
