"""The fault matrix over short CoAP dialogues: every split, a URC at every line boundary, every
byte of what the module says lost, doubled or damaged, a restart at every byte.

A fault ends in the right answer or in an error, in time; afterwards the next request gets its own
answer. What cannot be noticed is in `undetectable`: the line has no check sum, so a damaged
digit of the payload or of a class reads as another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.coap_model import CoapModel
from driver.support.fault_matrix import LONGEST_MS, URCS, Matrix, in_command_mode
from driver.support.serial_script import FLAVOURS, Bench

URI = "coap://192.0.2.7/a"
PATIENCE_MS = 20_000
BYTES = (0, 10, 13, 44, 48, 57, 255)
LONG = bytes(range(256)) * 3
BLOCK = 512
DATA = re.compile(rb'\+UCOAPCD: (\d,\d),"([0-9A-Fa-f]*)",(\d(?:,\d+,\d+)?)')
OTHERS = (b"\r\n+UUMQTTC: 6,1\r\n", *URCS[:5])


@dataclass
class Dialogue:
    """`run(bench, coap)` is the exchange under test and gives `wanted`."""

    name: str
    run: Callable[[Bench, Any], Any]
    wanted: Any
    answer: tuple[str, ...] = ('2,0,"776F726C64",0',)


def ask(method: str, payload: Any = b"", **options: Any) -> Callable[[Bench, Any], Any]:
    def run(bench: Bench, coap: Any) -> Any:
        answer = bench.call(coap.request, method, URI, payload, timeout_ms=PATIENCE_MS, **options)
        return answer.code, bytes(answer.payload)

    return run


def pieces(data: bytes) -> tuple[str, ...]:
    """An answer in blocks."""
    count = -(-len(data) // BLOCK)
    return tuple(
        f'2,0,"{data[i * BLOCK : (i + 1) * BLOCK].hex()}",{int(i < count - 1)},{i},{BLOCK}'
        for i in range(count)
    )


DIALOGUES = [
    Dialogue("get", ask("get"), ("2.05", b"world")),
    Dialogue("put", ask("put", b"\x00\xff"), ("2.xx", b""), ('2,0,"",0',)),
    Dialogue("refused", ask("delete"), ("4.xx", b"no"), ('4,0,"6e6f",0',)),
    Dialogue("blocks", ask("post", LONG, block_size=256), ("2.xx", b""), ('2,0,"",0',)),
    Dialogue("long", ask("get"), ("2.05", LONG), pieces(LONG)),
    Dialogue("whole", ask("get"), ("2.05", LONG), (f'2,0,"{LONG.hex()}",0',)),
]
CASES = [
    pytest.param(flavour, dialogue, id=f"{flavour}-{dialogue.name}")
    for dialogue in DIALOGUES
    for flavour in FLAVOURS
]


class Coap(Matrix):
    """Whatever the fault, an exchange is over in time."""

    urcs = OTHERS
    longest_ms = LONGEST_MS

    def __init__(self, flavour: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, "sara-r5", seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> CoapModel:
        model = CoapModel()
        model.answer = list(self.dialogue.answer)
        return model

    def prepare(self, bench: Bench) -> None:
        """Nothing: the settings are part of the exchange."""

    def outcome(self, bench: Bench) -> str:
        try:
            result = self.dialogue.run(bench, bench.modem.coap)
        except OSError as error:
            assert str(error)
            return type(error).__name__
        assert result == self.dialogue.wanted, result
        return "right"

    def works_again(self, bench: Bench) -> None:
        """The next request gets its own answer, after what is left of the last one."""
        in_command_mode(bench, 0)
        model, coap = bench.partner, bench.modem.coap
        assert not coap.lock.held and not coap.wanted
        model.busy = False  # the module has long given it up
        model.answer = ['2,0,"616761696e",0']
        try:
            answer = bench.call(coap.get, URI)
        except OSError:  # the setting that was damaged on its way is sent again
            answer = bench.call(coap.get, URI)
        assert bytes(answer.payload) == b"again", answer.payload

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        return self.flavour == "blocking" and not urc and len(answer) < 200

    def damages(self, byte: int, i: int) -> set[int]:
        return {byte ^ 1, byte ^ 64, BYTES[i % len(BYTES)]}

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """The fault reads as another value that could be as right."""
        found, now = DATA.search(answer), DATA.search(data)
        if found is None:
            return False
        if now is None:
            return found.start(3) <= i < found.end(3)
        return now.groups() != found.groups() and len(now[2]) % 2 == 0

    def spared(self, number: int, answer: bytes, what: str, i: int) -> bool:
        """One digit is like the other."""
        found = DATA.search(answer)
        if found and found.start(2) + 8 <= i < found.end(2) - 8 and i % 32:
            return True
        return super().spared(number, answer, what, i)

    def works_after_restart(self, bench: Bench) -> None:
        bench.pass_ms(2000)
        bench.call(bench.modem.imei)
        self.works_again(bench)


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, dialogue: Dialogue) -> None:
    Coap(flavour, dialogue).every_split()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, dialogue: Dialogue) -> None:
    Coap(flavour, dialogue).every_byte()


@pytest.mark.parametrize(("flavour", "dialogue"), CASES)
def test_a_restart_at_every_byte(flavour: str, dialogue: Dialogue) -> None:
    Coap(flavour, dialogue).every_restart(CoapModel.restart)
