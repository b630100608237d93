"""The dialogues of A5 9, host side: a real server and the simulated module. Dates, and the size
that a directory has on this disk, are the server's own; the rest is literal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from simulator.line.test_dialogues import branches, load
from simulator.support.ftp_bench import FtpBench

ADDRESS = "123.213.132.231"
Step = dict[str, Any]
DATE = re.compile(r"[A-Z][a-z]{2} [ \d]\d [ \d]\d[:\d]\d\d ")
DIRECTORY = re.compile(r"(d\S{9}) .{31}(?=<date>)")


def cases() -> list[Any]:
    found = []
    for dialogue in load("sara-r5"):
        if dialogue["id"].startswith("r5-9"):
            for number, steps in enumerate(branches(dialogue["steps"])):
                name = dialogue["id"] + (f"-alternative{number}" if number else "")
                found.append(pytest.param(dialogue["id"], number, steps, id=name))
    return found


def content(steps: list[Step], key: str) -> bytes:
    """The whole file that a link passes."""
    return max((s.get(key, "") for s in steps), key=len).encode("latin-1")


def shape(text: str) -> str:
    return DIRECTORY.sub(r"\1 <rest>", DATE.sub("<date>", text))


@pytest.fixture
def benches() -> Iterator[list[FtpBench]]:
    made: list[FtpBench] = []
    yield made
    for bench in made:
        crashes, violations = bench.module.crashes, bench.module.violations
        bench.close()
        assert (crashes, violations) == ([], [])


def prepared(ident: str, branch: int, benches: list[FtpBench]) -> FtpBench:
    """What the dialogue's `needs` ask for."""
    secure = ident == "r5-9.2-secure" and not branch
    certificate = trustme.CA().issue_cert(ADDRESS) if secure else None
    bench = FtpBench(server={"tls": certificate})
    if secure:  # that of the seed's, "myname"
        bench.server.user("myname", "mypwd")
    benches.append(bench)
    (bench.folder / "dat_000").write_bytes(bytes(1037))
    (bench.folder / "data.zip").write_bytes(bytes(21041))
    (bench.folder / "xlog.zip").write_bytes(bytes(12))
    bench.module.files.save("gps_positions", bytes(176673))
    if "retrieve" in ident:
        dialogue = next(d for d in load("sara-r5") if d["id"] == ident)
        whole = content(dialogue["steps"], "stream_in")
        (bench.folder / "file_to_retrieve").write_bytes(whole)
    if ident == "r5-9.3-error":
        bench.ok('AT+UFTP=1,"ftp.u-blox.com"')
    if ident == "r5-9.1.2-abort":
        (bench.folder / "long").write_bytes(bytes(100_000))
        bench.login()
        bench.link('6,"long"')
        bench.passed(1000)
    if "store" in ident and branch:
        (bench.folder / "file_to_store").write_bytes(bytes(250))
    return bench


def play(bench: FtpBench, step: Step) -> None:
    urcs = step.get("urcs", [])
    if "escape" in step:
        assert bench.escape()[-3:] == [step["disconnect"], step["final"], *urcs]
    elif "connect" in step:
        bench.link(step["send"].removeprefix("AT+UFTPC="))
        if "stream_out" in step:
            bench.pass_ms(60)
            bench.uart.write(step["stream_out"].encode("latin-1"))
            bench.pass_ms(500)
        else:
            assert bench.passed(2000) == step["stream_in"].encode("latin-1")
    elif step["send"].startswith("AT+UFTPC=1") and len(urcs) == 2:
        found, result = bench.counted(step["send"].removeprefix("AT+UFTPC="))
        shown = f'+UUFTPCD: 13,{len(found)},"{found.decode()}"'
        assert [shape(shown), result] == [shape(urcs[0]), urcs[1]]
    else:
        answer = bench.at(step["send"])
        assert [answer.text, answer.final] == [step.get("info", []), step["final"]]
        assert [bench.expect_urc(60_000) for _ in urcs] == urcs


@pytest.mark.parametrize(("ident", "branch", "steps"), cases())
def test_dialogue(ident: str, branch: int, steps: list[Step], benches: list[FtpBench]) -> None:
    bench = prepared(ident, branch, benches)
    for step in steps:
        play(bench, step)
    if ident == "r5-9.1.3-store":
        dialogue = next(d for d in load("sara-r5") if d["id"] == ident)
        whole = content(dialogue["steps"], "stream_out")
        stored = (bench.folder / "file_to_store").read_bytes()
        assert stored[-50:] == whole[-50:]
        assert len(stored) == 300
        assert branch or stored == whole
    if ident == "r5-9-session":
        assert (bench.folder / "uploads" / "gps_positions").stat().st_size == 176673
        assert bench.module.files.size("data.zip") == 21041
