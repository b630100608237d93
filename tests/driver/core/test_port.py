"""UART objects of every kind carry the same exchange; none is asked for more than it has."""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.serial_script import Bench, Line
from driver.support.socket_model import Model

DATA = bytes(range(256)) * 4


class Kind:
    """A UART of some kind in front of a line in virtual time."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.clock = line.clock
        self.wait = line.wait

    def _read(self, buf: Any, n: int) -> int:
        assert n <= self._line.any(), "asked for more than is there: a real one would wait"
        return self._line.readinto(buf, n) or 0


class MicroPythonLike(Kind):
    def any(self) -> int:
        return self._line.any()

    def readinto(self, buf: Any, nbytes: int | None = None) -> int | None:
        return self._read(buf, len(buf) if nbytes is None else nbytes) or None

    def write(self, buf: Any, off: int = 0, n: int | None = None) -> int | None:
        view = memoryview(buf)[off:]
        return self._line.write(view if n is None else view[:n]) or None


class PyserialLike(Kind):
    timeout = 1.0

    @property
    def in_waiting(self) -> int:
        return self._line.any()

    def readinto(self, buf: Any) -> int:
        return self._read(buf, len(buf))

    def write(self, data: Any) -> int:
        return self._line.write(data)


class CircuitPythonLike(Kind):
    """No length anywhere, None for nothing, no attributes but those of busio.UART."""

    timeout = 1.0

    @property
    def in_waiting(self) -> int:
        return self._line.any()

    def readinto(self, buf: Any) -> int | None:
        return self._read(buf, len(buf)) or None

    def write(self, buf: Any) -> int | None:
        return self._line.write(buf) or None


class ShortWrites(PyserialLike):
    """Takes at most seven bytes, every third time none."""

    turn = 0

    def write(self, data: Any) -> int:
        self.turn += 1
        if self.turn % 3 == 0:
            return 0
        return self._line.write(memoryview(data)[:7])


class WritesNone(MicroPythonLike):
    """Says None where nothing fits, as MicroPython's UART with a time-out."""

    turn = 0

    def write(self, buf: Any, off: int = 0, n: int | None = None) -> int | None:
        self.turn += 1
        if self.turn % 2:
            return None
        return super().write(buf, off, min(64, len(buf) - off if n is None else n))


KINDS = [MicroPythonLike, PyserialLike, CircuitPythonLike, ShortWrites, WritesNone]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
def test_every_kind_of_uart_carries_an_exchange(flavour: str, kind: type[Kind]) -> None:
    bench = Bench(flavour, "sara-r5", Model())
    bench.modem = type(bench.modem)(kind(bench.line))
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    assert bench.call(bench.modem.imei) == "004999010640000"
    sock = bench.modem.socket()
    sock.settimeout(60)
    bench.call(sock.connect, ("192.0.2.7", 7))
    bench.call(sock.sendall, DATA)
    bench.call(sock.sendall, b"plain text, too")
    assert bytes(bench.partner.received) == DATA + b"plain text, too"
    bench.partner.unread = DATA
    bench.line.push(b"\r\n+UUSORD: 0,%d\r\n" % len(DATA))
    assert bench.call(sock.read, len(DATA)) == DATA
    bench.close()


@pytest.mark.parametrize("kind", [PyserialLike, CircuitPythonLike])
def test_a_uart_that_would_wait_is_told_not_to(kind: type[Kind]) -> None:
    bench = Bench("blocking", "sara-r5", Model())
    uart: Any = kind(bench.line)
    type(bench.modem)(uart)
    assert uart.timeout == 0


@pytest.mark.parametrize("missing", ["readinto", "write", "any"])
def test_what_a_uart_lacks_is_named(missing: str) -> None:
    methods = {name: lambda *arguments: 0 for name in ("readinto", "write", "any")}
    del methods[missing]
    uart = type("Poor", (), methods)()
    cls = type(Bench("blocking", "sara-r5", Model()).modem)
    with pytest.raises(TypeError, match=missing):
        cls(uart)
