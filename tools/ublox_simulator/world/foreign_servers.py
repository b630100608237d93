"""Virtual time and servers in other processes: virtual time stops while one of them answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from ..clock import VirtualLoop

PATIENCE_S = 0.5
"""Real seconds; after them virtual time continues without an answer."""


@contextlib.contextmanager
def answer_expected(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Hold virtual time in this block, for at most PATIENCE_S. In real time it does nothing, nor
    on a loop that knows when its peers are done."""
    if not isinstance(loop, VirtualLoop) or loop.settle is None:
        yield
        return
    with contextlib.ExitStack() as hold:
        hold.enter_context(loop.hold())

        def give_up() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(hold.close)

        timer = threading.Timer(PATIENCE_S, give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
