"""What engine and channel promise to every service: the look at launch, bounded pumping, the
keeper of what was given out, debts, plain answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from driver.core.test_engine import Port
from driver.support.serial_script import FLAVOURS, Bench, Clock, Line
from driver.support.socket_model import Model

from ublox_cellular.core.engine import Engine
from ublox_cellular.core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    ModemError,
)
from ublox_simulator import VirtualLoop

IDLE, OK, FAILED, GARBLED = 0, 1, 2, 5
PAUSE_MS = 20


# ---- the look at launch -------------------------------------------------------------------------


def launched(port: Port, guard: Callable[[], None]) -> Engine:
    engine = Engine(port, 64, 64)
    engine.start(b"+USOCL").number(1)
    engine.guard = guard
    engine.launch()
    return engine


@pytest.mark.parametrize("at", range(45))
def test_a_line_of_any_ms_of_the_pause_has_been_seen_when_the_guard_looks(at: int) -> None:
    port = Port()
    engine = launched(port, lambda: looks.append((port.now, len(seen), bytes(port.sent))))
    looks: list[tuple[int, int, bytes]] = []
    seen: list[int] = []
    engine.on_urc(b"+UUSOCL", lambda line: seen.append(port.now))
    for ms in range(120):
        port.now = ms
        if ms == at:
            port.waiting += b"\r\n+UUSOCL: 1\r\n"
        engine.step()
    assert port.sent == b"AT+USOCL=1\r"
    ((when, count, sent),) = looks  # once, and nothing was out
    assert sent == b""
    assert count == (1 if at <= when else 0)
    assert when >= PAUSE_MS and (at > when or when - at >= PAUSE_MS)


@pytest.mark.parametrize("at", [0, 1, 10, 19, 20, 21])
def test_what_the_guard_raises_keeps_the_command_back(at: int) -> None:
    port = Port()
    gone: list[int] = []

    def guard() -> None:
        if gone:
            raise CommandError(9, "AT+USOCL", -1)

    engine = launched(port, guard)
    engine.on_urc(b"+UUSOCL", gone.append)
    with pytest.raises(CommandError):
        for ms in range(120):
            port.now = ms
            if ms == at:
                port.waiting += b"\r\n+UUSOCL: 1\r\n"
            engine.step()
    assert port.sent == b""
    engine.abandon()
    assert engine.state == IDLE and not engine.abandoned
    engine.start(b"+CSQ")
    engine.launch()
    for ms in range(120, 240):
        port.now = ms
        engine.step()
    assert port.sent == b"AT+CSQ\r"


# ---- a line that never falls silent -------------------------------------------------------------

FLOODS = [b"zq\xf0\r\n", b"x", b"AT+CSQ\r", b"\0", b"\r\n", b"@", b"+UUSORD: 0,5\r\n", b"OK"]


class Flood:
    """A UART that always has as much as is wanted."""

    def __init__(self, data: bytes, clock: Clock) -> None:
        self.data = data
        self.clock = clock
        self.written = bytearray()
        self.taken = 0

    def any(self) -> int:
        return 1 << 16

    def readinto(self, buf: Any, n: int | None = None) -> int:
        count = len(buf) if n is None else min(n, len(buf))
        whole = self.data * (count // len(self.data) + 2)
        first = self.taken % len(self.data)
        buf[:count] = whole[first : first + count]
        self.taken += count
        return count

    def write(self, data: Any) -> int:
        self.written += bytes(data)
        return len(data)

    def wait(self, ms: float) -> bool:
        """Time passes all the same, as it does on a board that reads."""
        self.clock.now += min(ms, 1)
        return True


@pytest.mark.parametrize("data", FLOODS)
def test_an_endless_flood_holds_up_neither_the_time_limit_nor_other_tasks(data: bytes) -> None:
    from ublox_cellular.aio import SaraR5

    loop = VirtualLoop()
    clock = Clock()
    clock.loop = loop
    modem = SaraR5(Flood(data, clock))
    ran = 0

    async def other() -> None:
        nonlocal ran
        while True:
            ran += 1
            await asyncio.sleep(0.001)

    async def play() -> None:
        task = asyncio.create_task(other())
        for call in (modem.channel.command, modem.channel.row):
            began = loop.time()
            arguments = (b"+CSQ",) if call == modem.channel.command else (1, b"+CSQ")
            with pytest.raises(ModemError):
                await call(*arguments, timeout_ms=200)
            assert loop.time() - began < 0.3
            modem.channel.suspect = False  # else it is looked into first, which takes its time
            modem.channel.abandoned = False
            modem.channel.state = IDLE
        task.cancel()

    try:
        loop.run_until_complete(play())
    finally:
        loop.close()
    assert ran > 200


@pytest.mark.parametrize("data", FLOODS)
def test_a_flood_ends_when_the_hook_says_so(data: bytes) -> None:
    from ublox_cellular import SaraR5

    clock = Clock()
    modem = SaraR5(Flood(data, clock))
    modem.channel.keep_going = lambda: clock.now < 100
    for call in (modem.imei, modem.attach, modem.power_off, modem.channel.pay):
        modem.channel.suspect = True
        clock.now = 0
        with pytest.raises(Cancelled):
            call()
        assert clock.now < 150
        modem.channel.state = IDLE
        modem.channel.abandoned = False


def test_one_pump_takes_a_limited_number_of_bytes() -> None:
    clock = Clock()
    from ublox_cellular import SaraR5

    for data in FLOODS:
        uart = Flood(data, clock)
        modem = SaraR5(uart)
        modem.poll()
        assert 0 < uart.taken <= 4096, data


# ---- what the module gives out to a caller that has gone ----------------------------------------


class Rescued:
    """A service with a keeper."""

    def __init__(self, engine: Engine, takes: bool) -> None:
        self.engine = engine
        self.takes = takes
        self.own = bytearray(16)
        self.calls: list[tuple[bool, int, int]] = []
        engine.keeper = self.keep

    def keep(self, ended: bool) -> None:
        engine = self.engine
        self.calls.append((ended, engine.outcome, engine.count))
        if not ended and self.takes:
            self.own[: engine.count] = bytes(engine.into[: engine.count])
            engine.into = self.own
            engine.at = 0
            engine.room = len(self.own)


def reading(port: Port, into: bytearray) -> Engine:
    engine = Engine(port, 64, 64)
    engine.start(b"+USORD").number(0)
    engine.commas = 2
    engine.into = into
    engine.room = len(into)
    engine.handler = lambda line: 10 if line.number() == 0 else -1
    engine.launch()
    for _ in range(60):
        port.now += 1
        engine.step()
    return engine


@pytest.mark.parametrize("rest", [b'"\r\n\r\nOK\r\n', b'"\r\n\r\n+CME ERROR: 3\r\n'])
@pytest.mark.parametrize("got", range(11))
@pytest.mark.parametrize("takes", [True, False])
def test_the_keeper_has_what_was_on_its_way_whenever_the_caller_gives_up(
    takes: bool, got: int, rest: bytes
) -> None:
    port = Port()
    theirs = bytearray(10)
    engine = reading(port, theirs)
    data = b"0123456789"
    port.waiting += b'\r\n+USORD: 0,10,"' + data[:got]
    for _ in range(30):
        port.now += 1
        engine.step()
    service = Rescued(engine, takes)
    engine.abandon()
    before = bytes(theirs)
    assert service.calls[0][0] is False
    port.waiting += data[got:] + rest
    for _ in range(60):
        port.now += 1
        engine.step()
    assert [ended for ended, _, _ in service.calls] == [False, True]
    assert service.calls[1][1] == (OK if b"OK" in rest else FAILED)
    if takes:
        assert bytes(service.own[:10]) == data
        assert bytes(theirs) == before  # the caller may use it for something else
    assert engine.state == IDLE and not engine.abandoned and engine.keeper is None


def test_without_a_keeper_what_still_comes_is_dropped() -> None:
    port = Port()
    theirs = bytearray(10)
    engine = reading(port, theirs)
    engine.abandon()
    port.waiting += b'\r\n+USORD: 0,10,"0123456789"\r\n\r\nOK\r\n'
    for _ in range(60):
        port.now += 1
        engine.step()
    assert bytes(theirs) == bytes(10)
    assert engine.state == IDLE and not engine.suspect


# ---- debts --------------------------------------------------------------------------------------


@pytest.fixture(params=FLAVOURS)
def bench(request: pytest.FixtureRequest) -> Any:
    made = Bench(request.param, "sara-r5", Model())
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


class Debts:
    """Functions that are owed, in the flavour of a bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.done: list[Any] = []

    def owe(self, name: str, error: BaseException | None = None, times: int = 1 << 30) -> None:
        left = times

        def pay() -> None:
            nonlocal left
            self.done.append(name)
            if error is not None and left:
                left -= 1
                raise error

        async def paid() -> None:
            pay()

        function = pay if self.bench.flavour == "blocking" else paid
        self.bench.modem.channel.owe(function)


