"""CoAP of the simulated module beyond the dialogues: what gets lost, what is refused, what ends a
request, and the variants."""

from __future__ import annotations

from typing import Any

import pytest
import trustme
from servers.coap import INDEX, pattern
from simulator.support.coap_bench import NAME, SERVER, CoapStage, Make, payload
from simulator.support.serial_host import Bench

from ublox_simulator.services.coap.errors import (
    BLOCK,
    CONNECTION_LOST,
    IN_PROGRESS,
    LOOK_UP,
    NO_PSD,
    NOT_SECURE,
    TIMED_OUT,
)

NOT_ALLOWED = "+CME ERROR: operation not allowed"
BAD = "+CME ERROR: incorrect parameters"


@pytest.fixture
def stage(make_bench: Make) -> CoapStage:
    """A valid profile for /hello."""
    made = CoapStage(make_bench)
    made.configure()
    return made


def variant(make_bench: Make, *names: str, **options: Any) -> CoapStage:
    made = CoapStage(make_bench, variants=set(names), **options)
    made.configure()
    return made


# -- on the network -----------------------------------------------------------------------------


@pytest.mark.parametrize(("lost", "seconds"), [(1, 2), (2, 6), (4, 30)])
def test_a_lost_request_is_sent_again(stage: CoapStage, lost: int, seconds: int) -> None:
    stage.server.deaf = lost
    began = stage.loop.time()
    assert stage.ask("1") == ['+UCOAPCD: 2,0,"776F726C64",0', "+UCOAPCR: 1,1"]
    assert seconds <= stage.loop.time() - began < seconds + 1


def test_a_lost_answer_is_given_again_and_the_request_carried_out_once(stage: CoapStage) -> None:
    stage.address("/store/a")
    stage.server.mute = 1
    assert stage.ask('4,"41",0')[-1] == "+UCOAPCR: 4,1"
    assert stage.server.heard == 2
    assert stage.server.store.kept == {("a",): (b"A", 0)}


def test_a_server_that_never_answers(stage: CoapStage) -> None:
    stage.address("/hang")
    began = stage.loop.time()
    assert stage.ask("1") == ["+UCOAPCR: 1,0"]
    assert 60 < stage.loop.time() - began < 93
    assert stage.error() == f"15,{TIMED_OUT}"
    stage.address("/hello")
    assert stage.ask("1")[-1] == "+UCOAPCR: 1,1"
    assert stage.error() == "0,0"


def test_a_message_that_is_not_confirmable_is_sent_once(stage: CoapStage) -> None:
    stage.bench.ok("AT+UCOAP=2,5,1")
    stage.server.deaf = 1
    assert stage.ask("1") == ["+UCOAPCR: 1,0"]
    assert stage.server.heard == 0
    assert stage.ask("1")[-1] == "+UCOAPCR: 1,1"


def test_the_retransmission_can_be_chosen(make_bench: Make) -> None:
    stage = variant(make_bench, coap_ack_ms=500, coap_retries=1)
    stage.address("/hang")
    began = stage.loop.time()
    assert stage.ask("1") == ["+UCOAPCR: 1,0"]
    assert 1 < stage.loop.time() - began < 2


def test_an_answer_that_takes_its_time(stage: CoapStage) -> None:
    stage.address("/slow?20000")
    assert payload(stage.ask("1")[0]) == b"at last"
    assert stage.server.heard == 2  # and the acknowledgement of the separate answer


def test_without_coverage_a_request_times_out(stage: CoapStage) -> None:
    stage.bench.module.set_coverage(False)
    stage.bench.ok("AT+UCOAPC=1")
    urcs = [line for line in stage.end() if line.startswith("+UCOAPC")]
    assert urcs == ["+UCOAPCR: 1,0"]


def test_a_lost_context_ends_the_request(stage: CoapStage) -> None:
    stage.address("/hang")
    stage.bench.ok("AT+UCOAPC=1")
    stage.bench.pass_ms(100)
    stage.bench.ok("AT+UPSDA=0,4")
    assert stage.end()[-1] == "+UCOAPCR: 1,0"
    assert stage.error() == f"15,{CONNECTION_LOST}"
    assert stage.bench.module.sockets.guests == set()
    assert stage.bench.error("AT+UCOAPC=1") == NOT_ALLOWED
    assert stage.error() == f"15,{NO_PSD}"


def test_names_are_looked_up(stage: CoapStage) -> None:
    stage.address("/query?a=1&b=%20", host=NAME)
    assert payload(stage.ask("1")[0]) == b"a=1|b= |coap.me"
    stage.address("/", host="unknown.example")
    assert stage.ask("1") == ["+UCOAPCR: 1,0"]
    assert stage.error() == f"15,{LOOK_UP}"


