"""The environment: no work when it is right, a reason when a part cannot be had."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from dev import environment


def test_nothing_is_done_when_all_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(environment.ROOT / "tools" / "dev" / "environment.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ready\n", "")  # not "setting up"


def test_extras_that_refer_to_extras() -> None:
    names = {line.partition("=")[0].rstrip("~<>=") for line in environment.requirements("dev")}
    assert {"pytest", "ruff", "mpremote"} <= names
    assert not any("ublox" in name for name in names)


@pytest.fixture
def part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> environment.Part:
    """A part that is made in some milliseconds and notes each time it is."""
    monkeypatch.setattr(environment, "BUILD", tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    folder = tmp_path / "thing"

    def make() -> None:
        folder.mkdir(exist_ok=True)
        time.sleep(0.05)
        with open(folder / "made", "a") as file:
            file.write("x")

    part = environment.Part("thing", folder, lambda: (tmp_path / "key").read_text(), make)
    (tmp_path / "key").write_text("1")
    monkeypatch.setitem(environment.PARTS, "thing", part)
    return part


def test_a_part_is_made_again_only_when_its_key_changes(part: environment.Part) -> None:
    for key, made in (("1", "x"), ("1", "x"), ("2", "xx"), ("2", "xx")):
        (part.folder.parent / "key").write_text(key)
        assert environment.prepare("thing") == {}
        assert (part.folder / "made").read_text() == made


def test_commands_started_together_make_it_once(part: environment.Part) -> None:
    threads = [threading.Thread(target=environment.prepare, args=("thing",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (part.folder / "made").read_text() == "x"


def test_what_is_missing_is_named_with_the_reason(
    part: environment.Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        environment._run("no-such-command", "--version")

    broken = environment.Part("broken", part.folder.parent / "broken", lambda: "1", fail)
    monkeypatch.setitem(environment.PARTS, "broken", broken)
    assert environment.prepare("broken", "thing") == {"broken": "no-such-command is not installed"}
    assert part.fresh() and not broken.fresh()


@pytest.mark.parametrize(("arguments", "ci"), [(["--no-skip"], ""), ([], "true")])
def test_no_skip(arguments: list[str], ci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(sys, "argv", ["test"])
    assert not environment.strict()
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(sys, "argv", ["test", *arguments])
    assert environment.strict()
