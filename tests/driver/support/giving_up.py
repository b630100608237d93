"""Callers that give up: a coroutine in which one chosen await raises, and a hook that gives up.

    cut = Cut("cancelled", 7)
    node.call(cut.through, modem.mqtt.publish, "topic", b"message")

`cut.hit` says whether it came to the seventh await at all.
"""

from __future__ import annotations

import asyncio
import os
import random
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

ALL = os.environ.get("GIVING_UP") == "all"
SAMPLE = 3
"""Awaits of an operation and a way, where not all are tried."""
MOST = 100_000
"""More than any operation has."""
WAYS = ("cancelled", "cancelled late", "cancelled twice", "no memory", "hook")
"""What happens at the await: the task is cancelled while it waits, or just when it would go on,
or again in every await of its cleaning up; MemoryError; `keep_going` returns False."""


class Cut:
    """Gives up at await (or call of the hook) number `at`, counted from 1."""

    def __init__(self, way: str, at: int) -> None:
        self.way = way
        self.at = at
        self.count = 0
        self._begun = False

    @property
    def hit(self) -> bool:
        return self.count >= self.at

    def hook(self) -> bool:
        """What `channel.keep_going` is set to; it counts from the call on."""
        self.count += self._begun
        return not self._begun or self.count != self.at

    def through(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The call, as a coroutine that gives up; in the blocking flavour only hooks can."""
        self._begun = True
        result = function(*arguments, **options)
        if asyncio.iscoroutine(result) and self.way != "hook":
            return self._awaited(result)
        return result

    async def _awaited(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await self._driven(work)

    def _now(self) -> bool:
        return self.count == self.at or (self.way == "cancelled twice" and self.count > self.at)

    def _error(self) -> BaseException:
        return MemoryError() if self.way == "no memory" else asyncio.CancelledError()

    @types.coroutine
    def _driven(self, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                future = work.throw(error) if error else work.send(None)
            except StopIteration as done:
                return done.value
            error = None
            self.count += 1
            late = self.way == "cancelled late"
            if self._now() and not late:
                error = self._error()
                continue
            try:
                yield future
            except BaseException as caught:
                error = caught
            if self._now() and late:
                error = self._error()


def places(count: int, name: str) -> list[int]:
    """Which of `count` awaits: all with GIVING_UP=all, else some, always the same for a name."""
    if ALL or count <= SAMPLE:
        return list(range(1, count + 1))
    return sorted(random.Random(name).sample(range(1, count + 1), SAMPLE))
