"""Virtual time on the real MicroPython: its clock, UART and output are those of a simulated
module's world."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dev import wasm
from dev.timekeeper import Done, OverTime, Timekeeper

from ublox_simulator import SimulatedUart, VirtualLoop, open_uart

pytestmark = pytest.mark.micropython

LIMIT_S = 10_000.0
Run = Callable[..., Done]


@pytest.fixture
def uart() -> Iterator[SimulatedUart]:
    loop = VirtualLoop(settle=None)
    with open_uart("lexi-r10", loop=loop) as made:
        yield made
    loop.close()


@pytest.fixture
def run(uart: SimulatedUart, tmp_path: Path) -> Run:
    """run(text, heard): run a program on MicroPython, `heard` gets its lines."""

    def started(
        text: str, heard: Callable[[str], None], limit_s: float = LIMIT_S, **options: Any
    ) -> Done:
        program = tmp_path / "program.py"
        program.write_text(text)
        return Timekeeper(uart, heard, limit_s).run(wasm.Job(program=program, **options))

    return started


def test_an_hour_passes_in_no_time(run: Run, uart: SimulatedUart) -> None:
    text = """
import time
start = time.ticks_ms()
time.sleep(3600)
print(time.ticks_diff(time.ticks_ms(), start))
fine = time.ticks_us()
time.sleep_ms(7)
time.sleep_us(900)
print(time.ticks_diff(time.ticks_ms(), start))
print(0 < time.ticks_diff(time.ticks_us(), fine) % 1000 < 100)
"""
    said: list[str] = []
    began = time.process_time()
    assert run(text, said.append) == Done(0, "")
    assert [line.strip() for line in said] == ["3600000", "3600008", "True"]
    assert uart.loop.time() == pytest.approx(3600.008, abs=0.01)
    assert time.process_time() - began < 30


def test_an_exchange_with_the_module(run: Run, uart: SimulatedUart) -> None:
    text = """
import time
from machine import UART
uart = UART(1, 115200)
print(uart.any(), uart.read(), uart.readinto(bytearray(4)))
print(uart.write(b"xxATE0\\rxx", 2, 5))
start = time.ticks_ms()
while uart.any() < 11:
    time.sleep_ms(1)
took = time.ticks_diff(time.ticks_ms(), start)
print(uart.read(3), uart.read(), 2 < took < 6)  # with 2 ms between
try:
    UART(2)
except ValueError:
    print("no other")
"""
    said: list[str] = []
    assert run(text, said.append) == Done(0, "")
    assert [line.strip() for line in said] == [
        "0 None None",
        "5",
        r"b'ATE' b'0\r\r\nOK\r\n' True",
        "no other",
    ]


def test_who_only_looks_gets_on(run: Run, uart: SimulatedUart) -> None:
    """Neither at the line nor at the clock one can look without end in no time."""
    text = """
import time
from machine import UART
uart = UART(1)
uart.write(b"AT\\r")
while uart.any() < 9:
    pass
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 2:
    pass
"""
    assert run(text, lambda line: None) == Done(0, "")
    assert 0 < uart.loop.time() < 1


def test_a_line_is_heard_before_the_program_goes_on(run: Run, uart: SimulatedUart) -> None:
    text = """
import time
from machine import UART
uart = UART(1)
print("say something")
time.sleep_ms(2)
print(uart.read())
print("no end of line", end="")
"""
    said: list[str] = []

    def heard(line: str) -> None:
        said.append(line)
        if line.startswith("say"):
            uart.module.inject_urc("+HELLO: 1")

    assert run(text, heard) == Done(0, "")
    assert said[1:] == ["b'\\r\\n+HELLO: 1\\r\\n'\n", "no end of line"]


def test_asyncio(run: Run, uart: SimulatedUart) -> None:
    text = """
import asyncio, time
from machine import UART
uart = UART(1)

async def ticking(found):
    while True:
        await asyncio.sleep_ms(1000)
        found.append(time.ticks_ms() // 1000)

async def main():
    found = []
    task = asyncio.create_task(ticking(found))
    reader = asyncio.StreamReader(uart)
    uart.write(b"ATE0\\r")
    print(await reader.readexactly(11))
    await asyncio.sleep(5.5)
    task.cancel()
    print(found)

asyncio.run(main())
"""
    said: list[str] = []
    assert run(text, said.append, asyncio=True) == Done(0, "")
    assert [line.strip() for line in said] == [r"b'ATE0\r\r\nOK\r\n'", "[1, 2, 3, 4, 5]"]
    assert uart.loop.time() == pytest.approx(5.5, abs=0.1)


def test_how_it_ends_is_told(run: Run) -> None:
    done = run("import sys\nprint('x', file=sys.stderr)\nsys.exit(7)\n", lambda line: None)
    assert done == Done(7, "x\n")
    assert "ZeroDivisionError" in run("1 // 0\n", lambda line: None).errors


def test_virtual_time_is_limited(run: Run) -> None:
    with pytest.raises(OverTime):
        run("import time\nwhile True:\n    time.sleep(1)\n", lambda line: None, 100.0)


def test_an_error_in_what_hears_it_ends_it(run: Run) -> None:
    def heard(line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError):
        run("print(1)\nwhile True:\n    pass\n", heard)
