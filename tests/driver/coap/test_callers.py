"""CoAP with callers that give up at every await, with two callers, and with what comes within the
pause before a command; the module is `CoapModel`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.coap_model import CoapModel
from driver.support.giving_up import MOST, WAYS, Cut, places
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

from ublox_cellular.core.coap_errors import AnswerTooLarge, CoapError, CoapTimeout
from ublox_cellular.core.errors import Garbled, InUse, ModuleReset, NotSupported

URI = "coap://192.0.2.7/a"
SECURE = "coaps://192.0.2.7/a"
LONG = bytes(range(256)) * 4
AGAIN = ['2,0,"616761696e",0']
OVER_MS = 120_000


class Desk:
    """A driver on the model."""

    def __init__(self, flavour: str) -> None:
        self.model = CoapModel()
        self.bench = Bench(flavour, "sara-r5", self.model)
        self.modem: Any = self.bench.modem
        self.call = self.bench.call
        self.call(self.modem.attach, rates=(), sockets="keep")
        self.coap = self.modem.coap
        self.channel = self.modem.channel
        self.tls: Any = None

    def secured(self) -> Any:
        """A security profile that the module has already."""
        security = self.modem.security
        self.tls = security.profile(0, ca="root")
        security.placed[0] = self.tls  # its settings are A5 3
        self.tls.key = ("192.0.2.7", None)
        return self.tls

    def urc(self, text: str, ms: float = 0) -> None:
        line = self.bench.line
        line.at(ms, lambda: line.push(f"\r\n{text}\r\n".encode()))

    def requests(self) -> list[str]:
        """What was asked of the module, without the settings."""
        return [line.decode() for line in self.model.lines if line.startswith(b"+UCOAPC")]

    def works(self) -> None:
        """Nothing is left of whatever came before."""
        self.channel.keep_going = None
        self.bench.pass_ms(OVER_MS)
        assert not self.coap.lock.held and self.coap.lock.queue == []
        assert not self.channel.lock.held and self.channel.lock.queue == []
        assert not self.coap.wanted and self.coap.into is None
        self.model.answer = AGAIN
        assert bytes(self.call(self.coap.get, URI).payload) == b"again"
        assert self.coap.tls_sessions == 0
        if self.tls is not None:
            assert self.tls.settled()


@pytest.fixture(params=FLAVOURS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    made.works()
    made.bench.close()


# ---- giving up --------------------------------------------------------------------------------

Run = Callable[[Desk, Callable[..., Any]], Any]
OPERATIONS: dict[str, Run] = {
    "get": lambda desk, via: via(desk.coap.get, URI),
    "put": lambda desk, via: via(desk.coap.put, URI, b"abc", confirmable=False),
    "blocks": lambda desk, via: via(desk.coap.post, URI, LONG, block_size=256),
    "secure": lambda desk, via: via(desk.coap.get, SECURE, tls=desk.secured()),
    "failed": lambda desk, via: via(desk.coap.get, URI + "fail"),
    "store": lambda desk, via: via(desk.coap.store, 1, URI),
    "load": lambda desk, via: via(desk.coap.load, 1),
    "profiles": lambda desk, via: via(desk.coap.profiles),
    "settings": lambda desk, via: via(desk.coap.settings),
}
KINDS = [("asyncio", way) for way in WAYS] + [("blocking", "hook")]


def given_up(flavour: str, way: str, name: str, at: int) -> Cut:
    """An operation that is given up at one await; nothing is left of it."""
    desk = Desk(flavour)
    if name == "load":
        desk.call(desk.coap.store, 1, URI)
    if name == "failed":
        desk.model.result = 0
    cut = Cut(way, at)
    if way == "hook":
        desk.channel.keep_going = cut.hook
    with contextlib.suppress(OSError, MemoryError, asyncio.CancelledError):
        OPERATIONS[name](desk, lambda *call, **more: desk.call(cut.through, *call, **more))
    desk.model.result = 1
    desk.works()
    desk.bench.close()
    return cut


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("flavour", "way"), KINDS)
def test_nothing_is_left_wherever_a_caller_gives_up(flavour: str, way: str, name: str) -> None:
    count = given_up(flavour, way, name, MOST).count
    assert count
    for at in places(count, name + way):
        assert given_up(flavour, way, name, at).hit


# ---- two callers ------------------------------------------------------------------------------


@pytest.fixture
def shared() -> Iterator[Desk]:
    made = Desk("asyncio")
    yield made
    made.works()
    made.bench.close()


def test_a_second_request_waits_and_each_gets_its_own_answer(shared: Desk) -> None:
    coap, model = shared.coap, shared.model

    async def both() -> list[bytes]:
        first = asyncio.ensure_future(coap.get(URI))
        await asyncio.sleep(0.3)
        model.answer = ['2,0,"32",0']
        second = asyncio.ensure_future(coap.get(URI + "2"))
        return [(await one).payload for one in (first, second)]

    assert shared.call(both) == [b"world", b"2"]
    assert [request[1] for request in model.requests] == [URI, URI + "2"]


def test_a_second_request_does_not_wait_beyond_its_own_limit(shared: Desk) -> None:
    coap, model = shared.coap, shared.model
    model.result = None

    async def both() -> None:
        first = asyncio.ensure_future(coap.get(URI, timeout_ms=30_000))
        await asyncio.sleep(0.3)
        with pytest.raises(InUse, match="the CoAP client was in use"):
            await coap.get(URI, timeout_ms=2000)
        shared.urc('+UCOAPCD: 2,0,"31",0')
        shared.urc(model.end().decode().strip())
        assert (await first).payload == b"1"

    shared.call(both)
    model.result = 1


def test_other_commands_run_while_a_request_is_under_way(shared: Desk) -> None:
    coap, model = shared.coap, shared.model
    model.result = None

    async def both() -> None:
        first = asyncio.ensure_future(coap.get(URI))
        await asyncio.sleep(0.5)
        assert await shared.modem.imei() == "004999010640000"
        shared.urc(f'+UCOAPCD: 2,0,"{LONG.hex()}",0')
        await asyncio.sleep(0.1)
        assert await shared.modem.imei() == "004999010640000"
        shared.urc(model.end().decode().strip())
        assert (await first).payload == LONG

    shared.call(both)
    model.result = 1


# ---- what comes when --------------------------------------------------------------------------


def test_what_is_left_of_a_request_given_up_is_not_of_the_next(desk: Desk) -> None:
    desk.model.result = None
    with pytest.raises(CoapTimeout, match="may still be at it"):
        desk.call(desk.coap.get, URI, timeout_ms=2000)
    desk.model.result = 1
    desk.urc('+UCOAPCD: 2,0,"6f6c64",0', 5000)
    desk.bench.line.at(5010, lambda: desk.bench.line.push(desk.model.end()))
    assert desk.call(desk.coap.get, URI).payload == b"world"


def test_one_whose_end_is_never_reported_is_given_110_seconds(desk: Desk) -> None:
    desk.model.result = None
    with pytest.raises(CoapTimeout):
        desk.call(desk.coap.get, URI, timeout_ms=2000)
    desk.model.result, desk.model.busy = 1, False
    began = desk.bench.clock.ms()
    assert desk.call(desk.coap.get, URI).payload == b"world"
    assert 100_000 < desk.bench.clock.ms() - began < 112_000


def test_the_result_may_come_before_the_answer(desk: Desk) -> None:
    desk.model.result = None
    desk.bench.line.at(599, lambda: desk.model.end())
    desk.urc("+UCOAPCR: 1,1", 600)
    desk.urc('+UCOAPCD: 2,0,"6c617465",0', 650)
    assert desk.call(desk.coap.get, URI).payload == b"late"
    desk.model.result = 1


def test_a_result_without_an_answer_is_an_error(desk: Desk) -> None:
    desk.model.answer = []
    with pytest.raises(Garbled, match="answer of the server is lost"):
        desk.call(desk.coap.get, URI)


def test_an_ok_that_is_lost_is_made_up_for_by_the_result(desk: Desk) -> None:
    desk.call(desk.coap.get, URI)
    desk.model.tamper = lambda data: [] if data == ok() else [(20.0, data)]
    assert desk.call(desk.coap.get, URI).payload == b"world"
    desk.model.tamper = None


def test_a_restart_ends_a_request(desk: Desk) -> None:
    desk.model.result = None
    desk.bench.line.at(800, desk.model.restart)
    desk.bench.line.push(b"\r\ncellular ready\r\n", 900)
    with pytest.raises(ModuleReset):
        desk.call(desk.coap.get, URI)
    desk.model.result = 1


def test_a_profile_that_is_not_valid_any_more_is_told_again(desk: Desk) -> None:
    desk.call(desk.coap.get, URI)
    desk.model.profile.clear()
    assert desk.call(desk.coap.get, URI).payload == b"world"
    assert desk.requests() == ["+UCOAPC=1"] * 3 or len(desk.model.requests) == 2


def test_only_what_differs_is_told(desk: Desk) -> None:
    desk.call(desk.coap.get, URI)
    desk.model.lines.clear()
    desk.call(desk.coap.get, URI)
    desk.call(desk.coap.put, URI + "b", b"1", confirmable=False)
    lines = [line for line in desk.model.lines if line.startswith(b"+UCOAP")]
    assert lines == [
        b"+UCOAPC=1", b'+UCOAP=1,"%sb"' % URI.encode(), b"+UCOAP=2,5,1", b'+UCOAPC=3,"31",3'
    ]  # fmt: skip


# ---- what the module may say otherwise ----------------------------------------------------------


def test_the_second_field_may_be_the_detail_of_the_code(desk: Desk) -> None:
    desk.model.answer = ['4,5,"6e6f",0']
    assert desk.call(desk.coap.get, URI).code == "4.xx"
    desk.coap.second_field = "detail"
    assert desk.call(desk.coap.get, URI).code == "4.05"
    desk.coap.second_field = "format"


@pytest.mark.parametrize(("told", "wanted"), [(0, None), (6, 50), (7, 60), (50, 50)])
def test_the_second_field_may_be_the_content_format(
    desk: Desk, told: int, wanted: int | None
) -> None:
    desk.model.answer = [f'2,{told},"7b7d",0']
    answer = desk.call(desk.coap.get, URI)
    assert (answer.content_format, answer.json(), answer.code) == (wanted, {}, "2.05")


@pytest.mark.parametrize("line", ['2,0,"61"', '2, 0, "61", 0', '2,0,"61",0,0,512'])
def test_forms_of_an_answer(desk: Desk, line: str) -> None:
    desk.model.answer = [line]
    if line.endswith("512"):  # which only an answer in blocks has
        with pytest.raises(Garbled):
            desk.call(desk.coap.get, URI)
    else:
        assert desk.call(desk.coap.get, URI).payload == b"a"


def test_delete_that_firmware_does_not_have(desk: Desk) -> None:
    desk.model.refuses = 50
    desk.model.error = (0, 0)
    with pytest.raises(NotSupported, match="DELETE"):
        desk.call(desk.coap.delete, URI)
    desk.model.refuses = 0


def test_why_there_was_no_answer(desk: Desk) -> None:
    desk.model.result = 0
    with pytest.raises(CoapError, match="class 15, code 22") as caught:
        desk.call(desk.coap.get, URI)
    assert caught.value.command == "AT+UCOAPC=1"
    desk.model.error = (0, 0)
    with pytest.raises(CoapError, match="no reason"):
        desk.call(desk.coap.get, URI)
    desk.model.result = 1


def test_how_much_of_a_payload_in_blocks_was_acknowledged(desk: Desk) -> None:
    def third(text: bytes) -> bytes:
        if text.startswith(b"+UCOAPC=4") and text.endswith(b",2,1"):
            desk.model.result = 0
        return command(text)

    command, desk.model._command = desk.model._command, third  # type: ignore[method-assign]
    with pytest.raises(CoapError) as caught:
        desk.call(desk.coap.post, URI, LONG, block_size=256)
    assert caught.value.acknowledged == 512  # type: ignore[attr-defined]
    desk.model.result = 1


def test_a_refusal_ends_a_payload_in_blocks(desk: Desk) -> None:
    desk.model.answer = ['4,0,"",0']
    assert desk.call(desk.coap.post, URI, LONG, block_size=256).code == "4.xx"
    assert len(desk.model.requests) == 1


def test_an_answer_that_is_too_long_is_read_to_its_end(desk: Desk) -> None:
    desk.model.answer = [f'2,0,"{(LONG * 9).hex()}",0']
    with pytest.raises(AnswerTooLarge, match="9216 bytes, 1024 fit"):
        desk.call(desk.coap.get, URI)


def test_a_uri_longer_than_the_buffers(desk: Desk) -> None:
    uri = f"coap://{'h' * 255}/{'p' * 254}?{'q' * 255}"
    assert desk.call(desk.coap.get, uri).payload == b"world"
    assert desk.model.requests[-1][1] == uri
    assert desk.call(desk.coap.settings)["uri"] == uri


def test_a_hook_cannot_make_a_request(desk: Desk) -> None:
    raised: list[BaseException] = []

    def hook() -> bool:
        if not raised:
            try:
                work = desk.coap.get(URI)
                if asyncio.iscoroutine(work):
                    work.send(None)
            except OSError as error:
                raised.append(error)
        return True

    desk.channel.keep_going = hook
    assert desk.call(desk.coap.get, URI).payload == b"world"
    assert isinstance(raised[0], InUse)
