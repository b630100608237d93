"""The behaviours on the real MicroPython: both flavours, both modules, in virtual time, rules
enforced.

One start of MicroPython runs a group of behaviours of a flavour and a module; every behaviour is a
test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from behaviours import stage
from behaviours.runs import ITSELF, Result, Run, play

# The first test of a run plays all of it, and those of other workers wait for that one.
pytestmark = [pytest.mark.micropython, pytest.mark.timeout(1200)]

Results = Callable[[str, str, str], Result]


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, once: Callable[..., Any]) -> Results:
    """results(flavour, module, topic): of the run in which behaviours of that topic are."""
    wanted: dict[Run, list[tuple[str, str]]] = {}
    for item in request.session.items:
        if item.name.startswith("test_on_micropython["):
            values = item.callspec.params
            run = values["flavour"], values["module"], stage.group(values["topic"])
            wanted.setdefault(run, []).append((values["topic"], values["name"]))

    def result(flavour: str, module: str, topic: str) -> Result:
        run = flavour, module, stage.group(topic)
        return once("-".join(run), lambda folder: play(run, wanted[run], folder))

    return result


@pytest.mark.parametrize(
    ("flavour", "module", "topic", "name"), stage.cases("micropython-", board=True)
)
def test_on_micropython(
    flavour: str, module: str, topic: str, name: str, results: Results
) -> None:
    found = results(flavour, module, topic)
    itself = found[ITSELF]
    assert itself["crashes"] == "[]"
    assert name in found, f"did not come to it: {itself['text']}"
    mine = found[name]
    print(f"{mine['ms']} ms")
    assert mine["result"] == "PASS", mine["text"]
    assert mine["broken"] == ""
