"""A node that sleeps and sends, restarted at every step, and for hundreds of cycles with faults;
`SLEEP_CYCLES=2000 tools/test -- tests/driver/test_sleep_cycles.py -s` runs thousands.

The program is what an application would be: it numbers its messages, takes an acknowledgement for
delivered and reports every message of which it cannot know. The server counts.
"""

from __future__ import annotations

import gc
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import MODULES

from ublox_simulator.world.peers import Connection, TcpPeer

CYCLES = int(os.environ.get("SLEEP_CYCLES", "600"))  # of each module
"""For each module; `-s` prints what happened in them."""

SLEEP_MS = 3_600_000
TRIES = 6


class HostDiedError(BaseException):
    """The microcontroller lost its supply; nothing of the program runs any more."""


class Server:
    """Counts numbered lines and acknowledges each."""

    def __init__(self, node: Node) -> None:
        self.received: Counter[int] = Counter()
        self._partial: dict[Connection, bytes] = {}
        self.peer = TcpPeer(node.loop, on_data=self._take)

    def _take(self, connection: Connection, data: bytes) -> None:
        lines = (self._partial.pop(connection, b"") + data).split(b"\n")
        self._partial[connection] = lines.pop()
        for line in lines:
            if line.isdigit():
                self.received[int(line)] += 1
                connection.send(b"%d ok\n" % int(line))

    def forget(self) -> None:
        """Give up old connections: the module has lost them, unknown to the server."""
        connections = self.peer.connections
        for connection in connections[:-4]:
            connection.abandon()
        del connections[:-4]


