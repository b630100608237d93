"""Short dialogues as text, played from the module's side: for tables of forms of answers.

    > AT+CSQ
    +CSQ: 20,99
    OK
    ~ 500
    +CSCON: 1

A line after ">" is what the driver must send, the lines below it are the answer; "~" lets so
many milliseconds pass before the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.socket_model import LATENCY_MS, Arrivals

R5 = ("sara-r5",)
R10 = ("lexi-r10",)


class Dialogue:
    """The module of one dialogue."""

    def __init__(self, text: str) -> None:
        self.steps: list[tuple[bytes, Arrivals]] = []
        wait = 0.0
        for line in filter(None, map(str.strip, text.splitlines())):
            if line.startswith("> "):
                self.steps.append((line[2:].encode("latin-1"), []))
                wait = LATENCY_MS
            elif line.startswith("~ "):
                wait = float(line[2:])
            else:
                self.steps[-1][1].append((wait, b"\r\n" + line.encode("latin-1") + b"\r\n"))
        self._line = bytearray()

    @property
    def left(self) -> list[bytes]:
        """What was not asked for."""
        return [line for line, _ in self.steps]

    def feed(self, data: bytes) -> Arrivals:
        self._line += data
        if self._line == b" ":  # ends an abortable command
            self._line.clear()
            return [(LATENCY_MS, b"\r\n+CME ERROR: 3000\r\n")]
        if not self._line.endswith(b"\r"):
            return []
        line, self._line = bytes(self._line[:-1]), bytearray()
        assert self.steps, f"{line!r} sent, the dialogue is over"
        wanted, answer = self.steps.pop(0)
        assert line == wanted, f"{line!r} sent, not {wanted!r}"
        return answer


@dataclass
class Case:
    """`call(modem)` gives `wanted` by this dialogue, or raises: then `wanted` is what the error
    must be like, (type, errno or None, words of its text)."""

    name: str
    call: Callable[[Any], Any]
    text: str
    wanted: Any = None
    modules: tuple[str, ...] = MODULES
    raises: tuple[type[BaseException], int | None, str] | None = None


def parameters(cases: list[Case]) -> list[Any]:
    """For pytest: every case in both flavours on all its modules."""
    return [
        pytest.param(flavour, module, case, id=f"{flavour}-{module}-{case.name}")
        for case in cases
        for module in case.modules
        for flavour in FLAVOURS
    ]


def play(flavour: str, module: str, case: Case) -> Bench:
    """Run a case; the bench is to be closed by the caller."""
    dialogue = Dialogue(case.text)
    bench = Bench(flavour, module, dialogue)
    if case.raises is None:
        assert bench.call(lambda: case.call(bench.modem)) == case.wanted
    else:
        kind, errno, words = case.raises
        with pytest.raises(kind) as caught:
            bench.call(lambda: case.call(bench.modem))
        assert errno in (None, getattr(caught.value, "errno", None)), repr(caught.value)
        assert words in str(caught.value), str(caught.value)
    assert dialogue.left == []
    return bench
