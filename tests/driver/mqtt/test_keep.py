"""`mqtt.keep()` in small: the outbox, what is refused, pauses; the module is `MqttModel`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from driver.support.mqtt_session import HOST, Desk
from driver.support.serial_script import FLAVOURS


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(flavour: str) -> Iterator[Desk]:
    made = Desk(flavour)
    yield made
    made.bench.close()


def test_the_outbox_survives_as_bytes(desk: Desk) -> None:
    desk.call(desk.mqtt.disconnect)
    told: list[int] = []
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0, outbox=3)
    for number in range(3):
        session.publish(f"t/{number}", bytes([number]) * number, number == 1, number)
    state = session.save()
    for damaged in (state[:-1], state[:9] + b"\xff" + state[10:], b"xxxxxx"):
        desk.silent(desk.mqtt.keep, HOST, state=damaged)
    again = desk.mqtt.keep(
        HOST, client_id="c", keepalive=0, outbox=3, state=state,
        on_result=lambda ticket, error: told.append(ticket),
    )  # fmt: skip
    with pytest.raises(OSError, match="full"):
        again.publish("t", b"")
    assert desk.call(again.flush)
    assert desk.model.published == [
        ("t/0", b"", 0, 0), ("t/1", b"\x01", 1, 1), ("t/2", b"\x02\x02", 2, 0),
    ]  # fmt: skip
    assert (told, again.publish("t", b"next")) == ([1, 2, 3], 4)


def test_what_was_being_sent_at_a_reset_is_not_doubled_beyond_its_quality(desk: Desk) -> None:
    states: list[bytes] = []
    for qos in (0, 1, 2):
        session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
        session.publish("t", b"m", qos=qos)
        session.flying = session.waiting[0]
        states.append(session.save())
    found = [desk.mqtt.keep(HOST, client_id="c", state=state) for state in states]
    assert [(len(s.waiting), s.failed) for s in found] == [(0, 1), (1, 0), (0, 1)]


def test_a_message_the_module_refuses_fails_at_last(desk: Desk) -> None:
    told: list[tuple[int, Any]] = []
    desk.call(desk.mqtt.disconnect)
    session = desk.mqtt.keep(
        HOST, client_id="c", keepalive=0,
        on_result=lambda ticket, error: told.append((ticket, error)),
    )  # fmt: skip
    desk.call(session.work, 100)
    desk.model.told = (13, 0)
    desk.model.unwanted = {"refused"}
    session.publish("refused", b"")
    session.publish("t", b"good")
    assert desk.call(session.flush)
    assert [ticket for ticket, _ in told] == [1, 2]
    assert type(told[0][1]).__name__ == "CommandError" and told[1][1] is None
    assert [data for _, data, _, _ in desk.model.published] == [b"good"]
    assert session.connections == 2  # perhaps it was the session that the module did not have
    ticket = session.publish("t", b"dropped")
    assert session.drop(ticket) and not session.drop(ticket)
    assert told[-1][0] == ticket and session.failed == 2


def test_the_pauses_grow(flavour: str) -> None:
    desk = Desk(flavour, connect=False)
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
    desk.model.told = (13, 33)
    attempts: list[float] = []
    for _ in range(3000):
        desk.model.results = {1: 0}
        since = session.since
        desk.call(session.step)
        if session.since != since:
            attempts.append(desk.bench.clock.ms())
        desk.bench.pass_ms(100)
    pauses = [later - sooner for sooner, later in pairwise(attempts)]
    assert len(attempts) > 7
    assert 900 < pauses[0] < 3000 and 55_000 < pauses[-1] < 65_000
    assert max(pauses) < 65_000
    desk.model.results = {}
    session.resume()
    session.publish("t", b"x")
    assert desk.call(session.flush) and session.trouble is None
    desk.bench.close()


def test_a_session_that_the_module_has_lost_unseen_is_made_anew_and_loses_nothing(
    desk: Desk,
) -> None:
    told: list[tuple[int, Any]] = []
    desk.call(desk.mqtt.disconnect)
    session = desk.mqtt.keep(
        HOST, client_id="c", keepalive=0,
        on_result=lambda ticket, error: told.append((ticket, error)),
    )  # fmt: skip
    desk.call(session.work, 100)
    desk.model.connected = False
    for number in range(3):
        session.publish("t", b"%d" % number)
    assert desk.call(session.flush)
    assert told == [(1, None), (2, None), (3, None)]
    assert [data for _, data, _, _ in desk.model.published] == [b"0", b"1", b"2"]


def test_a_subscription_that_is_refused_holds_nothing_up(desk: Desk) -> None:
    desk.call(desk.mqtt.disconnect)
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
    session.subscribe("secret")
    session.publish("t", b"m")
    desk.model.granted = {"secret": "128"}
    assert desk.call(session.flush)
    assert "refuses" in str(session.trouble) and session.connections == 1


def test_a_subscription_without_an_answer_is_asked_for_again_with_pauses(desk: Desk) -> None:
    desk.call(desk.mqtt.disconnect)
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
    session.subscribe("t")
    desk.model.results = {4: 0}
    desk.model.told = (13, 33)
    began = desk.bench.clock.ms()
    while session.todo:
        if session.connections < 4:
            desk.model.results = {4: 0}
        desk.call(session.work, 100)
    assert session.connections == 5
    assert desk.bench.clock.ms() - began > 1000 + 2000 + 4000 + 8000
    desk.call(session.work, 100)
    assert session.pause_ms == 1000


def test_a_cancelled_task_neither_loses_nor_doubles() -> None:
    for qos in (0, 1, 2):
        desk = Desk("asyncio")
        desk.model.mute = {2}
        session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
        session.publish("t", b"m", qos=qos)

        async def cancelled(desk: Desk = desk, session: Any = session) -> None:
            task = asyncio.ensure_future(session.run())
            while not desk.model.published:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            task.cancel()

        desk.call(cancelled)
        desk.model.mute = set()
        assert desk.call(session.flush)
        assert len(desk.model.published) == (2 if qos == 1 else 1)
        assert (session.acknowledged, session.failed) == ((1, 0) if qos == 1 else (0, 1))
        desk.bench.close()


def test_a_message_refused_after_its_caller_gave_up_was_certainly_not_sent() -> None:
    """So it is published again, also with QoS 2."""
    desk = Desk("asyncio", connect=False)
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
    desk.call(session.step)
    session.publish("t", b"m", qos=2)
    desk.model.tamper = lambda answer: [(200.0, b"\r\n+CME ERROR: 3\r\n")]
    desk.model.busy = 1

    async def cut() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(session.step(), 0.1)
        desk.model.tamper = None
        desk.model._need = 0  # refused, it waits for no payload
        await asyncio.sleep(0.3)
        assert await session.flush()  # pyright: ignore

    desk.call(cut)
    assert (session.acknowledged, session.failed) == (1, 0)
    assert desk.model.published == [("t", b"m", 2, 0)]
    desk.bench.close()


def lines_of(call: Callable[..., Any], *arguments: Any) -> int:
    """How many lines of Python a call takes."""
    count = 0

    def trace(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call(*arguments)
    finally:
        sys.settrace(before)
    return count


def test_the_number_of_topics_costs_nothing_once_the_broker_knows_them() -> None:
    found = []
    for topics in (1, 300):
        desk = Desk("blocking", connect=False)
        session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
        for number in range(topics):
            session.subscribe(f"t/{number}")
        while session.todo or not session.connections:
            session.step()
        session.step()
        found.append((lines_of(session.step), lines_of(session.subscribe, "t/0")))
        desk.bench.close()
    assert found[0] == found[1]
