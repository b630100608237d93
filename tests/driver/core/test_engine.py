"""The AT engine by itself: what no dialogue with a module shows."""

from __future__ import annotations

from typing import Any

import pytest

from ublox_cellular.core.compat import ticks_diff
from ublox_cellular.core.engine import Engine


class Port:
    """A line on which nothing happens, and a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0
        self.sent = bytearray()
        self.waiting = bytearray()

    def ticks_ms(self) -> int:
        return self.now % (1 << 29)

    ticks_diff = staticmethod(ticks_diff)

    def read(self, into: Any, at: int, limit: int) -> int:
        piece = bytes(self.waiting[:limit])
        into[at : at + len(piece)] = piece
        del self.waiting[:limit]
        return len(piece)

    def write(self, data: Any, at: int, n: int) -> int:
        self.sent += bytes(data[at : at + n])
        return n


@pytest.fixture
def port() -> Port:
    return Port()


@pytest.mark.parametrize("days", [1, 2, 3, 4, 5, 6, 7, 30])
def test_a_command_after_days_of_silence_goes_out_at_once(port: Port, days: int) -> None:
    engine = Engine(port, 64, 64)
    port.now = days * 24 * 3600 * 1000
    engine.start(b"+CSQ")
    engine.launch()
    for _ in range(30):
        port.now += max(1, engine.step())
    assert port.sent == b"AT+CSQ\r"


def test_a_prompt_that_never_comes_is_given_up_and_what_is_owed_is_known(port: Port) -> None:
    engine = Engine(port, 64, 64)
    engine.start(b"+USOWR")
    engine.prompt, engine.out, engine.out_n = 64, b"payload", 7
    engine.launch()
    while (ms := engine.step()) >= 0:
        port.now += ms
    assert engine.suspect
    assert engine.owed == 7
    assert 10_000 <= port.now < 11_000


def test_a_payload_whose_caller_has_given_up_is_sent_from_a_copy(port: Port) -> None:
    engine = Engine(port, 64, 64)
    engine.start(b"+USOWR")
    payload = bytearray(b"-" * 50_000 + b"payload")
    engine.prompt, engine.out, engine.out_at, engine.out_n = 64, payload, 50_000, 7
    engine.launch()
    for _ in range(40):
        port.now += max(1, engine.step())
    engine.abandon()
    payload[:] = b"x" * len(payload)
    port.waiting += b"\r\n@"
    for _ in range(80):
        port.now += max(1, engine.step())
    assert port.sent == b"AT+USOWR\rpayload"
    assert len(engine.out) == 7
