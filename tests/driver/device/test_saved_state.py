"""The saved state is the whole truth, or what it does not hold is asked for: damaged lines, states
that are older than the module, and power cuts of the host at any moment.

POWER_CUTS: how many, over all variants (500 for the real thing); else a sample.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from dev.environment import ROOT
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.aio.device.recovery import _SERVICES

CUTS = int(os.environ.get("POWER_CUTS", "64"))
VARIANTS = 8  # of the program: modules, flavours, with and without sleep
TEXT = b"The quick brown fox jumps over the lazy dog"
BINARY = bytes(range(256))
SHORT = b"\0\1\xff"  # so short that reading it does not end hexadecimal mode
HEX = 3  # syntax of payload, see payload.py

DAMAGED = [
    "+CEREG: 256", "+CEREG: -1", "+CEREG: 99999999999999", "+CEREG: ",
    '+CEREG: 5,"x","y",999,1,-7',
    "+UUSORD: 0,-110", "+UUSORD: 0,99999999", "+UUSORD: -1,5", "+UUSORD: 99,5", "+UUSORF: 0,-5",
    "+UUSOCL: 99", "+UUSOCL: -1", "+UUPSMR: 2,-5", "+UUPSMR: 9", "+CSCON: 256", "+CSCON: -1",
    "+UUSLPURC: ", '+CGEV: "', "+UUPSDA: -1", "+UUPSDD: 256", '+UUSOLI: -3,"x",-1,-1,"y",-1',
    "+UUDNSRN: -7", "+CEDRXP: -1,-1",
]  # fmt: skip


@pytest.mark.parametrize("line", DAMAGED)
@pytest.mark.parametrize("module", MODULES)
def test_no_damaged_line_keeps_a_program_from_saving_its_state(
    module: str, line: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    modem.power.save("timer", 60_000)
    sock = node.stream()
    node.module.inject_urc(line)
    node.pass_ms(50)
    modem.poll()
    state = modem.save_state()
    assert len(state) <= 256
    node.uart.trace.clear()
    if not sock.errno and "UUSORD: 0" not in line:
        node.echo(sock, b"still here")
    assert b"=0,-" not in node.sent() and b"=-" not in node.sent()
    modem = node.make(state=state)
    assert modem.resumed
    modem.power_on()
    modem.connect(APN)
    node.usable()


@pytest.mark.parametrize("value", [-1, 256, 1 << 40, -(1 << 40)])
@pytest.mark.parametrize("module", MODULES)
def test_no_value_at_all_keeps_a_program_from_saving_its_state(
    module: str, value: int, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    modem.power.save("timer", 60_000)
    sock = node.stream()
    modem.network.stat = value
    sock.slot.pending = sock.slot.total = sock.slot.taken = value
    modem.power.level = modem.power.after_ms = value
    assert node.make(state=modem.save_state()).resumed


@pytest.mark.parametrize("sleeps", [False, True])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_hexadecimal_mode_left_on_by_the_program_before_does_no_harm(
    flavour: str, module: str, sleeps: bool, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    if sleeps:
        node.call(modem.power.save, "timer", 2000)
    state = modem.save_state()  # no socket, hexadecimal mode off
    sock = node.stream()
    modem.socket_pool.syntax = HEX
    node.echo(sock, SHORT)
    assert modem.socket_pool.hex_mode
    if sleeps:
        node.pass_ms(10_000)
    for _ in range(2):  # the same state once more: it is not used up
        modem = node.make(state=state)
        node.call(modem.power_on)
        node.call(modem.connect, APN)
        sock = node.stream()
        node.echo(sock, TEXT)
        node.echo(sock, BINARY)
        modem.socket_pool.syntax = HEX
        node.echo(sock, SHORT)
        assert modem.socket_pool.hex_mode


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_sockets_that_the_state_does_not_know_are_no_burden(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    state = modem.save_state()
    kept = [node.stream() for _ in range(modem.sockets)]
    assert len(node.module.sockets.table) == modem.sockets
    modem = node.make(state=state)
    began = node.seconds()
    node.call(modem.power_on)
    took = (node.seconds() - began) * 1000
    left = len(node.module.sockets.table)
    print(f"{module}: resumed in {took:.0f} ms, {left} of {len(kept)} sockets left open")
    if module == "lexi-r10":
        assert left == 0
    node.call(modem.connect, APN)
    socks = [node.stream() for _ in range(modem.sockets)]
    for sock in socks:
        node.echo(sock, TEXT)
        node.call(sock.close)


def go_on(node: Node, how: str, sock: Any) -> None:
    """What the program does after it has saved its state."""
    if how == "sends":
        node.echo(sock, b"one more")
    elif how == "reads":
        assert node.call(sock.read, 5) == b"later"
    elif how == "another":
        node.call(sock.close)
        other = node.stream()
        assert other.slot.number == 0
        node.echo(other, b"first")


@pytest.mark.parametrize("how", ["nothing", "sends", "reads", "another"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stream_that_went_on_after_the_state_was_saved_is_not_taken_for_the_same(
    flavour: str, module: str, how: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    sock = node.stream()
    node.echo(sock, b"hello")
    node.echo(sock, BINARY)
    state = modem.save_state()
    if how == "reads":
        node.tcp.connections[-1].send(b"later")
    go_on(node, how, sock)
    modem = node.make(state=state)
    began = node.seconds()
    node.call(modem.power_on)
    print(f"{module}: resumed with a stream in {(node.seconds() - began) * 1000:.0f} ms")
    (adopted,) = modem.socket_pool.adopted
    adopted.settimeout(5)
    if how == "nothing":
        node.echo(adopted, TEXT)
        node.call(adopted.close)
    else:
        with pytest.raises(OSError) as caught:
            node.call(adopted.send, b"x")
        assert caught.value.args[0] == 104
        with pytest.raises(OSError):
            node.call(adopted.recv, 1)
        node.call(adopted.close)
        assert node.module.sockets.table == {}
    node.call(modem.connect, APN)
    others = [node.stream() for _ in range(modem.sockets)]
    for other in others:
        node.echo(other, TEXT)


# ---- power cuts ---------------------------------------------------------------------------------


class PowerCutError(BaseException):
    """The microcontroller has lost its supply."""


class Supplied:
    """UART and wires of one life of the microcontroller; nothing of it has an effect after."""

    def __init__(self, node: Node) -> None:
        self._uart = node.uart
        self.alive = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uart, name)

    def any(self) -> int:
        return self._uart.any() if self.alive else 0

    def write(self, data: Any, *where: int) -> int:
        return self._uart.write(data, *where) if self.alive else len(data)

    def init(self, **options: Any) -> None:
        if self.alive:
            self._uart.init(**options)


class Life:
    """A program from one power cut to the next, with what it has saved."""

    def __init__(self, node: Node, sleeps: bool, state: bytes | None = None) -> None:
        self.node = node
        self.sleeps = sleeps
        self.state = state
        self.waits = self.strike = 0
        real = node.uart
        self.supply = node.uart = Supplied(node)  # type: ignore[assignment]
        self.modem = node.make(state=state)
        node.uart = real
        self.watch()

    def watch(self) -> None:
        channel = self.modem.channel
        sleep = channel.sleep

        def counted() -> None:
            self.waits += 1
            if self.waits == self.strike:
                self.supply.alive = False
                self.node.module.power_key(False)
                raise PowerCutError

        async def watched(ms: int) -> None:
            counted()
            await sleep(ms)

        def watched_blocking(ms: int) -> None:
            counted()
            sleep(ms)

        channel.sleep = watched if self.node.flavour == "asyncio" else watched_blocking

    def run(self, strike: int = 0) -> None:
        """All that a program does, its state saved at the places where a program does that."""
        self.strike = strike
        node, modem, call = self.node, self.modem, self.node.call
        call(modem.power_on)
        call(modem.connect, APN)
        if self.sleeps:
            call(modem.power.save, "timer", 2000)
            if node.kind == "lexi-r10":
                call(modem.power.set_edrx, 160)
        self.save()
        for turn in range(3):
            sock = node.stream(modem)
            modem.socket_pool.syntax = (0, HEX, 2)[turn]
            node.echo(sock, TEXT)
            self.save()
            node.echo(sock, BINARY)
            modem.socket_pool.syntax = (HEX, 0, 0)[turn]
            node.echo(sock, SHORT)
            if turn:
                self.save()
            call(modem.resolve, "peer.example")
            if self.sleeps:
                node.pass_ms(8000)
                modem.poll()
                node.echo(sock, TEXT)
            other = modem.socket(2, 2)
            other.settimeout(20)
            call(other.sendto, b"datagram", ("127.0.0.1", node.udp.port))
            assert call(other.recvfrom, 100)[0] == b"datagram"
            if turn < 2:
                call(sock.close)
            call(other.close)
            if turn == 1:
                self.save()
        self.save()

    def save(self) -> None:
        self.state = self.modem.save_state()
        assert len(self.state) <= 256


def works(node: Node, state: bytes | None) -> None:
    """The next life: all that there is works, and nothing of the last is in the way."""
    modem = node.make(state=state)
    node.call(modem.power_on)
    node.call(modem.connect, APN)
    pool = modem.socket_pool
    for sock in pool.adopted:
        sock.settimeout(20)
        with contextlib.suppress(OSError):
            node.call(sock.send, b"x")
        node.call(sock.close)
    socks = [node.stream() for _ in range(modem.sockets)]
    for sock in socks:
        node.echo(sock, TEXT)
        node.echo(sock, BINARY)
    for sock in socks:
        node.call(sock.close)
    node.pass_ms(500)
    modem.poll()
    assert node.module.sockets.table == {}
    assert node.module.crashes == []


def cuts(total: int, count: int, seed: str) -> list[int]:
    return sorted(random.Random(seed).sample(range(1, total + 1), min(total, count)))


@pytest.mark.parametrize("sleeps", [False, True])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.timeout(1800)
def test_the_power_is_cut_at_any_wait_and_the_last_state_is_enough(
    flavour: str, module: str, sleeps: bool, nodes: Callable[..., Node]
) -> None:
    life = Life(nodes(module, flavour), sleeps)
    life.run()
    works(life.node, life.state)
    wrong = []
    numbers = cuts(life.waits, max(1, CUTS // VARIANTS), f"{flavour} {module} {sleeps}")
    for number in numbers:
        node = Node(module, flavour)
        try:
            life = Life(node, sleeps)
            with pytest.raises(PowerCutError):
                life.run(number)
            works(node, life.state)
        except (AssertionError, OSError) as error:
            wrong.append(f"at {number}: {error!r}\n{node.told()[-400:]}")
        finally:
            node.close()
    print(f"{len(numbers)} power cuts of {life.waits} waits on {module}, {flavour}")
    assert not wrong, f"{len(wrong)} of {len(numbers)}:\n" + "\n".join(wrong[:5])


def test_every_service_that_recovery_is_called_for_is_in_a_saved_state() -> None:
    """A new service that reports to it must not be left out."""
    aio = ROOT / "lib/ublox_cellular/aio"
    called = set()
    for path in aio.rglob("*.py"):
        for found in re.findall(r'(?:trouble|works)\("([^"]+)"', path.read_text(encoding="utf-8")):
            called.add(found)
        for found in re.findall(r'log_in\(\w+, "([^"]+)"', path.read_text(encoding="utf-8")):
            called.add(found)
    assert {"sockets", "HTTP", "MQTT", "MQTT-SN", "CoAP", "FTP"} <= called
    assert called <= set(_SERVICES)


@pytest.mark.parametrize("service", _SERVICES)
def test_how_long_a_service_has_refused_everything_is_kept(service: str) -> None:
    node = Node("sara-r5")
    try:
        before = node.up().recovery
        before.blame(service)
        node.pass_ms(400_000)
        body = before.saved()
        after = node.make().recovery
        after.restore(body)
        assert after.now() - after.blamed[service] == pytest.approx(400, abs=4)
    finally:
        node.close()