class Program:
    """The application: one message a cycle."""

    def __init__(self, node: Node, server: Server) -> None:
        self.node = node
        self.address = ("127.0.0.1", server.peer.port)
        self.number = 0
        self.delivered: set[int] = set()
        self.uncertain: set[int] = set()
        self.failed: Counter[str] = Counter()
        self.sock: Any = None
        self.state: bytes | None = None

    def begin(self, state: bytes | None = None) -> None:
        """The microcontroller starts."""
        self.sock = None
        self.node.make(state=state)

    def cycle(self) -> None:
        """Bring the next message to the server, then let the module sleep."""
        for _ in range(TRIES):
            self.number += 1
            sent = False
            try:
                self.prepare()
                sent = True
                self.node.call(self.sock.sendall, b"%d\n" % self.number)
                self.await_acknowledgement()
                self.delivered.add(self.number)
                return
            except OSError as error:
                self.failed[type(error).__name__] += 1
                if sent:
                    self.uncertain.add(self.number)
                self.give_up_socket()
            except HostDiedError:
                if sent:
                    self.uncertain.add(self.number)
                raise

    def await_acknowledgement(self) -> None:
        """Of this message; one of an earlier life may still be in an adopted socket."""
        while True:
            line = self.node.call(self.sock.readline)
            if not line:
                raise ConnectionError("closed by the server")
            if line == b"%d ok\n" % self.number:
                return

    def prepare(self) -> None:
        """A connected socket, with as little as possible."""
        call, modem = self.node.call, self.node.modem
        call(modem.power_on)
        call(modem.connect, APN)
        if modem.sleeper is None or not modem.power.deep:
            self.ask_for_sleep(modem)
        if self.sock is None and modem.socket_pool.adopted:
            self.sock = modem.socket_pool.adopted.pop()
            self.sock.settimeout(30)
        if self.sock is None or self.sock.errno or self.sock.closed:
            self.give_up_socket()
            self.sock = modem.socket()
            self.sock.settimeout(30)
            call(self.sock.connect, self.address)

    def ask_for_sleep(self, modem: Any) -> None:
        if self.node.kind == "sara-r5":
            self.node.call(modem.power.save, "timer", 1000)
            self.node.call(modem.power.set_psm, SLEEP_MS // 1000 * 2, 4)
        else:
            self.node.call(modem.power.save, "timer", 1000, "hibernate")
            self.node.call(modem.power.set_edrx, 160)

    def give_up_socket(self) -> None:
        sock, self.sock = self.sock, None
        if sock is not None:
            try:
                self.node.call(sock.close)
            except OSError as error:
                self.failed[f"close: {type(error).__name__}"] += 1

    def check(self, server: Server) -> None:
        """Nothing lost or doubled beyond what was reported."""
        assert all(count == 1 for count in server.received.values()), server.received
        missing = [n for n in self.delivered if n not in server.received]
        assert missing == []
        unknown = set(server.received) - self.delivered - self.uncertain
        assert unknown == set()


@pytest.fixture
def nodes() -> Iterator[Callable[..., tuple[Node, Server, Program]]]:
    made: list[tuple[Node, Server]] = []

    def make(module: str, flavour: str = "blocking", **options: Any) -> Any:
        node = Node(module, flavour, **options)
        server = Server(node)
        made.append((node, server))
        return node, server, Program(node, server)

    yield make
    for node, server in made:
        server.peer.close()
        node.close()


def live(program: Program, cycles: int) -> None:
    """So many cycles, each with the sleep behind it."""
    for _ in range(cycles):
        program.cycle()
        program.node.pass_ms(60_000)
        program.node.modem.poll()


def commands(node: Node, work: Callable[[], None]) -> int:
    """How many command lines the driver sends in `work`."""
    before = node.module.faults.commands
    work()
    return node.module.faults.commands - before


def still_works(program: Program, server: Server) -> None:
    delivered = len(program.delivered)
    program.node.module.faults.clear()
    live(program, 2)
    assert len(program.delivered) == delivered + 2, (program.failed, program.node.told())
    program.check(server)
    assert program.node.module.crashes == []


def first_cycles(program: Program) -> Callable[[], None]:
    def work() -> None:
        program.begin()
        live(program, 2)

    return work


@pytest.mark.parametrize("module", MODULES)
def test_the_module_restarts_at_every_command_of_bring_up_and_sleep(
    module: str, nodes: Callable[..., Any]
) -> None:
    node, server, program = nodes(module)
    total = commands(node, first_cycles(program))
    assert total > 40
    for number in range(1, total + 1):
        node, server, program = nodes(module)
        node.module.faults.load(f"restart=#{number}")
        first_cycles(program)()
        still_works(program, server)


class Mortal:
    """The UART of a microcontroller that dies behind so many bytes written."""

    def __init__(self, uart: Any) -> None:
        self._uart = uart
        self.left = 1 << 60

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uart, name)

    def write(self, data: Any, *where: int) -> int:
        data = memoryview(data)
        allowed = data[: max(0, self.left)]
        self.left -= len(data)
        if allowed:
            self._uart.write(allowed)
        if self.left <= 0:
            raise HostDiedError
        return len(data)


@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize("module", MODULES)
def test_the_host_restarts_at_every_step_of_bring_up_and_sleep(
    module: str, with_state: bool, nodes: Callable[..., Any]
) -> None:
    node, server, program = nodes(module)
    work = first_cycles(program)
    work()
    total = len(node.sent())
    for count in range(3, total, 23):  # a prime: every place of a command line is met
        node, server, program = nodes(module)
        mortal = node.uart = Mortal(node.uart)
        mortal.left = count
        state = None
        try:
            program.begin()
            for _ in range(2):
                live(program, 1)
                state = node.modem.save_state()
        except HostDiedError:
            pass
        mortal.left = 1 << 60
        program.begin(state if with_state else None)
        still_works(program, server)


