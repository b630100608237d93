"""PDP contexts: definition, authentication, activation, what the network grants and takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm

Make = Callable[..., Bench]

V6 = "38.0.3.128.178.65.129.209.0.0.0.74.87.68.176.1"


def ready(make_bench: Make, module: str = "lexi-r10", **options: object) -> Bench:
    bench = make_bench(module, **options)
    bench.ok("AT+CMEE=1")
    bench.pass_ms(4000)
    return bench


def said(bench: Bench) -> list[str]:
    """What has been printed, its last byte included."""
    bench.pass_ms(20)
    return bench.take()


# -- definition ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "apn"),
    [
        ('2,"IP","a.example"', "IP", "a.example"),
        ('2,"ipv6","a.example"', "IPV6", "a.example"),
        ('2,"IPV4V6"', "IPV4V6", ""),
        ('2,,"a.example"', "IPV4V6", "a.example"),
        ('2,"NONIP","a"', "NONIP", "a"),
        ('2,"IP","a","0.0.0.0",0,0,0,0,0,0', "IP", "a"),
        ('2,"IP","a","",0,0,0,2,0,0,0,0,0,0', "IP", "a"),
        (f'2,"IP","{"a" * 99}"', "IP", "a" * 99),
    ],
)
def test_definitions(make_bench: Make, module_name: str, given: str, kind: str, apn: str) -> None:
    nvm = Nvm()
    bench = ready(make_bench, module_name, nvm=nvm)
    bench.ok(f"AT+CGDCONT={given}")
    shown = bench.ok("AT+CGDCONT?")[1]
    assert shown.startswith(f'+CGDCONT: 2,"{kind}","{apn}",')
    again = ready(make_bench, module_name, nvm=nvm)
    assert again.ok("AT+CGDCONT?")[1] == shown
    again.ok("AT+CGDCONT=2")
    assert len(again.ok("AT+CGDCONT?")) == 1


@pytest.mark.parametrize(
    ("module", "given", "code"),
    [
        ("sara-r5", '12,"IP","a"', 50),
        ("lexi-r10", '0,"IP","a"', 50),
        ("lexi-r10", '16,"IP","a"', 50),
        ("lexi-r10", '2,"PPP","a"', 3),
        ("lexi-r10", '2,"IP",a', 50),
        ("lexi-r10", f'2,"IP","{"a" * 100}"', 50),
        ("lexi-r10", '2,"IP","a","",9', 50),
        ("lexi-r10", "", 50),
        ("lexi-r10", "1", 3),  # active
    ],
)
def test_refused_definitions(make_bench: Make, module: str, given: str, code: int) -> None:
    bench = ready(make_bench, module)
    before = bench.ok("AT+CGDCONT?")
    assert bench.error(f"AT+CGDCONT={given}") == f"+CME ERROR: {code}"
    assert bench.ok("AT+CGDCONT?") == before


@pytest.mark.parametrize(("module", "cids", "active"), [("sara-r5", 12, 7), ("lexi-r10", 15, 3)])
def test_limits(make_bench: Make, module: str, cids: int, active: int) -> None:
    bench = ready(make_bench, module)
    for cid in bench.module.spec.cids:
        bench.ok(f'AT+CGDCONT={cid},"IP","apn{cid}"')
    assert len(bench.ok("AT+CGDCONT?")) == cids
    others = [cid for cid in bench.module.spec.cids if cid != 1]
    for cid in others[: active - 1]:
        bench.ok(f"AT+CGACT=1,{cid}")
    assert bench.error(f"AT+CGACT=1,{others[active]}") == "+CME ERROR: 3"
    assert sum(line.endswith(",1") for line in bench.ok("AT+CGACT?")) == active
    bench.ok("AT+CGACT=0")  # all but the default bearer
    assert sum(line.endswith(",1") for line in bench.ok("AT+CGACT?")) == 1


def test_a_redefinition_is_in_force_at_the_next_activation(make_bench: Make) -> None:
    bench = ready(make_bench, "sara-r5")
    bench.ok('AT+CGDCONT=1,"IPV6","new"')
    assert bench.ok("AT+CGDCONT?")[0].startswith('+CGDCONT: 1,"IP","internet.sim",')
    bench.ok("AT+CFUN=4")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(4000)
    assert bench.ok("AT+CGDCONT?") == [f'+CGDCONT: 1,"IPV6","new","{V6}",0,0,0,0,0,0']


# -- activation ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["AT+CGACT=1,2", "AT+CGACT=0,1", "AT+CGACT=1,5"])
def test_refused_activations(make_bench: Make, command: str) -> None:
    bench = ready(make_bench, network="none")
    bench.ok('AT+CGDCONT=2,"IP","two"')
    assert bench.error(command) == "+CME ERROR: 3"
    bench.module.network.set_network("home")
    bench.pass_ms(4000)
    assert bench.at(command).final == ("OK" if command == "AT+CGACT=1,2" else "+CME ERROR: 3")


def test_several_at_once(make_bench: Make, module_name: str) -> None:
    bench = ready(make_bench, module_name)
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok('AT+CGDCONT=3,"IPV6","three"')
    bench.ok("AT+CGEREP=2,1")
    said(bench)
    bench.ok("AT+CGACT=1,2,3")
    assert said(bench) == ["+CGEV: ME PDN ACT 2", "+CGEV: ME PDN ACT 3"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1", "+CGACT: 2,1", "+CGACT: 3,1"]
    own = bench.ok("AT+CGPADDR=1")[0].split('"')[1]
    second = own.rpartition(".")[0] + "." + str(int(own.rpartition(".")[2]) + 1)
    assert bench.ok("AT+CGPADDR") == [
        f'+CGPADDR: 1,"{own}"',
        f'+CGPADDR: 2,"{second}"',
        f'+CGPADDR: 3,"{V6}"',
    ]
    bench.ok("AT+CGACT=0,3,2")
    assert said(bench) == ["+CGEV: ME PDN DEACT 3", "+CGEV: ME PDN DEACT 2"]
    assert bench.ok("AT+CGPADDR=2,3") == ['+CGPADDR: 2,"0.0.0.0"', '+CGPADDR: 3,"0.0.0.0"']


@pytest.mark.parametrize(
    ("grants", "granted", "families", "event"),
    [
        ("IP", "IP", ["v4"], ",0"),
        ("IPV6", "IPV6", ["v6"], ",1"),
        ("IPV4V6", "IPV4V6", ["v4", "v6"], ""),
    ],
)
def test_what_the_network_grants(
    make_bench: Make, module_name: str, grants: str, granted: str, families: list[str], event: str
) -> None:
    bench = make_bench(module_name, network_type=grants, mtu=1430)
    bench.ok("AT+CGEREP=1")
    bench.pass_ms(4000)
    assert f"+CGEV: ME PDN ACT 1{event}" in said(bench)
    assert f'1,"{granted}","internet.sim"' in bench.ok("AT+CGDCONT?")[0]
    lines = bench.ok("AT+CGCONTRDP=1")
    assert lines == bench.ok("AT+CGCONTRDP")
    assert ["v6" if V6 in line else "v4" for line in lines] == families
    if "v4" in families:
        assert lines[0].split(",")[5:7] == ['"10.0.0.1"', '"10.0.0.2"']
        assert lines[0].endswith(",0,0,1430")
    if "v6" in families:
        assert lines[-1].split(",")[3] == f'"{V6}.255.255.255.255.255.255.255.255{".0" * 8}"'


def test_the_network_may_lengthen_the_apn_it_shows(make_bench: Make) -> None:
    bench = make_bench("sara-r5", apn_suffix=".mnc001.mcc001.gprs")
    bench.ok('AT+CGDCONT=1,"IP","a.example"')
    bench.pass_ms(4000)
    assert '"a.example.mnc001.mcc001.gprs"' in bench.ok("AT+CGDCONT?")[0]
    assert '"a.example.mnc001.mcc001.gprs"' in bench.ok("AT+CGCONTRDP=1")[0]
    bench.ok('AT+UPSD=0,1,"a.example"')
    bench.ok("AT+UPSDA=0,3")


def test_both_addresses_in_one_string_or_two(make_bench: Make) -> None:
    one = ready(make_bench, network_type="IPV4V6")
    assert one.ok("AT+CGPADDR=1") == [f'+CGPADDR: 1,"10.40.50.50 {V6}"']
    two = ready(make_bench, network_type="IPV4V6", variants={"cgpaddr-two"})
    assert two.ok("AT+CGPADDR=1") == [f'+CGPADDR: 1,"10.40.50.50","{V6}"']


# -- events --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "expected"),
    [("1,1", True), ("2,1", True), ("1,0", False), ("2", False)],
)
def test_events_kept_in_mode_0_are_printed_or_dropped(
    make_bench: Make, first: str, expected: bool
) -> None:
    bench = ready(make_bench)
    bench.ok(f"AT+CGEREP={first}")
    assert (said(bench) == ["+CGEV: ME PDN ACT 1,0"]) is expected
    bench.ok("AT+CGEREP=0")
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok("AT+CGACT=1,2")
    assert said(bench) == []


def test_the_network_ends_a_context(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CMEE=1")
    bench.ok("AT+CGEREP=1")
    bench.ok("AT+USOCR=6")
    bench.module.network.network_deactivates(1)
    heard = said(bench)
    assert heard[0] == "+CGEV: NW PDN DEACT 1"
    assert "+UUSOCL: 0" in heard
    assert ("+UUPSDD: 0" in heard) is (module_name == "sara-r5")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,0"]
    assert bench.error("AT+USOCR=6") == "+CME ERROR: 3"
    bench.ok("AT+CGACT=1,1")
    if module_name == "sara-r5":
        assert bench.error("AT+USOCR=6") == "+CME ERROR: 3"
        bench.ok("AT+UPSDA=0,3")
        bench.expect_urc()
    assert bench.ok("AT+USOCR=6")[-1] == "+USOCR: 0"
    with pytest.raises(ValueError, match="not active"):
        bench.module.network.network_deactivates(2)


def test_the_network_detaches_and_the_module_comes_back(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CGEREP=1")
    bench.ok("AT+CEREG=1")
    bench.module.network.network_detaches()
    heard = said(bench)
    assert "+CGEV: NW DETACH" in heard
    assert "+CEREG: 2" in heard
    bench.pass_ms(4000)
    assert said(bench) == ["+CEREG: 1", "+CGEV: ME PDN ACT 1,0"]


# -- access --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apn", "allowed"),
    [("iot.example", True), ("IOT.Example", True), ("wrong", False), ("", True)],
)
def test_only_known_apns_are_let_in(
    make_bench: Make, module_name: str, apn: str, allowed: bool
) -> None:
    bench = make_bench(module_name, apns=("iot.example", "internet.sim"))
    bench.ok("AT+CMEE=1")
    bench.ok("AT+CFUN=0")
    bench.ok(f'AT+CGDCONT=1,"IP","{apn}"')
    bench.ok("AT+CEREG=5")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(4000)
    last = said(bench)[-1]
    if allowed:
        assert last.startswith("+CEREG: 1,")
        return
    assert last == "+CEREG: 3,,,,0,19"
    assert bench.ok("AT+CEER") == ['+CEER: "ESM cause",27,"Missing or unknown APN"']
    bench.ok('AT+CGDCONT=1,"IP","iot.example"')
    bench.pass_ms(11_000)  # the next attempt
    assert said(bench)[-1].startswith("+CEREG: 1,")


def test_a_second_context_with_a_wrong_apn(make_bench: Make, module_name: str) -> None:
    bench = ready(make_bench, module_name, apns=("internet.sim",))
    bench.ok('AT+CGDCONT=2,"IP","wrong"')
    assert bench.error("AT+CGACT=1,2") == "+CME ERROR: 127"
    assert bench.ok("AT+CEER") == ['+CEER: "ESM cause",27,"Missing or unknown APN"']
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


LOGIN = {"private": ("node", "secret", "CHAP")}


@pytest.mark.parametrize(
    ("method", "user", "password", "accepted"),
    [
        (2, "node", "secret", True),
        (3, "node", "secret", True),
        (1, "node", "secret", False),
        (0, "", "", False),
        (2, "node", "Secret", False),
        (2, "other", "secret", False),
    ],
)
def test_logins_are_checked(
    make_bench: Make, module_name: str, method: int, user: str, password: str, accepted: bool
) -> None:
    name = "+UAUTHREQ" if module_name == "sara-r5" else "+CGAUTH"
    tail = f',"{user}","{password}"' if method or module_name == "sara-r5" else ""
    bench = ready(make_bench, module_name, logins=LOGIN)
    bench.ok('AT+CGDCONT=2,"IP","private"')
    bench.ok(f"AT{name}=2,{method}{tail}")
    assert bench.at("AT+CGACT=1,2").final == ("OK" if accepted else "+CME ERROR: 149")
    if not accepted:
        assert bench.ok("AT+CEER") == ['+CEER: "ESM cause",29,"User authentication failed"']


@pytest.mark.parametrize(("variants", "kept"), [((), True), (("auth-volatile",), False)])
def test_a_login_is_kept_with_its_context(
    make_bench: Make, variants: tuple[str, ...], kept: bool
) -> None:
    nvm = Nvm()
    bench = ready(make_bench, logins=LOGIN, nvm=nvm, variants=variants)
    bench.ok('AT+CGDCONT=2,"IP","private"')
    bench.ok('AT+CGAUTH=2,2,"node","secret"')
    assert bench.ok("AT+CGAUTH?") == ['+CGAUTH: 2,2,"node",""']
    again = ready(make_bench, logins=LOGIN, nvm=nvm, variants=variants)
    assert (again.at("AT+CGACT=1,2").final == "OK") is kept
    again.ok("AT+CGAUTH=2")
    assert again.ok("AT+CGAUTH?") == []


@pytest.mark.parametrize(
    ("module", "command", "code"),
    [
        ("sara-r5", "+UAUTHREQ=1,0", 50),
        ("sara-r5", '+UAUTHREQ=1,4,"a","b"', 50),
        ("sara-r5", '+UAUTHREQ=5,1,"a","b"', 3),
        ("sara-r5", f'+UAUTHREQ=1,1,"{"a" * 65}","b"', 50),
        ("sara-r5", '+CGAUTH=1,1,"a","b"', 4),
        ("lexi-r10", '+UAUTHREQ=1,1,"a","b"', 4),
        ("lexi-r10", "+CGAUTH=1,1", 50),
        ("lexi-r10", '+CGAUTH=9,1,"a","b"', 3),
    ],
)
def test_refused_logins(make_bench: Make, module: str, command: str, code: int) -> None:
    bench = ready(make_bench, module)
    assert bench.error(f"AT{command}") == f"+CME ERROR: {code}"


def test_other_forms_of_uauthreq(make_bench: Make) -> None:
    bench = ready(
        make_bench,
        "sara-r5",
        logins=LOGIN,
        variants={"uauthreq-bare", "uauthreq-password-first"},
    )
    bench.ok('AT+CGDCONT=2,"IP","private"')
    bench.ok("AT+UAUTHREQ=2,0")
    assert bench.error("AT+CGACT=1,2") == "+CME ERROR: 149"
    bench.ok('AT+UAUTHREQ=2,2,"secret","node"')
    bench.ok("AT+CGACT=1,2")


# -- default context of LEXI-R10 -----------------------------------------------------------


@pytest.mark.parametrize("variants", [(), ("udconf19-activates",)])
def test_the_default_context_changes_with_the_next_boot(
    make_bench: Make, variants: tuple[str, ...]
) -> None:
    bench = ready(make_bench, variants=variants)
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok("AT+UDCONF=19,2,0")
    assert bench.ok("AT+UDCONF=19") == ["+UDCONF: 19,2,0"]
    bench.ok("AT+USOCR=6")  # still on cid 1
    bench.ok("AT+CFUN=16")
    bench.pass_ms(8000)
    bench.take()
    bench.ok("ATE0+CMEE=1")
    assert bench.ok("AT+UDCONF=19") == ["+UDCONF: 19,2,0"]
    if not variants:
        for command in ("AT+USOCR=6", 'AT+UDNSRN=0,"a.example"'):
            assert bench.error(command) == "+CME ERROR: 3"
        bench.ok('AT+UPING="127.0.0.1"')
        assert bench.expect_urc() == "+UUPINGER: 17"
        bench.ok("AT+CGACT=1,2")
    bench.ok("AT+USOCR=6")
    bench.ok("AT+CGACT=0,2")
    assert bench.expect_urc() == "+UUSOCL: 0"


def test_unetcfg_is_not_known_well_enough(make_bench: Make, module_name: str) -> None:
    bench = ready(make_bench, module_name)
    assert bench.at("AT+UNETCFG=1,1").final.startswith("+CME ERROR")