def test_options_that_are_not_taken_from_the_uri(stage: CoapStage) -> None:
    stage.address("/query?a=1", host=NAME)
    for option in (0, 3):
        stage.bench.ok(f"AT+UCOAP=2,{option},0")
    assert payload(stage.ask("1")[0]) == b"-"
    stage.bench.ok("AT+UCOAP=2,2,0")
    assert payload(stage.ask("1")[0]) == INDEX


# -- blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["coap", "coap+tcp"])
def test_an_answer_in_blocks(stage: CoapStage, scheme: str) -> None:
    if scheme == "coap+tcp":
        stage.over_tcp()
    stage.address("/pattern?2500", scheme)
    *urcs, last = stage.ask("1")
    assert last == "+UCOAPCR: 1,1"
    assert [urc.rpartition('"')[2] for urc in urcs] == [",1,0,1024", ",1,1,1024", ",0,2,1024"]
    assert b"".join(map(payload, urcs)) == pattern(2500)


def test_an_answer_in_blocks_of_512_bytes_or_as_one(make_bench: Make) -> None:
    for name, count in (("coap-block-512", 5), ("coap-answer-whole", 1)):
        stage = variant(make_bench, name)
        stage.address("/pattern?2500")
        *urcs, _ = stage.ask("1")
        assert len(urcs) == count
        assert b"".join(map(payload, urcs)) == pattern(2500)


@pytest.mark.parametrize(
    "blocks",
    [
        ["41" * 60 + '",0,0,1'],
        ["41" * 64 + '",0,0,1', "41" * 64 + '",0,2,0'],
        ["41" * 64 + '",0,0,1', "41" * 32 + '",0,1,1'],
        ["41" * 64 + '",0,0,1', "41" * 65 + '",0,1,0'],
        ["41" * 64 + '",0,1,0'],
    ],
)
def test_blocks_that_do_not_fit_together(stage: CoapStage, blocks: list[str]) -> None:
    stage.address("/large-update")
    *before, wrong = blocks
    for block in before:
        assert stage.ask(f'3,"{block}')[-1] == "+UCOAPCR: 3,1"
    assert stage.bench.error(f'AT+UCOAPC=3,"{wrong}') == NOT_ALLOWED
    assert stage.error() == f"15,{BLOCK}"
    assert stage.ask('3,"41",0')[-1] == "+UCOAPCR: 3,1"


# -- security -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["dtls", "tls"])
@pytest.mark.parametrize("fault", ["", "stranger", "elsewhere"])
def test_a_server_must_prove_who_it_is(stage: CoapStage, way: str, fault: str) -> None:
    ca, other = trustme.CA(), trustme.CA()
    names = ("elsewhere.example",) if fault == "elsewhere" else (SERVER,)
    issuer = other if fault == "stranger" else ca
    (stage.over_dtls if way == "dtls" else stage.over_tls)(issuer, *names)
    stage.trust(ca, level=2, host=SERVER)
    stage.address("/hello", "coaps" if way == "dtls" else "coaps+tcp")
    urcs = stage.ask("1")
    security = stage.bench.module.security
    if fault:
        assert urcs == ["+UCOAPCR: 1,0"]
        assert stage.error() == f"15,{NOT_SECURE}"
    else:
        assert payload(urcs[0]) == b"world"
    assert security.open_sessions == 0
    assert stage.bench.module.sockets.guests == set()


def test_ok_comes_after_the_handshake(stage: CoapStage) -> None:
    ca = trustme.CA()
    stage.over_dtls(ca)
    stage.trust(ca)
    stage.address("/hello", "coaps")
    began = stage.loop.time()
    stage.bench.ok("AT+UCOAPC=1")
    assert stage.loop.time() - began >= stage.bench.module.options.tls_ms / 1000
    assert stage.bench.module.security.open_sessions <= 1
    assert stage.end()[-1] == "+UCOAPCR: 1,1"


# -- what is refused ----------------------------------------------------------------------------


def test_one_request_at_a_time(stage: CoapStage) -> None:
    stage.address("/slow?3000")
    stage.bench.ok("AT+UCOAPC=1")
    assert stage.bench.error("AT+UCOAPC=1") == NOT_ALLOWED
    assert stage.error() == f"15,{IN_PROGRESS}"
    assert stage.end()[-1] == "+UCOAPCR: 1,1"


@pytest.mark.parametrize(
    "line",
    [
        'UCOAP=1,"http://a/"', 'UCOAP=1,"coap:///a"', 'UCOAP=1,"coap://a:0/"',
        'UCOAP=1,"coap://a:70000/"', 'UCOAP=1,"coap://u@a/"', 'UCOAP=1,"coap://a/#f"',
        f'UCOAP=1,"coap://{"h" * 256}/"', f'UCOAP=1,"coap://a/{"p" * 255}"',
        f'UCOAP=1,"coap://a/?{"q" * 256}"', "UCOAP=0,1", "UCOAP=3,1", "UCOAP=2,6,1",
        "UCOAP=2,0,2", "UCOAP=4,2", "UCOAP=5,4", "UCOAP=6,4", "UCOAP=8,5", "UCOAP=7,1",
        "UCOAPC=0", "UCOAPC=5", "UCOAPC=1,1", 'UCOAPC=3,"4",0', 'UCOAPC=3,"41"',
        'UCOAPC=3,"4g",0', 'UCOAPC=3,"41",8', f'UCOAPC=3,"{"41" * 513}",0', 'UCOAPC=3,"41",0,0',
        "UCOAPER=1",
    ],
)  # fmt: skip
def test_what_is_no_command(stage: CoapStage, line: str) -> None:
    assert stage.bench.error("AT+" + line) == BAD
    stage.bench.module.violations.clear()


