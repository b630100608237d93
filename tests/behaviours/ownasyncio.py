# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""MicroPython's own asyncio over `modem.install()`: its streams and a web server of others, by
sockets that never wait and select.poll, as they come from the registries.

Only on MicroPython: CPython's asyncio wants descriptors of the operating system.
"""

import sys

from .equipment import ALL_RIGHT, Visit, context, equip, page
from .rig import pattern

LIMIT_S = 300


def _own(rig):
    """asyncio over this modem."""
    equip(rig)
    import asyncio
    import asyncio.stream  # pyright: ignore

    stream = sys.modules["asyncio.stream"]
    if not hasattr(stream, "ssl"):  # start_server() of Adafruit's edition names it, and has none
        stream.ssl = None
    return asyncio


def _ran(rig, make):
    """Run what `make(asyncio)` gives on the modem, within a limit."""
    rig.connected()
    with rig.modem.install():
        asyncio = _own(rig)
        asyncio.run(asyncio.wait_for(make(asyncio), LIMIT_S))


async def _said(reader, count):
    data = await reader.readexactly(count)
    assert data == pattern(count, 5), data


async def _talk(asyncio, host, port, seed, **options):
    reader, writer = await asyncio.open_connection(host, port, **options)
    writer.write(b"echo\n")
    for turn in range(3):
        text = pattern(200 + 90 * seed, seed + turn)
        writer.write(text)
        await writer.drain()
        assert await reader.readexactly(len(text)) == text
    writer.close()
    await writer.wait_closed()


def own_streams_connect(rig):
    async def work(asyncio):
        jobs = [_talk(asyncio, rig.name, rig.tcp[1], seed) for seed in range(3)]
        await asyncio.gather(*jobs)

    _ran(rig, work)


def own_streams_connect_by_tls(rig):
    async def work(asyncio):
        tls = context(rig)
        jobs = [
            _talk(asyncio, rig.name, rig.place["tls"], seed, ssl=tls, server_hostname=rig.name)
            for seed in range(2)
        ]
        await asyncio.gather(*jobs)

    _ran(rig, work)


def own_streams_fail_where_nobody_listens(rig):
    async def work(asyncio):
        try:
            reader, writer = await asyncio.open_connection(*rig.refused)
            writer.write(b"x")
            await writer.drain()
            await reader.readexactly(1)
        except (OSError, EOFError):
            return
        raise AssertionError("no error")

    _ran(rig, work)
    rig.usable()


def own_streams_serve(rig):
    async def work(asyncio):
        async def guest(reader, writer):
            line = await reader.readline()
            writer.write(b"you said " + line)
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(guest, "0.0.0.0", rig.listen_port)
        verbs = "dial %d hex 68690a|keep served" % rig.listen_port
        reader, writer = await asyncio.open_connection(*rig.tcp)
        writer.write(verbs.encode() + b";tell served\n")
        await writer.drain()
        answer = await reader.readline()
        assert answer.split()[0] == b"12", answer  # "you said hi\n"
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    _ran(rig, work)
    rig.usable()


def microdot_serves_who_comes_again_at_once(rig):
    async def work(asyncio):
        from microdot import Microdot, Response

        app = Microdot()

        @app.route("/page/<int:number>")
        async def give(request, number):
            return Response(page(number), headers={"Content-Type": "application/octet-stream"})

        serving = asyncio.create_task(app.start_server("0.0.0.0", rig.listen_port))
        visit = Visit(rig)
        while not visit.over():
            await asyncio.sleep_ms(20)
        app.shutdown()
        await serving
        assert visit.said == ALL_RIGHT, visit.said

    _ran(rig, work)
    rig.usable()
