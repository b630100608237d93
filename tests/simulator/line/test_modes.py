"""Left-over modes: PPP data calls and the multiplexer, and every way out of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.line.frames import (
    DISC,
    DM,
    SABM,
    UA,
    UIH,
    MuxFrame,
    MuxReader,
    PppReader,
    mux_frame,
    ppp_frame,
)

Make = Callable[..., Bench]

LCP = 0xC021


def dial(bench: Bench, command: str = "ATD*99***1#") -> None:
    assert bench.at(command).final == "CONNECT"


def frames(bench: Bench, ms: float = 100) -> list[tuple[int, bytes]]:
    """PPP frames that came in the next `ms`."""
    bench.pull()
    before = len(bench.raw)
    bench.pass_ms(ms)
    return list(PppReader().feed(bytes(bench.raw[before:])))


def flush(bench: Bench) -> None:
    bench.pull()
    bench.lines.clear()
    bench._buffer.clear()


def escape(bench: Bench) -> None:
    bench.pass_ms(1100)
    flush(bench)
    bench.uart.write(b"+++")
    bench.pass_ms(900)
    flush(bench)


# -- codecs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "golden"),
    [
        (mux_frame(0, SABM, poll=True, command=True), "f9033f011cf9"),
        (mux_frame(1, SABM, poll=True, command=True), "f9073f01def9"),
        (mux_frame(0, UA, poll=True, command=True), "f9037301d7f9"),
        (mux_frame(0, UIH, b"\xc3\x01", poll=True, command=True), "f903ff05c301e7f9"),
        (mux_frame(0, UIH, b"\xc3\x01", command=True), "f903ef05c301f2f9"),
    ],
)
def test_mux_frames_of_the_documents(frame: bytes, golden: str) -> None:
    assert frame.hex() == golden
    assert len(list(MuxReader(31).feed(frame))) == 1


@pytest.mark.parametrize("size", [0, 1, 127, 128, 300, 1509])
@pytest.mark.parametrize("step", [1, 7, 5000])
def test_mux_frames_survive_any_split(size: int, step: int) -> None:
    data = bytes(0xF9 if i % 3 == 0 else i & 255 for i in range(size))
    stream = b"AT\r" + mux_frame(1, UIH, data) + mux_frame(2, DISC, poll=True)[1:] + b"\x00"
    reader = MuxReader(1509)
    found = [
        frame
        for at in range(0, len(stream), step)
        for frame in reader.feed(stream[at : at + step])
    ]
    assert found == [MuxFrame(1, UIH, False, False, data), MuxFrame(2, DISC, True, False, b"")]


def test_damaged_mux_frames_are_passed_over() -> None:
    good = mux_frame(1, UIH, b"good")
    for index in range(1, len(good) - 1):
        bad = bytearray(mux_frame(1, UIH, b"bad!"))
        bad[index] ^= 0x04
        found = list(MuxReader(31).feed(bytes(bad) + good + good))
        assert found[-1].data == b"good", index


# -- PPP -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "connects"),
    [
        ("ATD*99***1#", True),
        ("ATD*99#", True),
        ("atdt*99***1#", True),
        ("ATDP*99#", True),
        ("ATD*99***9#", False),
    ],
)
def test_dialling(make_bench: Make, module_name: str, command: str, connects: bool) -> None:
    bench = make_bench(module_name, online=True)
    assert bench.at(command).final == ("CONNECT" if connects else "NO CARRIER")


def test_other_numbers_are_refused(make_bench: Make) -> None:
    bench = make_bench(online=True, strict=False)
    assert bench.error("ATD+15551234;") == "ERROR"


def test_dialling_without_network(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    assert bench.error("ATD*99#") == "NO CARRIER"


def test_a_second_context_is_activated_by_the_call(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok('AT+CGDCONT=2,"IP","ppp"')
    dial(bench, "ATD*99***2#")
    assert bench.module.network.context_active(2)


def test_the_module_asks_for_the_link_a_few_times(make_bench: Make) -> None:
    bench = make_bench(online=True)
    dial(bench)
    found = frames(bench, 120_000)
    assert 5 <= len(found) + 1 <= 11
    assert {(protocol, packet[0]) for protocol, packet in found} == {(LCP, 1)}
    assert frames(bench, 60_000) == []


def test_link_control(make_bench: Make) -> None:
    bench = make_bench(online=True)
    dial(bench)
    bench.pass_ms(50)
    bench.uart.write(ppp_frame(LCP, bytes.fromhex("02 01 0004")))  # Configure-Ack
    assert frames(bench, 30_000) == []
    bench.uart.write(ppp_frame(LCP, bytes.fromhex("01 07 0008 0206 0000")))
    assert frames(bench) == [(LCP, bytes.fromhex("02 07 0008 0206 0000"))]
    bench.uart.write(ppp_frame(LCP, bytes.fromhex("09 08 0008 00000000")))
    assert frames(bench) == [(LCP, bytes.fromhex("0a 08 0008 00000000"))]
    bench.uart.write(b"AT\rATH\r")
    assert frames(bench) == []
    flush(bench)
    bench.uart.write(ppp_frame(LCP, bytes.fromhex("05 09 0004")))
    assert frames(bench) == [(LCP, bytes.fromhex("06 09 0004"))]
    assert bench.take()[-1] == "NO CARRIER"
    assert bench.ok("AT") == []
    assert bench.error("ATO") == "NO CARRIER"


def test_escape_keeps_the_call(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    dial(bench)
    escape(bench)
    bench.pass_ms(200)
    assert bench.take() == ["OK"]
    bench.ok("AT")
    assert bench.at("ATO").final == "CONNECT"
    escape(bench)
    bench.pass_ms(200)
    bench.take()
    assert bench.error("ATD*99#") == "NO CARRIER"  # there is one
    bench.ok("ATH")
    assert bench.error("ATO") == "NO CARRIER"
    dial(bench)


@pytest.mark.parametrize("text", [b"++", b"++++", b"+++AT\r", b"a+++"])
def test_what_is_no_escape(make_bench: Make, text: bytes) -> None:
    bench = make_bench(online=True, strict=False)
    dial(bench)
    bench.pass_ms(2000)
    bench.uart.write(text)
    bench.pass_ms(2000)
    assert bench.module.interface.mode == "data"


@pytest.mark.parametrize(
    ("behaviour", "answer", "call"), [(0, "", True), (1, "OK", True), (2, "NO CARRIER", False)]
)
def test_dtr(make_bench: Make, behaviour: int, answer: str, call: bool) -> None:
    bench = make_bench(online=True)
    bench.module.dtr(True)
    bench.ok(f"AT&D{behaviour}")
    dial(bench)
    bench.pass_ms(100)
    flush(bench)
    bench.module.dtr(False)
    bench.pass_ms(100)
    assert bench.take() == ([answer] if answer else [])
    assert bench.module.calls.active == call


def test_the_network_ends_the_call(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    dial(bench)
    bench.pass_ms(100)
    flush(bench)
    bench.module.network.stop_radio()
    bench.pass_ms(100)
    assert "NO CARRIER" in bench.take()


def test_a_restart_ends_the_call(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    dial(bench)
    bench.module.restart()
    bench.pass_ms(2500)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT") == []
    assert bench.error("ATO") == "NO CARRIER"


def test_psm_drops_call_and_multiplexer(make_bench: Make) -> None:
    bench = make_bench(online=True)
    bench.ok("AT+UPSV=1,1300")
    bench.ok('AT+CPSMS=1,,,"00100001","00000101"')
    dial(bench)
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "psm"
    assert not bench.module.calls.active


# -- multiplexer -----------------------------------------------------------------------------


class MuxHost:
    """The host's end of the multiplexer."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.reader = MuxReader(1509)

    def send(self, channel: int, kind: int, data: bytes = b"", poll: bool = False) -> None:
        self.bench.uart.write(mux_frame(channel, kind, data, poll=poll, command=True))

    def receive(self, ms: float = 100) -> list[MuxFrame]:
        self.bench.pull()
        before = len(self.bench.raw)
        self.bench.pass_ms(ms)
        return list(self.reader.feed(bytes(self.bench.raw[before:])))

    def exchange(self, channel: int, kind: int, data: bytes = b"", poll: bool = False) -> bytes:
        """Send, and the one frame that answers: kind and data."""
        self.send(channel, kind, data, poll)
        (frame,) = self.receive()
        assert frame.channel == channel
        return bytes((frame.kind,)) + frame.data

    def text(self, command: str = "", ms: float = 200) -> str:
        """What channel 1 says to a command, or by itself."""
        if command:
            self.bench.clock.sleep_ms(25)
            self.send(1, UIH, command.encode() + b"\r")
        found = self.receive(ms)
        assert all(frame.channel == 1 and frame.kind == UIH for frame in found)
        return b"".join(frame.data for frame in found).decode("latin-1")


