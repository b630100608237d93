"""Hostile payload of every length from 1 to 4096 bytes, both ways, in random pieces."""

from __future__ import annotations

import pytest

from ublox_cellular import aio, blocking
from ublox_simulator import Nvm, open_uart
from ublox_simulator.world.peers import tcp_echo

# What could be taken for the module's own words, and every byte value.
HOSTILE = (
    b'\r\nOK\r\n"\r\nOK\r\n\r\nERROR\r\n+CME ERROR: 3\r\n@\r\n@>\r\n> "@\r\n'
    b"+UUSOCL: 0\r\n+UUSORD: 0,9\r\n"
    b'+USORD: 0,4,"AT\rAT+CPWROFF\r\0+++\r\nCONNECT\r\nNO CARRIER\r\ncellular ready\r\n'
) + bytes(range(256))
LENGTHS = 4096
PARTS = 8
FAST = 921_600


def hostile(n: int) -> bytes:
    """`n` bytes of it that begin somewhere else for every length."""
    start = n * 31 % len(HOSTILE)
    return ((HOSTILE[start:] + HOSTILE[:start]) * (n // len(HOSTILE) + 1))[:n]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_length_of_hostile_payload_comes_back_whole(part: int) -> None:
    """Every eighth length each: both modules and both flavours take turns."""
    module = ("sara-r5", "lexi-r10")[part // 2 % 2]
    nvm = Nvm()
    nvm.put("ipr", FAST)
    options = {"latency_ms": 0, "seed": part, "hosts": {"echo.example": "127.0.0.1"}}
    with open_uart(module, baudrate=FAST, nvm=nvm, **options) as uart:
        uart.loop.settle = None
        peer = tcp_echo(uart.loop)
        uart.module.faults.load("split=64:0.1")
        name = "SaraR5" if module == "sara-r5" else "LexiR10"
        lengths = range(1 + part, LENGTHS + 1, PARTS)
        if part % 2:
            modem = getattr(blocking, name)(uart, baudrate=FAST)
            modem.power_on()
            modem.connect("iot.example")
            sock = modem.socket()
            sock.connect(("echo.example", peer.port))
            for n in lengths:
                sock.sendall(hostile(n))
                assert sock.read(n) == hostile(n)
        else:
            uart.loop.run_until_complete(
                _echo(getattr(aio, name)(uart, baudrate=FAST), peer.port, lengths)
            )
        assert uart.module.violations == []
        peer.close()


async def _echo(modem, port: int, lengths: range) -> None:
    await modem.power_on()
    await modem.connect("iot.example")
    sock = modem.socket()
    await sock.connect(("echo.example", port))
    for n in lengths:
        await sock.sendall(hostile(n))
        assert await sock.read(n) == hostile(n)
