"""What the module puts into datagrams, byte by byte: sections 5.2 to 5.4 of the standard."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from servers.mqttsn_gateway.wire import Flags, Kind, Topic, message, parse
from simulator.support.mqttsn_bench import Make
from simulator.support.serial_host import Bench

from ublox_simulator.world.peers import UdpPeer

IMEI = b"357862090033897"
CONNECT = b"\x15\x04\x04\x01\x00\x00" + IMEI
CONNACK = b"\x03\x05\x00"


@dataclass
class Script:
    """A gateway that answers as it is told."""

    bench: Bench
    peer: UdpPeer
    seen: int = 0

    def expect(self, *exchanges: bytes) -> None:
        """Pairs of what comes and what is answered to it; b"" for nothing."""
        for heard, answer in zip(exchanges[::2], exchanges[1::2], strict=True):
            limit = self.bench.loop.time() + 60
            while len(self.peer.received) == self.seen and self.bench.loop.time() < limit:
                self.bench.pass_ms(5)
            assert [data for data, _ in self.peer.received[self.seen :]] == [heard]
            self.seen += 1
            if answer:
                self.peer.send(answer)

    def order(self, text: str) -> None:
        """An action."""
        self.bench.ok(f"AT+UMQTTSNC={text}")

    def told(self, result: str) -> None:
        """Its URC."""
        assert self.bench.expect_urc() == f"+UUMQTTSNC: {result}"


@pytest.fixture
def script(make_bench: Make) -> Script:
    """A module that knows its gateway."""
    bench = make_bench("sara-r5", imei=IMEI.decode(), online=True)
    peer = bench.udp_peer()
    bench.ok(f'AT+UMQTTSN=2,"127.0.0.1",{peer.port}')
    return Script(bench, peer)


@pytest.fixture
def session(script: Script) -> Script:
    """The same with an open session."""
    script.order("1")
    script.expect(CONNECT, CONNACK)
    script.told("1,1")
    return script


def test_connect_with_everything(script: Script) -> None:
    for line in ('0,"me"', "4,1", "5,1", '6,"t"', '7,1,"00FF"', "8,300", "10,0"):
        script.bench.ok(f"AT+UMQTTSN={line}")
    script.order("1")
    script.expect(
        b"\x08\x04\x08\x01\x01\x2cme",
        b"\x02\x06",
        b"\x04\x07\x30t",
        b"\x02\x08",
        b"\x04\x09\x00\xff",
        CONNACK,
    )
    script.told("1,1")


@pytest.mark.parametrize(("code", "error"), [(1, 1), (2, 2), (3, 3)])
def test_a_refused_connection(script: Script, code: int, error: int) -> None:
    script.order("1")
    script.expect(CONNECT, b"\x03\x05%c" % code)
    script.told("1,0")
    assert script.bench.ok("AT+UMQTTSNER") == [f"+UMQTTSNER: 14,{error}"]


def test_topics(session: Script) -> None:
    session.order('2,"abc"')
    session.expect(b"\x09\x0a\x00\x00\x00\x01abc", b"\x07\x0b\x01\x02\x00\x01\x00")
    session.told("2,1,258")
    session.order('5,1,0,"abc"')
    session.expect(b"\x08\x12\x20\x00\x02abc", b"\x08\x13\x20\x01\x02\x00\x02\x00")
    session.told("5,1,1,258")
    session.order('5,2,1,"7"')
    session.expect(b"\x07\x12\x41\x00\x03\x00\x07", b"\x08\x13\x40\x00\x07\x00\x03\x00")
    session.told("5,1,2,7")
    session.order('5,0,2,"ab"')
    session.expect(b"\x07\x12\x02\x00\x04ab", b"\x08\x13\x00\x00\x00\x00\x04\x00")
    session.told("5,1,0,0")
    session.order('6,0,"258"')
    session.expect(b"\x08\x14\x00\x00\x05abc", b"\x04\x15\x00\x05")
    session.told("6,1")
    session.order('6,1,"7"')
    session.expect(b"\x07\x14\x01\x00\x06\x00\x07", b"\x04\x15\x00\x06")
    session.told("6,1")


def test_publications(session: Script) -> None:
    session.order('4,0,0,0,2,"ab","x"')
    session.expect(b"\x08\x0c\x02ab\x00\x00x", b"")
    session.told("4,1")
    session.order('4,3,1,0,1,"7","x"')
    session.expect(b"\x08\x0c\x71\x00\x07\x00\x00x", b"")
    session.told("4,1")
    session.order('4,1,0,0,0,"5","x"')
    session.expect(
        b"\x08\x0c\x20\x00\x05\x00\x01x",
        b"",
        b"\x08\x0c\xa0\x00\x05\x00\x01x",
        b"\x07\x0d\x00\x05\x00\x01\x00",
    )
    session.told("4,1")
    session.order('4,2,1,0,0,"5","x"')
    session.expect(
        b"\x08\x0c\x50\x00\x05\x00\x02x",
        b"\x04\x0f\x00\x02",
        b"\x04\x10\x00\x02",
        b"",
        b"\x04\x10\x00\x02",
        b"\x04\x0e\x00\x02",
    )
    session.told("4,1")
    session.order(f'4,0,0,0,0,"5","{"x" * 300}"')
    session.expect(b"\x01\x01\x35\x0c\x00\x00\x05\x00\x00" + b"x" * 300, b"")


def test_the_three_lengths_around_the_long_form(session: Script) -> None:
    for size in (248, 249):
        session.order(f'4,0,0,0,0,"5","{"x" * size}"')
        head = b"\xff" if size == 248 else b"\x01\x01\x02"
        session.expect(head + b"\x0c\x00\x00\x05\x00\x00" + b"x" * size, b"")
        session.told("4,1")


def test_an_answer_about_something_else_is_no_answer(session: Script) -> None:
    session.order('2,"abc"')
    session.expect(b"\x09\x0a\x00\x00\x00\x01abc", b"\x07\x0b\x00\x09\x00\x07\x00")
    session.expect(b"\x09\x0a\x00\x00\x00\x01abc", b"\x07\x0b\x00\x08\x00\x01\x00")
    session.told("2,1,8")


def test_incoming(session: Script) -> None:
    peer = session.peer
    peer.send(b"\x08\x0c\x20\x00\x09\x00\x01x")
    session.expect(b"\x07\x0d\x00\x09\x00\x01\x02", b"\x07\x0a\x00\x09\x00\x02t")
    session.expect(b"\x07\x0b\x00\x09\x00\x02\x00", b"\x08\x0c\x20\x00\x09\x00\x03x")
    session.expect(b"\x07\x0d\x00\x09\x00\x03\x00", b"\x08\x0c\x40\x00\x09\x00\x04y")
    session.expect(b"\x04\x0f\x00\x04", b"\x08\x0c\xc0\x00\x09\x00\x04y")
    session.expect(b"\x04\x0f\x00\x04", b"\x04\x10\x00\x04")
    session.expect(b"\x04\x0e\x00\x04", b"\x02\x16")
    session.expect(b"\x02\x17", b"\x08\x0c\x02ab\x00\x00z")
    peer.send(b"\x08\x0c\x40\x00\x09\x00\x04a")  # the number is free again
    session.expect(b"\x04\x0f\x00\x04", b"")
    session.bench.pass_ms(100)
    assert session.bench.take()[-1] == "+UUMQTTSNC: 9,4"
    answers = []
    for _ in range(4):
        answers += session.bench.ok("AT+UMQTTSNC=9,1")
        session.bench.pass_ms(10)
        session.bench.take()
    assert answers == [
        '+UMQTTSNC: 9,1,0,2,1,"9",1,"x"',
        '+UMQTTSNC: 9,2,0,2,1,"9",1,"y"',
        '+UMQTTSNC: 9,0,2,3,2,"ab",1,"z"',
        '+UMQTTSNC: 9,2,0,2,1,"9",1,"a"',
    ]


def test_a_message_read_before_it_is_announced(script: Script) -> None:
    """It came while the command that reads it was on its way: nothing is left to tell."""
    script.bench.module.options.latency_ms = 50
    script.order("1")
    script.expect(CONNECT, CONNACK)
    script.told("1,1")
    script.bench.send("AT+UMQTTSNC=9,1")
    script.peer.send(b"\x08\x0c\x02ab\x00\x00z")
    assert script.bench.answer().text == ['+UMQTTSNC: 9,0,2,3,2,"ab",1,"z"']
    script.bench.expect_silence(1000)


def test_no_duration_no_keep_alive(session: Script) -> None:
    session.bench.ok("AT+UMQTTSNC=10,1")
    session.bench.pass_ms(100_000)
    assert len(session.peer.received) == session.seen


def test_wills_sleep_and_the_end(session: Script) -> None:
    session.order('7,2,1,"w"')
    session.expect(b"\x04\x1a\x50w", b"\x03\x1b\x00")
    session.told("7,1")
    session.order('7,0,0,""')
    session.expect(b"\x02\x1a", b"\x03\x1b\x00")
    session.told("7,1")
    session.order('8,"bye"')
    session.expect(b"\x05\x1cbye", b"\x03\x1d\x00")
    session.told("8,1")
    session.order("0,600")
    session.expect(b"\x04\x18\x02\x58", b"\x02\x18")
    session.told("0,1")
    session.order("10,1")
    session.expect(b"\x11\x16" + IMEI, b"\x02\x17")
    session.order("0")
    session.expect(b"\x02\x18", b"\x02\x18")
    session.told("0,1")


def test_the_gateway_ends_it(session: Script) -> None:
    session.peer.send(b"\x02\x18")
    session.told("0,101")
    session.bench.ok("AT+CMEE=1")
    assert session.bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"


@pytest.mark.parametrize(
    "damaged",
    [b"\x02\x0b", b"\x06\x0b\x00\x05\x00\x01", b"\x09\x0b\x00\x05", b"\x01", b"\x01\x00\x03"],
)
def test_a_damaged_answer_is_no_answer(session: Script, damaged: bytes) -> None:
    session.order('2,"abc"')
    session.expect(b"\x09\x0a\x00\x00\x00\x01abc", damaged)
    session.expect(b"\x09\x0a\x00\x00\x00\x01abc", b"\x07\x0b\x00\x05\x00\x01\x00")
    session.told("2,1,5")


# -- the gateway's own reading -------------------------------------------------------------


def test_the_gateway_reads_what_it_writes() -> None:
    for size in (0, 252, 253, 254, 70_000 - 4_600):
        body = bytes(size)
        assert parse(message(Kind.WILLMSG, body)) == (Kind.WILLMSG, body)
    assert parse(b"") is None
    assert parse(b"\x03\x16") is None
    assert parse(b"\x02\xfe") is None
    flags = Flags(dup=True, qos=-1, retain=True, topic_type=Topic.SHORT)
    assert flags.byte == 0xF2
    assert Flags.parse(0xF2) == flags
