"""Each fault knob does what its SPEC says, and nothing when it is not set."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench, SilenceError

from ublox_simulator import Faults

Make = Callable[..., Bench]


def received(bench: Bench, data: bytes, ms: float = 100) -> bytes:
    """Everything that comes back for `data`."""
    bench.take()
    bench.raw.clear()
    bench.clock.sleep_ms(20)
    bench.uart.write(data)
    bench.pass_ms(ms)
    bench.take()
    return bytes(bench.raw)


# ATE0 of the bench: 5 bytes in, 11 bytes out (the echo and OK)
@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        ("", b"\r\nOK\r\n"),
        ("drop=out@13", b"\r\nK\r\n"),
        ("double=out@13", b"\r\nOOK\r\n"),
        ("drop=in@5", b""),
        ("double=in@6", b"\r\nERROR\r\n"),
        ("drop=in:1", b""),
        ("double=out@11;drop=out@16", b"\r\r\nOK\r"),
    ],
)
def test_single_bytes_are_lost_or_doubled(make_bench: Make, spec: str, answer: bytes) -> None:
    bench = make_bench("sara-r5", strict=False)
    bench.module.faults.load(spec)
    assert received(bench, b"AT\r") == answer


def test_a_damaged_byte_differs_in_one_bit(make_bench: Make) -> None:
    bench = make_bench("sara-r5", faults="damage=out@13")
    answer = received(bench, b"AT\r")
    assert len(answer) == 6
    assert (answer[2] ^ ord("O")).bit_count() == 1
    assert answer[:2] + answer[3:] == b"\r\nK\r\n"


def test_the_same_seed_gives_the_same_faults(make_bench: Make) -> None:
    def play(seed: int) -> bytes:
        bench = make_bench(
            "sara-r5",
            strict=False,
            seed=seed,
            quiet=False,
            faults="damage=out:0.1;drop=out:0.1;split=3:5",
        )
        for _ in range(20):
            received(bench, b"AT+CGMM\r")
        return b"".join(received(bench, b"ATI9\r") for _ in range(5))

    assert play(1) == play(1)
    assert play(1) != play(2)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_split_output_arrives_in_pieces_but_whole(make_bench: Make, size: int) -> None:
    bench = make_bench("sara-r5", faults=f"split={size}:10")
    bench.clock.sleep_ms(20)
    bench.uart.write(b"ATI9\r")
    pieces = []
    data = b""
    while not data.endswith(b"OK\r\n"):
        assert bench.uart.wait(1000)
        bench.clock.sleep_ms(size * 10 / 115.2)
        bench.pull()
        data = bytes(bench.raw)
        pieces.append(len(data))
    assert data.endswith(b"\r\n02.06,A00.01\r\n\r\nOK\r\n")
    assert len(pieces) > 20 / size / 2


def test_a_urc_at_every_line_boundary(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    bench.module.faults.load("urc=*:+CSCON: 1")
    bench.send("AT+CGMM")
    urc = b"\r\n+CSCON: 1\r\n"
    bench.pass_ms(100)
    assert bench.raw.endswith(urc + b"\r\nSARA-R510S\r\n" + urc + b"\r\nOK\r\n")


@pytest.mark.parametrize("boundary", [0, 1])
def test_a_urc_at_one_boundary(make_bench: Make, boundary: int) -> None:
    bench = make_bench("sara-r5")
    bench.module.faults.boundary = 0
    bench.module.faults.load(f"urc={boundary}:+X: 1")
    bench.send("AT+CGMM;+CGMM")
    bench.pass_ms(100)
    assert bench.take().index("+X: 1") == boundary


def test_held_urcs_may_come_between_an_answer_and_its_ok(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, dns_ms=100, hosts={"a.example": "10.1.1.1"})
    bench.module.faults.load("urc=*")
    bench.send('AT+UDNSRN=0,"a.example"')
    bench.pass_ms(50)
    bench.module.inject_urc("+HELD: 1")
    bench.pass_ms(200)
    assert bench.take() == ["+HELD: 1", '+UDNSRN: "10.1.1.1"', "OK"]


@pytest.mark.parametrize("which", ["#2", "+cgmm"])
def test_a_late_answer(make_bench: Make, which: str) -> None:
    bench = make_bench("sara-r5")
    bench.module.faults.commands = 0
    bench.module.faults.load(f"late={which}:3000")
    bench.ok("AT")
    began = bench.loop.time()
    bench.ok("AT+CGMM")
    assert bench.loop.time() - began == pytest.approx(3.025, abs=0.01)
    began = bench.loop.time()
    bench.ok("AT")
    assert bench.loop.time() - began < 0.03


def test_a_missing_answer_still_carries_the_command_out(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    bench.module.faults.load("mute=+CMEE")
    bench.send("AT+CMEE=2")
    bench.expect_silence(5000)
    bench.module.faults.mute.clear()
    assert bench.ok("AT+CMEE?") == ["+CMEE: 2"]


@pytest.mark.parametrize("spec", ["restart=#2", "restart=in@8", "restart=out@15"])
def test_a_restart_at_a_chosen_moment(make_bench: Make, spec: str) -> None:
    bench = make_bench("lexi-r10", strict=False, faults=spec)
    bench.send("ATI9")
    with pytest.raises(SilenceError):
        bench.answer("ATI9", ms=1500)
    assert bench.module.boots == 2
    bench.pass_ms(1000)
    bench.take()
    bench.raw.clear()
    bench.ok("AT")
    assert bench.raw.startswith(b"AT\r")  # echo is on again: settings are lost


def test_restart_at_any_byte_leaves_a_module_that_answers(make_bench: Make) -> None:
    for index in range(0, 40, 3):
        bench = make_bench(
            "lexi-r10",
            strict=False,
            quiet=False,
            registered_after_ms=0,
            faults=f"restart=in@{index};restart=out@{index * 2}",
        )
        for line in (b"ATE0\r", b"AT+CGDCONT?\r", b"AT+CSQ\r"):
            received(bench, line)
        bench.module.faults.clear()
        bench.pass_ms(6000)
        bench.take()
        bench.ok("AT")


def test_a_gap_in_the_coverage(make_bench: Make) -> None:
    bench = make_bench("sara-r5", faults="coverage=6000-20000", registered_after_ms=1000)
    bench.ok("AT+CEREG=1")
    bench.pass_ms(30_000)
    assert bench.take() == ["+CEREG: 1", "+CEREG: 2", "+CEREG: 1"]


def test_data_waits_for_the_coverage(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.module.set_coverage(False)
    peer.last.send(b"hello")
    assert bench.ok('AT+USOWR=0,3,"abc"') == ["+USOWR: 0,3"]
    bench.expect_silence(60_000)
    assert not peer.last.received
    bench.module.set_coverage(True)
    assert bench.expect_urc() == "+UUSORD: 0,5"
    bench.pass_ms(5000)
    assert bytes(peer.last.received) == b"abc"


def test_a_full_queue_by_knob(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, faults="queue-full=0")
    bench.connected(bench.tcp_peer())
    assert bench.prompted("AT+USOWR=0,2", b"12").final == "ERROR"
    bench.module.faults.clear()
    assert bench.prompted("AT+USOWR=0,2", b"12").final == "OK"


@pytest.mark.parametrize(
    "spec", ["nonsense=1", "drop=up@1", "drop=out@x", "split=0", "late=#1", "coverage=1", "urc=x"]
)
def test_a_wrong_spec_is_named(spec: str) -> None:
    with pytest.raises(ValueError, match="fault"):
        Faults(random.Random(1)).load("double=out@1;" + spec)