def test_what_is_owed_is_done_once_in_order_and_before_the_next_command(bench: Any) -> None:
    debts = Debts(bench)
    for name in "abc":
        debts.owe(name)
    seen = len(bench.line.written)
    bench.call(bench.modem.imei)
    assert debts.done == ["a", "b", "c"]
    assert bench.line.written[seen:] == b"AT+CGSN\r"
    bench.call(bench.modem.imei)
    bench.call(bench.modem.channel.pay)
    assert debts.done == ["a", "b", "c"]


REFUSED = CommandError(5, "AT+USOCL", 3)
LATE = CommandTimeout(110, "AT+USOCL", 5, "nothing")


@pytest.mark.parametrize(
    ("error", "times", "calls", "raised"),
    [
        (REFUSED, 99, 1, 0),  # over
        (LATE, 2, 3, 2),
        (LATE, 99, 3, 3),  # dropped
        (MemoryError(), 2, 3, 2),
        (Cancelled(125, "x"), 9, 10, 9),  # never lost
        (asyncio.CancelledError(), 9, 10, 9),
        (KeyboardInterrupt(), 9, 10, 9),
    ],
)
def test_a_debt_that_fails(
    bench: Any, error: BaseException, times: int, calls: int, raised: int
) -> None:
    debts = Debts(bench)
    debts.owe("a")
    debts.owe("b", error, times)
    debts.owe("c")
    for _ in range(raised):
        with pytest.raises(type(error)):
            bench.call(bench.modem.imei)
        assert not bench.modem.channel.lock.held
    assert bench.call(bench.modem.imei) == "004999010640000"
    assert debts.done == ["a"] + ["b"] * calls + ["c"]
    assert bench.modem.channel.debts == []


