"""Gives tests a bench that checks itself at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from simulator.support.serial_host import Bench

MODULES = ("sara-r5", "lexi-r10")


@pytest.fixture(params=MODULES)
def module_name(request: pytest.FixtureRequest) -> str:
    """Both modules, one after the other."""
    return str(request.param)


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    """Makes benches; at the end none may have crashed."""
    benches: list[Bench] = []

    def make(module: str = "sara-r5", **options: Any) -> Bench:
        bench = Bench(module, **options)
        benches.append(bench)
        return bench

    yield make
    for bench in benches:
        bench.close()
    assert [crash for bench in benches for crash in bench.module.crashes] == []
