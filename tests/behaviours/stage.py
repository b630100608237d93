"""CPython's side of the behaviours: where they are, their blocking form, and a rig to run one."""

from __future__ import annotations

import ast
import asyncio
import importlib
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import unasync
from dev import blocking_flavour

from .outside import VIRTUAL_LIMIT_S, World

HERE = Path(__file__).resolve().parent
TOPICS = (
    "identity", "payloads", "streams", "waiting", "closing", "datagrams", "listening", "refusals",
    "recovery", "flood", "restarts", "rawdata", "network", "power", "comeback", "secure",
    "security", "files", "http", "httplink", "mqtt", "mqttsn", "coap", "ftp", "contract",
)  # fmt: skip
ASYNCIO_ONLY = ("tasks", "asyncstreams")
BLOCKING_ONLY = ("foreign",)  # written as they are called: nothing is made of them
EQUIPMENT = ("equipment",)  # of theirs
BOARD_ONLY = ("ownasyncio",)  # the same, on MicroPython only
FLAVOURS = ("asyncio", "blocking")
MODULES = ("sara-r5", "lexi-r10")
PORTABLE = (
    "__init__",
    "errnos",
    "rig",
    *TOPICS,
)  # what MicroPython gets, besides tasks and the program

# Topics with a simulated module that falls asleep and comes back within a second or two.
BRISK = ("power", "comeback")
BRISK_OPTIONS: dict[str, float] = {
    "rrc_idle_ms": 400, "psm_wake_ms": 700, "hibernate_wake_ms": 300, "retry_ms": 1000,
    "drx_ms": 640, "sleep2_drx_ms": 640, "hibernate_edrx_ms": 5000,
}  # fmt: skip

# On MicroPython these have runs of their own, which workers share.
_RUNS = {
    "brisk": BRISK,
    "foreign": (*BLOCKING_ONLY, *BOARD_ONLY, "asyncstreams"),
    "services": (
        "secure", "security", "files", "http", "httplink", "mqtt", "mqttsn", "coap", "ftp",
    ),
    "sockets": (
        "payloads", "streams", "waiting", "closing", "datagrams", "listening", "rawdata",
        "contract",
    ),
}  # fmt: skip


def group(topic: str) -> str:
    """Which run on MicroPython a topic is part of."""
    return next((run for run, topics in _RUNS.items() if topic in topics), "usual")


# What is known of the modules, independently of the driver.
FACTS: dict[str, dict[str, object]] = {
    "sara-r5": {"model": "SARA-R5", "other_model": "LEXI-R10", "sockets": 7},
    "lexi-r10": {"model": "LEXI-R10", "other_model": "SARA-R5", "sockets": 6},
}


def options(topic: str) -> dict[str, float]:
    """Of the simulated module."""
    return BRISK_OPTIONS if topic in BRISK else {}


def topics(flavour: str, board: bool = False) -> tuple[str, ...]:
    """Those that exist in this flavour, on CPython or on a board."""
    if flavour == "asyncio":
        return TOPICS + ASYNCIO_ONLY
    return TOPICS + BLOCKING_ONLY + (BOARD_ONLY if board else ())


@cache
def names(topic: str) -> list[str]:
    """The behaviours of a topic: its public functions that are given a rig and no more, in their
    order. They are coroutines unless only the blocking flavour has the topic."""
    wanted = ast.FunctionDef if topic in BLOCKING_ONLY + BOARD_ONLY else ast.AsyncFunctionDef
    tree = ast.parse((HERE / f"{topic}.py").read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, wanted)
        and not node.name.startswith("_")
        and [argument.arg for argument in node.args.args] == ["rig"]
    ]


def behaviours(flavour: str, board: bool = False) -> list[tuple[str, str]]:
    """(topic, name) of all that exist in this flavour."""
    wanted = topics(flavour, board)
    found = {name: topic for topic in wanted for name in names(topic)}
    if len(found) < sum(len(names(topic)) for topic in wanted):
        raise ValueError("two behaviours of one name: on MicroPython one would hide the other")
    return [(topic, name) for name, topic in found.items()]


def cases(prefix: str = "", board: bool = False) -> list[Any]:
    """Parameters of a test: flavour, module, topic and name of every behaviour."""
    found: list[Any] = []
    for flavour in FLAVOURS:
        for module in MODULES:
            for topic, name in behaviours(flavour, board):
                ident = f"{prefix}{flavour}-{module}-{name}"
                found.append(pytest.param(flavour, module, topic, name, id=ident))
    return found


def write_blocking(sources: list[Path], folder: Path) -> None:
    """The blocking form of asyncio sources, as tools/generate makes the library's."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        rule = unasync.Rule(
            f"{source.parent}/", f"{folder}/", additional_replacements=blocking_flavour.NAMES
        )
        unasync.unasync_files([str(source)], [rule])


def in_flavour(program: Path, flavour: str, folder: Path) -> Path:
    """An asyncio program, or its blocking form in a folder."""
    if flavour == "asyncio":
        return program
    write_blocking([program], folder)
    return folder / program.name


def copy(topics: tuple[str, ...], folder: Path) -> None:
    """Topics as they are."""
    for topic in topics:
        shutil.copy(HERE / f"{topic}.py", folder)


def loaded(flavour: str, topic: str, folder: Path) -> Any:
    """The module of a topic; the blocking ones are written to `folder` first."""
    if flavour == "asyncio":
        return importlib.import_module(f"behaviours.{topic}")
    package = "behaviours_blocking"
    if not (folder / package).exists():
        write_blocking([HERE / f"{name}.py" for name in PORTABLE], folder / package)
        copy(BLOCKING_ONLY + EQUIPMENT, folder / package)
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
    return importlib.import_module(f"{package}.{topic}")


def classes(flavour: str, module: str) -> tuple[Any, Any]:
    """The class of the module and that of the other model."""
    if flavour == "asyncio":
        from ublox_cellular.aio import LexiR10, SaraR5
    else:
        from ublox_cellular.blocking import LexiR10, SaraR5
    return (SaraR5, LexiR10) if module == "sara-r5" else (LexiR10, SaraR5)


class Stage(World):
    """The outer world and a rig in it, on CPython."""

    def __init__(self, flavour: str, module: str, rig_class: Callable[..., Any], **options: Any):
        super().__init__(module, **options)
        place = self.place | FACTS[module]
        self.rig = rig_class(*classes(flavour, module), self.uart, place, self.control)

    def run(self, behaviour: Callable[[Any], Any]) -> None:
        """Run it to its end; an asyncio behaviour within a limit of virtual time."""
        work = behaviour(self.rig)
        if asyncio.iscoroutine(work):
            self.loop.run_until_complete(asyncio.wait_for(work, VIRTUAL_LIMIT_S))