def start_mux(bench: Bench, parameters: str = "0,0,,128") -> MuxHost:
    bench.ok(f"AT+CMUX={parameters}")
    bench.pass_ms(20)
    return MuxHost(bench)


def opened(bench: Bench, parameters: str = "0,0,,128") -> MuxHost:
    host = start_mux(bench, parameters)
    assert host.exchange(0, SABM, poll=True) == bytes((UA,))
    assert host.exchange(1, SABM, poll=True) == bytes((UA,))
    return host


@pytest.mark.parametrize(
    ("parameters", "good"),
    [
        ("0", True),
        ("0,0,,128", True),
        ("0,0,0,1509", True),
        ("0,0,,31,10,3,30,10,2", True),
        ("1", False),
        ("0,1", False),
        ("0,0,,1510", False),
        ("0,0,,0", False),
        ("0,0,,128,10,6", False),
    ],
)
def test_parameters(make_bench: Make, parameters: str, good: bool) -> None:
    bench = make_bench(strict=False)
    assert (bench.at(f"AT+CMUX={parameters}").final == "OK") == good


def test_commands_travel_in_frames(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    assert bench.error("AT+CMUX?") == "ERROR"
    host = opened(bench)
    assert host.exchange(0, UIH, bytes.fromhex("e3 05 07 8d")) == b"\xef\xe1\x05\x07\x8d"
    assert host.text("AT+CMUX?") == "\r\n+CMUX: 0,0,0,128,253,3,254,0,0\r\n\r\nOK\r\n"
    assert host.text("AT+CMUX=0") == "\r\nERROR\r\n"
    bench.module.inject_urc("+CTZV: 4")
    assert host.text() == "\r\n+CTZV: 4\r\n"
    assert host.text("ATE1") == "\r\nOK\r\n"
    assert host.text("AT") == "AT\r\r\nOK\r\n"
    assert bench.module.violations == []


def test_plain_text_means_nothing(make_bench: Make) -> None:
    bench = make_bench()
    host = opened(bench)
    bench.uart.write(b"AT\r\nAT+CGMM\r")
    bench.expect_silence(1000)
    assert "SARA" in host.text("AT+CGMM")


def test_long_answers_are_cut_to_n1(make_bench: Make) -> None:
    bench = make_bench(online=True)
    host = opened(bench, "0,0,,31")
    host.send(1, UIH, b"AT+CGDCONT=?\r")
    found = host.receive(500)
    assert max(len(frame.data) for frame in found) == 31
    assert b"".join(frame.data for frame in found).endswith(b"\r\nOK\r\n")


def test_other_channels_and_closed_ones_say_dm(make_bench: Make) -> None:
    bench = make_bench()
    host = start_mux(bench)
    assert host.exchange(1, DISC, poll=True) == bytes((DM,))
    assert host.exchange(1, UIH, b"AT\r") == bytes((DM,))
    assert host.exchange(0, SABM, poll=True) == bytes((UA,))
    assert host.exchange(5, SABM, poll=True) == bytes((DM,))
    assert host.exchange(1, SABM, poll=True) == bytes((UA,))
    assert host.exchange(1, DISC, poll=True) == bytes((UA,))
    assert host.exchange(1, UIH, b"AT\r") == bytes((DM,))


CLOSE_DOWNS = {
    "as ubxlib": bytes.fromhex("f903ff05c301e7f9"),
    "as m-center": bytes.fromhex("f903ef05c301f2f9"),
    "disc": mux_frame(0, DISC, poll=True, command=True),
}


@pytest.mark.parametrize("how", CLOSE_DOWNS)
def test_close_down(make_bench: Make, module_name: str, how: str) -> None:
    bench = make_bench(module_name)
    host = opened(bench)
    bench.uart.write(CLOSE_DOWNS[how])
    (frame,) = host.receive()
    assert frame.channel == 0
    assert (frame.kind, frame.data) in ((UA, b""), (UIH, b"\xc1\x01"))
    flush(bench)
    assert bench.ok("AT") == []
    opened(bench)


def test_a_host_that_restarted_closes_down_what_it_did_not_open(make_bench: Make) -> None:
    bench = make_bench()
    start_mux(bench)
    bench.uart.write(b"AT\rAT\r")
    bench.expect_silence(1000)
    bench.uart.write(CLOSE_DOWNS["as ubxlib"])
    bench.pass_ms(100)
    flush(bench)
    assert bench.ok("AT") == []


def test_sockets_work_through_the_multiplexer(make_bench: Make) -> None:
    bench = make_bench(online=True)
    peer = bench.tcp_peer(echo=True)
    host = opened(bench, "0,0,,1509")
    assert host.text("AT+USOCR=6").endswith("+USOCR: 0\r\n\r\nOK\r\n")
    assert host.text(f'AT+USOCO=0,"127.0.0.1",{peer.port}') == "\r\nOK\r\n"
    assert host.text("AT+USOWR=0,4") == "\r\n@"
    bench.pass_ms(50)
    host.send(1, UIH, b"\xf9\x00\r\n")
    assert host.text() == "\r\n+USOWR: 0,4\r\n\r\nOK\r\n\r\n+UUSORD: 0,4\r\n"


def test_ppp_in_a_channel_ends_by_logical_dtr(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT&D2")
    bench.module.dtr(True)
    host = opened(bench, "0,0,,1509")
    assert host.text("ATD*99#", 250).startswith("\r\nCONNECT\r\n~")
    bench.module.dtr(False)  # the pin means nothing here
    bench.pass_ms(100)
    assert bench.module.calls.in_data
    host.send(0, UIH, bytes.fromhex("e3 05 07 89"))
    bench.pass_ms(50)
    assert not bench.module.calls.active


def test_closing_down_ends_a_call(make_bench: Make) -> None:
    bench = make_bench(online=True)
    host = opened(bench, "0,0,,1509")
    assert "CONNECT" in host.text("ATD*99#", 300)
    bench.uart.write(CLOSE_DOWNS["as ubxlib"])
    bench.pass_ms(100)
    assert bench.module.interface.mode == "command"
    flush(bench)
    assert bench.ok("AT") == []


def test_a_restart_ends_the_multiplexer(make_bench: Make) -> None:
    bench = make_bench()
    opened(bench)
    bench.module.restart()
    bench.pass_ms(2500)
    flush(bench)
    bench.uart.write(b"ATE0\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT") == []
