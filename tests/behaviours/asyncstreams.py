# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""The modem's asyncio streams: `open_connection`, `start_server`, and a web server of others."""

import asyncio

from .equipment import equip
from .errnos import ECONNREFUSED
from .rig import code, fails, pattern

PAGES = 200
CLIENTS = 3
PAGE = 900
LIMIT_S = 600


async def _talk(rig, port, seed, **options):
    reader, writer = await rig.modem.open_connection(rig.name, port, **options)
    writer.write(b"echo\n")
    for turn in range(3):
        text = pattern(200 + 90 * seed, seed + turn)
        writer.write(text)
        await writer.drain()
        assert await reader.readexactly(len(text)) == text
    assert writer.get_extra_info("peername")[1] == port
    writer.close()
    await writer.wait_closed()


async def streams_connect_several_at_once(rig):
    await rig.connected()
    await asyncio.gather(*[_talk(rig, rig.tcp[1], seed) for seed in range(3)])


async def streams_connect_by_tls(rig):
    modem = await rig.connected()
    tls = modem.ssl.create_default_context()
    tls.load_verify_locations(cadata=rig.place["pem"]["ca"].encode())
    options = {"ssl": tls, "server_hostname": rig.name}
    await asyncio.gather(*[_talk(rig, rig.place["tls"], seed, **options) for seed in range(2)])


async def streams_report_that_nobody_listens(rig):
    modem = await rig.connected()
    assert code(await fails(modem.open_connection, *rig.refused)) == ECONNREFUSED
    await rig.usable()


async def streams_read_as_those_of_asyncio(rig):
    modem = await rig.connected()
    reader, writer = await modem.open_connection(*rig.tcp)
    writer.writelines([b"hex 6f6e650a74776f2e", b"7468726565;close\n"])
    await writer.drain()
    assert await reader.readline() == b"one\n"
    assert await reader.readuntil(b".") == b"two."
    assert await reader.read(2) == b"th"
    assert isinstance(await fails(reader.readexactly, 9), EOFError)
    assert await reader.read() == b"" and reader.at_eof()
    writer.close()
    await writer.wait_closed()


async def streams_serve(rig):
    modem = await rig.connected()

    async def guest(reader, writer):
        line = await reader.readline()
        writer.write(b"you said " + line)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await modem.start_server(guest, "0.0.0.0", rig.listen_port):
        said = await rig.ask("dial %d hex 68690a|keep served;tell served" % rig.listen_port)
        assert said[0].split()[0] == "12", said  # "you said hi\n"
    await rig.usable()


async def microdot_serves_by_start_server_who_comes_again_at_once(rig):
    modem = await rig.connected()
    equip(rig)
    import microdot

    app = microdot.Microdot()

    @app.route("/page/<int:number>")
    async def give(request, number):
        headers = {"Content-Type": "application/octet-stream"}
        return microdot.Response(pattern(PAGE, number), headers=headers)

    earlier = getattr(asyncio, "start_server", None)
    asyncio.start_server = modem.start_server
    try:
        serving = asyncio.create_task(app.start_server("0.0.0.0", rig.listen_port))
        visit = await rig.open("browse %d %d %d %d" % (rig.listen_port, PAGES, CLIENTS, PAGE))
        visit.settimeout(LIMIT_S)
        said = await visit.readline()
        app.shutdown()
        await serving
    finally:
        asyncio.start_server = earlier
    assert said == b"%d right, 0 wrong\n" % PAGES, said
    await rig.usable()
