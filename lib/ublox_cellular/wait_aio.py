"""Sleeping and tasks with asyncio."""

import asyncio

try:
    from asyncio import sleep_ms  # pyright: ignore # allocates nothing on MicroPython
except ImportError:  # CPython

    async def sleep_ms(ms: int) -> None:
        await asyncio.sleep(ms / 1000)


TASKS = True  # while one waits, others run


def sleeper(_port):
    """The coroutine function to sleep with; `_port` brings its own time only when blocking."""
    return sleep_ms


StreamBase = object  # its methods are coroutines: nothing a C stream could call


def background(function):
    """A task that runs the coroutine function; None where there are no tasks (blocking)."""
    return asyncio.create_task(function())


def nudge(_connection) -> None:
    """Nothing: a task does the work."""
