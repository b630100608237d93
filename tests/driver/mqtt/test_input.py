"""Wrong types and shapes are refused before anything is sent or taken: every public method of
MQTT, MQTT-SN, the kept session and the stand-in for umqtt."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support import mqtt_session, mqttsn_session
from driver.support.serial_script import FLAVOURS

HOST = mqtt_session.HOST
WORDS = memoryview(array("H", [1, 2, 3]))
"""Three items of two bytes."""

TOPICS: tuple[Any, ...] = (None, 5.5, [], ("t",), "", "a\r", 'a"', "x" * 257, b"\xff", object())
MESSAGES: tuple[Any, ...] = (None, 5, 1.5, ["x"], WORDS, array("H", [1]), object())
QUALITIES: tuple[Any, ...] = (None, 1.5, "1", b"1", 3, -2)
TIMES: tuple[Any, ...] = (None, "1", 1.5, -1, b"1", 1 << 40)
HOSTS: tuple[Any, ...] = (5, 1.5, [], ("h",), "", "a b", "h\n", 'h"', "h" * 257, b"", b"\xff")
SETTINGS: dict[str, tuple[Any, ...]] = {
    "port": ("x", "1883", 1.5, b"1", -1, 0, 65536, []),
    "client_id": (5, 1.5, [], "x\n", "x" * 257, b"\xff"),
    "keepalive": ("60", None, 1.5, -1, 65536, b"1"),
    "will": (
        5, "ab", b"ab", {"t": "m"}, (), ("t",), ("t", "m", 0, 1, 2), ("#", "m"), ("", "m"),
        (None, "m"), ("t", None), ("t", 5), ("t", WORDS), ("t", "m", 1.5), ("t", "m", "1"),
        ("t", "m", 3), ("t", b"m" * 257),
    ),
    "tls": ("ca", 5, b"x", object(), [1]),
    "colour": ("red",),
}  # fmt: skip
MQTT_ONLY: dict[str, tuple[Any, ...]] = {
    "user": (5, 1.5, [], "u\n", "u" * 257, b"\xff"),
    "context": ("a", "ab", 1.5, (1,), (1, 2, 3), -1, 16, ("1", True)),
}
KEPT: dict[str, tuple[Any, ...]] = {
    "outbox": ("8", None, 1.5, 0, -1),
    "state": ("abc", 5, b"abc", b"xxxxxx", [1]),
    "on_message": (5, "f"),
    "on_result": (5, "f"),
}


class Seat:
    """A driver with a session; `refused(function, *arguments)` must not send anything."""

    def __init__(self, flavour: str, service: str, connect: bool = True) -> None:
        self.desk: Any
        if service == "mqtt":
            self.desk = mqtt_session.Desk(flavour, "lexi-r10", connect=connect)
            self.service = self.desk.mqtt
        else:
            self.desk = mqttsn_session.Desk(flavour)
            if connect:
                self.desk.connect()
            self.service = self.desk.mqttsn
        self.line = self.desk.bench.line

    def refused(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        before = bytes(self.line.written)
        told = f"{function} {arguments} {options}"
        with pytest.raises((TypeError, ValueError)):
            print(told, self.desk.call(function, *arguments, **options))
        assert bytes(self.line.written) == before, told
        for lock in (self.service.lock, self.service.setup, self.service.channel.lock):
            assert not lock.held, told

    def each(self, function: Callable[..., Any], wrong: tuple[Any, ...], *more: Any) -> None:
        """`wrong` things as the first argument."""
        for value in wrong:
            self.refused(function, value, *more)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["mqtt", "mqttsn"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def seat(flavour: str, service: str) -> Iterator[Seat]:
    made = Seat(flavour, service)
    yield made
    made.desk.bench.close()


@pytest.fixture
def idle(flavour: str, service: str) -> Iterator[Seat]:
    made = Seat(flavour, service, connect=False)
    yield made
    made.desk.bench.close()


def test_topics_messages_and_qualities(seat: Seat) -> None:
    service = seat.service
    for call, more in ((service.publish, ("m",)), (service.publish_file, ("name",))):
        seat.each(call, (*TOPICS, "a/+", "#"), *more)
    seat.each(service.subscribe, (*TOPICS, "a#", "#/a"))
    seat.each(service.unsubscribe, (*TOPICS, "a#"))
    for message in (*MESSAGES, b"x" * 1025):
        seat.refused(service.publish, "t", message)
    for name in (None, 5, "", "a,b", "x" * 300, b"\xff", "n\r"):
        seat.refused(service.publish_file, "t", name)
    for qos in QUALITIES:
        seat.refused(service.publish, "t", b"m", False, qos)
        seat.refused(service.publish_file, "t", "name", False, qos)
        seat.refused(service.subscribe, "t", qos)
    for form in (5, "Text", b"hex", ""):
        service.form = form
        if form:
            seat.refused(service.publish, "t", b"m")
    for form, message in (("text", b"\x00"), ("text", b"x" * 990), ("hex", b"x" * 490)):
        service.form = form
        seat.refused(service.publish, "t", message)


def test_time_limits(seat: Seat) -> None:
    service = seat.service
    for ms in TIMES:
        seat.refused(service.publish, "t", b"m", timeout_ms=ms)
        seat.refused(service.publish_file, "t", "name", timeout_ms=ms)
        seat.refused(service.subscribe, "t", timeout_ms=ms)
        seat.refused(service.unsubscribe, "t", timeout_ms=ms)
        seat.refused(service.disconnect, timeout_ms=ms)
        seat.refused(service.connect, HOST, timeout_ms=ms)
        if ms is not None:
            seat.refused(service.wait_msg, ms)


def test_what_is_read_into(seat: Seat) -> None:
    words = array("H", [1, 2])
    for buf in (None, 5, b"bytes", "str", [0, 0], words, memoryview(words), memoryview(b"x")):
        seat.refused(seat.service.read_into, buf)
    for callback in (5, "f", []):
        seat.refused(seat.service.set_callback, callback)
    seat.service.unread = 1
    for buf in (5, b"bytes", "str"):
        seat.service.buffer = buf
        seat.refused(seat.service.check_msg)


def test_settings(idle: Seat, service: str) -> None:
    mqtt = idle.service
    wrong = SETTINGS | MQTT_ONLY if service == "mqtt" else SETTINGS
    for call in (mqtt.connect, mqtt.configure, mqtt.store):
        idle.each(call, HOSTS)
        for name, values in wrong.items():
            for value in values:
                idle.refused(call, HOST, **{name: value})
    idle.refused(mqtt.configure, None)
    for options in ({"port": 1883}, {"keepalive": 5}, {"client_id": "c"}):
        idle.refused(mqtt.connect, None, **options)
        idle.refused(mqtt.store, None, **options)
    if service == "mqtt":
        idle.refused(mqtt.connect, HOST, password="alone")
        idle.refused(mqtt.connect, HOST, user="u", password=5)


def test_what_only_mqtt_sn_has(flavour: str) -> None:
    seat = Seat(flavour, "mqttsn")
    service = seat.service
    ids = (0, 65535, -1, True + 65535)
    seat.each(service.register, (*TOPICS, "a/+"))
    seat.each(service.predefine, TOPICS, 7)
    for number in ("7", None, 1.5, *ids):
        seat.refused(service.predefine, "t", number)
    seat.each(service.publish, ids, "m")
    for kind in (5, "other", b"short"):
        seat.refused(service.publish, "t", "m", kind=kind)
        seat.refused(service.subscribe, "t", kind=kind)
    seat.refused(service.publish, "t", "m", False, -1)
    seat.refused(service.publish, "long", "m", kind="short")
    seat.refused(service.publish, 7, "m", kind="short")
    for duration in ("5", 1.5, 0, -1, 65536):
        seat.refused(service.disconnect, duration)
    seat.each(service.update_will, TOPICS, "m")
    for message in (*MESSAGES, b"\x00", b'"', b"\xff", b"m" * 257):
        seat.refused(service.update_will, "t", message)
    for qos in (*QUALITIES, -1):
        seat.refused(service.update_will, "t", "m", qos)
    for ms in TIMES:
        seat.refused(service.register, "t", ms)
        seat.refused(service.update_will, "t", "m", timeout_ms=ms)
    seat.desk.bench.close()


def test_the_kept_session(flavour: str) -> None:
    seat = Seat(flavour, "mqtt", connect=False)
    keep = seat.service.keep
    seat.each(keep, (None, *HOSTS))
    for name, values in {**SETTINGS, **MQTT_ONLY, **KEPT, "timeout_ms": (5,)}.items():
        for value in values:
            seat.refused(keep, HOST, **{name: value})
    assert seat.service.callback is None
    session = keep(HOST, client_id="c", keepalive=0)
    seat.each(session.publish, (*TOPICS, "a/+"), "m")
    for message in (*MESSAGES, b"x" * 1025):
        seat.refused(session.publish, "t", message)
    for qos in QUALITIES:
        seat.refused(session.publish, "t", "m", False, qos)
        seat.refused(session.subscribe, "t", qos)
    seat.each(session.subscribe, (*TOPICS, "a#"))
    seat.each(session.unsubscribe, (*TOPICS, "a#"))
    for ms in TIMES:
        seat.refused(session.work, ms)
        seat.refused(session.flush, ms)
        seat.refused(session.close, ms)
    assert session.waiting == [] and session.topics == {} and not session.paused
    seat.desk.bench.close()


def test_the_stand_in_for_umqtt() -> None:
    from ublox_cellular.umqtt import MQTTClient

    seat = Seat("blocking", "mqtt", connect=False)
    modem = seat.desk.bench.modem

    def client(client_id: Any = "c", server: Any = HOST, **options: Any) -> MQTTClient:
        made = MQTTClient(client_id, server, modem=modem, **options)
        made.set_callback(lambda topic, message: None)
        return made

    for value in (5, 1.5, ["c"]):
        seat.refused(lambda value=value: client(client_id=value).connect())
    for value in (None, *HOSTS):
        seat.refused(lambda value=value: client(server=value).connect())
    for name, values in {
        "port": ("x", 1.5, -1, 65536), "user": (5, "u\n"), "keepalive": ("60", None, 1.5, -1),
        "ssl": (5, "ca", object()),
    }.items():  # fmt: skip
        for value in values:
            seat.refused(lambda name=name, value=value: client(**{name: value}).connect())
    for timeout in ("1", b"1", -1, []):
        seat.refused(client().connect, timeout=timeout)
    for wrong in (5, "f"):
        seat.refused(client().set_callback, wrong)
    for topic in (*TOPICS, "#"):
        seat.refused(client().set_last_will, topic, "m")
    for message in (*MESSAGES, b"m" * 257):
        seat.refused(client().set_last_will, "t", message)
    for qos in QUALITIES:
        seat.refused(client().set_last_will, "t", "m", qos=qos)
    assert client().connect() is False
    for topic in TOPICS:
        seat.refused(client().publish, topic, "m")
        seat.refused(client().subscribe, topic)
    for message in MESSAGES:
        seat.refused(client().publish, "t", message)
    for qos in QUALITIES:
        seat.refused(client().publish, "t", "m", False, qos)
        seat.refused(client().subscribe, "t", qos)
    seat.desk.bench.close()
