# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Runs on MicroPython: what 1 MiB by FTP, down and up, and a long list take from the heap beyond
what idling does.

In steps, see runner.mjs: only between them is memory collected. Prints "@@ NAME BYTES", for each
of `down` and `up` by the line, `get` and `put` by files of the module, and `list`: `…_held`, the
most in use between two pieces; `…_peak`, the most while one passes, garbage included; `…_count`,
the bytes or lines; and `wrong` for what is. The argument is the plan as JSON.
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
modem = package.SaraR5(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
ftp = modem.ftp
# The first ones load what is needed.
jobs = [("list", 10)] + [(way, 3000) for way in ("down", "up", "get", "put")] + [("list", 0)]
jobs += [(way, plan["count"]) for way in ("down", "up", "get", "put")]
job = ("", 0)
source = None
idle = held = peak = count = wrong = 0


def step():
    """One piece; whether there is more."""
    global job, source, idle, held, peak, count
    before = gc.mem_alloc()
    if not job[0]:
        idle = before
        held = peak = count = 0
        if not jobs:
            tell("wrong", wrong)
            return False
        job = jobs.pop(0)
        source = None if job[0] in ("get", "put") else run(_opened())
    else:
        held = max(held, before - idle)
        if piece():
            peak = max(peak, gc.mem_alloc() - idle)
        else:
            if source is not None:
                run(source.close())
            for name, value in (("held", held), ("peak", peak), ("count", count)):
                tell(job[0] + "_" + name, value)
            job = ("", 0)
            source = None
    gc.collect()
    return True


def _opened():
    if job[0] == "list":
        return ftp.ilistdir()
    if job[0] == "up":
        return ftp.open("up", "wb")
    return ftp.open("down%d" % job[1], size=job[1])


def piece():
    """Whether there was one."""
    global count, wrong
    if job[0] == "list":
        if run(source.readline()) is None or (job[1] and count >= job[1]):
            return False
        count += 1
        return True
    if job[0] in ("get", "put"):
        if not count and job[0] == "get":
            count = run(ftp.get("down%d" % job[1], "local"))
        elif not count:
            count = run(ftp.put("local", "put%d" % job[1]))
        else:
            return False
        return True
    if job[0] == "down":
        n = run(source.readinto(buf))
        for i in (0, n >> 1, n - 1) if n else ():
            at = count + i
            if buf[i] != (1 + at * 7 + (at >> 8)) & 255:  # see pattern() of the behaviours
                wrong += 1
        count += n
        return n > 0
    n = min(len(buf), job[1] - count)
    if n:
        for i in range(n):
            at = count + i
            buf[i] = (1 + at * 7 + (at >> 8)) & 255
        run(source.write(buf if n == len(buf) else buf[:n]))
        count += n
    return n > 0


def tell(name, value):
    print("@@", name, value)


run(modem.power_on(30000))
run(modem.connect("iot.example"))
run(ftp.connect("127.0.0.1", plan["port"], user="node", password="s3cret-w0rd"))
