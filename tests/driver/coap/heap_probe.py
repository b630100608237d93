# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Runs on MicroPython: what a request, and what an answer of any length, takes from the heap.
Prints "@@ NAME BYTES" for each figure; the only argument is the plan as JSON.
"""

import gc
import json
import sys

import machine

plan = json.loads(sys.argv[1])
TIMES = 8
LONG = 65536
BLOCK = 1024
buf = bytearray(64)


class Sink:
    """Looks at what comes and forgets it."""

    def __init__(self):
        self.count = 0

    def write(self, data):
        for i in range(0, len(data), 97):
            if data[i] != (self.count + i) * 7 % 251:
                raise ValueError("wrong byte at %d" % (self.count + i))
        self.count += len(data)


async def request(coap, root):
    for _ in range(TIMES):
        answer = await coap.get(root + "/hello", into=buf)
        if answer.payload != b"world":
            raise ValueError("wrong answer")


async def main(package):
    modem = package.SaraR5(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
    await modem.power_on(30000)
    await modem.connect("iot.example")
    coap = modem.coap
    root = plan["root"]
    await request(coap, root)
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    await request(coap, root)
    print("@@ request", (gc.mem_alloc() - before) // TIMES)
    gc.enable()
    sink = Sink()
    await coap.get(root + "/pattern?2000", into=sink)
    gc.collect()
    before = gc.mem_alloc()
    sink = Sink()
    gc.disable()
    await coap.get(root + "/pattern?%d" % LONG, into=sink)
    garbage = gc.mem_alloc() - before
    gc.enable()
    print("@@ block", garbage // (LONG // BLOCK))
    print("@@ read", sink.count)


if plan["flavour"] == "asyncio":
    import asyncio

    from ublox_cellular import aio

    asyncio.run(main(aio))
else:
    import ublox_cellular

    main(ublox_cellular)
