"""asyncio streams: given up while `drain()` waits, no byte is lost, and none is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.serial_script import MODULES, Bench

from ublox_cellular.streams import Stream

SOCKETS = {"sara-r5": 7, "lexi-r10": 6}
HOST = "192.0.2.1"
EVERY = 5
DATA = bytes(range(256)) * 12
WAYS = ("the sender is cancelled", "the sender is cancelled late", "no memory", "the hook says no",
        "the hook raises", "drain is cancelled")  # fmt: skip


class Noisy(Exception):
    """What the hook raises."""


@pytest.fixture(params=MODULES)
def tasks(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench("asyncio", request.param, Crowd(SOCKETS[request.param]))
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    yield bench
    bench.close()


class Strike:
    """Gives up at wait `at` of the sender, or of `drain()`."""

    def __init__(self, way: str, at: int, stream: Stream) -> None:
        self.way = way
        self.at = at
        self.stream = stream
        self.count = 0
        self.draining: Any = None
        self.channel = stream.sock.pool.channel
        self.sleep = self.channel.sleep
        if "hook" in way:
            self.channel.keep_going = self.go_on
        else:
            self.channel.sleep = self.wait

    def due(self) -> bool:
        by = self.draining if self.way.startswith("drain") else self.stream.sender
        if asyncio.current_task() is not by:
            return False
        self.count += 1
        return self.count == self.at

    def go_on(self) -> bool:
        if not self.due():
            return True
        if self.way == "the hook raises":
            raise Noisy
        return False

    async def wait(self, ms: float) -> None:
        due = self.due()
        if not due or self.way.endswith("late"):
            await self.sleep(ms)
        if due:
            raise MemoryError if self.way == "no memory" else asyncio.CancelledError

    def over(self) -> None:
        self.channel.keep_going = None
        self.channel.sleep = self.sleep


@pytest.mark.parametrize("way", WAYS)
def test_a_stream_goes_on_with_the_byte_after_the_last_one_the_module_has_taken(
    way: str, tasks: Bench
) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket()
    tasks.call(sock.connect, (HOST, 7))
    stream = Stream(sock)

    async def once(at: int) -> int:
        strike = Strike(way, at, stream)
        strike.draining = asyncio.current_task()
        stream.write(DATA)
        error: BaseException | None = None
        try:
            await stream.drain()
        except (asyncio.CancelledError, MemoryError, OSError, Noisy) as caught:
            error = caught
        strike.over()
        hit = strike.count >= at > 0
        assert (error is not None) == hit, error
        if isinstance(error, OSError):
            assert error.errno == 125
        stream.write(b"<end of %d>" % at)
        await stream.drain()
        return strike.count

    count = tasks.call(once, 0)
    assert count > 10
    for at in (0, *range(1, count + 1, EVERY)):
        crowd.named(HOST).received.clear()
        tasks.call(once, at)
        assert crowd.named(HOST).received == DATA + b"<end of %d>" % at, at


def test_what_readuntil_had_when_a_hook_gave_up_is_there_for_the_next_read(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket()
    tasks.call(sock.connect, (HOST, 7))
    tasks.line.push(crowd.speaks(HOST, b"half a"))
    channel = tasks.modem.channel

    async def run() -> None:
        stream = Stream(sock)
        began = tasks.clock.ms()
        channel.keep_going = lambda: tasks.clock.ms() < began + 300
        with pytest.raises(OSError) as caught:
            await stream.readuntil(b"!")
        assert caught.value.errno == 125
        channel.keep_going = None
        tasks.line.push(crowd.speaks(HOST, b" line!"))
        assert await stream.readuntil(b"!") == b"half a line!"

    tasks.call(run)


def test_a_stream_whose_connection_has_failed_says_so_each_time(tasks: Bench) -> None:
    crowd: Crowd = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket()
    tasks.call(sock.connect, (HOST, 7))
    tasks.line.push(crowd.leaves(HOST))
    tasks.pass_ms(10)

    async def run() -> None:
        stream = Stream(sock)
        for _ in range(2):
            stream.write(b"x")
            with pytest.raises(OSError) as caught:
                await stream.drain()
            assert caught.value.errno == 32

    tasks.call(run)
