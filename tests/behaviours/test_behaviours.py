"""The behaviours on CPython: both flavours, both modules, in virtual time, rules enforced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from behaviours import stage
from behaviours.stage import Stage


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("behaviours")


@pytest.fixture
def stages() -> Iterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for one in made:
        one.close()


@pytest.mark.parametrize(("flavour", "module", "topic", "name"), stage.cases())
def test_behaviour(
    flavour: str, module: str, topic: str, name: str, built: Path, stages: list[Stage]
) -> None:
    source: Any = stage.loaded(flavour, topic, built)
    rig = stage.loaded(flavour, "rig", built).Rig
    one = Stage(flavour, module, rig, **stage.options(topic))
    stages.append(one)
    try:
        one.run(getattr(source, name))
    except BaseException:
        print(one.told())
        raise
    simulated = one.uart.module
    assert simulated.crashes == []
    if not one.rig.breaks_rules:
        assert simulated.violations == []
        assert one.rig.uart.hurried == []
