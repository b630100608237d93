# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""The end of connections, from either side."""

from .errnos import (
    EAGAIN,
    EBADF,
    ECONNABORTED,
    ECONNRESET,
    ENFILE,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
    ETIMEDOUT,
)
from .rig import checksum, code, fails, pattern, raises


async def delivers_everything_before_the_end(rig):
    await rig.connected()
    sock = await rig.open("send 5000 3;close")
    assert await sock.read() == pattern(5000, 3)
    assert await sock.recv(10) == b""
    assert await sock.recv_into(bytearray(5)) == 0
    assert await sock.read() == b""


async def delivers_what_was_unread_when_the_other_side_closed(rig):
    await rig.connected()
    sock = await rig.open("send 900 3;close")
    await rig.until(lambda: sock.ioctl(3, 1))
    await rig.sleep(300)
    assert await sock.recv(100) == pattern(900, 3)[:100]
    found = b""
    while True:
        part = await sock.recv(333)
        if not part:
            break
        found += part
    assert found == pattern(900, 3)[100:]


async def cannot_write_to_a_peer_that_has_closed(rig):
    await rig.connected()
    for ending in ("close", "fin"):
        sock = await rig.open("send 40 3;" + ending)
        assert await sock.recv(20) == pattern(40, 3)[:20]
        await rig.sleep(300)
        error = await fails(sock.send, b"more")
        assert code(error) in (EPIPE, ECONNRESET), error
        if ending == "fin":
            assert code(error) == EPIPE
        assert await sock.read() == pattern(40, 3)[20:]
        await sock.close()


async def cannot_write_after_the_end_was_read(rig):
    await rig.connected()
    sock = await rig.open("close")
    assert await sock.read() == b""
    error = await fails(sock.send, b"more")
    assert code(error) in (EPIPE, ECONNRESET), error
    await sock.close()
    await rig.usable()


async def notices_a_reset(rig):
    await rig.connected()
    sock = await rig.open("pause 50;reset")
    await rig.until(lambda: sock.ioctl(3, 1))
    try:
        assert await sock.recv(10) == b""
    except OSError as error:
        assert error.args[0] == ECONNRESET
    assert code(await fails(sock.send, b"x")) in (EPIPE, ECONNRESET, ECONNABORTED)
    await sock.close()
    await rig.usable()


async def sends_what_was_written_before_closing(rig):
    await rig.connected()
    sock = await rig.open("keep all")
    await sock.sendall(pattern(4000, 8))
    await sock.close()
    assert await rig.ask("tell all") == ["4000 %d" % checksum(pattern(4000, 8))]


async def is_of_no_use_once_closed(rig):
    await rig.connected()
    sock = await rig.open("echo")
    await sock.close()
    await sock.close()
    for call, arguments in (
        (sock.send, (b"x",)),
        (sock.sendall, (b"x",)),
        (sock.write, (b"x",)),
        (sock.recv, (1,)),
        (sock.recv_into, (bytearray(1),)),
        (sock.read, (1,)),
        (sock.connect, (rig.tcp,)),
        (sock.setsockopt, (6, 1, 1)),
    ):
        error = await fails(call, *arguments)
        assert code(error) == EBADF, (call, error)


async def is_of_no_use_before_connect(rig):
    await rig.connected()
    sock = rig.stream()
    for wanted, call, arguments in (
        (EPIPE, sock.send, (b"x",)),
        (EPIPE, sock.sendall, (b"x",)),
        (EPIPE, sock.write, (b"x",)),
        (ENOTCONN, sock.recv, (1,)),
        (ENOTCONN, sock.readinto, (bytearray(1),)),
        (ENOTCONN, sock.getpeername, ()),
        (ENOTCONN, sock.shutdown, (2,)),
    ):
        error = await fails(call, *arguments)
        assert code(error) == wanted, (call, error)


async def closes_with_the_context(rig):
    await rig.connected()
    async with await rig.open("echo") as sock:
        await rig.echo(sock, b"inside")
    assert code(await fails(sock.send, b"x")) == EBADF


