"""The behaviours on CPython: both flavours, both modules, in virtual time, rules enforced."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dev import environment

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


@pytest.fixture(autouse=True)
def foreign(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Programs of others, where a topic needs them: loaded anew, they keep what they import."""
    if stage.group(request.node.callspec.params["topic"]) != "foreign":
        yield
        return
    if not environment.PARTS["foreign"].fresh():
        pytest.skip("programs of others: tools/dev/environment.py")
    monkeypatch.syspath_prepend(str(environment.FOREIGN))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name in ("supervisor", "micropython") or name.startswith(("adafruit_", "microdot")):
            del sys.modules[name]


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
