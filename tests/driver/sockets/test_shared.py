"""What several callers of one socket, callers that give up and hooks that raise leave to the next:
answers shorter than announced, senders of datagrams, closing that fails, attempts to connect.
"""

# pyright: reportGeneralTypeIssues=false
# (operations of the asyncio flavour, which are awaited, are declared as those of the blocking one)
from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd, address_of
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.socket_model import ok

SOCKETS = {"sara-r5": 7, "lexi-r10": 6}
HOST = "192.0.2.1"
DATA = b"0123456789abcdefghijABCDEFGHIJ"


class Stingy(Crowd):
    """Gives and takes at most `most` bytes a command, has datagrams, and answers no `mute`
    command."""

    def __init__(self, sockets: int) -> None:
        super().__init__(sockets)
        self.most = 1024
        self.mute = ""
        self.queue: list[tuple[str, int, bytes]] = []

    def _command(self, text: str) -> bytes:
        return b"" if self.mute and text.startswith(self.mute) else super()._command(text)

    def do_usord(self, number: int, parts: list[str], rest: str) -> bytes:
        parts[1] = str(min(int(parts[1]), self.most))
        return super().do_usord(number, parts, rest)

    def do_usowr(self, number: int, parts: list[str], rest: str) -> bytes:
        one = self.table[number]
        size = int(parts[1])
        taken = min(size, self.most)
        answer = self._take(
            rest, rest.partition(",")[2], b"", lambda data: one.received.extend(data[:taken])
        )
        return ok(b"+USOWR: %d,%d" % (number, taken)) if answer[:3] != b"\r\n@" else answer

    def do_usorf(self, number: int, parts: list[str], rest: str) -> bytes:
        if parts[1] == "0" or not self.queue:
            waiting = sum(len(entry[2]) for entry in self.queue)
            return ok(b"+USORF: %d,%d" % (number, waiting))
        host, port, data = self.queue.pop(0)
        head = b'+USORF: %d,"%s",%d,%d,' % (number, host.encode(), port, len(data))
        if self.queue:
            self.urcs.append(self.announced(number))
        return ok(head + b'"' + (data.hex().encode() if self.hex_mode else data) + b'"')

    def announced(self, number: int) -> bytes:
        return b"\r\n+UUSORF: %d,%d\r\n" % (number, sum(len(entry[2]) for entry in self.queue))

    def arrives(self, host: str, port: int, data: bytes) -> bytes:
        """A datagram for the only socket; the URC."""
        self.queue.append((host, port, data))
        return self.announced(next(iter(self.table)))


def made(flavour: str, module: str) -> Bench:
    bench = Bench(flavour, module, Stingy(SOCKETS[module]))
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    return bench


@pytest.fixture(params=MODULES)
def tasks(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = made("asyncio", request.param)
    yield bench
    bench.close()


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = made(*request.param)
    yield bench
    bench.close()


def connected(bench: Bench, host: str = HOST) -> Any:
    sock = bench.modem.socket()
    sock.settimeout(5)
    bench.call(sock.connect, (host, 7))
    return sock


def together(bench: Bench, *operations: Callable[[], Any]) -> list[Any]:
    async def run() -> list[Any]:
        work = [asyncio.ensure_future(operation()) for operation in operations]
        return await asyncio.gather(*work, return_exceptions=True)

    return bench.call(run)


def given_up_everywhere(
    bench: Bench, operation: Callable[[], Any], behind: Callable[[], None]
) -> list[Any]:
    """Give it up at its first wait, call `behind`, then at its second … What the last run, which
    came to its end, gave."""
    sleep: Any = bench.modem.channel.sleep
    for strike in range(1, 400):
        count = 0

        async def counted(ms: float, strike: int = strike) -> None:
            nonlocal count
            count += 1
            if count == strike:
                raise asyncio.CancelledError
            await sleep(ms)

        bench.modem.channel.sleep = counted
        try:
            found = bench.call(operation)
        except asyncio.CancelledError:
            found = None
        finally:
            bench.modem.channel.sleep = sleep
        if count < strike:
            return [found]
        behind()
    raise AssertionError("it never comes to its end")


# ---- answers that are shorter than announced ----------------------------------------------------


@pytest.mark.parametrize("size", [15, 100])
def test_a_short_answer_is_nobody_elses_while_the_module_is_asked_about_it(
    size: int, tasks: Bench
) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks)
    crowd.most = 10
    tasks.line.push(crowd.speaks(HOST, DATA))
    tasks.pass_ms(50)
    found = together(tasks, lambda: sock.recv(size), lambda: sock.recv(size))
    while sum(map(len, found)) < len(DATA):
        found.append(tasks.call(sock.recv, size))
    assert sorted(b"".join(found)) == sorted(DATA), found


