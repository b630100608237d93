"""Bytes lost, doubled or damaged on their way to the module: an error, never wrong data as right.

Against the simulated module with its fault knobs. Left out is what no driver can see: a damaged
or doubled byte of the payload itself, as the module takes as many bytes as were announced.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ublox_cellular import SaraR5
from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.world.peers import TcpPeer

TEXT = b"hello"
BINARY = b"\x00\x01hi\xff"
TRIES = ("drop", "double", "damage")


class Bench:
    """A connected modem and a peer that keeps what it gets."""

    def __init__(self) -> None:
        self.loop = VirtualLoop(settle=None)
        self.peer = TcpPeer(self.loop)
        self.uart = open_uart("sara-r5", loop=self.loop, registered_after_ms=100, strict=False)
        self.modem = SaraR5(self.uart)
        self.modem.power_on()
        self.modem.connect("iot.example")

    def socket(self, syntax: int) -> Any:
        self.modem.socket_pool.syntax = 0
        sock = self.modem.socket()
        sock.settimeout(10)
        sock.connect(("127.0.0.1", self.peer.port))
        self.modem.socket_pool.syntax = syntax
        return sock

    def close(self) -> None:
        self.peer.close()
        self.uart.close()
        self.loop.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


Exchange = Callable[[Bench, Any], None]


def write(data: bytes) -> Exchange:
    def exchange(bench: Bench, sock: Any) -> None:
        sock.sendall(data)
        bench.uart.clock.sleep_ms(50)
        assert bytes(bench.peer.last.received) == data

    return exchange


def read(bench: Bench, sock: Any) -> None:
    bench.peer.last.send(BINARY)
    assert sock.read(len(BINARY)) == BINARY


def state(bench: Bench, sock: Any) -> None:
    assert sock.info(10) == 4


# name: (exchange, syntax, where its undetectable payload begins, how many bytes)
CASES: dict[str, tuple[Exchange, int, int, int]] = {
    "write-quoted": (write(TEXT), 1, len('AT+USOWR=0,5,"'), len(TEXT)),
    "write-prompt": (write(BINARY), 2, len("AT+USOWR=0,5\r"), len(BINARY)),
    "read": (read, 0, 0, 0),
    "state": (state, 0, 0, 0),
}


def length(bench: Bench, exchange: Exchange, sock: Any) -> int:
    """Bytes the exchange sends when nothing goes wrong."""
    into = bench.uart.line._faults.into
    before = into.count
    exchange(bench, sock)
    return into.count - before


@pytest.mark.parametrize("what", TRIES)
@pytest.mark.parametrize("name", CASES)
def test_every_byte_to_the_module(name: str, what: str, bench: Bench) -> None:
    exchange, syntax, start, size = CASES[name]
    faults = bench.uart.module.faults
    sock = bench.socket(syntax)
    total = length(bench, exchange, sock)
    sock.close()
    wrong = []
    for index in range(total):
        inside = start <= index < start + size
        if inside and what != "drop":
            continue
        sock = bench.socket(syntax)
        faults.load(f"{what}=in@{faults.into.count + index}")
        began = bench.uart.clock.ticks_ms()
        try:
            exchange(bench, sock)
        except OSError as error:
            assert str(error)
        except AssertionError as error:
            wrong.append((index, str(error)[:120]))
        took = bench.uart.clock.ticks_diff(bench.uart.clock.ticks_ms(), began)
        if took > 250_000:
            wrong.append((index, f"took {took} ms"))
        faults.into.at.clear()
        with contextlib.suppress(OSError):
            sock.close()
        try:
            assert len(bench.modem.imei()) == 15
        except OSError as error:
            wrong.append((index, f"not usable afterwards: {error}"))
            break
    assert wrong == []
