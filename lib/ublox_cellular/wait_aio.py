"""Sleeping and tasks with asyncio."""

import asyncio

try:
    from asyncio import sleep_ms  # pyright: ignore # allocates nothing on MicroPython
except ImportError:  # CPython

    async def sleep_ms(ms: int) -> None:
        await asyncio.sleep(ms / 1000)


TASKS = True  # while a task waits, others run


def sleeper(_port):
    """The coroutine function for sleeping; `_port` has its own clock only in the blocking
    flavour."""
    return sleep_ms


StreamBase = object  # its methods are coroutines, which a C stream cannot call


def background(function):
    """A task that runs the coroutine function; None where there are no tasks (blocking)."""
    return asyncio.create_task(function())


def nudge(_connection) -> None:
    """Does nothing: a task does the work."""
