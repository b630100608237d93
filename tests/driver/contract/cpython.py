"""CPython's own sockets as a `World`."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

from driver.contract.far import HOST, SMALL_BUFFER, Address, Far, await_event
from driver.contract.outcomes import WAITS, outcome
from driver.contract.situations import MODES, Scene, fill

FIRINGS = 3
"""An alarm that fires during a system call makes Python repeat it, so that only a call that
really waits sees so many, however busy the machine is."""

SETTLING_MS = 300
"""Real time in which a full queue may move once more."""

FIRST_PORT, PORTS = 20000, 10000  # below the ports that the kernel chooses

_EVENTS = {
    "data": select.POLLIN,
    "end": select.POLLRDHUP,
    "reset": select.POLLERR,
    "answered": select.POLLOUT,
    "refused": select.POLLERR | select.POLLHUP,
    "visitor": select.POLLIN,
    "unreachable": select.POLLERR,
}


class StillWaiting(BaseException):
    """Raised by the alarm."""


class CPython:
    """The `socket` module on loopback, in real time."""

    pool = socket
    own = frozenset((HOST,))

    def __init__(self) -> None:
        self._port = FIRST_PORT

    def socket(self, kind: int) -> Any:
        return socket.socket(socket.AF_INET, kind)

    def settle(self, scene: Scene, event: str) -> None:
        if scene.sock.fileno() >= 0 and not await_event(scene.sock, _EVENTS[event]):
            raise AssertionError(f"no {event}")

    def attempt(self, scene: Scene, action: Callable[[], Any]) -> str:
        try:
            with _alarm(scene.patience + 3 * (MODES[scene.mode] or 0)):
                return outcome(action, scene.names)
        except StillWaiting:
            return WAITS

    def free_port(self) -> int:
        """The next one: never one that was used lately, which may be in TIME_WAIT."""
        while True:
            self._port = FIRST_PORT + (self._port + 1 - FIRST_PORT) % PORTS
            with contextlib.suppress(OSError):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind(("", self._port))
                return self._port

    def dialled(self, port: int) -> Address:
        return HOST, port

    def late_server(self, far: Far) -> Address:
        return far.late()

    def answer(self, far: Far) -> None:
        far.answer()

    def fill(self, scene: Scene) -> None:
        """With a fixed buffer, which the kernel would enlarge otherwise."""
        scene.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BUFFER)
        fill(scene.sock)
        while await_event(scene.sock, select.POLLOUT, SETTLING_MS):
            fill(scene.sock)

    def pass_time(self) -> None:
        pass


@contextlib.contextmanager
def _alarm(patience: float) -> Iterator[None]:
    """Interrupt what waits longer."""
    fired = 0

    def ring(number: int, frame: Any) -> None:
        nonlocal fired
        fired += 1
        if fired >= FIRINGS:
            raise StillWaiting

    before = signal.signal(signal.SIGALRM, ring)
    step = patience / FIRINGS
    signal.setitimer(signal.ITIMER_REAL, step, step)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
