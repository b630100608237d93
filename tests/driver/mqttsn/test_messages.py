"""MQTT-SN: reading messages, several tasks at once, tasks that are cancelled. at-commands 6."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.mqttsn_session import Desk, freeing, refusing
from driver.support.serial_script import FLAVOURS

from ublox_cellular import event
from ublox_cellular.core.service_errors import MqttSnError, MqttTimeout


@pytest.fixture(params=FLAVOURS)
def sn(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    made.bench.close()


# ---- messages ----------------------------------------------------------------------------------


def test_an_empty_queue_and_a_stale_count(sn: Desk) -> None:
    sn.connect()
    assert sn.call(sn.mqttsn.check_msg) is None
    assert sn.sent() == []
    sn.urc("+UUMQTTSNC: 9,3")
    assert sn.events()[-1] == (event.MESSAGES, 3, 0)
    assert sn.call(sn.mqttsn.check_msg) is None
    assert sn.mqttsn.unread == 0
    refusing(sn.model, b"+UMQTTSNC=9")
    sn.urc("+UUMQTTSNC: 9,3")
    assert sn.call(sn.mqttsn.check_msg) is None
    assert sn.mqttsn.unread == 3  # they may be readable again
    for _ in range(40):
        sn.bench.pass_ms(1000)
        assert sn.call(sn.mqttsn.check_msg) is None
    assert (sn.mqttsn.unread, sn.mqttsn.dropped) == (0, 3)


def test_a_burst_is_read_without_a_needless_command(sn: Desk) -> None:
    sn.connect()
    sn.mqttsn.predefine("seven", 7)
    urcs = [sn.model.arrive(number % 3, 1, b"7", b"%d" % number) for number in range(5)]
    sn.bench.line.push(urcs[-1])
    sn.bench.pass_ms(50)
    found = sn.call(sn.mqttsn.read_all)
    assert [(one.topic, one.payload, one.qos) for one in found] == [
        (b"seven", b"%d" % number, number % 3) for number in range(5)
    ]
    assert sn.sent() == ["+UMQTTSNC=9,1"] * 5


def test_noise_in_every_answer_does_not_make_it_ask_for_ever(sn: Desk) -> None:
    sn.connect()
    sn.model.noise = b"\r\n+CSCON: 1\r\n"
    sn.urc("+UUMQTTSNC: 9,2")
    for _ in range(2):
        with pytest.raises(OSError, match="perhaps"):
            sn.call(sn.mqttsn.check_msg)
    assert sn.call(sn.mqttsn.check_msg) is None
    sn.model.noise = b""
    sn.bench.line.push(sn.model.arrive(0, 2, b"ab", b"x"))
    sn.bench.pass_ms(50)
    assert sn.call(sn.mqttsn.check_msg).payload == b"x"


def test_a_count_that_was_damaged_on_the_line(sn: Desk) -> None:
    sn.connect()
    sn.model.arrive(0, 2, b"ab", b"x")
    sn.urc("+UUMQTTSNC: 9,0")
    assert sn.call(sn.mqttsn.check_msg).payload == b"x"
    sn.model.arrive(0, 2, b"ab", b"y")
    sn.urc("+UUMQTTSOC: 9,1")  # seen as rubbish: it may have been an announcement
    assert sn.call(sn.mqttsn.check_msg).payload == b"y"


@pytest.mark.parametrize("first", [False, True])
def test_reading_while_an_action_is_under_way(sn: Desk, first: bool) -> None:
    """A module that refuses to read meanwhile is asked again behind the result."""
    sn.connect()
    sn.model.result = None
    with pytest.raises(MqttTimeout):
        sn.call(sn.mqttsn.publish, 7, "x", timeout_ms=1000)
    sn.bench.line.push(sn.model.arrive(0, 2, b"ab", b"z"))
    sn.bench.pass_ms(100)
    sn.model.tamper = freeing(sn.model, b"4,1", first)
    assert sn.call(sn.mqttsn.check_msg).payload == b"z"


def test_waiting_for_a_message(sn: Desk) -> None:
    sn.connect()
    assert sn.call(sn.mqttsn.wait_msg, 700) is None
    sn.bench.line.push(sn.model.arrive(1, 2, b"ab", b"at last"), 5000)
    assert sn.call(sn.mqttsn.wait_msg).payload == b"at last"
    sn.bench.line.push(b"\r\n+UUMQTTSNC: 0,101\r\n", 5000)
    with pytest.raises(MqttSnError, match="lost"):
        sn.call(sn.mqttsn.wait_msg)


# ---- several tasks -----------------------------------------------------------------------------


def test_tasks_take_turns() -> None:
    sn = Desk("asyncio")
    sn.connect()

    async def many() -> None:
        async def one(number: int) -> None:
            await sn.mqttsn.publish(f"t/{number % 2}", str(number), qos=1)

        async def listen() -> list[bytes]:
            return [message.payload async for message in sn.mqttsn]

        listener = asyncio.ensure_future(listen())
        await asyncio.gather(*(one(number) for number in range(10)))
        for number in range(10):
            sn.bench.line.push(sn.model.arrive(0, 2, b"ab", b"%d" % number))
            await asyncio.sleep(0.01)
        while sn.model.inbox:
            await asyncio.sleep(0.1)
        await sn.mqttsn.disconnect()
        assert await listener == [b"%d" % number for number in range(10)]

    sn.call(many)
    assert sorted(data for _, data, _ in sn.model.published) == [b"%d" % n for n in range(10)]
    sn.bench.close()


@pytest.mark.parametrize("ms", range(0, 60, 4))
def test_a_cancelled_task_leaves_a_usable_service(ms: int) -> None:
    sn = Desk("asyncio")
    sn.connect()
    calls: list[Callable[[], Any]] = [
        lambda: sn.mqttsn.publish(7, "hello"),
        lambda: sn.mqttsn.publish(7, bytes(600)),
        lambda: sn.mqttsn.subscribe("a/b"),
    ]

    async def cut(call: Callable[[], Any]) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call(), ms / 1000)

    for call in calls:
        sn.model.published.clear()
        with contextlib.suppress(pytest.fail.Exception):  # it was done before
            sn.call(cut, call)
        assert set(sn.model.published) <= {("7", b"hello", 0), ("7", bytes(600), 0)}
        sn.model.published.clear()
        sn.call(sn.mqttsn.publish, 7, "again")
        assert sn.model.published[-1] == ("7", b"again", 0)
        assert set(sn.model.published) <= {
            ("7", b"hello", 0), ("7", bytes(600), 0), ("7", b"again", 0)
        }  # fmt: skip
    sn.bench.close()
