"""Whole nodes for the tests that want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from driver.support.http_server import Server
    from driver.support.node import Node


@pytest.fixture
def nodes() -> Iterator[Callable[..., Node]]:
    """Makes whole nodes and closes them; the simulated module must not have crashed."""
    from driver.support.node import Node

    made: list[Node] = []

    def make(*arguments: Any, **options: Any) -> Node:
        made.append(Node(*arguments, **options))
        return made[-1]

    yield make
    for node in made:
        node.close()
    assert [node.module.crashes for node in made] == [[] for _ in made]


@pytest.fixture
def places(nodes: Callable[..., Node]) -> Iterator[Callable[..., tuple[Node, Server]]]:
    """Makes nodes with a web server each; no rule of the wire may be broken."""
    from driver.support.http_server import Server

    made: list[tuple[Node, Server]] = []

    def make(module: str, flavour: str, **options: Any) -> tuple[Node, Server]:
        node = nodes(module, flavour, **options)
        made.append((node, Server(node)))
        return made[-1]

    yield make
    for node, server in made:
        server.peer.close()
        assert node.violations() == []
