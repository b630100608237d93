"""CoAP with what a careful program does not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from driver.coap.test_callers import AGAIN, URI, Desk
from driver.support.serial_script import FLAVOURS


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
