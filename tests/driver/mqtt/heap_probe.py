"""Runs on MicroPython: what MQTT takes from the heap. Prints "@@ NAME BYTES" for each figure; the
only argument is the plan as JSON.
"""

import gc
import json
import sys

import machine

plan = json.loads(sys.argv[1])
TIMES = 8
SIZE = 200
TEXT = b"t" * SIZE
BINARY = bytes(SIZE)


def look(mqtt):
    """Idle, in the blocking flavour: nothing may be allocated."""
    import micropython

    micropython.heap_lock()
    try:
        for _ in range(50):
            mqtt.check_msg()
            mqtt.is_connected()
    finally:
        micropython.heap_unlock()


async def hear(mqtt):
    while not mqtt.unread:
        mqtt.is_connected()
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    message = await mqtt.check_msg()
    used = gc.mem_alloc() - before
    gc.enable()
    if len(message.payload) != SIZE:
        raise ValueError("another message")
    return used


async def say(mqtt, data):
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    await mqtt.publish("heap", data)
    used = gc.mem_alloc() - before
    gc.enable()
    return used


async def main(package):
    cls = package.SaraR5 if plan["module"] == "sara-r5" else package.LexiR10
    modem = cls(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
    await modem.power_on(30000)
    await modem.connect("iot.example")
    mqtt = modem.mqtt
    await mqtt.connect("127.0.0.1", plan["port"], client_id="heap" + plan["flavour"])
    await mqtt.subscribe("heap")
    used = {}
    for turn in range(TIMES):
        for name, data in (("text", TEXT), ("binary", BINARY)):
            sent = await say(mqtt, data)
            received = await hear(mqtt)
            if turn:  # the first has to import
                used["publish_" + name] = max(sent, used.get("publish_" + name, 0))
                used["message_" + name] = max(received, used.get("message_" + name, 0))
    while await mqtt.check_msg() is not None:
        pass
    gc.collect()
    before = gc.mem_alloc()
    if plan["flavour"] == "blocking":
        look(mqtt)
    else:
        for _ in range(50):
            mqtt.is_connected()
    print("@@ idle", gc.mem_alloc() - before)
    for name, value in used.items():
        print("@@", name, value)


if plan["flavour"] == "asyncio":
    import asyncio

    from ublox_cellular import aio

    asyncio.run(main(aio))
else:
    import ublox_cellular

    main(ublox_cellular)
