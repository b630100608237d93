"""Strict mode: detects every broken rule of the wire (DESIGN, "Rules of the wire")."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import NamedTuple

COMMAND_GAP_S = 0.020
PROMPT_GAP_S = 0.050
REACTION_S = 0.001
"""A URC that began less than this before a command is a race the host could not avoid."""

TOLERANCE_S = 1e-6
VIOLATION_LIMIT = 10_000


class Violation(NamedTuple):
    """One broken rule."""

    time_ms: float
    text: str

    def __str__(self) -> str:
        return f"{self.time_ms:.3f} ms: {self.text}"


class Referee:
    """Watches the interface; collects only when `enabled`, prints each find when `loud`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, enabled: bool, loud: bool = False) -> None:
        self._loop = loop
        self.enabled = enabled
        self.loud = loud
        self.violations: list[Violation] = []
        self.on_violation: Callable[[Violation], None] | None = None
        self._answer_end = -1.0
        self._urc_span = (-1.0, -1.0)
        self._prompt_end = -1.0

    def report(self, text: str) -> None:
        """Note a broken rule now."""
        if not self.enabled or len(self.violations) >= VIOLATION_LIMIT:
            return
        violation = Violation(self._loop.time() * 1000, text)
        self.violations.append(violation)
        if self.loud:
            print(f"strict: {violation}", file=sys.stderr, flush=True)
        if self.on_violation is not None:
            self.on_violation(violation)

    def answer_sent(self, end: float) -> None:
        """Part of an answer is sent until `end`."""
        self._answer_end = end

    def urc_sent(self, start: float, end: float) -> None:
        """A URC is sent between `start` and `end`."""
        self._urc_span = (start, end)

    def prompt_sent(self, end: float) -> None:
        """A prompt is sent until `end`."""
        self._prompt_end = end

    def command_begins(self, start: float) -> None:
        """The first bit of a command arrived at `start`: rule 1, the 20 ms pause."""
        gap = start - self._answer_end
        urc_start, urc_end = self._urc_span
        if urc_start <= start - REACTION_S:
            gap = min(gap, start - urc_end)
        if gap < COMMAND_GAP_S - TOLERANCE_S:
            self.report(f"command {gap * 1000:.2f} ms after the last byte sent, 20 ms asked")

    def payload_begins(self, start: float) -> None:
        """The first bit of a payload arrived at `start`: rule 1, the 50 ms pause."""
        gap = start - self._prompt_end
        if gap < PROMPT_GAP_S - TOLERANCE_S:
            self.report(f"payload {gap * 1000:.2f} ms after the prompt, 50 ms asked")
