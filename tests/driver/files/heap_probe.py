"""Runs on MicroPython: what moving a piece of a file takes from the heap. Prints "@@ NAME BYTES"
for each figure; the only argument is the plan as JSON.
"""

import gc
import json
import sys

import machine

plan = json.loads(sys.argv[1])
SIZE = 512
CHUNKS = 24
buf = bytearray(SIZE)


async def fill(file):
    for _ in range(CHUNKS):
        await file.write(buf)


async def drain(file):
    for _ in range(CHUNKS):
        if await file.readinto(buf) != SIZE:
            raise ValueError("short")


async def measured(name, move, file):
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    await move(file)
    print("@@", name, (gc.mem_alloc() - before) // CHUNKS)
    gc.enable()


async def main(package):
    cls = package.SaraR5 if plan["module"] == "sara-r5" else package.LexiR10
    modem = cls(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
    await modem.power_on(30000)
    files = modem.files
    await files.write("warm", b"x")
    await files.read("warm")
    async with await files.open("big", "wb") as file:
        await file.write(buf)
        await measured("write", fill, file)
    async with await files.open("big") as file:
        await file.readinto(buf)
        await measured("read", drain, file)


if plan["flavour"] == "asyncio":
    import asyncio

    from ublox_cellular import aio

    asyncio.run(main(aio))
else:
    import ublox_cellular

    main(ublox_cellular)
