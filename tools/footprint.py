"""What the library takes on a board: which modules make up which layer, and their measurement.

Used by tools/bench, tools/demo and tests/test_budgets.py. Bytecode is what a board gets: mpy-cross
-O3. Figures are exact: the same on every run and every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mpy
import wasm

PACKAGE = "ublox_cellular"
FLAVOURS = ("blocking", "aio")
FAMILIES = {"sara-r5": "sara_r5", "lexi-r10": "lexi_r10"}

# What firmware has built in, and what only this MicroPython needs a file for: imported first, so
# that it is not counted as the library's.
BUILT_IN = ["time", "io", "machine"]
ASYNCIO = ["asyncio", *(f"asyncio.{name}" for name in ("core", "event", "lock", "funcs"))]


@dataclass(frozen=True)
class Layer:
    """Modules a program imports together; {flavour} and {family} stand for those of the run."""

    name: str
    modules: tuple[str, ...]

    def chosen(self, flavour: str, family: str) -> list[str]:
        """Their names in a run."""
        return [name.format(flavour=flavour, family=family) for name in self.modules]


def _core(*names: str) -> tuple[str, ...]:
    return tuple(f"{PACKAGE}.core.{name}" for name in names)


LAYERS = (
    Layer(
        "core and channel",
        (
            *_core("compat", "port", "lexer", "command", "errors", "engine"),
            f"{PACKAGE}.{{flavour}}.at",
        ),
    ),
    Layer(
        "modem, network, sockets",
        (
            *_core("events"),
            f"{PACKAGE}.{{flavour}}.modem",
            f"{PACKAGE}.{{flavour}}.{{family}}",
            f"{PACKAGE}.{{flavour}}.network",
            f"{PACKAGE}.{{flavour}}.sockets",
        ),
    ),
    # A further service: Layer("mqtt", (f"{PACKAGE}.{{flavour}}.mqtt",))
)


def file_of(module: str) -> Path | None:
    """The source of a module of the library."""
    path = mpy.LIB.joinpath(*module.split("."))
    for found in (path.with_suffix(".py"), path / "__init__.py"):
        if found.exists():
            return found
    return None


def imports(flavour: str) -> list[str]:
    """What is imported before the library, and its own root."""
    return [*BUILT_IN, *(ASYNCIO if flavour == "aio" else []), PACKAGE]


def measured(flavour: str, family: str) -> dict[str, int]:
    """Bytes of heap that each module keeps after its import, from .mpy."""
    modules = [name for layer in LAYERS for name in layer.chosen(flavour, family)]
    job = wasm.Job(measure=[*imports(flavour), *modules], bytecode=True, asyncio=flavour == "aio")
    return {
        name: size for name, size in job.measured().resident.items() if name.startswith(PACKAGE)
    }


def resident(module: str, flavour: str) -> int:
    """Bytes that all layers keep together; `module` and `flavour` as a user names them."""
    return sum(measured("aio" if flavour == "asyncio" else flavour, FAMILIES[module]).values())
