"""Direct link: raw bytes to and from the other side, and the way back to commands."""

from array import array

from .files import NO_BUFFERS
from .rig import code, fails, pattern

EVERY = bytes(range(256))


async def _gather(link, count):
    found = bytearray()
    piece = bytearray(100)
    while len(found) < count:
        n = await link.readinto(piece, 0, 5000)
        assert n, (len(found), count, n)
        found.extend(piece[:n])
    return bytes(found)


async def carries_every_byte_value_raw(rig):
    await rig.connected()
    sock = await rig.open("echo")
    async with await sock.direct_link() as link:
        assert await link.write(EVERY * 2) == 512
        assert await _gather(link, 512) == EVERY * 2


async def is_not_ended_by_data_that_looks_like_the_end(rig):
    await rig.connected()
    sock = await rig.open("echo")
    data = b"x\r\nDISCONNECT\r\nfoo\r\nNO CARRIER\r\n\r\nOK\r\n\rDISCO\r\nNO"
    async with await sock.direct_link() as link:
        await link.write(data)
        assert await _gather(link, len(data)) == data
        assert not link.ended


async def begins_with_the_first_byte_of_data_even_if_it_is_a_line_feed(rig):
    await rig.connected()
    sock = await rig.open("pause 500;hex 0a0d0a41;echo")
    async with await sock.direct_link() as link:
        assert await _gather(link, 4) == b"\n\r\nA"


async def says_when_nothing_comes_in_time(rig):
    await rig.connected()
    sock = await rig.open("echo")
    async with await sock.direct_link() as link:
        assert await link.readinto(bytearray(10), 0, 300) is None


async def goes_on_with_commands_after_the_link_was_closed(rig):
    await rig.connected()
    sock = await rig.open("echo")
    link = await sock.direct_link()
    await link.write(b"raw")
    assert await _gather(link, 3) == b"raw"
    await link.close()
    assert link.ended
    assert isinstance(await fails(link.write, b"late"), OSError)
    await rig.echo(sock, b"by command")
    await rig.usable()


async def leaves_the_link_while_data_keeps_coming(rig):
    await rig.connected()
    sock = await rig.open("pause 200;send 300000 1")
    link = await sock.direct_link()
    assert (await _gather(link, 300))[:300] == pattern(300, 1)
    began = rig.now()
    await link.close()
    assert rig.since(began) < 6000, rig.since(began)
    await sock.close()
    await rig.usable()


async def ends_when_the_other_side_closes_after_delivering_everything(rig):
    await rig.connected()
    sock = await rig.open("pause 400;send 700 3;close")
    link = await sock.direct_link()
    assert await _gather(link, 700) == pattern(700, 3)
    assert await link.readinto(bytearray(10), 0, 5000) == 0
    await link.close()
    await rig.usable()


async def refuses_what_is_no_buffer(rig):
    await rig.connected()
    sock = await rig.open("echo")
    async with await sock.direct_link() as link:
        written = rig.uart.written
        for buf in NO_BUFFERS:
            assert isinstance(await fails(link.readinto, buf), TypeError), buf
        assert isinstance(await fails(link.readinto, bytearray(9), 10), ValueError)
        assert isinstance(await fails(link.readinto, bytearray(9), 0, "1"), TypeError)
        for data in ("text", None, 5, memoryview(array("H", [1, 2]))):
            assert isinstance(await fails(link.write, data), TypeError), data
        assert rig.uart.written == written
        await link.write(b"x")
        assert await _gather(link, 1) == b"x"
    assert code(await fails(link.readinto, bytearray(9))) == 9
    assert code(await fails(link.write, b"x")) == 9


async def cannot_link_a_socket_that_is_not_connected(rig):
    await rig.connected()
    assert isinstance(await fails(rig.stream().direct_link), OSError)
    await rig.usable()
