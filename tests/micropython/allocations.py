"""Runs on MicroPython: what idle polling, send, recv_into of 1 KiB and waking take from the heap.

Blocking: under heap_lock(), where any allocation raises MemoryError. asyncio: bytes by operation.
Prints "@@ NAME RESULT BYTES" for each, and "@! LINE" for the wires; the only argument is the plan
as JSON.
"""

import gc
import json
import sys
import time

import machine
import micropython

plan = json.loads(sys.argv[1])
SARA = plan["module"] == "sara-r5"
WIRE = "dtr" if SARA else "wake_gpio"
ROUNDS = 6
SIZE = 1024
TEXT = bytearray(b"The quick brown fox jumps over the lazy dog. " * 23)[:SIZE]
BINARY = bytearray([(i * 7) & 255 for i in range(SIZE)])
LONG_MS = 60000  # of silence before it may sleep: not while we measure
SHORT_MS = 500
DOZE_MS = 1200
into = bytearray(SIZE)


def say(name, error, used):
    print("@@", name, "PASS" if error is None else "FAIL", used)
    if error is not None:
        sys.print_exception(error, sys.stdout)


def press(level):
    print("@! key up" if level else "@! key down")


def hold(level):
    if SARA:
        print("@! dtr off" if level else "@! dtr on")
    else:
        print("@! gpio high" if level else "@! gpio low")


def modem_of(package):
    cls = package.SaraR5 if SARA else package.LexiR10
    uart = machine.UART(1, plan["baudrate"])
    wires = {"power_key": press, WIRE: hold}
    return cls(uart, baudrate=plan["baudrate"], **wires)


def by_wire():
    """How `save()` is asked for a wire that keeps the module awake."""
    return ("dtr", LONG_MS) if SARA else ("gpio", LONG_MS, "sleep1")


def options():
    return {} if SARA else {"gpio": 14}


def doze(modem, rest):
    """Let it fall asleep."""
    rest(modem)
    time.sleep_ms(DOZE_MS)
    if not modem.channel.dozing():
        raise ValueError("nothing to wake")
    gc.collect()
    gc.disable()
    return gc.mem_alloc()


# ---- blocking ---------------------------------------------------------------------------------


def locked(name, action, *arguments):
    gc.collect()
    before = gc.mem_alloc()
    error = None
    result = 0
    micropython.heap_lock()
    try:
        result = action(*arguments)
    except Exception as caught:
        error = caught
    micropython.heap_unlock()
    say(name, error, gc.mem_alloc() - before)
    return result


def poll(modem):
    for _ in range(50):
        modem.poll()


def poll_until_asleep(modem):
    """The wire is released by poll(), a while behind the last exchange."""
    for _ in range(500):
        modem.poll()
        if modem.channel.asleep:
            return
        time.sleep_ms(10)
    raise ValueError("the wire was not released")


def receive(sock, count):
    while count:
        count -= sock.recv_into(into)


def exchanges(prefix, sock):
    for name, data in (("text", TEXT), ("binary", BINARY)):
        for _ in range(2):  # to reach the steady state
            receive(sock, sock.send(data))
        left = locked(prefix + "send_" + name, sock.send, data)
        if left:
            locked(prefix + "recv_into_" + name, receive, sock, left)


def waking(modem, name, rest):
    """The growth of the heap by a wake-up, garbage included; the first one has to import."""
    used = 0
    for _ in range(2):
        before = doze(modem, rest)
        modem.channel.acquire()
        modem.channel.release()
        used = gc.mem_alloc() - before
        gc.enable()
    say(name, None, used)


def blocking():
    import ublox_cellular

    modem = modem_of(ublox_cellular)
    modem.power_on(30000)
    modem.connect("iot.example")
    sock = modem.socket()
    sock.settimeout(20)
    sock.connect(("127.0.0.1", plan["port"]))
    sock.sendall("echo\n")
    poll(modem)
    locked("idle_poll", poll, modem)
    exchanges("", sock)

    power = modem.power
    power.save("timer", LONG_MS)
    poll(modem)
    locked("saving_idle_poll", poll, modem)
    exchanges("saving_", sock)
    power.save("timer", SHORT_MS)
    waking(modem, "wake_timer", poll)

    power.save(*by_wire(), **options())
    poll(modem)
    locked("wire_idle_poll", poll_until_asleep, modem)
    exchanges("wire_", sock)
    waking(modem, "wake_wire", poll_until_asleep)


# ---- asyncio ----------------------------------------------------------------------------------


async def measured(prefix, sock):
    for name, data in (("text", TEXT), ("binary", BINARY)):
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
        say(prefix + "send_" + name, None, sent)
        say(prefix + "recv_into_" + name, None, received)


def polled(name, action, modem):
    gc.collect()
    before = gc.mem_alloc()
    action(modem)
    say(name, None, gc.mem_alloc() - before)


async def waking_aio(modem, name, rest):
    used = 0
    for _ in range(2):
        before = doze(modem, rest)
        await modem.channel.acquire()
        modem.channel.release()
        used = gc.mem_alloc() - before
        gc.enable()
    say(name, None, used)


async def waiting():
    import ublox_cellular.aio as aio

    modem = modem_of(aio)
    await modem.power_on(30000)
    await modem.connect("iot.example")
    sock = modem.socket()
    sock.settimeout(20)
    await sock.connect(("127.0.0.1", plan["port"]))
    await sock.sendall("echo\n")
    polled("idle_poll", poll, modem)
    await measured("", sock)

    power = modem.power
    await power.save("timer", LONG_MS)
    polled("saving_idle_poll", poll, modem)
    await measured("saving_", sock)
    await power.save("timer", SHORT_MS)
    await waking_aio(modem, "wake_timer", poll)

    await power.save(*by_wire(), **options())
    polled("wire_idle_poll", poll_until_asleep, modem)
    await measured("wire_", sock)
    await waking_aio(modem, "wake_wire", poll_until_asleep)


if plan["flavour"] == "asyncio":
    import asyncio

    asyncio.run(waiting())
else:
    blocking()
