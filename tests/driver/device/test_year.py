"""A node that is never visited: outages of every kind, one after the other, in virtual time.

By default some days of it run; DAYS=365 SEEDS=3 are the whole (about ten minutes each). Printed is
how long after the end of a cause the program could use the network again.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import MODULES

DAYS = float(os.environ.get("DAYS", "4"))
SEEDS = int(os.environ.get("SEEDS", "1"))
HOUR = 3600.0
DAY = 24 * HOUR
USE_S = 600.0  # how often the programs have something to send
REBOOT, POWER = 5, 6


def faults(text: str) -> Callable[[Node, float], None]:
    """A cause that is a fault of the simulated module, for so many seconds."""
    return lambda node, seconds: node.module.faults.load(text.format(ms=int(seconds * 1000)))


def coverage(node: Node, seconds: float) -> None:
    node.module.set_coverage(False)
    node.loop.call_later(seconds, node.module.set_coverage, True)


def sim(node: Node, seconds: float) -> None:
    from ublox_simulator.services.general.sim import Sim

    card = node.module.service(Sim)
    card.remove()
    node.loop.call_later(seconds, card.insert)


# name: what happens, how long at least and at most; 0: it ends by what the driver does
CAUSES: dict[str, tuple[Callable[[Node, float], Any], float, float]] = {
    "no coverage": (coverage, 60, 40 * HOUR),
    "registration denied": (faults("deny=11:{ms}"), 60, 12 * HOUR),
    "denied until the radio was off": (faults("deny=11:radio"), 0, 0),
    "activation refused": (faults("refuse=+UPSDA=0,3|+CGACT=1:148:{ms}"), 60, 12 * HOUR),
    "refused until a restart": (faults("refuse=+UPSDA=0,3|+CGACT=1:148:restart"), 0, 0),
    "SIM out": (sim, 10, 10 * HOUR),
    "context gone without a word": (
        lambda node, _: node.module.network.network_deactivates(1, told=False), 0, 0
    ),
    "sockets refused until a restart": (faults("refuse=+USOCR:3:restart"), 0, 0),
    "restart of the module": (lambda node, _: node.module.restart(), 0, 0),
}  # fmt: skip


class Field:
    """A node, what happens to it, and when it was of use."""

    def __init__(self, module: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.node = Node(
            module, seed=seed, strict=False, retry_ms=30_000, retry_pause_ms=120_000,
            registered_after_ms=3000,
        )  # fmt: skip
        self.modem: Any = None
        self.back: dict[str, list[float]] = {name: [] for name in CAUSES}
        self.restarts: list[float] = []
        self.states: list[int] = []
        self.used = self.unused = 0
        self._plan = self._causes()
        self._next = next(self._plan)
        self._open: tuple[str, float] | None = None

    def _causes(self) -> Iterator[tuple[float, str, float]]:
        """(when, which, how long), with time in between to come back."""
        at = HOUR
        while True:
            name = self.random.choice(list(CAUSES))
            _, least, most = CAUSES[name]
            length = least * (most / least) ** self.random.random() if least else 0.0
            yield at, name, length
            at += length + self.random.uniform(4, 12) * HOUR

    def pass_s(self, seconds: float) -> None:
        """Time passes, and what is planned happens."""
        end = self.node.seconds() + seconds
        while self._next[0] <= end:
            at, name, length = self._next
            self.node.pass_ms(max(0.0, at - self.node.seconds()) * 1000)
            self._next = next(self._plan)
            self._open = name, at + length
            CAUSES[name][0](self.node, length)
        self.node.pass_ms(max(0.0, end - self.node.seconds()) * 1000)

    def use(self) -> bool:
        """What the program is there for; whether it could be done."""
        self.node.uart.trace.clear()
        try:
            self.node.usable()
        except OSError:
            self.unused += 1
            return False
        self.used += 1
        now = self.node.seconds()
        if self._open is not None and now >= self._open[1]:
            self.back[self._open[0]].append(now - self._open[1])
            self._open = None
        return True

    def look(self) -> None:
        """What must hold at any time."""
        state = self.modem.save_state()
        self.states.append(len(state))
        counts = self.modem.recovery.counts
        total = counts[REBOOT] + counts[POWER]
        while len(self.restarts) < total:
            self.restarts.append(self.node.seconds())


def keeps(field: Field) -> None:
    """`connect(wait=False)`, and a look now and then."""
    field.modem.connect(APN, wait=False)
    used = -USE_S
    while field.node.seconds() < DAYS * DAY:
        field.pass_s(30)
        if field.modem.isconnected() and field.node.seconds() - used >= USE_S:
            used = field.node.seconds()
            if not field.use():
                used -= USE_S - 60
        field.look()


def loops(field: Field) -> None:
    """The plain program: connect, send, pause, with default time-outs."""
    while field.node.seconds() < DAYS * DAY:
        try:
            field.modem.connect(APN)
            done = field.use()
        except OSError:
            done = False
        field.look()
        field.pass_s(USE_S if done else 60)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("program", [keeps, loops])
@pytest.mark.parametrize("module", MODULES)
def test_a_node_comes_back_from_everything(
    module: str, program: Callable[[Field], None], seed: int
) -> None:
    field = Field(module, seed)
    try:
        field.modem = field.node.make()
        field.modem.power_on()
        program(field)
        print(
            f"{module}, {program.__name__}, {DAYS:g} days: {field.used} uses, "
            f"{field.unused} that failed, {len(field.restarts)} restarts"
        )
        for name, found in field.back.items():
            if found:
                print(
                    f"  {name:32} {len(found):4} times, back after {statistics.median(found):5.0f}"
                    f" s, at most {max(found):5.0f} s"
                )
                assert max(found) < 3 * HOUR, name
        assert max(field.states) <= 256
        for at in field.restarts:  # 6 and 2 a day are allowed
            assert sum(at <= other < at + DAY for other in field.restarts) <= 8
        field.pass_s(0)
        assert field.modem.socket_pool.taken() == 0
    finally:
        field.node.close()
