"""Sleep of the module: common part of both module families. The rules differ, see sara_r5.py
(SARA-R5) and lexi_r10.py (LEXI-R10).

A sleeping module costs no events: one timer leads into sleep, a pin, a byte or the network ends
it.
"""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..module import Module

DEEP = ("sleep2", "hibernate", "psm")
"""Levels in which nothing runs but a clock and perhaps the receiver for paging."""

WAKE_UP_CHARACTERS = b"ATat+ \r\n\x00\xf9"
"""Probes that a host may send to a sleeping module; their loss is no error."""

LOST_LIMIT = 1000
EPSILON_S = 1e-7


class Sleeper(ABC):
    """The state machine: `level` is awake, uart, sleep1, sleep2, hibernate or psm."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.loop = module.loop
        self.level = "awake"
        self.lost_bytes = 0
        self.lost: list[tuple[float, bytes]] = []
        """(loop time, bytes) received during sleep."""
        self.update_due = False
        """T3412 has woken the module: it reports to the network as soon as it is registered."""
        self.paging = False
        """Data waits in the network until the module has been paged."""
        self._deaf_until = 0.0
        self._slept_at = 0.0
        self._traffic_end = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._page_timer: asyncio.TimerHandle | None = None
        self._clipped = bytearray()

    # -- rules of the family ---------------------------------------------------------------

    @abstractmethod
    def sleep_at(self) -> float | None:
        """Loop time at which the module may go one level deeper if nothing changes."""

    @abstractmethod
    def fall_asleep(self) -> None:
        """Called at that time."""

    def wakes_by_data(self) -> bool:
        """Whether a character on the line ends the present level."""
        return False

    def wake(self) -> None:  # noqa: B027 (may be left as it is)
        """PWR_ON, the network or a timer ends deep sleep."""

    def key_pressed(self) -> None:  # noqa: B027 (may be left as it is)
        """PWR_ON was held long enough to count, while the module was on."""

    def attention(self) -> None:  # noqa: B027 (may be left as it is)
        """A URC or radio traffic."""

    def line_changed(self) -> None:
        """DTR, RTS or the wake-up GPIO changed."""
        self.review()

    def blockers(self) -> list[str]:
        """Reasons that prevent deep sleep, for display."""
        return []

    # -- life ------------------------------------------------------------------------------

    @property
    def deep(self) -> bool:
        """Whether the module sleeps so deeply that its state is not "ready"."""
        return self.level in DEEP

    @property
    def hears(self) -> bool:
        """Whether a character sent now would be received."""
        ready = self.module.state == "ready" and self.level == "awake"
        return ready and self._deaf_until <= self.loop.time() + EPSILON_S

    def stop(self) -> None:
        """The module switches off or restarts."""
        for timer in (self._timer, self._page_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._page_timer = None
        self.level = "awake"
        self.paging = False
        self._deaf_until = 0.0
        self._clipped.clear()

    def started(self) -> None:
        """The module has booted: counting begins."""
        self._traffic_end = self.loop.time()
        self.review()

    def review(self) -> None:
        """Something that keeps awake may have changed: set the timer that leads into sleep."""
        if self.module.state != "ready" or self.deep:
            return
        when = self.sleep_at()
        if when is None:
            return  # the end of this condition calls `review` again
        if self._timer is not None:
            if self._timer.when() <= when:
                return  # that calls `review` again
            self._timer.cancel()
        self._timer = self.loop.call_at(max(when, self.loop.time()), self._due)

    def _due(self) -> None:
        self._timer = None
        if self.module.state != "ready" or self.deep:
            return
        when = self.sleep_at()
        if when is None:
            return
        if when > self.loop.time() + EPSILON_S:
            self._timer = self.loop.call_at(when, self._due)
            return
        self.fall_asleep()

    def enter(self, level: str) -> None:
        """Go to `level`."""
        self.level = level
        self._slept_at = self.loop.time()
        self.module.energy.update()

    def leave(self, deaf_ms: float = 0) -> None:
        """Be awake again; the receiver works after `deaf_ms`."""
        now = self.loop.time()
        self.level = "awake"
        self._deaf_until = now + deaf_ms / 1000
        self._traffic_end = now
        self.module.energy.update()
        self.review()

    # -- the serial line -------------------------------------------------------------------

    def incoming(self, start: float, end: float) -> None:
        """The host sends: first bit of the first byte at `start`, last of the last at `end`."""
        if self.module.state != "ready":
            return
        if self.level in ("uart", "sleep1"):
            if not self.wakes_by_data():
                return
            self.leave(self.module.options.uart_wake_ms)
        self._traffic_end = max(self._traffic_end, end)

    def traffic(self, end: float) -> None:
        """An answer will have left at `end`."""
        self._traffic_end = max(self._traffic_end, end)

    def hear(self, data: bytes, start: float, end: float) -> tuple[bytes, float]:
        """The received part of bytes sent between `start` and `end`: (heard, its start)."""
        if self.module.state != "ready":
            if self.deep:
                self._lose(data)
            return b"", start
        step = (end - start) / len(data)
        if self.level != "awake":
            # Only bytes that were complete before the receiver went to sleep are received.
            kept = self._count(self._slept_at - start, step, len(data), math.floor)
            self._lose(data[kept:])
            return data[:kept], start
        if start >= self._deaf_until - EPSILON_S and not self._clipped:
            return data, start
        lost = self._count(self._deaf_until - start, step, len(data), math.ceil)
        if lost:
            self._lose(data[:lost])
        heard = data[lost:]
        if heard and self._clipped:
            self._judge(heard)
        return heard, start + lost * step

    @staticmethod
    def _count(span: float, step: float, most: int, rounded: object) -> int:
        if step == 0:
            complete = span >= 0 if rounded is math.floor else span > EPSILON_S
            return most if complete else 0
        count = span / step
        count = math.floor(count + 1e-4) if rounded is math.floor else math.ceil(count - 1e-4)
        return min(most, max(0, count))

    def _lose(self, data: bytes) -> None:
        self.lost_bytes += len(data)
        if len(self.lost) < LOST_LIMIT:
            self.lost.append((self.loop.time(), data))
        self._clipped += data
        while (cut := self._clipped.find(13)) >= 0:
            line = bytes(self._clipped[: cut + 1])
            del self._clipped[: cut + 1]
            if line.strip(WAKE_UP_CHARACTERS):
                self._report(line)

    def _judge(self, heard: bytes) -> None:
        """The beginning of a line was lost: report it, unless it was only a wake-up."""
        lost, rest = bytes(self._clipped), heard.partition(b"\r")[0]
        self._clipped.clear()
        if b"AT" in rest.upper() and not lost.strip(WAKE_UP_CHARACTERS):
            return
        self.module.interface.clipped = True
        if (lost + rest).strip(WAKE_UP_CHARACTERS):
            self._report(lost + rest)

    def _report(self, line: bytes) -> None:
        state = self.level if self.level != "awake" else "waking up"
        self.module.referee.report(f"lost because the module slept ({state}): {line[:60]!r}")

    # -- the network -----------------------------------------------------------------------

    def page(self) -> None:
        """Data has arrived for a module whose radio is idle: it must be paged first."""
        if self.paging:
            return
        self.paging = True
        self.module.sockets.link_changed()
        if not self.module.psm.asleep:  # in PSM it is unreachable until it wakes by itself
            delay = self.module.edrx.paging_delay()
            self._page_timer = self.loop.call_later(delay, self._paged)

    def _paged(self) -> None:
        self._page_timer = None
        if not self.module.network.usable:
            self.paging = False  # not found; the data waits for coverage
            return
        if self.deep:
            self.wake()  # and then answers the page
        else:
            self.module.network.touch()

    def answer_network(self) -> None:
        """Awake and registered again: handle the reason of the wake-up."""
        if self.update_due and self.module.state == "ready" and self.module.network.registered:
            self.update_due = False
            self.module.network.touch()

    def radio_connected(self) -> None:
        """The module is reachable: deliver waiting data."""
        if not self.paging:
            return
        self.paging = False
        if self._page_timer is not None:
            self._page_timer.cancel()
            self._page_timer = None
        self.module.sockets.link_changed()
