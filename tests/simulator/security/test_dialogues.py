"""The dialogues of A5 and A10 3.1 and 3.2; those of 3.3 and 3.4, which speak HTTPS, are in
test_http_dialogues. The digests of the seeds' files cannot be known: they are compared in form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme
from simulator.line.test_dialogues import FILES, load
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]
Step = dict[str, Any]

SUBJECTS = (
    ("An MQTT broker", datetime(2032, 10, 18, 8, 23, 32, tzinfo=UTC)),
    ("A client certificate", datetime(2032, 6, 22, 12, 34, 48, tzinfo=UTC)),
)
DIGEST = re.compile(r'"[0-9a-f]{32}"')


def cases(section: str) -> list[Any]:
    return [
        pytest.param(module, dialogue["steps"], id=dialogue["id"])
        for module in FILES
        for dialogue in load(module)
        if dialogue["section"] == section
    ]


def formed(lines: list[str]) -> list[str]:
    return [DIGEST.sub("<digest>", line) for line in lines]


def play(bench: Bench, steps: list[Step]) -> None:
    for step in steps:
        answer = bench.at(step["send"])
        assert formed(answer.text) == formed(step.get("info", []))
        assert answer.final == step["final"]
    bench.expect_silence(1000)


@pytest.mark.parametrize(("module", "steps"), cases("3.1"))
def test_import_from_files(make_bench: Make, module: str, steps: list[Step]) -> None:
    bench = make_bench(module)
    ca = trustme.CA()
    *certificates, key = [step["send"].split('"')[3] for step in steps[:3]]
    for file, (name, end) in zip(certificates, SUBJECTS, strict=True):
        leaf = ca.issue_cert(common_name=name, not_after=end)
        bench.module.files.save(file, leaf.cert_chain_pems[0].bytes())
        bench.module.files.save(key, leaf.private_key_pem.bytes())
    play(bench, steps)


@pytest.mark.parametrize(("module", "steps"), cases("3.2"))
def test_set_up_a_profile(make_bench: Make, module: str, steps: list[Step]) -> None:
    play(make_bench(module), steps)


def test_both_modules_have_them() -> None:
    assert len(cases("3.1")) == len(cases("3.2")) == 2
