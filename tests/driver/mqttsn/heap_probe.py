"""Runs on MicroPython: what MQTT-SN takes from the heap. Prints "@@ NAME BYTES" for each figure;
the only argument is the plan as JSON.
"""

import gc
import json
import sys

import machine

plan = json.loads(sys.argv[1])
TIMES = 16
SMALL = b"21.5"
LARGE = bytes(range(200)) * 5


async def gateway(modem):
    """The UDP port of a gateway, which the scripted peer makes."""
    sock = modem.socket()
    sock.settimeout(30)
    await sock.connect(("127.0.0.1", plan["tcp"]))
    await sock.sendall("gateway;close\n")
    said = await sock.read()
    await sock.close()
    return int(said)


async def measured(name, call, *arguments):
    await call(*arguments)
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    for _ in range(TIMES):
        await call(*arguments)
    print("@@", name, (gc.mem_alloc() - before) // TIMES)
    gc.enable()


async def main(package):
    modem = package.SaraR5(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
    await modem.power_on(30000)
    await modem.connect("iot.example")
    mqttsn = modem.mqttsn
    await mqttsn.connect("127.0.0.1", await gateway(modem))
    await measured("idle", mqttsn.check_msg)
    await measured("publish_4", mqttsn.publish, "up", SMALL)
    await measured("publish_1000", mqttsn.publish, "up", LARGE)
    await mqttsn.subscribe("down")
    for _ in range(TIMES + 2):
        await mqttsn.publish("down", SMALL)
    await measured("message_4", mqttsn.wait_msg)
    await mqttsn.disconnect()


if plan["flavour"] == "asyncio":
    import asyncio

    from ublox_cellular import aio

    asyncio.run(main(aio))
else:
    import ublox_cellular

    main(ublox_cellular)