def test_512_bytes_are_the_most_and_go_in_either_case(stage: CoapStage) -> None:
    stage.address("/echo")
    for digits in ("aB" * 512, "Ab" * 512):
        assert payload(stage.ask(f'4,"{digits}",3')[0]) == b"\xab" * 512


def test_an_empty_payload(stage: CoapStage) -> None:
    stage.address("/store/e")
    assert stage.ask('3,"",0') == ['+UCOAPCD: 2,0,"",0', "+UCOAPCR: 3,1"]
    assert stage.server.store.kept == {("e",): (b"", 0)}


def test_content_formats(stage: CoapStage) -> None:
    for number, wanted in enumerate((0, 40, 41, 42, 43, 47, 50, 60)):
        stage.address(f"/store/{number}")
        stage.ask(f'3,"41",{number}')
        assert stage.server.store.kept[(str(number),)][1] == wanted
    stage.bench.ok("AT+UCOAP=2,4,0")
    stage.ask('3,"41",6')
    assert stage.server.store.kept[("7",)][1] is None


# -- profiles -----------------------------------------------------------------------------------


def restarted(bench: Bench) -> None:
    bench.ok("AT+CFUN=16")
    bench.pass_ms(8000)
    bench.take()
    bench.ok("ATE0")
    bench.ok("AT+CMEE=2")
    bench.go_online()


def test_stored_profiles_survive_a_restart_and_the_current_one_does_not(stage: CoapStage) -> None:
    bench = stage.bench
    bench.ok("AT+UCOAP=2,5,1")
    bench.ok("AT+UCOAP=6,2")
    restarted(bench)
    assert bench.error("AT+UCOAPC=1") == NOT_ALLOWED
    assert stage.error() == "15,17"
    assert bench.error("AT+UCOAP=5,1") == NOT_ALLOWED
    bench.ok("AT+UCOAP=5,2")
    assert stage.ask("1")[-1] == "+UCOAPCR: 1,1"
    lines = bench.ok("AT+UCOAP=7")
    assert [line for line in lines if "INVALID" in line] == [
        f"+UCOAP: INVALID PROFILE NUMBER {number}" for number in (0, 1, 3)
    ]
    assert '+UCOAP: "PROFILE_NUM",2' in lines


def test_a_profile_made_invalid(stage: CoapStage) -> None:
    stage.bench.ok("AT+UCOAP=4,0")
    assert stage.bench.error("AT+UCOAPC=1") == NOT_ALLOWED
    assert stage.error() == "15,17"


def test_a_restart_in_the_middle_of_a_request(stage: CoapStage) -> None:
    stage.address("/hang")
    stage.bench.ok("AT+UCOAPC=1")
    stage.bench.pass_ms(500)
    restarted(stage.bench)
    assert stage.bench.module.sockets.guests == set()
    stage.configure()
    assert stage.ask("1")[-1] == "+UCOAPCR: 1,1"


@pytest.mark.parametrize(
    ("name", "path", "wanted"),
    [
        ("coap-field-detail", "/forbidden", '+UCOAPCD: 4,3,"6E6F7420666F7220796F75",0'),
        ("coap-field-format", "/pattern?1", '+UCOAPCD: 2,42,"00",0'),
        ("coap-no-more", "/hello", '+UCOAPCD: 2,0,"776F726C64"'),
    ],
)
def test_variants_of_the_answer(make_bench: Make, name: str, path: str, wanted: str) -> None:
    stage = variant(make_bench, name)
    stage.address(path)
    assert stage.ask("1")[0] == wanted


def test_variants_of_the_profile(make_bench: Make) -> None:
    stage = variant(make_bench, "coap-mask-whole", "coap-names-blank", "coap-no-delete")
    lines = stage.bench.ok("AT+UCOAP?")
    assert '+UCOAP: "OPT MASK",31' in lines
    assert '+UCOAP: "USECMNG PROFILE",0' in lines
    assert stage.bench.error("AT+UCOAPC=2") == BAD
    stage.bench.module.violations.clear()


def test_the_other_module_has_none(make_bench: Make) -> None:
    bench = make_bench("lexi-r10")
    bench.ok("AT+CMEE=1")
    assert bench.error("AT+UCOAP?") == "+CME ERROR: 4"
