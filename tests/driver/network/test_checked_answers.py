"""What a module answers is checked before it is given out: forms of identities, ranges of dates,
zones, levels and states, families and lengths of addresses. Cases F16 to F18 of users.md; the
ranges are those of 3GPP TS 27.007, TS 36.331 and at-commands 1.4, 2.1.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.answers import R5, R10, Case, Dialogue, parameters, play
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.addresses import pair, with_mask
from ublox_cellular.core.errors import Garbled

NO_ANSWER = (Garbled, 5, "")


def identity(name: str, command: str, lines: str, wanted: str | None, **options: Any) -> Case:
    """One question about who the module or the SIM is; None: none of the lines has the form."""
    raises = NO_ANSWER if wanted is None else None
    return Case(f"{name.partition('-')[0]}-{name}", lambda modem: getattr(
        modem, name.partition("-")[0])(), f"> AT{command}\n{lines}\nOK", wanted,
        raises=raises, **options)  # fmt: skip


IDENTITY = [
    identity("imei", "+CGSN", "004999010640000", "004999010640000"),
    identity("imei-quoted", "+CGSN", '"004999010640000"', "004999010640000"),
    identity("imei-ring", "+CGSN", "RING\n004999010640000", "004999010640000"),
    identity("imei-carrier", "+CGSN", "NO CARRIER\n004999010640000", "004999010640000"),
    identity("imei-behind", "+CGSN", "004999010640000\nRING", "004999010640000"),
    identity("imei-short", "+CGSN", "4999", None),
    identity("imei-none", "+CGSN", "RING", None),
    identity("imsi-ring", "+CIMI", "RING\n001010123456789", "001010123456789"),
    identity("imsi-14", "+CIMI", "00101012345678", "00101012345678"),
    identity("imsi-none", "+CIMI", "NO CARRIER", None),
    identity("model-ring", "+CGMM", "RING\nSARA-R510S", "SARA-R510S", modules=R5),
    identity("model-lexi", "+CGMM", "NO CARRIER\nLEXI-R10401D", "LEXI-R10401D", modules=R10),
    identity("model-none", "+CGMM", "RING", None),
    identity("firmware-ring", "I9", "RING\n02.05,A00.01", "02.05,A00.01"),
    identity("firmware-none", "I9", "NO CARRIER", None),
    identity("iccid", "+CCID?", "+CCID: 8901234567012345678", "8901234567012345678"),
    identity("iccid-quoted", "+CCID?", '+CCID: "89012345670123456789"', "89012345670123456789"),
    identity("iccid-filled", "+CCID?", "+CCID: 8901234567012345678F", "8901234567012345678"),
    identity("iccid-none", "+CCID?", "RING", None),
    identity("iccid-short", "+CCID?", "+CCID: 12", None),
]


def told(time: str) -> str:
    return f'> AT+CCLK?\n+CCLK: "{time}"\nOK'


NOON = (2024, 5, 7, 12, 30, 45)

CLOCK = [
    *(Case(f"zone-{zone}", lambda modem: modem.clock(utc=False), told(f"24/05/07,12:30:45{zone}"),
           (*NOON, minutes), R5)
      for zone, minutes in [
          ("+56", 840), ("-56", -840), ("+57", 0), ("-57", 0), ("+128", 0), ("-99", 0), ("+96", 0),
      ]),
    Case("zone-unknown-utc", lambda modem: modem.clock(), told("24/05/07,12:30:45+128"),
         (*NOON, 0)),
    *(Case(f"date-{time}", lambda modem: modem.clock(), told(time), raises=NO_ANSWER)
      for time in [
          "24/13/40,25:61:61+00", "24/02/30,00:00:00+00", "23/02/29,00:00:00+00",
          "24/00/01,00:00:00+00", "24/01/00,00:00:00+00", "24/01/01,24:00:00+00",
          "24/01/01,23:60:00+00", "24/01/01,23:59:60+00", "24/01/01,-1:00:00+00",
          "24/04/31,00:00:00+00", "9999/01/01,00:00:00+00", "24/01/01,00:00:00+x",
      ]),
    Case("leap-day", lambda modem: modem.clock(), told("24/02/29,23:59:59+00"),
         (2024, 2, 29, 23, 59, 59, 0)),
    Case("never-set", lambda modem: modem.clock(), told("00/00/00,00:00:00+00"), None),
]  # fmt: skip


def levels(csq: str, cesq: str, wanted: Any) -> Case:
    text = f"> AT+CSQ\n+CSQ: {csq}\nOK\n> AT+CESQ\n+CESQ: 99,99,255,255,{cesq}\nOK\n"
    return Case(f"levels-{csq}-{cesq}", lambda modem: modem.network.signal(),
                text + "> AT+UCGED?\n+UCGED: 2\nOK",
                dict(zip(("rssi", "rsrq", "rsrp", "sinr"), wanted, strict=True)))  # fmt: skip


COUNTS = [
    levels("31,99", "34,97", (-51, -3.0, -44, None)),
    levels("32,99", "35,98", (None, None, None, None)),
    levels("98,99", "-1,-1", (None, None, None, None)),
    levels("-1,99", "255,255", (None, None, None, None)),
    Case("mno", lambda modem: modem.network.profile(), "> AT+UMNOPROF?\n+UMNOPROF: x\nOK",
         raises=NO_ANSWER),
    Case("mno-large", lambda modem: modem.network.profile(), "> AT+UMNOPROF?\n+UMNOPROF: 4444\nOK",
         raises=NO_ANSWER),
    Case("operator-mode", lambda modem: modem.network.operator(), "> AT+COPS?\n+COPS: 7\nOK",
         raises=NO_ANSWER),
    Case("active-text", lambda modem: modem.active(), "> AT+CFUN?\n+CFUN: x\nOK",
         raises=NO_ANSWER),
    Case("default-context", lambda modem: modem.network.default_context(),
         "> AT+UDCONF=19\n+UDCONF: 19,16,0\nOK", modules=R10, raises=NO_ANSWER),
    Case("default-context-text", lambda modem: modem.network.default_context(),
         "> AT+UDCONF=19\n+UDCONF: 19,x,0\nOK", modules=R10, raises=NO_ANSWER),
    Case("rats", lambda modem: modem.network.rats(), "> AT+URAT?\n+URAT: x\nOK", modules=R5,
         raises=NO_ANSWER),
    Case("bands", lambda modem: modem.network.bands(), "> AT+UBANDCONF?\n+UBANDCONF: 3,-1\nOK",
         modules=R10, raises=NO_ANSWER),
    Case("edrx-window", lambda modem: modem.power.edrx(),
         '> AT+CEDRXRDP\n+CEDRXRDP: 4,"0101","0101","11111"\nOK', raises=NO_ANSWER),
    Case("edrx-cycle", lambda modem: modem.power.edrx(),
         '> AT+CEDRXRDP\n+CEDRXRDP: 4,"-101","0101","1111"\nOK', raises=NO_ANSWER),
    Case("psm-timer", lambda modem: modem.power.psm(),
         '> AT+CPSMS?\n+CPSMS: 1,,,"0b1+0b11","00000011"\nOK', raises=NO_ANSWER),
    Case("address-of-a-name", lambda modem: modem.resolve("a.example"),
         '> AT+UDNSRN=0,"a.example",1\n+UDNSRN: "10.1.2.300"\nOK', modules=R5, raises=NO_ANSWER),
    *(Case(f"ping-{row}", lambda modem: modem.ping("h", count=1),
           f'> AT+UPING="h",1\nOK\n+UUPING: {row}\n~ 200000\n+CSCON: 1', modules=MODULES,
           raises=(OSError, 110, "no report of the ping"))
      for row in ['1,-3,"h","192.0.2.1",55,120', '1,32,"h","192.0.2.1",256,120',
                  '1,32,"h","192.0.2.1",55,-3', '1,32,"h",7,55,120']),
]  # fmt: skip

FOUR_OF_SIX = (
    '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"a","10.1.2.3.255.255.255.0","10.1.2.1",'
    '"32.1.72.96.72.96.0.0.0.0.0.0.0.0.136.136","8.8.8.8"\nOK'
)
SIX_OF_FOUR = (
    '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"a","32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1","",'
    '"8.8.8.8","32.1.72.96.72.96.0.0.0.0.0.0.0.0.136.136"\nOK'
)
BOTH = (
    '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"a","10.1.2.3.255.255.255.0","10.1.2.1",'
    '"32.1.72.96.72.96.0.0.0.0.0.0.0.0.136.136","8.8.8.8"\n'
    '+CGCONTRDP: 1,5,"a","32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"\nOK'
)

ADDRESSES = [
    Case("dns-of-four", lambda modem: modem.ipconfig("dns"), FOUR_OF_SIX, "8.8.8.8"),
    Case("dns-of-six", lambda modem: modem.ipconfig("dns"), SIX_OF_FOUR, "2001:4860:4860::8888"),
    Case("dns-of-both", lambda modem: modem.ipconfig("dns"), BOTH, "2001:4860:4860::8888"),
    Case("dns-of-the-other-only", lambda modem: modem.ipconfig("dns"),
         FOUR_OF_SIX.replace(',"8.8.8.8"', ""), "0.0.0.0"),
    Case("address6-with-prefix", lambda modem: modem.network.address(1),
         '> AT+CGPADDR=1\n+CGPADDR: 1,"10.1.2.3/24","2001:db8::1/64"\nOK',
         ("10.1.2.3", "2001:db8::1")),
    Case("parameters-with-prefix", lambda modem: modem.ipconfig("addr6"),
         '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"a","2001:db8::1/64"\nOK',
         [("2001:db8::1", 0x30, 0, 0)]),
]  # fmt: skip

ALL = [*IDENTITY, *CLOCK, *COUNTS, *ADDRESSES]


@pytest.mark.parametrize(("flavour", "module", "case"), parameters(ALL))
def test_answer(flavour: str, module: str, case: Case) -> None:
    play(flavour, module, case).close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("stat", [-1, 12, 15, 16, 99])
def test_a_registration_state_that_does_not_exist_is_not_believed(
    flavour: str, module: str, stat: int
) -> None:
    bench = Bench(flavour, module, Dialogue(""))
    try:
        network = bench.modem.network
        for told in (1, stat):
            bench.line.push(b"\r\n+CEREG: %d\r\n" % told)
            bench.pass_ms(10)
        assert network.stat == 1
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_states_of_the_other_domains_are_checked(flavour: str, module: str) -> None:
    text = "> AT+CEREG?\n+CEREG: 2,1\nOK\n> AT+CREG?\n+CREG: 2,13\nOK\n"
    text += "> AT+CGREG?\n+CGREG: 2,6\nOK"
    bench = Bench(flavour, module, Dialogue(text))
    try:
        found = bench.call(bench.modem.network.registration)
        assert (found["eps"], found["circuit"], found["gprs"]) == (1, None, 6)
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2001:db8::1/64", (None, "2001:db8::1")),
        ("10.1.2.3/8 2001:db8::1/64", ("10.1.2.3", "2001:db8::1")),
        ("::/0", (None, None)),
        ("0.0.0.0/0", (None, None)),
    ],
)
def test_addresses_are_cut_of_their_prefix_length(text: str, wanted: Any) -> None:
    assert pair(text) == wanted


def test_the_prefix_length_is_kept_where_it_is_asked_for() -> None:
    assert with_mask("2001:db8::1/64") == ("2001:db8::1", 64)
    assert with_mask("10.1.2.3/24") == ("10.1.2.3", "255.255.255.0")
    assert with_mask("2001:db8::1/129") == ("2001:db8::1", None)
