"""tools/test counts honestly: a step, each test of pytest, what is skipped and what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from dev import checks

TESTS = """
import pytest
def test_good(): pass
def test_bad(): assert False
@pytest.fixture
def broken(): raise OSError
def test_error(broken): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
"""


def python(name: str, text: str, **options: object) -> checks.Step:
    return checks.Step(name, name, [[sys.executable, "-c", text]], **options)  # type: ignore[arg-type]


def pytest_step(folder: Path, text: str) -> checks.Step:
    (folder / "test_sample.py").write_text(text)
    report = folder / "report.xml"
    arguments = ["-c", "/dev/null", "-p", "no:cacheprovider", f"--junitxml={report}", str(folder)]
    return checks.Step("pytest", "", [[sys.executable, "-m", "pytest", *arguments]], report=report)


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out.splitlines()[-1]


def test_all_well(capfd: pytest.CaptureFixture[str]) -> None:
    assert checks.run([python("a", "pass"), python("b", "pass")], {}, strict=True) == 0
    assert last_line(capfd) == "2 passed, 0 failed"


def test_a_failing_step_shows_its_output_and_the_next_one_runs(
    capfd: pytest.CaptureFixture[str],
) -> None:
    steps = [python("a", "print('why'); exit(3)"), python("b", "print('quiet')")]
    assert checks.run(steps, {}, strict=False) == 1
    said = capfd.readouterr().out
    assert "why\n" in said and "quiet" not in said
    assert said.endswith("\n1 passed, 1 failed\n")


def test_what_runs_beside_the_rest_counts_and_is_heard_if_it_fails(
    capfd: pytest.CaptureFixture[str],
) -> None:
    steps = [python("a", "print('why'); exit(3)", beside=True), python("b", "pass")]
    steps.append(python("c", "print('quiet')", beside=True))
    assert checks.run(steps, {}, strict=False) == 1
    said = capfd.readouterr().out
    assert "--- a: a\nwhy\n" in said and "quiet" not in said
    names = [line.split()[:2] for line in said.splitlines()[-5:-2]]
    assert names == [["a", "FAILED"], ["b", "ok"], ["c", "ok"]]


def test_a_missing_part_is_skipped_or_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    step = python("a", "pass", needs=["node"])
    missing = {"node": "Node.js is not installed"}
    assert checks.run([step, python("b", "pass")], missing, strict=False) == 0
    said = capfd.readouterr().out
    assert "Node.js is not installed" in said
    assert said.endswith("\n1 passed, 0 failed, 1 skipped\n")
    assert checks.run([step, python("b", "pass")], missing, strict=True) == 1
    assert last_line(capfd) == "1 passed, 1 failed"


def test_pytest_counts_its_tests(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert checks.run([pytest_step(tmp_path, TESTS)], {}, strict=False) == 1
    assert last_line(capfd) == "2 passed, 2 failed, 1 skipped"
    assert checks.run([pytest_step(tmp_path, TESTS)], {}, strict=True) == 1
    assert last_line(capfd) == "2 passed, 3 failed"


def test_pytest_that_runs_nothing_has_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert checks.run([pytest_step(tmp_path, "")], {}, strict=False) == 1
    assert last_line(capfd) == "0 passed, 1 failed"
