"""Runs the cells of the table, and keeps the recorded ones in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from driver.contract.calls import CALLS, Call
from driver.contract.far import Far
from driver.contract.outcomes import WAITS
from driver.contract.situations import MODES, SITUATIONS, Scene, Situation, World

HERE = Path(__file__).resolve().parent
CPYTHON = HERE / "cpython.json"

Cell = tuple[str, str, str]
"""Situation, mode and call."""
Outcomes = dict[Cell, str]

LATE = (
    "connect(S)", "connect_ex(S)", "send(b'hello')", "sendall(b'hello')", "recv(5)",
    "recv_into(5 bytes)", "getpeername()", "shutdown(SHUT_WR)",
)  # fmt: skip
"""The only calls made while an answer is late: on CPython each takes a second."""

FULL_QUEUE = (
    "send(b'hello')", "sendall(b'hello')", "recv(5)", "getpeername()", "shutdown(SHUT_WR)",
    "shutdown(SHUT_RDWR)", "close(); close()",
)  # fmt: skip
"""The only calls made while the queue is full: filling it takes time, and how much is in it is
not the same everywhere."""


def calls_in(situation: Situation) -> list[Call]:
    """The calls that are made in a situation."""
    if "late" in situation.name:
        return [CALLS[name] for name in LATE]
    if "queue full" in situation.name:
        return [CALLS[name] for name in FULL_QUEUE]
    return [call for call in CALLS.values() if call.made_in(situation)]


def cells(
    situations: list[str] | None = None, modes: list[str] | None = None
) -> Iterator[tuple[Situation, str, list[Call]]]:
    """Situation, mode and the calls made there; all situations and modes by default."""
    for situation in SITUATIONS.values():
        if situations is None or situation.name in situations:
            for mode in modes or MODES:
                yield situation, mode, calls_in(situation)


def reach(world: World, far: Far, situation: Situation, mode: str) -> Scene:
    """A new scene in this situation."""
    scene = Scene(world, far, situation.kind, mode)
    try:
        situation.reach(scene)
        if not situation.sets_mode:
            scene.set_mode()
    except BaseException:
        scene.close()
        raise
    return scene


def perform(scene: Scene, call: Call) -> str:
    """What the steps of a call give, one after the other."""
    found: list[str] = []
    scene.connecting = "connect" in call.name
    for step in call.steps:
        failed = False

        def action() -> object:
            nonlocal failed
            failed = True
            result = step(scene)  # noqa: B023 (called at once)
            failed = False
            return result

        text = scene.attempt(action)
        if text:
            found.append(text)
        if text == WAITS or (failed and call.strict):
            break
    return "; ".join(found)


# -- files ---------------------------------------------------------------------------------

Nested = dict[str, dict[str, str | dict[str, str]]]
"""Situation -> call -> outcome, by mode where the modes differ."""


def nested(outcomes: Outcomes) -> Nested:
    """As it is stored."""
    by_call: dict[str, dict[str, dict[str, str]]] = {}
    for (situation, mode, call), text in outcomes.items():
        by_call.setdefault(situation, {}).setdefault(call, {})[mode] = text
    return {
        situation: {call: _merged(by_mode) for call, by_mode in calls.items()}
        for situation, calls in by_call.items()
    }


def _merged(by_mode: dict[str, str]) -> str | dict[str, str]:
    different = set(by_mode.values())
    return different.pop() if len(by_mode) == len(MODES) and len(different) == 1 else by_mode


def flat(stored: Nested) -> Outcomes:
    """The reverse of `nested`."""
    found: Outcomes = {}
    for situation, calls in stored.items():
        for call, merged in calls.items():
            by_mode = dict.fromkeys(MODES, merged) if isinstance(merged, str) else merged
            for mode, outcome in by_mode.items():
                found[situation, mode, call] = outcome
    return found


def as_json(stored: object) -> str:
    return json.dumps(stored, indent=1, ensure_ascii=False) + "\n"


def contract() -> Outcomes:
    """What CPython gives."""
    return flat(json.loads(CPYTHON.read_text(encoding="utf-8")))
