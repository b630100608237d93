"""The main program on the microcontroller's side: reports are JSON lines on standard output.

Its argument is a JSON object: work (tour, exchanges or allocations), flavour, module, baud, uart,
and what the work itself needs. Runs on MicroPython, and on CPython through tools/run.
"""

import gc
import json
import sys
import time

from machine import UART


class Clock:
    ticks_ms = staticmethod(time.ticks_ms)
    ticks_us = staticmethod(time.ticks_us)
    ticks_diff = staticmethod(time.ticks_diff)


class Meter:
    """A UART that counts what passes."""

    def __init__(self, uart):
        self.written = 0
        self.got = 0
        self.any = uart.any
        self.init = uart.init
        self._readinto = uart.readinto
        self._write = uart.write

    def readinto(self, buf, nbytes=None):
        n = self._readinto(buf) if nbytes is None else self._readinto(buf, nbytes)
        if n:
            self.got += n
        return n

    def write(self, buf, offset=0, nbytes=None):
        n = self._write(buf) if nbytes is None else self._write(buf, offset, nbytes)
        if n:
            self.written += n
        return n

    def counts(self):
        return self.written, self.got


def report(*event):
    print(json.dumps(event))


def press(level):
    """The power key: whoever reads our reports presses it."""
    report("key", level)


def heap():
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else None


def modem_class(flavour, module):
    package = "ublox_cellular." + ("aio" if flavour == "asyncio" else "blocking")
    name = "SaraR5" if module == "sara-r5" else "LexiR10"
    return getattr(__import__(package, None, None, (name,)), name)


def firmware(name, flavour):
    """The module of this directory that holds the work, in its flavour."""
    return __import__(name + ("_aio" if flavour == "asyncio" else "_blocking"))


def tell(plan, uart):
    if plan["flavour"] == "asyncio":
        from aio import tour
    else:
        from blocking import tour
    modem = modem_class(plan["flavour"], plan["module"])(uart, power_key=press)
    return tour(modem, plan, report, Clock, uart.counts, heap)


def measure(plan, uart):
    flavour = plan["flavour"]
    work = firmware("exchanges", flavour)
    modem = modem_class(flavour, plan["module"])(uart)
    if flavour == "asyncio":
        from asyncio import sleep_ms as sleep
    else:
        from time import sleep_ms as sleep
    bench = work.Bench(modem, plan, report, Clock, sleep)
    return work.measure(bench, plan["work"], heap)


def finished(work, flavour):
    """The result of what a function of either flavour has begun."""
    if flavour == "blocking":
        return work
    import asyncio

    return asyncio.run(work)


def main():
    plan = json.loads(sys.argv[1])
    uart = UART(1, plan["baud"])
    work = tell(plan, Meter(uart)) if plan["work"] == "tour" else measure(plan, uart)
    report("end", finished(work, plan["flavour"]) is not False)


main()
