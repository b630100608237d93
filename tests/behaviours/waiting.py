# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Blocking, non-blocking and time-outs, as in CPython."""

from .errnos import (
    EAGAIN,
    ECONNREFUSED,
    EINPROGRESS,
    EISCONN,
    ETIMEDOUT,
)
from .rig import checksum, code, fails, pattern, raises


async def waits_for_data_only_as_long_as_told(rig):
    await rig.connected()
    sock = await rig.open("echo")
    sock.settimeout(0.25)
    assert sock.gettimeout() == 0.25
    for call, argument in ((sock.recv, 10), (sock.read, 10), (sock.readinto, bytearray(3))):
        began = rig.now()
        assert code(await fails(call, argument)) == ETIMEDOUT
        assert 240 <= rig.since(began) < 1500
    sock.settimeout(60)
    await rig.echo(sock, b"goes on")


async def waits_for_data_that_comes_late(rig):
    await rig.connected()
    sock = await rig.open("pause 1200;send 30 1")
    sock.settimeout(None)
    assert sock.gettimeout() is None
    assert await sock.recv(30) == pattern(30, 1)


async def does_not_wait_when_told_so(rig):
    await rig.connected()
    sock = await rig.open("echo")
    sock.setblocking(False)
    assert sock.gettimeout() == 0
    assert code(await fails(sock.recv, 10)) == EAGAIN
    assert code(await fails(sock.recv_into, bytearray(10))) == EAGAIN
    assert await sock.readinto(bytearray(10)) is None
    assert await sock.read(10) is None
    assert await sock.readline() is None
    await sock.send(b"abc")
    await rig.until(lambda: sock.ioctl(3, 1))
    assert await sock.read(10) == b"abc"


async def refuses_time_outs_below_zero(rig):
    await rig.connected()
    assert isinstance(raises(rig.stream().settimeout, -1), ValueError)


async def connects_without_waiting(rig):
    await rig.connected()
    sock = rig.stream()
    sock.setblocking(False)
    assert code(await fails(sock.connect, rig.tcp)) == EINPROGRESS
    await rig.until(lambda: sock.ioctl(3, 4) & 4)
    assert not sock.ioctl(3, 4) & 24
    assert await sock.send(b"echo\n") == 5
    await sock.connect(rig.tcp)  # the news, once, as on Linux
    assert code(await fails(sock.connect, rig.tcp)) == EISCONN
    sock.settimeout(60)
    await rig.echo(sock, b"connected")


async def cannot_connect_twice(rig):
    await rig.connected()
    sock = await rig.open("echo")
    assert code(await fails(sock.connect, rig.tcp)) == EISCONN
    await rig.echo(sock, b"still connected")


async def says_that_a_connection_was_refused(rig):
    await rig.connected()
    for asynchronous in (True, False):
        rig.pool.async_connect = asynchronous
        sock = rig.stream()
        error = await fails(sock.connect, rig.refused)
        assert code(error) == ECONNREFUSED, error
        await sock.close()
    rig.pool.async_connect = True
    await rig.usable()


async def says_that_a_connection_was_refused_without_waiting(rig):
    await rig.connected()
    sock = rig.stream()
    sock.setblocking(False)
    assert code(await fails(sock.connect, rig.refused)) == EINPROGRESS
    await rig.until(lambda: sock.ioctl(3, 4))
    error = await fails(sock.connect, rig.refused)
    assert code(error) == ECONNREFUSED, error
    await sock.close()
    await rig.usable()


async def connects_only_as_long_as_told(rig):
    await rig.connected()
    sock = rig.stream()
    for floor_ms in (0, 1500):  # below that a time-out does not limit it
        rig.pool.connect_floor_ms = (floor_ms, 15000)
        sock.settimeout(0.5)
        began = rig.now()
        error = await fails(sock.connect, rig.silent)
        assert code(error) == ETIMEDOUT, error
        assert max(450, floor_ms) <= rig.since(began) < 3000
    await sock.close()
    rig.pool.connect_floor_ms = (5000, 15000)
    await rig.usable()


async def is_not_held_up_by_a_slow_connect(rig):
    await rig.connected()
    busy = await rig.open("echo")
    slow = rig.stream()
    slow.setblocking(False)
    assert code(await fails(slow.connect, rig.silent)) == EINPROGRESS
    began = rig.now()
    await rig.echo(busy, pattern(500, 2))
    assert rig.since(began) < 3000
    await slow.close()
    await rig.usable()


async def keeps_the_data_when_the_queue_is_full(rig):
    await rig.connected()
    total = 36000
    data = pattern(total, 6)
    sock = await rig.open("wait reader;read %d" % total)
    sock.setblocking(False)
    done = 0
    while done < total:  # until the module takes no more
        n = await sock.write(memoryview(data)[done : done + 1024])
        if n is None:
            break
        done += n
    for timeout, errno in ((0, EAGAIN), (0.3, ETIMEDOUT)):
        sock.settimeout(timeout)
        while True:  # the kernel behind the module may take a little more at any time
            assert 4096 <= done < total, done
            began = rig.now()
            try:
                done += await sock.send(memoryview(data)[done : done + 1024])
            except OSError as error:
                assert code(error) == errno, error
                assert rig.since(began) < 3000
                break
    await rig.ask("go reader")
    sock.settimeout(60)
    await sock.sendall(memoryview(data)[done:])
    assert await sock.readline() == b"%d\n" % checksum(data)
