"""What programs under test are given: a UART partner, and the apps of boards/ as modules."""

from __future__ import annotations

import importlib.util
import os
import pty
import select
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from dev.environment import ROOT

Served = Callable[[Callable[[bytes], bytes]], str]


@pytest.fixture
def served() -> Iterator[Served]:
    """served(answer) gives the path of a tty; what is written to it goes through `answer`."""
    cleanups = []

    def start(answer: Callable[[bytes], bytes]) -> str:
        master, slave = pty.openpty()
        tty.setraw(slave)
        stopped, stop = os.pipe()

        def serve() -> None:
            while stopped not in (readable := select.select([master, stopped], [], [])[0]):
                if master in readable:
                    os.write(master, answer(os.read(master, 4096)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        cleanups.append((thread, stop, (master, slave, stopped, stop)))
        return os.ttyname(slave)

    yield start
    for thread, stop, descriptors in cleanups:
        os.write(stop, b"x")
        thread.join()
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.fixture
def load_app(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """load_app("name") gives a program of boards/apps as a module, on the shim's `machine`."""

    def load(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(ROOT / "tools" / "shim"))
        monkeypatch.delitem(sys.modules, "machine", raising=False)
        spec = importlib.util.spec_from_file_location(name, ROOT / "boards/apps" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
