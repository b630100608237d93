"""What a bad line does to the answers of a module, one fault at a time, for the fault matrices.

An answer arrives in pieces, with a URC at every line boundary; or with one byte lost, doubled or
damaged; or it breaks off and the module restarts. `Matrix` carries an exchange through all of
them; a service's test makes a subclass that says what is its own.

What has more than SAMPLE cases runs a seeded sample of so many, the same on every run;
`FAULTS=all tools/test -- tests/driver -k "every or cancelled_anywhere"` runs all of them.
"""

from __future__ import annotations

import math
import os
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from driver.support.serial_script import Bench
from driver.support.socket_model import LATENCY_MS, Arrivals

ALL = os.environ.get("FAULTS") == "all"
SAMPLE = 100  # of the cases of a test
T = TypeVar("T")

URCS = (
    b"\r\n+CEREG: 5\r\n",
    b"\r\n+UUSORD: 3,77\r\n",
    b"\r\n+UUSOCL: 5\r\n",
    b"\r\n+CSCON: 1\r\n",
    b"\r\nOKAY\r\n",
    b'\r\n+UUSOLI: 4,"192.0.2.9",99,2,"192.0.2.1",5000\r\n',
    b"\0\0\r\n\r\n",
)
PROMPTS = (b"\r\n@", b"\r\n>")
GREETING = b"\r\ncellular ready\r\n"
NASTY = (0, 10, 13, 34, 44, 48, 57, 64, 127, 255)
LONGEST_MS = 45_000
"""An exchange that a restart cuts short is over in this time."""


def sampled(cases: Sequence[T], seed: str | int) -> list[T]:
    """The cases that are to run, in their order."""
    if ALL or len(cases) <= SAMPLE:
        return list(cases)
    chosen = random.Random(str(seed)).sample(range(len(cases)), SAMPLE)
    return [cases[number] for number in sorted(chosen)]


def boundaries(answer: bytes) -> list[int]:
    """Where a URC may stand in an answer: before and behind it, and between its lines."""
    if answer in PROMPTS:
        return [0]
    found = [0, len(answer)]
    cut = answer.rfind(b"\r\nOK\r\n")
    if cut > 0:
        found.insert(1, cut)
    return found


def pieces(data: bytes, cuts: Sequence[int] = (), gap_ms: float = 7.0) -> Arrivals:
    """`data` cut at these places, arriving apart."""
    edges = [0, *cuts, len(data)]
    return [
        (LATENCY_MS + gap_ms * number, data[a:b]) for number, (a, b) in enumerate(pairwise(edges))
    ]


def splits(data: bytes, rng: random.Random) -> Iterator[list[int]]:
    """All two-way splits, single bytes, some random ones."""
    for cut in range(1, len(data)):
        yield [cut]
    yield list(range(1, len(data)))
    for _ in range(6):
        yield sorted(rng.sample(range(1, len(data)), min(3, len(data) - 1)))


def faulty(
    answer: bytes, damages: Callable[[int, int], set[int]]
) -> Iterator[tuple[str, int, bytes]]:
    """The answer with one byte lost, doubled or damaged, at every position; `damages` gives what
    a byte at a position becomes."""
    for i, right in enumerate(answer):
        yield "lost", i, answer[:i] + answer[i + 1 :]
        yield "doubled", i, answer[: i + 1] + answer[i:]
        for byte in sorted(damages(right, i) - {right}):
            yield f"damaged to {byte}", i, answer[:i] + bytes([byte]) + answer[i + 1 :]


class Nth:
    """Puts something else in the place of the n-th answer of the exchange only."""

    def __init__(self, number: int, instead: Callable[[], Arrivals]) -> None:
        self.number = number
        self.instead = instead

    def __call__(self, answer: bytes) -> Arrivals:
        self.number -= 1
        return self.instead() if self.number == -1 else pieces(answer)


def restarting(model: Any, restart: Callable[[Any], None], said: bytes) -> Arrivals:
    """The module says so much of its answer and then greets: nothing is left of the rest."""
    restart(model)
    return [(LATENCY_MS, said), (1000.0, GREETING)]


def none_wrong(wrong: list[tuple[Any, ...]]) -> None:
    """All cases are run before a test fails: which ones went wrong tells most."""
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))


def in_command_mode(bench: Bench, after_ms: float = 1000) -> None:
    """Without further faults the channel answers a command, perhaps after some time."""
    bench.partner.tamper = None
    if after_ms:
        bench.pass_ms(after_ms)
    assert bench.call(bench.modem.imei) == "004999010640000"


