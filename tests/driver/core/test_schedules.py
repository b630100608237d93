"""Pairs of operations on one modem, with every interleaving of their waits that one delay can
make, a report of the module at every boundary, and a cancellation at every wait of the one beside
the other; then ten tasks for twenty minutes, cancelled at random.

A schedule is deterministic: virtual time, and for one task an extra delay, an event or its
cancellation at its k-th wait. Afterwards: what was to reach a peer has reached that peer only,
what was to be received is there or its loss was reported, all numbers, handles, locks and votes
are free, and an echo works.

CI runs a seeded sample; `SCHEDULES=all tools/test -- tests/driver/core/test_schedules.py -s` runs
all, a number instead of "all" so many of each kind. It prints how many there were.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from driver.support.crowd import DELAY_MS, address_of
from driver.support.serial_script import MODULES, Bench
from driver.support.world import BODY, World

ALL = os.environ.get("SCHEDULES") == "all"
SAMPLE = 150 if ALL else int(os.environ.get("SCHEDULES", "150"))  # of a test and module in CI
DELAYS_MS = (2, 25, 130)  # out of step; beyond a pause; beyond an exchange
MOST_WAITS = 400
LOSSES = (5, 32, 103, 104, 110, 9)  # what reports that a connection or its data is lost


class Stage:
    """A modem with what the operations need, made anew for each case."""

    def __init__(self, module: str) -> None:
        self.world = World(module)
        self.bench = Bench("asyncio", module, self.world)
        self.modem: Any = self.bench.modem
        self.names: Iterator[str] = (f"10.1.{n // 256}.{n % 256}" for n in itertools.count(1))
        self.lost: set[str] = set()  # hosts whose connections an event has ended
        self.received: list[bytes] = []  # topics of messages that were handed out
        self.senders = 0  # tasks that send on the first socket

    async def prepare(self) -> None:
        modem = self.modem
        await modem.attach(rates=(), sockets="keep")
        modem.network.up = True
        self.server = modem.socket()
        self.server.settimeout(3)
        await self.server.bind(("", 5000))
        await self.server.listen()
        await modem.mqtt.connect("broker", client_id="me", keepalive=0)
        await modem.mqtt.check_msg()
        await modem.files.write("kept", b"what was written before")
        self.socks = [await self.connected() for _ in range(2)]

    async def connected(self) -> Any:
        sock = self.modem.socket()
        sock.settimeout(3)
        await sock.connect((next(self.names), 7))
        return sock

    def push(self, event: Callable[[], bytes], ms: float = 0) -> None:
        """Something happens outside in so many ms; its report is on the wire for a moment, so that
        a command may cross it."""
        line = self.bench.line
        line.at(ms, lambda: line.push(event(), DELAY_MS))


Operation = Callable[[Stage], Awaitable[Any]]


async def send(stage: Stage) -> None:
    """All of it, or an error; what arrives at the peer is a beginning of what was sent."""
    sock = stage.socks[0]
    host = sock.peer[0]
    data = (host.encode() + b"; ") * 12
    done = False
    try:
        await sock.sendall(data)
        done = True
    except OSError as error:
        assert error.errno in LOSSES, error
    got = bytes(stage.world.crowd.named(host).received)
    if stage.senders > 1:  # their pieces may come in any order
        assert got.startswith(host.encode()[: len(got)]), got
    else:
        assert got == data if done and host not in stage.lost else data.startswith(got), got


async def receive(stage: Stage) -> None:
    sock = stage.socks[1]
    host = sock.peer[0]
    data = (b"for " + host.encode() + b"\r\n") * 9
    stage.push(lambda: _spoken(stage, host, data), 5)
    got = b""
    try:
        while len(got) < len(data):
            piece = await sock.recv(50)
            if not piece:
                break
            got += piece
    except OSError as error:
        assert error.errno in LOSSES, error
        assert host in stage.lost, error
    assert got == data if host not in stage.lost else data.startswith(got), got


def _spoken(stage: Stage, host: str, data: bytes) -> bytes:
    one = stage.world.crowd.named(host)
    return b"" if one.closed_by else stage.world.crowd.speaks(host, data)


async def connect(stage: Stage) -> None:
    sock = stage.modem.socket()
    sock.settimeout(5)
    host = next(stage.names)
    try:
        await sock.connect((host, 7))
        await sock.sendall(host.encode())
    finally:
        await sock.close()
    assert stage.world.crowd.named(host).received == host.encode()


async def connect_secure(stage: Stage) -> None:
    sock = stage.modem.socket()
    sock.settimeout(20)
    host = next(stage.names)
    profile = stage.modem.security.profile(ca=True)
    try:
        await sock.secure(profile, host)
        await sock.connect((host, 7))
        await sock.sendall(host.encode())
    finally:
        await sock.close()
    assert stage.world.crowd.named(host).received == host.encode()


async def close(stage: Stage) -> None:
    sock = await stage.connected()
    stage.lost.add(sock.peer[0])
    await sock.close()


async def serve(stage: Stage) -> None:
    """A client that comes, asks, and gets its own name back."""
    name = f"client {next(stage.names)}"
    stage.push(lambda: _come(stage, name), 5)
    sock = None
    try:
        sock, _ = await stage.server.accept()
        sock.settimeout(3)
        asked = await sock.recv(100)
        assert asked[:6] in (b"client", b""), asked  # perhaps one that an earlier call has left
        await sock.sendall(b"to " + asked)
    except OSError as error:
        if error.errno not in LOSSES or not stage.lost:
            raise
    finally:
        if sock is not None:
            await sock.close()


def _come(stage: Stage, name: str) -> bytes:
    crowd = stage.world.crowd
    if not any(one.listening for one in crowd.table.values()) or len(crowd.table) >= crowd.sockets:
        return b""
    return crowd.comes(name, name.encode())


async def datagrams(stage: Stage) -> None:
    sock = stage.modem.socket(2, 2)
    sock.settimeout(5)
    host = next(stage.names)
    try:
        await sock.sendto(host.encode(), (host, 9))
    finally:
        await sock.close()
    assert [host.encode()] == [
        data for one in stage.world.crowd.everything for to, data in one.datagrams if to == host
    ]


async def resolve(stage: Stage) -> None:
    name = f"host{next(stage.names).replace('.', '-')}.example"
    assert await stage.modem.resolve(name, timeout_ms=20000) == address_of(name)


async def publish(stage: Stage) -> None:
    topic = "to/" + next(stage.names)
    payload = (topic.encode() + b"\x00") * 20
    await stage.modem.mqtt.publish(topic, payload, qos=1)
    assert (topic, payload, 1, 0) in stage.world.mqtt.published


async def publish_text(stage: Stage) -> None:
    topic = "to/" + next(stage.names)
    await stage.modem.mqtt.publish(topic, topic, qos=0)
    assert (topic, topic.encode(), 0, 0) in stage.world.mqtt.published


async def subscribe(stage: Stage) -> None:
    assert await stage.modem.mqtt.subscribe("from/+", 1) == 1


async def message(stage: Stage) -> None:
    topic = ("from/" + next(stage.names)).encode()
    stage.push(lambda: stage.world.message(topic, topic * 2), 3)
    found = await stage.modem.mqtt.wait_msg(3000)
    assert found is not None and found.payload == found.topic * 2
    stage.received.append(found.topic)


async def fetch(stage: Stage) -> None:
    path = "/" + next(stage.names)
    async with await stage.modem.http.get("http://web.example" + path, timeout_ms=30000) as answer:
        assert await answer.read() == BODY % path.encode()


async def read_file(stage: Stage) -> None:
    try:
        assert await stage.modem.files.read("kept") == b"what was written before"
    except OSError as error:  # a file is open once (LEXI-R10)
        if error.errno != 16:
            raise


async def write_file(stage: Stage) -> None:
    name = "file" + next(stage.names)
    data = name.encode() * 30
    await stage.modem.files.write(name, data)
    assert bytes(stage.world.web.files[name]) == data
    await stage.modem.files.remove(name)


async def save_state(stage: Stage) -> None:
    assert len(stage.modem.save_state()) <= 256
    await stage.modem.model()
    assert len(stage.modem.save_state()) <= 256


async def vote(stage: Stage) -> None:
    if stage.bench.module == "lexi-r10":
        async with stage.modem.power.awake():
            await stage.modem.model()
        assert stage.modem.power.votes >= 0
    else:
        await stage.modem.model()


OPERATIONS: dict[str, Operation] = {
    one.__name__: one
    for one in (
        send, receive, connect, connect_secure, close, serve, datagrams, resolve, publish,
        publish_text, subscribe, message, fetch, read_file, write_file, save_state, vote,
    )
}  # fmt: skip


# ---- one case -----------------------------------------------------------------------------------


class Plan:
    """What happens at the k-th wait of the first task."""

    def __init__(self, at: int = 0, delay_ms: float = 0, event: str = "", cancel: bool = False):
        self.at = at
        self.delay_ms = delay_ms
        self.event = event
        self.cancel = cancel
        self.waits = 0


def controlled(stage: Stage, task: asyncio.Task[Any], plan: Plan) -> None:
    """Let the waits of `task` follow the plan."""
    sleep = stage.modem.channel.sleep

    async def planned(ms: float) -> None:
        if asyncio.current_task() is task:
            plan.waits += 1
            if plan.waits == plan.at:
                if plan.event:
                    EVENTS[plan.event](stage)
                if plan.cancel:
                    task.cancel()
                if plan.delay_ms:
                    await sleep(plan.delay_ms)
        await sleep(ms)

    stage.modem.channel.sleep = planned


def run(module: str, first: str, second: str | None, plan: Plan) -> None:
    """One case."""
    stage = Stage(module)
    stage.senders = [first, second].count("send")
    try:
        stage.bench.call(_run, stage, first, second, plan)
    finally:
        stage.bench.close()


async def _run(stage: Stage, first: str, second: str | None, plan: Plan) -> None:
    await stage.prepare()
    sleep = stage.modem.channel.sleep
    stage.bench.line.began = stage.bench.clock.ms()
    gate = asyncio.Event()

    async def gated(name: str) -> Any:
        await gate.wait()
        return await OPERATIONS[name](stage)

    one = asyncio.create_task(gated(first))
    others = [asyncio.create_task(gated(second))] if second else []
    controlled(stage, one, plan)
    gate.set()
    results = await asyncio.gather(one, *others, return_exceptions=True)
    stage.modem.channel.sleep = sleep
    result: Any = None
    for name, result in zip((first, second), results, strict=False):
        given_up = plan.cancel and name == first and isinstance(result, asyncio.CancelledError)
        if isinstance(result, BaseException) and not given_up:
            if plan.event in ENDS and isinstance(result, OSError):
                continue  # that is what the event is about
            raise AssertionError(f"{name}: {result!r}") from result
    results.clear()  # exceptions keep the objects of their callers
    result = None
    del one, others
    await _afterwards(stage)


async def _afterwards(stage: Stage) -> None:
    modem = stage.modem
    channel = modem.channel
    world = stage.world
    gc.collect()
    await channel.pause(1500)
    channel.poll()  # what has come since the pause looked last may be a reason to owe something
    modem.socket_pool.taken()
    if channel.debts:
        await channel.pay()
    await channel.pause(300)
    assert not channel.lock.held and not channel.lock.queue and not channel.debts, channel.debts
    assert channel.state == 0 and not channel.abandoned
    for name in ("mqtt", "network"):
        assert not modem.loaded[name].lock.held, name
    # Right data to the right peer: each names itself.
    for conn in world.crowd.everything:
        text = bytes(conn.received)
        if conn.name.startswith("client"):
            right = text in (b"", b"to ", b"to " + conn.name.encode())
            # A command crossed the report on the wire: then that connection was ended, too.
            crossed = conn.name in stage.lost and conn.closed_by == "host"
            assert right or crossed, (conn.name, text)
        elif text:
            assert text.startswith(conn.name.encode()), (conn.name, text)
    for topic, payload, _, _ in world.mqtt.published:
        assert payload in ((topic.encode() + b"\x00") * 20, topic.encode()), (topic, payload)
    # No message is lost untold.
    if modem.mqtt.connected:
        left = world.mqtt.inbox[:]
        while (found := await modem.mqtt.check_msg()) is not None:
            stage.received.append(found.topic)
        sent = len(stage.received)
        assert sent + modem.mqtt.dropped >= len(left), (sent, modem.mqtt.dropped, left)
    # Handles, profiles and votes are free; every socket can be had; an echo works.
    if stage.bench.module == "lexi-r10":
        assert world.web.handles == {} or not modem.files.store.ready, world.web.handles
        if "power" in modem.loaded:
            assert modem.power.votes == 0
    assert await modem.files.read("kept") == b"what was written before"
    async with await modem.http.get("http://web.example/after", timeout_ms=250000) as answer:
        assert await answer.read() == BODY % b"/after"
    if "security" in modem.loaded:
        assert [p.busy for p in modem.security.profiles if p is not None and p.busy] == []
    for sock in [*stage.socks, stage.server]:
        await sock.close()
    await channel.pause(300)
    assert world.crowd.table == {}, world.crowd.table
    made = [await stage.connected() for _ in range(world.crowd.sockets)]
    for sock in made:
        await sock.sendall(sock.peer[0].encode())
        assert world.crowd.named(sock.peer[0]).received == sock.peer[0].encode()
        await sock.close()


# ---- events -------------------------------------------------------------------------------------


def _ended(stage: Stage, sock: Any) -> bytes:
    crowd = stage.world.crowd
    host = sock.peer[0]
    if crowd.named(host).closed_by:
        return b""
    stage.lost.add(host)
    return crowd.leaves(host)


def peers_leave(stage: Stage) -> None:
    for sock in stage.socks:
        stage.push(lambda sock=sock: _ended(stage, sock))


def numbers_change_hands(stage: Stage) -> None:
    """The peers leave, and new clients get their numbers at once."""

    def change() -> bytes:
        reports = b""
        for sock in stage.socks:
            urc = _ended(stage, sock)
            if urc:
                name = f"client {next(stage.names)}"
                stage.lost.add(name)
                reports += urc + _come(stage, name)
        return reports

    stage.push(change)


def unknown_line(stage: Stage) -> None:
    stage.push(lambda: b"\r\n+UNHEARD: 1,2\r\n")


def session_ends(stage: Stage) -> None:
    def end() -> bytes:
        stage.world.mqtt.connected = False
        return b"\r\n+UUMQTTC: 0,101\r\n"

    stage.push(end)


def restart(stage: Stage) -> None:
    """The module restarts by itself."""

    def again() -> bytes:
        module = stage.bench.module
        stage.lost.update(one.name for one in stage.world.crowd.table.values())
        kept = dict(stage.world.web.files)
        old = stage.world
        fresh = World(module)
        fresh.crowd.everything = old.crowd.everything
        for one in old.crowd.table.values():
            one.closed_by = "restart"
        old.crowd.table.clear()
        old.crowd.hex_mode = False
        old.mqtt.connected = False
        old.mqtt.settings.clear()
        old.mqtt.inbox.clear()
        old.web = fresh.web
        old.web.cmee = 1
        old.web.files = kept
        old.profiles.clear()
        old._line = bytearray()
        old._part = None
        old.deaf = True
        stage.bench.line.at(DELAY_MS, lambda: setattr(old, "deaf", False))
        old.crowd._need = old.mqtt._need = 0
        return b"\r\ncellular ready\r\n"

    stage.push(again)


EVENTS: dict[str, Callable[[Stage], None]] = {
    one.__name__: one
    for one in (peers_leave, numbers_change_hands, unknown_line, session_ends, restart)
}
ENDS = ("peers_leave", "numbers_change_hands", "session_ends", "restart")


# ---- which cases --------------------------------------------------------------------------------


def waits_of(module: str, name: str) -> int:
    """How often an operation waits when it is alone."""
    plan = Plan()
    run(module, name, None, plan)
    assert 0 <= plan.waits < MOST_WAITS, (name, plan.waits)
    return plan.waits


@pytest.fixture(scope="module")
def waits() -> Callable[[str, str], int]:
    found: dict[tuple[str, str], int] = {}

    def count(module: str, name: str) -> int:
        if (module, name) not in found:
            found[module, name] = waits_of(module, name)
        return found[module, name]

    return count


def chosen(cases: list[tuple[Any, ...]], seed: str) -> list[tuple[Any, ...]]:
    if ALL or len(cases) <= SAMPLE:
        return cases
    return random.Random(seed).sample(cases, SAMPLE)


def carried_out(module: str, cases: list[tuple[Any, ...]], kind: str) -> None:
    failures = []
    for first, second, options in chosen(cases, kind + module):
        try:
            run(module, first, second, Plan(**options))
        except Exception as error:
            failures.append((first, second, options, repr(error)[:300]))
    print(f"\n{module}, {kind}: {len(chosen(cases, kind + module))} of {len(cases)} schedules")
    assert failures == [], f"{len(failures)} of them, the first: {failures[:3]}"


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_alone_does_what_it_should(name: str, module: str) -> None:
    run(module, name, None, Plan())


@pytest.mark.timeout(36000)
@pytest.mark.parametrize("module", MODULES)
def test_any_two_operations_with_one_of_them_late(module: str, waits: Any) -> None:
    cases = [
        (first, second, {"at": at, "delay_ms": ms})
        for first in OPERATIONS
        for second in OPERATIONS
        for at in range(1, waits(module, first) + 1)
        for ms in DELAYS_MS
    ]
    carried_out(module, cases, "one of two late")


@pytest.mark.timeout(36000)
@pytest.mark.parametrize("module", MODULES)
def test_an_event_at_every_wait(module: str, waits: Any) -> None:
    cases = [
        (first, second, {"at": at, "event": event})
        for first in OPERATIONS
        for second in (None, "send", "publish", "serve")
        for event in EVENTS
        for at in range(1, waits(module, first) + 1)
    ]
    carried_out(module, cases, "an event at a wait")


@pytest.mark.timeout(36000)
@pytest.mark.parametrize("module", MODULES)
def test_a_cancellation_at_every_wait_beside_another_operation(module: str, waits: Any) -> None:
    cases = [
        (first, second, {"at": at, "cancel": True})
        for first in OPERATIONS
        for second in (None, *OPERATIONS)
        for at in range(1, waits(module, first) + 1)
    ]
    carried_out(module, cases, "cancelled at a wait")


# ---- ten tasks ----------------------------------------------------------------------------------

MINUTES = 20
PASSING = (11, 16, 23, 110, 114)  # what a task may meet that has come at a bad moment


async def talk(stage: Stage, dice: random.Random) -> None:
    """A socket of one's own for a while: what is received, in pieces given up at random, has no
    gap as long as the socket reports none."""
    crowd = stage.world.crowd
    sock = await stage.connected()
    host = sock.peer[0]
    wanted = bytearray()
    got = bytearray()
    try:
        for number in range(dice.randrange(1, 6)):
            data = b"%s %d\r\n" % (host.encode(), number) * dice.randrange(1, 40)
            wanted += data
            stage.push(lambda data=data: _spoken(stage, host, data), dice.randrange(60))
            await sock.sendall(host.encode())
            while len(got) < len(wanted):
                call = dice.choice((sock.recv, sock.read))(dice.choice((1, 20, 63, 200, 1024)))
                try:
                    piece = await asyncio.wait_for(call, dice.choice((0.01, 0.03, 0.05, 0.2, 1)))
                except TimeoutError:
                    continue
                got += piece
                assert bytes(got) == bytes(wanted[: len(got)]), (host, bytes(got[-60:]))
    finally:
        await sock.close()
    assert set(bytes(crowd.named(host).received).split(host.encode())) <= {b""}


async def worker(stage: Stage, number: int, until: float, counts: dict[str, int]) -> None:
    dice = random.Random(number * 1000 + len(stage.bench.module))
    names = [name for name in OPERATIONS if name not in ("send", "receive", "close")]
    while stage.bench.clock.ms() < until:
        name = dice.choice([*names, "talk", "talk", "talk"])
        operation = talk(stage, dice) if name == "talk" else OPERATIONS[name](stage)
        limit = dice.choice((None, None, 0.004, 0.02, 0.045, 0.07, 0.3, 1))
        outcome = "done"
        try:
            await asyncio.wait_for(operation, limit)
        except TimeoutError:
            outcome = "cancelled"
        except OSError as error:
            assert error.errno in PASSING, (name, error)
            outcome = "refused"
        counts[outcome] = counts.get(outcome, 0) + 1
        await asyncio.sleep(dice.choice((0, 0.01, 0.1, 1, 5)))


async def _soak(stage: Stage, counts: dict[str, int]) -> None:
    await stage.prepare()
    until = stage.bench.clock.ms() + MINUTES * 60_000
    tasks = [asyncio.create_task(worker(stage, n, until, counts)) for n in range(10)]
    await asyncio.gather(*tasks)
    del tasks
    await stage.modem.channel.pause(200_000)  # what the module may still be at
    await _afterwards(stage)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("module", MODULES)
def test_ten_tasks_cancelled_at_random_for_twenty_minutes(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driver.support.serial_script.LIMIT_MS", MINUTES * 60_000 + 1_000_000)
    monkeypatch.setattr(
        "driver.support.files_model.ROOM", 10_000_000
    )  # files of writers that gave up stay
    stage = Stage(module)
    stage.senders = 2
    counts: dict[str, int] = {}
    try:
        stage.bench.call(_soak, stage, counts)
    finally:
        stage.bench.close()
        print(f"\n{module}: {counts}")
    assert counts["done"] > 1000 and counts["cancelled"] > 300, counts
