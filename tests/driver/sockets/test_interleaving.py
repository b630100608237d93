"""No byte reaches the wrong peer, whatever happens between a decision and its command, and nothing
stays taken when a caller gives up. Cases I1 to I4, I8 to I10 and I20, by kind.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from driver.support.crowd import DELAY_MS, Crowd
from driver.support.serial_script import FLAVOURS, MODULES, Bench

SOCKETS = {"sara-r5": 7, "lexi-r10": 6}
PAUSE_MS = range(0, 60, 3)  # after the call: before, in and after the pause, the answer on its way
ANSWER = b"the answer for A"


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, Crowd(SOCKETS[module]))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


@pytest.fixture(params=MODULES)
def tasks(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench("asyncio", request.param, Crowd(SOCKETS[request.param]))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


def listening(bench: Bench) -> Any:
    server = bench.modem.socket()
    server.settimeout(5)
    bench.call(server.bind, ("", 5000))
    bench.call(server.listen)
    return server


def served(bench: Bench, name: str, data: bytes = b"") -> tuple[Any, Any]:
    """A server, and the socket of a connection that it has accepted."""
    server = listening(bench)
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    bench.line.at(0, lambda: bench.line.push(crowd.comes(name, data)))
    sock, _ = bench.call(server.accept)
    sock.settimeout(5)
    return server, sock


def connected(bench: Bench, host: str) -> Any:
    sock = bench.modem.socket()
    sock.settimeout(5)
    bench.call(sock.connect, (host, 7))
    return sock


def free(bench: Bench, *but: Any) -> None:
    """The channel is free, nothing is owed, and all sockets of the module can be had."""
    bench.pass_ms(300)
    channel = bench.modem.channel
    bench.modem.socket_pool.taken()
    if channel.debts:
        bench.call(channel.pay)
    bench.pass_ms(300)
    assert not channel.lock.held and not channel.lock.queue and not channel.debts
    for sock in but:
        bench.call(sock.close)
    bench.pass_ms(300)
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    assert crowd.table == {}, crowd.table
    made = [connected(bench, f"10.1.1.{n}") for n in range(crowd.sockets)]
    for sock in made:
        bench.call(sock.sendall, b"x")
        bench.call(sock.close)


# ---- a number that changes hands ----------------------------------------------------------------


CALLS: dict[str, Callable[[Any], Any]] = {
    "send text": lambda sock: sock.send(ANSWER),
    "send binary": lambda sock: sock.send(b"\r\n" + ANSWER * 20 + b"\x00"),
    "send digits": lambda sock: sock.send(b"\r" + ANSWER),
    "close": lambda sock: sock.close(),
    "receive": lambda sock: sock.recv(100),
    "receive a little": lambda sock: sock.recv(4),
    "option": lambda sock: sock.setsockopt(6, 1, 1),
    "ask for an option": lambda sock: sock.getsockopt(6, 1),
    "state": lambda sock: sock.info(10),
    "peer": lambda sock: sock.getpeername(),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_number_given_to_the_next_client_is_no_longer_used_for_the_last_one(
    what: str, bench: Bench
) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    server = listening(bench)
    for count, ms in enumerate(PAUSE_MS):
        a, b = f"a{count}", f"b{count}"
        asked = b"question" if "receive" in what else b""
        bench.line.push(crowd.comes(a, asked))
        sock, _ = bench.call(server.accept)
        sock.settimeout(1)
        bench.pass_ms(100)
        seen = len(crowd.commands)

        def change(a: str = a, b: str = b) -> None:
            """A leaves and B comes; the reports of it are on the wire for a moment."""
            reports = b"" if crowd.named(a).closed_by else crowd.leaves(a)
            bench.line.push(reports + crowd.comes(b, b"of B"), DELAY_MS)

        bench.line.at(ms, change)
        error: OSError | None = None
        result: Any = None
        try:
            result = bench.call(CALLS[what], sock)
        except OSError as caught:
            error = caught
        bench.pass_ms(100)
        crossed = crowd.named(b).received or crowd.named(b).closed_by == "host"
        if crossed:  # the command was on the wire already: reported, and B's connection is over
            assert error is not None or what == "close"
            assert crowd.named(b).closed_by == "host"
        elif isinstance(result, bytes):
            assert result in (b"question", b"question"[:4], b""), result
        if not crossed:
            other, _ = bench.call(server.accept)
            other.settimeout(5)
            assert bench.call(other.recv, 10) == b"of B"
            bench.call(other.send, b"for B")
            assert crowd.named(b).received == b"for B"
            bench.call(other.close)
        bench.call(sock.close)
        bench.pass_ms(100)
        assert seen < len(crowd.commands) + 1
        assert [one.name for one in crowd.table.values() if not one.listening] == []
    free(bench, server)


def test_within_the_pause_no_command_goes_out_for_a_number_that_was_freed(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    server, sock = served(bench, "A")
    bench.pass_ms(100)
    bench.modem.poll()
    before = len(crowd.commands)
    # A URC begins the pause anew, so this one comes in the middle of it.
    bench.line.push(b"\r\n+CGEV: NW CLASS PS\r\n", 0)
    bench.line.at(15, lambda: bench.line.push(crowd.leaves("A") + crowd.comes("B")))
    with pytest.raises(OSError) as caught:
        bench.call(sock.send, ANSWER)
    assert caught.value.errno in (32, 104)
    assert not [line for line in crowd.commands[before:] if line.startswith("+USOWR")]
    assert crowd.named("B").received == b"" and not crowd.named("B").closed_by
    bench.call(sock.close)
    other, _ = bench.call(server.accept)
    free(bench, other, server)


# ---- two tasks ----------------------------------------------------------------------------------


def together(bench: Bench, *operations: Callable[[], Awaitable[Any]]) -> list[Any]:
    async def run() -> list[Any]:
        return await asyncio.gather(*(one() for one in operations), return_exceptions=True)

    return bench.call(run)


def test_datagrams_of_two_tasks_go_to_their_own_addresses(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket(2, 2)
    sock.settimeout(20)
    found = together(
        tasks,
        lambda: sock.sendto(b"for-A", ("192.0.2.1", 1)),
        lambda: sock.sendto(b"for-B", ("192.0.2.2", 1)),
    )
    assert found == [5, 5]
    sent = [pair for one in crowd.everything for pair in one.datagrams]
    assert sorted(sent) == [("192.0.2.1", b"for-A"), ("192.0.2.2", b"for-B")]
    assert len(crowd.everything) == 1, "one socket object, one socket of the module"
    free(tasks, sock)


def test_receiving_and_sending_at_once_make_one_socket(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket(2, 2)
    sock.settimeout(1)
    together(tasks, lambda: sock.recvfrom(10), lambda: sock.sendto(b"x", ("192.0.2.1", 1)))
    assert len(crowd.everything) == 1
    free(tasks, sock)


def test_a_second_connect_is_refused_while_the_first_goes_on(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock: Any = tasks.modem.socket()
    sock.settimeout(20)
    first, second = together(
        tasks, lambda: sock.connect(("192.0.2.1", 1)), lambda: sock.connect(("192.0.2.2", 1))
    )
    assert first is None and isinstance(second, OSError) and second.errno == 114
    assert len(crowd.everything) == 1 and crowd.everything[0].name == "192.0.2.1"
    free(tasks, sock)


@pytest.mark.parametrize("ms", range(0, 120, 7))
def test_closing_a_socket_that_connects_leaves_nothing(ms: int, tasks: Bench) -> None:
    sock: Any = tasks.modem.socket()
    sock.settimeout(20)

    async def close() -> None:
        await asyncio.sleep(ms / 1000)
        await sock.close()

    first, second = together(tasks, lambda: sock.connect(("192.0.2.1", 1)), close)
    assert second is None
    assert first is None or (isinstance(first, OSError) and first.errno == 9)
    free(tasks)


def test_one_silent_host_does_not_keep_others_from_connecting(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    crowd.silent_hosts = {"192.0.2.66"}
    silent: Any = tasks.modem.socket()
    other: Any = tasks.modem.socket()
    silent.settimeout(30)
    other.settimeout(20)

    async def later() -> float:
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await other.connect(("192.0.2.1", 1))
        return asyncio.get_running_loop().time() - began

    first, seconds = together(tasks, lambda: silent.connect(("192.0.2.66", 1)), later)
    assert isinstance(first, OSError) and first.errno == 110
    assert seconds < 6, seconds
    tasks.call(other.sendall, b"still connected")
    assert crowd.named("192.0.2.1").received == b"still connected"
    free(tasks, silent, other)


@pytest.mark.parametrize("seconds", (1, 5, 6, 20))
def test_a_short_time_out_outlasts_the_turn_of_a_silent_host(seconds: int, bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    crowd.silent_hosts = {"192.0.2.66"}
    silent = bench.modem.socket()
    silent.setblocking(False)
    with pytest.raises(BlockingIOError):
        bench.call(silent.connect, ("192.0.2.66", 1))
    for host in ("192.0.2.1", "192.0.2.2"):  # its second turn is longer
        other = bench.modem.socket()
        other.settimeout(seconds)
        began = bench.clock.ms()
        bench.call(other.connect, (host, 1))
        assert bench.clock.ms() - began < 12_000
        bench.call(other.sendall, b"still connected")
        assert crowd.named(host).received == b"still connected"
        bench.call(other.close)
        silent.ioctl(3, 4)  # it goes on
        bench.pass_ms(500)
    free(bench, silent)


def test_a_short_time_out_ends_all_the_same_when_its_own_host_is_silent(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    crowd.silent_hosts = {"192.0.2.66", "192.0.2.67"}
    silent = bench.modem.socket()
    silent.setblocking(False)
    with pytest.raises(BlockingIOError):
        bench.call(silent.connect, ("192.0.2.66", 1))
    other = bench.modem.socket()
    other.settimeout(1)
    began = bench.clock.ms()
    with pytest.raises(OSError) as caught:
        bench.call(other.connect, ("192.0.2.67", 1))
    assert caught.value.errno == 110
    assert 9_900 < bench.clock.ms() - began < 10_500  # the other's turn, and its own
    free(bench, silent, other)


def test_two_tasks_that_send_on_one_socket_lose_nothing(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks, "192.0.2.1")
    together(tasks, *(lambda n=n: sock.sendall(bytes([65 + n]) * 2100) for n in range(4)))
    got = bytes(crowd.named("192.0.2.1").received)
    assert got == b"".join(bytes([65 + n]) * 2100 for n in range(4))
    free(tasks, sock)


def test_two_tasks_that_receive_on_one_socket_get_each_byte_once(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks, "192.0.2.1")
    data = bytes(range(256)) * 4
    tasks.line.push(crowd.speaks("192.0.2.1", data))
    parts: list[bytes] = []

    async def reader(size: int) -> None:
        while sum(map(len, parts)) < len(data):
            try:
                parts.append(await asyncio.wait_for(sock.recv(size), 0.5))
            except TimeoutError:
                return

    together(tasks, lambda: reader(10), lambda: reader(300), lambda: reader(63))
    assert b"".join(parts) == data
    free(tasks, sock)


# ---- giving up ----------------------------------------------------------------------------------


class Stopped(Exception):
    """What a hook raises in the blocking flavour, in place of a cancellation."""


def points(bench: Bench, operation: Callable[[], Any]) -> Iterator[int]:
    """Gives up at the first wait of an operation, then in the next run at the second … until it
    comes to its end. Each run is one turn of the loop."""
    at = 0
    while True:
        at += 1
        reached = _run(bench, operation, at)
        yield at
        if not reached:
            return


def _run(bench: Bench, operation: Callable[[], Any], at: int) -> bool:
    """Whether the operation came to its `at`-th wait, where it was given up."""
    channel = bench.modem.channel
    sleep: Any = channel.sleep
    count = 0

    if bench.flavour == "blocking":

        def counted(ms: float) -> Any:
            nonlocal count
            count += 1
            if count == at:
                raise Stopped
            return sleep(ms)

        channel.sleep = counted
        try:
            bench.call(operation)
        except (Stopped, OSError):
            pass
        finally:
            channel.sleep = sleep
        return count >= at

    async def counted_task(ms: float) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise asyncio.CancelledError
        await sleep(ms)

    channel.sleep = counted_task
    try:
        bench.call(operation)
    except (asyncio.CancelledError, OSError):
        pass
    finally:
        channel.sleep = sleep
    return count >= at


def test_connecting_given_up_at_any_wait_leaves_nothing(bench: Bench) -> None:
    kept: list[Any] = []

    def operation() -> Any:
        kept.append(bench.modem.socket())
        kept[-1].settimeout(20)
        return kept[-1].connect(("192.0.2.1", 7))

    for _ in points(bench, operation):
        free(bench, kept[-1])


def test_closing_given_up_at_any_wait_is_done_by_the_next_command(bench: Bench) -> None:
    def operation() -> Any:
        return sock.close()

    sock = connected(bench, "192.0.2.1")
    for _ in points(bench, operation):
        free(bench)
        sock = connected(bench, "192.0.2.1")


@pytest.mark.parametrize("size", [1, 20, 63, 64, 300, 2000])
@pytest.mark.parametrize("how", ["recv", "recv_into", "read", "readline"])
def test_receiving_given_up_at_any_wait_loses_no_byte(how: str, size: int, bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    data = bytes(range(32, 122)) * 8
    sock = connected(bench, "192.0.2.1")
    buf = bytearray(size)
    calls: dict[str, Callable[[], Any]] = {
        "recv": lambda: sock.recv(size),
        "recv_into": lambda: sock.recv_into(buf),
        "read": lambda: sock.read(size),
        "readline": lambda: sock.readline(),
    }
    handed: list[bytes] = []

    def operation() -> Any:
        if bench.flavour == "blocking":
            return taken(calls[how]())
        return taken_later()

    def taken(result: Any) -> None:
        handed.append(bytes(buf[:result]) if how == "recv_into" else result)

    async def taken_later() -> None:
        taken(await calls[how]())

    sock.settimeout(0.2)
    sent = b""
    for count in points(bench, operation):
        more = data[: 90 + count]
        sent += more
        bench.line.push(crowd.speaks("192.0.2.1", more))
        bench.pass_ms(100)
        if count > 60:
            break
    sock.settimeout(1)
    while True:
        try:
            handed.append(bench.call(sock.recv, 1000))
        except OSError as error:
            assert error.errno == 110, error
            break
    assert b"".join(handed) == sent
    free(bench, sock)


def test_sending_given_up_sends_all_of_the_command_or_nothing(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    sock = connected(bench, "192.0.2.1")

    def operation() -> Any:
        return sock.send(b"\x00payload\r" * 30)

    for _ in points(bench, operation):
        bench.pass_ms(300)
        bench.call(sock.send, b"more")
        got = bytes(crowd.named("192.0.2.1").received)  # never blanks, never a part
        assert got in (b"more", b"\x00payload\r" * 30 + b"more"), got
        free(bench, sock)
        crowd.everything.clear()
        sock = connected(bench, "192.0.2.1")


def test_a_payload_is_never_sent_within_50_ms_of_its_prompt(tasks: Bench) -> None:
    sock = connected(tasks, "192.0.2.1")
    prompts: list[float] = []
    early: list[float] = []
    feed = tasks.partner.feed

    def watched(data: bytes) -> Any:
        crowd: Crowd = tasks.partner  # type: ignore[assignment]
        if crowd._need and prompts and tasks.clock.ms() - prompts[-1] < 50:
            early.append(tasks.clock.ms() - prompts[-1])
        found = feed(data)
        for ms, answer in found:
            if answer.endswith(b"@"):
                prompts.append(tasks.clock.ms() + ms)
        return found

    tasks.partner.feed = watched  # type: ignore[method-assign]

    def operation() -> Any:
        return sock.send(bytes(200))

    for _ in points(tasks, operation):
        tasks.pass_ms(300)
        free(tasks, sock)
        sock = connected(tasks, "192.0.2.1")
    assert prompts and early == []


# ---- dropped without closing --------------------------------------------------------------------


def test_sockets_that_were_dropped_give_their_place_back(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    for round_ in range(4):
        for n in range(crowd.sockets):
            sock = connected(bench, f"10.0.{round_}.{n}")
            bench.call(sock.sendall, b"x")
        sock = None
        gc.collect()
    free(bench)


def test_a_data_stream_that_was_dropped_gives_the_channel_back(bench: Bench) -> None:
    sock = connected(bench, "192.0.2.1")
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    crowd.do_usodl = lambda number, parts, rest: b"\r\nCONNECT\r\n"  # type: ignore[attr-defined]
    link = bench.call(sock.direct_link)
    assert bench.modem.channel.lock.held
    del link
    gc.collect()
    bench.call(sock.sendall, b"after it")
    assert crowd.named("192.0.2.1").received == b"after it"
    free(bench, sock)


def test_the_look_up_of_a_name_counts_for_the_time_out_of_a_datagram(bench: Bench) -> None:
    """The answer never comes."""
    feed = bench.partner.feed
    bench.partner.feed = lambda data: (  # type: ignore[method-assign]
        [(2.0, b"\r\nOK\r\n")] if b"+UDNSRN" in data else feed(data)
    )
    sock = bench.modem.socket(2, 2)
    sock.settimeout(2)
    began = bench.clock.ms()
    with pytest.raises(OSError):
        bench.call(sock.sendto, b"x", ("never.example", 7))
    assert bench.clock.ms() - began < 3000
    bench.partner.feed = feed  # type: ignore[method-assign]
    bench.call(sock.close)
