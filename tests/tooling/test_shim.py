"""tools/run: MicroPython programs on CPython, unchanged, over each kind of UART."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dev.environment import ROOT

Served = Callable[[Callable[[bytes], bytes]], str]

PROGRAM = """
import time
from machine import UART, Pin
from micropython import const

_LIMIT_MS = const(200000)
power = Pin(13, Pin.OPEN_DRAIN, value=1)
uart = UART(1, 115200, tx=4, rx=5, rxbuf=2048)
line = bytearray(64)


def exchange(command):
    # Asks again each second, like for a module that is still starting.
    heard = b""
    start = asked = time.ticks_ms()
    uart.write(command)
    while b"OK" not in heard:
        now = time.ticks_ms()
        if time.ticks_diff(now, start) > _LIMIT_MS:
            raise SystemExit("no answer, only %r" % heard)
        if time.ticks_diff(now, asked) > 1000:
            asked = now
            uart.write(command, 0, len(command))
        n = uart.readinto(line, min(uart.any(), 64))
        if n:
            heard += bytes(line[:n])
        time.sleep_ms(5)
    return heard


time.sleep_ms(100)
exchange(b"AT\\r")
print("answered", power.value())
"""


def run(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = folder / "program.py"
    program.write_text(text)
    line = [sys.executable, str(ROOT / "tools" / "run"), *arguments, str(program), "x"]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_a_program_on_a_tty(tmp_path: Path, served: Served) -> None:
    tty = served(lambda heard: b"\r\nOK\r\n" if b"\r" in heard else b"")
    done = run(tmp_path, PROGRAM, "--tty", tty)
    assert (done.stdout, done.stderr) == ("answered 1\n", "")


@pytest.mark.parametrize("module", ["sara-r5", "lexi-r10"])
def test_a_program_on_the_simulated_module(tmp_path: Path, module: str) -> None:
    done = run(tmp_path, PROGRAM, "--module", module)
    assert (done.stdout, done.stderr) == ("answered 1\n", "")


def test_an_asyncio_program_on_the_simulated_module(tmp_path: Path) -> None:
    """An hour of the module's time passes in much less of ours."""
    text = """
import asyncio, time
from machine import UART

uart = UART(1)

async def main():
    start = time.ticks_ms()
    await asyncio.sleep_ms(3600_000)
    uart.write(b"AT\\r")
    heard = b""
    while b"OK" not in heard:
        await asyncio.sleep_ms(5)
        heard += uart.read() or b""
    print(3600_000 < time.ticks_diff(time.ticks_ms(), start) < 3600_500)

asyncio.run(main())
"""
    done = run(tmp_path, text)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_nothing_to_read_is_none_and_every_form_of_write(tmp_path: Path, served: Served) -> None:
    text = """
import sys, time
from machine import UART
uart = UART(0)
print(sys.argv[1:], uart.any(), uart.read(), uart.readinto(bytearray(4)), uart.readline())
print(uart.write("ab"), uart.write(b"cdef", 2), uart.write(b"xxghi\\n", 2, 4))
while uart.any() < 8:
    time.sleep_ms(1)
print(uart.read(2), uart.readline())
uart.init(baudrate=9600)
uart.deinit()
"""
    done = run(tmp_path, text, "--tty", served(bytes.upper))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['x'] 0 None None None",
        "2 2 4",
        "b'AB' b'CDGHI\\n'",
    ]


def test_ticks_wrap_like_those_of_micropython(tmp_path: Path) -> None:
    text = """
import time
late = time.ticks_add(0, -1)
print(late, time.ticks_diff(time.ticks_add(late, 5), late), time.ticks_diff(late, 4))
start = time.ticks_ms()
time.sleep_us(20000)
print(time.ticks_diff(time.ticks_ms(), start) >= 19)
"""
    assert run(tmp_path, text).stdout == f"{2**30 - 1} 5 -5\nTrue\n"


def test_deepsleep_ends_the_program_and_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "import machine\nmachine.deepsleep(1000)\nprint('awake')\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert "machine.deepsleep(1000): the program ends here" in done.stderr


def test_the_power_key_and_the_names_of_the_simulated_module(tmp_path: Path) -> None:
    text = """
import time
from machine import UART, Pin
from ublox_cellular import LexiR10

key = Pin(13, Pin.OPEN_DRAIN, value=1)
modem = LexiR10(UART(1, 115200), power_key=key)
start = time.ticks_ms()
modem.power_on()
print(time.ticks_diff(time.ticks_ms(), start) > 2000)  # it had to boot
modem.connect("iot.example")
print(modem.resolve("peer.example"))
"""
    options = ("--module", "lexi-r10", "--host", "peer.example=192.0.2.7", "--power-key", "13")
    done = run(tmp_path, text, *options)
    assert (done.stdout, done.stderr) == ("True\n192.0.2.7\n", "")


@pytest.mark.parametrize("app", ["hello.py"])
def test_the_programs_to_copy_run_unchanged(app: str) -> None:
    line = [sys.executable, str(ROOT / "tools/run"), str(ROOT / "boards/apps" / app)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "echo: hello, world"


def test_an_asyncio_program_that_makes_its_uart_in_a_task(tmp_path: Path) -> None:
    """And a day of reports of boards/apps/listener.py passes in virtual time."""
    program = (ROOT / "boards/apps/listener.py").read_text()
    program = program.replace(
        "asyncio.gather(report(modem), answer(modem))",
        "asyncio.wait([asyncio.ensure_future(report(modem)), asyncio.ensure_future(answer(modem))]"
        ", timeout=600)",
    )
    done = run(tmp_path, program)
    assert done.stderr == ""
    assert done.stdout.count("reported: b'alive'") == 10
