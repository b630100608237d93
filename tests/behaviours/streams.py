"""Sockets as files: reading and writing in all the ways programs do."""

from .errnos import EBADF, ENOPROTOOPT
from .rig import code, fails, pattern


async def receives_into_a_part_of_a_buffer(rig):
    await rig.connected()
    sock = await rig.open("send 90 1")
    buf = bytearray(b"-" * 60)
    got = 0
    while got < 40:
        got += await sock.recv_into(memoryview(buf)[got:], 40 - got)
    assert buf == pattern(90, 1)[:40] + b"-" * 20
    assert isinstance(await fails(sock.recv_into, buf, 61), ValueError)
    buf = bytearray(b"-" * 60)
    assert await sock.readinto(buf, 30) == 30
    assert buf == pattern(90, 1)[40:70] + b"-" * 30
    assert await sock.readinto(buf) == 20
    assert buf[:20] == pattern(90, 1)[70:]


async def reads_no_less_than_asked_for(rig):
    await rig.connected()
    sock = await rig.open("send 100 1;pause 300;send 100 2;pause 300;send 50 3")
    assert await sock.read(150) == pattern(100, 1) + pattern(100, 2)[:50]
    assert await sock.read(100) == pattern(100, 2)[50:] + pattern(50, 3)


async def reads_byte_by_byte(rig):
    await rig.connected()
    data = pattern(400, 1)
    sock = await rig.open("send 400 1")
    found = bytearray()
    while len(found) < 150:
        found.extend(await sock.recv(1))
    assert bytes(found) == data[:150]
    assert await sock.read(100) == data[150:250]
    found = bytearray()
    while len(found) < 150:
        found.extend(await sock.recv(7))
    assert bytes(found[:150]) == data[250:]


async def reads_lines(rig):
    await rig.connected()
    sock = await rig.open("hex 6f6e650d0a74776f0a0a;pause 200;hex 7468;hex 726565;close")
    assert await sock.readline() == b"one\r\n"
    assert await sock.readline() == b"two\n"
    assert await sock.readline() == b"\n"
    assert await sock.readline() == b"three"
    assert await sock.readline() == b""


async def is_a_file_too(rig):
    await rig.connected()
    sock = await rig.open("echo")
    file = sock.makefile("rwb")
    await sock.close()  # the file keeps the connection
    assert await file.write(b"line\nrest") == 9
    assert await file.readline() == b"line\n"
    assert await file.read(4) == b"rest"
    await file.close()
    assert code(await fails(sock.send, b"x")) == EBADF


async def writes_the_first_bytes_of_a_buffer(rig):
    await rig.connected()
    sock = await rig.open("echo")
    assert await sock.write(b"0123456789", 4) == 4
    assert await sock.write(b"abc") == 3
    assert await sock.read(7) == b"0123abc"
    assert await sock.write(b"xyz", 100) == 3
    assert await sock.read(3) == b"xyz"


async def sends_nothing_and_receives_nothing(rig):
    await rig.connected()
    sock = await rig.open("echo")
    before = rig.uart.written
    assert await sock.send(b"") == 0
    assert await sock.write(b"") == 0
    assert await sock.recv(0) == b""
    assert await sock.recv_into(bytearray(0)) == 0
    assert await sock.read(0) == b""
    assert rig.uart.written == before
    await rig.echo(sock, b"something")


async def says_how_much_it_took(rig):
    await rig.connected()
    sock = await rig.open("echo")
    n = await sock.send(pattern(3000, 1))
    assert 0 < n <= 1024
    assert await sock.read(n) == pattern(3000, 1)[:n]


async def tells_what_it_is_ready_for(rig):
    await rig.connected()
    sock = await rig.open("wait start;send 10 1;wait start;close")
    assert sock.ioctl(3, 1 | 4) == 4
    await rig.ask("go start")
    await rig.until(lambda: sock.ioctl(3, 1))
    assert sock.ioctl(3, 1 | 4) == 5
    assert await sock.read(10) == pattern(10, 1)
    assert sock.ioctl(3, 1) == 0
    await rig.ask("go start")
    await rig.until(lambda: sock.ioctl(3, 1))
    assert sock.ioctl(3, 1) & 16
    assert sock.ioctl(99, 0) == -22
    await sock.close()
    assert sock.ioctl(3, 1) & 8


async def has_no_descriptor_and_can_be_a_key(rig):
    await rig.connected()
    sock = rig.stream()
    assert sock.fileno() == -1
    assert {sock: 1}[sock] == 1
    assert "socket" in repr(sock)


async def keeps_every_option(rig):
    await rig.connected()
    pool = rig.pool
    sock = rig.stream()
    for level, option, value in (
        (pool.SOL_SOCKET, pool.SO_KEEPALIVE, 1),
        (pool.SOL_SOCKET, pool.SO_REUSEADDR, 1),
        (pool.SOL_SOCKET, pool.SO_BROADCAST, 1),
        (pool.SOL_SOCKET, pool.SO_REUSEPORT, 1),
        (pool.SOL_SOCKET, pool.SO_LINGER, (1, 500)),
        (pool.IPPROTO_TCP, pool.TCP_NODELAY, 1),
        (pool.IPPROTO_TCP, pool.TCP_KEEPIDLE, 45),
        (pool.IPPROTO_IP, pool.IP_TTL, 64),
        (pool.IPPROTO_IP, pool.IP_TOS, 16),
    ):
        await sock.setsockopt(level, option, value)
        found = await sock.getsockopt(level, option)
        assert found == value, (level, option, found)
    rig.breaks_rules = True
    assert code(await fails(sock.getsockopt, pool.IPPROTO_IP, 77)) == ENOPROTOOPT
    assert code(await fails(sock.setsockopt, pool.IPPROTO_IP, 77, 1)) == ENOPROTOOPT
    await sock.connect(rig.tcp)
    await sock.sendall("echo\n")
    await rig.echo(sock, b"with options")


async def tells_about_the_connection(rig):
    await rig.connected()
    sock = await rig.open("echo")
    await rig.echo(sock, pattern(30, 1))
    assert await sock.info(0) == 6
    assert await sock.info(1) == 0
    assert await sock.info(2) == 35
    assert await sock.info(3) == 30
    assert list(await sock.info(4)) == list(rig.tcp)
    assert await sock.info(10) == 4
    assert await sock.info(11) == 0
