"""A UART partner for programs under test: a pty whose other side is served by a function."""

from __future__ import annotations

import os
import pty
import select
import threading
import tty
from collections.abc import Callable, Iterator

import pytest

Served = Callable[[Callable[[bytes], bytes]], str]


@pytest.fixture
def served() -> Iterator[Served]:
    """served(answer) gives the path of a tty; what is written to it goes through `answer`."""
    cleanups = []

    def start(answer: Callable[[bytes], bytes]) -> str:
        master, slave = pty.openpty()
        tty.setraw(slave)
        stopped, stop = os.pipe()

        def serve() -> None:
            while stopped not in (readable := select.select([master, stopped], [], [])[0]):
                if master in readable:
                    os.write(master, answer(os.read(master, 4096)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        cleanups.append((thread, stop, (master, slave, stopped, stop)))
        return os.ttyname(slave)

    yield start
    for thread, stop, descriptors in cleanups:
        os.write(stop, b"x")
        thread.join()
        for descriptor in descriptors:
            os.close(descriptor)
