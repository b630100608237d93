"""The line and the wires: switching on and off, baud rate, flow control, greeting, pins."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from driver.support.node import Node, Wire
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.pins import Pins

# ---- pins ---------------------------------------------------------------------------------------


class Digital:
    """As CircuitPython's DigitalInOut."""

    def __init__(self) -> None:
        self.value = False


class Expander:
    def __init__(self) -> None:
        self.level = 0

    def value(self, *level: int) -> int | None:
        if level:
            self.level = level[0]
            return None
        return self.level


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("kind", ["value()", "property", "callable"])
@pytest.mark.parametrize(
    ("name", "resting"), [("power_key", 1), ("reset", 1), ("dtr", 1), ("rts", 1), ("wake_gpio", 0)]
)
def test_an_output_is_driven_to_its_active_level_and_back(
    name: str, resting: int, kind: str, inverted: bool
) -> None:
    levels: list[int] = []
    digital, expander = Digital(), Expander()
    pin: Any = {"value()": expander, "property": digital, "callable": levels.append}[kind]
    pins = Pins({name: pin, name + "_inverted": inverted})
    for on in (True, False):
        pins.set(name, on)
        now = {
            "value()": expander.level,
            "property": int(digital.value),
            "callable": (levels or [9])[-1],
        }[kind]
        assert now == (resting ^ int(on) ^ int(inverted))
    pins.set("dtr" if name != "dtr" else "rts", True)  # not wired: nothing happens


@pytest.mark.parametrize("inverted", [False, True])
def test_an_input_is_read(inverted: bool) -> None:
    digital = Digital()
    pins = Pins({"power_sense": digital, "power_sense_inverted": inverted})
    digital.value = True
    assert pins.get("power_sense") is not inverted
    assert pins.get("ri") is None
    assert Pins({"ri": lambda: 0}).get("ri") is True


