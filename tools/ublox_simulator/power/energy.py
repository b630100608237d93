"""How long the module was in each state, for energy estimates; no currents here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

STATES: tuple[str, ...] = (
    "off",
    "booting",
    "connected",
    "idle",
    "searching",
    "uart",
    "sleep1",
    "sleep2",
    "hibernate",
    "psm",
)
"""connected and searching are states of the radio, whatever the UART does meanwhile; idle is awake
with an idle radio, uart and sleep1 the same with the serial receiver asleep."""


class Energy:
    """Adds up seconds per state; exact, because every change of state calls `update`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, state: Callable[[], str]) -> None:
        self._loop = loop
        self._state = state
        self._current = "off"
        self.reset()

    def reset(self) -> None:
        """Start again from zero."""
        self._since = self._loop.time()
        self._seconds = dict.fromkeys(STATES, 0.0)

    def update(self) -> None:
        """The state may have changed just now."""
        now = self._loop.time()
        self._seconds[self._current] += now - self._since
        self._since = now
        self._current = self._state()

    @property
    def time_in(self) -> dict[str, float]:
        """Seconds per state up to now."""
        self.update()
        return dict(self._seconds)
