"""What all tests share."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dev import environment

_MISSING = [name for name in ("node", "wasm-asyncio") if not environment.PARTS[name].fresh()]


# Files with single tests that take long, the longest first: they begin first, so that no worker
# is left with one of them at the end.
_LONG = (
    "power/test_sleep_cycles.py",
    "core/test_schedules.py",
    "micropython/test_download.py",
    "mqtt/test_account.py",
    "device/test_year.py",
    "micropython/test_programs.py",
)


def _file(item: pytest.Item) -> str:
    return "/".join(item.path.parts[-2:])


def _long_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The long ones in front of all; with several workers, each of which begins with a piece of
    the list of its own (worksteal), in front of each piece."""
    place = {name: number for number, name in enumerate(_LONG)}
    long = [item for item in items if _file(item) in place]
    long.sort(key=lambda item: place[_file(item)])
    rest = [item for item in items if _file(item) not in place]
    ordered: list[pytest.Item] = []
    for number in range(workers):
        dealt = long[number::workers]
        # The pieces are of one size, that of xdist's own division.
        size = len(items) * (number + 1) // workers - len(items) * number // workers
        room = max(0, size - len(dealt))
        ordered += [*dealt, *rest[:room]]
        del rest[:room]
    return [*ordered, *rest]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = _long_first(items, workers)
    if not _MISSING:
        return
    reason = f"without {', '.join(_MISSING)} there is no MicroPython: run tools/dev/environment.py"
    for item in items:
        if item.get_closest_marker("micropython"):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """What is there now stays to the end: no collection of garbage need look at it again. With
    all test files loaded that is a third of a second each time."""
    gc.collect()
    gc.freeze()


Make = Callable[[Path], Any]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Any]:
    """once(name, make): what `make(folder)` returns, as JSON has it. The first test that asks
    makes it, in whatever worker that is; those that ask meanwhile wait for that one."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    known: dict[str, Any] = {}

    def found(name: str, make: Make) -> Any:
        if name not in known:
            folder = base / "once" / name
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                file = folder / "made.json"
                if not file.exists():
                    text = json.dumps(make(folder))
                    (folder / "part").write_text(text)
                    (folder / "part").rename(file)
                known[name] = json.loads(file.read_text())
        return known[name]

    return found


_MAY_STAY = 8  # what several test files share: a broker's barrier, certificates being made


def open_files() -> list[str]:
    """What this process holds open; nothing where that cannot be seen."""
    found = []
    for entry in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):  # that of the search itself
            found.append(os.readlink(entry))
    return found


@pytest.fixture(scope="module", autouse=True)
def nothing_stays_open() -> Iterator[None]:
    """Files and sockets left open by a test file fail it: in time they take those of the others,
    and clients that stand on select() stop working at 1024."""
    before = len(open_files())
    yield
    if len(open_files()) > before + _MAY_STAY:
        gc.collect()
        left = sorted(open_files())
        assert len(left) <= before + _MAY_STAY, f"{len(left) - before} left open: {left}"
