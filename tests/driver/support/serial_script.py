"""A UART in virtual time with somebody at its other end, and both flavours of the driver on it.

The other end is a `Partner`: it is fed what the driver writes and says what comes back and when.
Thousands of short dialogues a second; no sockets, no processes.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Protocol

from ublox_simulator import VirtualLoop

FLAVOURS = ("blocking", "asyncio")
MODULES = ("sara-r5", "lexi-r10")
LIMIT_MS = 400_000
"""Of virtual time: above every limit of the driver, so that reaching it means hanging."""


class Partner(Protocol):
    """The far end. `feed` returns what is to arrive: (ms from now, bytes)."""

    def feed(self, data: bytes) -> list[tuple[float, bytes]]: ...


class HangsError(AssertionError):
    """The driver went on waiting beyond every limit."""


class Clock:
    """Milliseconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.loop: VirtualLoop | None = None

    def ms(self) -> float:
        return self.now if self.loop is None else self.loop.time() * 1000

    def ticks_ms(self) -> int:
        return int(self.ms() + 1e-6)

    def ticks_diff(self, later: int, earlier: int) -> int:
        return later - earlier

    def sleep_ms(self, ms: float) -> None:
        self.now += ms


class Line:
    """What the driver takes for a UART. `began` is when the case started, for the limit."""

    def __init__(self, partner: Partner, clock: Clock) -> None:
        self.partner = partner
        self.clock = clock
        self.written = bytearray()
        self.began = clock.ms()
        self._coming: list[tuple[float, bytes]] = []  # in order of arrival
        self._events: list[tuple[float, Callable[[], None]]] = []  # at the far end
        self._here = bytearray()

    def at(self, ms: float, event: Callable[[], None]) -> None:
        """Let something happen at the far end in so many ms."""
        self._events.append((self.clock.ms() + ms, event))
        self._events.sort(key=lambda entry: entry[0])

    def push(self, data: bytes, ms: float = 0.0) -> None:
        """Let `data` arrive, after what is under way already."""
        when = self.clock.ms() + ms
        if self._coming and self._coming[-1][0] > when:
            when = self._coming[-1][0]
        self._coming.append((when, data))

    def _take_in(self) -> None:
        now = self.clock.ms()
        if now - self.began > LIMIT_MS:
            raise HangsError(f"still waiting after {LIMIT_MS} ms")
        while self._events and self._events[0][0] <= now:
            self._events.pop(0)[1]()
        while self._coming and self._coming[0][0] <= now:
            self._here += self._coming.pop(0)[1]

    def any(self) -> int:
        self._take_in()
        return len(self._here)

    def readinto(self, buf: Any, n: int | None = None) -> int | None:
        self._take_in()
        data = self._here[: len(buf) if n is None else min(n, len(buf))]
        del self._here[: len(data)]
        buf[: len(data)] = data
        return len(data) or None

    def write(self, data: Any) -> int:
        copy = bytes(data)
        self.written += copy
        for ms, answer in self.partner.feed(copy):
            self.push(answer, ms)
        return len(copy)

    def wait(self, ms: float) -> bool:
        """Let time pass until a byte can be read, at most `ms`."""
        self._take_in()
        if not self._here:
            until = self.clock.now + ms
            for waiting in (self._coming, self._events):
                if waiting:
                    until = min(until, waiting[0][0])
            self.clock.now = until
            self._take_in()
        return bool(self._here)


class Bench:
    """One flavour of one module's driver on a `Line`; `run` carries out a coroutine function."""

    def __init__(self, flavour: str, module: str, partner: Partner) -> None:
        self.flavour = flavour
        self.clock = Clock()
        if flavour == "asyncio":
            self.clock.loop = VirtualLoop()
        self.module = module
        self.restart(partner)

    def restart(self, partner: Partner) -> None:
        """A new driver object and a new partner, in the same time."""
        self.partner = partner
        self.line = Line(partner, self.clock)
        if self.flavour == "asyncio":
            from ublox_cellular import aio as package
        else:
            import ublox_cellular as package
        cls = package.SaraR5 if self.module == "sara-r5" else package.LexiR10
        self.modem = cls(self.line)

    def call(self, operation: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What an operation of the driver gives, whichever flavour it is."""
        self.line.began = self.clock.ms()
        result = operation(*arguments, **options)
        if inspect.isawaitable(result):
            assert self.clock.loop is not None
            result = self.clock.loop.run_until_complete(_awaited(result))
        return result

    def pass_ms(self, ms: float) -> None:
        """Let time pass with nothing going on but polling."""
        self.line.began = self.clock.ms()
        if self.clock.loop is None:
            self.clock.sleep_ms(ms)
        else:
            self.clock.loop.run_until_complete(asyncio.sleep(ms / 1000))
        self.modem.poll()

    def close(self) -> None:
        if self.clock.loop is not None:
            self.clock.loop.close()


async def _awaited(work: Any) -> Any:
    return await work
