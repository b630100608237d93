"""HTTP on whole nodes: silent servers, restarts, lost coverage, sleep, several at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from driver.support.http_server import Places, left_over, took
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import Cancelled, ModuleReset
from ublox_cellular.core.service_errors import HttpError, HttpTimeout
from ublox_simulator import Nvm
from ublox_simulator.control.channel import Control

KINDS = [(flavour, module) for flavour in FLAVOURS for module in MODULES]
FAST = 921_600
VARIANTS = (
    "http-chunks-raw", "http-own-version", "http-keep-alive", "http-misuse-urc",
    "http-link-connect-first", "uhttper-own-profile", "file-missing-1624", "urdfile-unquoted",
    "fopen-no-blank", "fread-crlf", "unclosed-lost",
)  # fmt: skip


@pytest.mark.parametrize(("flavour", "module"), KINDS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_uncertain_facts_in_their_other_form(
    flavour: str, module: str, variant: str, places: Places
) -> None:
    node, server = places(module, flavour, variants=(variant,))
    node.up()
    for direct in (False, True)[: 2 if module == "lexi-r10" else 1]:
        assert server.get(direct=direct) == b"hello world"
        assert server.get("chunked", direct=direct) == b"hello world"
        with pytest.raises(HttpError) as caught:
            node.call(node.modem.http.get, "http://127.0.0.1:9/", direct=direct)
        assert caught.value.error_class > 0, caught.value
    assert left_over(node) == []
    node.usable()


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_the_module_gives_up_on_a_silent_server_after_the_time_it_was_told(
    flavour: str, module: str, direct: bool, places: Places
) -> None:
    if direct and module == "sara-r5":
        direct = False
    node, server = places(module, flavour)
    modem = node.up()

    def ask() -> None:
        with pytest.raises(HttpError) as caught:
            server.get("silent", timeout_ms=60_000, direct=direct)
        assert caught.value.errno == 110, caught.value
        assert "took too long" in str(caught.value)

    assert took(node, ask) < 62
    assert modem.http.timeout_s == 60
    assert server.get(direct=direct) == b"hello world"
    assert left_over(node) == []


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_profile_is_left_alone_while_the_module_may_be_at_it(
    flavour: str, module: str, places: Places
) -> None:
    node, server = places(module, flavour)
    modem = node.up()

    def ask() -> None:
        with pytest.raises(HttpTimeout) as caught:
            server.get("silent", timeout_ms=4000, profile=0)
        assert caught.value.errno == 110

    assert 3.9 < took(node, ask) < 6
    with pytest.raises(OSError) as caught:
        server.get(timeout_ms=5000, profile=0)
    assert caught.value.errno == 16
    if module == "sara-r5":
        assert took(node, lambda: server.get()) < 3  # by another one
    assert modem.http.slot(0).cmd is not None
    waited = took(node, lambda: server.get(profile=0, timeout_ms=60_000))
    assert 15 < waited < 25, "the module itself gives up after 30 s, and says so"
    assert left_over(node) == []


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_result_that_is_never_told(flavour: str, module: str, places: Places) -> None:
    node, server = places(module, flavour)
    modem = node.up()
    server.get()
    urcs = modem.channel.urcs  # what never arrives and what nobody listens for are the same
    at = urcs.index(b"+UUHTTPCR")
    urcs[at] = b"+NOTHING"

    def ask() -> None:
        with pytest.raises(HttpTimeout):
            server.get(timeout_ms=180_000, profile=0)

    assert 199 < took(node, ask) < 202
    urcs[at] = b"+UUHTTPCR"
    with pytest.raises(OSError):
        server.get(profile=0, timeout_ms=50_000)
    assert server.get(profile=0, timeout_ms=50_000) == b"hello world"
    assert left_over(node) == []


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_restart_in_the_middle_is_told_at_once(
    flavour: str, module: str, places: Places
) -> None:
    node, server = places(module, flavour)
    modem = node.up()
    server.get()
    node.loop.call_later(3, node.module.restart)

    def ask() -> None:
        with pytest.raises(ModuleReset) as caught:
            server.get("silent", direct=False)
        assert caught.value.errno == 104

    assert took(node, ask) < 20
    node.call(modem.connect, "iot.example")
    assert server.get() == b"hello world"
    assert left_over(node) == []


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("path", ["silent", "stall"])
def test_a_restart_on_the_link_is_told_as_soon_as_it_greets(
    flavour: str, path: str, places: Places
) -> None:
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    server.get()
    node.loop.call_later(3, node.module.restart)

    def ask() -> None:
        with pytest.raises(ModuleReset):
            server.get(path, direct=True)

    assert took(node, ask) < 25
    node.call(modem.connect, "iot.example")
    assert server.get(direct=True) == b"hello world"


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_lost_data_connection_is_told_at_once(flavour: str, module: str, places: Places) -> None:
    node, server = places(module, flavour)
    node.up()
    server.get()
    control = node.module
    node.loop.call_later(3, lambda: deactivate(node))

    def ask() -> None:
        with pytest.raises(OSError):
            server.get("silent", direct=False)

    assert took(node, ask) < 10, control
    node.usable()
    assert server.get(timeout_ms=180_000) == b"hello world"


def deactivate(node: Node) -> None:
    """The network ends the context."""
    Control(node.module).execute("deactivate 1")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_link_that_stalls_ends_by_the_time_of_the_module(flavour: str, places: Places) -> None:
    node, server = places("lexi-r10", flavour)
    node.up()

    def ask() -> None:
        with pytest.raises(OSError):
            server.get("stall", direct=True, timeout_ms=30_000)

    assert took(node, ask) < 70
    assert server.get(direct=True) == b"hello world"


@pytest.mark.parametrize("length", [600, 3000, 12_000, 60_000, 100_000, 120_000, 400_000])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_link_closed_early_is_free_whatever_is_left(
    flavour: str, length: int, places: Places
) -> None:
    """The rest may end before, within or behind the silence before the escape."""
    nvm = Nvm()
    nvm.put("ipr", FAST)
    node, server = places("lexi-r10", flavour, baudrate=FAST, nvm=nvm)
    modem = node.up(baudrate=FAST)

    def ask() -> None:
        response = node.call(modem.http.get, f"{server.base}size{length}", direct=True)
        assert node.call(response.read, 100) == b"z" * 100
        node.call(response.close)

    assert took(node, ask) < 6
    assert server.get(direct=True, timeout_ms=20_000) == b"hello world"
    node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_server_that_plays_the_end_of_the_link_does_not_hold_us(
    flavour: str, places: Places
) -> None:
    """What may be the end, and a byte now and then that leaves it open."""
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    response = node.call(modem.http.get, server.base + "stall", direct=True)
    assert node.call(response.read, 100) == b"x" * 100
    peer = server.peer.last
    peer.send(b"\r\nDISCONNECT\r\n\r\nOK\r\n")
    for number in range(200):
        node.loop.call_later(number, peer.send, b"\r\n+A\r\n")
    assert took(node, lambda: node.call(response.close)) < 45
    node.usable()
    assert server.get(direct=True, timeout_ms=60_000) == b"hello world"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_link_given_up_before_it_stands_is_hung_up(flavour: str, places: Places) -> None:
    node, server = places("lexi-r10", flavour, connect_timeout_ms=20_000)
    modem = node.up()
    server.get(direct=True)
    with pytest.raises(OSError):
        server.get("silent", direct=True, timeout_ms=2000)
    node.pass_ms(60_000)
    assert node.call(modem.imei)
    assert server.get(direct=True, timeout_ms=120_000) == b"hello world"


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_what_was_given_up_by_the_program_leaves_nothing_behind(
    flavour: str, module: str, places: Places
) -> None:
    node, server = places(module, flavour)
    modem = node.up()
    server.get()
    began = node.seconds()
    modem.channel.keep_going = lambda: node.seconds() - began < 2
    with pytest.raises(Cancelled):
        server.get("silent", direct=False)
    modem.channel.keep_going = None
    assert server.get(timeout_ms=220_000, profile=0) == b"hello world"
    assert left_over(node) == []


def test_tasks_that_are_cancelled_leave_nothing_behind(places: Places) -> None:
    for module in MODULES:
        node, server = places(module, "asyncio")
        modem = node.up()
        server.get()

        async def given_up(path: str, seconds: float, direct: bool, http: Any, base: str) -> None:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(http.get(base + path, direct=direct), seconds)

        for seconds in (0.02, 0.05, 0.1, 0.5):
            for direct in (False, True)[: 2 if module == "lexi-r10" else 1]:
                node.call(given_up, "silent", seconds, direct, modem.http, server.base)
                assert node.call(
                    modem.imei,
                )
                assert server.get(direct=direct, timeout_ms=300_000) == b"hello world"
        assert left_over(node) == []


def test_four_requests_run_at_the_same_time_on_sara_r5(places: Places) -> None:
    node, server = places("sara-r5", "asyncio")
    http = node.up().http

    async def one(number: int) -> None:
        with pytest.raises(HttpError):
            await http.get(server.base + "silent", timeout_ms=30_000)

    async def all_of_them() -> None:
        await asyncio.gather(*[one(number) for number in range(4)])

    assert took(node, lambda: node.call(all_of_them)) < 36
    assert len(server.requests) == 4


def test_more_tasks_than_profiles_wait_for_one_another(places: Places) -> None:
    for module in MODULES:
        node, server = places(module, "asyncio")
        http = node.up().http

        async def one(number: int, http: Any, base: str) -> bytes:
            async with await http.get(base + str(number)) as response:
                return bytes(await response.read())

        async def several(http: Any, base: str) -> list[bytes]:
            return list(await asyncio.gather(*[one(number, http, base) for number in range(9)]))

        assert node.call(several, http, server.base) == [b"hello world"] * 9
        assert left_over(node) == []


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_headers_are_bounded_and_that_is_told(flavour: str, module: str, places: Places) -> None:
    node, server = places(module, flavour)
    modem = node.up()
    response = node.call(modem.http.get, server.base + "long")
    assert response.truncated
    assert len(response.lines) <= 1024
    assert response.headers["x-0"].startswith("yyy")
    assert response.length == 5
    assert node.call(response.read) == b"hello"


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_another_protocol_is_no_answer(flavour: str, module: str, places: Places) -> None:
    node, server = places(module, flavour)
    node.up()
    for direct in (False, True)[: 2 if module == "lexi-r10" else 1]:
        with pytest.raises(OSError):
            server.get("other", direct=direct, timeout_ms=30_000)
        assert server.get(direct=direct, timeout_ms=90_000) == b"hello world"
    assert left_over(node) == []


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_secrets_are_shown_to_nobody(flavour: str, module: str, places: Places) -> None:
    node, server = places(module, flavour)
    modem = node.up()
    said: list[str] = []
    modem.channel.trace = lambda way, line: said.append(bytes(line).decode("latin-1"))
    secret = {"auth": ("user", "Pa55"), "headers": {"X-Key": "T0ken"}}
    assert server.get(**secret) == b"hello world"
    with pytest.raises(HttpError) as caught:
        server.get("silent", timeout_ms=30_000, **secret)
    shown = "".join(said) + str(caught.value) + repr(caught.value) + repr(modem.http)
    shown += repr(modem.http.slot(0)) + modem.save_state().decode("latin-1")
    assert "Pa55" not in shown
    assert "T0ken" not in shown
    assert b"X-Key: T0ken" in server.requests[0]
