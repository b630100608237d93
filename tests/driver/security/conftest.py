"""Fixtures of several files here: each has a `Stage` of its own, a script and a driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS


@pytest.fixture
def stages(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes the file's `Stage(flavour, module)`; its line is closed after the test."""
    made: list[Any] = []

    def make(flavour: str = "blocking", module: str = "sara-r5") -> Any:
        made.append(request.module.Stage(flavour, module))
        return made[-1]

    yield make
    for stage in made:
        stage.bench.close()


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)
