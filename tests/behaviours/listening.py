# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Servers: bind, listen, accept."""

from .errnos import EAGAIN, EINVAL, ETIMEDOUT
from .rig import code, fails, pattern


async def _listening(rig, backlog):
    await rig.connected()
    server = rig.stream()
    await server.bind(("", rig.listen_port))
    await server.listen(backlog)
    return server


async def accepts_a_connection_and_talks_both_ways(rig):
    server = await _listening(rig, 2)
    await rig.ask("dial %d echo" % rig.listen_port)
    sock, address = await server.accept()
    sock.settimeout(60)
    assert address[0] == rig.host and 0 < address[1] < 65536
    assert await sock.getpeername() == address
    await rig.echo(sock, pattern(700, 1))
    await sock.close()


async def keeps_what_came_before_accept(rig):
    server = await _listening(rig, 2)
    await rig.ask("dial %d send 600 4|close" % rig.listen_port)
    await rig.until(lambda: server.ioctl(3, 1))
    await rig.usable()
    sock, _ = await server.accept()
    sock.settimeout(60)
    assert await sock.read() == pattern(600, 4)


async def serves_one_after_another(rig):
    server = await _listening(rig, 2)
    for seed in range(3):
        await rig.ask("dial %d send 100 %d|close" % (rig.listen_port, seed))
        sock, _ = await server.accept()
        sock.settimeout(60)
        assert await sock.read() == pattern(100, seed)
        await sock.close()


async def accepts_several_and_keeps_them_apart(rig):
    server = await _listening(rig, 3)
    for seed in range(3):
        await rig.ask("dial %d send 300 %d" % (rig.listen_port, seed))
    found = []
    for _ in range(3):
        sock, _ = await server.accept()
        sock.settimeout(60)
        found.append(await sock.read(300))
    found.sort()
    assert found == sorted([pattern(300, seed) for seed in range(3)])


async def turns_away_what_exceeds_the_backlog(rig):
    server = await _listening(rig, 1)
    for number in range(3):
        await rig.ask("dial %d keep caller%d" % (rig.listen_port, number))
    await rig.sleep(300)
    kept = 0
    server.settimeout(0.3)
    while True:
        try:
            sock, _ = await server.accept()
        except OSError as error:
            assert error.args[0] == ETIMEDOUT
            break
        kept += 1
        await sock.sendall(b"welcome")
        await sock.close()
    said = await rig.ask("tell caller0;tell caller1;tell caller2")
    lengths = sorted([line.split()[0] for line in said])
    assert kept == 1 and lengths == ["0", "0", "7"], (kept, said)


async def waits_for_a_connection_only_as_long_as_told(rig):
    server = await _listening(rig, 2)
    server.settimeout(0.2)
    began = rig.now()
    assert code(await fails(server.accept)) == ETIMEDOUT
    assert 190 <= rig.since(began) < 1500
    server.setblocking(False)
    assert code(await fails(server.accept)) == EAGAIN
    assert server.ioctl(3, 1) == 0
    await rig.ask("dial %d echo" % rig.listen_port)
    await rig.until(lambda: server.ioctl(3, 1))
    sock, _ = await server.accept()
    sock.settimeout(60)
    await rig.echo(sock, b"hello")


async def listens_before_it_accepts(rig):
    await rig.connected()
    server = rig.stream()
    assert code(await fails(server.accept)) == EINVAL
    await server.listen()  # a port is chosen
    assert (await server.getsockname())[1] >= 49152


async def listens_again_after_closing(rig):
    for _ in range(2):
        server = await _listening(rig, 2)
        await rig.ask("dial %d echo" % rig.listen_port)
        sock, _ = await server.accept()
        sock.settimeout(60)
        await rig.echo(sock, b"hello")
        await sock.close()
        await server.close()
