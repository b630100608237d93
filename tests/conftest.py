"""What all tests share."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import bootstrap
import pytest

_MISSING = [name for name in ("node", "wasm-asyncio") if not bootstrap.PARTS[name].fresh()]


# What takes minutes begins first, one group at the head of what each of three workers is given.
_LONG = (
    ("test_download.py",),
    ("test_mqtt_account.py",),
    ("test_sleep_cycles.py",),
)
# What runs beside the tests in real time begins before all of them and is looked at in the end.
_BESIDE = "test_micropython.py"
_BEGINS = "test_the_runs_begin"


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, so that nobody waits for a long one at the end."""
    found = [item for item in items if item.name == _BEGINS]
    beside = [item for item in items if item.path.name == _BESIDE and item not in found]
    others = [item for item in items if item.path.name != _BESIDE]
    rest = [item for item in others if not any(item.path.name in names for names in _LONG)]
    for number, names in enumerate(_LONG, 1):
        found += [item for item in others if item.path.name in names]
        share = max(0, len(items) * number // len(_LONG) - len(found))
        found += rest[:share]
        rest = rest[share:]
    return found + rest + beside


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = spread(items)
    if not _MISSING:
        return
    reason = f"without {', '.join(_MISSING)} there is no MicroPython: run tools/bootstrap.py"
    for item in items:
        if item.get_closest_marker("micropython"):
            item.add_marker(pytest.mark.skip(reason=reason))


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