class Weather:
    """What goes wrong, at random and reproducibly."""

    def __init__(self, node: Node, program: Program, seed: int) -> None:
        self.rng = random.Random(seed)
        self.node = node
        self.program = program
        self.happened: Counter[str] = Counter()
        self.kinds = (
            self.restart_in_sleep, self.restart_at_command, self.host_restarts, self.host_sleeps,
            self.coverage_gap, self.late, self.mute, self.noise, self.drop_socket, self.page,
        )  # fmt: skip

    def strike(self) -> None:
        self.node.module.faults.clear()
        if self.rng.random() < 0.5:
            return
        kind = self.rng.choice(self.kinds)
        self.happened[kind.__name__] += 1
        kind()

    def _command(self) -> int:
        return self.node.module.faults.commands + self.rng.randint(1, 20)

    def restart_in_sleep(self) -> None:
        self.node.module.restart()

    def restart_at_command(self) -> None:
        self.node.module.faults.load(f"restart=#{self._command()}")

    def host_restarts(self) -> None:
        self.program.begin()

    def host_sleeps(self) -> None:
        self.program.begin(self.node.modem.save_state())

    def coverage_gap(self) -> None:
        module, loop = self.node.module, self.node.loop
        module.set_coverage(False)
        loop.call_later(self.rng.uniform(1, 100), module.set_coverage, True)

    def late(self) -> None:
        self.node.module.faults.load(f"late=#{self._command()}:{self.rng.randint(100, 15000)}")

    def mute(self) -> None:
        self.node.module.faults.load(f"mute=#{self._command()}")

    def noise(self) -> None:
        self.node.module.faults.load(f"drop=out:{0.002 * self.rng.random()}")

    def drop_socket(self) -> None:
        connections = self.program_connections()
        if connections:
            connections[-1].reset()

    def program_connections(self) -> list[Connection]:
        return self.server.peer.connections

    def page(self) -> None:
        connections = self.program_connections()
        if connections:
            connections[-1].send(b"")

    server: Server


def run_cycles(made: Any, cycles: int, seed: int) -> tuple[Weather, list[int]]:
    node, server, program = made
    program.begin()
    program.cycle()
    weather = Weather(node, program, seed)
    weather.server = server
    sizes = []
    for number in range(cycles):
        weather.strike()
        program.cycle()
        node.module.faults.clear()
        node.pass_ms(SLEEP_MS * weather.rng.random())
        node.modem.poll()
        node.uart.trace.clear()
        server.forget()
        if number % (cycles // 10) == 0:
            gc.collect()
            sizes.append(driver_objects(node.modem))
    return weather, sizes


def driver_objects(modem: Any) -> int:
    """Everything that hangs on the driver's object."""
    seen: set[int] = set()
    open_ends: list[Any] = [modem]
    while open_ends:
        thing = open_ends.pop()
        if id(thing) in seen or not type(thing).__module__.startswith(
            ("ublox_cellular", "builtins")
        ):
            continue
        if isinstance(thing, (type, str, int)) or callable(thing):
            continue
        seen.add(id(thing))
        open_ends += gc.get_referents(thing)
    return len(seen)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.timeout(1200)
def test_many_cycles_with_faults_lose_and_double_nothing_unreported(
    module: str, nodes: Callable[..., Any]
) -> None:
    made = nodes(module)
    weather, sizes = run_cycles(made, CYCLES, seed=1)
    node, server, program = made
    program.check(server)
    days = node.seconds() / 86400
    arrived = len(program.uncertain & set(server.received))
    print(f"\n{module}: {CYCLES} cycles, {days:.0f} days; {dict(weather.happened)}")
    print(f"delivered {len(program.delivered)}, uncertain {len(program.uncertain)}")
    print(f"of which {arrived} had arrived; errors {dict(program.failed)}")
    print(f"objects of the driver: {sizes}")
    assert len(program.delivered) >= CYCLES * 0.98
    assert max(sizes[2:]) <= sizes[1] * 1.1 + 20
    assert node.module.crashes == []


@pytest.mark.parametrize("module", MODULES)
def test_the_same_with_asyncio(module: str, nodes: Callable[..., Any]) -> None:
    made = nodes(module, "asyncio")
    run_cycles(made, 200, seed=2)
    node, server, program = made
    program.check(server)
    assert len(program.delivered) >= 196
    assert node.module.crashes == []
