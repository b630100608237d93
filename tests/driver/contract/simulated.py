"""Our sockets as a `World`: blocking flavour, on a simulated module in virtual time."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Collection, Mapping
from typing import Any

from behaviours import stage
from driver.contract.calls import Call
from driver.contract.far import Address, Far
from driver.contract.outcomes import TIMED_OUT, WAITS, outcome, raised
from driver.contract.situations import DATA, LATE_S, MODES, SITUATIONS, Scene, Situation, fill
from driver.contract.table import Cell, Outcomes, cells, perform, reach

from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.world.tcp_endpoint import ESTABLISHED, Endpoint

MODULES = stage.MODULES
PORTS = (5001, 5002)
"""Ports of the module that are reached from outside."""

PATIENCE_S = 3.0
"""Virtual seconds after which a call is given up by the application's hook: it waits."""
SETTLE_S = 0.0001  # real time: the peers are in this thread, the kernel answers at once
STUBBORN_S = 60.0
"""A call that the hook does not end is ended like this, by force."""
SOONEST_S, QUICK_S = 0.19, 1.5
"""When a time-out of 0.2 s comes, an exchange with the module included."""
CONNECT_S = 6.0
"""The latest for connect(), which a short time-out does not limit, see lib/SOCKETS.md."""

UNKNOWN_OPTION = "wrong parameters: +USO"
"""Strict mode reports this of an option that only the module can know."""

NETWORK_MS = 300
"""Virtual time for what was sent, and for what the module reports of it."""
ARRIVAL_STEPS = 500
ABSENCE_MS = 5
"""Real time for what the kernel has been given before."""
FILLINGS = 3

KEEPING = frozenset(
    (
        "EAGAIN", "EALREADY", "EBADF", "EINVAL", "EISCONN", "ENOPROTOOPT", "ENOTCONN",
        "EADDRNOTAVAIL", "OverflowError", "TypeError", "ValueError", TIMED_OUT,
    )
)  # fmt: skip
"""Outcomes after which a socket is as it was before."""


Wanted = Mapping[Cell, tuple[str, ...]]
"""Admissible outcomes of every cell."""


class Stubborn(BaseException):
    """Raised out of the UART's wait, as Ctrl-C would be."""


class Simulated:
    """A modem with its simulated module; made anew when a cell has spoilt it."""

    def __init__(self, module: str, far: Far) -> None:
        self._module = module
        self._far = far
        self._deadline = self._force = 0.0
        self._start()

    def _start(self) -> None:
        self._loop = VirtualLoop(SETTLE_S)
        self._uart = open_uart(
            self._module, loop=self._loop, listen_map=dict.fromkeys(PORTS, 0),
            registered_after_ms=500, rrc_idle_ms=1e9,
        )  # fmt: skip
        wait = self._uart.wait

        def limited(ms: float) -> bool:
            if self._force and self._loop.time() >= self._force:
                raise Stubborn
            return wait(ms)

        self._uart.wait = limited
        cls, _ = stage.classes("blocking", self._module)
        self.modem = cls(self._uart)
        self.modem.power_on(30000)
        self.modem.connect("iot.example")
        self.modem.channel.keep_going = lambda: self._loop.time() < self._deadline
        self._deadline = float("inf")
        self.pool = self.modem.socket_pool
        self._old: set[Endpoint] = set()

    @property
    def own(self) -> Collection[str]:
        return (self._uart.module.network.own_address(),)

    def check(self) -> None:
        """The module must not have crashed, and no rule of the wire may be broken."""
        broken = [rule for rule in self._uart.module.violations if UNKNOWN_OPTION not in rule.text]
        assert (self._uart.module.crashes, broken) == ([], [])

    # -- a World ---------------------------------------------------------------------------

    def socket(self, kind: int) -> Any:
        return self.pool.socket(2, kind)

    def settle(self, scene: Scene, event: str) -> None:
        """The driver itself does not run meanwhile: it hears of the event by the next call."""
        for _ in range(ARRIVAL_STEPS):
            if self._happened(event):
                break
            self._uart.clock.sleep_ms(2)
        self._uart.clock.sleep_ms(NETWORK_MS)

    def _happened(self, event: str) -> bool:
        fresh = [one for one in self._endpoints() if not one.listening]
        if event == "data":
            return any(one.unread >= len(DATA) for one in fresh)
        if event in ("end", "reset", "refused"):
            return all(one.eof for one in fresh)
        if event == "answered":
            return any(one.state == ESTABLISHED for one in fresh) or not fresh
        return bool(fresh)

    def _endpoints(self) -> list[Endpoint]:
        """The module's sockets that belong to the scene."""
        return [one for one in self._uart.module.sockets.table.values() if one not in self._old]

    def attempt(self, scene: Scene, action: Callable[[], Any]) -> str:
        began = self._loop.time()
        quick = CONNECT_S if scene.connecting else QUICK_S
        patience = max(PATIENCE_S, 2 * quick) if MODES[scene.mode] else PATIENCE_S
        self._limit(patience)
        try:
            text = outcome(action, scene.names)
        except Stubborn:
            return "waits, and cannot be given up"
        finally:
            self._limit(None)
        return _judged(text, self._loop.time() - began, patience, quick)

    def _limit(self, patience: float | None) -> None:
        now = self._loop.time()
        self._deadline = float("inf") if patience is None else now + patience
        self._force = now + STUBBORN_S

    def free_port(self) -> int:
        return PORTS[0]

    def dialled(self, port: int) -> Address:
        return "127.0.0.1", self._uart.module.listen_ports()[port]

    def late_server(self, far: Far) -> Address:
        self._uart.module.options.connect_ms = LATE_S * 1000
        return far.server

    def answer(self, far: Far) -> None:
        pass

    def fill(self, scene: Scene) -> None:
        """As long as the module hands on to the network what it has taken."""
        for _ in range(FILLINGS):
            fill(scene.sock)
            self._uart.clock.sleep_ms(NETWORK_MS)

    def pass_time(self) -> None:
        self._uart.clock.sleep_ms(NETWORK_MS)

    # -- scenes ----------------------------------------------------------------------------

    def open(self, situation: Situation, mode: str) -> Scene:
        """A scene in this situation."""
        self._old = set(self._uart.module.sockets.table.values())
        self._limit(STUBBORN_S)
        try:
            return reach(self, self._far, situation, mode)
        finally:
            self._limit(None)

    def end(self, scene: Scene | None) -> str:
        """Close a scene. What is left of it is returned, and the module made anew."""
        left = ""
        if scene is not None:
            try:
                scene.close()
            except (Exception, Stubborn) as error:
                left = f"close() raises {type(error).__name__}"
        self._uart.module.options.connect_ms = 0
        self._uart.clock.sleep_ms(NETWORK_MS)
        self._far.drain()
        self._uart.clock.sleep_ms(NETWORK_MS)
        with contextlib.suppress(Exception, Stubborn):
            self.modem.poll()
        leaks = bool(self._uart.module.sockets.table)
        if leaks and scene is not None and not left:
            left = "a socket of the module is left"
        if left or leaks:
            self.restart()
        return left

    def restart(self) -> None:
        """Another module and modem."""
        self.check()
        self.close()
        self._start()

    def close(self) -> None:
        """Give everything back."""
        self._uart.close()
        self._loop.pump()
        self._loop.close()