async def uses_all_sockets_at_once_and_tells_when_there_are_no_more(rig):
    modem = await rig.connected()
    count = rig.sockets
    socks = await rig.open_several(count)
    error = raises(modem.socket)
    assert code(error) == ENFILE and str(count) in str(error), error
    for turn in range(2):
        for number in range(count):
            await socks[number].sendall(pattern(200 + number, number + turn))
        for number in range(count - 1, -1, -1):
            back = await socks[number].read(200 + number)
            assert back == pattern(200 + number, number + turn)
    await socks[2].close()
    await rig.usable()
    for number in range(count):
        if number != 2:
            await rig.echo(socks[number], b"still %d" % number)


async def uses_all_sockets_for_both_kinds(rig):
    await rig.connected()
    streams, others = [], []
    while len(streams) + len(others) < rig.sockets:
        if len(streams) > len(others):
            others.append(rig.datagrams())
            await others[-1].connect(rig.udp)
        else:
            streams.append(await rig.open("echo"))
    for seed in range(3):
        for sock in streams + others:
            await sock.send(pattern(300, seed))
        for sock in others:
            assert await sock.recv(300) == pattern(300, seed)
        for sock in streams:
            assert await sock.read(300) == pattern(300, seed)


async def gives_ids_back_again_and_again(rig):
    await rig.connected()
    for seed in range(2 * rig.sockets):
        sock = await rig.open("echo")
        await rig.echo(sock, pattern(20, seed))
        await sock.close()


async def _finished_beside_the_next(rig, ending):
    old = await rig.open(ending)
    await rig.until(lambda: old.ioctl(3, 1) & 16)
    new = await rig.open("send 100 3")
    await rig.until(lambda: new.ioctl(3, 1))
    try:
        assert await old.recv(100) == b""
    except OSError as error:
        assert error.args[0] == ECONNRESET
    await old.close()
    assert await new.read(100) == pattern(100, 3)
    await new.close()


async def keeps_a_closed_socket_apart_from_the_next_with_its_id(rig):
    await rig.connected()
    await _finished_beside_the_next(rig, "close")


async def keeps_a_reset_socket_apart_from_the_next_with_its_id(rig):
    await rig.connected()
    await _finished_beside_the_next(rig, "pause 20;reset")


async def has_all_sockets_again_after_closing_the_modem(rig):
    modem = await rig.connected()
    for _ in range(rig.sockets):
        modem.socket()
    await modem.close()
    for sock in await rig.open_several(rig.sockets):
        await rig.echo(sock, b"again")


async def names_port_family_and_context_as_the_module_can(rig):
    modem = await rig.connected()
    sent = []
    modem.channel.trace = lambda way, line: sent.append(line) if way == ">" else None
    port = rig.listen_port + 1  # a free one of the computer is in its place
    sock = rig.stream()
    await sock.bind(("", port))
    await sock.connect(rig.tcp)
    assert b"AT+USOCR=6,%d" % port in sent
    await sock.close()
    rig.pool.cid = 1
    sock = rig.stream()
    error = await fails(sock.connect, rig.tcp) if not modem.chooses_context else None
    assert code(error) == EOPNOTSUPP if error else (await sock.connect(rig.tcp)) is None
    assert error or b"AT+USOCR=6,,0,1" in sent
    rig.pool.cid = None
    modem.channel.trace = None
    await rig.usable()


async def closes_waiting_connections_with_their_listener(rig):
    modem = await rig.connected()
    listener = rig.stream()
    await listener.bind(("", rig.listen_port))
    await listener.listen(3)
    await rig.ask("dial %d echo" % rig.listen_port)
    await rig.until(lambda: listener.ioctl(3, 1))
    await listener.close()
    await rig.until(lambda: not [slot for slot in modem.socket_pool.slots if slot.state])
    for sock in await rig.open_several(rig.sockets):
        await rig.echo(sock, b"all there")


async def waits_for_less_than_a_millisecond_when_told_so(rig):
    await rig.connected()
    sock = await rig.open("echo")
    sock.settimeout(0.0005)
    assert code(await fails(sock.recv, 10)) == ETIMEDOUT
    sock.settimeout(0)
    assert code(await fails(sock.recv, 10)) == EAGAIN
