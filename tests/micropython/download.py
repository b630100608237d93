"""Runs on MicroPython: what a download of 1 MiB takes from the heap beyond what idling does.

In steps, see runner.mjs: only between them is memory collected. Prints "@@ NAME BYTES": `held`,
the most that is in use between two pieces; `peak`, the most while one is read, garbage included;
`received`, and `wrong` for bytes that are. The argument is the plan as JSON.
"""

import gc
import json
import sys

import machine

plan = json.loads(sys.argv[1])
TASKS = plan["flavour"] == "asyncio"
if TASKS:
    import asyncio

    from ublox_cellular import aio as package

    run = asyncio.run
else:
    import ublox_cellular as package

    run = lambda result: result  # noqa: E731 (there are no coroutines)

buf = bytearray(1024)
cls = package.SaraR5 if plan["module"] == "sara-r5" else package.LexiR10
modem = cls(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
counts = [3000, plan["count"]]  # the first one loads what is needed
response = None
idle = held = peak = received = wrong = 0


def step():
    """One thing of the download; whether there is more."""
    global response, idle, held, peak, received
    before = gc.mem_alloc()
    if response is None:
        idle = before
        held = peak = received = 0
        if not counts:
            return False
        response = run(modem.http.get(plan["url"] % counts.pop(0), direct=plan["direct"]))
    else:
        held = max(held, before - idle)
        n = run(response.readinto(buf))
        if not response.ended:  # the last one closes it: commands, whose answers become garbage
            peak = max(peak, gc.mem_alloc() - idle)
        check(n)
        received += n
        if not n:
            tell()
            response = None
    gc.collect()
    return True


def check(n):
    """Three bytes of every piece, see pattern() of the behaviours."""
    global wrong
    for i in (0, n >> 1, n - 1):
        at = received + i
        if n and buf[i] != (1 + at * 7 + (at >> 8)) & 255:
            wrong += 1


def tell():
    print("@@ held", held)
    print("@@ peak", peak)
    print("@@ received", received)
    print("@@ wrong", wrong)


run(modem.power_on(30000))
run(modem.connect("iot.example"))
