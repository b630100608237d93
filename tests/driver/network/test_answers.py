"""What the module says of the network, in every form the documents have, and what the driver
makes of it: registration, operators, signal, contexts. Sources: at-commands 2.1, 2.2, A5 2, A10 2.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.answers import R5, R10, Case, Dialogue, parameters, play
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.errors import Cancelled, CommandError, CommandTimeout, ModemError

HOME = (0x1A2B, 0x1234567, 7)
TIMERS = ("00100010", "10111110")

# URC behind "+CEREG: ", then cell, cause and timers of it.
REGISTRATIONS = [
    ("1", None, None, None),
    ('1,"1A2B","01234567",7', HOME, None, None),
    ('5,"1a2b","1234567",7', HOME, None, None),
    ('1,"1","0","1",7,,,"00100010","10111110"', (1, 0, 7), None, TIMERS),  # SARA-R5's own [DG5]
    ('1,"1A2B","01234567","FF",7', HOME, None, None),
    ('1,"1A2B","01234567",7,,,"00100010","10111110"', HOME, None, TIMERS),
    ('1,"1A2B","01234567",7,,,"00100010",""', HOME, None, ("00100010", "")),
    ("1,1A2B,01234567,7", HOME, None, None),  # no quotes
    ("1,1A2B,01234567,FF,7", HOME, None, None),
    ("1, 1A2B, 01234567, 7", HOME, None, None),
    ("1,0001,01234567,7", (1, 0x1234567, 7), None, None),
    ('3,"1A2B","01234567",7,0,15', HOME, (0, 15), None),
    ('3,"1A2B","01234567","00",7,0,15', HOME, (0, 15), None),
    ("3,,,,0,11", None, (0, 11), None),
    ('3,"","",,0,11,"",""', None, (0, 11), None),
    ("3,,,,,0,11", None, (0, 11), None),
    ('3,"1A2B","01234567",7,1,200', HOME, (1, 200), None),
    ("2,,,,,", None, None, None),
    ('2,"1A2B","",9', (0x1A2B, None, 9), None, None),
    ('1,"1A2B","01234567",7,,,,', HOME, None, None),
    # Damaged, and nothing of it is believed.
    ('1,"1A2G","01234567"', (None, 0x1234567, None), None, None),
    ('1,"123456789","1",x', (None, 1, None), None, None),
    ('1,"', None, None, None),
]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("fields", "cell", "cause", "timers"), REGISTRATIONS)
def test_what_comes_with_a_registration(
    flavour: str, fields: str, cell: Any, cause: Any, timers: Any
) -> None:
    bench = Bench(flavour, "sara-r5", Dialogue(""))
    try:
        network = bench.modem.network
        bench.line.push(b"\r\n+CEREG: " + fields.encode() + b"\r\n")
        bench.pass_ms(10)
        assert network.stat == int(fields[0])
        assert (network.cell, network.cause) == (cell, cause)
        assert getattr(network, "timers", None) == timers
    finally:
        bench.close()


OTHERS = "> AT+CREG?\n+CREG: 0,2\nOK\n> AT+CGREG?\n+CGREG: 0,0\nOK\n"


def registered(**known: Any) -> dict[str, Any]:
    answer = dict.fromkeys(("tac", "ci", "act", "cause", "timers"))
    return {"circuit": 2, "gprs": 0, **answer, **known}


def registrations(read: str) -> str:
    return f"> AT+CEREG?\n{read}\nOK\n{OTHERS}"


REGISTRATION = [
    Case("plain", lambda modem: modem.network.registration(),
         registrations("+CEREG: 1,2"), registered(eps=2, text="searching")),
    Case("cell", lambda modem: modem.network.registration(),
         registrations('+CEREG: 2,5,"1A2B","01234567",7'),
         registered(eps=5, text="roaming", tac=0x1A2B, ci=0x1234567, act="LTE"), R10),
    Case("dg5", lambda modem: modem.network.registration(),
         registrations('+CEREG: 4,1,"1","0","1",7,,,"00100010","10111110"'),
         registered(eps=1, text="home", tac=1, ci=0, act="LTE-M", timers=TIMERS), R5),
    Case("narrow-band", lambda modem: modem.network.registration(),
         registrations('+CEREG: 5,1,"1A2B","01234567",9'),
         registered(eps=1, text="home", tac=0x1A2B, ci=0x1234567, act="NB-IoT"), R5),
    Case("denied", lambda modem: modem.network.registration(),
         registrations("+CEREG: 3,3,,,,0,15"),
         registered(eps=3, text="denied", cause="15 no suitable cell in this area")),
    Case("denied-for-an-unknown-reason", lambda modem: modem.network.registration(),
         registrations("+CEREG: 5,3,,,,0,77"), registered(eps=3, text="denied", cause="cause 77")),
    Case("urcs-between", lambda modem: modem.network.registration(),
         '> AT+CEREG?\n+CEREG: 3,,,,0,11\n+CEREG: 1,"1A2B","01234567",7\n+CEREG: 2,1\nOK\n'
         "> AT+CREG?\n+CREG: 2\n+CREG: 0,2\nOK\n"
         '> AT+CGREG?\n+CGREG: 1,"1A2B","01234567",7,"00"\n+CGREG: 2,0\nOK\n',
         registered(eps=1, text="home", tac=0x1A2B, ci=0x1234567, act="LTE-M"), R5),
    Case("urc-without-quotes-behind", lambda modem: modem.network.registration(),
         f"> AT+CEREG?\n+CEREG: 2,2\n+CEREG: 1,0001,01234567,7\nOK\n{OTHERS}",
         registered(eps=1, text="home", tac=1, ci=0x1234567, act="LTE"), R10),
    Case("other-domains-unknown", lambda modem: modem.network.registration(),
         "> AT+CEREG?\n+CEREG: 1,9\nOK\n> AT+CREG?\n+CME ERROR: 4\n> AT+CGREG?\nERROR",
         {**registered(eps=9, text="home, no CSFB"), "circuit": None, "gprs": None}),
]  # fmt: skip

LIST = '+COPS: (2,"I TIM","TIM","22201",7),(1,"Vodafone, (IT)","","22210",9),(3,"","","00101",7)'
FOUND = [
    (2, "I TIM", "TIM", "22201", "LTE-M"), (1, "Vodafone, (IT)", "", "22210", "NB-IoT"),
    (3, "", "", "00101", "LTE-M"),
]  # fmt: skip

OPERATORS = [
    Case("seed-r5", lambda modem: modem.network.operator(),
         '> AT+COPS?\n+COPS: 0,0,"Nutaq Cat-M1 Network",7\nOK',
         (0, "Nutaq Cat-M1 Network", "LTE-M"), R5),
    Case("seed-r10", lambda modem: modem.network.operator(),
         '> AT+COPS?\n+COPS: 0,0,"I TIM",7\nOK', (0, "I TIM", "LTE"), R10),
    Case("deregistered", lambda modem: modem.network.operator(),
         "> AT+COPS?\n+COPS: 2\nOK", (2, None, None)),
    Case("searching", lambda modem: modem.network.operator(),
         "> AT+COPS?\n+COPS: 0\nOK", (0, None, None)),
    Case("without-technology", lambda modem: modem.network.operator(),
         '> AT+COPS?\n+COPS: 1,0,"net"\nOK', (1, "net", None)),
    Case("number", lambda modem: modem.network.operator(numeric=True),
         '> AT+COPS?\n+COPS: 0,0,"I TIM",7\nOK\n> AT+COPS=3,2\nOK\n'
         '> AT+COPS?\n+COPS: 0,2,"22201",7\nOK\n> AT+COPS=3,0\nOK', (0, "22201", "LTE"), R10),
    Case("number-without-quotes", lambda modem: modem.network.operator(numeric=True),
         "> AT+COPS?\n+COPS: 0,2,00101,7\nOK", (0, "00101", "LTE"), R10),
    Case("name-while-numbers-are-set", lambda modem: modem.network.operator(),
         '> AT+COPS?\n+COPS: 0,2,"00101",7\nOK\n> AT+COPS=3,0\nOK\n'
         '> AT+COPS?\n+COPS: 0,0,"net",7\nOK\n> AT+COPS=3,2\nOK', (0, "net", "LTE"), R10),
    Case("select", lambda modem: modem.network.select("00101"),
         "> AT+COPS?\n+COPS: 2\nOK\n> AT+COPS=1,2,\"00101\"\n~ 60000\nOK", True),
    Case("select-technology", lambda modem: modem.network.select("00101", "NB-IoT"),
         '> AT+COPS?\n+COPS: 1,2,"00101",7\nOK\n> AT+COPS=1,2,"00101",9\nOK', True, R5),
    Case("select-again", lambda modem: modem.network.select("00101"),
         '> AT+COPS?\n+COPS: 1,2,"00101",7\nOK', False),
    Case("select-automatic", lambda modem: modem.network.select(),
         '> AT+COPS?\n+COPS: 1,2,"00101",7\nOK\n> AT+COPS=0\nOK', True),
    Case("select-automatic-again", lambda modem: modem.network.select(),
         "> AT+COPS?\n+COPS: 0\nOK", False),
    Case("select-refused", lambda modem: modem.network.select("26201"),
         '> AT+COPS?\n+COPS: 0\nOK\n> AT+COPS=1,2,"26201"\n+CME ERROR: 111',
         raises=(CommandError, 5, "plmn not allowed")),
    Case("select-given-up", lambda modem: modem.network.select("26201", timeout_ms=5000),
         '> AT+COPS?\n+COPS: 0\nOK\n> AT+COPS=1,2,"26201"',
         raises=(CommandTimeout, 110, "+COPS")),
    Case("deregister", lambda modem: modem.network.deregister(),
         "> AT+COPS?\n+COPS: 0\nOK\n> AT+COPS=2\nOK", True),
    Case("deregister-again", lambda modem: modem.network.deregister(),
         "> AT+COPS?\n+COPS: 2\nOK", False),
    Case("scan", lambda modem: modem.scan(),
         f"> AT+COPS=?\n~ 90000\n{LIST},,(0-4),(0-2)\nOK", FOUND, R5),
    Case("scan-other-tail", lambda modem: modem.scan(),
         f"> AT+COPS=?\n~ 90000\n{LIST},,(0,1,2,3,4),(0,1,2)\nOK", FOUND, R5),
    Case("scan-blanks", lambda modem: modem.scan(),
         '> AT+COPS=?\n+COPS: ( 1 , "a" , "b" , "00101" , 7 ), (2,"","c","310410")\nOK',
         [(1, "a", "b", "00101", "LTE"), (2, "", "c", "310410", None)], R10),
    Case("scan-nothing", lambda modem: modem.scan(), "> AT+COPS=?\nOK", []),
    Case("scan-only-modes", lambda modem: modem.scan(),
         "> AT+COPS=?\n+COPS: ,,(0-4),(0-2)\nOK", []),
    Case("scan-refused", lambda modem: modem.scan(),
         "> AT+COPS=?\n+CME ERROR: 30", raises=(CommandError, 5, "no network service")),
    Case("scan-too-long", lambda modem: modem.scan(),
         "> AT+COPS=?\n+COPS: " + ",".join(['(1,"a long name","long","00101",7)'] * 30) + "\nOK",
         raises=(ModemError, 105, "rx_size")),
    Case("scan-too-slow", lambda modem: modem.scan(timeout_ms=5000),
         "> AT+COPS=?", raises=(CommandTimeout, 110, "+COPS")),
]  # fmt: skip

UCGED_R5 = (  # in the form of ubxlib's reading
    "+UCGED: 2\n6,4,262,01f\n"
    "2525,5,25,50,2b67,69f6bc7,111,00000000,ffff,ff,67,19,4.50,255,255,255,67,11,255,0,255,255,0,0"
)
CELL = {
    "act": "LTE-M", "mcc": "262", "mnc": "01", "earfcn": 2525, "band": 5, "tac": 0x2B67,
    "ci": 0x69F6BC7, "pci": 111, "rsrp": -74, "rsrq": -10.5, "sinr": 4.5,
}  # fmt: skip
LEVELS = "> AT+CSQ\n+CSQ: 20,99\nOK\n> AT+CESQ\n+CESQ: 99,99,255,255,20,60\nOK\n"

SIGNAL = [
    Case("all", lambda modem: modem.network.signal(),
         f"{LEVELS}> AT+UCGED?\n{UCGED_R5}\nOK",
         {"rssi": -73, "rsrp": -81, "rsrq": -10.0, "sinr": 4.5}, R5),
    Case("nothing", lambda modem: modem.network.signal(),
         "> AT+CSQ\n+CSQ: 99,99\nOK\n> AT+CESQ\n+CESQ: 99,99,255,255,255,255\nOK\n"
         "> AT+UCGED?\n+CME ERROR: 4",
         dict.fromkeys(("rssi", "rsrp", "rsrq", "sinr"))),
    Case("ends-of-the-scales", lambda modem: modem.network.signal(),
         "> AT+CSQ\n+CSQ: 31,0\nOK\n> AT+CESQ\n+CESQ: 99,99,255,255,34,97\nOK\n"
         "> AT+UCGED?\n+UCGED: 2\nOK",
         {"rssi": -51, "rsrp": -44, "rsrq": -3.0, "sinr": None}),
    Case("cell", lambda modem: modem.network.serving_cell(),
         f"> AT+UCGED?\n{UCGED_R5}\nOK", CELL, R5),
    Case("cell-of-lexi", lambda modem: modem.network.serving_cell(),
         "> AT+UCGED?\n+UCGED: 0\nOK\n> AT+UCGED=2\nOK\n"
         "> AT+UCGED?\n+UCGED: 2\n4,0,001,01\n"
         "1300, 3, 75, 75, 1A2B, 1234567, 7, 00, ff, f, 255, 255, 255, 1\nOK",
         {"act": "LTE", "mcc": "001", "mnc": "01", "earfcn": 1300, "band": 3, "tac": 0x1A2B,
          "ci": 0x1234567, "pci": 7, "rsrp": None, "rsrq": None, "sinr": None}, R10),
    Case("cell-with-a-urc-between", lambda modem: modem.network.serving_cell(),
         f"> AT+UCGED?\n+UNKNOWN: 1,2,3,4,5,6,7,8,9,10,11,12,13\n{UCGED_R5}\nOK", CELL, R5),
    Case("no-cell", lambda modem: modem.network.serving_cell(),
         "> AT+UCGED?\n+UCGED: 2\nOK", None),
    Case("cell-of-zeros", lambda modem: modem.network.serving_cell(),
         "> AT+UCGED?\n+UCGED: 2\n6,0,,\n0,0,0,0,0,0,0,0,0,0,255,255,255\nOK", None),
    Case("radio-on", lambda modem: modem.network.radio_connected(),
         "> AT+CSCON?\n+CSCON: 0\n+CSCON: 1,1\nOK", True),
    Case("radio-idle", lambda modem: modem.network.radio_connected(),
         "> AT+CSCON?\n+CSCON: 3,0,7,4\nOK", False),
    Case("failure", lambda modem: modem.network.failure(),
         '> AT+CEER\n+CEER: "EMM",15,"No suitable cells"\nOK', ("EMM", 15, "No suitable cells")),
    Case("failure-in-words", lambda modem: modem.network.failure(),
         '> AT+CEER\n+CEER: "No suitable cells"\nOK', (None, None, "No suitable cells")),
    Case("failure-of-two-words", lambda modem: modem.network.failure(),
         "> AT+CEER\n+CEER: EMM detached,5\nOK", ("EMM detached", 5, "")),
    *(Case(f"no-failure-{number}", lambda modem: modem.network.failure(),
           f"> AT+CEER\n{answer}\nOK", None)
      for number, answer in enumerate([
          "", "+CEER:", '+CEER: "No report available",0,""', "+CEER: No report available",
          '+CEER: "No cause information available"',
      ])),
]  # fmt: skip

DOTTED = "38.0.3.128.0.0.0.0.0.0.0.0.0.0.0.5"
SIX = "2600:380::5"
ALL_ONES = ".255.255.255.255.255.255.255.255.0.0.0.0.0.0.0.0"


def addresses(answer: str) -> str:
    return f"> AT+CGPADDR=1\n{answer}\nOK"


def described(**known: Any) -> dict[str, Any]:
    names = ("address", "mask", "gateway", "address6", "prefix6", "gateway6", "mtu")
    return {"apn": "apn", "dns": (), **dict.fromkeys(names), **known}


FOUR = {"address": "10.1.2.3", "mask": "255.255.255.0", "gateway": "10.1.2.1",
        "dns": ("8.8.8.8", "8.8.4.4")}  # fmt: skip

ADDRESSES = [
    Case(f"address-{number}", lambda modem: modem.network.address(), addresses(answer), wanted)
    for number, (answer, wanted) in enumerate([
        ('+CGPADDR: 1,"10.1.2.3"', ("10.1.2.3", None)),
        ("+CGPADDR: 1,10.1.2.3", ("10.1.2.3", None)),
        ('+CGPADDR: 1, "10.1.2.3"', ("10.1.2.3", None)),
        ('+CGPADDR: 1,"0.0.0.0"', (None, None)),
        ("+CGPADDR: 1", (None, None)),
        ('+CGPADDR: 1,""', (None, None)),
        ("", (None, None)),
        (f'+CGPADDR: 1,"10.1.2.3 {DOTTED}"', ("10.1.2.3", SIX)),
        (f'+CGPADDR: 1,"10.1.2.3","{DOTTED}"', ("10.1.2.3", SIX)),
        (f'+CGPADDR: 1,"{DOTTED}"', (None, SIX)),
        ('+CGPADDR: 1,"10.1.2.3","2001:db8::1"', ("10.1.2.3", "2001:db8::1")),
        ('+CGPADDR: 1,"0.0.0.0 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"', (None, None)),
        (f'+CGPADDR: 2,"10.9.9.9"\n+CGPADDR: 1,"{DOTTED}"', (None, SIX)),
        ('+CGPADDR: 1,"254.128.0.0.0.0.0.0.1.2.3.4.5.6.7.8"', (None, "fe80::102:304:506:708")),
        ('+CGPADDR: 1,"32.1.0.1.0.2.0.3.0.4.0.5.0.6.0.0"', (None, "2001:1:2:3:4:5:6:0")),
        ('+CGPADDR: 1,"32.1.0.0.0.0.0.3.0.0.0.0.0.0.0.7"', (None, "2001:0:0:3::7")),
    ])
]  # fmt: skip

CONTEXTS = [
    Case("parameters", lambda modem: modem.network.parameters(),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn","10.1.2.3.255.255.255.0","10.1.2.1",'
         '"8.8.8.8","8.8.4.4","","",0,0,1500\nOK', described(**FOUR, mtu=1500)),
    Case("parameters-short", lambda modem: modem.network.parameters(),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn"\nOK', described()),
    Case("parameters-without-mask", lambda modem: modem.network.parameters(),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn","10.1.2.3","","8.8.8.8"\nOK',
         described(address="10.1.2.3", dns=("8.8.8.8",))),
    Case("parameters-of-both-families", lambda modem: modem.network.parameters(),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn","10.1.2.3.255.255.255.0","10.1.2.1",'
         f'"8.8.8.8","8.8.4.4"\n+CGCONTRDP: 1,5,"apn","{DOTTED}{ALL_ONES}","{DOTTED}",'
         f'"{DOTTED}","0.0.0.0"\nOK',
         described(**{**FOUR, "dns": ("8.8.8.8", "8.8.4.4", SIX)}, address6=SIX, prefix6=64,
                   gateway6=SIX)),
    Case("parameters-more-servers", lambda modem: modem.network.parameters(),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn","10.1.2.3.255.255.255.0","10.1.2.1",'
         '"8.8.8.8","8.8.4.4"\n+CGCONTRDP: 1,5,"apn","10.1.2.3.255.255.255.0","10.1.2.1",'
         '"8.8.8.8","9.9.9.9"\nOK',
         described(**{**FOUR, "dns": ("8.8.8.8", "8.8.4.4", "9.9.9.9")})),
    Case("parameters-inactive", lambda modem: modem.network.parameters(),
         "> AT+CGCONTRDP=1\n+CME ERROR: 3", raises=(CommandError, 5, "not allowed")),
    Case("contexts", lambda modem: modem.network.contexts(),
         '> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,0\nOK\n'
         f'> AT+CGDCONT?\n+CGDCONT: 1,"IPV4V6","apn.mnc001","10.1.2.3 {DOTTED}",0,0,0,0,0,0\n'
         '+CGDCONT: 2,"IP","","",0,0,0,2,0,0,0,0,0,0\nOK',
         [{"cid": 1, "kind": "IPV4V6", "apn": "apn.mnc001", "address": ("10.1.2.3", SIX),
           "active": True},
          {"cid": 2, "kind": "IP", "apn": "", "address": (None, None), "active": False}]),
    Case("no-contexts", lambda modem: modem.network.contexts(),
         "> AT+CGACT?\nOK\n> AT+CGDCONT?\nOK", []),
    Case("define", lambda modem: modem.network.define(3, "apn", "IPV6"),
         '> AT+CGDCONT?\n+CGDCONT: 3,"IP","apn","",0,0\nOK\n> AT+CGACT?\n+CGACT: 3,0\nOK\n'
         '> AT+CGDCONT=3,"IPV6","apn"\nOK', True),
    Case("define-the-same", lambda modem: modem.network.define(3, "APN"),
         '> AT+CGDCONT?\n+CGDCONT: 3,"IP","apn","",0,0\nOK', False),
    Case("define-an-active-one", lambda modem: modem.network.define(3, "apn"),
         "> AT+CGDCONT?\nOK\n> AT+CGACT?\n+CGACT: 3,1\nOK",
         raises=(ModemError, 16, "deactivate")),
    Case("define-the-first", lambda modem: modem.network.define(1, "apn"),
         '> AT+CGDCONT?\nOK\n> AT+CFUN?\n+CFUN: 1,0\nOK\n> AT+CFUN=0\nOK\n'
         '> AT+CGDCONT=1,"IP","apn"\nOK\n> AT+CFUN?\n+CFUN: 0\nOK\n> AT+CFUN=1\nOK', True),
    Case("define-the-first-refused", lambda modem: modem.network.define(1, "apn"),
         '> AT+CGDCONT?\nOK\n> AT+CFUN?\n+CFUN: 1,0\nOK\n> AT+CFUN=0\nOK\n'
         '> AT+CGDCONT=1,"IP","apn"\n+CME ERROR: 50\n> AT+CFUN?\n+CFUN: 0\nOK\n> AT+CFUN=1\nOK',
         raises=(CommandError, 5, "+CGDCONT")),
    Case("undefine", lambda modem: modem.network.undefine(3),
         '> AT+CGDCONT?\n+CGDCONT: 3,"IP","apn","",0,0\nOK\n> AT+CGACT?\nOK\n> AT+CGDCONT=3\nOK',
         True),
    Case("undefine-none", lambda modem: modem.network.undefine(3), "> AT+CGDCONT?\nOK", False),
    Case("activate", lambda modem: modem.network.activate(2),
         '> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,0\nOK\n'
         '> AT+CGDCONT?\n+CGDCONT: 2,"IP","apn",""\nOK\n> AT+CGACT=1,2\n~ 20000\nOK', True),
    Case("activate-again", lambda modem: modem.network.activate(2),
         "> AT+CGACT?\n+CGACT: 2,1\nOK", False),
    Case("activate-undefined", lambda modem: modem.network.activate(2),
         "> AT+CGACT?\nOK\n> AT+CGDCONT?\nOK", raises=(ModemError, 22, "define()")),
    Case("activate-too-many", lambda modem: modem.network.activate(9),
         "> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,1\n+CGACT: 3,1\nOK\n"
         '> AT+CGDCONT?\n+CGDCONT: 9,"IP","apn",""\nOK', modules=R10,
         raises=(ModemError, 24, "3 contexts are active")),
    Case("activate-one-more", lambda modem: modem.network.activate(9),
         "> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,1\n+CGACT: 3,1\nOK\n"
         '> AT+CGDCONT?\n+CGDCONT: 9,"IP","apn",""\nOK\n> AT+CGACT=1,9\nOK', True, R5),
    Case("deactivate", lambda modem: modem.network.deactivate(2),
         "> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,1\nOK\n> AT+CGACT=0,2\nOK", True),
    Case("deactivate-again", lambda modem: modem.network.deactivate(2),
         "> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,0\nOK", False),
    Case("deactivate-the-last", lambda modem: modem.network.deactivate(1),
         "> AT+CGACT?\n+CGACT: 1,1\n+CGACT: 2,0\nOK", raises=(ModemError, 16, "last bearer")),
]  # fmt: skip

ALL = [*REGISTRATION, *OPERATORS, *SIGNAL, *ADDRESSES, *CONTEXTS]


@pytest.mark.parametrize(("flavour", "module", "case"), parameters(ALL))
def test_answer(flavour: str, module: str, case: Case) -> None:
    play(flavour, module, case).close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_scan_tells_its_progress_and_can_be_given_up(flavour: str, module: str) -> None:
    dialogue = Dialogue("> AT+COPS=?\n> AT+CSCON?\n+CSCON: 0,1\nOK")
    bench = Bench(flavour, module, dialogue)
    told: list[int] = []

    def progress(ms: int) -> bool:
        told.append(ms)
        return ms < 7000

    try:
        began = bench.clock.ms()
        with pytest.raises(Cancelled):
            bench.call(bench.modem.scan, progress=progress)
        assert 7000 <= bench.clock.ms() - began < 7500
        assert told == sorted(told) and len(told) > 50
        assert bench.line.written.endswith(b"AT+COPS=?\r ")  # aborted at once
        assert bench.call(bench.modem.network.radio_connected) is True
    finally:
        bench.close()
