"""Virtual time: an asyncio event loop that jumps to its next timer instead of waiting for it."""

from __future__ import annotations

import asyncio
import selectors
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

SETTLE_S = 0.0003
"""Real time given to the kernel before a jump, so that recently written data is processed
first."""

SETTLES_AFTER_IO = 4
"""How many jumps after real I/O are preceded by a settle; quiet periods then cost nothing."""

STALL_S = 30.0
"""Longest real wait when there is no timer at all but sockets are registered."""

LOOKS_LEFT_OUT = 15
"""Number of times in a row that real sockets are not polled while callbacks wait to be run."""


class StalledError(RuntimeError):
    """Nothing is scheduled and no socket became ready: the program would wait for ever."""


@cache
def _courier() -> socket.socket:
    """A UDP socket that is its own peer."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.connect(sock.getsockname())
    a_second = struct.pack("ll", 1, 0)  # in case a firewall drops it
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, a_second)
    return sock


def delivered() -> None:
    """Return when everything that this process has sent over the loopback interface has arrived:
    the kernel keeps the order, so it is enough to wait for a datagram that is sent now. A second
    one covers what the kernel itself answers to the first."""
    with suppress(OSError):
        sock = _courier()
        for _ in range(2):
            sock.send(b"?")
            sock.recv(1)


class _JumpingSelector(selectors.BaseSelector):
    """A selector that never waits for timers: it makes the loop jump instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._inner = selectors.DefaultSelector()
        self._loop = loop
        self._looks_left_out = 0
        self.files = 0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._loop.expect_io()
        self.files += 1
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        self.files -= 1
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._loop.expect_io()
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        loop = self._loop
        if not self._may_be_left_out():
            ready = self._inner.select(0)
            if ready:
                loop.expect_io()
                return ready
        if timeout is not None and timeout <= 0:
            return []
        if loop.held:
            # Something real (a name look-up in a thread) must finish before time may pass.
            return self._inner.select(STALL_S)
        if loop.real_io and loop.take_settle():
            ready = self._inner.select(loop.settled())
            if ready:
                loop.expect_io()
                return ready
        if timeout is None:
            ready = self._inner.select(STALL_S)
            if not ready:
                raise StalledError("no timer is scheduled and no socket became ready in 5 s")
            return ready
        loop.jump(loop.time() + timeout)
        return []

    def _may_be_left_out(self) -> bool:
        """Whether to run callbacks without polling the files, which costs more than most of them;
        also if there are only asyncio's own files, which threads wake."""
        if self._looks_left_out < LOOKS_LEFT_OUT and (self.files < 2 or self._loop.busy):
            self._looks_left_out += 1
            return True
        self._looks_left_out = 0
        return False


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose `time()` is virtual, starts at 0.0 and passes while nothing is ready.

    Deterministic as long as every peer lives on the same loop. `settle` is the real time in
    seconds that peers get before a jump when sockets are registered; raise it when real servers
    in other processes take part. None if all servers are in `barriers`: then no real time is
    spent on waiting. A barrier returns when a server has processed its input.
    """

    def __init__(self, settle: float | None = SETTLE_S) -> None:
        self._virtual_now = 0.0
        self.settle = settle
        self.barriers: list[Callable[[], None]] = []
        self.held = 0
        self._settles_left = 0
        super().__init__(_JumpingSelector(self))
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_now

    def jump(self, when: float) -> None:
        """Move time forward to `when` (never back) without running anything."""
        if when > self._virtual_now:
            self._virtual_now = when

    @property
    def real_io(self) -> bool:
        """Whether any file beyond asyncio's own wake-up pipe is registered."""
        return self._selector.files > 1  # type: ignore[attr-defined]

    @property
    def busy(self) -> bool:
        """Whether callbacks wait to be run, and no stop was requested before them."""
        return bool(self._ready) and not self._stopping  # type: ignore[attr-defined]

    @property
    def io_expected(self) -> bool:
        """Whether data was sent or received recently, so that more may come."""
        return self._settles_left > 0

    def expect_io(self) -> None:
        """Request real settle time before the next few jumps: data was just sent."""
        self._settles_left = 1 if self.settle is None else SETTLES_AFTER_IO

    def take_settle(self) -> bool:
        """Use up one of the settles granted by the last I/O."""
        if self._settles_left <= 0:
            return False
        self._settles_left -= 1
        return True

    def settled(self) -> float:
        """Return once the peers have run, or the time that they need."""
        if self.settle is not None:
            return self.settle
        for barrier in self.barriers:
            barrier()
        delivered()
        return 0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep virtual time still while something real and slow happens outside of the loop."""
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1

    def idle_until(self, when: float) -> bool:
        """Whether no callback would run before or at `when` (so a jump there skips nothing)."""
        if self._ready or self.held:  # type: ignore[attr-defined]
            return False
        scheduled = self._scheduled  # type: ignore[attr-defined]
        return not scheduled or scheduled[0].when() > when

    def pump(self) -> None:
        """Run what is due now and poll the sockets once, without letting time pass."""
        self.stop()
        self.run_forever()

    def run_to(self, when: float) -> None:
        """Run everything up to the virtual time `when`, or until `stop()` is called."""
        timer = self.call_at(when, self.stop)
        try:
            self.run_forever()
        finally:
            timer.cancel()


class Ticks:
    """MicroPython's tick functions on an asyncio loop's time; `sleep_ms` needs a loop at rest."""

    PERIOD = 1 << 30

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def ticks_ms(self) -> int:
        """Milliseconds, wrapping at 2**30 as on MicroPython."""
        return int(self._loop.time() * 1000 + 1e-6) % self.PERIOD

    def ticks_us(self) -> int:
        """Microseconds, wrapping at 2**30."""
        return int(self._loop.time() * 1e6 + 1e-3) % self.PERIOD

    def ticks_diff(self, a: int, b: int) -> int:
        """Signed difference a - b in the same unit, right across a wrap."""
        half = self.PERIOD >> 1
        return ((a - b + half) % self.PERIOD) - half

    def ticks_add(self, a: int, delta: int) -> int:
        """The tick `delta` after `a`."""
        return (a + delta) % self.PERIOD

    def sleep_ms(self, ms: float) -> None:
        """Let `ms` of virtual time pass, running all that happens meanwhile."""
        loop = self._loop
        if loop.is_running():
            raise RuntimeError("sleep_ms inside the running loop; await asyncio.sleep instead")
        if not isinstance(loop, VirtualLoop):
            loop.run_until_complete(asyncio.sleep(ms / 1000))
            return
        end = loop.time() + ms / 1000
        while loop.time() < end:  # a stop() for another caller must not shorten the sleep
            loop.run_to(end)
