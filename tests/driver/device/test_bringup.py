"""Bring-up from every state a module can be found in, to a round trip over a new socket.

`-s` prints the virtual time from the start of the program to the usable connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_simulator import Nvm
from ublox_simulator.errors import CommandError

Prepare = Callable[[Node], None]
RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 3000000)


def at(node: Node, *lines: str, wait_ms: float = 1500) -> None:
    """What an earlier program on the same UART has sent."""
    for line in lines:
        node.uart.write(line.encode() + b"\r")
        node.pass_ms(wait_ms)
        node.uart.readinto(bytearray(4096))


def online(node: Node) -> None:
    """An earlier program has connected the module."""
    node.pass_ms(3000)
    at(node, "AT", "AT+CGDCONT?")
    if node.kind == "sara-r5":
        at(node, "AT+UPSD=0,100,1", "AT+UPSD=0,0,0", "AT+UPSDA=0,3")


def socket_open(node: Node) -> None:
    online(node)
    at(node, "AT+USOCR=6", f'AT+USOCO=0,"127.0.0.1",{node.tcp.port}')


def prompt(node: Node) -> None:
    socket_open(node)
    at(node, "AT+USOWR=0,100")
    node.uart.write(b"and then the host died")


def direct_link(node: Node) -> None:
    socket_open(node)
    at(node, "AT+USODL=0")


def ppp(node: Node) -> None:
    online(node)
    at(node, "ATD*99***1#")


def ppp_suspended(node: Node) -> None:
    ppp(node)
    node.uart.write(b"+++")
    node.pass_ms(2000)


def multiplexer(node: Node) -> None:
    online(node)
    at(node, "AT+CMUX=0,0,,128")


def half_a_line(node: Node) -> None:
    node.uart.write(b"AT+CGDCO")


def half_a_string(node: Node) -> None:
    node.uart.write(b'AT+CGDCONT=1,"IP","iot')


def no_echo(node: Node) -> None:
    at(node, "AT", "ATE0")


def verbose_errors(node: Node) -> None:
    at(node, "AT", "AT+CMEE=2")


def radio_off(node: Node) -> None:
    at(node, "AT", "AT+CFUN=0")


def deregistered(node: Node) -> None:
    online(node)
    at(node, "AT+COPS=2")


def other_apn(node: Node) -> None:
    at(node, "AT", "AT+CFUN=0", 'AT+CGDCONT=1,"IPV4V6","somewhere.else"', "AT+CFUN=1")


def uart_asleep(node: Node) -> None:
    """SARA-R5 by its timer; LEXI-R10, which then wakes by PWR_ON only, to Sleep-1."""
    online(node)
    at(node, "AT+UPSV=1,400" if node.kind == "sara-r5" else "AT+UPSV=1,2000,2")
    node.pass_ms(60_000)


def deep_asleep(node: Node) -> None:
    if node.kind == "sara-r5":
        at(node, "AT", 'AT+CPSMS=1,,,"00000001","00000001"', "AT+UPSV=1,400", "AT&W")
    else:
        at(node, "AT+UUSBCONF=99", 'AT+CEDRXS=2,4,"0101"', "AT+UPSV=1,2000,4")
    online(node)
    node.pass_ms(60_000)
    assert node.module.sleep_state in ("psm", "hibernate")


def silent_rate(node: Node) -> None:
    """SARA-R5 with one-shot autobaud that has not been spoken to."""


def busy(node: Node) -> None:
    """A command is in flight that takes minutes."""
    node.module.set_coverage(False)
    at(node, "AT", "AT+COPS=2", "AT+CFUN=1")
    node.uart.write(b"AT+COPS=0\r")
    node.pass_ms(2000)
    node.module.set_coverage(True)


STATES: dict[str, Prepare] = {
    "fresh": silent_rate, "no-echo": no_echo, "verbose-errors": verbose_errors,
    "connected": online, "socket-open": socket_open, "prompt": prompt, "direct-link": direct_link,
    "ppp": ppp, "ppp-suspended": ppp_suspended, "multiplexer": multiplexer,
    "half-a-line": half_a_line, "half-a-string": half_a_string, "radio-off": radio_off,
    "deregistered": deregistered, "other-apn": other_apn, "uart-asleep": uart_asleep,
    "deep-asleep": deep_asleep, "busy": busy,
}  # fmt: skip


def bring_up(node: Node, what: str, **options: Any) -> None:
    """A program starts, and must get to a round trip."""
    node.make()
    began = node.seconds()
    try:
        node.call(node.modem.power_on)
        node.call(node.modem.connect, APN, **options)
        took = node.seconds() - began
        node.usable()
    except BaseException:
        print(node.told())
        raise
    assert node.modem.isconnected()
    assert node.module.crashes == []
    print(f"bring-up {node.kind:8} {node.flavour:8} {what:20} {took:8.2f} s")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_from_every_state(
    flavour: str, module: str, state: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    STATES[state](node)
    bring_up(node, state)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_at_every_baud_rate(
    flavour: str, module: str, rate: int, nodes: Callable[..., Node]
) -> None:
    nvm = Nvm()
    nvm.put("ipr", rate)
    node = nodes(module, flavour, nvm=nvm)
    bring_up(node, f"{rate} baud")
    assert node.modem.baudrate == rate


@pytest.mark.parametrize("rate", (9600, 921600))
@pytest.mark.parametrize("state", ["prompt", "direct-link", "ppp", "multiplexer"])
@pytest.mark.parametrize("module", MODULES)
def test_left_over_modes_at_another_rate(
    module: str, state: str, rate: int, nodes: Callable[..., Node]
) -> None:
    nvm = Nvm()
    nvm.put("ipr", rate)
    node = nodes(module, nvm=nvm, baudrate=rate)
    STATES[state](node)
    node.uart.init(115200)
    bring_up(node, f"{state} at {rate}")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_switched_off(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    bring_up(nodes(module, flavour, powered=False), "off")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_with_another_mno_profile(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, flavour)
    boots = node.module.boots
    bring_up(node, "other MNO profile", mno=100)
    assert node.call(node.modem.network.profile) == 100
    assert node.module.boots == boots + 1
    written = node.sent().count(b"AT+UMNOPROF=")
    bring_up(node, "right MNO profile", mno=100)  # nothing is written twice
    assert node.sent().count(b"AT+UMNOPROF=") == written
    assert node.module.boots == boots + 1


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_with_a_pin(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, flavour, sim="PIN", pin="4711")
    node.make(pin="4711")
    node.call(node.modem.power_on)
    node.call(node.modem.connect, APN)
    node.usable()
    assert b"4711" in node.sent()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wrong_pin_is_entered_once_and_never_again(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, sim="PIN", pin="4711")
    node.make(pin="1234")
    for _ in range(3):
        node.call(node.modem.power_on)
        with pytest.raises(OSError) as caught:
            node.call(node.modem.connect, APN)
        assert "1234" not in str(caught.value)
    state = node.modem.save_state()
    node.make(pin="1234", state=state)  # the microcontroller has restarted
    with pytest.raises(OSError):
        node.call(node.modem.connect, APN)
    assert node.sent().count(b"1234") == 1


@pytest.mark.parametrize(("sim", "word"), [("PUK", "PUK"), ("NONE", "SIM"), ("PIN", "PIN")])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sim_that_cannot_be_used_is_told(
    flavour: str, module: str, sim: str, word: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, sim=sim)
    node.make()
    node.call(node.modem.power_on)
    with pytest.raises(OSError) as caught:
        node.call(node.modem.connect, APN)
    assert word in str(caught.value)
    assert len(node.call(node.modem.imei)) == 15  # the channel is as good as ever


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_no_coverage_then_coverage(flavour: str, module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, flavour)
    node.module.set_coverage(False)
    node.loop.call_later(90, node.module.set_coverage, True)
    bring_up(node, "coverage after 90 s")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_that_refuses_is_told_with_its_reason(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour, network="denied", reject_cause=15)
    node.make()
    node.call(node.modem.power_on)
    with pytest.raises(OSError) as caught:
        node.call(node.modem.connect, APN, timeout_ms=60_000)
    assert "denied" in str(caught.value) and "15" in str(caught.value)
    node.module.network.set_network("home")
    node.call(node.modem.connect, APN, timeout_ms=900_000)
    node.usable()


@pytest.mark.parametrize(
    ("code", "words"), [(4000, "different APNs"), (4001, "differ in IP type")]
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_clash_of_context_and_profile_is_explained(
    flavour: str, code: int, words: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    node.make()
    node.call(node.modem.power_on)

    def refuse(command: object) -> None:
        raise CommandError(code)

    node.module.commands["+UPSDA"] = replace(node.module.commands["+UPSDA"], run=refuse)
    with pytest.raises(OSError, match=words):
        node.call(node.modem.connect, APN)
