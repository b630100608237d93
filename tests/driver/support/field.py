"""A node in the field: what happens to it in a year, what it is used for, and what must hold."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType, ModuleType, TracebackType
from typing import Any

from driver.support.http_server import Server
from driver.support.node import Node

from ublox_simulator.world.peers import Connection, TcpPeer

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
Cause = tuple[Callable[[Node, float], Any], float, float]
CAUSES: dict[str, Cause] = {
    "no coverage": (coverage, 60, 40 * HOUR),
    "registration denied": (faults("deny=11:{ms}"), 60, 12 * HOUR),
    "denied until the radio was off": (faults("deny=11:radio"), 0, 0),
    "activation refused": (faults("refuse=+UPSDA=0,3|+CGACT=1:148:{ms}"), 60, 12 * HOUR),
    "refused until a restart": (faults("refuse=+UPSDA=0,3|+CGACT=1:148:restart"), 0, 0),
    "SIM out": (sim, 10, 10 * HOUR),
    "context gone without a word": (
        lambda node, _: node.module.network.network_deactivates(1, told=False), 0, 0
    ),
    "restart of the module": (lambda node, _: node.module.restart(), 0, 0),
}  # fmt: skip
# Of the service that a program uses.
WEDGED: dict[str, dict[str, Cause]] = {
    "sockets": {
        "sockets refused until a restart": (faults("refuse=+USOCR:3:restart"), 0, 0),
    },
    "MQTT": {
        "MQTT refused until a restart": (faults("refuse=+UMQTTC:3:restart"), 0, 0),
    },
    "HTTP": {
        "HTTP refused until a restart": (faults("refuse=+UHTTP|+UHTTPC:3:restart"), 0, 0),
        "HTTP fails until a restart": (faults("fail=+UHTTPC:10/22:restart"), 0, 0),
    },
}


class Broker:
    """As much of an MQTT broker as a node that only publishes needs; `values` are what came."""

    def __init__(self, node: Node) -> None:
        self.peer = TcpPeer(node.loop, on_data=self._data)
        self.values: set[int] = set()

    def _data(self, connection: Connection, _: bytes) -> None:
        data = connection.received
        while len(data) >= 2:
            length, at, shift = 0, 1, 0
            while at < len(data):
                length |= (data[at] & 127) << shift
                shift += 7
                at += 1
                if data[at - 1] < 128:
                    break
            if len(data) < at + length or data[at - 1] > 127:
                return
            self._packet(connection, data[0], bytes(data[at : at + length]))
            del data[: at + length]

    def _packet(self, connection: Connection, head: int, body: bytes) -> None:
        kind = head >> 4
        if kind == 1:
            connection.send(b"\x20\x02\0\0")
        elif kind == 3:  # of QoS 1
            size = 2 + int.from_bytes(body[:2], "big")
            self.values.add(int(body[size + 2 :]))
            connection.send(b"\x40\x02" + body[size : size + 2])
        elif kind == 12:
            connection.send(b"\xd0\0")
        elif kind == 14:
            connection.close()


class Field:
    """A node, what happens to it, and when it was of use."""

    def __init__(
        self, module: str, seed: int, service: str = "sockets", flavour: str = "blocking"
    ) -> None:
        self.random = random.Random(seed)
        self.node = Node(
            module, flavour, seed=seed, strict=False, retry_ms=30_000, retry_pause_ms=120_000,
            registered_after_ms=3000,
        )  # fmt: skip
        self.server = Server(self.node)
        self.broker = Broker(self.node)
        self.modem: Any = None
        self.causes = CAUSES | WEDGED[service]
        self.back: dict[str, list[float]] = {name: [] for name in self.causes}
        self.restarts: list[float] = []
        self.largest = 0  # of the saved states
        self.searching: list[float] = []  # seconds of each day
        self.used = self.unused = 0
        self._days = 0
        self._searched = 0.0
        self._peers = 0
        self._plan = self._causes()
        self._next = next(self._plan)
        self._open: tuple[str, float] | None = None

    def _causes(self) -> Iterator[tuple[float, str, float]]:
        """(when, which, how long), with time in between to come back."""
        at = HOUR
        while True:
            name = self.random.choice(list(self.causes))
            _, least, most = self.causes[name]
            length = least * (most / least) ** self.random.random() if least else 0.0
            yield at, name, length
            at += length + self.random.uniform(4, 12) * HOUR

    def rest(self, seconds: float) -> None:
        """Time passes, the program at nothing."""
        if seconds <= 0:
            return
        if self.node.flavour == "asyncio":
            self.node.call(asyncio.sleep, seconds)
        else:
            self.node.pass_ms(seconds * 1000)

    def pass_s(self, seconds: float, during: Callable[[float], Any] | None = None) -> None:
        """Time passes, and what is planned happens; `during`: what the program does meanwhile."""
        during = during or self.rest
        end = self.node.seconds() + seconds
        while self._next[0] <= end:
            at, name, length = self._next
            if at > self.node.seconds():
                during(at - self.node.seconds())
            self._next = next(self._plan)
            self._open = name, at + length
            self.causes[name][0](self.node, length)
        if end > self.node.seconds():
            during(end - self.node.seconds())

    def use(self, what: Callable[[], Any]) -> bool:
        """What the program is there for; whether it could be done."""
        self.node.uart.trace.clear()
        try:
            what()
        except OSError:
            self.unused += 1
            return False
        self.succeeded()
        return True

    def succeeded(self) -> None:
        self.used += 1
        now = self.node.seconds()
        if self._open is not None and now >= self._open[1]:
            self.back[self._open[0]].append(now - self._open[1])
            self._open = None

    def look(self) -> None:
        """What must hold at any time."""
        self.largest = max(self.largest, len(self.modem.save_state()))
        counts = self.modem.recovery.counts  # they stay at 255
        total = counts[REBOOT] + counts[POWER]
        while len(self.restarts) < total:
            self.restarts.append(self.node.seconds())
        if self.node.seconds() >= (self._days + 1) * DAY:
            self._days += 1
            searched = self.node.module.time_in.get("searching", 0.0)
            self.searching.append(searched - self._searched)
            self._searched = searched
        self.node.uart.trace.clear()
        self.node.heard.clear()
        for peer in (self.server.peer, self.broker.peer, self.node.tcp):  # theirs is not counted
            del peer.connections[:-4]
        self.server.requests.clear()

    def objects(self) -> int:
        """How many objects the driver has, all it can reach; without the module's."""
        import gc

        gc.collect()
        seen: set[int] = set()
        todo: list[Any] = [self.modem]
        kinds = (ModuleType, type, FunctionType, TracebackType)  # which lead to the test
        while todo:
            thing = todo.pop()
            own = type(thing).__module__.startswith(("ublox_cellular", "builtins", "collections"))
            if id(thing) in seen or isinstance(thing, kinds) or not own:
                continue
            seen.add(id(thing))
            if isinstance(thing, MethodType):
                todo.append(thing.__self__)
                continue
            todo += gc.get_referents(thing)
        return len(seen)

    def close(self) -> None:
        self.server.peer.close()
        self.broker.peer.close()
        self.node.close()
