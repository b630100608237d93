"""Programs that put their microcontroller to sleep or reset it, on CPython.

A board that leaves deep sleep starts its program from the top with nothing but RTC memory. Here
`machine.deepsleep` raises `Restart`, and tools/run starts the program again; from that moment on
every use of the board raises it anew, so that a `with` or `finally` on the way out cannot talk to
the module any more.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
import weakref
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import additions
import uart_lines

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5

CLEAN_UP_S = 0.01  # virtual time that passes between two looks at tasks that are ending
START_MS = 300
"""From a reset to the first line of the program."""

RTC_MEMORY_LIMIT = 2048


class Restart(SystemExit):
    """The board goes down; `ms` later it starts again."""

    def __init__(self, what: str, cause: int, ms: int) -> None:
        super().__init__(0)
        self.what = what
        self.cause = cause
        self.ms = ms


class Board:
    """What outlives a restart of the program."""

    def __init__(self) -> None:
        self.cause = PWRON_RESET
        self.rtc_memory = b""
        self.hours = 24.0
        self._down: Restart | None = None
        self._tasks: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()

    def check(self) -> None:
        """Raises when the board has gone down."""
        if self._down is not None:
            raise self._down

    def go_down(self, what: str, cause: int, ms: int) -> None:
        """machine.deepsleep and machine.reset."""
        self._down = Restart(what, cause, ms)
        raise self._down

    # -- running the program ---------------------------------------------------------------

    def run(self, program: str) -> None:
        """Run the program, again and again as long as it restarts and time is left."""
        known = set(sys.modules)
        while True:
            try:
                runpy.run_path(program, run_name="__main__")
                return
            except Restart as restart:
                if not self._sleep(restart):
                    return
            self._forget_modules(known)

    def _sleep(self, restart: Restart) -> bool:
        """Let the time of the sleep pass; False when the program ends instead."""
        self._down = None
        clock, loop = additions.simulated_clock(), additions.virtual_loop()
        if clock is None:
            print(f"{restart.what}: the program ends here", file=sys.stderr)
            return False
        end = self.hours * 3600
        clock.sleep_ms(min(restart.ms + START_MS, max(0.0, end - loop.time()) * 1000))
        if loop.time() >= end:
            print(f"{restart.what}: {self.hours:g} hours are over", file=sys.stderr)
            return False
        self.cause = restart.cause
        return True

    @staticmethod
    def _forget_modules(known: set[str]) -> None:
        """The program's own modules and the driver start from nothing, like on the board."""
        kept = (Path(__file__).resolve().parent, Path(uart_lines.__file__).resolve().parents[1])
        shim, tools = kept
        library, program = tools.parent / "lib", Path(sys.path[0]).resolve()
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None)
            if file is None:
                continue
            path = Path(file).resolve()
            ours = library in path.parents or program in path.parents
            if ours and shim not in path.parents and tools / "ublox_simulator" not in path.parents:
                del sys.modules[name]

    # -- asyncio ---------------------------------------------------------------------------

    def run_async(self, main: Coroutine[Any, Any, Any], *, debug: bool | None = None) -> Any:
        """asyncio.run on the loop of the simulated module, which lives on when it ends: only
        tasks of the program are cancelled, and the loop stays open."""
        loop = additions.virtual_loop()
        loop.set_task_factory(self._make_task)
        first = loop.create_task(main)
        self._tasks.add(first)
        try:
            return loop.run_until_complete(first)
        finally:
            self._cancel_tasks(loop)

    def _make_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **kw: Any) -> Any:
        """A task made by a task of the program is the program's, others are the module's."""
        task = asyncio.Task(coro, loop=loop, **kw)
        if asyncio.current_task(loop) in self._tasks:
            self._tasks.add(task)
        return task

    def _cancel_tasks(self, loop: Any) -> None:
        """As asyncio.run at its end. Clean-up may need time: closing a socket of the module does.
        A board that is down has none, there each touch of a UART or a pin raises."""
        for task in self._tasks:
            task.cancel()
        while any(not task.done() for task in self._tasks):
            try:
                loop.run_to(loop.time() + CLEAN_UP_S)
            except Restart:
                continue  # a `finally` touched the board that is down
        for task in self._tasks:
            if not task.cancelled():
                task.exception()  # seen; one that matters has been raised
        self._tasks.clear()


board = Board()
