"""Sleeping without asyncio: one caller at a time."""

import time

from .core.compat import MICROPYTHON

try:
    from time import sleep_ms  # pyright: ignore
except ImportError:  # CircuitPython, CPython

    def sleep_ms(ms: int) -> None:
        time.sleep(ms / 1000)


if MICROPYTHON:
    from io import IOBase as StreamBase  # select, ssl and print() then accept these sockets
else:
    StreamBase = object  # CPython's IOBase would close a socket when it is collected


TASKS = False  # while a caller waits, no other runs


def sleeper(port):
    """The function to wait with: the port's, which may return early for bytes, or its clock's."""
    uart = port.uart
    if hasattr(uart, "wait"):
        return uart.wait
    if hasattr(uart, "clock"):
        return uart.clock.sleep_ms
    return sleep_ms


def background(_function) -> None:
    """There are no tasks: calls that query the state do the work, see `nudge`."""


def nudge(connection) -> None:
    """Do one step of work that no caller waits for."""
    connection.attempt()
