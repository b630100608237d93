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

import bootstrap
import pytest

_MISSING = [name for name in ("node", "wasm-asyncio") if not bootstrap.PARTS[name].fresh()]


# What takes long begins first, one group at the head of what each of three workers is given.
_LONG = (
    ("test_download.py",),
    ("test_mqtt_account.py",),
    ("test_sleep_cycles.py",),
)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, so that no worker waits for a long one at the end."""
    found: list[pytest.Item] = []
    rest = [item for item in items if not any(item.path.name in names for names in _LONG)]
    for number, names in enumerate(_LONG, 1):
        found += [item for item in items if item.path.name in names]
        share = max(0, len(items) * number // len(_LONG) - len(found))
        found += rest[:share]
        rest = rest[share:]
    return found + rest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = spread(items)
    if not _MISSING:
        return
    reason = f"without {', '.join(_MISSING)} there is no MicroPython: run tools/bootstrap.py"
    for item in items:
        if item.get_closest_marker("micropython"):
            item.add_marker(pytest.mark.skip(reason=reason))


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
