"""Messages that arrive: sizes, buffers, wrong announcements; the module is `MqttModel`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.mqtt_session import Desk
from driver.support.serial_script import FLAVOURS, MODULES


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(flavour: str) -> Iterator[Desk]:
    made = Desk(flavour)
    yield made
    made.bench.close()


def test_messages_of_every_size_and_content(desk: Desk) -> None:
    desk.call(desk.mqtt.check_msg)
    sizes = (0, 1, 9, 10, 99, 100, 1000, 1024)
    content = bytes(range(256)) * 4
    messages = [(b't,"/' + b"y" * (n % 200), content[:n], n % 3) for n in sizes]
    desk.arrive(*messages)
    heard: list[tuple[bytes, bytes]] = []
    desk.mqtt.set_callback(lambda topic, payload: heard.append((topic, payload)))
    found = desk.call(desk.mqtt.read_all)
    assert [(m.topic, m.payload, m.qos) for m in found] == messages
    assert heard == [message[:2] for message in messages]
    before = desk.written()
    assert desk.call(desk.mqtt.check_msg) is None
    assert desk.written() == before


@pytest.mark.parametrize("empty_is_error", [False, True])
def test_an_announcement_too_many_costs_one_look(desk: Desk, empty_is_error: bool) -> None:
    desk.call(desk.mqtt.check_msg)
    desk.model.empty_is_error = empty_is_error
    desk.arrive((b"t", b"m", 0), announced=2)
    assert desk.call(desk.mqtt.check_msg).payload == b"m"
    assert desk.call(desk.mqtt.check_msg) is None
    before = desk.written()
    assert desk.call(desk.mqtt.check_msg) is None
    assert desk.written() == before


def test_noise_in_every_answer_does_not_make_it_ask_for_ever(desk: Desk) -> None:
    """Whether a message was in it nobody knows: that is told, once for each that was announced."""
    desk.call(desk.mqtt.check_msg)
    desk.model.noise = b"\r\n+CSCON: 1\r\n"
    desk.arrive(announced=2)
    for _ in range(2):
        with pytest.raises(OSError, match="perhaps"):
            desk.call(desk.mqtt.check_msg)
    assert desk.call(desk.mqtt.check_msg) is None
    desk.model.noise = b""
    desk.arrive((b"t", b"m", 0))
    assert desk.call(desk.mqtt.check_msg).payload == b"m"


@pytest.mark.parametrize("leave", [False, True])
def test_messages_too_large_do_not_block_the_next_ones(desk: Desk, leave: bool) -> None:
    mqtt = desk.mqtt
    desk.call(mqtt.check_msg)
    mqtt.leave = leave
    mqtt.buffer = bytearray(64)
    desk.arrive((b"a", b"1" * 50, 0), (b"b", b"2" * 500, 0), (b"c", b"3", 0))
    assert desk.call(mqtt.check_msg).payload == b"1" * 50
    with pytest.raises(OSError, match="500 bytes") as caught:
        desk.call(mqtt.check_msg)
    error: Any = caught.value
    assert error.size == 500
    assert desk.call(mqtt.check_msg).payload == b"3"
    if leave:
        assert (mqtt.large.topic, mqtt.large.payload, mqtt.dropped) == (b"b", b"2" * 500, 0)
    else:
        assert (mqtt.large, mqtt.dropped) == (None, 1)


def test_read_into_a_buffer_of_the_callers(desk: Desk) -> None:
    mqtt = desk.mqtt
    desk.call(mqtt.check_msg)
    buf = bytearray(10)
    assert desk.call(mqtt.read_into, buf) is None
    desk.arrive((b"a", b"0123456789", 0), (b"b", b"0123456789A", 0), (b"c", b"x", 0))
    assert desk.call(mqtt.read_into, buf) == 10
    assert (mqtt.topic, bytes(buf)) == (b"a", b"0123456789")
    with pytest.raises(OSError, match="11 bytes"):
        desk.call(mqtt.read_into, buf)
    assert (desk.call(mqtt.read_into, buf), mqtt.topic) == (1, b"c")


def test_digits_are_read_on_lexi_r10_only(flavour: str) -> None:
    for module in MODULES:
        desk = Desk(flavour, module)
        desk.call(desk.mqtt.check_msg)
        desk.mqtt.hex_reads = True
        desk.arrive((b"t", bytes(range(256)), 1))
        if module == "sara-r5":
            with pytest.raises(OSError, match="hexadecimal"):
                desk.call(desk.mqtt.check_msg)
        else:
            assert desk.call(desk.mqtt.check_msg).payload == bytes(range(256))
            assert b"AT+UMQTTC=6,1,1\r" in desk.written()
        desk.bench.close()
