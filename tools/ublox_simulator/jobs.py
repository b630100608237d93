"""Background work of a module: timers and tasks that end with its power."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

TIDY_ABOVE = 64
"""Number of timers kept before expired ones are removed."""


class Jobs:
    """Made of the loop; `crashes` gets exceptions of tasks, `ended` is called after each."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        crashes: list[Exception],
        ended: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._crashes = crashes
        self._ended = ended
        self._timers: list[asyncio.TimerHandle] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def working(self) -> bool:
        """Whether a task runs."""
        return bool(self._tasks)

    def later(self, ms: float, action: Any, *args: Any) -> asyncio.TimerHandle:
        """Call `action` after `ms`, unless `stop()` comes first."""
        timer = self._loop.call_later(ms / 1000, action, *args)
        if len(self._timers) > TIDY_ABOVE:
            now = self._loop.time()
            self._timers = [t for t in self._timers if not t.cancelled() and t.when() > now]
        self._timers.append(timer)
        return timer

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a task, which is cancelled by `stop()`."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._crashes.append(error)
            traceback.print_exception(error, file=sys.stderr)
        self._ended()

    def stop(self) -> None:
        """Cancel all timers and tasks."""
        timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()
        for task in list(self._tasks):
            task.cancel()
