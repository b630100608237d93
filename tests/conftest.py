"""What all tests share."""

from __future__ import annotations

import bootstrap
import pytest

_MISSING = [name for name in ("node", "wasm-asyncio") if not bootstrap.PARTS[name].fresh()]


# What takes a minute or more in one test begins first, or at the end all would wait for it.
_LONG = ("test_sleep_cycles.py", "test_download.py", "test_micropython.py", "test_mqtt_account.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in _LONG)
    if not _MISSING:
        return
    reason = f"without {', '.join(_MISSING)} there is no MicroPython: run tools/bootstrap.py"
    for item in items:
        if item.get_closest_marker("micropython"):
            item.add_marker(pytest.mark.skip(reason=reason))