def test_a_short_answer_is_not_lost_with_its_caller(tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks)
    crowd.most = 10

    def speak() -> None:
        tasks.line.push(crowd.speaks(HOST, DATA))
        tasks.pass_ms(50)

    def check(found: bytes = b"") -> None:
        while len(found) < len(DATA):
            found += tasks.call(sock.recv, 100)
        assert found == DATA
        speak()

    speak()
    [last] = given_up_everywhere(tasks, lambda: sock.recv(100), check)
    check(last)


def test_two_tasks_send_while_the_module_takes_little(tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks)
    crowd.most = 10
    assert together(tasks, lambda: sock.sendall(b"a" * 40), lambda: sock.sendall(b"b" * 40)) == [
        None,
        None,
    ]
    assert sorted(crowd.named(HOST).received) == sorted(b"a" * 40 + b"b" * 40)


def test_given_up_over_the_question_what_was_taken_the_socket_goes_on(tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = connected(tasks)
    crowd.most = 10

    async def operation() -> None:
        asked = asyncio.ensure_future(sock.send(b"a" * 40))
        while not any(text.startswith("+USOCTL") for text in crowd.commands):
            await asyncio.sleep(0.001)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await sock.sendall(b"b" * 30)

    tasks.call(operation)
    assert crowd.named(HOST).received == b"a" * 10 + b"b" * 30


# ---- datagrams ----------------------------------------------------------------------------------


def test_each_task_is_told_the_sender_of_its_datagram(tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket(2, 2)
    sock.settimeout(5)
    tasks.call(sock.bind, ("", 5000))
    for number in (1, 2):
        data = b"of %d" % number
        tasks.line.at(50, lambda n=number, d=data: tasks.line.push(crowd.arrives("a", n, d)))
    found = together(tasks, lambda: sock.recvfrom(100), lambda: sock.recvfrom(100))
    assert sorted(found) == [(b"of 1", ("a", 1)), (b"of 2", ("a", 2))]


@pytest.mark.parametrize("how", ["recvfrom", "recv"])
def test_the_sender_of_a_datagram_is_not_lost_with_its_caller(how: str, tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket(2, 2)
    sock.settimeout(5)
    tasks.call(sock.bind, ("", 5000))

    def comes() -> None:
        tasks.line.push(crowd.arrives("a", 1, b"one"))
        tasks.pass_ms(50)

    def check() -> None:
        tasks.pass_ms(100)
        assert tasks.call(sock.recvfrom, 100) == (b"one", ("a", 1))
        comes()

    comes()
    given_up_everywhere(tasks, lambda: getattr(sock, how)(100), check)


def test_of_a_stranger_nothing_is_kept_for_a_connected_socket(tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    sock = tasks.modem.socket(2, 2)
    sock.settimeout(1)
    tasks.call(sock.connect, (HOST, 7))

    def comes() -> None:
        tasks.line.push(crowd.arrives("192.0.2.66", 66, b"of a stranger"))
        tasks.pass_ms(50)

    def check() -> None:
        with pytest.raises(OSError) as caught:
            tasks.call(sock.recv, 100)
        assert caught.value.errno == 110
        comes()

    comes()

    async def operation() -> None:
        with pytest.raises(OSError):
            await sock.recv(100)

    given_up_everywhere(tasks, operation, check)


# ---- a hook that raises -------------------------------------------------------------------------


class Noisy(Exception):
    """What the application's trace raises."""


def raises_once(bench: Bench, line: bytes) -> None:
    """At the first such line from the module."""

    def trace(direction: str, text: Any) -> None:
        if direction == "<" and bytes(text) == line:
            bench.modem.channel.trace = None
            raise Noisy

    bench.modem.channel.trace = trace


@pytest.mark.parametrize("size", [4, 100])
def test_what_a_trace_has_interrupted_at_the_last_line_is_there_for_the_next_read(
    size: int, bench: Bench
) -> None:
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    sock = connected(bench)
    bench.line.push(crowd.speaks(HOST, b"hello"))
    bench.pass_ms(50)
    raises_once(bench, b"OK")
    with pytest.raises(Noisy):
        bench.call(sock.recv, size)
    assert bench.call(sock.recv, size) == b"hello"[:size]


def test_a_socket_that_a_trace_has_interrupted_is_given_back(bench: Bench) -> None:
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    sock = bench.modem.socket()
    raises_once(bench, b"OK")
    with pytest.raises(Noisy):
        bench.call(sock.connect, (HOST, 7))
    bench.call(sock.close)
    bench.call(bench.modem.at, "+CSQ")
    assert crowd.table == {}


def test_a_payload_over_which_a_trace_has_raised_goes_out_once(bench: Bench) -> None:
    """A second time the module would take it for commands."""
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    sock = connected(bench)
    payload = bytes(200) + b"\rAT+CFUN=0\r"

    def trace(direction: str, text: Any) -> None:
        if bytes(text) == b"<%d bytes>" % len(payload):
            raise Noisy

    bench.modem.channel.trace = trace
    with pytest.raises(Noisy):
        bench.call(sock.send, payload)
    bench.modem.channel.trace = None
    bench.call(bench.modem.at, "+CSQ")
    assert crowd.named(HOST).received == payload
    assert "+CFUN=0" not in crowd.commands


# ---- coming and going ---------------------------------------------------------------------------


def test_a_socket_whose_closing_fails_again_and_again_is_closed_in_the_end(bench: Bench) -> None:
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    modem = bench.modem
    sock = connected(bench)
    crowd.mute = "+USOCL"
    for operation in (sock.close, lambda: modem.at("+CSQ"), lambda: modem.at("+CSQ")):
        with pytest.raises(OSError):
            bench.call(operation)
    crowd.mute = ""
    sock = None
    gc.collect()
    every = [connected(bench, f"192.0.2.{n}") for n in range(crowd.sockets)]
    assert len(crowd.table) == crowd.sockets
    for sock in every:
        bench.call(sock.close)
    bench.call(modem.at, "+CSQ")
    assert crowd.table == {}


def test_accept_waits_for_a_listen_that_is_under_way(tasks: Bench) -> None:
    server: Any = tasks.modem.socket()
    server.settimeout(1)
    tasks.call(server.bind, ("", 5000))
    first, second = together(tasks, server.listen, server.accept)
    assert first is None and isinstance(second, OSError) and second.errno == 110
    tasks.call(server.close)
    with pytest.raises(OSError) as caught:
        tasks.call(server.listen)
    assert caught.value.errno == 9


def test_who_connects_while_the_server_closes_is_sent_away(bench: Bench) -> None:
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    late = 0
    for ms in range(40):
        server: Any = bench.modem.socket()
        bench.call(server.bind, ("", 5000))
        bench.call(server.listen)

        def comes(ms: int = ms) -> None:
            """It is reported after +USOCL, if that comes in these milliseconds."""
            if any(one.listening for one in crowd.table.values()):
                bench.line.push(crowd.comes(f"peer{ms}"), 5)

        bench.line.at(ms, comes)
        bench.call(server.close)
        bench.pass_ms(100)
        late += len(crowd.table)
        bench.call(bench.modem.at, "+CSQ")
        bench.pass_ms(100)
        assert crowd.table == {}, ms
    assert late, "no report came too late"


@pytest.mark.parametrize("how", ["cancelled", "hook"])
def test_connecting_without_waiting_does_not_end_with_its_task(how: str, tasks: Bench) -> None:
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    crowd.silent_hosts = {"192.0.2.66"}
    channel = tasks.modem.channel
    silent, sock = tasks.modem.socket(), tasks.modem.socket()

    def hook() -> None:
        attempt = sock.attempt
        if attempt is not None and attempt.task is asyncio.current_task():
            channel.keep_going = None
            raise Noisy

    async def operation() -> list[int]:
        errors: list[int] = []
        for one, host in ((silent, "192.0.2.66"), (sock, HOST)):
            one.setblocking(False)
            errors.append(await one.connect_ex((host, 7)))
        if how == "hook":
            channel.keep_going = hook
        else:
            sock.attempt.task.cancel()
        for _ in range(200):
            await asyncio.sleep(0.1)
            errors.append(await sock.connect_ex((HOST, 7)))
            if not errors[-1]:
                break
        return errors

    errors = tasks.call(operation)
    assert errors[-1] == 0, set(errors)
    assert (125 in errors) == (how == "hook")


def test_a_handshake_that_was_given_up_bars_no_other_socket() -> None:
    bench = made("asyncio", "lexi-r10")
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    profile = bench.modem.security.profile(verify="none")
    other = connected(bench)
    crowd.silent_hosts = {"192.0.2.66"}

    async def operation() -> float:
        sock = bench.modem.socket()
        await sock.secure(profile)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(sock.connect(("192.0.2.66", 443)), 5)
        began = bench.clock.ms()
        await other.sendall(b"at once")
        await sock.close()
        return bench.clock.ms() - began

    assert bench.call(operation) < 5000
    assert crowd.named(HOST).received == b"at once"
    bench.close()


# ---- names --------------------------------------------------------------------------------------


def test_a_name_is_not_asked_for_while_the_answer_for_another_may_come(tasks: Bench) -> None:
    """That answer would be taken for this one's: it does not say whose it is."""
    crowd: Stingy = tasks.partner  # type: ignore[assignment]
    late = [b'\r\n+UUDNSRN: 0,"%s"\r\n' % address_of("host1").encode()]
    plain = crowd.do_udnsrn

    def slow(number: int, parts: list[str], rest: str) -> bytes:
        if '"host1"' in parts:
            tasks.line.at(2000, lambda: tasks.line.push(late.pop() if late else b""))
            return ok()
        return (late.pop() if late else b"") + plain(number, parts, rest)

    crowd.do_udnsrn = slow  # type: ignore[method-assign]

    async def given_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(tasks.modem.resolve("host1"), 0.5)

    tasks.call(given_up)
    with pytest.raises(OSError) as caught:
        tasks.call(tasks.modem.resolve, "host2", 500)
    assert caught.value.errno == 110
    assert tasks.call(tasks.modem.resolve, "host2") == address_of("host2")


# ---- buffers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["b", "c", "?", "2d"])
def test_a_buffer_of_something_else_takes_nothing_from_the_module(kind: str, bench: Bench) -> None:
    crowd: Stingy = bench.partner  # type: ignore[assignment]
    sock = connected(bench)
    view = memoryview(bytearray(100))
    odd = view.cast("B", (10, 10)) if kind == "2d" else view.cast(kind)  # type: ignore
    bench.line.push(crowd.speaks(HOST, DATA))
    bench.pass_ms(50)
    for call in (lambda: sock.recv_into(odd), lambda: sock.recv_into(bytearray(99), 70.5)):
        with pytest.raises(TypeError):
            bench.call(call)
    with pytest.raises(TypeError):
        bench.call(sock.sendall, odd)
    assert bench.call(sock.recv, 100) == DATA
