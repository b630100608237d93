"""Payloads of every length and content arrive as they were sent, in every syntax."""

from ublox_cellular.core.command import AUTO, HEX, PROMPT, QUOTED

from .rig import pattern

LENGTHS = (
    1, 2, 15, 16, 17, 63, 64, 127, 128, 129, 255, 511, 512, 513, 1000, 1023, 1024, 1025, 2048,
    4096,
)  # fmt: skip

HOSTILE = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b'"',
    b'""\r\n"',
    b'",0,"',
    b"@",
    b"\r\n@",
    b">",
    b"\r\n> ",
    b"\r\n+UUSOCL: 0\r\n",
    b"\r\n+UUSORD: 0,1024\r\n",
    b'\r\n+USORD: 0,3,"abc"\r\n',
    b"+++",
    b"\r\ncellular ready\r\n",
    b"\r\nCONNECT\r\n",
    b"\r\nNO CARRIER\r\n",
    b"\0",
    b"\0\0\0\r\n\0",
    b"AT+CPWROFF\r",
    b"\x1a",
    b"\x1b",
    b"\x08\x7f",
    b"\r",
    b"\n",
    b"\xff\xfe",
)

TEXT = bytes([c for c in range(32, 127) if c not in (34, 44)])  # no quote, no comma


async def _lengths(rig, syntax, text):
    await rig.connected()
    sock = await rig.open("echo")
    rig.pool.syntax = syntax
    for n in LENGTHS:
        data = (TEXT * (n // len(TEXT) + 1))[:n] if text else pattern(n, n)
        await rig.echo(sock, data)


async def echoes_every_length_of_bytes(rig):
    await _lengths(rig, AUTO, False)


async def echoes_every_length_of_text(rig):
    await _lengths(rig, AUTO, True)


async def echoes_every_length_in_quotes(rig):
    await _lengths(rig, QUOTED, True)


async def echoes_every_length_by_prompt(rig):
    await _lengths(rig, PROMPT, False)


async def echoes_every_length_in_hex(rig):
    await _lengths(rig, HEX, False)


async def _all_values(rig, syntax):
    await rig.connected()
    sock = await rig.open("echo")
    rig.pool.syntax = syntax
    every = bytes(range(256))
    await rig.echo(sock, every)
    await rig.echo(sock, bytes([255 - c for c in every]))
    for c in (0, 10, 13, 26, 27, 34, 44, 64, 127, 128, 255):
        await rig.echo(sock, bytes([c]))


async def echoes_every_byte_value(rig):
    await _all_values(rig, AUTO)


async def echoes_every_byte_value_by_prompt(rig):
    await _all_values(rig, PROMPT)


async def echoes_every_byte_value_in_hex(rig):
    await _all_values(rig, HEX)


async def _hostile(rig, syntax):
    await rig.connected()
    sock = await rig.open("echo")
    rig.pool.syntax = syntax
    for data in HOSTILE:
        await rig.echo(sock, data)
        await rig.echo(sock, b"x" + data + b"y")
    await rig.echo(sock, b"".join(HOSTILE) * 4)
    assert rig.modem.isconnected()


async def is_not_taken_in_by_hostile_payloads(rig):
    await _hostile(rig, AUTO)


async def is_not_taken_in_by_hostile_payloads_by_prompt(rig):
    await _hostile(rig, PROMPT)


async def is_not_taken_in_by_hostile_payloads_in_hex(rig):
    await _hostile(rig, HEX)


async def never_puts_bytes_in_quotes_that_could_end_them(rig):
    await rig.connected()
    sock = await rig.open("echo")
    rig.pool.syntax = QUOTED
    for data in (b'a"b', b"a\rAT\r", b"\0", b'"\rAT+CPWROFF\r'):
        before = rig.uart.written
        try:
            await sock.sendall(data)
        except ValueError:
            assert rig.uart.written == before
            continue
        assert await sock.read(len(data)) == data
    rig.pool.syntax = AUTO
    await rig.echo(sock, b"still there")


async def takes_any_kind_of_buffer(rig):
    await rig.connected()
    sock = await rig.open("echo")
    for kind in (bytes, bytearray, memoryview):
        await rig.echo(sock, kind(b"0123456789"))
        await rig.echo(sock, kind(pattern(700, 3)))
    await rig.echo(sock, memoryview(pattern(600, 9))[100:400])


async def sends_text_as_utf8(rig):
    await rig.connected()
    sock = await rig.open("echo")
    assert await sock.write("gr\u00fc\u00df") == 6
    assert str(await sock.read(6), "utf-8") == "gr\u00fc\u00df"
    assert await sock.send("plain") == 5
    assert await sock.read(5) == b"plain"


async def changes_between_text_and_bytes_at_every_message(rig):
    await rig.connected()
    sock = await rig.open("echo")
    for i in range(6):
        await rig.echo(sock, b"text %d" % i)
        await rig.echo(sock, bytes([0, i, 255]))
        await rig.echo(sock, pattern(400, i))
