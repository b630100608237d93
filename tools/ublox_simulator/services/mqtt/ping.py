"""The ping loop of +UMQTTC=8 (at-commands 5.3): a ping after 80 % of the keep-alive time.

The reaction to a ping without answer is not documented beyond `+UUMQTTC: 8,0` (U). Decided: the
broker has the rest of the keep-alive time for it, any packet counts, and the loop continues; with
the variant mqtt-ping-ends the session ends then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .session import Session

SHARE = 0.8


class PingLoop:
    """Runs from `start` until the session ends or `stop`; `on_failure` is called for each ping
    that was not answered."""

    def __init__(self, session: Session, on_failure: Callable[[], None]) -> None:
        self._session = session
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Count from the last byte sent."""
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        when = self._session.sent_at + self._session.keep_alive_s * SHARE
        self._timer = self._loop.call_at(max(when, self._loop.time()), self._due)

    def _due(self) -> None:
        session, now = self._session, self._loop.time()
        if session.over or not session.awake:
            return
        if now < session.sent_at + session.keep_alive_s * SHARE:
            self._arm()
            return
        session.ping()
        rest = session.keep_alive_s * (1 - SHARE)
        self._timer = self._loop.call_later(rest, self._answer_due, now)

    def _answer_due(self, asked_at: float) -> None:
        if self._session.over or not self._session.awake:
            return
        self._arm()
        if self._session.heard_at < asked_at:
            self._on_failure()

    def stop(self) -> None:
        """No more pings."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