@pytest.mark.parametrize("wrong", [{"power_kye": 1}, {"power_key": object()}, {"vint": Digital()}])
def test_a_wire_nobody_knows_is_refused(wrong: dict[str, Any], nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5")
    with pytest.raises(TypeError):
        node.make(wires="", **wrong)


# ---- on and off ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wires", ["power_key power_sense", "power_key", ""])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_power_off_waits_until_it_is_really_off(
    flavour: str, module: str, wires: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, shutdown_ms=4000)
    modem = node.up(wires=wires)
    node.call(modem.power_off)
    assert node.module.state == "off"
    if wires:
        node.call(modem.power_on)
        assert len(node.call(modem.imei)) == 15


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_stays_on_is_told(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5", flavour)
    modem = node.up(wires="power_key", power_sense=Wire(read=lambda: 1))
    with pytest.raises(OSError) as caught:
        node.call(modem.power_off)
    assert "does not switch off" in str(caught.value)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_emergency_off_keeps_the_documented_order(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour, hard_reset_ok=True)
    moves: list[tuple[float, str, int]] = []
    wires = {
        name: lambda level, name=name: (
            moves.append((node.seconds(), name, level)), node.wires()[name].value(level)
        )
        for name in ("power_key", "reset")
    }  # fmt: skip
    modem = node.up(wires="power_sense", **wires)
    moves.clear()
    node.call(modem.emergency_off)
    assert node.module.state == "off"
    changes = [(name, level) for _, name, level in moves]
    assert changes[:4] == [("power_key", 0), ("reset", 0), ("power_key", 1), ("reset", 1)] or (
        changes[:3] == [("power_key", 0), ("reset", 0), ("power_key", 1)]
    )
    pressed, reset, released = (when for when, _, _ in moves[:3])
    assert reset - pressed < 1 and released - pressed >= 23
    assert moves[-1][0] - released >= 1.5


def test_emergency_off_is_refused_where_nothing_is_documented(nodes: Callable[..., Node]) -> None:
    lexi, sara = nodes("lexi-r10"), nodes("sara-r5")
    with pytest.raises(OSError) as caught:
        lexi.up(wires="power_key reset").emergency_off()
    assert caught.value.errno == 95
    with pytest.raises(ValueError):
        sara.up(wires="power_key").emergency_off()


@pytest.mark.parametrize("module", MODULES)
def test_ordinary_use_never_touches_reset(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module)
    touched: list[int] = []
    modem = node.up(wires="power_key power_sense", reset=touched.append)
    node.usable()
    modem.reboot()
    modem.power_off()
    modem.power_on()
    assert touched == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_is_on_and_only_busy_is_not_switched_off(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    node.uart.write(b"AT\r")
    node.pass_ms(500)
    boots = node.module.boots
    node.uart.write(b'AT+UDWNFILE="half a line')
    node.make(wires="power_key")
    node.call(node.modem.power_on)
    assert node.module.boots == boots


# ---- baud rate ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [9600, 460800, 921600, 3000000])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_rate_is_raised_verified_and_kept_over_a_restart(
    flavour: str, module: str, rate: int, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.call(modem.set_baudrate, rate)
    assert node.module.line.module_baud == node.module.line.host_baud == rate
    node.usable()
    before = node.sent()
    node.call(modem.set_baudrate, rate)
    assert node.sent() == before
    node.call(modem.reboot)
    assert modem.baudrate == rate
    node.call(modem.connect, "iot.example")
    node.usable()


def test_the_users_uart_arguments_are_repeated(nodes: Callable[..., Node]) -> None:
    node = nodes("lexi-r10")
    told: list[dict[str, Any]] = []
    init = node.uart.init
    node.uart.init = lambda **options: (told.append(options), init(baudrate=options["baudrate"]))
    modem = node.up(uart_kwargs={"rxbuf": 2048, "flow": 3})
    modem.set_baudrate(460800)
    assert told[-1] == {"baudrate": 460800, "rxbuf": 2048, "flow": 3}


class Frayed:
    """A line that garbles what comes from the module above some rate."""

    def __init__(self, uart: Any, limit: int) -> None:
        self._uart = uart
        self._limit = limit
        self._rng = random.Random(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uart, name)

    def readinto(self, buf: Any, n: int | None = None) -> int | None:
        got = self._uart.readinto(buf, n)
        if got and self._uart.line.host_baud > self._limit:
            for i in range(got):
                buf[i] ^= self._rng.randrange(1, 256)
        return got


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_rate_the_line_does_not_carry_is_taken_back(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    node.uart = Frayed(node.uart, 230400)
    modem = node.up()
    with pytest.raises(OSError) as caught:
        node.call(modem.set_baudrate, 921600)
    assert "does not carry" in str(caught.value)
    assert modem.baudrate == node.module.line.module_baud == 115200
    node.usable()


@pytest.mark.parametrize("rate", [0, 1200, 115201, "fast"])
def test_an_impossible_rate_is_refused(rate: Any, nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5")
    modem = node.up()
    before = node.sent()
    with pytest.raises(ValueError):
        modem.set_baudrate(rate)
    assert node.sent() == before


# ---- what is told, and how often ----------------------------------------------------------------


@pytest.mark.parametrize(("flow", "line"), [(True, b"AT&K3\r"), (False, b"AT&K0\r"), (None, b"")])
@pytest.mark.parametrize("module", MODULES)
def test_flow_control_follows_what_is_wired(
    module: str, flow: bool | None, line: bytes, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up(flow=flow)
    assert node.sent().count(b"AT&K") == (1 if line else 0)
    assert line in node.sent()
    node.module.restart()
    node.pass_ms(4000)
    modem.connect("iot.example")
    assert node.sent().count(b"AT&K") == (2 if line else 0)


@pytest.mark.parametrize("module", MODULES)
def test_what_the_module_keeps_is_written_once(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module)
    for _ in range(3):
        node.uart.init(115200)  # as a program does that starts
        modem = node.up()
        modem.power.save("timer", 5000)
        modem.set_baudrate(460800)
    kept = (b"+CSGT=", b"+IPR=", b"&W", b"+UPSV=", b"+CGDCONT=", b"+UUSBCONF=")
    counts = {name: node.sent().count(b"AT" + name) for name in kept}
    assert counts[b"+CSGT="] == 1 and counts[b"+UPSV="] == 1 and counts[b"+CGDCONT="] == 1
    assert counts[b"+IPR="] <= 2 and counts[b"&W"] <= 3 and counts[b"+UUSBCONF="] == 0
