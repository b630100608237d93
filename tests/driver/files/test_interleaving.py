"""Files, HTTP and direct links between two callers, and with what comes in the pause before a
command. Cases I1, I6, I11, I12, I17, I20, I26 by kind.
"""

# pyright: reportGeneralTypeIssues=false
# (operations of the asyncio flavour, which are awaited, are declared as those of the blocking one)
from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from driver.support.fault_matrix import GREETING
from driver.support.http_model import BODY, HttpModel
from driver.support.http_server import Places, left_over, pattern, took
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.socket_model import ok

from ublox_cellular.core.errors import ModuleReset

BOTH = [(flavour, module) for flavour in FLAVOURS for module in MODULES]
URL = "http://192.0.2.7/x"
PAUSE_MS = range(0, 20, 2)
"""After a line that makes the driver wait before its next command."""
CHATTER = b"\r\n+CSCON: 1\r\n"


@pytest.fixture(params=BOTH, ids=str)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, HttpModel(module))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


@pytest.fixture(params=MODULES)
def tasks(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench("asyncio", request.param, HttpModel(request.param))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


def model(bench: Bench) -> HttpModel:
    assert isinstance(bench.partner, HttpModel)
    return bench.partner


def together(place: Any, *operations: Callable[[], Awaitable[Any]]) -> list[Any]:
    """What several tasks that begin at once give; errors among it."""

    async def run() -> list[Any]:
        return await asyncio.gather(*(one() for one in operations), return_exceptions=True)

    return place.call(run)


def after(seconds: float, operation: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    async def run() -> Any:
        await asyncio.sleep(seconds)
        return await operation()

    return run


def configured(bench: Bench, direct: bool = False) -> None:
    """The profile is set, so that a request is +UHTTPC at once."""
    slot = bench.modem.http.slot(0)
    mode = [] if bench.module == "sara-r5" else [(10, int(direct))]
    slot.settings = [(0, "192.0.2.7"), (5, 80), *mode]
    slot.swept = True
    model(bench).settings["10"] = [str(int(direct))]


def ways(bench: Bench) -> tuple[bool, ...]:
    return (False, True) if bench.module == "lexi-r10" else (False,)


# ---- the pause before a command -----------------------------------------------------------------


def test_the_result_of_an_earlier_request_is_not_taken_for_that_of_the_next(bench: Bench) -> None:
    for direct in ways(bench):
        for ms in PAUSE_MS:
            configured(bench, direct)
            bench.line.push(CHATTER)
            bench.line.push(b"\r\n+UUHTTPCR: 0,1,0\r\n", ms)
            response = bench.call(bench.modem.http.get, URL, profile=0, direct=direct)
            assert bench.call(response.read) == BODY, ms
            bench.pass_ms(200)


def test_after_a_restart_within_the_pause_no_request_goes_out(bench: Bench) -> None:
    for direct in ways(bench):
        for ms in PAUSE_MS:
            bench.call(bench.modem.imei)
            configured(bench, direct)
            bench.pass_ms(50)
            bench.line.push(CHATTER)
            bench.line.push(GREETING, ms)
            before = len(bench.line.written)
            with pytest.raises(ModuleReset):
                bench.call(bench.modem.http.get, URL, profile=0, direct=direct)
            assert b"+UHTTPC" not in bench.line.written[before:], ms
            assert not bench.modem.http.slot(0).held


def test_a_handle_is_not_named_after_what_was_known_of_the_module_is_lost(bench: Bench) -> None:
    """By a restart, or since the application has switched it off."""
    files = bench.modem.files
    for lost in ("greeting", "hook"):
        for name in ("read", "write", "close"):
            for ms in PAUSE_MS:
                model(bench).files["a"] = bytearray(b"first")
                file = bench.call(files.open, "a", "rb" if name == "read" else "ab")
                if name == "close":
                    bench.call(file.write, b"x")
                bench.pass_ms(50)
                before = len(bench.line.written)
                bench.line.push(CHATTER)
                if lost == "greeting":
                    bench.line.push(GREETING, ms)
                else:
                    until = bench.clock.ms() + ms
                    bench.modem.channel.keep_going = lambda until=until: loses(bench, until)
                call = file.close if name == "close" else getattr(file, name)
                with contextlib.suppress(OSError):
                    bench.call(call, *([b"more"] if name == "write" else []))
                bench.modem.channel.keep_going = None
                sent = bytes(bench.line.written[before:])
                if bench.module == "lexi-r10":
                    for command in (b"+FREAD=", b"+FWRITE=", b"+FSEEK="):
                        assert command not in sent, (lost, name, ms, sent)
                    assert not bench.modem.files.store.handles
                model(bench).handles.clear()
                with contextlib.suppress(OSError):
                    bench.call(file.close)
                bench.pass_ms(100)
                bench.call(bench.modem.imei)


def loses(bench: Bench, until: float) -> bool:
    if bench.clock.ms() >= until:
        bench.modem.channel.keep_going = None
        bench.modem.lost()
    return True


def test_a_request_that_is_given_up_before_it_is_sent_leaves_its_profile_free(
    tasks: Bench,
) -> None:
    """Not taken until the module has certainly done what it was never asked for."""
    for direct in ways(tasks):
        for ms in PAUSE_MS:
            configured(tasks, direct)
            tasks.line.push(CHATTER)
            before = len(tasks.line.written)

            async def given_up(ms: int = ms, direct: bool = direct) -> None:
                with pytest.raises(asyncio.TimeoutError):
                    get = tasks.modem.http.get(URL, profile=0, direct=direct)
                    await asyncio.wait_for(get, ms / 1000)

            tasks.call(given_up)
            assert b"+UHTTPC" not in tasks.line.written[before:], ms
            assert tasks.modem.http.slot(0).cmd is None, ms
            response = tasks.call(tasks.modem.http.get, URL, profile=0, direct=direct)
            assert tasks.call(response.read) == BODY, ms


# ---- files: two callers -------------------------------------------------------------------------


def filled(bench: Bench, name: str = "a", count: int = 900) -> Any:
    model(bench).files[name] = bytearray(pattern(count))
    return bench.modem.files


def test_two_tasks_that_read_a_file_get_each_byte_once_and_lines_whole(tasks: Bench) -> None:
    files = filled(tasks)
    file = tasks.call(files.open, "a")
    lines: list[bytes] = []

    async def reader() -> None:
        while line := await file.readline():
            lines.append(line)

    assert together(tasks, reader, reader, reader) == [None] * 3
    assert b"".join(lines) == pattern(900)
    assert {len(line) for line in lines[:-1]} == {8}
    tasks.call(file.close)
    assert model(tasks).handles == {}


def test_seeking_waits_for_a_reader(tasks: Bench) -> None:
    file = tasks.call(filled(tasks).open, "a")
    for ms in range(0, 60, 4):
        found = together(tasks, lambda: file.read(300), after(ms / 1000, lambda: file.seek(8)))
        assert found[1] == 8
        assert found[0] in (pattern(308)[8:], pattern(300)), ms
        assert tasks.call(file.read, 8) == pattern(16)[8:]
        tasks.call(file.seek, 0)


def test_two_tasks_that_write_a_file_write_one_after_the_other(tasks: Bench) -> None:
    file = tasks.call(tasks.modem.files.open, "a", "wb")
    data = [bytes([65 + n]) * 1500 for n in range(3)]
    assert together(tasks, *[lambda one=one: file.write(one) for one in data]) == [1500] * 3
    tasks.call(file.close)
    left = bytes(model(tasks).files["a"])
    assert len(left) == 4500 and all(one in left for one in data)


@pytest.mark.parametrize("mode", ["rb", "wb"])
def test_a_file_may_be_closed_while_another_task_uses_it(mode: str, tasks: Bench) -> None:
    """The writer is waited for; the reader gets what it wanted, or EBADF."""
    files = filled(tasks)
    for ms in range(0, 300, 11):
        file = tasks.call(files.open, "a", mode)
        use = (lambda file=file: file.read(900)) if mode == "rb" else (
            lambda file=file: file.write(pattern(1500)))  # fmt: skip
        found, closed = together(tasks, use, after(ms / 1000, file.close))
        assert closed is None, closed
        if isinstance(found, OSError):
            assert found.errno == 9, found
        else:
            assert found == (pattern(900) if mode == "rb" else 1500)
        if mode == "wb":
            left = model(tasks).files.get("a")
            assert left is None or left == (pattern(1500) if found == 1500 else b"")
        assert model(tasks).handles == {}
        assert not tasks.modem.channel.lock.held
        filled(tasks)


def test_a_file_is_opened_by_one_of_two_tasks_unless_both_read(tasks: Bench) -> None:
    """On SARA-R5, where the module itself would let both write; on LEXI-R10 for reading, too."""
    files = filled(tasks)
    for one, two in (("rb", "rb"), ("wb", "ab"), ("rb", "ab"), ("wb", "rb")):
        filled(tasks)
        found = together(tasks, lambda a=one: files.open("a", a), lambda b=two: files.open("a", b))
        opened = [file for file in found if not isinstance(file, OSError)]
        if (one, two) == ("rb", "rb") and tasks.module == "sara-r5":
            assert len(opened) == 2
        else:
            assert len(opened) == 1
            assert found[1].errno == 16
        with pytest.raises(OSError) as caught:
            tasks.call(files.remove, "a")
        assert caught.value.errno == 16
        for file in opened:
            tasks.call(file.close)
        assert model(tasks).handles == {}
    assert together(tasks, lambda: files.write("a", b"1" * 3000), lambda: files.write("a", b"2"))
    assert bytes(model(tasks).files["a"]) == b"1" * 3000
    tasks.call(files.remove, "a")


# ---- answers: two callers -----------------------------------------------------------------------


@pytest.fixture(params=[("sara-r5", False), ("lexi-r10", False), ("lexi-r10", True)], ids=str)
def web(request: pytest.FixtureRequest, places: Places) -> tuple[Node, Any, bool]:
    """A node with tasks, a web server, and whether answers come by the link."""
    module, direct = request.param
    node, server = places(module, "asyncio")
    node.up()
    server.get(direct=direct)
    return node, server, direct


def answer(web: tuple[Node, Any, bool], path: str) -> Any:
    node, server, direct = web
    return node.call(node.modem.http.get, server.base + path, direct=direct)


def test_two_tasks_that_read_an_answer_get_each_byte_once(web: tuple[Node, Any, bool]) -> None:
    node = web[0]
    response = answer(web, "pattern900")
    parts: list[bytes] = []

    async def reader(size: int) -> None:
        while part := await response.read(size):
            parts.append(part)

    assert together(node, lambda: reader(8), lambda: reader(64), lambda: reader(200)) == [None] * 3
    assert b"".join(parts) == pattern(900)
    node.usable()


def test_two_tasks_that_want_all_of_an_answer_both_get_it(web: tuple[Node, Any, bool]) -> None:
    response = answer(web, "pattern900")

    async def content() -> bytes:
        return await response.content

    assert together(web[0], content, content) == [pattern(900)] * 2
    web[0].usable()


def test_an_answer_may_be_closed_while_another_task_reads_it(web: tuple[Node, Any, bool]) -> None:
    node, server, direct = web
    for ms in range(0, 160, 7):
        response = answer(web, "pattern900")
        found, closed = together(node, response.read, after(ms / 1000, response.close))
        assert closed is None, closed
        if isinstance(found, OSError):
            assert found.errno == 9, found
        else:
            assert found == pattern(900)
        channel = node.modem.channel
        assert len(node.call(node.modem.imei)) == 15
        assert not channel.lock.held and channel.debts == [] and channel.firm == 0
        assert not node.modem.http.slot(0).held
        assert server.get(direct=direct) == b"hello world"
        assert left_over(node) == []


# ---- dropped without closing --------------------------------------------------------------------


def test_files_that_were_dropped_are_closed_when_the_next_is_opened(bench: Bench) -> None:
    files = bench.modem.files
    for n in range(12):
        model(bench).files[f"a{n % 3}"] = bytearray(b"x" * 30)
        file = bench.call(files.open, f"a{n % 3}", "ab" if n % 2 else "rb")
        bench.call(file.write, b"y") if n % 2 else bench.call(file.read, 3)
        if n % 4 > 1:  # a circle: only a collection finds that it is dropped
            file.circle = file
        file = None
        assert len(model(bench).handles) <= 3
    bench.call(files.remove, "a0")
    file = bench.call(files.open, "a1")
    bench.call(file.close)
    gc.collect()
    file = bench.call(files.open, "a2")
    bench.call(file.close)
    assert model(bench).handles == {}


@pytest.mark.parametrize(("flavour", "module"), BOTH)
def test_answers_that_were_dropped_give_back_what_they_had(
    flavour: str, module: str, places: Places
) -> None:
    node, server = places(module, flavour)
    http = node.up().http
    for direct in (False, True)[: 2 if module == "lexi-r10" else 1]:
        for n in range(6):
            response = node.call(http.get, server.base + "pattern900", direct=direct)
            node.call(response.readinto, bytearray(20))
            if n % 2:
                response.circle = response
            response = None
        gc.collect()
        assert len(node.call(node.modem.imei)) == 15, "also behind a link that was dropped"
        assert server.get(direct=direct) == b"hello world"
        assert left_over(node) == []
        if module == "lexi-r10":
            assert node.modem.files.store.handles == {}
    node.usable()


# ---- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_nothing_waits_longer_than_it_may_for_an_open_direct_link(
    module: str, places: Places
) -> None:
    node, server = places(module, "asyncio")
    modem = node.up()
    other = node.stream()
    other.settimeout(2)
    sock = node.stream()
    link = node.call(sock.direct_link)
    waits: list[tuple[float, Callable[[], Any]]] = [
        (2, lambda: other.recv(10)), (2, lambda: other.send(b"x")),
        (1, lambda: modem.http.get(server.base, timeout_ms=1000)),
        (1, lambda: modem.channel.command(b"+CGSN", timeout_ms=1000)),
    ]  # fmt: skip
    for seconds, wait in waits:

        def late(wait: Callable[[], Any] = wait) -> None:
            with pytest.raises(OSError) as caught:
                node.call(wait)
            assert caught.value.errno == 110, caught.value

        assert took(node, late) < seconds + 0.5
    node.call(link.write, b"still there")
    node.call(link.close)
    other.settimeout(20)
    node.echo(other, b"as before")
    assert server.get() == b"hello world"


@pytest.mark.parametrize("module", MODULES)
def test_the_limit_of_a_request_is_none_of_those_who_read_its_answer(
    module: str, places: Places
) -> None:
    node, server = places(module, "asyncio")
    modem = node.up()
    server.get()
    response = node.call(modem.http.get, server.base + "pattern900", timeout_ms=1000)
    node.pass_ms(2000)
    sock = node.stream()
    link = node.call(sock.direct_link)
    body, _ = together(node, response.read, after(3, link.close))
    assert body == pattern(900)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_data_stream_that_was_dropped_is_left_by_the_next_command(
    module: str, flavour: str, places: Places
) -> None:
    node, _ = places(module, flavour)
    modem = node.up()
    sock = node.stream()
    for n in range(3):
        link = node.call(sock.direct_link)
        node.call(link.write, b"raw")
        if n == 2:
            link.circle = link
        link = None
        gc.collect()
        assert len(node.call(modem.imei)) == 15
    node.usable()


def test_two_tasks_that_write_to_a_link_write_one_after_the_other(places: Places) -> None:
    node, _ = places("sara-r5", "asyncio", host_txbuf=64)
    node.up()
    sock = node.stream()
    link = node.call(sock.direct_link)
    data = [bytes([65 + n]) * 300 for n in range(3)]
    assert together(node, *[lambda one=one: link.write(one) for one in data]) == [300] * 3
    got = bytearray()
    while len(got) < 900:
        piece = bytearray(900)
        got += piece[: node.call(link.readinto, piece, 0, 5000)]
    assert all(one in got for one in data)
    node.call(link.close)


def test_a_link_that_is_closed_ends_its_readers_and_writers(places: Places) -> None:
    node, _ = places("lexi-r10", "asyncio")
    node.up()
    sock = node.stream()
    for ms in (0, 3, 500, 1300):
        link = node.call(sock.direct_link)
        read, closed, again = together(
            node, lambda link=link: link.readinto(bytearray(9)), after(ms / 1000, link.close),
            after(ms / 1000, link.close),
        )  # fmt: skip
        assert isinstance(read, OSError) and read.errno == 9, read
        assert closed is None and again is None
        for call, argument in ((link.write, b"x"), (link.readinto, bytearray(1))):
            with pytest.raises(OSError) as caught:
                node.call(call, argument)
            assert caught.value.errno == 9
        assert len(node.call(node.modem.imei)) == 15


# ---- TLS, and what is stored --------------------------------------------------------------------


def test_a_security_profile_is_held_until_the_module_is_done_with_the_request(
    tasks: Bench,
) -> None:
    """Else another task could change by what the module verifies a server it is just calling."""
    answers = model(tasks)._command

    def with_profiles(text: bytes) -> bytes:
        return ok() if text.startswith(b"+USECPRF=") else answers(text)

    model(tasks)._command = with_profiles  # type: ignore[method-assign]
    http, security = tasks.modem.http, tasks.modem.security
    profile = security.profile(verify="none")
    model(tasks).silent = True

    async def given_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(http.get("https://a.example/", tls=profile, direct=False), 5)

    tasks.call(given_up)
    assert (profile.settled(), http.tls_sessions) == (False, 1)
    tasks.line.push(b"\r\n+UUHTTPCR: 0,1,1\r\n")
    tasks.pass_ms(100)
    assert (profile.settled(), http.tls_sessions) == (True, 0)
    model(tasks).silent = False
    assert tasks.call(tasks.call(http.get, "https://a.example/", tls=profile).read) == BODY
    assert (profile.busy, http.tls_sessions) == (0, 0)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stored_profile_is_only_relied_on_after_a_sleep(flavour: str, places: Places) -> None:
    """Not when a request has failed half-way, and not over what the last request has set."""
    node, server = places("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.set_edrx, 81.92)
    node.call(modem.power.save, "timer", 60000, "hibernate")
    node.call(modem.http.store, server.base)
    with pytest.raises(OSError):
        node.call(modem.http.get, "http://127.0.0.1:9/", direct=False)
    assert server.get() == b"hello world", "the settings of another host were in place"
    modem.http.slot(0).settings = None  # as after a failure
    modem.channel.keep_going = Never(node)
    with pytest.raises(OSError):
        server.get()
    modem.channel.keep_going = None
    assert server.get() == b"hello world"


class Never:
    """A hook that ends an operation once its first setting was sent."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.mark = len(node.sent())

    def __call__(self) -> bool:
        return b"AT+UHTTP=0\r" not in self.node.sent()[self.mark :]


def test_a_task_that_is_cancelled_while_it_appends_ends_as_cancelled(tasks: Bench) -> None:
    """What is left of the file is in `trouble`: it does not take the place of the cancellation."""
    modem = tasks.modem
    tasks.call(modem.files.write, "log", b"0" * 100)

    async def append(made: list[Any]) -> None:
        async with await modem.files.open("log", "ab") as file:
            made.append(file)
            await file.write(b"1" * 400)

    async def cut(ms: float) -> tuple[Any, bool]:
        made: list[Any] = []
        task = asyncio.ensure_future(append(made))
        await asyncio.sleep(ms / 1000)
        ended = not task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return made[0] if made else None, False
        return made[0], ended

    told = 0
    ended = False
    for ms in range(0, 400, 7):
        file, ended = tasks.call(cut, ms)
        tasks.call(modem.files.write, "log", b"0" * 100)
        told += file is not None and file.trouble is not None
        if ended:
            break
    assert ended and told
