"""Echo, formats, concatenation, abort, prompts, data mode, pacing, URC placement, strict mode."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]


def exchange(bench: Bench, data: bytes, ms: float = 100) -> bytes:
    """Raw bytes out and all that comes back."""
    bench.take()
    bench.raw.clear()
    bench.clock.sleep_ms(20)
    bench.uart.write(data)
    bench.pass_ms(ms)
    bench.take()
    return bytes(bench.raw)


def test_echo_is_on_at_first_and_includes_the_line_end(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, quiet=False)
    assert exchange(bench, b"AT\r") == b"AT\r\r\nOK\r\n"
    assert exchange(bench, b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    assert exchange(bench, b"AT\r") == b"\r\nOK\r\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"at\r", b"\r\nOK\r\n"),
        (b"AT\r\n", b"\r\nOK\r\n"),
        (b"AX\x08T\r", b"\r\nOK\r\n"),
        (b"\r\r\r", b""),
        (b"no command\r", b""),
        (b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"),
        (b"AT+CMEE?;+CMEE=?\r", b"\r\n+CMEE: 0\r\n\r\n+CMEE: (0-2)\r\n\r\nOK\r\n"),
        (b"AT+CMEE?;+NONSENSE\r", b"\r\nERROR\r\n"),
        (b"AT+CMEE?;+CMEE=7;+CMEE?\r", b"\r\n+CMEE: 0\r\n\r\nERROR\r\n"),
        (b"AT+CMEE?;+USOWR=0,1\r", b"\r\nERROR\r\n"),
        (b"ATS3?\r", b"\r\n013\r\n\r\nOK\r\n"),
        (b"ATV0\r", b"0\r"),
        (b"ATQ1\r", b""),
    ],
)
def test_answers_byte_for_byte(
    make_bench: Make, module_name: str, line: bytes, answer: bytes
) -> None:
    bench = make_bench(module_name, registered_after_ms=0)
    assert exchange(bench, line) == answer


@pytest.mark.parametrize(
    ("cmee", "final"),
    [(0, "ERROR"), (1, "+CME ERROR: 3"), (2, "+CME ERROR: operation not allowed")],
)
def test_error_formats(make_bench: Make, module_name: str, cmee: int, final: str) -> None:
    bench = make_bench(module_name)
    bench.ok(f"AT+CMEE={cmee}")
    assert bench.error("AT+USOCL=0") == final


def test_what_a_module_lacks_is_not_supported_and_nonsense_is_unknown(make_bench: Make) -> None:
    lexi = make_bench("lexi-r10")
    lexi.ok("AT+CMEE=2")
    assert lexi.error("AT+UPSDA=0,3") == "+CME ERROR: operation not supported"
    assert lexi.error("AT+NONSENSE") == "+CME ERROR: unknown"
    sara = make_bench("sara-r5", variants={"cme-capital"})
    sara.ok("AT+CMEE=2")
    assert sara.error("AT+UDNSCFG=1,1,0") == "+CME ERROR: Operation not supported"


def test_an_over_long_line_is_answered_once(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, max_line=64)
    bench.ok("AT+CMEE=1")
    assert bench.error("AT+" + "X" * 500) == "+CME ERROR: 1650"
    assert bench.ok("AT") == []


@pytest.mark.parametrize(
    ("cmee", "variants", "final"),
    [
        (0, set(), "ERROR"),
        (1, set(), "+CME ERROR: 3000"),
        (2, set(), "+CME ERROR: command aborted"),
        (2, {"abort-plain"}, "Command aborted"),
    ],
)
def test_a_character_aborts_an_abortable_command(
    make_bench: Make, cmee: int, variants: set[str], final: str
) -> None:
    bench = make_bench("sara-r5", registered_after_ms=60_000, variants=variants)
    bench.ok(f"AT+CMEE={cmee}")
    bench.send("AT+COPS=0")
    bench.expect_silence(1000)
    began = bench.loop.time()
    bench.uart.write(b"AT\r")
    assert bench.answer().final == final
    assert bench.loop.time() - began < 0.01
    assert bench.ok("AT") == []


def test_input_during_a_command_waits_and_breaks_a_rule(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, dns_ms=500, hosts={"a.example": "10.1.1.1"})
    bench.send('AT+UDNSRN=0,"a.example"')
    bench.pass_ms(100)
    bench.uart.write(b"AT+CMEE?\r")
    assert bench.answer().text == ['+UDNSRN: "10.1.1.1"']
    assert bench.answer().text == ["+CMEE: 0"]
    assert [v.text for v in bench.module.violations] == [
        "b'AT+CMEE?\\r' while a command is in flight"
    ]


@pytest.mark.parametrize("baud", [9600, 115200, 921600])
@pytest.mark.parametrize("latency", [0, 2, 10])
def test_an_exchange_takes_its_bytes_and_the_latency(
    make_bench: Make, module_name: str, baud: int, latency: float
) -> None:
    bench = make_bench(module_name, latency_ms=latency)
    bench.ok(f"AT+IPR={baud}")
    bench.pass_ms(100)
    bench.uart.init(baudrate=baud)
    bench.clock.sleep_ms(20)
    began = bench.loop.time()
    bench.uart.write(b"AT+CGMI\r")
    bench.expect_line()
    assert bench.expect_line() == b"OK"
    sent = len(b"AT+CGMI\r") + len(b"\r\nu-blox\r\n\r\nOK\r\n")
    assert bench.loop.time() - began == pytest.approx(sent * 10 / baud + latency / 1000, abs=1e-6)


def test_a_chain_with_echo_is_paced_too(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", quiet=False)
    bench.clock.sleep_ms(20)
    began = bench.loop.time()
    bench.uart.write(b"AT\r")
    bench.answer("AT")
    # the echo of the last byte leaves one byte time after it came, well inside the latency
    assert bench.loop.time() - began == pytest.approx((3 + 6) * 10 / 115200 + 0.002, abs=1e-6)


def test_rate_change_is_answered_at_the_old_rate(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+IPR=9600")
    bench.clock.sleep_ms(100)
    bench.uart.write(b"AT\r")  # still at 115200: rubbish for the module
    bench.expect_silence(100)
    bench.uart.init(baudrate=9600)
    bench.uart.write(b"\r")
    bench.pass_ms(20)
    bench.take()
    assert bench.ok("AT+IPR?") == ["+IPR: 9600"]
    assert bench.error("AT+IPR=1234") == "ERROR"


def test_one_shot_autobaud_takes_the_first_at_and_is_silent_before(make_bench: Make) -> None:
    bench = make_bench("sara-r5", quiet=False, baudrate=57600)
    bench.module.inject_urc("+TOO: early")
    bench.expect_silence(100)
    assert bench.ok("ATE0") == []
    bench.uart.init(baudrate=115200)
    bench.uart.write(b"AT\r")
    bench.pass_ms(100)
    assert bench.take() == []
    bench.uart.init(baudrate=57600)
    bench.uart.write(b"\r")
    bench.pass_ms(50)
    bench.take()
    assert bench.ok("AT+IPR?") == ["+IPR: 0"]


def test_a_fixed_rate_module_hears_rubbish_at_another_rate(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", quiet=False, baudrate=9600)
    bench.uart.write(b"AT\r")
    bench.pass_ms(1000)
    assert bench.take() == []


def test_urcs_wait_for_the_end_of_an_answer_and_of_a_typed_line(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, dns_ms=500, hosts={"a.example": "10.1.1.1"})
    bench.send('AT+UDNSRN=0,"a.example"')
    bench.pass_ms(200)
    bench.module.inject_urc("+HELD: 1")
    assert bench.answer().text == ['+UDNSRN: "10.1.1.1"']
    assert bench.expect_urc() == "+HELD: 1"
    bench.clock.sleep_ms(20)
    bench.uart.write(b"AT+CG")
    bench.pass_ms(10)
    bench.module.inject_urc("+HELD: 2")
    bench.expect_silence(100)
    bench.uart.write(b"MI\r")
    assert bench.answer().text == ["u-blox"]
    assert bench.expect_urc() == "+HELD: 2"


def test_a_line_never_finished_does_not_hold_urcs_for_ever(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    bench.uart.write(b"AT+CG")
    bench.pass_ms(10)
    bench.module.inject_urc("+HELD: 1")
    assert bench.expect_urc(1500) == "+HELD: 1"


class TestPrompt:
    """Counted payloads (A5 5.3.1)."""

    def test_payload_is_not_echoed_and_may_hold_anything(
        self, make_bench: Make, module_name: str
    ) -> None:
        bench = make_bench(module_name, online=True)
        peer = bench.tcp_peer()
        bench.connected(peer)
        bench.ok("ATE1")
        payload = b'\r\nOK\r\n"@>+++\x00\xff\x1a\x1bAT\r'
        assert bench.prompted(f"AT+USOWR=0,{len(payload)}", payload).final == "OK"
        bench.pass_ms(5)
        assert bytes(peer.last.received) == payload
        assert payload not in bench.raw

    def test_the_interface_is_blocked_until_all_bytes_have_come(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5", online=True)
        peer = bench.tcp_peer()
        bench.connected(peer)
        bench.send("AT+USOWR=0,10")
        bench.expect_bytes(b"@")
        bench.clock.sleep_ms(50)
        bench.uart.write(b"AT\r")
        bench.expect_silence(60_000)
        bench.uart.write(b"1234567")
        assert bench.answer().text == ["+USOWR: 0,10"]
        assert [v.text for v in bench.module.violations] == [
            "only 3 of 10 payload bytes came in 10 s"
        ]

    def test_bytes_beyond_the_payload_are_dropped(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5", online=True)
        peer = bench.tcp_peer()
        bench.connected(peer)
        assert bench.prompted("AT+USOWR=0,2", b"12345").text == ["+USOWR: 0,2"]
        bench.pass_ms(5)
        assert bytes(peer.last.received) == b"12"
        assert "beyond the payload" in bench.module.violations[0].text


class TestStrict:
    """Strict mode reports each broken rule once, and nothing else."""

    def texts(self, bench: Bench) -> list[str]:
        return [violation.text for violation in bench.module.violations]

    def test_a_proper_host_breaks_no_rule(self, make_bench: Make, module_name: str) -> None:
        bench = make_bench(module_name, online=True)
        peer = bench.tcp_peer(echo=True)
        bench.connected(peer)
        bench.prompted("AT+USOWR=0,4", b"1234")
        assert bench.expect_urc() == "+UUSORD: 0,4"
        bench.ok("AT+USORD=0,4")
        assert self.texts(bench) == []

    def test_a_command_too_soon(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5")
        bench.uart.write(b"AT\r")
        bench.answer()
        bench.clock.sleep_ms(19)
        bench.uart.write(b"AT\r")
        bench.answer()
        assert len(self.texts(bench)) == 2
        assert self.texts(bench)[1] == "command 19.00 ms after the last byte sent, 20 ms asked"

    def test_a_payload_too_soon(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5", online=True)
        bench.connected(bench.tcp_peer())
        bench.send("AT+USOWR=0,2")
        bench.expect_bytes(b"@")
        bench.clock.sleep_ms(49)
        bench.uart.write(b"12")
        assert bench.answer().final == "OK"
        assert self.texts(bench) == ["payload 49.00 ms after the prompt, 50 ms asked"]

    def test_a_urc_that_races_with_a_command_is_nobodys_fault(self, make_bench: Make) -> None:
        bench = make_bench("lexi-r10")
        bench.pass_ms(100)
        bench.module.inject_urc("+RACE: 1")
        bench.uart.write(b"AT\r")
        bench.pass_ms(50)
        assert self.texts(bench) == []

    @pytest.mark.parametrize(
        ("line", "text"),
        [
            ("AT+NONSENSE", "malformed or unknown command: AT+NONSENSE"),
            ('AT+CSGT=1,"open', 'malformed or unknown command: AT+CSGT=1,"open'),
            ("AT+CMEE=9", "wrong parameters: +CMEE=9"),
            ("hello", "a line without AT: b'hello'"),
        ],
    )
    def test_bad_lines(self, make_bench: Make, line: str, text: str) -> None:
        bench = make_bench("sara-r5")
        bench.send(line)
        bench.pass_ms(50)
        assert self.texts(bench) == [text]

    def test_reading_more_than_announced(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5", online=True)
        peer = bench.tcp_peer()
        bench.connected(peer)
        peer.last.send(b"1234")
        assert bench.expect_urc() == "+UUSORD: 0,4"
        bench.ok("AT+USORD=0,3")
        assert bench.expect_urc() == "+UUSORD: 0,1"
        bench.ok("AT+USORD=0,2")
        assert self.texts(bench) == ["+USORD asks for 2 bytes, 1 are announced and unread"]

    def test_nothing_is_collected_when_it_is_off(self, make_bench: Make) -> None:
        bench = make_bench("sara-r5", strict=False)
        bench.send("AT+NONSENSE")
        bench.pass_ms(50)
        assert bench.module.violations == []