def _judged(text: str, took: float, patience: float, quick: float) -> str:
    """An outcome that comes at a wrong time says so."""
    if text == errno.errorcode[errno.ECANCELED] and took >= patience:
        return WAITS if took < patience + QUICK_S else f"{WAITS}, given up late"
    if text == TIMED_OUT and not SOONEST_S <= took < quick:
        return f"{TIMED_OUT} after {took:.1f} s"
    return text if took < patience else f"{text} after {took:.0f} s"


def found(module: str, wanted: Wanted, situations: list[str] | None = None) -> Outcomes:
    """What our sockets give in every cell; `wanted` is what they should give. Every situation
    begins with a modem of its own, so that its outcomes do not depend on the others."""
    far = Far(ABSENCE_MS)
    results: Outcomes = {}
    try:
        for name in situations or SITUATIONS:
            world = Simulated(module, far)
            try:
                for situation, mode, calls in cells([name]):
                    _group(world, situation, mode, calls, wanted, results)
                world.check()
            finally:
                world.close()
    finally:
        far.close()
    return results


def _group(
    world: Simulated,
    situation: Situation,
    mode: str,
    calls: list[Call],
    wanted: Wanted,
    results: Outcomes,
) -> None:
    """The cells of one situation and mode. Calls that change nothing share a socket, until one of
    them gives what it should not."""
    calls = sorted(
        calls, key=lambda call: not _keeps(call, wanted[situation.name, mode, call.name])
    )
    scene: Scene | None = None
    for call in calls:
        cell = situation.name, mode, call.name
        if scene is None:
            try:
                scene = world.open(situation, mode)
            except (Exception, Stubborn) as error:
                world.end(None)
                world.restart()
                for rest in calls:
                    key = situation.name, mode, rest.name
                    results.setdefault(key, f"not reached: {_word(error)}")
                return
        results[cell] = perform(scene, call)
        if results[cell] in wanted[cell] and _keeps(call, wanted[cell]):
            continue
        left = world.end(scene)
        scene = None
        if left:
            results[cell] += f" ({left})"
    if scene is not None:
        world.end(scene)


def _keeps(call: Call, wanted: tuple[str, ...]) -> bool:
    """Whether the socket can be used for another call."""
    return call.keeps or (len(call.steps) == 1 and KEEPING.issuperset(wanted))


def _word(error: BaseException) -> str:
    return raised(error) if isinstance(error, Exception) else type(error).__name__
