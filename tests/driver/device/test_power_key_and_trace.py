"""The power key of boards that have one, and what a trace shows; against the simulated module."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_simulator import VirtualLoop, open_uart


class Board:
    """A module that is off, and its PWR_ON pin; `inverted` by a transistor."""

    def __init__(self, flavour: str, module: str, inverted: bool) -> None:
        if flavour == "asyncio":
            from ublox_cellular import aio as package
        else:
            import ublox_cellular as package
        self.loop = VirtualLoop(settle=None)
        self.uart = open_uart(module, loop=self.loop, powered=False, registered_after_ms=100)
        self.inverted = inverted
        self.presses: list[int] = []
        cls = package.SaraR5 if module == "sara-r5" else package.LexiR10
        self.modem = cls(self.uart, power_key=self.key, power_key_inverted=inverted)

    def key(self, level: int) -> None:
        pressed = bool(level) == self.inverted
        self.presses.append(self.uart.clock.ticks_ms())
        self.uart.module.power_key(pressed)

    def call(self, operation: Any, *arguments: Any, **options: Any) -> Any:
        result = operation(*arguments, **options)
        if inspect.isawaitable(result):
            return self.loop.run_until_complete(result)  # type: ignore[arg-type]
        return result


@pytest.fixture(params=[f"{flavour} {module}" for flavour in FLAVOURS for module in MODULES])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    flavour, module = request.param.split()
    made = Board(flavour, module, inverted=module == "lexi-r10")
    yield made
    made.uart.close()
    made.loop.close()


def test_a_module_that_is_off_is_switched_on_and_off(board: Board) -> None:
    board.call(board.modem.power_on)
    assert board.uart.module.state == "ready"
    assert len(board.presses) == 2  # pressed and let go, once
    assert len(board.call(board.modem.imei)) == 15
    board.call(board.modem.power_off)
    board.uart.clock.sleep_ms(3000)
    assert board.uart.module.state == "off"
    board.call(board.modem.power_on)
    assert board.uart.module.boots == 2
    board.call(board.modem.connect)
    assert board.modem.isconnected()


def test_a_module_that_is_on_is_left_alone(board: Board) -> None:
    board.uart.module.power_on(instantly=True)
    board.call(board.modem.power_on)
    assert board.presses == []
    assert board.uart.module.boots == 1


def test_a_trace_shows_the_dialogue_but_no_password(board: Board) -> None:
    shown: list[str] = []
    board.uart.module.power_on(instantly=True)
    board.modem.channel.trace = lambda direction, line: shown.append(f"{direction} {line!r}")
    board.call(board.modem.power_on)
    said = ""
    try:
        board.call(board.modem.connect, "iot.example", user="me", password="hunter2")
    except OSError as error:  # whether the simulated network knows the user is not the point
        said = str(error)
    text = "\n".join(shown)
    assert "+CGMM" in text and "OK" in text
    sent = [line for line in shown if "AUTH" in line]
    assert sent, "the password was to be sent"
    assert "hunter2" not in text + said + repr(board.modem)
