"""Adds to CPython's `time` and `asyncio` what MicroPython programs use of theirs."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import simulator

_PERIOD = 1 << 30  # MicroPython's ticks on 32-bit boards wrap here

# The clock of the simulated module in this process, as soon as there is one: its time is virtual
# and passes only while somebody waits for it.
_clock: Any = None


def use_clock(clock: Any) -> None:
    global _clock
    _clock = clock


class _VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return virtual_loop()


@functools.cache
def virtual_loop() -> simulator.VirtualLoop:
    """The loop the simulated module lives on. asyncio.run() of the program uses the same one."""
    import simulator

    asyncio.set_event_loop_policy(_VirtualPolicy())
    return simulator.VirtualLoop()


def ticks_ms() -> int:
    if _clock is not None:
        return _clock.ticks_ms() % _PERIOD
    return time.monotonic_ns() // 1_000_000 % _PERIOD


def ticks_us() -> int:
    if _clock is not None:
        return _clock.ticks_us() % _PERIOD
    return time.monotonic_ns() // 1000 % _PERIOD


def ticks_add(ticks: int, delta: int) -> int:
    return (ticks + delta) % _PERIOD


def ticks_diff(later: int, earlier: int) -> int:
    return (later - earlier + _PERIOD // 2) % _PERIOD - _PERIOD // 2


def sleep_ms(ms: int) -> None:
    if _clock is not None:
        _clock.sleep_ms(ms)
    elif ms > 0:
        _real_sleep(ms / 1000)


def sleep_us(us: int) -> None:
    sleep_ms((us + 999) // 1000)


def sleep(seconds: float) -> None:
    if _clock is not None:
        _clock.sleep_ms(int(seconds * 1000))
    else:
        _real_sleep(seconds)


_real_sleep = time.sleep


async def async_sleep_ms(ms: int) -> None:
    await asyncio.sleep(ms / 1000)


async def wait_for_ms(awaitable: Any, timeout: int) -> Any:
    return await asyncio.wait_for(awaitable, timeout / 1000)


def install() -> None:
    """Make the additions visible to the program that is about to be run."""
    names: dict[str, Any] = {
        "ticks_ms": ticks_ms,
        "ticks_us": ticks_us,
        "ticks_add": ticks_add,
        "ticks_diff": ticks_diff,
        "sleep_ms": sleep_ms,
        "sleep_us": sleep_us,
        "sleep": sleep,
    }
    for name, function in names.items():
        setattr(time, name, function)
    asyncio.sleep_ms = async_sleep_ms  # pyright: ignore[reportAttributeAccessIssue]
    asyncio.wait_for_ms = wait_for_ms  # pyright: ignore[reportAttributeAccessIssue]
