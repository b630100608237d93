"""Every wait has a limit, counted from the call, asks the hook, and knows what it waits for; and
nothing that works in the background has an end that no event leaves."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES, Bench

import ublox_cellular
from ublox_cellular.core.errors import Cancelled, InUse

LIB = Path(ublox_cellular.__file__).parent
AREA = ("at", "device", "network", "power")
DATA = ("payload_stream", "data_mode")  # of an open stream: they end with its time-out
# Waits that ask the hook in another way: who has nobody to report to, and what asks it itself.
OTHERWISE = {("keep_up", "keep")}


def loops(tree: ast.AST) -> list[tuple[str, ast.While]]:
    return [
        (function.name, loop)
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef)
        for loop in ast.walk(function)
        if isinstance(loop, ast.While)
    ]


def calls(loop: ast.While) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(loop)
        if isinstance(node, ast.Call)
    }


def test_every_loop_that_sleeps_asks_the_hook() -> None:
    silent = []
    for file in [file for room in AREA for file in sorted((LIB / "aio" / room).glob("*.py"))]:
        name = file.stem
        if name in DATA:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function, loop in loops(tree):
            called = calls(loop)
            if "sleep" in called and "proceed" not in called and (name, function) not in OTHERWISE:
                silent.append((name, function))
    assert silent == []


# ---- another task has the channel ---------------------------------------------------------------

LIMITED: dict[str, Callable[[Any], Any]] = {
    "scan": lambda modem: modem.scan(timeout_ms=2000),
    "select": lambda modem: modem.network.select("00101", timeout_ms=2000),
    "resolve": lambda modem: modem.resolve("peer.example", timeout_ms=2000),
    "connect": lambda modem: modem.connect(APN, timeout_ms=2000),
    "power_off": lambda modem: modem.power_off(timeout_ms=2000),
    "attach": lambda modem: modem.attach(timeout_ms=2000),
    "power_on": lambda modem: modem.power_on(timeout_ms=2000),
    "activate": lambda modem: modem.network.activate(3, timeout_ms=2000),
    "deactivate": lambda modem: modem.network.deactivate(3, timeout_ms=2000),
    "at": lambda modem: modem.at("+CSQ", timeout_ms=2000),
}
UNLIMITED: dict[str, Callable[[Any], Any]] = {
    "clock": lambda modem: modem.clock(),
    "ping": lambda modem: modem.ping("peer.example"),
    "imei": lambda modem: modem.imei(),
    "set_baudrate": lambda modem: modem.set_baudrate(460800),
    "save": lambda modem: modem.power.save("timer", 5000),
    "signal": lambda modem: modem.network.signal(),
}
HOLDERS = ("AT+COPS", "a data stream")


async def hold(node: Node, holder: str) -> Any:
    """The channel is in use by this from now on."""
    if holder == "AT+COPS":
        task = asyncio.create_task(node.modem.scan())
        await asyncio.sleep(1)
        return task
    sock = node.modem.socket()
    await sock.connect(("127.0.0.1", node.tcp.port))
    return await sock.direct_link()


async def let_go(held: Any) -> None:
    if isinstance(held, asyncio.Task):
        await held
    else:
        await held.close()


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("module", MODULES)
def test_who_waits_for_the_channel_is_told_in_time_by_what_it_is_in_use(
    module: str, holder: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, "asyncio", scan_ms=150_000)
    modem = node.up()

    async def play() -> None:
        held = await hold(node, holder)
        for name, call in LIMITED.items():
            began = node.seconds()
            with pytest.raises(OSError) as caught:
                await call(modem)
            assert isinstance(caught.value, InUse), (name, caught.value)
            assert caught.value.errno == 110
            assert f"by {holder}" in str(caught.value), name
            took = node.seconds() - began
            assert 1.9 < took < 2.5, (name, took)
        assert not modem.channel.lock.queue
        await let_go(held)
        await modem.connect(APN)
        assert await modem.imei()

    node.call(play)
    node.usable()
    assert node.violations() == []


# What a socket asks the module, in whatever state its connection is.
ASKING: dict[str, tuple[str, Callable[[Any], Awaitable[Any]]]] = {
    "recv": ("closed", lambda sock: sock.recv(5)),
    "peek": ("closed", lambda sock: sock.recv(5, 2)),
    "readline": ("closed", lambda sock: sock.readline()),
    "send": ("closed", lambda sock: sock.send(b"x")),
    "send behind data": ("unread", lambda sock: sock.send(b"x")),
    "nothing sent": ("closed", lambda sock: sock.send(b"")),
    "getpeername": ("closed", lambda sock: sock.getpeername()),
    "getsockname": ("open", lambda sock: sock.getsockname()),
    "SO_ERROR": ("unread", lambda sock: sock.getsockopt(0xFFFF, 0x1007)),
    "info": ("open", lambda sock: sock.info(10)),
    "shutdown": ("closed", lambda sock: sock.shutdown(1)),
    "shutdown of both": ("open", lambda sock: sock.shutdown(2)),
    "close": ("open", lambda sock: sock.close()),
}


@pytest.mark.parametrize("seconds", (0, 2))
@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("module", MODULES)
def test_what_a_socket_asks_the_module_waits_no_longer_than_its_time_out(
    module: str, name: str, seconds: int
) -> None:
    crowd = Crowd(7 if module == "sara-r5" else 6)
    bench = Bench("asyncio", module, crowd)
    modem: Any = bench.modem
    bench.call(modem.attach, rates=(), sockets="keep")
    state, call = ASKING[name]

    async def play() -> None:
        sock = modem.socket()
        await sock.connect(("192.0.2.1", 7))
        if state != "open":
            data = crowd.speaks("192.0.2.1", b"unread") if state == "unread" else b""
            bench.line.push(data + crowd.leaves("192.0.2.1"))
        await asyncio.sleep(0.1)
        modem.poll()
        sock.settimeout(seconds)
        await modem.channel.acquire()
        began = bench.clock.ms()
        error: Any = None
        result: Any = 0
        try:
            result = await call(sock)
        except OSError as caught:
            error = caught
        took = bench.clock.ms() - began
        modem.channel.release()
        if name in ("close", "shutdown of both"):  # done by the next command
            assert error is None
            assert took <= max(seconds, 1) * 1000 + 50
            assert crowd.named("192.0.2.1").closed_by == ""
            await modem.at("+CSQ")
            assert crowd.named("192.0.2.1").closed_by == "host"
            return
        if error is None:  # as a file tells that nothing is there now
            assert result is None and name == "readline" and not seconds
        else:
            assert error.errno == (110 if seconds else 11), error
        assert took <= seconds * 1000 + 50
        sock.settimeout(5)
        try:
            await call(sock)  # and it is told when there is time
        except BrokenPipeError:
            assert "send" in name

    bench.call(play)
    bench.close()


@pytest.mark.parametrize("module", MODULES)
def test_a_wait_without_a_limit_of_its_own_ends_all_the_same(
    module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, "asyncio")
    modem = node.up()

    async def play() -> None:
        held = await hold(node, "a data stream")
        began = node.seconds()
        tasks = [asyncio.create_task(call(modem)) for call in UNLIMITED.values()]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in found] == [InUse] * len(found), found
        assert node.seconds() - began < 210
        await let_go(held)

    node.call(play)
    node.call(modem.connect, APN)
    node.usable()


@pytest.mark.parametrize("module", MODULES)
def test_blocking_nobody_waits_for_what_cannot_end(
    module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    sock = node.stream()
    link = sock.direct_link()
    for call in (*LIMITED.values(), *UNLIMITED.values()):
        began = node.seconds()
        with pytest.raises(InUse) as caught:
            call(modem)
        assert caught.value.errno == 16 and "a data stream" in str(caught.value)
        assert node.seconds() - began < 0.1
    modem.network.set_up(False)
    modem.connect(APN, wait=False)
    assert not modem.isconnected()
    assert modem.network.wanted.failed is None  # in use is no failure
    link.close()
    sock.close()
    modem.connect(APN)
    node.usable()


# ---- the hook of the application ----------------------------------------------------------------


def reentrant(modem: Any) -> list[Any]:
    """A hook that uses the modem it is called by, as far as a hook can; what came of it."""
    told: list[Any] = []

    def hook(*_arguments: Any) -> bool:
        modem.poll()
        modem.isconnected()
        modem.save_state()
        try:
            work = modem.imei()
            if not asyncio.iscoroutine(work):
                told.append(work)
            elif work.send(None) is None:  # a bare hook cannot wait, so it can go no further
                work.close()
        except OSError as error:
            told.append(error.errno)
        return True

    hook.told = told  # type: ignore[attr-defined]
    return hook  # type: ignore[return-value]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_hook_that_calls_back_is_refused_and_breaks_nothing(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    hook: Any = reentrant(modem)
    modem.channel.keep_going = hook
    node.call(modem.disconnect)
    node.call(modem.connect, APN, progress=hook)
    assert len(node.call(modem.scan, progress=hook)) == 1
    assert len(node.call(modem.ping, "peer.example", count=2, progress=hook)) == 2
    modem.channel.trace = hook
    node.call(modem.imei)
    node.usable()
    node.pass_ms(100)
    modem.channel.on_unknown = hook
    node.module.inject_urc("+XYZ: 1")
    node.pass_ms(100)
    modem.poll()
    modem.channel.keep_going = modem.channel.trace = modem.channel.on_unknown = None
    assert len(hook.told) > 20 and set(hook.told) == {16}, hook.told[:5]
    node.usable()
    assert node.violations() == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_a_hook_raises_ends_the_operation_and_nothing_else(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()

    def broken(*_arguments: Any) -> bool:
        raise KeyError("in the hook")

    def trial(work: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        with pytest.raises(KeyError):
            node.call(work, *arguments, **options)
        modem.channel.keep_going = modem.channel.trace = None
        assert not modem.channel.lock.held and not modem.channel.hooked
        began = node.seconds()
        assert node.call(modem.model).startswith(modem.name)
        assert node.seconds() - began < 1

    for name in ("keep_going", "trace"):
        for work in (modem.imei, modem.attach, modem.clock, modem.scan):
            setattr(modem.channel, name, broken)
            trial(work)
    trial(modem.connect, APN, progress=broken)
    trial(modem.scan, progress=broken)
    trial(modem.ping, "peer.example", progress=broken)
    node.pass_ms(20_000)  # the ping that was given up
    node.call(modem.connect, APN)
    node.usable()


# ---- in the background --------------------------------------------------------------------------


class Trouble:
    """Raises in the place of a function, so many times."""

    def __init__(self, function: Any, error: BaseException, times: int) -> None:
        self.function = function
        self.error = error
        self.times = times

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.times:
            self.times -= 1
            raise self.error
        return self.function(*arguments, **options)


def waits(node: Node, seconds: float) -> bool:
    """Whether it is connected within that time, somebody looking at it every 50 ms."""
    until = node.seconds() + seconds
    while node.seconds() < until:
        if node.modem.isconnected():
            return True
        node.pass_ms(50)
    return False


@pytest.mark.parametrize("error", [MemoryError(), ValueError("odd"), OSError(5, "bad")], ids=repr)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_connection_in_the_background_is_tried_again_whatever_has_happened(
    flavour: str, module: str, error: Exception, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.connect, APN, wait=False)
    wanted = modem.network.wanted
    wanted.step = Trouble(wanted.step, error, 3)
    assert not waits(node, 1)
    assert wanted.failed is error
    assert node.call(modem.status) == -1
    assert waits(node, 240)
    assert wanted.failed is None and node.call(modem.status) == 3
    node.usable()


def test_the_pauses_grow_and_have_an_end(nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5", "asyncio")
    modem = node.make()
    node.call(modem.power_on)
    node.call(modem.connect, APN, wait=False)
    wanted = modem.network.wanted
    seen = []

    def step() -> Any:
        seen.append(node.seconds())
        raise MemoryError

    wanted.step = step
    node.pass_ms(3_600_000)
    gaps = [after - before for before, after in pairwise(seen)]
    assert gaps[0] < 5
    assert all(after > before * 1.5 or after > 590 for before, after in pairwise(gaps))
    assert 590 < max(gaps) < 620
    node.call(modem.disconnect)
    assert wanted.task.cancelled() or wanted.task.done()


@pytest.mark.parametrize("module", MODULES)
def test_run_goes_on_whatever_has_happened(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, "asyncio")
    modem = node.up()
    heard = []

    def event(*told: int) -> None:
        heard.append(told)
        if len(heard) < 4:
            raise ValueError("in the program's own function")

    modem.on_event = event
    task = node.loop.create_task(modem.run())
    node.pass_ms(100)
    node.module.set_coverage(False)
    node.pass_ms(3000)
    assert isinstance(modem.trouble, ValueError)
    node.module.set_coverage(True)
    wanted = modem.network.wanted
    wanted.step = Trouble(wanted.step, MemoryError(), 2)
    node.pass_ms(60_000)
    assert modem.network.up and not task.done()
    assert len(heard) > 4

    async def paid() -> None:
        heard.append((99, 0, 0))

    modem.channel.owe(Trouble(paid, MemoryError(), 1))
    node.pass_ms(1000)
    assert isinstance(modem.trouble, MemoryError)
    assert heard[-1] == (99, 0, 0)
    task.cancel()
    node.pass_ms(100)
    assert task.cancelled()


def test_run_does_what_is_owed_where_nobody_sends_anything(nodes: Callable[..., Node]) -> None:
    node = nodes("lexi-r10", "asyncio")
    modem = node.up()
    node.call(modem.power.save, "timer", 60_000)

    async def leave() -> None:
        vote = modem.power.awake()
        await vote.__aenter__()
        work = vote.__aexit__(None, None, None)
        work.send(None)  # its task is cancelled in the first wait
        with pytest.raises(asyncio.CancelledError):
            work.throw(asyncio.CancelledError())

    node.call(leave)
    assert modem.power.votes == 0 and modem.power.vote_owed
    task = node.loop.create_task(modem.run())
    node.pass_ms(1000)
    assert not modem.power.vote_owed and modem.channel.debts == []
    task.cancel()
    node.pass_ms(10)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_run_ends_when_the_hook_says_so(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    until = node.seconds() + 5
    modem.channel.keep_going = lambda: node.seconds() < until
    with pytest.raises(Cancelled):
        node.call(modem.run)
    modem.channel.keep_going = None
    node.usable()


# ---- clocks that go round -----------------------------------------------------------------------

DAY_MS = 24 * 3600 * 1000
PERIODS = (1 << 29, 1 << 30)  # CircuitPython, MicroPython


def sleepy(node: Node) -> None:
    modem = node.modem
    if node.kind == "sara-r5":
        node.call(modem.power.save, "timer", 5000)
        node.call(modem.power.set_psm, 36_000, 4)
    else:
        node.call(modem.power.save, "timer", 5000, "hibernate")
        node.call(modem.power.set_edrx, 160)


@pytest.mark.parametrize("days", [3, 3.2, 6.3, 13, "period"])
@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.timeout(240)
def test_days_may_pass_between_two_calls(
    flavour: str, module: str, period: int, days: float | str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    node.uart.clock.PERIOD = period
    modem = node.up()
    sleepy(node)
    node.call(modem.ping, "peer.example", count=1)
    node.call(modem.resolve, "peer.example")
    node.pass_ms(60_000)
    modem.poll()  # a program that has nothing to do looks at times
    node.pass_ms(period - 60_000 if days == "period" else float(days) * DAY_MS)
    for call, limit in (
        (modem.imei, 20), (lambda: modem.connect(APN), 30),
        (lambda: modem.resolve("peer.example"), 5), (lambda: modem.ping("peer.example"), 10),
        (modem.clock, 5), (modem.scan, 20),
    ):  # fmt: skip
        began = node.seconds()
        node.call(call)
        assert node.seconds() - began < limit
    node.usable()
    assert node.violations() == []


@pytest.mark.parametrize("days", [0.5, 3.2, 6.3, 13, 30])
@pytest.mark.parametrize("period", PERIODS)
def test_time_that_has_passed_is_never_negative(
    period: int, days: float, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5")
    node.uart.clock.PERIOD = period
    channel = node.up().channel
    began = channel.port.ticks_ms()
    node.pass_ms(days * DAY_MS)
    assert channel.elapsed(began) >= 0
    if days * DAY_MS < period:
        assert channel.elapsed(began) >= min(days, 3) * DAY_MS


def test_on_cpython_the_clock_never_goes_round() -> None:
    from ublox_cellular.core import compat

    assert compat.ticks_diff(1 << 40, 5) == (1 << 40) - 5
    assert compat.ticks_diff(5, 1 << 40) == 5 - (1 << 40)
