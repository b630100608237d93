"""Calls that are given up at the k-th wait of theirs, for tests of what is left then.

A wait of the driver is `channel.sleep`; a hook is looked at by `channel.proceed`. `WAYS` are the
ways out of each flavour. `AWAITS=all` in the environment tries every wait, a number so many of
each operation and way, chosen by its name.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

from driver.support.node import Node

AWAITS = os.environ.get("AWAITS", "4")

# asyncio: cancelled as the wait begins, or as it ends; or in every wait from then on, as when the
# program ends. Blocking: an exception out of the wait. The hook says so, once or from then on, or
# raises an exception of its own.
WAYS = {
    "asyncio": ("cancelled", "cancelled late", "cancelled always", "hook"),
    "blocking": ("KeyboardInterrupt", "MemoryError", "hook", "hook always", "hook raises"),
}


class GivenUpError(Exception):
    """What a hook raises."""


class Quitter:
    """Makes calls of a node's driver; the `at`-th wait of all of them ends one (0: none does)."""

    def __init__(self, node: Node, way: str, at: int = 0) -> None:
        self.node = node
        self.way = way
        self.at = at
        self.count = 0
        self.task: Any = None

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        channel = self.node.modem.channel
        sleep, hook = channel.sleep, channel.keep_going
        if self.way.startswith("hook"):
            channel.keep_going = self._asked
        else:
            channel.sleep = self._counted(sleep)
        try:
            if self.node.flavour == "blocking":
                return function(*arguments, **options)
            return self.node.call(self._run, function, arguments, options)
        finally:
            channel.sleep = sleep
            channel.keep_going = hook

    async def _run(self, function: Any, arguments: Any, options: Any) -> Any:
        self.task = asyncio.current_task()
        result = function(*arguments, **options)
        return await result if asyncio.iscoroutine(result) else result

    def _due(self) -> bool:
        self.count += 1
        return self.count == self.at or (
            self.way.endswith("always") and self.at > 0 and self.count > self.at
        )

    def _asked(self) -> bool:
        due = self._due()
        if due and self.way == "hook raises":
            raise GivenUpError
        return not due

    def _counted(self, sleep: Any) -> Any:
        if self.node.flavour == "blocking":

            def wait(ms: float) -> Any:
                if self._due():
                    raise KeyboardInterrupt if self.way == "KeyboardInterrupt" else MemoryError
                return sleep(ms)

            return wait

        async def wait_in_task(ms: float) -> None:
            due = asyncio.current_task() is self.task and self._due()
            if not due or self.way == "cancelled late":
                await sleep(ms)
            if due:
                raise asyncio.CancelledError

        return wait_in_task


def points(name: str, count: int) -> Iterator[int]:
    """The waits to give up at, of `count`."""
    if AWAITS == "all" or count <= int(AWAITS):
        yield from range(1, count + 1)
        return
    yield from sorted(random.Random(name).sample(range(1, count + 1), int(AWAITS)))


GIVEN_UP = (GivenUpError, asyncio.CancelledError, KeyboardInterrupt, MemoryError, OSError)
