"""CoAP with what a careful program does not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from driver.coap.test_callers import AGAIN, SECURE, URI, Desk
from driver.support.serial_script import FLAVOURS

from ublox_cellular.core.coap_errors import CoapTimeout
from ublox_cellular.core.errors import CommandError


@pytest.fixture(params=FLAVOURS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    made.works()
    made.bench.close()


class Slow:
    """Takes `most` bytes at a time."""

    def __init__(self, most: Any) -> None:
        self.most = most
        self.found = b""

    def write(self, data: memoryview) -> Any:
        if not isinstance(self.most, int):
            return self.most
        self.found += bytes(data[: self.most])
        return min(self.most, len(data))


def test_a_target_that_takes_a_part_gets_the_rest_too(desk: Desk) -> None:
    desk.model.answer = AGAIN
    slow = Slow(2)
    assert desk.call(desk.coap.get, URI, into=slow).length == 5
    assert slow.found == b"again"


@pytest.mark.parametrize(("most", "kind"), [(0, OSError), ("a coroutine", ValueError)])
def test_a_target_that_takes_nothing_is_an_error(desk: Desk, most: Any, kind: Any) -> None:
    with pytest.raises(kind):
        desk.call(desk.coap.get, URI, into=Slow(most))


@pytest.mark.parametrize("rest", ["[::1/x", "[::1", "[]/x", "[::1]5683/x", "h:/x", "/x"])
def test_a_host_that_is_none_is_not_sent(desk: Desk, rest: str) -> None:
    before = bytes(desk.bench.line.written)
    with pytest.raises(ValueError, match="host"):
        desk.call(desk.coap.get, "coap://" + rest)
    assert desk.bench.line.written == before


def test_a_result_that_is_said_twice_counts_once(desk: Desk) -> None:
    desk.model.result = None
    desk.urc('+UCOAPCD: 2,0,"61",0', 700)
    desk.urc("+UCOAPCR: 1,1", 710)
    desk.urc("+UCOAPCR: 1,0", 710)
    assert desk.call(desk.coap.get, URI).payload == b"a"
    desk.model.result, desk.model.busy = 1, False


def test_profiles_are_left_alone_while_a_request_given_up_may_be_under_way(desk: Desk) -> None:
    desk.model.result = None
    with pytest.raises(CoapTimeout):
        desk.call(desk.coap.get, URI, timeout_ms=3000)
    began = desk.bench.clock.ms()
    desk.urc("+UCOAPCR: 1,0", 20_000)
    desk.call(desk.coap.store, 1)
    assert desk.bench.clock.ms() - began >= 20_000
    desk.model.result, desk.model.busy = 1, False


def test_an_answer_is_not_lost_because_its_session_could_not_be_kept(desk: Desk) -> None:
    tls = desk.secured()
    tls.resume = "plain"

    def refused() -> None:
        raise CommandError(5, "AT+USECPRF", 3)

    async def later() -> None:
        refused()

    tls.collect = later if desk.bench.flavour == "asyncio" else refused
    desk.model.answer = AGAIN
    assert desk.call(desk.coap.post, SECURE, b"once", tls=tls).payload == b"again"
    tls.resume = None


class Broken:
    """Gives one block, and fails."""

    def __init__(self) -> None:
        self.left = 600

    def readinto(self, buf: memoryview) -> int:
        n = min(len(buf), self.left)
        if not n:
            raise OSError(5, "the card was taken out")
        self.left -= n
        return n


def test_what_the_server_has_of_a_source_that_fails_is_known(desk: Desk) -> None:
    with pytest.raises(OSError, match="taken out") as caught:
        desk.call(desk.coap.put, URI, Broken(), block_size=256)
    assert caught.value.acknowledged == 256


def test_bytes_that_do_not_lie_together_are_refused(desk: Desk) -> None:
    before = bytes(desk.bench.line.written)
    for block_size in (None, 16):
        with pytest.raises(TypeError, match="together"):
            desk.call(desk.coap.put, URI, memoryview(b"abcdef")[::2], block_size=block_size)
    assert desk.bench.line.written == before
