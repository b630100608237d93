"""Runs on MicroPython: what idle polling, send and recv_into of 1 KiB take from the heap.

Blocking: under heap_lock(), where any allocation raises MemoryError. asyncio: bytes by operation.
Prints "@@ NAME RESULT BYTES" for each; the only argument is the plan as JSON.
"""

import gc
import json
import sys

import machine
import micropython

plan = json.loads(sys.argv[1])
ROUNDS = 6
SIZE = 1024
TEXT = bytearray(b"The quick brown fox jumps over the lazy dog. " * 23)[:SIZE]
BINARY = bytearray([(i * 7) & 255 for i in range(SIZE)])
into = bytearray(SIZE)


def say(name, error, used):
    print("@@", name, "PASS" if error is None else "FAIL", used)
    if error is not None:
        sys.print_exception(error, sys.stdout)


def modem_of(package):
    cls = package.SaraR5 if plan["module"] == "sara-r5" else package.LexiR10
    return cls(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])


def blocking():
    import ublox_cellular

    modem = modem_of(ublox_cellular)
    modem.power_on(30000)
    modem.connect("iot.example")
    sock = modem.socket()
    sock.settimeout(20)
    sock.connect(("127.0.0.1", plan["port"]))
    sock.sendall("echo\n")

    def poll(_):
        for _ in range(50):
            modem.poll()
        return 0

    def receive(count):
        while count:
            count -= sock.recv_into(into)
        return 0

    def locked(name, action, argument):
        gc.collect()
        before = gc.mem_alloc()
        error = None
        result = 0
        micropython.heap_lock()
        try:
            result = action(argument)
        except Exception as caught:
            error = caught
        micropython.heap_unlock()
        say(name, error, gc.mem_alloc() - before)
        return result

    poll(None)
    locked("idle_poll", poll, None)
    for name, data in (("text", TEXT), ("binary", BINARY)):
        for _ in range(2):  # to reach the steady state
            receive(sock.send(data))
        left = locked("send_" + name, sock.send, data)
        if left:
            locked("recv_into_" + name, receive, left)


async def waiting():
    import ublox_cellular.aio as aio

    modem = modem_of(aio)
    await modem.power_on(30000)
    await modem.connect("iot.example")
    sock = modem.socket()
    sock.settimeout(20)
    await sock.connect(("127.0.0.1", plan["port"]))
    await sock.sendall("echo\n")

    async def measured(name, data):
        sent = received = 0
        for turn in range(ROUNDS + 2):
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            n = await sock.send(data)
            between = gc.mem_alloc()
            operations = 0
            left = n
            while left:
                left -= await sock.recv_into(into)
                operations += 1
            after = gc.mem_alloc()
            gc.enable()
            if turn > 1:  # the steady state
                sent = max(sent, between - before)
                received = max(received, (after - between) // operations)
        say("send_" + name, None, sent)
        say("recv_into_" + name, None, received)

    gc.collect()
    before = gc.mem_alloc()
    for _ in range(50):
        modem.poll()
    say("idle_poll", None, gc.mem_alloc() - before)
    await measured("text", TEXT)
    await measured("binary", BINARY)


if plan["flavour"] == "asyncio":
    import asyncio

    asyncio.run(waiting())
else:
    blocking()
