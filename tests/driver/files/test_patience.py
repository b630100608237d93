"""A source that has nothing yet is waited for, but not for ever, and leaves no half a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES


class Dry:
    """Gives so many bytes, then says that it has nothing yet."""

    def __init__(self, count: int) -> None:
        self.left = count

    def readinto(self, buf: Any) -> int | None:
        n = min(self.left, len(buf))
        self.left -= n
        return n or None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_source_that_runs_dry_is_given_up(
    module: str, flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    files = node.up().files
    began = node.seconds()
    with pytest.raises(OSError, match="gives nothing for 120 s") as caught:
        node.call(files.write, "dry", Dry(700))
    assert caught.value.errno == 110
    assert 115 < node.seconds() - began < 140
    assert node.call(files.listdir) == []
    node.usable()
