"""Adds to CPython's `time` and `asyncio` what MicroPython programs use of theirs."""

from __future__ import annotations

import asyncio
import collections
import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ublox_simulator

_PERIOD = 1 << 30  # MicroPython's ticks on 32-bit boards wrap here

# The clock of the simulated module in this process, as soon as there is one: its time is virtual
# and passes only while a task waits for it.
_clock: Any = None

# Called at every use of the board by the program; raise when the board has gone down.
board_checks: list[Callable[[], None]] = []


def check_board() -> None:
    for check in board_checks:
        check()


def use_clock(clock: Any) -> None:
    global _clock
    _clock = clock


def simulated_clock() -> Any:
    return _clock


class _VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return virtual_loop()


@functools.cache
def virtual_loop() -> ublox_simulator.VirtualLoop:
    """The loop the simulated module lives on. asyncio.run() of the program uses the same one."""
    import ublox_simulator

    asyncio.set_event_loop_policy(_VirtualPolicy())
    return ublox_simulator.VirtualLoop()


def ticks_ms() -> int:
    check_board()
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
    check_board()
    if _clock is not None:
        _pass_virtual(ms)
    elif ms > 0:
        _real_sleep(ms / 1000)


def _pass_virtual(ms: float) -> None:
    if virtual_loop().is_running():
        _pass_inside(ms)
    else:
        _clock.sleep_ms(ms)


def _pass_inside(ms: float) -> None:
    """Blocking sleep in the middle of a task: the module goes on living, what the program's
    other tasks had ready waits, as it would on a board."""
    loop: Any = virtual_loop()
    end = loop.time() + ms / 1000
    alarm = loop.call_at(end, lambda: None)
    task = asyncio.current_task()
    assert task is not None
    asyncio.tasks._leave_task(loop, task)
    waiting, loop._ready = loop._ready, collections.deque()
    try:
        while loop.time() < end:
            loop._run_once()
    finally:
        alarm.cancel()
        waiting.extend(loop._ready)
        loop._ready = waiting
        asyncio.tasks._enter_task(loop, task)


def sleep_us(us: int) -> None:
    sleep_ms((us + 999) // 1000)


def sleep(seconds: float) -> None:
    check_board()
    if _clock is not None:
        _pass_virtual(int(seconds * 1000))
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
