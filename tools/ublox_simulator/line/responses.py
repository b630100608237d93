"""Output of the module on an AT interface: information, result codes and URCs, in legal order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import errors

if TYPE_CHECKING:
    from ..module import Module
    from .mux import Output

HALF_LINE_S = 1.0
"""URCs wait for a command line being typed, but not for ever."""

NUMERIC = {
    "OK": 0,
    "CONNECT": 1,
    "RING": 2,
    "NO CARRIER": 3,
    "ERROR": 4,
    "BUSY": 7,
    "NO ANSWER": 8,
}
"""V0 forms, at-commands 1.2."""

UrcSource = str | Callable[[], str | None]


class Speech:
    """All output through `line`. `typing` reports whether a command line has begun: URCs wait
    for its end."""

    def __init__(self, module: Module, typing: Callable[[], bool]) -> None:
        self.module = module
        self.line: Output = module.line
        self.mode = "off"  # off | command | busy | payload | data | asleep
        self.muted = False
        self._typing = typing
        self._urcs: deque[UrcSource] = deque()
        self._urc_timer: asyncio.TimerHandle | None = None

    def fall_silent(self) -> None:
        """Discard output that has not been sent."""
        self.muted = False
        self._urcs.clear()
        if self._urc_timer is not None:
            self._urc_timer.cancel()
            self._urc_timer = None

    # -- answers ---------------------------------------------------------------------------

    def info(self, text: str | bytes) -> None:
        """An information line of the command in flight."""
        self.boundary()
        body = text.encode("latin-1", "replace") if isinstance(text, str) else text
        verbose = self.module.settings.verbose
        self.send(b"\r\n" + body + b"\r\n" if verbose else body + b"\r\n")

    def raw(self, data: bytes) -> None:
        """Counted bytes of an answer, after a line that has their number."""
        self.send(data)

    def final(self, text: str) -> None:
        """The final result code of the command line in flight."""
        self.boundary()
        settings = self.module.settings
        if settings.quiet:
            return
        if settings.verbose:
            self.send(b"\r\n" + text.encode("latin-1") + b"\r\n")
        else:
            self.send(str(NUMERIC.get(text, text)).encode("latin-1") + b"\r")

    def error(self, code: int) -> None:
        """The final result code for a +CME ERROR, in the requested form."""
        settings = self.module.settings
        options = self.module.options
        if code == errors.ABORTED and "abort-plain" in options.variants:
            self.final("Command aborted")
        elif settings.cmee == 0:
            self.final("ERROR")
        elif settings.cmee == 1:
            self.final(f"+CME ERROR: {code}")
        else:
            capital = "cme-capital" in options.variants
            self.final(f"+CME ERROR: {errors.cme_text(code, capital)}")

    def send(self, data: bytes) -> tuple[float, float]:
        """Send bytes unchanged, unless silenced; returns start and end of their transmission."""
        if self.muted or self.mode == "off":
            now = self.module.loop.time()
            return now, now
        span = self.line.send(data)
        self.module.referee.answer_sent(span[1])
        return span

    # -- URCs ------------------------------------------------------------------------------

    def urc(self, source: UrcSource) -> None:
        """Queue a URC: a text, or a callable that gives the text (or None) when it is printed."""
        if self.mode == "off":
            return
        self._urcs.append(source)
        self.schedule_urcs()

    def schedule_urcs(self) -> None:
        """Print them now, or when the line being typed has ended."""
        if not self._urcs or self.mode != "command":
            return
        if not self._typing():
            self._flush_urcs()
        elif self._urc_timer is None:
            self._urc_timer = self.module.loop.call_later(HALF_LINE_S, self._urc_time_out)

    def _urc_time_out(self) -> None:
        self._urc_timer = None
        if self.mode == "command":
            self._flush_urcs()

    def _flush_urcs(self) -> None:
        while self._urcs:
            self._print_urc(self._urcs.popleft())

    def _print_urc(self, source: UrcSource) -> None:
        text = source() if callable(source) else source
        if text is None or self.module.rate_unknown:
            return  # autobaud: nothing is sent before the first AT (at-commands 1.3)
        if self.module.faults.on_commands.loses(text):
            return
        start, end = self.line.send(b"\r\n" + text.encode("latin-1", "replace") + b"\r\n")
        self.module.referee.urc_sent(start, end)
        self.module.pins.ring()
        self.module.sleeper.attention()

    def boundary(self) -> None:
        """A line boundary inside an answer: a legal place for URCs (rule 3), used by the knob."""
        text = self.module.faults.at_boundary()
        if text is None or self.muted or self.mode == "off":
            return
        if text:
            self._print_urc(text)
        else:
            self._flush_urcs()
