"""MQTT and MQTT-SN with two callers, with URCs within the pause before a command, and time limits
that count from the call; the modules are `MqttModel` and `MqttSnModel`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support import mqtt_session, mqttsn_session
from driver.support.giving_up import WAYS, Cut
from driver.support.serial_script import FLAVOURS

PATIENCE_MS = 60_000


class Seat:
    """A driver with a session of either service, on its model. `urc`: the name of its results,
    `text`: the number of publishing."""

    def __init__(self, flavour: str, service: str) -> None:
        self.desk: Any
        if service == "mqtt":
            self.desk = mqtt_session.Desk(flavour)
            self.service = self.desk.mqtt
            self.urc, self.text, self.subscribing, self.read = "+UUMQTTC", 2, 4, 6
        else:
            self.desk = mqttsn_session.Desk(flavour)
            self.desk.connect()
            self.service = self.desk.mqttsn
            self.urc, self.text, self.subscribing, self.read = "+UUMQTTSNC", 4, 5, 9
        self.mqtt = service == "mqtt"
        self.service.form = "text"
        self.topic: Any = "t" if self.mqtt else 7
        self.model = self.desk.model
        self.bench = self.desk.bench
        self.channel = self.bench.modem.channel
        self.call = self.desk.call

    def tell(self, text: str, ms: float) -> None:
        self.bench.line.push(f"\r\n{self.urc}: {text}\r\n".encode(), ms)

    def within_the_pause(self, text: str) -> None:
        """Something comes now, so that 20 ms must pass, and this within them."""
        self.bench.line.push(b"\r\n\r\n")
        self.tell(text, 12)

    def publish(self, data: Any, **options: Any) -> None:
        self.call(self.service.publish, self.topic, data, **options)

    def fail_next(self, op: int) -> None:
        """The module will report that the next action has failed."""
        if self.mqtt:
            self.model.results = {op: 0}
        else:
            self.model.result = 0

    def mute(self, on: bool) -> None:
        """Of publishing no result is told."""
        if self.mqtt:
            self.model.mute = {2, 9} if on else set()
        else:
            self.model.result = None if on else 1
            self.model.busy = False

    def arrive(self, *payloads: bytes) -> None:
        for data in payloads:
            self.model.inbox.append((b"t", data, 0) if self.mqtt else (0, 2, b"tt", data))
        self.tell(f"{self.read},{len(self.model.inbox)}", 0)
        self.bench.pass_ms(50)

    def sent(self) -> int:
        return len(self.bench.line.written)

    def got(self) -> list[bytes]:
        """What the broker or the gateway has got."""
        return [entry[1] for entry in self.model.published]

    def now(self) -> float:
        return self.bench.clock.ms()

    def free(self) -> None:
        for lock in (self.service.lock, self.service.setup, self.channel.lock):
            assert not lock.held and lock.queue == []
        assert not self.service.making


@pytest.fixture(params=["mqtt", "mqttsn"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FLAVOURS)
def seat(request: pytest.FixtureRequest, service: str) -> Iterator[Seat]:
    made = Seat(request.param, service)
    yield made
    made.free()
    made.bench.close()


@pytest.fixture
def shared(service: str) -> Iterator[Seat]:
    """One for several tasks."""
    made = Seat("asyncio", service)
    yield made
    made.free()
    made.bench.close()


# ---- within the pause, and across the command ------------------------------------------------


def test_a_result_within_the_pause_is_not_that_of_the_action_to_come(seat: Seat) -> None:
    """Such as of a program that ran before."""
    seat.fail_next(seat.text)
    seat.within_the_pause(f"{seat.text},1")
    with pytest.raises(OSError, match="failed"):
        seat.publish("one")


def test_a_failure_within_the_pause_is_not_that_of_the_action_to_come(seat: Seat) -> None:
    seat.within_the_pause(f"{seat.text},0")
    seat.publish("one")
    assert seat.got() == [b"one"]


def test_a_result_that_crosses_the_command_is_of_the_action_before(seat: Seat) -> None:
    seat.mute(True)
    with pytest.raises(OSError, match="may have been carried out"):
        seat.publish("one", timeout_ms=1000)
    seat.mute(False)
    seat.fail_next(seat.text)
    crossing = f"\r\n{seat.urc}: {seat.text},1\r\n".encode()
    seat.model.tamper = lambda answer: [(2.0, crossing), (2.0, answer)]
    with pytest.raises(OSError, match="failed"):
        seat.publish("two")


ENDED = [
    ("publish", lambda seat: seat.publish("one")),
    ("subscribe", lambda seat: seat.call(seat.service.subscribe, "a/b")),
    ("unsubscribe", lambda seat: seat.call(seat.service.unsubscribe, "a/b")),
    ("ping", lambda seat: seat.call(seat.service.ping)),
]


@pytest.mark.parametrize("call", [call for _, call in ENDED], ids=[name for name, _ in ENDED])
def test_a_session_that_ends_within_the_pause(seat: Seat, call: Callable[[Seat], Any]) -> None:
    before = seat.sent()
    seat.within_the_pause("0,101")
    with pytest.raises(OSError, match="the connection was lost") as caught:
        call(seat)
    assert caught.value.errno == 104 and seat.service.why == 101
    assert seat.sent() == before


def test_a_session_that_ends_before_it_can_be_ended(seat: Seat) -> None:
    before = seat.sent()
    seat.within_the_pause("0,101")
    seat.call(seat.service.disconnect)
    assert seat.sent() == before and not seat.service.is_connected()


def test_an_end_that_crosses_the_command(seat: Seat) -> None:
    """The module has accepted it all the same, and then says nothing more."""
    seat.mute(True)
    crossing = f"\r\n{seat.urc}: 0,101\r\n".encode()
    seat.model.tamper = lambda answer: [(2.0, crossing), (2.0, answer)]
    began = seat.now()
    with pytest.raises(OSError, match="the connection was lost"):
        seat.publish("one")
    assert seat.now() - began < 1000


def secured(seat: Seat) -> Any:
    """A security profile that the module has, for the host."""
    seat.call(seat.service.disconnect)
    security = seat.bench.modem.security
    profile = security.profile(2, ca="root")
    security.placed[2] = profile  # what +USECPRF is told is no matter here
    profile.key = (mqtt_session.HOST, None)
    return profile


def test_a_security_profile_that_is_lost_within_the_pause(seat: Seat) -> None:
    """Else the module would connect by whatever it has, without verifying the server."""
    profile = secured(seat)
    news = b"\r\n+NEWS: 1\r\n"
    seat.model.tamper = lambda answer: [(2.0, answer), (12.0, news)]

    def lose(_line: bytes) -> None:
        if seat.channel.name == seat.service.NAME:
            profile.lost()

    seat.channel.on_unknown = lose
    with pytest.raises(OSError, match="is not what it was"):
        seat.call(seat.service.connect, mqtt_session.HOST, client_id="c", keepalive=0, tls=profile)
    assert not seat.model.connected and profile.settled()


def test_an_announcement_within_the_pause_tells_of_the_message_that_is_read(seat: Seat) -> None:
    seat.arrive(b"one")
    seat.within_the_pause(f"{seat.read},1")
    assert seat.call(seat.service.check_msg).payload == b"one"
    before = seat.sent()
    assert seat.call(seat.service.check_msg) is None
    assert seat.sent() == before


def test_an_announcement_behind_the_last_read_is_kept(seat: Seat) -> None:
    """The queue is found empty, and a message comes before that is heard."""
    seat.tell(f"{seat.read},1", 0)
    seat.bench.pass_ms(50)
    told = f"\r\n{seat.urc}: {seat.read},1\r\n".encode()

    def late(answer: bytes) -> list[tuple[float, bytes]]:
        seat.model.tamper = None
        seat.model.inbox.append((b"t", b"new", 0) if seat.mqtt else (0, 2, b"tt", b"new"))
        return [(2.0, told), (2.0, answer)]

    seat.model.tamper = late
    assert seat.call(seat.service.check_msg) is None
    assert seat.call(seat.service.check_msg).payload == b"new"


# ---- two callers -----------------------------------------------------------------------------


def test_every_message_goes_to_exactly_one_of_two_readers(shared: Seat) -> None:
    payloads = [b"%d" % number for number in range(40)]
    found: list[bytes] = []

    async def read() -> None:
        while len(found) < len(payloads):
            message = await shared.service.wait_msg(500)
            if message is not None:
                found.append(message.payload)

    async def all_of_it() -> None:
        readers = [asyncio.ensure_future(read()) for _ in range(3)]
        for start in range(0, len(payloads), 4):
            for data in payloads[start : start + 4]:
                entry: Any = (b"t", data, 0) if shared.mqtt else (0, 2, b"tt", data)
                shared.model.inbox.append(entry)
            shared.tell(f"{shared.read},{len(shared.model.inbox)}", 0)
            await asyncio.sleep(0.2)
        await asyncio.gather(*readers)

    shared.call(all_of_it)
    assert Counter(found) == Counter(payloads)


def test_a_message_is_read_while_another_task_waits_for_its_acknowledgement(shared: Seat) -> None:
    async def all_of_it() -> None:
        shared.mute(True)
        speaker = asyncio.ensure_future(shared.service.publish(shared.topic, "slow", qos=1))
        await asyncio.sleep(0.5)
        entry: Any = (b"t", b"news", 0) if shared.mqtt else (0, 2, b"tt", b"news")
        shared.model.inbox.append(entry)
        shared.model.busy = False
        shared.tell(f"{shared.read},1", 0)
        message = await asyncio.wait_for(shared.service.wait_msg(), 1)
        assert message.payload == b"news" and not speaker.done()
        shared.mute(False)
        shared.tell(f"{shared.text},1", 0)
        await speaker

    shared.call(all_of_it)


def test_a_second_connect_is_refused_and_the_first_goes_on(shared: Seat) -> None:
    host = mqtt_session.HOST

    async def both() -> list[Any]:
        await shared.service.disconnect()
        calls = [shared.service.connect(host, client_id=name, keepalive=0) for name in "ab"]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    first, second = shared.call(both)
    assert first is None and second.errno == 114
    assert shared.service.is_connected()
    told = next(iter(shared.model.settings.values()))
    assert told == ["a"]


def test_disconnecting_waits_for_a_connection_that_is_being_made(shared: Seat) -> None:
    async def both() -> None:
        await shared.service.disconnect()
        connecting = asyncio.ensure_future(
            shared.service.connect(mqtt_session.HOST, client_id="c", keepalive=0)
        )
        await asyncio.sleep(0.01)
        await shared.service.disconnect()
        assert connecting.done() and connecting.exception() is None

    shared.call(both)
    assert not shared.service.is_connected() and not shared.model.connected


def test_settings_of_two_callers_are_never_mixed(shared: Seat) -> None:
    will = {name: (name, name.encode() * 3) for name in "ab"}

    async def both() -> None:
        await shared.service.disconnect()
        await asyncio.gather(
            *(
                call(mqtt_session.HOST, client_id=name, keepalive=0, will=will[name])
                for name, call in (("a", shared.service.configure), ("b", shared.service.store))
            )
        )

    shared.call(both)
    found = str(shared.service.placed)
    assert "'b'" in found and "bbb" in found
    assert "'a'" not in found and "aaa" not in found


def test_a_session_is_ended_by_two_tasks(shared: Seat) -> None:
    async def both() -> None:
        await asyncio.gather(shared.service.disconnect(), shared.service.disconnect())

    shared.call(both)
    assert not shared.service.is_connected() and not shared.model.connected


# ---- given up --------------------------------------------------------------------------------


def test_a_session_that_comes_about_for_nobody_is_ended(seat: Seat) -> None:
    """The result of an attempt that was given up comes late."""
    seat.call(seat.service.disconnect)
    if seat.mqtt:
        seat.model.mute = {1}
    else:
        seat.model.result = None
    with pytest.raises(OSError, match="may have been carried out"):
        seat.call(
            seat.service.connect, mqtt_session.HOST, client_id="c", keepalive=0, timeout_ms=2000
        )
    seat.model.connected = True
    seat.mute(False)
    seat.tell("1,1", 0)
    seat.bench.pass_ms(50)
    assert not seat.service.is_connected()
    seat.call(seat.bench.modem.imei)  # any command
    assert not seat.model.connected
    seat.bench.pass_ms(50)
    seat.call(seat.service.connect, mqtt_session.HOST, client_id="c", keepalive=0)
    assert seat.service.is_connected() and seat.model.connected


def test_a_security_profile_is_in_use_until_the_module_is_done_with_it(seat: Seat) -> None:
    profile = secured(seat)
    if seat.mqtt:
        seat.model.mute = {1}
    else:
        seat.model.result = None
    with pytest.raises(OSError, match="may have been carried out"):
        seat.call(
            seat.service.connect, mqtt_session.HOST, client_id="c", keepalive=0, tls=profile,
            timeout_ms=2000,
        )  # fmt: skip
    assert not profile.settled()
    with pytest.raises(OSError, match="serves"):
        profile.release()
    seat.tell("1,0", 0)
    seat.bench.pass_ms(50)
    assert profile.settled()


def test_a_session_that_stands_when_its_caller_gives_up_is_ended(shared: Seat) -> None:
    """It is about to ask for pings then."""

    async def cut() -> None:
        await shared.service.disconnect()
        model = shared.model
        model.tamper = lambda answer: [(500.0 if model.connected else 2.0, answer)]
        task = asyncio.ensure_future(
            shared.service.connect(mqtt_session.HOST, client_id="c", keepalive=60)
        )
        while not shared.service.is_connected():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled() and not shared.service.is_connected()
        await shared.bench.modem.imei()  # any command
        assert not model.connected

    shared.call(cut)


def test_disconnecting_after_an_attempt_that_was_given_up(seat: Seat) -> None:
    seat.call(seat.service.disconnect)
    if seat.mqtt:
        seat.model.mute = {1}
    else:
        seat.model.result = None
    with pytest.raises(OSError, match="may have been carried out"):
        seat.call(
            seat.service.connect, mqtt_session.HOST, client_id="c", keepalive=0, timeout_ms=2000
        )
    seat.model.connected = True
    seat.mute(False)
    seat.call(seat.service.disconnect)
    assert not seat.model.connected


def test_the_payload_of_a_prompt_is_never_that_of_another_message(shared: Seat) -> None:
    """One task gives up at its prompt, the next one while it waits for its turn behind it."""
    shared.service.form = "binary"
    secret, lock = bytes([7]) * 300, bytes([9]) * 300
    topics: Any = ("log/secret", "door/lock") if shared.mqtt else (1, 2)
    answers: list[bytes] = []

    def late(answer: bytes) -> list[tuple[float, bytes]]:
        answers.append(answer)
        return [(400.0 if answer.endswith(b">") else 2.0, answer)]

    async def cut(topic: Any, data: bytes, ms: int) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(shared.service.publish(topic, data, qos=1), ms / 1000)

    async def all_of_it(first: int, second: int) -> None:
        shared.model.tamper = late
        await cut(topics[0], secret, first)
        await cut(topics[1], lock, second)
        shared.model.tamper = None
        await asyncio.sleep(2)
        await shared.service.publish(topics[1], b"end", qos=1)

    for first in range(5, 60, 6):
        for second in range(5, 460, 45):
            shared.model.published.clear()
            shared.call(all_of_it, first, second)
            for entry in shared.model.published:
                wanted = {str(topics[0]): {secret}, str(topics[1]): {lock, b"end"}}
                assert entry[1] in wanted[entry[0]], (first, second, entry[0])


@pytest.mark.parametrize("method", ["check_msg", "read_into"])
@pytest.mark.parametrize("way", WAYS)
def test_a_message_whose_reader_gives_up_is_for_the_next(
    shared: Seat, way: str, method: str
) -> None:
    """At every await of it, also between the last CR and its LF."""
    shared.model.tamper = lambda answer: [(2.0, answer[:-1]), (4.5, answer[-1:])]
    buf = bytearray(64)
    arguments = () if method == "check_msg" else (buf,)
    payloads = [b"one %d" % number for number in range(4)]
    at = 0
    while True:
        at += 1
        shared.arrive(*payloads)
        cut = Cut(way, at)
        got: list[bytes] = []
        if way == "hook":
            shared.channel.keep_going = cut.hook
        try:
            found = shared.call(cut.through, getattr(shared.service, method), *arguments)
            got.append(found.payload if method == "check_msg" else bytes(buf[:found]))
        except (asyncio.CancelledError, MemoryError, OSError):
            assert cut.hit
        shared.channel.keep_going = None
        while shared.service.waiting():
            got.append(shared.call(shared.service.check_msg).payload)
        assert got == payloads and shared.service.dropped == 0, at
        shared.free()
        if not cut.hit:
            break
    assert at > 5


def test_a_message_that_is_arriving_comes_before_the_end_of_the_session(shared: Seat) -> None:
    """Its reader has given up, and the session ends before the module has given it out."""
    shared.arrive(b"one")
    shared.model.tamper = lambda answer: [(2.0, answer[:-20]), (300.0, answer[-20:])]

    async def cut() -> Any:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(shared.service.check_msg(), 0.1)
        shared.service.ended(101)
        return await shared.service.check_msg()

    assert shared.call(cut).payload == b"one"
    with pytest.raises(OSError, match="lost"):
        shared.call(shared.service.check_msg)


def test_what_read_all_has_read_is_given_out_again(shared: Seat) -> None:
    payloads = [b"1", b"2", b"3", b"4"]

    async def cut(ms: int) -> list[bytes]:
        try:
            found = await asyncio.wait_for(shared.service.read_all(), ms / 1000)
        except TimeoutError:
            return []
        return [message.payload for message in found]

    for ms in range(20, 150, 7):
        shared.arrive(*payloads)
        got = shared.call(cut, ms)
        while shared.service.waiting():
            got.append(shared.call(shared.service.check_msg).payload)
        assert got == payloads and shared.service.dropped == 0, ms


def test_without_memory_a_message_stays_for_the_next_call(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "aio" if seat.bench.flavour == "asyncio" else "blocking"
    seat.call(seat.service.check_msg)
    import importlib

    module: Any = importlib.import_module(f"ublox_cellular.{package}.mqtt.messages")
    seat.arrive(b"one", b"two")

    def none(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(module, "Message", none)
        for _ in range(3):
            with pytest.raises(MemoryError):
                seat.call(seat.service.check_msg)
    found = [message.payload for message in seat.call(seat.service.read_all)]
    assert found == [b"one", b"two"] and seat.service.dropped == 0


# ---- time limits -----------------------------------------------------------------------------

LIMITED: list[tuple[str, Callable[[Any], Any]]] = [
    ("publish", lambda seat: seat.service.publish(seat.topic, "x", qos=1, timeout_ms=3000)),
    ("subscribe", lambda seat: seat.service.subscribe("a/b", timeout_ms=3000)),
    ("unsubscribe", lambda seat: seat.service.unsubscribe("a/b", timeout_ms=3000)),
    ("disconnect", lambda seat: seat.service.disconnect(timeout_ms=3000)),
    ("wait_msg", lambda seat: seat.service.wait_msg(3000)),
]
CASES = pytest.mark.parametrize(
    "operation", [call for _, call in LIMITED], ids=[name for name, _ in LIMITED]
)


async def limited(seat: Seat, operation: Callable[[Any], Any]) -> float:
    began = seat.now()
    try:
        await operation(seat)
    except OSError as error:
        assert error.errno == 110, error
    return seat.now() - began


@CASES
def test_a_time_limit_counts_the_wait_for_the_channel(
    shared: Seat, operation: Callable[[Any], Any]
) -> None:
    shared.arrive(b"waits")

    async def all_of_it() -> None:
        await shared.channel.acquire()
        asyncio.get_running_loop().call_later(50, shared.channel.release)
        assert 2900 < await limited(shared, operation) < 3500
        while shared.channel.lock.held:
            await asyncio.sleep(1)

    shared.call(all_of_it)


@CASES
def test_a_time_limit_counts_the_wait_for_another_action(
    shared: Seat, operation: Callable[[Any], Any]
) -> None:
    async def all_of_it() -> None:
        shared.mute(True)
        first = asyncio.ensure_future(shared.service.publish(shared.topic, "first"))
        await asyncio.sleep(0.5)
        assert 2900 < await limited(shared, operation) < 3500
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    shared.call(all_of_it)


def test_a_time_limit_of_connect_counts_all_of_it(shared: Seat) -> None:
    async def all_of_it() -> None:
        await shared.service.disconnect()
        await shared.channel.acquire()
        asyncio.get_running_loop().call_later(50, shared.channel.release)
        began = shared.now()
        with pytest.raises(OSError, match="in use") as caught:
            await shared.service.connect(mqtt_session.HOST, keepalive=0, timeout_ms=3000)
        assert caught.value.errno == 110 and shared.now() - began < 3500
        while shared.channel.lock.held:
            await asyncio.sleep(1)

    shared.call(all_of_it)


def test_an_application_may_give_up_every_wait(shared: Seat) -> None:
    """Also those for the channel and for another action."""

    async def given_up(operation: Callable[[Any], Any]) -> None:
        began = shared.now()
        shared.channel.keep_going = lambda: shared.now() - began < 700
        with pytest.raises(OSError, match="given up"):
            await operation(shared)
        shared.channel.keep_going = None
        assert 600 < shared.now() - began < 900

    async def all_of_it() -> None:
        for _, operation in LIMITED[:3]:
            await shared.channel.acquire()
            await given_up(operation)
            shared.channel.release()
        shared.mute(True)
        for _, operation in LIMITED[:3]:
            await shared.service.lock.acquire(shared.channel)
            await given_up(operation)
            shared.service.lock.release()
        await given_up(lambda seat: seat.service.publish(seat.topic, "x"))
        shared.mute(False)

    shared.call(all_of_it)
