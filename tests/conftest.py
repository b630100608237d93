"""What all tests share."""

from __future__ import annotations

import bootstrap
import pytest

_MISSING = [name for name in ("node", "wasm-asyncio") if not bootstrap.PARTS[name].fresh()]


# What takes minutes begins first, one group at the head of what each of three workers is given.
_LONG = (
    ("test_micropython.py",),
    ("test_download.py", "test_mqtt_account.py"),
    ("test_sleep_cycles.py",),
)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, so that nobody waits for a long one at the end."""
    rest = [item for item in items if not any(item.path.name in names for names in _LONG)]
    found: list[pytest.Item] = []
    for names in _LONG:
        found += [item for item in items if item.path.name in names]
        share = max(0, len(items) * (_LONG.index(names) + 1) // len(_LONG) - len(found))
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
