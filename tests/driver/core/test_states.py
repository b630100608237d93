"""States and outcomes of an exchange have one meaning everywhere, and names for people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from dev.environment import ROOT
from driver.support.node import Node

CORE = ROOT / "lib/ublox_cellular/core"
AIO = ROOT / "lib/ublox_cellular/aio"
CONST = re.compile(r"^(_[A-Z_]+) = const\((\d+)\)", re.MULTILINE)


def constants(path: Path) -> dict[str, int]:
    """The file's `_NAME = const(number)`."""
    text = path.read_text(encoding="utf-8")
    return {name: int(number) for name, number in re.findall(CONST, text)}


ENGINE = constants(CORE / "engine.py")


def of_the_engine(node: ast.expr) -> bool:
    """Whether it is `channel.state`, `modem.channel.outcome` and the like."""
    if not isinstance(node, ast.Attribute) or node.attr not in ("state", "outcome"):
        return False
    owner = node.value
    return getattr(owner, "id", getattr(owner, "attr", "")) in ("channel", "engine")


def names_used(path: Path) -> Iterator[str]:
    """Constants that are compared with, or given to, a state or an outcome."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and of_the_engine(node.left):
            values = node.comparators
        elif isinstance(node, ast.Assign) and any(map(of_the_engine, node.targets)):
            values = [node.value]
        else:
            continue
        yield from (one.id for value in values for one in ast.walk(value)
                    if isinstance(one, ast.Name) and one.id[0] == "_")  # fmt: skip


PLACES = {
    str(path.relative_to(AIO.parent)): path
    for path in [*AIO.rglob("*.py"), *CORE.glob("*.py")]
    if set(names_used(path))
}


def test_services_that_look_at_the_engine_are_found() -> None:
    assert len(PLACES) >= 10


@pytest.mark.parametrize("place", PLACES)
def test_numbers_of_states_and_outcomes_are_those_of_the_engine(place: str) -> None:
    known = constants(PLACES[place])
    for name in names_used(PLACES[place]):
        assert known[name] == ENGINE.get(name), name


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
def test_a_channel_shows_its_state_its_command_and_the_result(flavour: str) -> None:
    node = Node("sara-r5", flavour)
    channel = node.make().channel
    assert repr(channel) == "<Channel idle, AT: OK>"
    channel.start(b"+COPS?")
    channel.launch()
    assert repr(channel) == "<Channel pause, AT+COPS: none>"
    channel.state = ENGINE["_READING"]
    channel.outcome = ENGINE["_GARBLED"]
    channel.abandoned = True
    assert repr(channel) == "<Channel reading, AT+COPS: garbled, given up>"
    channel.state = ENGINE["_DATA"]
    channel.outcome = ENGINE["_CONNECTED"]
    assert repr(channel).startswith("<Channel data, AT+COPS: connected")
