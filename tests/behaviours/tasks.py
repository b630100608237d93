# ruff: noqa: SIM105, UP041 (MicroPython: no contextlib, and asyncio.TimeoutError of its own)
"""Several tasks on one modem: only the asyncio flavour has these."""

import asyncio

from .rig import fails, pattern


async def _talk(rig, seed, rounds):
    sock = await rig.open("echo")
    for turn in range(rounds):
        await rig.echo(sock, pattern(100 + 50 * seed, seed + turn))
    await sock.close()


async def serves_several_tasks_on_several_sockets(rig):
    await rig.connected()
    await asyncio.gather(*[_talk(rig, seed, 4) for seed in range(rig.sockets)])


async def reads_and_writes_one_socket_from_two_tasks(rig):
    await rig.connected()
    sock = await rig.open("echo")

    async def write():
        for seed in range(8):
            await sock.sendall(pattern(300, seed))

    async def read():
        for seed in range(8):
            assert await sock.read(300) == pattern(300, seed)

    await asyncio.gather(write(), read())


async def stays_usable_when_a_command_is_cancelled(rig):
    modem = await rig.connected()
    model = await modem.model()
    imsi = await modem.imsi()
    for ms in (1, 10, 21, 23, 25, 30, 40):
        try:
            await asyncio.wait_for(modem.imei(), ms / 1000)
        except asyncio.TimeoutError:
            pass
        assert await modem.imsi() == imsi
        assert await modem.model() == model
    await rig.usable()


async def delivers_no_wrong_data_when_a_read_is_cancelled(rig):
    await rig.connected()
    for ms in (1, 5, 15, 22, 24, 26, 28, 30, 35, 50):
        sock = await rig.open("send 800 4")
        found = b""
        try:
            found = await asyncio.wait_for(sock.recv(800), ms / 1000)
        except asyncio.TimeoutError:
            pass
        try:
            rest = await sock.read(800 - len(found))
        except OSError:
            rest = None  # told, instead of going on behind a gap
        assert rest is None or found + rest == pattern(800, 4), ms
        await sock.close()
    await rig.usable()


async def sends_nothing_wrong_when_a_write_is_cancelled(rig):
    await rig.connected()
    for ms in (1, 22, 30, 60, 80, 90):
        for size in (20, 600):
            sock = await rig.open("echo")
            try:
                await asyncio.wait_for(sock.send(pattern(size, 4)), ms / 1000)
            except asyncio.TimeoutError:
                pass
            await sock.close()
    await rig.usable()


async def is_not_held_up_by_a_task_that_connects_slowly(rig):
    modem = await rig.connected()
    busy = await rig.open("echo")
    slow = modem.socket()
    slow.settimeout(4)

    async def connect():
        try:
            await slow.connect(rig.silent)
        except OSError as error:
            return error.args[0]

    task = asyncio.create_task(connect())
    await asyncio.sleep(0)
    began = rig.now()
    for seed in range(3):
        await rig.echo(busy, pattern(300, seed))
    assert rig.since(began) < 3000
    assert await task == 110
    await slow.close()
    await rig.usable()


async def lets_other_tasks_run_whatever_pours_in(rig):
    modem = await rig.connected()
    turns = [0]

    async def other():
        while True:
            await asyncio.sleep(0.01)
            turns[0] += 1

    task = asyncio.create_task(other())
    rig.fresh_needed = True
    rig.breaks_rules = True
    rig.uart.flood = True
    rig.uart.noise = b"zq\xf0 is nothing that a module would say\r\n"
    began = rig.now()
    error = await fails(modem.at, "+CGMM", 300)
    assert isinstance(error, OSError), repr(error)
    assert rig.since(began) < 600
    assert turns[0] > 10, turns
    task.cancel()
    rig.uart.noise = b""
    rig.uart.flood = False
    await rig.sleep(500)
    await rig.usable()


async def polls_in_the_background(rig):
    modem = await rig.connected()
    seen = asyncio.Event()

    def event(kind, a, b):
        if kind == 4:
            seen.set()

    modem.on_event = event
    task = asyncio.create_task(modem.run())
    sock = await rig.open("pause 100;send 5 1")
    await asyncio.wait_for(seen.wait(), 20)
    task.cancel()
    assert await sock.read(5) == pattern(5, 1)
