"""What all tests share."""

from __future__ import annotations

import bootstrap
import pytest

_MISSING = [name for name in ("node", "wasm-asyncio") if not bootstrap.PARTS[name].fresh()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not _MISSING:
        return
    reason = f"without {', '.join(_MISSING)} there is no MicroPython: run tools/bootstrap.py"
    for item in items:
        if item.get_closest_marker("micropython"):
            item.add_marker(pytest.mark.skip(reason=reason))