class Matrix(ABC):
    """One exchange in one flavour: `every_split`, `every_byte` and `every_restart` carry it
    through all cases, each with a new model and a new driver. The rest is for a service to say;
    what has a body here is what most of them need."""

    urcs: Sequence[bytes] = URCS
    longest_ms = math.inf  # that the exchange may take, whatever the fault

    def __init__(self, flavour: str, module: str, seed: str | int) -> None:
        self.flavour = flavour
        self.module = module
        self.seed = seed
        self.bench: Bench | None = None

    # ---- what is a service's own -------------------------------------------------------------

    @abstractmethod
    def model(self) -> Any:
        """A new model of the module."""

    @abstractmethod
    def prepare(self, bench: Bench) -> None:
        """What comes before the exchange, on a modem that is attached."""

    @abstractmethod
    def outcome(self, bench: Bench) -> str:
        """How the exchange went: "right", or the name of the error; AssertionError if wrong."""

    @abstractmethod
    def works_again(self, bench: Bench) -> None:
        """After a fault the channel is in command mode, and the service works."""

    @abstractmethod
    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """Whether nobody could notice this fault: the line has no check sum."""

    def urc_places(self, answer: bytes) -> list[int]:
        """Where a URC may stand."""
        return boundaries(answer)

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        """Whether to try all `splits`, or only the halves and the single bytes."""
        return self.flavour == "blocking"

    def damages(self, byte: int, i: int) -> set[int]:
        """What a byte at position `i` becomes."""
        return {byte ^ (1 << bit) for bit in range(8)} | set(NASTY)

    def spared(self, number: int, answer: bytes, what: str, i: int) -> bool:
        """Whether to leave out this fault to save time: both flavours are the same engine, and
        what differs are waits and cancellation."""
        return self.flavour == "asyncio" and what.startswith("damaged")

    def works_after_restart(self, bench: Bench) -> None:
        """As after any other fault, if a service does not say more."""
        self.works_again(bench)

    # ---- the cases ---------------------------------------------------------------------------

    def ready(self) -> Bench:
        """A bench with a new model and driver and everything before the exchange done."""
        model = self.model()
        if self.bench is None:
            self.bench = Bench(self.flavour, self.module, model)
        else:
            self.bench.restart(model)
        self.bench.call(self.bench.modem.attach, rates=(), sockets="keep")
        self.prepare(self.bench)
        model.answers.clear()
        return self.bench

    def close(self) -> None:
        assert self.bench is not None
        self.bench.close()
        self.bench = None

    def plain_answers(self) -> list[bytes]:
        """What the module answers when nothing goes wrong."""
        bench = self.ready()
        assert self.outcome(bench) == "right"
        answers = list(bench.partner.answers)
        self.works_again(bench)
        self.close()
        return answers

    def tampered(
        self, bench: Bench, number: int, instead: Callable[[], Arrivals], longest_ms: float
    ) -> str:
        """The outcome with something else in the place of the n-th answer."""
        bench.partner.tamper = Nth(number, instead)
        began = bench.clock.ms()
        result = self.outcome(bench)
        assert bench.clock.ms() - began < longest_ms
        return result

    def every_split(self) -> None:
        """Every answer split, alone and with every URC at every boundary: all goes well."""
        rng = random.Random(self.seed)
        cases = []
        for number, answer in enumerate(self.plain_answers()):
            for urc in [b"", *self.urcs]:
                for boundary in self.urc_places(answer) if urc else [0]:
                    data = answer[:boundary] + urc + answer[boundary:]
                    few = [[len(answer) // 2], list(range(1, len(data)))]
                    for cuts in splits(data, rng) if self.in_full(answer, urc) else few:
                        cases.append((number, urc, boundary, data, cuts))
        for number, urc, boundary, data, cuts in sampled(cases, self.seed):
            bench = self.ready()
            arrivals = partial(pieces, data, cuts)
            found = self.tampered(bench, number, arrivals, self.longest_ms)
            assert found == "right", (number, urc, boundary, cuts)
        self.close()

    def every_byte(self) -> None:
        """Every byte of every answer lost, doubled or damaged: right, or an error."""
        wrong = []
        seen = set()
        cases = [
            (number, what, i, data)
            for number, answer in enumerate(self.plain_answers())
            for what, i, data in faulty(answer, self.damages)
            if not self.undetectable(answer, what, i, data)
            and not self.spared(number, answer, what, i)
        ]
        for number, what, i, data in sampled(cases, self.seed):
            bench = self.ready()
            try:
                arrivals = partial(pieces, data)
                seen.add(self.tampered(bench, number, arrivals, self.longest_ms))
                self.works_again(bench)
            except Exception as error:
                wrong.append((number, what, i, data, repr(error)))
        self.close()
        none_wrong(wrong)
        assert "right" in seen  # doubled line ends do no harm

    def every_restart(self, restart: Callable[[Any], None]) -> None:
        """A restart at every byte of every answer: right, or an error, in time. `restart` makes
        the model forget."""
        wrong = []
        cases = [
            (number, position, answer[:position])
            for number, answer in enumerate(self.plain_answers())
            for position in range(0, len(answer), 1 if self.flavour == "blocking" else 5)
        ]
        for number, position, said in sampled(cases, self.seed):
            bench = self.ready()
            try:
                arrivals = partial(restarting, bench.partner, restart, said)
                self.tampered(bench, number, arrivals, LONGEST_MS)
                self.works_after_restart(bench)
            except Exception as error:
                wrong.append((number, position, said, repr(error)))
        self.close()
        none_wrong(wrong)
