"""Clients in the module that refuse everything although the data connection stands: context, then
a restart. What a peer, a name server or the network is the reason of leads to neither."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.told_uart import Answer, Told, told

APN = "iot.example"
MINUTE = 60_000
HOUR = 60 * MINUTE
CONTEXT, RADIO, REBOOT = 3, 4, 5
REFUSED = "+CME ERROR: 3"


def http(bench: Bench) -> None:
    bench.call(bench.modem.http.get, "http://10.0.0.9/", timeout_ms=30_000)


def mqtt(bench: Bench) -> None:
    bench.call(bench.modem.mqtt.connect, "10.0.0.9", client_id="x")
    bench.call(bench.modem.mqtt.disconnect)


def mqttsn(bench: Bench) -> None:
    bench.call(bench.modem.mqttsn.connect, "10.0.0.9", 1883, client_id="x")
    bench.call(bench.modem.mqttsn.disconnect)


def stream(bench: Bench) -> None:
    sock = bench.modem.socket()
    sock.settimeout(30)
    try:
        bench.call(sock.connect, ("10.0.0.9", 7))
    finally:
        bench.call(sock.close)


def datagram(bench: Bench) -> None:
    sock = bench.modem.socket(2, 2)
    sock.settimeout(30)
    try:
        bench.call(sock.sendto, b"x", ("10.0.0.9", 7))
    finally:
        bench.call(sock.close)


def result(er: str) -> list[tuple[str, Answer]]:
    """Requests that end in failure, and what +UHTTPER says of them."""
    return [("+UHTTPC", "OK|+UUHTTPCR: 0,1,0"), ("+UHTTPER", f"+UHTTPER: 0,{er}|OK")]


def log_in(er: str) -> list[tuple[str, Answer]]:
    """The same for MQTT; that there is no session is right."""
    return [
        ("+UMQTTC=1", "OK|+UUMQTTC: 1,0"), ("+UMQTTC=0", REFUSED),
        ("+UMQTTER", f"+UMQTTER: {er}|OK"),
    ]  # fmt: skip


def sockets(answer: str, reason: int = 0) -> list[tuple[str, Answer]]:
    """Where sockets can be made."""
    return [
        ("+USOCR", "+USOCR: 0|OK"), ("+USOCO", answer), ("+USOST", answer),
        ("+USOER", f"+USOER: {reason}|OK"), ("+USOCTL=0,1", f"+USOCTL: 0,1,{reason}|OK"),
    ]  # fmt: skip


def action(begin: str, end: str) -> list[tuple[str, Answer]]:
    """MQTT-SN."""
    return [("+UMQTTSNC=1", begin), ("+UMQTTSNC=0", end), ("+UMQTTSNER", "+UMQTTSNER: 14,21|OK")]


WEDGED: dict[str, tuple[Any, list[tuple[str, Answer]]]] = {
    "HTTP: settings refused": (http, [("+UHTTP=", REFUSED)]),
    "HTTP: requests refused": (http, [("+UHTTPC", REFUSED), ("+UHTTPER", "+UHTTPER: 0,0,0|OK")]),
    "HTTP: no data connection": (http, result("10,22")),
    "HTTP: another operation": (http, result("3,30")),
    "HTTP: no memory": (http, result("7,1")),
    "HTTP: no reason": (http, [("+UHTTPC", "OK|+UUHTTPCR: 0,1,0"), ("+UHTTPER", REFUSED)]),
    "HTTP: no result": (
        lambda bench: bench.call(bench.modem.http.get, "http://10.0.0.9/", timeout_ms=300_000),
        [("+UHTTPC", "OK"), ("+UHTTPER", "+UHTTPER: 0,0,0|OK")],
    ),
    "MQTT: settings refused": (mqtt, [("+UMQTT=", REFUSED), ("+UMQTTC", REFUSED)]),
    "MQTT: log-in and log-out refused": (mqtt, [("+UMQTTC", REFUSED)]),
    "MQTT: log-in refused after log-out": (
        mqtt, [("+UMQTTC=0", "OK|+UUMQTTC: 0,1"), ("+UMQTTC", REFUSED)]
    ),
    "MQTT: log-out without a result": (mqtt, [("+UMQTTC=0", "OK"), ("+UMQTTC", REFUSED)]),
    "MQTT: no data connection": (mqtt, log_in("13,50")),
    "MQTT: no radio": (mqtt, log_in("13,34")),
    "MQTT: no result": (mqtt, [("+UMQTTC=1", "OK"), ("+UMQTTC=0", REFUSED)]),
    "sockets: none": (stream, [("+USOCR", REFUSED)]),
    "sockets: no connection": (stream, sockets(REFUSED)),
    "datagrams: no socket": (datagram, [("+USOCR", REFUSED)]),
    "datagrams: not sent": (datagram, sockets(REFUSED)),
}  # fmt: skip
GATEWAY: dict[str, tuple[Any, list[tuple[str, Answer]]]] = {
    "MQTT-SN: log-in and log-out refused": (mqttsn, action(REFUSED, REFUSED)),
    "MQTT-SN: settings refused": (mqttsn, [("+UMQTTSN=", REFUSED), *action(REFUSED, REFUSED)]),
    "MQTT-SN: log-in refused after log-out": (mqttsn, action(REFUSED, "OK|+UUMQTTSNC: 0,1")),
    "MQTT-SN: log-out without a result": (mqttsn, action(REFUSED, "OK")),
    "MQTT-SN: no result": (mqttsn, action("OK", REFUSED)),
}
# What is not the module's: the peer's, the name server's, the broker's.
THEIRS: dict[str, tuple[Any, list[tuple[str, Answer]]]] = {
    "HTTP: no server": (http, result("3,11")),
    "HTTP: name": (http, result("5,23")),
    "HTTP: late": (http, result("3,28")),
    "HTTP: TLS": (http, result("3,73")),
    "HTTP: no reason": (http, result("0,0")),
    "MQTT: no broker": (mqtt, log_in("13,33")),
    "sockets: refused": (stream, sockets("OK|+UUSOCO: 0,111", 111)),
    "sockets: no host": (stream, sockets("OK|+UUSOCO: 0,110", 110)),
    "sockets: name": (stream, sockets("ERROR", 163)),
}


def use_for(bench: Bench, use: Any, ms: float) -> None:
    """A program that goes on whatever happens."""
    end = bench.clock.ms() + ms
    while bench.clock.ms() < end:
        for _ in range(10):
            bench.pass_ms(6000)
            bench.modem.isconnected()
        if bench.modem.isconnected():
            with contextlib.suppress(OSError):
                use(bench)


# There is no file; after the restart there is only something that is wrong with the peer.
NONE = ("+ULSTFILE", "ERROR")
CURED: dict[str, Answer] = dict(
    result("3,11") + log_in("13,33") + sockets("OK|+UUSOCO: 0,111", 111)
    + action("OK|+UUMQTTSNC: 1,0", REFUSED) + [("+USOST", "+USOST: 0,1|OK")]
)  # fmt: skip


def until_restart(answers: list[tuple[str, Answer]]) -> list[tuple[str, Answer]]:
    def choose(begin: str) -> Answer:
        before = next((answer for name, answer in answers if begin.startswith(name)), "OK")
        after = CURED.get(begin, "OK")
        return lambda node: after if node.sent("+CFUN=16") else before  # type: ignore[return-value]

    names = [*CURED, *(begin for begin, _ in answers if begin not in CURED)]
    return [(begin, choose(begin)) for begin in names] + [NONE]


@pytest.mark.parametrize("case", [*WEDGED, *GATEWAY])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_client_that_refuses_everything_leads_to_context_and_restart(
    flavour: str, module: str, case: str
) -> None:
    if case in GATEWAY and module != "sara-r5":
        return  # it has no MQTT-SN
    use, answers = (WEDGED | GATEWAY)[case]
    with told(flavour, module, *until_restart(answers)) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        use_for(bench, use, 45 * MINUTE)
        counts = bench.modem.recovery.counts
        assert (counts[CONTEXT], counts[RADIO], counts[REBOOT]) == (1, 0, 1), case
        off = "+UPSDA=0,4" if module == "sara-r5" else "+CGACT=0"
        first = [line for line in node.log if line.startswith((off, "+CFUN=16"))]
        assert first[-1] == "+CFUN=16"
        use_for(bench, use, 45 * MINUTE)
        assert len(node.sent("+CFUN=16")) == 1


@pytest.mark.parametrize("case", ["HTTP: settings refused", "MQTT: no radio", "sockets: none"])
def test_a_client_that_goes_on_to_refuse_is_within_the_budget(case: str) -> None:
    use, answers = WEDGED[case]
    with told("blocking", "sara-r5", *answers, NONE) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        use_for(bench, use, 12 * HOUR)
        assert 1 <= len(node.sent("+CFUN=16")) <= 6
        assert bench.modem.recovery.counts[CONTEXT] <= 8


@pytest.mark.parametrize("case", THEIRS)
@pytest.mark.parametrize("module", MODULES)
def test_what_others_refuse_is_no_reason_for_a_restart(module: str, case: str) -> None:
    use, answers = THEIRS[case]
    with told("blocking", module, *answers, NONE) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        use_for(bench, use, 2 * HOUR)
        assert not node.sent("+CFUN=16")
        if "recovery" in bench.modem.loaded:
            assert bench.modem.recovery.counts[CONTEXT] == 0


@pytest.mark.parametrize("case", ["HTTP: no data connection", "MQTT: no data connection"])
@pytest.mark.parametrize("module", MODULES)
def test_single_refusals_between_other_failures_are_no_reason(module: str, case: str) -> None:
    """The client works: now and then it says that there is no data connection."""
    use, answers = WEDGED[case]
    codes = {"HTTP": ("10,22", "3,11"), "MQTT": ("13,50", "13,33")}[case.partition(":")[0]]
    turn = [0]

    def reason(node: Told) -> str:
        turn[0] += 1
        name = "+UHTTPER: 0," if case.startswith("HTTP") else "+UMQTTER: "
        return f"{name}{codes[turn[0] % 20 != 1]}|OK"

    changed = [(begin, reason if "ER" in begin else answer) for begin, answer in answers]
    with told("blocking", module, *changed, NONE) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        use_for(bench, use, 3 * HOUR)
        assert turn[0] > 60
        assert not node.sent("+CFUN=16") and bench.modem.recovery.counts[CONTEXT] == 0


@pytest.mark.parametrize("module", MODULES)
def test_a_refusal_that_a_lost_context_explains_is_not_held_against_the_client(
    module: str,
) -> None:
    """Once a day the context is gone without a word, which a request notices."""
    up = [True]

    def activated(node: Told) -> str:
        up[0] = True
        return "OK|+UUPSDA: 0" if module == "sara-r5" else "OK"

    answers: list[tuple[str, Answer]] = [
        ("+UPSND", lambda node: f"+UPSND: 0,8,{int(up[0])}|OK"), ("+UPSDA=0,3", activated),
        ("+CGACT?", lambda node: f"+CGACT: 1,{int(up[0])}|OK"), ("+CGACT=1", activated),
        ("+USOCR", lambda node: "+USOCR: 0|OK" if up[0] else REFUSED),
    ]  # fmt: skip
    with told("blocking", module, *answers, NONE) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        for _ in range(4):
            use_for(bench, lambda bench: None, 24 * HOUR)
            up[0] = False
            use_for(bench, datagram, 2 * MINUTE)
            assert up[0] and bench.modem.isconnected()
        counts = bench.modem.recovery.counts
        assert (counts[CONTEXT], counts[RADIO], counts[REBOOT]) == (0, 0, 0)
