"""`sendall()`: its time-out counts for the whole call, and of several tasks on one socket each is
carried to its end before the next begins.
"""

# pyright: reportGeneralTypeIssues=false
# (operations of the asyncio flavour, which are awaited, are declared as those of the blocking one)
from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.socket_model import Arrivals

SOCKETS = {"sara-r5": 7, "lexi-r10": 6}
HOST = "192.0.2.1"
PIECE_MS = 400.0  # what the module takes for each
PIECES = 10
DATA = b"\x00" + b"payload " * 128 * PIECES


class Slow(Crowd):
    """Answers a write after `PIECE_MS`."""

    def feed(self, data: bytes) -> Arrivals:
        return [
            (ms + PIECE_MS * (b"+USOWR" in answer), answer) for ms, answer in super().feed(data)
        ]


def made(flavour: str, module: str) -> Bench:
    bench = Bench(flavour, module, Slow(SOCKETS[module]))
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    bench.modem.socket_pool.syntax = 2  # each byte by a prompt
    return bench


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = made(*request.param)
    yield bench
    bench.close()


@pytest.fixture(params=MODULES)
def tasks(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = made("asyncio", request.param)
    yield bench
    bench.close()


def connected(bench: Bench, seconds: float | None = None) -> Any:
    sock = bench.modem.socket()
    bench.call(sock.connect, (HOST, 7))
    sock.settimeout(seconds)
    return sock


def heard(bench: Bench) -> bytes:
    crowd: Slow = bench.partner  # type: ignore[assignment]
    return bytes(crowd.named(HOST).received)


def together(bench: Bench, *operations: Callable[[], Any]) -> list[Any]:
    async def run() -> list[Any]:
        work = [asyncio.ensure_future(operation()) for operation in operations]
        return await asyncio.gather(*work, return_exceptions=True)

    return bench.call(run)


def letters(n: int) -> bytes:
    return bytes([65 + n]) * 3000


@pytest.mark.parametrize("seconds", [0.5, 1, 2.5, 30])
def test_the_time_out_counts_for_the_whole_call(seconds: float, bench: Bench) -> None:
    sock = connected(bench, seconds)
    began = bench.clock.ms()
    try:
        bench.call(sock.sendall, DATA)
        assert seconds == 30
    except TimeoutError:
        assert seconds * 1000 <= bench.clock.ms() - began < seconds * 1000 + 2 * PIECE_MS
    before = heard(bench)
    assert before == (DATA if seconds == 30 else DATA[: len(before) // 1024 * 1024])
    bench.call(sock.sendall, b"goes on")
    assert heard(bench) == before + b"goes on"


def test_a_socket_that_does_not_wait_sends_on_while_the_module_takes_it(bench: Bench) -> None:
    sock = connected(bench, 0)
    bench.call(sock.sendall, DATA)
    assert heard(bench) == DATA


@pytest.mark.parametrize("method", ["sendall", "write"])
def test_several_tasks_send_one_after_the_other(method: str, tasks: Bench) -> None:
    sock = connected(tasks)
    together(tasks, *(lambda n=n: getattr(sock, method)(letters(n)) for n in range(4)))
    assert heard(tasks) == b"".join(letters(n) for n in range(4))


def test_the_wait_for_another_sendall_counts_for_the_time_out(tasks: Bench) -> None:
    sock = connected(tasks, 2)
    began = tasks.clock.ms()
    late: list[float] = []

    async def second() -> None:
        try:
            await sock.sendall(letters(1))
        finally:
            late.append(tasks.clock.ms() - began)

    found = together(tasks, lambda: sock.sendall(letters(0)), second, second)
    assert found[0] is None and late[1] == pytest.approx(2000, abs=2 * PIECE_MS)
    assert isinstance(found[1], TimeoutError) and isinstance(found[2], TimeoutError)
    got = heard(tasks)
    assert got[:3000] == letters(0) and got[3000:] == letters(1)[: len(got) - 3000]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("ms", range(5, 2000, 190))
def test_one_that_is_cancelled_lets_the_next_go_on(which: int, ms: int, tasks: Bench) -> None:
    sock = connected(tasks)

    async def run() -> None:
        work = [asyncio.ensure_future(sock.sendall(letters(n))) for n in range(3)]
        await asyncio.sleep(ms / 1000)
        work[which].cancel()
        await asyncio.gather(*work, return_exceptions=True)

    tasks.call(run)
    got = heard(tasks)
    for n in range(3):
        own = got[: len(got) - len(got.lstrip(letters(n)[:1]))]
        assert len(own) in ((0, 1024, 2048, 3000) if n == which else (3000,)), (n, len(own))
        got = got[len(own) :]
    assert got == b""


def test_a_socket_that_does_not_wait_does_not_wait_for_another_task_either(tasks: Bench) -> None:
    sock = connected(tasks, 0)

    async def run() -> list[Any]:
        first = asyncio.ensure_future(sock.sendall(letters(0)))
        await asyncio.sleep(0.1)
        found: list[Any] = [await sock.write(letters(1))]
        try:
            await sock.sendall(letters(1))
        except OSError as error:
            found.append(error.errno)
        return [*found, await first]

    assert tasks.call(run) == [None, 11, None]
    assert heard(tasks) == letters(0)


def test_closing_ends_the_one_that_sends_and_the_one_that_waits(tasks: Bench) -> None:
    sock = connected(tasks)

    async def close() -> None:
        await asyncio.sleep(0.6)
        await sock.close()

    found = together(
        tasks, lambda: sock.sendall(letters(0)), lambda: sock.sendall(letters(1)), close
    )
    assert [getattr(error, "errno", None) for error in found] == [9, 9, None]
    assert letters(0).startswith(heard(tasks))
