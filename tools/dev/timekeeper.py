"""Virtual time for programs on the real MicroPython of wasm.py.

Clock, UART and standard output of the program are pipes to a simulated module in this process.
What the program does takes no time; time passes while it sleeps, and a little whenever it looks
at the clock or at its UART. So a run is the same each time, however busy the machine is.
"""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO

from dev import wasm

from ublox_simulator import SimulatedUart

UART = 1
"""Number of the UART that leads to the module."""

REQUEST = struct.Struct("<cII")
ANSWER = struct.Struct("<dI")
PIECE = 65536


class OverTime(Exception):
    """The program has used up the virtual time it was given."""


@dataclass
class Done:
    """How a program ended, and what it wrote to standard error."""

    status: int
    errors: str


class Timekeeper:
    """Runs one program on a UART. Every line it prints goes to `heard` at once: what that does
    comes before anything the program does next. `limit_s` is virtual time; `more_time` starts it
    again."""

    def __init__(self, uart: SimulatedUart, heard: Callable[[str], None], limit_s: float) -> None:
        self._uart = uart
        self._loop = uart.loop
        self._heard = heard
        self._limit_s = limit_s
        self._scratch = bytearray(PIECE)
        self._line = b""
        self.more_time()

    def more_time(self) -> None:
        """The limit counts from now on."""
        self._end = self._loop.time() + self._limit_s

    def run(self, job: wasm.Job) -> Done:
        """Run it to its end. Raises OverTime."""
        questions, their_out = os.pipe()
        their_in, answers = os.pipe()
        job = replace(job, uarts={UART: ""}, keeper=(their_in, their_out))
        with tempfile.TemporaryFile("w+") as errors, open(questions, "rb") as asked:
            try:
                process = subprocess.Popen(
                    job.command(), stderr=errors, pass_fds=(their_in, their_out)
                )
            finally:
                os.close(their_in)
                os.close(their_out)
            try:
                self._serve(asked, answers)
                status = process.wait()
            finally:
                os.close(answers)
                process.kill()
                process.wait()
            if self._line:
                self._heard(self._line.decode())
            errors.seek(0)
            return Done(status, errors.read())

    def _serve(self, asked: BinaryIO, answers: int) -> None:
        loop, uart, scratch = self._loop, self._uart, self._scratch
        while request := asked.read(REQUEST.size):
            kind, number, spent_us = REQUEST.unpack(request)
            if spent_us:
                loop.jump(loop.time() + spent_us / 1e6)
            if kind == b"s":
                uart.rest(number)
            elif kind == b"a":
                uart.any()
            elif kind == b"w":
                uart.write(asked.read(number))
            elif kind == b"b":
                uart.init(baudrate=number)
            else:
                self._print(asked.read(number))
            if loop.time() > self._end:
                raise OverTime(f"after {loop.time():.0f} s")
            count = uart.readinto(scratch) or 0
            os.write(answers, ANSWER.pack(loop.time() * 1000, count) + scratch[:count])

    def _print(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._heard(line.decode() + "\n")
