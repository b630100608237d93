"""Requests to an MQTT-SN gateway: repeated until they are answered, or until the time-out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from .failure import SESSION_LOST, TIMED_OUT, MqttSnFailure

Reply = tuple[int, bytes]


@dataclass
class _Waiting:
    fits: Callable[[int, bytes], bool]
    settle: Callable[[bytes], None]
    reply: asyncio.Future[Reply]


def nothing_to_settle(body: bytes) -> None:
    """Most answers change nothing before the request continues."""


class Requests:
    """Sends by `send`; answers come in by `offer`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[bytes], None],
        *,
        patience_s: float,
        retries: int,
    ) -> None:
        self._loop = loop
        self._send = send
        self.patience_s = patience_s
        self._retries = retries
        self._waiting: list[_Waiting] = []

    async def ask(
        self,
        datagram: bytes,
        fits: Callable[[int, bytes], bool],
        again: bytes = b"",
        settle: Callable[[bytes], None] = nothing_to_settle,
    ) -> Reply:
        """Type and content of the answer; `again` is sent when it does not come, `settle` records
        the answer before any message after it is processed."""
        waiting = _Waiting(fits, settle, self._loop.create_future())
        self._waiting.append(waiting)
        try:
            self._send(datagram)
            for left in range(self._retries, -1, -1):
                await asyncio.wait({waiting.reply}, timeout=self.patience_s)
                if waiting.reply.done():
                    return waiting.reply.result()
                if left:
                    self._send(again or datagram)
            raise MqttSnFailure(TIMED_OUT)
        finally:
            self._waiting.remove(waiting)

    def offer(self, kind: int, body: bytes) -> bool:
        """Whether this message answers a request."""
        for waiting in self._waiting:
            if not waiting.reply.done() and waiting.fits(kind, body):
                waiting.settle(body)
                waiting.reply.set_result((kind, body))
                return True
        return False

    def give_up(self) -> None:
        """The session has ended: there will be no answer."""
        for waiting in self._waiting:
            if not waiting.reply.done():
                waiting.reply.set_exception(MqttSnFailure(SESSION_LOST))
