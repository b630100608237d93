"""`modem.at()`: the answer of the command it sent, whatever the driver makes of such lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

# What is given, what goes over the line, and the answer (a beginning) of SARA-R5.
SPELLINGS = [
    ("+CEREG?", b"AT+CEREG?\r", ["+CEREG: 5,1,"]),
    ("AT+CEREG?", b"AT+CEREG?\r", ["+CEREG: 5,1,"]),
    (" at+cereg? ", b"AT+CEREG?\r", ["+CEREG: 5,1,"]),
    ("+CEREG=?", b"AT+CEREG=?\r", ["+CEREG: ("]),
    ("+CEREG=5", b"AT+CEREG=5\r", []),
    ("+CSCON?", b"AT+CSCON?\r", ["+CSCON: "]),
    ("+cgmm", b"AT+CGMM\r", ["SARA-R5"]),
    ("ATI9", b"ATI9\r", [""]),
    ("", b"AT\r", []),
    ("AT", b"AT\r", []),
    ("E0", b"ATE0\r", []),
    ('+CGDCONT=4,"IP","a=b?;c"', b'AT+CGDCONT=4,"IP","a=b?;c"\r', []),
    ("+USECPRF=0,0", b"AT+USECPRF=0,0\r", ["+USECPRF: 0,0,"]),
    ("+COPS?", b"AT+COPS?\r", ["+COPS: 0,"]),
]


@pytest.mark.parametrize(("given", "sent", "answer"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_answer_is_that_of_the_command(
    flavour: str, given: str, sent: bytes, answer: list[str], nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    modem = node.up()
    assert modem.security is not None  # its URCs have the name of a command
    state = (modem.network.stat, modem.network.cell)
    node.uart.trace.clear()
    found = node.call(modem.at, given)
    assert node.sent() == sent
    assert len(found) == len(answer), found
    for line, begin in zip(found, answer, strict=True):
        assert line.startswith(begin), found
    assert (modem.network.stat, modem.network.cell) == state
    node.usable()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_urc_that_comes_meanwhile_is_no_answer(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()

    def told(way: str, _line: bytes) -> None:
        if way == ">":
            node.module.inject_urc('+CEREG: 2,"0001","00000002",7')

    for command, count in (("+CEREG?", 1), ("+CEREG=5", 0), ("+CMEE?", 1)):
        modem.network.stat = 1
        modem.channel.trace = told  # it comes between the command and its answer
        found = node.call(modem.at, command)
        modem.channel.trace = None
        node.pass_ms(50)
        modem.poll()
        assert len(found) == count, (command, found)
        assert modem.network.stat == 2
    node.module.inject_urc('+CEREG: 1,"0001","00000002",7')
    node.pass_ms(100)
    modem.poll()
    node.call(modem.connect, APN)
    node.usable()


OTHER_MODES = [
    "D*99#", "ATD*99***1#", "ato", "+USODL=0", "AT+USOWR=0,5", '+USOST=0,"192.0.2.1",7,5',
    '+UDWNFILE="x",5', '+USECMNG=0,0,"ca",500', '+UMQTTC=9,0,0,"t",5', "+CMUX=0",
    '+UHTTPC=0,7,"/post",1,,11', "+CMGS=5", "A/", '+UFTPC=6,"x"',
]  # fmt: skip
NO_COMMANDS: list[Any] = ["+CMEE?\r+CFUN=0", "+CMEE?\n", "\0", "+CMEE?;+CREG?", "é"]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_would_leave_command_mode_is_refused_before_it_is_sent(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    before = len(node.sent())
    for command in OTHER_MODES:
        with pytest.raises(ValueError, match="command mode") as caught:
            node.call(modem.at, command)
        assert "use the driver's function for" in str(caught.value)
    for command in NO_COMMANDS:
        with pytest.raises(ValueError):
            node.call(modem.at, command)
    for wrong in (None, 5, b"+CMEE?"):
        with pytest.raises(TypeError):
            node.call(modem.at, wrong)
    for wrong_ms in ("1", 1.5, None):
        with pytest.raises(TypeError):
            node.call(modem.at, "+CMEE?", timeout_ms=wrong_ms)
    with pytest.raises(ValueError):
        node.call(modem.at, "+CMEE?", timeout_ms=-1)
    assert len(node.sent()) == before
    for odd in ('+USOWR=5,1,"x"', "?", "=", "+", "+?"):  # what the module refuses is its affair
        with pytest.raises(OSError):
            node.call(modem.at, odd)
    node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_data_mode_that_came_all_the_same_is_told_and_left_again(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    interface = node.module.interface
    feed = interface.feed

    def link(data: bytes, start: float, end: float) -> None:
        if b"+XLINK" in data:  # a command nobody knows of, as a firmware of tomorrow may have
            data = data.replace(b"+XLINK", b"+USODL=0")
        feed(data, start, end)

    sock = node.stream()
    interface.feed = link  # type: ignore[method-assign]
    with pytest.raises(OSError, match="data mode"):
        node.call(modem.at, "+XLINK")
    assert node.call(modem.model).startswith("LEXI-R10")
    node.call(sock.close)
    node.usable()


SECRETS = [
    ('+CPIN="9753"', "9753"), ('+CGAUTH=1,3,"user","secret1"', "secret1"),
    ('+UMQTT=4,"user","secret2"', "secret2"), ('AT+CLCK="SC",1,"9753"', "9753"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "secret"), SECRETS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_is_secret_is_in_no_trace_and_no_error(
    flavour: str, command: str, secret: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    seen: list[str] = []
    modem.channel.trace = lambda way, line: seen.append(repr(line))
    modem.channel.on_unknown = lambda line: seen.append(repr(line))
    try:
        node.call(modem.at, command)
    except OSError as error:
        seen.append(str(error) + repr(error))
    text = command.removeprefix("AT")
    node.module.inject_urc(text[1:])  # an echo that has lost its beginning
    node.pass_ms(50)
    modem.poll()
    assert seen and secret not in "".join(seen), seen
