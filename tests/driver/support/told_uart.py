"""A module that answers by a table: what stands after AT begins with a key, the first that fits.

Lines of an answer are divided by "|". An answer may be a function of the module, which then looks
at its clock and at what was sent so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from driver.support.serial_script import Bench

Answer = str | None | Callable[["Told"], str | None]
LATENCY_MS = 2.0

COMMON = (
    ("+IPR?", "+IPR: 115200|OK"), ("+CSGT?", '+CSGT: 1,"cellular ready"|OK'),
    ("+UPSV?", "+UPSV: 0|OK"), ("+CMEE?", "+CMEE: 1|OK"), ("+USOCTL", "ERROR"),
    ("+CPIN?", "+CPIN: READY|OK"), ("+CGDCONT?", '+CGDCONT: 1,"IP","iot.example"|OK'),
    ("+CFUN?", "+CFUN: 1|OK"), ("+COPS?", "+COPS: 0|OK"), ("+CEREG?", "+CEREG: 5,1|OK"),
    ("+UPSND", "+UPSND: 0,8,1|OK"), ("+UPSD=0,100", "+UPSD: 0,100,1|OK"),
    ("+CGACT?", "+CGACT: 1,1|OK"), ("+UDCONF=19", "+UDCONF: 19,1,0|OK"),
)  # fmt: skip
NAMES = {"sara-r5": "SARA-R510S", "lexi-r10": "LEXI-R10401D"}


class Told:
    """The far end of a `Bench`. `log` has what was sent, without AT; `ms` is the time."""

    def __init__(self, module: str, *answers: tuple[str, Answer]) -> None:
        names = ("+CGMM", f"{NAMES[module]}|OK")
        self.answers: list[tuple[str, Answer]] = [*answers, names, *COMMON, ("", "OK")]
        self.log: list[str] = []
        self.bench: Any = None
        self._line = b""

    @property
    def ms(self) -> float:
        return self.bench.clock.ms()

    def sent(self, begin: str) -> list[str]:
        """What was sent that begins so."""
        return [line for line in self.log if line.startswith(begin)]

    def say(self, text: str) -> None:
        """An URC, now."""
        self.bench.line.push(self._lines(text))

    def _lines(self, text: str) -> bytes:
        return b"".join(f"\r\n{line}\r\n".encode() for line in text.split("|"))

    def feed(self, data: bytes) -> list[tuple[float, bytes]]:
        self._line += data
        found: list[tuple[float, bytes]] = []
        while b"\r" in self._line:
            line, _, self._line = self._line.partition(b"\r")
            name = line.decode("latin-1").lstrip()[2:]
            self.log.append(name)
            answer = next(answer for begin, answer in self.answers if name.startswith(begin))
            if callable(answer):
                answer = answer(self)
            if answer:
                found.append((LATENCY_MS, self._lines(answer)))
        return found


@contextmanager
def told(flavour: str, module: str, *answers: tuple[str, Answer]) -> Iterator[tuple[Told, Bench]]:
    """The module, and a driver that has attached to it."""
    module_itself = Told(module, *answers)
    bench = Bench.__new__(Bench)
    module_itself.bench = bench
    bench.__init__(flavour, module, module_itself)  # type: ignore[misc]
    try:
        yield module_itself, bench
    finally:
        bench.close()
