"""Settings, clock and the interface: the dialogues they make, every form of answer, and what is
refused before anything is sent. Sources: at-commands 1.4, 2.1, 2.3, 2.4.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.answers import R5, R10, Case, parameters, play
from driver.support.serial_script import MODULES

from ublox_cellular.core.addresses import pair, with_mask
from ublox_cellular.core.errors import CommandError, ModemError, NotSupported

OFF = "> AT+CFUN?\n+CFUN: 1,0\nOK\n> AT+CFUN=0\nOK\n"
BACK = "> AT+CFUN?\n+CFUN: 0,0\nOK\n> AT+CFUN=1\nOK\n"
MASKS = "> AT+UBANDMASK?\n+UBANDMASK: 0,526494,2,1,185473183\nOK\n"
BANDS = (2, 3, 4, 5, 8, 12, 20)  # 526494
LTE_M = "> AT+URAT?\n+URAT: 7\nOK\n"

RADIO = [
    Case("profile", lambda modem: modem.network.profile(),
         "> AT+UMNOPROF?\n+UMNOPROF: 100\nOK", 100),
    Case("profile-by-sim", lambda modem: modem.network.profile(),
         "> AT+UMNOPROF?\n+UMNOPROF: 1,19,1,0\nOK", 1),
    Case("set-profile", lambda modem: modem.network.set_profile(100, restart=False),
         f"> AT+UMNOPROF?\n+UMNOPROF: 90\nOK\n{OFF}> AT+UMNOPROF=100\nOK\n{BACK}", True),
    Case("set-profile-radio-off", lambda modem: modem.network.set_profile(100, restart=False),
         "> AT+UMNOPROF?\n+UMNOPROF: 90\nOK\n> AT+CFUN?\n+CFUN: 0\nOK\n> AT+UMNOPROF=100\nOK\n"
         "> AT+CFUN?\n+CFUN: 0\nOK", True),
    Case("set-profile-again", lambda modem: modem.network.set_profile(100),
         "> AT+UMNOPROF?\n+UMNOPROF: 100\nOK", False),
    Case("set-profile-unknown", lambda modem: modem.network.set_profile(999),
         f"> AT+UMNOPROF?\n+UMNOPROF: 90\nOK\n{OFF}> AT+UMNOPROF=999\n+CME ERROR: 50\n{BACK}",
         raises=(CommandError, 5, "+UMNOPROF")),
    Case("rats", lambda modem: modem.network.rats(), LTE_M, ("LTE-M",), R5),
    Case("two-rats", lambda modem: modem.network.rats(),
         "> AT+URAT?\n+URAT: 8,7\nOK", ("NB-IoT", "LTE-M"), R5),
    Case("lte", lambda modem: modem.network.rats(), "", ("LTE",), R10),
    Case("set-rats", lambda modem: modem.network.set_rats("NB-IoT", restart=False),
         f"{LTE_M}{OFF}> AT+URAT=8\nOK\n{BACK}", True, R5),
    Case("set-both", lambda modem: modem.network.set_rats(("LTE-M", "NB-IoT"), restart=False),
         f"{LTE_M}{OFF}> AT+URAT=7,8\nOK\n{BACK}", True, R5),
    Case("set-rats-again", lambda modem: modem.network.set_rats(["LTE-M"]), LTE_M, False, R5),
    Case("set-lte", lambda modem: modem.network.set_rats("LTE"), "", False, R10),
    Case("bands", lambda modem: modem.network.bands(), LTE_M + MASKS, (*BANDS, 66), R5),
    Case("bands-of-the-other", lambda modem: modem.network.bands("NB-IoT"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,526494,1,524420\nOK", (3, 8, 20), R5),
    Case("bands-two-masks-each", lambda modem: modem.network.bands("NB-IoT"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,526494,0,1,4,1\nOK", (3, 65), R5),
    Case("bands-second-mask-of-the-second", lambda modem: modem.network.bands("NB-IoT"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,526494,1,4,2\nOK", (3, 66), R5),
    Case("bands-of-one", lambda modem: modem.network.bands("LTE-M"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,526494,1048576\nOK", (*BANDS, 85), R5),
    Case("bands-of-one-short", lambda modem: modem.network.bands("LTE-M"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,9223372036854775808\nOK", (64,), R5),
    Case("bands-not-told", lambda modem: modem.network.bands("NB-IoT"),
         "> AT+UBANDMASK?\n+UBANDMASK: 0,526494\nOK", modules=R5,
         raises=(ModemError, 5, "NB-IoT")),
    Case("set-bands", lambda modem: modem.network.set_bands((20, 3, 20), "LTE-M", restart=False),
         f"> AT+UBANDMASK?\n+UBANDMASK: 0,526494\nOK\n{OFF}> AT+UBANDMASK=0,524292\nOK\n{BACK}",
         True, R5),
    Case("set-high-bands", lambda modem: modem.network.set_bands((3, 66), restart=False),
         f"{LTE_M}> AT+UBANDMASK?\n+UBANDMASK: 0,4\nOK\n{OFF}> AT+UBANDMASK=0,4,2\nOK\n{BACK}",
         True, R5),
    Case("clear-high-bands", lambda modem: modem.network.set_bands((3,), restart=False),
         f"{LTE_M}{MASKS}{OFF}> AT+UBANDMASK=0,4,0\nOK\n{BACK}", True, R5),
    Case("set-bands-again", lambda modem: modem.network.set_bands((*BANDS, 66)),
         LTE_M + MASKS, False, R5),
    Case("bands-of-lexi", lambda modem: modem.network.bands(),
         "> AT+UBANDCONF?\n+UBANDCONF: 20, 2,4\nOK", (2, 4, 20), R10),
    Case("set-bands-of-lexi", lambda modem: modem.network.set_bands([66, 2], restart=False),
         f"> AT+UBANDCONF?\n+UBANDCONF: 2\nOK\n{OFF}> AT+UBANDCONF=2,66\nOK\n{BACK}", True, R10),
    Case("set-bands-of-lexi-again", lambda modem: modem.network.set_bands([4, 2], "LTE"),
         "> AT+UBANDCONF?\n+UBANDCONF: 2,4\nOK", False, R10),
]  # fmt: skip

STATUS = "> AT+UPSND=0,8\n+UPSND: 0,8,{}\nOK\n"
DEFINED = '> AT+CGDCONT?\n+CGDCONT: 1,"{}","apn",""\nOK\n'

PROFILES = [
    Case(f"map-{kind}", lambda modem: modem.network.map_profile(2, 1),
         f"{DEFINED.format(kind)}> AT+UPSD=2,100,1\nOK\n> AT+UPSD=2,0,{number}\nOK", None, R5)
    for kind, number in (("IP", 0), ("IPV6", 1), ("IPV4V6", 2))
] + [
    Case("map-prefer-ipv6", lambda modem: modem.network.map_profile(0, 1, prefer_ipv6=True),
         f"{DEFINED.format('IPV4V6')}> AT+UPSD=0,100,1\nOK\n> AT+UPSD=0,0,3\nOK", None, R5),
    Case("map-undefined", lambda modem: modem.network.map_profile(0, 2),
         DEFINED.format("IP"), modules=R5, raises=(ModemError, 22, "context 2 is not defined")),
    Case("map-non-ip", lambda modem: modem.network.map_profile(0, 1),
         DEFINED.format("NONIP"), modules=R5, raises=(ModemError, 22, "NONIP")),
    Case("map-active", lambda modem: modem.network.map_profile(0, 1),
         f"{DEFINED.format('IP')}> AT+UPSD=0,100,1\n+CME ERROR: 3\n{STATUS.format(1)}",
         modules=R5, raises=(ModemError, 16, "deactivate_profile")),
    Case("activate", lambda modem: modem.network.activate_profile(0),
         STATUS.format(0) + '> AT+UPSDA=0,3\nOK\n~ 3000\n+UUPSDA: 0,"10.1.2.3"', True, R5),
    Case("activate-again", lambda modem: modem.network.activate_profile(0),
         STATUS.format(1), False, R5),
    Case("activate-refused", lambda modem: modem.network.activate_profile(0),
         STATUS.format(0) + "> AT+UPSDA=0,3\nOK\n~ 3000\n+UUPSDA: 149", modules=R5,
         raises=(ModemError, 5, "result 149")),
    Case("activate-urc-lost", lambda modem: modem.network.activate_profile(0),
         STATUS.format(0) + "> AT+UPSDA=0,3\nOK\n" + STATUS.format(0) + STATUS.format(1), True,
         R5),
    Case("activate-in-vain", lambda modem: modem.network.activate_profile(0, timeout_ms=8000),
         STATUS.format(0) + "> AT+UPSDA=0,3\nOK\n" + STATUS.format(0), modules=R5,
         raises=(ModemError, 110, "not active within 8000 ms")),
    Case("type-clash", lambda modem: modem.network.activate_profile(1),
         "> AT+UPSND=1,8\n+UPSND: 1,8,0\nOK\n> AT+UPSDA=1,3\n+CME ERROR: 4001\n"
         "> AT+UPSD=1,100\n+UPSD: 1,100,4\nOK", modules=R5,
         raises=(ModemError, 5, "profile 1 and context 4 differ in IP type")),
    Case("apn-clash", lambda modem: modem.network.activate_profile(0),
         STATUS.format(0) + "> AT+UPSDA=0,3\n+CME ERROR: 4000\n"
         "> AT+UPSD=0,100\n+UPSD: 0,100,1\nOK", modules=R5,
         raises=(ModemError, 5, "different APNs")),
    Case("other-refusal", lambda modem: modem.network.activate_profile(0),
         STATUS.format(0) + "> AT+UPSDA=0,3\n+CME ERROR: 148", modules=R5,
         raises=(CommandError, 5, "unspecified gprs error")),
    Case("deactivate", lambda modem: modem.network.deactivate_profile(0),
         STATUS.format(1) + "> AT+UPSDA=0,4\nOK\n+UUPSDD: 0", True, R5),
    Case("deactivate-again", lambda modem: modem.network.deactivate_profile(0),
         STATUS.format(0), False, R5),
    Case("status", lambda modem: modem.network.profile_status(0),
         STATUS.format(1) + '> AT+UPSND=0,0\n+UPSND: 0,0,"10.130.31.65"\nOK\n'
         '> AT+UPSND=0,1\n+UPSND: 0,1,"8.8.8.8"\nOK\n> AT+UPSND=0,2\n+UPSND: 0,2,"0.0.0.0"\nOK',
         (True, ("10.130.31.65", None), ("8.8.8.8",)), R5),
    Case("status-inactive", lambda modem: modem.network.profile_status(0), STATUS.format(0),
         (False, (None, None), ()), R5),
    Case("no-profiles", lambda modem: modem.network.activate_profile(0), "", modules=R10,
         raises=(NotSupported, 95, "LEXI-R10 has no activate_profile")),
    Case("dns", lambda modem: modem.network.set_dns("8.8.8.8", "1.1.1.1"),
         '> AT+UPSD=0,4\n+UPSD: 0,4,"0.0.0.0"\nOK\n> AT+UPSD=0,5\n+UPSD: 0,5,"1.1.1.1"\nOK\n'
         + STATUS.format(0) + '> AT+UPSD=0,4,"8.8.8.8"\nOK', None, R5),
    Case("dns-again", lambda modem: modem.network.set_dns("8.8.8.8"),
         '> AT+UPSD=0,4\n+UPSD: 0,4,"8.8.8.8"\nOK', None, R5),
    Case("dns-active", lambda modem: modem.network.set_dns("8.8.8.8"),
         '> AT+UPSD=0,4\n+UPSD: 0,4,"0.0.0.0"\nOK\n' + STATUS.format(1), modules=R5,
         raises=(ModemError, 16, "disconnect()")),
    Case("dns-of-lexi", lambda modem: modem.network.set_dns("8.8.8.8", "2001:db8::1", cid=2),
         '> AT+UDNSCFG=2,1,0,"8.8.8.8"\nOK\n> AT+UDNSCFG=2,2,1,"2001:db8::1"\nOK', None, R10),
    Case("dns-ipconfig", lambda modem: modem.ipconfig(dns="8.8.8.8"),
         '> AT+UDNSCFG=1,1,0,"8.8.8.8"\nOK', None, R10),
    Case("default", lambda modem: modem.network.default_context(),
         "> AT+UDCONF=19\n+UDCONF: 19,2,1\nOK", (2, True), R10),
    Case("set-default", lambda modem: modem.network.set_default_context(2, restart=False),
         "> AT+UDCONF=19\n+UDCONF: 19,1,0\nOK\n> AT+UDCONF=19,2,0\nOK", True, R10),
    Case("set-default-again", lambda modem: modem.network.set_default_context(2, True),
         "> AT+UDCONF=19\n+UDCONF: 19,2,1\nOK", False, R10),
    Case("no-default", lambda modem: modem.network.set_default_context(2), "", modules=R5,
         raises=(NotSupported, 95, "default context")),
    Case("secret", lambda modem: modem.network.set_authentication(1, "chap", "me", "hunter2"),
         '> AT+UAUTHREQ=1,2,"me","hunter2"\nOK', None, R5),
    Case("no-secret", lambda modem: modem.network.set_authentication(1, "none"),
         '> AT+UAUTHREQ=1,0,"",""\nOK', None, R5),
    Case("secret-of-lexi", lambda modem: modem.network.set_authentication(3, "auto", "me", "x"),
         '> AT+CGAUTH=3,3,"me","x"\nOK', None, R10),
    Case("no-secret-of-lexi", lambda modem: modem.network.set_authentication(3, "none"),
         "> AT+CGAUTH=3,0\nOK", None, R10),
]  # fmt: skip


def told(time: str) -> str:
    return f'> AT+CCLK?\n+CCLK: "{time}"\nOK'


CLOCK = [
    Case("utc-from-local", lambda modem: modem.clock(), told("24/03/01,00:30:05+04"),
         (2024, 2, 29, 23, 30, 5, 60), R5),
    Case("local", lambda modem: modem.clock(utc=False), told("24/03/01,00:30:05+04"),
         (2024, 3, 1, 0, 30, 5, 60), R5),
    Case("utc-behind", lambda modem: modem.clock(), told("23/12/31,20:15:00-14"),
         (2023, 12, 31, 23, 45, 0, -210), R5),
    Case("utc", lambda modem: modem.clock(), told("24/02/29,23:30:05+04"),
         (2024, 2, 29, 23, 30, 5, 60), R10),
    Case("local-from-utc", lambda modem: modem.clock(utc=False), told("24/12/31,23:30:05+04"),
         (2025, 1, 1, 0, 30, 5, 60), R10),
    Case("no-zone", lambda modem: modem.clock(), told("24/02/29,23:30:05"),
         (2024, 2, 29, 23, 30, 5, 0)),
    Case("four-digits", lambda modem: modem.clock(), told("2024/02/29,23:30:05+00"),
         (2024, 2, 29, 23, 30, 5, 0)),
    *(Case(f"unset-{year}", lambda modem: modem.clock(), told(f"{year}/01/01,00:00:12+00"), None)
      for year in ("00", "04", "15", "70", "80")),
    Case("set", lambda modem: modem.set_clock(2024, 2, 29, 23, 30, 5, 60),
         '> AT+CCLK="24/03/01,00:30:05+04"\nOK', None, R5),
    Case("set-utc", lambda modem: modem.set_clock(2024, 2, 29, 23, 30, 5, 60),
         '> AT+CCLK="24/02/29,23:30:05+04"\nOK', None, R10),
    Case("set-local", lambda modem: modem.set_clock(2024, 3, 1, 0, 30, 5, 60, utc=False),
         '> AT+CCLK="24/02/29,23:30:05+04"\nOK', None, R10),
    Case("set-west", lambda modem: modem.set_clock(2025, 1, 1, zone=-300),
         '> AT+CCLK="24/12/31,19:00:00-20"\nOK', None, R5),
    Case("updates", lambda modem: modem.time_zone_update(), "> AT+CTZU?\n+CTZU: 1\nOK", True),
    Case("updates-on", lambda modem: modem.time_zone_update(True),
         "> AT+CTZU?\n+CTZU: 0\nOK\n> AT+CTZU=1\nOK", True),
    Case("updates-on-again", lambda modem: modem.time_zone_update(True),
         "> AT+CTZU?\n+CTZU: 1\nOK", True),
]  # fmt: skip

CONTEXT = (
    '> AT+CGCONTRDP=1\n+CGCONTRDP: 1,5,"apn","10.1.2.3.255.255.255.0","10.1.2.1",'
    '"8.8.8.8","8.8.4.4","","",0,0,1400\nOK'
)
REFUSED = "> AT+CGCONTRDP=1\n+CME ERROR: 3\n> AT+CGPADDR=1\n"

INTERFACE = [
    Case("ifconfig", lambda modem: modem.ifconfig(), CONTEXT,
         ("10.1.2.3", "255.255.255.0", "10.1.2.1", "8.8.8.8")),
    Case("ifconfig-address-only", lambda modem: modem.ifconfig(),
         REFUSED + '+CGPADDR: 1,"10.1.2.3"\nOK',
         ("10.1.2.3", "255.255.255.255", "0.0.0.0", "0.0.0.0")),
    Case("ifconfig-nothing", lambda modem: modem.ifconfig(), REFUSED + "OK",
         ("0.0.0.0", "255.255.255.255", "0.0.0.0", "0.0.0.0")),
    *(Case(f"ipconfig-{name}", lambda modem, name=name: modem.ipconfig(name), CONTEXT, wanted)
      for name, wanted in {
          "addr4": ("10.1.2.3", "255.255.255.0"), "gw4": "10.1.2.1", "dns": "8.8.8.8",
          "mtu": 1400, "addr6": [], "has_dhcp4": True, "has_autoconf6": False,
      }.items()),
    Case("config-imei", lambda modem: modem.config("imei"),
         "> AT+CGSN\n123456789012345\nOK", "123456789012345"),
    Case("config-operator", lambda modem: modem.config("operator"),
         '> AT+COPS?\n+COPS: 0,0,"net",7\nOK', "net"),
    Case("config-rat", lambda modem: modem.config("rat"),
         '> AT+COPS?\n+COPS: 0,0,"net",9\nOK', "NB-IoT", R5),
    Case("config-apn", lambda modem: modem.config("apn"),
         '> AT+CGACT?\nOK\n> AT+CGDCONT?\n+CGDCONT: 1,"IP","iot",""\nOK', "iot"),
    Case("config-mno", lambda modem: modem.config("mno"),
         "> AT+UMNOPROF?\n+UMNOPROF: 100\nOK", 100),
    Case("config-set-mno", lambda modem: modem.config(mno=100),
         "> AT+UMNOPROF?\n+UMNOPROF: 100\nOK", None),
    Case("config-set-apn", lambda modem: modem.config(apn="new"),
         '> AT+CGACT?\nOK\n> AT+CGDCONT?\n+CGDCONT: 1,"IPV6","iot",""\nOK\n'
         '> AT+CGDCONT?\n+CGDCONT: 1,"IPV6","iot",""\nOK\n'
         f'{OFF}> AT+CGDCONT=1,"IPV6","new"\nOK\n{BACK}', None),
    Case("config-baudrate", lambda modem: modem.config("baudrate"), "", 115200),
    Case("status", lambda modem: modem.status(), "", 0),
    Case("status-rssi", lambda modem: modem.status("rssi"),
         "> AT+CSQ\n+CSQ: 20,99\nOK\n> AT+CESQ\n+CESQ: 99,99,255,255,20,60\nOK\n"
         "> AT+UCGED?\n+UCGED: 2\nOK", -73),
    Case("active", lambda modem: modem.active(), "> AT+CFUN?\n+CFUN: 1,0\nOK", True),
    Case("inactive", lambda modem: modem.active(), "> AT+CFUN?\n+CFUN: 4\nOK", False),
    Case("activate-radio", lambda modem: modem.active(True),
         "> AT+CFUN?\n+CFUN: 4,0\nOK\n> AT+CFUN=1\n~ 5000\nOK", True),
    Case("deactivate-radio", lambda modem: modem.active(False),
         "> AT+CFUN?\n+CFUN: 1\nOK\n> AT+CFUN=0\nOK", False),
    Case("active-again", lambda modem: modem.active(1), "> AT+CFUN?\n+CFUN: 1\nOK", True),
]  # fmt: skip

BAD = [
    Case(name, call, "", modules=modules, raises=(kind, None, words))
    for name, call, modules, kind, words in [
        ("count", lambda m: m.ping("h", count=0), MODULES, ValueError, "count: 1 to 64"),
        ("size", lambda m: m.ping("h", size=1473), MODULES, ValueError, "size: 4 to 1472"),
        ("timeout", lambda m: m.ping("h", timeout_ms=9), MODULES, ValueError, "timeout_ms"),
        ("ttl", lambda m: m.ping("h", ttl=256), MODULES, ValueError, "ttl: 1 to 255"),
        ("interval", lambda m: m.ping("h", interval_ms=60001), MODULES, ValueError, "interval_ms"),
        ("number", lambda m: m.ping("h", count="4"), MODULES, TypeError, "count: number"),
        ("host", lambda m: m.ping(""), MODULES, ValueError, "host wanted"),
        ("host-quote", lambda m: m.ping('a"b'), MODULES, ValueError, "character 34"),
        ("plmn", lambda m: m.network.select("0010"), MODULES, ValueError, "5 or 6 digits"),
        ("plmn-number", lambda m: m.network.select(101), MODULES, TypeError, "plmn: string"),
        ("act", lambda m: m.network.select("00101", "5G"), MODULES, ValueError, "technology"),
        ("act-alone", lambda m: m.network.select(act="LTE"), MODULES, ValueError, "only with"),
        ("mno", lambda m: m.network.set_profile(1000), MODULES, ValueError, "0 to 999"),
        ("mno-text", lambda m: m.network.set_profile("EU"), MODULES, TypeError, "mno"),
        ("rat", lambda m: m.network.set_rats("LTE"), R5, ValueError, "LTE-M or NB-IoT"),
        ("rat-of-lexi", lambda m: m.network.set_rats("LTE-M"), R10, ValueError, "LTE"),
        ("no-rats", lambda m: m.network.set_rats(()), MODULES, ValueError, ""),
        ("rat-twice", lambda m: m.network.set_rats(["LTE-M"] * 2), R5, ValueError, "once"),
        ("band", lambda m: m.network.set_bands([0]), MODULES, ValueError, "1 to 128"),
        ("no-bands", lambda m: m.network.set_bands([]), MODULES, ValueError, "at least one"),
        ("band-text", lambda m: m.network.set_bands(["3"]), MODULES, TypeError, "numbers"),
        ("cid", lambda m: m.network.define(12, "apn"), R5, ValueError, "cid: 0 to 11"),
        ("cid-of-lexi", lambda m: m.network.define(0, "apn"), R10, ValueError, "cid: 1 to 15"),
        ("cid-16", lambda m: m.network.activate(16), R10, ValueError, "cid: 1 to 15"),
        ("cid-text", lambda m: m.network.address("1"), MODULES, TypeError, "cid: number"),
        ("apn", lambda m: m.network.define(2, "a" * 100), MODULES, ValueError, "at most 99"),
        ("kind", lambda m: m.network.define(2, "a", "X25"), MODULES, ValueError, "kind: IP"),
        ("method", lambda m: m.network.set_authentication(1, "md5"), MODULES, ValueError, "pap"),
        ("user", lambda m: m.network.set_authentication(1, "pap"), MODULES, ValueError, "user"),
        ("no-method", lambda m: m.network.set_authentication(1, "none", "me"), MODULES,
         ValueError, "user"),
        ("profile", lambda m: m.network.activate_profile(7), R5, ValueError, "0 to 6"),
        ("dns-name", lambda m: m.network.set_dns("dns.example"), MODULES, ValueError, "address"),
        ("dns-type", lambda m: m.network.set_dns(8), R10, TypeError, "string"),
        ("dns-six", lambda m: m.network.set_dns("2001:db8::1"), R5, ValueError, "IPv4"),
        ("dns-cid", lambda m: m.network.set_dns("8.8.8.8", cid=2), R5, ValueError, "cid"),
        ("default-cid", lambda m: m.network.set_default_context(0), R10, ValueError, "1 to 15"),
        ("year", lambda m: m.set_clock(2019, 1, 1), MODULES, ValueError, "year: 2020 to 2069"),
        ("february", lambda m: m.set_clock(2023, 2, 29), MODULES, ValueError, "shorter"),
        ("zone", lambda m: m.set_clock(2023, 2, 1, zone=10), MODULES, ValueError, "15"),
        ("hour", lambda m: m.set_clock(2023, 2, 1, "1"), MODULES, TypeError, "hour"),
        ("mac", lambda m: m.config("mac"), MODULES, ValueError, "mac"),
        ("config-imei", lambda m: m.config(imei="1"), MODULES, ValueError, "cannot be set"),
        ("config-two", lambda m: m.config("imei", "imsi"), MODULES, ValueError, "one parameter"),
        ("ipconfig", lambda m: m.ipconfig("addr5"), MODULES, ValueError, "addr5"),
        ("ipconfig-set", lambda m: m.ipconfig(addr4="1.2.3.4"), MODULES, ValueError, "dns="),
        ("status", lambda m: m.status("stations"), MODULES, ValueError, "stations"),
        ("unknown", lambda m: m.network.no_such(), MODULES, AttributeError, "no_such"),
    ]
]  # fmt: skip

ALL = [*RADIO, *PROFILES, *CLOCK, *INTERFACE, *BAD]


@pytest.mark.parametrize(("flavour", "module", "case"), parameters(ALL))
def test_answer(flavour: str, module: str, case: Case) -> None:
    play(flavour, module, case).close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", (None, None)),
        (None, (None, None)),
        ("::", (None, None)),
        ("0.0.0.0 ::", (None, None)),
        ("::1", (None, "::1")),
        ("999.1.1.1", ("999.1.1.1", None)),  # A10 prints such: shown as it came
        ("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1", (None, "::1")),
        ("0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0", (None, "1::")),
        ("0.1.0.2.0.3.0.4.0.5.0.6.0.7.0.8", (None, "1:2:3:4:5:6:7:8")),
        ("0.1.0.0.0.3.0.4.0.5.0.6.0.7.0.8", (None, "1:0:3:4:5:6:7:8")),
    ],
)
def test_addresses(text: Any, wanted: Any) -> None:
    assert pair(text) == wanted


def test_masks() -> None:
    assert with_mask("10.1.2.3.255.255.0.0") == ("10.1.2.3", "255.255.0.0")
    assert with_mask("10.1.2.3") == ("10.1.2.3", None)
    assert with_mask(None) == ("", None)
    six = "32.1.13.184" + ".0" * 12
    assert with_mask(six + ".255" * 7 + ".254" + ".0" * 8) == ("2001:db8::", 63)
