"""tools/generate: the blocking flavour of sample sources, package.json, and the check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dev import blocking_flavour
from dev.environment import ROOT

MODULE = '''\
"""Docstrings stay: nothing here is awaited."""

from ..core.lexer import Lexer
from ..wait_aio import Lock, sleep_ms, zero
from .at import Channel


class Guard:
    async def __aenter__(self):
        await self.lock.acquire()
        return self

    async def __aexit__(self, kind, value, trace):
        self.lock.release()

    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration


async def exchange(channel: Channel, text: bytes, timeout_ms: int = 1000) -> int:
    async with Guard() as guard:
        async for line in guard:
            return len(await channel.very_long_name_of_an_operation(text, timeout_ms, Lexer, zero))
    await sleep_ms(1)
    return 0
'''

RESULT = '''\
# Generated from aio/service.py by tools/generate. Do not edit.
"""Docstrings stay: nothing here is awaited."""

from ..core.lexer import Lexer
from ..wait_blocking import Lock, sleep_ms, zero
from .at import Channel


class Guard:
    def __enter__(self):
        self.lock.acquire()
        return self

    def __exit__(self, kind, value, trace):
        self.lock.release()

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


def exchange(channel: Channel, text: bytes, timeout_ms: int = 1000) -> int:
    with Guard() as guard:
        for line in guard:
            return len(channel.very_long_name_of_an_operation(text, timeout_ms, Lexer, zero))
    sleep_ms(1)
    return 0
'''

# What tools/generate imports.
PROGRAM = ("blocking_flavour", "command_index", "command_texts", "environment", "public_api")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one service, and one module in a sub-package."""
    files = {
        "__init__.py": '__version__ = "1.2.3"\n',
        "aio/__init__.py": "from .service import exchange\n",
        "aio/service.py": MODULE,
        "aio/sara_r5/files.py": "from ...wait_aio import sleep_ms\nNAME = 'aio'\n",
        "wait_aio.py": "import asyncio\n",
        "wait_blocking.py": "import time\n",
    }
    for name, text in files.items():
        path = tmp_path / blocking_flavour.PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_blocking_flavour_of_a_module(tree: Path) -> None:
    files = blocking_flavour.expected(tree)
    assert files[blocking_flavour.BLOCKING / "service.py"] == RESULT


def test_a_sub_package_waits_the_blocking_way(tree: Path) -> None:
    text = blocking_flavour.expected(tree)[blocking_flavour.BLOCKING / "sara_r5" / "files.py"]
    assert text.splitlines() == [
        "# Generated from aio/sara_r5/files.py by tools/generate. Do not edit.",
        "from ...wait_blocking import sleep_ms",
        "",
        'NAME = "blocking"',
    ]


def test_generating_again_changes_nothing(tree: Path) -> None:
    first = blocking_flavour.expected(tree)
    for path, text in first.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    assert blocking_flavour.expected(tree) == first
    assert blocking_flavour.stale(first, tree) == []


def test_a_result_without_source_is_stale(tree: Path) -> None:
    left = tree / blocking_flavour.BLOCKING / "gone.py"
    left.parent.mkdir()
    left.write_text("")
    assert blocking_flavour.stale(blocking_flavour.expected(tree), tree) == [
        blocking_flavour.BLOCKING / "gone.py"
    ]


def test_package_json_lists_every_file_and_the_version(tree: Path) -> None:
    package = json.loads(blocking_flavour.expected(tree)[Path("package.json")])
    assert package["version"] == "1.2.3"
    assert package["deps"] == []
    assert ["ublox_cellular/aio/service.py", "lib/ublox_cellular/aio/service.py"] in package[
        "urls"
    ]
    names = [name for name, _ in package["urls"]]
    assert names == sorted(set(names))
    assert sum("/blocking/" in name for name in names) == 3
    assert len(names) == 6 + 3


def test_a_single_file_outside_the_package(tmp_path: Path) -> None:
    source = tmp_path / "tools" / "demonstration" / "tour" / "aio.py"
    source.parent.mkdir(parents=True)
    source.write_text("async def tour(modem):\n    await modem.connect()\n")
    result = Path("tools/demonstration/tour/blocking.py")
    assert blocking_flavour.blocking({result: source}, tmp_path) == {
        result: "# Generated from tools/demonstration/tour/aio.py "
        "by tools/generate. Do not edit.\n"
        "def tour(modem):\n    modem.connect()\n"
    }


@pytest.mark.parametrize("text", ["async def broken(:\n", "import asyncio\n"])
def test_a_source_that_cannot_be_turned_is_named(tree: Path, text: str) -> None:
    (tree / blocking_flavour.AIO / "bad.py").write_text(text)
    with pytest.raises(blocking_flavour.GenerateError, match=r"bad\.py:1: "):
        blocking_flavour.expected(tree)


def test_check_shows_what_differs(tree: Path) -> None:
    """The command itself, on a copy of the tools beside the sample tree."""
    (tree / "tools" / "dev").mkdir(parents=True)
    for name in ("generate", *(f"dev/{name}.py" for name in PROGRAM)):
        (tree / "tools" / name).write_bytes((ROOT / "tools" / name).read_bytes())
    (tree / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    # It must not make an environment of its own: it gets ours.
    program = (
        "import runpy, sys; from dev import environment; environment.enter = lambda *names: {}; "
    )
    program += "sys.argv = ['generate', *sys.argv[1:]]; runpy.run_path('tools/generate', None, "
    program += "'__main__')"

    def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=tree,
            env={"PYTHONPATH": str(tree / "tools"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert generate("--check").returncode == 1
    assert generate().returncode == 0
    assert generate("--check").returncode == 0
    service = tree / blocking_flavour.BLOCKING / "service.py"
    service.write_text(service.read_text().replace("sleep_ms(1)", "sleep_ms(2)"))
    (tree / blocking_flavour.BLOCKING / "gone.py").write_text("")
    changed = generate("--check")
    assert changed.returncode == 1
    assert "-    sleep_ms(2)\n+    sleep_ms(1)\n" in changed.stdout
    assert "gone.py: its source no longer exists" in changed.stdout
    assert generate().returncode == 0
    assert service.read_text() == RESULT
    assert not (tree / blocking_flavour.BLOCKING / "gone.py").exists()
