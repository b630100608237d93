"""The dialogues of the seeds' sections 3.3 and 3.4: HTTPS with an imported certificate, and with
sessions that are resumed. Session data are made up in the seeds and real here, the rest is
literal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from simulator.line.test_dialogues import FILES, load
from simulator.support.http_server import SERVER
from simulator.support.https_server import SecureServer
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import install, trust

Make = Callable[..., Bench]
Step = dict[str, Any]

SESSION_DATA = re.compile(r'"([A-Za-z0-9+/=]{40,})"(?:,(\d+))?')
"""Base64 and, where there is one, its length."""


def shape(text: str) -> str:
    """A line with its session data, which differ every time, left out."""

    def leave_out(match: re.Match[str]) -> str:
        data, size = match.groups()
        assert size is None or int(size) == len(data)
        return "<data>" if size is None else "<data>,<size>"

    return SESSION_DATA.sub(leave_out, text)


def sections(prefix: str, ending: str = "") -> list[Any]:
    return [
        pytest.param(module, dialogue, id=dialogue["id"])
        for module in FILES
        for dialogue in load(module)
        if dialogue["section"].startswith(prefix) and dialogue["id"].endswith(ending)
    ]


def play(bench: Bench, step: Step, replaced: dict[str, str] | None = None) -> list[str]:
    """One step; everything the module said."""
    command = step["send"]
    for seed, real in (replaced or {}).items():
        command = command.replace(f'"{seed}"', f'"{real}"')
    command = SESSION_DATA.sub(
        lambda match: f'"{match[1]}"' + (f",{len(match[1])}" if match[2] else ""), command
    )
    if "prompt" in step:
        answer = bench.prompted(command, step["payload"].encode(), step["prompt"].encode())
    else:
        answer = bench.at(command)
    assert answer.final == step["final"]
    urcs = [bench.expect_urc(60_000) for _ in step.get("urcs", [])]
    assert [shape(line) for line in answer.text] == [shape(x) for x in step.get("info", [])]
    assert [shape(line) for line in urcs] == [shape(x) for x in step.get("urcs", [])]
    return [*answer.text, *urcs]


def found_data(lines: list[str]) -> list[str]:
    return [match[1] for line in lines for match in SESSION_DATA.finditer(line)]


def configured(make_bench: Make, module: str) -> tuple[Bench, SecureServer]:
    """What the dialogues of 3.4 need."""
    bench = make_bench(module, online=True, strict=True)
    server = SecureServer(bench)
    trust(bench, server.ca, level=1, profile=2, host="")
    return bench, server


@pytest.mark.parametrize(("module", "dialogue"), sections("3.3"))
def test_import_and_get(make_bench: Make, module: str, dialogue: dict[str, Any]) -> None:
    """The thawte root is imported and listed for real; as its key is thawte's alone, one of ours
    takes its place when the server must prove itself."""
    bench = make_bench(module, online=True, strict=True)
    server = SecureServer(bench)
    bench.module.addresses.hosts["www.ssl_tls_test_server.com"] = "127.0.0.1"
    for step in dialogue["steps"]:
        if step["send"].startswith("AT+UHTTPC"):
            bench.ok('AT+USECMNG=2,0,"ThawteCA"')
            install(bench, 0, "ThawteCA", server.ca.cert_pem.bytes())
        play(bench, step)
    assert len(server.requests) == 1
    assert bench.module.files.load("https.resp") == server.answer
    assert bench.module.violations == []


@pytest.mark.parametrize(("module", "dialogue"), sections("3.4", "acquire"))
def test_session_data_are_told(make_bench: Make, module: str, dialogue: dict[str, Any]) -> None:
    bench, server = configured(make_bench, module)
    for step in dialogue["steps"]:
        play(bench, step)
    assert server.resumed == 0
    assert bench.module.violations == []


@pytest.mark.parametrize(("module", "dialogue"), sections("3.4", "reuse"))
def test_a_session_is_resumed(make_bench: Make, module: str, dialogue: dict[str, Any]) -> None:
    bench, server = configured(make_bench, module)
    wanted = dialogue["id"].replace("reuse", "acquire")
    before = next(each for each in load(module) if each["id"] == wanted)
    real = found_data([line for step in before["steps"] for line in play(bench, step)])
    seed = found_data([step["send"] for step in dialogue["steps"]])
    assert len(real) == len(seed) > 0
    bench.ok("AT+CFUN=16")
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    bench.go_online()
    bench.ok("AT+USECPRF=2,0,1")
    bench.ok('AT+USECPRF=2,3,"ca"')
    bench.ok(f'AT+UHTTP=0,1,"{SERVER}"')
    for step in dialogue["steps"]:
        play(bench, step, dict(zip(seed, real, strict=True)))
    assert server.resumed == 1
    assert len(server.requests) == 2
    assert bench.module.violations == []


def test_each_dialogue_is_played() -> None:
    assert len(sections("3.3")) == 2
    assert len(sections("3.4", "acquire")) == len(sections("3.4", "reuse")) == 4
