"""tools/run: programs that sleep, reset, and drive the pins of the simulated module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dev.environment import ROOT

UART_HELP = """
import time
from machine import Pin, RTC, UART
import machine

uart = UART(1, 115200)


def ask(command, ms=2000):
    # What comes until OK or ERROR, or the time is over.
    time.sleep_ms(25)
    uart.write(command + b"\\r")
    heard = b""
    start = time.ticks_ms()
    while b"OK\\r\\n" not in heard and b"ERROR" not in heard:
        if time.ticks_diff(time.ticks_ms(), start) > ms:
            break
        heard += uart.read() or b""
        time.sleep_ms(5)
    return heard
"""


def run(folder: Path, text: str, *arguments: str) -> tuple[list[str], str]:
    """Lines printed and what stderr has."""
    program = folder / "program.py"
    program.write_text(UART_HELP + text)
    line = [sys.executable, str(ROOT / "tools" / "run"), *arguments, str(program)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.stdout.splitlines(), done.stderr


def test_deepsleep_starts_the_program_again_with_rtc_memory(tmp_path: Path) -> None:
    text = """
import helper
count = len(RTC().memory())
print(count, machine.reset_cause() == machine.DEEPSLEEP_RESET, helper.calls, RTC().datetime()[4])
helper.calls += 1
RTC().memory(b"x" * (count + 1))
assert b"OK" in ask(b"AT")
machine.deepsleep(3600 * 1000)
"""
    (tmp_path / "helper.py").write_text("calls = 0\n")
    lines, errors = run(tmp_path, text, "--hours", "5.5")
    assert [line.split() for line in lines] == [
        ["0", "False", "0", "8"],
        ["1", "True", "0", "9"],
        ["2", "True", "0", "10"],
        ["3", "True", "0", "11"],
        ["4", "True", "0", "12"],
        ["5", "True", "0", "13"],
    ]
    assert errors == "machine.deepsleep(3600000): 5.5 hours are over\n"


def test_the_module_lives_through_the_sleep_of_the_board(tmp_path: Path) -> None:
    text = """
if not RTC().memory():
    ask(b"AT")
    ask(b"ATE0")
    ask(b"AT+CMEE=2")
    RTC().memory(b"1")
    machine.deepsleep(1000)
print(ask(b"AT+CMEE?"))
machine.reset() if machine.reset_cause() != machine.HARD_RESET else None
print("after the reset")
"""
    lines, errors = run(tmp_path, text)
    answer = r"b'\r\n+CMEE: 2\r\n\r\nOK\r\n'"
    assert (lines, errors) == ([answer, answer, "after the reset"], "")


def test_a_board_that_goes_down_does_nothing_on_the_way(tmp_path: Path) -> None:
    text = """
class Session:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        uart.write(b"AT+CPWROFF\\r")  # a board would not get here
        print("never")


if not RTC().memory():
    RTC().memory(b"1")
    with Session():
        try:
            machine.deepsleep(10000)
        except Exception:
            print("never")
        finally:
            ask(b"AT+CPWROFF")
print(b"OK" in ask(b"AT"))
"""
    assert run(tmp_path, text) == (["True"], "")


def test_deepsleep_inside_of_asyncio(tmp_path: Path) -> None:
    text = """
import asyncio


async def other():
    try:
        while True:
            await asyncio.sleep_ms(7)
    finally:
        uart.write(b"AT+CPWROFF\\r")


async def main():
    task = asyncio.create_task(other())
    print(len(RTC().memory()), b"OK" in ask(b"AT"))
    await asyncio.sleep_ms(1000)
    if len(RTC().memory()) < 3:
        RTC().memory(RTC().memory() + b"x")
        uart.write(b"AT+COPS=?\\r")  # in flight while the board sleeps
        await asyncio.sleep_ms(100)
        machine.deepsleep(60000)
    start = time.ticks_ms()
    machine.lightsleep(5000)
    print(time.ticks_diff(time.ticks_ms(), start))
    task.cancel()


asyncio.run(main())
print("end")
"""
    lines, errors = run(tmp_path, text)
    assert lines == ["0 True", "1 True", "2 True", "3 True", "5000", "end"]
    assert errors == ""


@pytest.mark.parametrize("module", ["sara-r5", "lexi-r10"])
def test_pins_reach_the_module(tmp_path: Path, module: str) -> None:
    text = """
key = Pin(13, Pin.OPEN_DRAIN, value=1)
v_int = Pin(14, Pin.IN)
rx = Pin("RX", Pin.IN)
print(v_int.value(), rx())
key(0)
time.sleep_ms(1200)
key(1)
print(v_int.value(), rx())
time.sleep_ms(3000)
print(b"OK" in ask(b"AT"))
ask(b"AT+CPWROFF")
time.sleep_ms(3000)
print(v_int.value())
"""
    options = ("--power-key", "13", "--pin", "v_int=14", "--pin", "rx=RX", "--module", module)
    assert run(tmp_path, text, *options) == (["0 0", "1 1", "True", "0"], "")


def test_dtr_and_cts(tmp_path: Path) -> None:
    text = """
dtr = Pin(5, Pin.OUT, value=0)
cts = Pin(6, Pin.IN)
ask(b"AT")
print(b"OK" in ask(b"AT+UPSV=3"), cts.value())
dtr(1)
time.sleep_ms(100)
print(ask(b"AT"), cts.value())
dtr(0)
time.sleep_ms(20)
print(b"OK" in ask(b"AT"), cts.value())
"""
    lines, errors = run(tmp_path, text, "--pin", "dtr=5", "--pin", "cts=6")
    assert (lines, errors) == (["True 0", "b'' 1", "True 0"], "")


def test_ri_ends_a_lightsleep(tmp_path: Path) -> None:
    text = """
ri = Pin(7, Pin.IN)
rang = []
ri.irq(lambda pin: rang.append(pin.value()), Pin.IRQ_FALLING)
ask(b"AT")
ask(b"AT+CEREG=1")
ask(b"AT+CFUN=0")
ask(b"AT+CFUN=1")
uart.read()
del rang[:]
start = time.ticks_ms()
machine.lightsleep(600000)
waited = time.ticks_diff(time.ticks_ms(), start)
print(1000 < waited < 5000, rang)
time.sleep_ms(10)
print(uart.read())
machine.lightsleep(5000)
print(time.ticks_diff(time.ticks_ms(), start) - waited)
"""
    lines, errors = run(tmp_path, text, "--pin", "ri=7")
    assert (lines, errors) == (["True [0]", r"b'\r\n+CEREG: 1\r\n'", "5010"], "")


def test_what_a_pin_may_be(tmp_path: Path) -> None:
    assert "ROLE=PIN expected" in run(tmp_path, "", "--pin", "led=3")[1]


def test_times_are_told(tmp_path: Path) -> None:
    text = 'ask(b"AT")\nask(b"AT+CFUN=4")\nask(b"AT+UPSV=1,1300")\ntime.sleep(3600)\n'
    lines, errors = run(tmp_path, text, "--times")
    assert lines == []
    told = {line.split()[0]: float(line.split()[1]) for line in errors.splitlines()}
    assert told["uart"] == pytest.approx(3594, abs=1)
