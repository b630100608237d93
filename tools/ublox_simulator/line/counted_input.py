"""Counted bytes that a command requests from the host, and the silence that ends the wait for
them."""

from __future__ import annotations

import asyncio


class Intake:
    """Takes `size` bytes, fewer when `silence_ms` pass without one or the byte `end` comes.

    The silence counts from the prompt, then from each last byte; 0 waits for ever. `end` is for
    text payloads: it belongs to neither the payload nor the bytes beyond it.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        size: int,
        silence_ms: float = 0,
        end: int | None = None,
    ) -> None:
        self.size = size
        self.data = bytearray()
        self.echo = False
        self._quiet_since = 0.0
        self.done: asyncio.Future[bytes] = loop.create_future()
        self._loop = loop
        self._silence_s = silence_ms / 1000
        self._end = end
        self._timer: asyncio.TimerHandle | None = None

    def prompt_sent(self, when: float) -> None:
        """The prompt will have left at `when`: the silence counts from then."""
        self._quiet_since = when
        if self._silence_s:
            self._timer = self._loop.call_at(when + self._silence_s, self._perhaps_over)

    def feed(self, data: bytes) -> bytes:
        """Take what belongs to the payload; returns what lies beyond."""
        self._quiet_since = self._loop.time()
        taken = data[: self.size - len(self.data)]
        cut = -1 if self._end is None else taken.find(self._end)
        if cut >= 0:
            self.data += taken[:cut]
            self._finish()
            return data[cut + 1 :]
        self.data += taken
        if len(self.data) == self.size:
            self._finish()
        return data[len(taken) :]

    def _perhaps_over(self) -> None:
        due = self._quiet_since + self._silence_s
        if self._loop.time() < due - 1e-9:
            self._timer = self._loop.call_at(due, self._perhaps_over)
        else:
            self._finish()

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(bytes(self.data))

    def close(self) -> None:
        """End the wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
