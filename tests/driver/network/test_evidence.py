"""A refusal that contradicts what the driver believes makes it ask."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.told_uart import Told, told

from ublox_cellular.core.errors import CommandError

APN = "iot.example"
MINUTE = 60_000


class Net:
    """A data connection that can be gone without a word."""

    def __init__(self, module: str) -> None:
        self.up = True
        refused = "+CME ERROR: 3"

        def needs(answer: str) -> Any:
            return lambda node: answer if self.up else refused

        self.answers = [
            ("+UPSND", lambda node: f"+UPSND: 0,8,{int(self.up)}|OK"),
            ("+UPSDA=0,3", self.activated), ("+CGACT?", self.active), ("+CGACT=1", self.activated),
            ("+UDNSRN", needs('+UDNSRN: "10.0.0.9"|OK')),
            ("+USOCR", needs("+USOCR: 0|OK")), ("+USOER", "+USOER: 3|OK"),
            ("+USOCO", needs("OK|+UUSOCO: 0,0")),
            ("+UMQTTC=1", needs("OK|+UUMQTTC: 1,1")), ("+UMQTTC=0", refused),
            ("+UHTTPC", needs("OK")),
            ("+UPING", needs('OK|+UUPING: 1,32,"","10.0.0.9",55,20')),
        ]  # fmt: skip
        self.psd = module == "sara-r5"

    def active(self, node: Told) -> str:
        return f"+CGACT: 1,{int(self.up)}|OK"

    def activated(self, node: Told) -> str:
        self.up = True
        return "OK|+UUPSDA: 0" if self.psd else "OK"


def resolve(bench: Bench) -> None:
    bench.call(bench.modem.resolve, "a.example")


def connect(bench: Bench) -> None:
    sock = bench.modem.socket()
    sock.settimeout(30)
    try:
        bench.call(sock.connect, ("10.0.0.9", 7))
    finally:
        bench.call(sock.close)


def mqtt(bench: Bench) -> None:
    bench.call(bench.modem.mqtt.connect, "10.0.0.9", client_id="x")


def http(bench: Bench) -> None:
    bench.call(bench.modem.http.get, "http://10.0.0.9/", timeout_ms=30_000)


def publish(bench: Bench) -> None:
    """In the session that stands."""
    bench.call(bench.modem.mqtt.publish, "t", b"x")


def ping(bench: Bench) -> None:
    bench.call(bench.modem.ping, "10.0.0.9", count=1)


TRIED = {"resolve": resolve, "connect": connect, "mqtt": mqtt, "http": http, "ping": ping}


@pytest.mark.parametrize("tried", TRIED)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_context_that_is_gone_without_a_word_is_noticed_by_a_refusal(
    flavour: str, module: str, tried: str
) -> None:
    net = Net(module)
    with told(flavour, module, *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        for _ in range(40):
            bench.pass_ms(250)
            bench.modem.isconnected()
        assert bench.modem.isconnected()
        net.up = False
        with pytest.raises(OSError):
            TRIED[tried](bench)
        began = bench.clock.ms()
        for _ in range(240):
            bench.pass_ms(250)
            if bench.modem.isconnected() and net.up:
                break
        assert bench.modem.isconnected() and net.up
        assert bench.clock.ms() - began < MINUTE


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_publication_that_is_refused_shows_that_context_and_session_are_gone(
    flavour: str, module: str
) -> None:
    net = Net(module)
    refused = ("+UMQTTC=2", lambda node: "OK|+UUMQTTC: 2,1" if net.up else "+CME ERROR: 3")
    with told(flavour, module, refused, *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        mqtt(bench)
        publish(bench)
        net.up = False
        with pytest.raises(OSError):
            publish(bench)
        bench.call(bench.modem.channel.pay)
        assert not bench.modem.isconnected()
        assert not bench.modem.mqtt.connected


@pytest.mark.parametrize("tried", ["resolve", "connect"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_program_that_only_connects_when_it_must_is_told(
    flavour: str, module: str, tried: str
) -> None:
    net = Net(module)
    with told(flavour, module, *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        net.up = False
        with pytest.raises(OSError):
            TRIED[tried](bench)
        bench.call(bench.modem.channel.pay)
        assert not bench.modem.isconnected()
        bench.call(bench.modem.connect, APN)
        TRIED[tried](bench)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_refusal_that_has_other_reasons_changes_nothing(flavour: str, module: str) -> None:
    answers = [("+UDNSRN", "+CME ERROR: 3"), ("+USOER", "+USOER: 8|OK")]
    with told(flavour, module, *answers, *Net(module).answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        asked = "+UPSND=0,8" if module == "sara-r5" else "+CGACT?"
        before = node.log.count(asked)
        with pytest.raises(OSError):
            resolve(bench)
        bench.call(bench.modem.channel.pay)
        assert bench.modem.isconnected()
        assert node.log.count(asked) == before + 1


REASONS = {3: 100, 0: 100, 104: 100, 100: 100, 101: 101, 105: 23, 98: 98}  # +USOER: errno


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_socket_that_the_module_does_not_make_raises_what_that_means(
    flavour: str, module: str, kind: int, reason: int
) -> None:
    answers = [("+USOCR", "+CME ERROR: 3"), ("+USOER", f"+USOER: {reason}|OK")]
    with told(flavour, module, *answers, *Net(module).answers) as (_, bench):
        bench.call(bench.modem.power_on)
        sock = bench.modem.socket(2, kind)
        with pytest.raises(OSError) as caught:
            if kind == 1:
                bench.call(sock.connect, ("10.0.0.9", 7))
            else:
                bench.call(sock.sendto, b"x", ("10.0.0.9", 7))
        assert caught.value.errno == REASONS[reason], caught.value
        if REASONS[reason] in (100, 101):
            assert "modem.connect()" in str(caught.value)


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_module_is_asked_whether_it_has_no_socket_or_no_data_connection(
    flavour: str, module: str, kind: int, stands: bool
) -> None:
    net = Net(module)
    with told(flavour, module, ("+USOCR", "+CME ERROR: 3"), *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        net.up = stands
        with pytest.raises(OSError) as caught:
            bench.call(bench.modem.socket(2, kind).connect, ("10.0.0.9", 7))
            bench.call(bench.modem.socket(2, kind).sendto, b"x", ("10.0.0.9", 7))
        assert caught.value.errno == (23 if stands else 100)
        assert bench.modem.isconnected() == stands


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_socket_of_a_program_that_has_forgotten_to_connect_is_of_use_later(
    flavour: str, module: str, nodes: Any
) -> None:
    node = nodes(module, flavour, registered_after_ms=MINUTE)
    modem = node.make()
    node.call(modem.power_on)
    peer = ("127.0.0.1", node.tcp.port)
    sock = modem.socket()
    for wait in (5, 0):
        sock.settimeout(wait)
        errors = [node.call(sock.connect_ex, peer)]
        while errors[-1] in (114, 115):
            node.call(modem.channel.pause, 100)
            errors.append(node.call(sock.connect_ex, peer))
        assert errors[-1] == 100, errors
    sock.settimeout(60)
    node.call(modem.connect, APN)
    node.call(sock.connect, peer)
    node.echo(sock, b"after all")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_peer_that_refuses_proves_that_the_network_is_there(flavour: str, module: str) -> None:
    answers = [
        ("+USOCR", "+USOCR: 0|OK"),
        ("+USOCO", "OK|+UUSOCO: 0,111"),
        ("+USOER", "+USOER: 111|OK"),
    ]
    with told(flavour, module, *answers, *Net(module).answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        asked = "+UPSND=0,8" if module == "sara-r5" else "+CGACT?"
        before = node.log.count(asked)
        with pytest.raises(ConnectionRefusedError):
            connect(bench)
        bench.call(bench.modem.channel.pay)
        assert node.log.count(asked) == before


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_operator_that_is_refused_is_named_soon(flavour: str, module: str) -> None:
    answers = (("+COPS=1", "+CME ERROR: 22"), ("+CEREG?", "+CEREG: 5,0|OK"))
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        with pytest.raises(CommandError) as caught:
            bench.call(bench.modem.connect, APN, plmn="22812")
        assert caught.value.code == 22
        assert 1 < len(node.sent("+COPS=1")) <= 5 and node.ms < MINUTE


@pytest.mark.parametrize("code", [3, 20, 1041])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_message_that_cannot_be_read_now_is_asked_for_again(
    flavour: str, module: str, code: int
) -> None:
    reads: list[int] = []

    def read(node: Told) -> str:
        reads.append(1)
        if len(reads) < 2:
            return "OK"
        return f"+CME ERROR: {code}" if len(reads) < 4 else '+UMQTTC: 6,1,8,3,"a/b",5,"hello"|OK'

    answers = (("+UMQTTC=1", "OK|+UUMQTTC: 1,1"), ("+UMQTTC=6", read))
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        client = bench.modem.mqtt
        bench.call(client.connect, "10.0.0.9", client_id="x")
        bench.call(client.check_msg)
        node.say("+UUMQTTC: 6,1")
        found: list[Any] = []
        for _ in range(40):
            bench.pass_ms(500)
            message = bench.call(client.check_msg)
            if message is not None:
                found.append(message.payload)
            else:
                assert found or client.unread == 1
        assert found == [b"hello"] and client.unread == 0 and client.dropped == 0


# How a ping ends that the module has accepted.
LOST_PINGS = ("OK|+UUPINGER: 17", "OK|+UUPINGER: 8", 'OK|+UUPING: 1,32,"","10.0.0.9",55,-1', "OK")


@pytest.mark.parametrize("end", LOST_PINGS)
@pytest.mark.parametrize("module", MODULES)
def test_a_ping_without_an_echo_makes_the_driver_look(module: str, end: str) -> None:
    net = Net(module)
    with told("blocking", module, ("+UPING", end), *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        while not bench.modem.isconnected():
            bench.pass_ms(50)
        net.up = False
        with contextlib.suppress(OSError):
            ping(bench)
        assert not bench.modem.isconnected()


@pytest.mark.parametrize("answer", ["OK", "+UPSND: 0,8|OK", None])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_look_that_fails_is_not_the_last(flavour: str, answer: str | None) -> None:
    """Three of them without a result: then the connection is made anew."""
    net = Net("sara-r5")
    failing = [0]

    def shown(node: Told) -> str | None:
        if failing[0]:
            failing[0] -= 1
            return answer
        return f"+UPSND: 0,8,{int(net.up)}|OK"

    with told(flavour, "sara-r5", ("+UPSND", shown), *net.answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        while not bench.modem.isconnected():
            bench.pass_ms(50)
        net.up = False
        failing[0] = 3
        for _ in range(4):
            with contextlib.suppress(OSError):
                resolve(bench)
            bench.pass_ms(30_000)
            bench.modem.isconnected()
        for _ in range(20):
            bench.pass_ms(1000)
            bench.modem.isconnected()
        resolve(bench)
