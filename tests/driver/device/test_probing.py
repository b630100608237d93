"""What looking for a silent module leaves behind: nothing. The rate of the UART and the wires are
as they were before an error is raised, and a UART that cannot change its rate only has fewer rates
to be tried at. Case F14 of users.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.errors import Cancelled, ModemError, ModuleLost

OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "power_on": lambda modem: modem.power_on(),
    "attach": lambda modem: modem.attach(),
    "attach-at-rates": lambda modem: modem.attach(rates=(9600, 921600)),
    "reach": lambda modem: modem.recovery.reach("a test"),
}


class Silent:
    """A module that does not answer."""

    def __init__(self) -> None:
        self.sent = bytearray()

    def feed(self, data: bytes) -> list[tuple[float, bytes]]:
        self.sent += data
        return []


class Wire:
    def __init__(self) -> None:
        self.levels: list[int] = []

    def value(self, level: int) -> None:
        self.levels.append(level)


def bench_of(flavour: str, module: str, **uart: Any) -> Bench:
    """A bench whose UART has what is given."""
    bench = Bench(flavour, module, Silent())
    kind = type(bench.line)
    bench.line.__class__ = type("Uart", (kind,), uart)
    return bench


def refuses(*arguments: Any, **options: Any) -> None:
    raise TypeError("init: extra arguments")


def fixed(self: Any, value: int) -> None:
    raise AttributeError("can't set attribute")


def lacking(self: Any, value: int) -> None:
    raise NotImplementedError


UARTS: dict[str, dict[str, Any]] = {
    "neither": {},
    "init-without-rate": {"init": refuses},
    "rate-to-be-read-only": {"baudrate": property(lambda self: 115200)},
    "rate-that-cannot-be-set": {"baudrate": property(lambda self: 115200, fixed)},
    "rate-not-implemented": {"baudrate": property(lambda self: 115200, lacking)},
}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("uart", UARTS)
def test_a_uart_that_cannot_change_its_rate_is_probed_at_its_own(
    uart: str, operation: str, module: str, flavour: str
) -> None:
    bench = bench_of(flavour, module, **UARTS[uart])
    try:
        with pytest.raises(ModuleLost):
            bench.call(OPERATIONS[operation], bench.modem)
        assert b"AT\r" in bench.partner.sent
        assert bench.modem.baudrate == 115200
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("uart", UARTS)
def test_another_rate_with_such_a_uart_is_refused_before_anything_is_sent(
    uart: str, flavour: str
) -> None:
    bench = bench_of(flavour, "sara-r5", **UARTS[uart])
    try:
        with pytest.raises(ModemError) as caught:
            bench.call(bench.modem.set_baudrate, 921600)
        assert caught.value.errno == 95
        assert "rate" in str(caught.value)
        assert bench.modem.baudrate == 115200
        assert bytes(bench.partner.sent) == b""
    finally:
        bench.close()


def recording(rates: list[int]) -> dict[str, Any]:
    return {"init": lambda self, baudrate, **_: rates.append(baudrate)}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_rate_is_put_back(operation: str, module: str, flavour: str) -> None:
    rates: list[int] = []
    bench = bench_of(flavour, module, **recording(rates))
    try:
        with pytest.raises(ModuleLost):
            bench.call(OPERATIONS[operation], bench.modem)
        assert len(set(rates)) > 2
        assert rates[-1] == bench.modem.baudrate == 115200
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("operation", ["power_on", "attach"])
def test_the_rate_is_put_back_when_looking_is_given_up(operation: str, flavour: str) -> None:
    rates: list[int] = []
    bench = bench_of(flavour, "sara-r5", **recording(rates))
    bench.modem.channel.keep_going = lambda: len(rates) < 4
    try:
        with pytest.raises(Cancelled):
            bench.call(OPERATIONS[operation], bench.modem)
        assert rates[-1] == bench.modem.baudrate == 115200
    finally:
        bench.close()


class Deaf(Silent):
    """Answers until it is told another rate; then it is not heard any more."""

    def feed(self, data: bytes) -> list[tuple[float, bytes]]:
        heard = b"+IPR=921600\r" in self.sent
        self.sent += data
        if heard or not data.endswith(b"\r"):
            return []
        return [(2.0, b"\r\nOK\r\n")]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_change_of_rate_that_loses_the_module_leaves_the_old_one(flavour: str) -> None:
    rates: list[int] = []
    bench = bench_of(flavour, "sara-r5", **recording(rates))
    bench.line.partner = bench.partner = Deaf()
    try:
        with pytest.raises(ModemError):
            bench.call(bench.modem.set_baudrate, 921600)
        assert rates[-1] == bench.modem.baudrate == 115200
        with pytest.raises(ModuleLost):  # what is left to be done looks for the rate
            bench.call(bench.modem.model)
        assert 921600 in rates
        assert rates[-1] == bench.modem.baudrate == 115200
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("operation", ["power_on", "attach", "model"])
@pytest.mark.parametrize("released", [True, False])
@pytest.mark.parametrize(
    ("module", "name", "mode", "awake"), [("sara-r5", "dtr", 3, 0), ("sara-r5", "rts", 2, 0),
                                          ("lexi-r10", "wake_gpio", 5, 1)]
)  # fmt: skip
def test_the_wires_are_put_back(
    module: str, name: str, mode: int, awake: int, released: bool, operation: str, flavour: str
) -> None:
    bench = Bench(flavour, module, Silent())
    wire = Wire()
    cls = type(bench.modem)
    modem = bench.modem = cls(bench.line, **{name: wire})
    power = modem.power
    power.mode = mode
    power.after_ms = 2000
    power.settle()
    modem.pins.set(name, True)
    if released:
        power.rest()
    before = wire.levels[-1]
    assert (before == awake) != released
    try:
        with pytest.raises((ModuleLost, ModemError)):
            bench.call(getattr(modem, operation))
        assert wire.levels[-1] == before
    finally:
        bench.close()
