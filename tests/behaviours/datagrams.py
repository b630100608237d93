"""UDP: boundaries, senders, parts of datagrams."""

from ublox_cellular.core.command import AUTO, HEX, PROMPT, QUOTED

from .errnos import EAGAIN, EDESTADDRREQ, EMSGSIZE, ETIMEDOUT
from .payloads import HOSTILE, TEXT
from .rig import code, fails, pattern


async def sends_to_an_address_and_tells_the_sender(rig):
    await rig.connected()
    sock = rig.datagrams()
    assert await sock.sendto(b"hello", rig.udp) == 5
    assert await sock.recvfrom(100) == (b"hello", rig.udp)
    buf = bytearray(20)
    await sock.sendto(b"again", rig.udp)
    assert await sock.recvfrom_into(buf) == (5, rig.udp)
    assert buf[:5] == b"again"


async def sends_to_a_name(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.sendto(b"by name", (rig.name, rig.udp[1]))
    assert await sock.recvfrom(100) == (b"by name", rig.udp)


async def talks_to_one_peer_once_connected(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.connect(rig.udp)
    assert await sock.getpeername() == rig.udp
    for n in (1, 100, 1024):
        assert await sock.send(pattern(n, n)) == n
        assert await sock.recv(1024) == pattern(n, n)


async def keeps_every_length_whole(rig):
    await rig.connected()
    sock = rig.datagrams()
    buf = bytearray(1024)
    for syntax in (AUTO, PROMPT, HEX):
        rig.pool.syntax = syntax
        for n in (1, 2, 16, 127, 128, 129, 200):
            await sock.sendto(pattern(n, n), rig.udp)
            assert await sock.recv_into(buf) == n
            assert buf[:n] == pattern(n, n)
    rig.pool.syntax = AUTO
    for n in (255, 512, 513, 1000, 1023, 1024):
        await sock.sendto(pattern(n, n), rig.udp)
        got = 0
        while got < n:  # a long datagram may come in parts
            got += await sock.recv_into(memoryview(buf)[got:])
        assert got == n and buf[:n] == pattern(n, n)
    rig.pool.syntax = QUOTED
    await sock.sendto(TEXT, rig.udp)
    assert await sock.recv(1024) == TEXT


async def is_not_taken_in_by_hostile_datagrams(rig):
    await rig.connected()
    sock = rig.datagrams()
    for data in HOSTILE:
        await sock.sendto(data, rig.udp)
        assert await sock.recvfrom(100) == (data, rig.udp)


async def keeps_datagrams_apart(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.sendto(b"!!many 4 50", rig.udp)
    for number in range(4):
        data, sender = await sock.recvfrom(50)
        assert (data, sender) == (pattern(50, number), rig.udp)


async def reads_a_datagram_in_parts(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.sendto(b"!!many 2 20", rig.udp)
    for number in range(2):
        found = b""
        while len(found) < 20:
            part, sender = await sock.recvfrom(8)
            assert sender == rig.udp
            found += part
        assert found == pattern(20, number)


async def refuses_datagrams_that_do_not_fit(rig):
    await rig.connected()
    sock = rig.datagrams()
    before = rig.uart.written
    assert code(await fails(sock.sendto, bytes(1025), rig.udp)) == EMSGSIZE
    assert rig.uart.written == before


async def has_no_peer_before_connect(rig):
    await rig.connected()
    sock = rig.datagrams()
    assert code(await fails(sock.send, b"x")) == EDESTADDRREQ


async def waits_for_a_datagram_only_as_long_as_told(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.sendto(b"first", rig.udp)
    assert await sock.recv(10) == b"first"
    sock.settimeout(0.2)
    began = rig.now()
    assert code(await fails(sock.recvfrom, 10)) == ETIMEDOUT
    assert 190 <= rig.since(began) < 1500
    sock.setblocking(False)
    assert code(await fails(sock.recvfrom, 10)) == EAGAIN
    await sock.sendto(b"second", rig.udp)
    await rig.until(lambda: sock.ioctl(3, 1))
    assert await sock.recvfrom(10) == (b"second", rig.udp)


async def receives_on_a_port_of_its_own(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.bind(("", rig.listen_port + 1))
    await sock.sendto(b"from my port", rig.udp)
    assert await sock.recvfrom(100) == (b"from my port", rig.udp)


async def receives_announcements_of_a_listening_datagram_socket(rig):
    await rig.connected()
    sock = rig.datagrams()
    await sock.bind(("", rig.listen_port + 2))
    await sock.listen()
    await sock.sendto(b"ask", rig.udp)
    assert await sock.recvfrom(100) == (b"ask", rig.udp)
