"""MQTT in small: what is refused before anything is sent, forms of messages, settings, errors,
other firmware; the module is `MqttModel`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
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


def test_what_the_module_cannot_carry_is_refused_before_it_is_sent(desk: Desk) -> None:
    mqtt = desk.mqtt
    cases: list[tuple[type[Exception], Callable[..., Any], tuple[Any, ...]]] = [
        (ValueError, mqtt.publish, ("t", b"x" * 1025)),
        (ValueError, mqtt.publish, ("t" * 257, b"")),
        (ValueError, mqtt.publish, ("ü" * 129, b"")),
        (ValueError, mqtt.publish, ("", b"")),
        (ValueError, mqtt.publish, ("a/+", b"")),
        (ValueError, mqtt.publish, ("a/#", b"")),
        (ValueError, mqtt.publish, ('a"b', b"")),
        (ValueError, mqtt.publish, ("a\rb", b"")),
        (ValueError, mqtt.publish, ("t", b"", False, 3)),
        (TypeError, mqtt.publish, ("t", 5)),
        (TypeError, mqtt.publish, ("t", b"", False, "1")),
        (ValueError, mqtt.subscribe, ("a#",)),
        (ValueError, mqtt.subscribe, ("#/a",)),
        (ValueError, mqtt.subscribe, ("a+/b",)),
        (ValueError, mqtt.unsubscribe, ("",)),
        (ValueError, mqtt.publish_file, ("t", "a,b")),
    ]
    for kind, call, arguments in cases:
        assert isinstance(desk.silent(call, *arguments), kind), arguments
    again = desk.silent(mqtt.connect, HOST)
    assert "disconnect() first" in str(again)


def test_settings_are_checked_before_they_are_sent(flavour: str) -> None:
    desk = Desk(flavour, connect=False)
    connect = desk.mqtt.connect
    bad: list[dict[str, Any]] = [
        {"host": ""}, {"host": "a b"}, {"host": "h" * 257}, {"host": 'h"'}, {"port": 65536},
        {"port": "1883"}, {"client_id": "x\n"}, {"keepalive": 65536}, {"keepalive": 1.5},
        {"user": "u" * 257}, {"password": "alone"}, {"will": ("t",)}, {"will": ("#", "m")},
        {"will": ("t", b"m" * 257)}, {"will": ("t", "m", 3)}, {"colour": "red"},
        {"context": 2},
    ]  # fmt: skip
    for options in bad:
        desk.silent(connect, **{"host": HOST} | options)
    desk.silent(connect, None, 1883)
    desk.silent(desk.mqtt.check_msg)
    desk.silent(desk.mqtt.publish, "t", b"")
    assert desk.call(desk.mqtt.disconnect) is None
    assert desk.written() == b""
    desk.bench.close()


FORMS = [
    (b"", b'2,0,0,0,"t",""\r'),
    (b"hello you", b'2,0,0,0,"t","hello you"\r'),
    (b"a,b", b'2,0,0,1,"t","612C62"\r'),
    ('"', b'2,0,0,1,"t","22"\r'),
    (b"\x00" * 128, b'2,0,0,1,"t","' + b"00" * 128 + b'"\r'),
    (b"\x00" * 129, b'9,0,0,"t",129\r' + b"\x00" * 129),
    (b"x" * 900, b'2,0,0,0,"t","' + b"x" * 900 + b'"\r'),
    (b"x" * 1024, b'9,0,0,"t",1024\r' + b"x" * 1024),
    (bytearray(b"array"), b'2,0,0,0,"t","array"\r'),
    (memoryview(b"view"), b'2,0,0,0,"t","view"\r'),
    ("grün", b'2,0,0,1,"t","6772C3BC6E"\r'),
]


def test_the_form_follows_content_and_size(desk: Desk) -> None:
    for message, sent in FORMS:
        before = len(desk.written())
        desk.call(desk.mqtt.publish, "t", message)
        assert desk.written()[before:] == b"AT+UMQTTC=" + sent
        data = message.encode() if isinstance(message, str) else bytes(message)
        assert desk.model.published[-1] == ("t", data, 0, 0)
    desk.call(desk.mqtt.publish_file, "t", "file.bin", True, 1)
    assert desk.written().endswith(b'AT+UMQTTC=3,1,1,"t","file.bin"\r')


def test_the_longest_topic_with_every_form(desk: Desk) -> None:
    topic = "t" * 256
    for message in (b"x" * 1024, b"x" * 700, b"\x00" * 128, b"\x00" * 1024, b""):
        desk.call(desk.mqtt.publish, topic, message, qos=2)
        assert desk.model.published[-1] == (topic, message, 2, 0)


@pytest.mark.parametrize("number", [2, 9])
def test_the_binary_form_is_reported_as_either(desk: Desk, number: int) -> None:
    desk.model.binary_as = number
    desk.call(desk.mqtt.publish, "t", bytes(range(256)))
    assert len(desk.model.published) == 1


def test_settings_differ_only_where_they_must(desk: Desk) -> None:
    model, mqtt = desk.model, desk.mqtt
    desk.call(mqtt.disconnect)
    before = len(desk.written())
    desk.connect()
    assert desk.written()[before:] == b"AT+UMQTTC=1\r"
    desk.call(mqtt.disconnect)
    desk.connect(keepalive=30, user="me", password="secret word", will=("w", b"\x00", 1, True))
    assert model.settings == {
        0: ["c"], 2: [HOST, "1883"], 4: ["me", "secret word"], 6: ["1"], 7: ["1"], 8: ["w"],
        9: ["1", "00"], 10: ["30"],
    }  # fmt: skip
    assert not any(b"secret word" in line for _, line in desk.told)
    assert b"AT+UMQTTC=8,1\r" in desk.written()
    desk.call(mqtt.disconnect)
    desk.connect()  # what is not wanted any more goes
    assert model.settings == {0: ["c"], 2: [HOST, "1883"], 10: ["0"]}


def test_an_address_and_a_name_where_the_firmware_takes_them(flavour: str) -> None:
    for host in (HOST, "192.0.2.9", "2001:db8::1"):
        desk = Desk(flavour, connect=False)
        desk.model.refused = {2}
        desk.call(desk.mqtt.connect, host, keepalive=0)
        assert desk.model.settings[3] == [host, "1883"]
        assert desk.model.settings[0] == ["004999010640000"]  # the IMEI
        desk.bench.close()


def test_firmware_without_sessions_that_are_kept(flavour: str) -> None:
    desk = Desk(flavour, connect=False)
    desk.model.refused = {12}
    with pytest.raises(OSError, match="operation 12"):
        desk.connect(clean=False)
    session = desk.mqtt.keep(HOST, client_id="c", keepalive=0)
    ticket = session.publish("t", b"x")
    assert desk.call(session.flush, 60_000)
    assert (ticket, session.persistent, session.acknowledged) == (1, False, 1)
    desk.bench.close()


def test_a_session_left_by_an_earlier_program_is_ended_first(flavour: str) -> None:
    desk = Desk(flavour, connect=False)
    desk.model.connected = True
    desk.connect()
    assert b"AT+UMQTTC=0\r" in desk.written() and desk.mqtt.connected
    desk.bench.close()


def test_refusals_and_failures_tell_the_reason(desk: Desk) -> None:
    mqtt, model = desk.mqtt, desk.model
    for op, call, arguments in (
        (2, mqtt.publish, ("t", b"m")), (4, mqtt.subscribe, ("t",)), (5, mqtt.unsubscribe, ("t",)),
    ):  # fmt: skip
        model.results = {op: 0}
        with pytest.raises(OSError, match="no answer from the broker") as caught:
            desk.call(call, *arguments)
        error: Any = caught.value
        assert (error.errno, error.error_class, error.code) == (110, 13, 33)
    model.told = (13, 77)
    model.busy = 1
    with pytest.raises(OSError, match=r"code unknown .class 13, code 77"):
        desk.call(mqtt.publish, "t", b"m")
    model.told = (13, 0)
    model.busy = 1
    with pytest.raises(OSError, match="CME ERROR: 3") as refused:
        desk.call(mqtt.publish, "t", b"m")
    assert type(refused.value).__name__ == "CommandError"


def test_an_action_of_which_nothing_is_told(desk: Desk) -> None:
    mqtt, model = desk.mqtt, desk.model
    model.mute = {2}
    with pytest.raises(OSError, match="may have been carried out"):
        desk.call(mqtt.publish, "t", b"1", timeout_ms=3000)
    model.mute = set()
    model.busy = 3  # it is still at it
    desk.call(mqtt.publish, "t", b"2")
    assert [data for _, data, _, _ in model.published] == [b"1", b"2"]
    desk.say(b"+UUMQTTC: 2,0")  # nobody's
    desk.call(mqtt.publish, "t", b"3")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"+UUMQTTC: 0,100", 100), (b"+UUMQTTC: 0,101", 101), (b"+UUMQTTC: 0,102", 102),
        (b"+UUMQTTC: 8,0", 8), (b"+UUMQTTC: 0,1", 1), (b"+UUMQTTC: 0,0", 1),
    ],
)  # fmt: skip
def test_a_session_that_ends_raises_at_the_next_call(desk: Desk, line: bytes, why: int) -> None:
    seen: list[tuple[int, int, int]] = []
    desk.bench.modem.poll()
    desk.bench.modem.on_event = lambda *told: seen.append(told)
    desk.say(line)
    assert desk.mqtt.why == why and not desk.mqtt.is_connected()
    assert (14, 0, why) in seen
    for call, arguments in (
        (desk.mqtt.check_msg, ()), (desk.mqtt.wait_msg, ()), (desk.mqtt.publish, ("t", b"m")),
        (desk.mqtt.ping, ()), (desk.mqtt.read_into, (bytearray(9),)),
    ):  # fmt: skip
        assert desk.silent(call, *arguments).errno == 104


def test_the_broker_may_refuse_a_subscription(desk: Desk) -> None:
    desk.model.granted = {"t": "128"}
    with pytest.raises(OSError, match="refuses"):
        desk.call(desk.mqtt.subscribe, "t")


def test_a_publish_that_is_cancelled_still_sends_the_message_and_not_blanks() -> None:
    desk = Desk("asyncio")
    loop = desk.bench.clock.loop
    assert loop is not None

    async def cancelled() -> None:
        work: Any = desk.mqtt.publish("t", b"\x01" * 300, qos=1)
        task = asyncio.ensure_future(work)
        while not desk.written().endswith(b'"t",300\r'):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    desk.call(cancelled)
    desk.bench.pass_ms(500)
    desk.call(desk.mqtt.publish, "t", b"next")
    assert desk.model.published == [("t", b"\x01" * 300, 1, 0), ("t", b"next", 0, 0)]
    desk.bench.close()


def test_storing_and_loading(desk: Desk) -> None:
    mqtt, model = desk.mqtt, desk.model
    desk.call(mqtt.disconnect)
    desk.call(mqtt.store, HOST, client_id="kept", keepalive=7)
    assert model.stored[0] == ["kept"]
    desk.bench.modem.lost()
    before = len(desk.written())
    desk.connect(client_id="kept", keepalive=7)
    assert desk.written()[before:].startswith(b"AT+UMQTTNV=1\rAT+UMQTTC=1\r")
    desk.call(mqtt.disconnect)
    desk.call(mqtt.factory)
    assert model.settings == {}
    desk.call(mqtt.load)
    desk.call(mqtt.connect)
    assert model.connected and model.settings[0] == ["kept"]


def test_a_connection_that_was_given_up_does_not_stand_in_the_way(flavour: str) -> None:
    desk = Desk(flavour, connect=False)
    desk.model.mute = {1}
    with pytest.raises(OSError, match="may have been carried out"):
        desk.connect(timeout_ms=2000)
    desk.say(b"+UUMQTTC: 1,1")  # it comes after all
    assert not desk.mqtt.is_connected()
    desk.model.mute = set()
    desk.connect()
    assert desk.mqtt.is_connected()
    desk.bench.close()


def test_an_application_may_give_up_a_wait(desk: Desk) -> None:
    channel = desk.bench.modem.channel
    desk.call(desk.mqtt.check_msg)
    polls = iter(range(20))
    channel.keep_going = lambda: next(polls, None) is not None
    with pytest.raises(OSError, match="cancelled as requested"):
        desk.call(desk.mqtt.wait_msg)
    channel.keep_going = None
    desk.arrive((b"t", b"m", 0))
    assert desk.call(desk.mqtt.wait_msg).payload == b"m"


def test_a_callback_may_publish_or_start_a_task_that_does(desk: Desk) -> None:
    def answer(topic: bytes, payload: bytes) -> None:
        work: Any = desk.mqtt.publish("answer", payload)
        if desk.bench.flavour == "asyncio":  # callbacks are no coroutines
            tasks.append(asyncio.ensure_future(work))

    tasks: list[Any] = []
    desk.call(desk.mqtt.check_msg)
    desk.mqtt.set_callback(answer)
    desk.arrive((b"t", b"m", 0))
    desk.call(desk.mqtt.check_msg)
    for task in tasks:
        desk.call(lambda task=task: task)
    assert desk.model.published == [("answer", b"m", 0, 0)]