def test_what_comes_up_while_a_debt_is_paid_is_done_as_well(bench: Any) -> None:
    debts = Debts(bench)
    channel = bench.modem.channel

    def more() -> None:
        debts.owe("later")

    async def more_later() -> None:
        more()

    channel.owe(more if bench.flavour == "blocking" else more_later)
    bench.call(bench.modem.imei)
    bench.call(bench.modem.imei)
    assert debts.done == ["later"] and channel.debts == []


# ---- traces -------------------------------------------------------------------------------------


class Narrow(Port):
    """A line that takes so many bytes at a time."""

    room = 1

    def write(self, data: Any, at: int, n: int) -> int:
        return super().write(data, at, min(n, self.room))


@pytest.mark.parametrize("room", [1, 3, 100])
def test_a_trace_shows_a_line_once_however_many_writes_it_takes(room: int) -> None:
    port = Narrow()
    port.room = room
    engine = Engine(port, 64, 64)
    shown: list[Any] = []
    engine.trace = lambda way, line: shown.append((way, bytes(line)))
    line = engine.start(b"+USOWR")
    line.number(0)
    line.number(5)
    line.open_text()
    engine.out, engine.out_n = b"hello", 5
    engine.launch()
    for _ in range(80):
        port.now += 1
        engine.step()
    assert port.sent.endswith(b'hello"\r')
    assert [line for _, line in shown] == [b'AT+USOWR=0,5,"', b"<5 bytes>"]


@pytest.mark.parametrize("lost", range(25))
def test_an_echo_of_a_secret_is_hidden_however_many_bytes_of_it_were_lost(lost: int) -> None:
    port = Port()
    engine = Engine(port, 64, 64)
    shown: list[bytes] = []
    engine.trace = lambda way, line: shown.append(bytes(line))
    engine.on_unknown = lambda line: shown.append(bytes(line))
    line = engine.start(b"+CGAUTH")
    for part in (1, 3, "me"):
        line.part(part)
    line.part("hunter2", True)
    engine.launch()
    for _ in range(60):
        port.now += 1
        engine.step()
    assert b"hunter2" in port.sent
    port.waiting += bytes(port.sent[lost:]) + b"\r\n\r\nOK\r\n"
    for _ in range(5):
        port.now += 1
        engine.step()
    assert engine.outcome == OK
    assert shown[-1] == b"OK" and len(shown) == 3
    for piece in (b"hunter2", b"ter2"):
        assert piece not in b"".join(shown)


# ---- plain answers ------------------------------------------------------------------------------

ANSWER = b"\r\n+XYZ: 1\r\n\r\nplain\r\n\r\n+UUSORD: 0,5\r\n\r\n+OTHER: 2\r\n\r\nOK\r\n"


class Saying(Model):
    """Says this to a command it does not know."""

    def _command(self, text: bytes) -> bytes:
        return ANSWER if text.startswith(b"+XYZ") else super()._command(text)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("plain", "answers"), [(False, ["+XYZ: 1"]), (True, ["+XYZ: 1", "plain", "+OTHER: 2"])]
)
def test_plain_answers_are_the_lines_that_fit_nothing_else(
    flavour: str, plain: bool, answers: list[str]
) -> None:
    bench = Bench(flavour, "sara-r5", Saying())
    modem: Any = bench.modem
    bench.call(modem.attach, rates=(), sockets="keep")
    lines: list[str] = []
    told: list[int] = []
    modem.channel.on_urc(b"+UUSORD", lambda line: told.append(line.number()))

    def plan() -> None:
        channel = modem.channel
        channel.start(b"+XYZ?")
        channel.plain = plain
        channel.handler = lambda lexer: lines.append(lexer.whole())

    def work() -> None:
        modem.channel.acquire()
        plan()
        modem.channel.execute()
        modem.channel.release()

    async def work_later() -> None:
        await modem.channel.acquire()
        plan()
        await modem.channel.execute()
        modem.channel.release()

    bench.call(work if flavour == "blocking" else work_later)
    assert lines == answers
    assert told == [0]
    bench.close()


def test_the_line_is_free_of_what_it_was() -> None:
    """`Line` and `Clock` of script.py, which the others stand on, keep their times."""
    clock = Clock()
    line = Line(Model(), clock)
    line.push(b"x", 5)
    assert not line.any()
    assert line.wait(10) and clock.now == 5
