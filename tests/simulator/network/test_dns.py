"""Which name server answers: the network's, an override, none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

HOSTS = {"a.example": "10.1.1.1"}
ZONES = {
    "9.9.9.9": {"a.example": "10.2.2.2", "only.example": "10.3.3.3"},
    "8.8.8.8": None,
}


def online(make_bench: Make, module: str = "lexi-r10", **options: object) -> Bench:
    return make_bench(module, online=True, **{"hosts": HOSTS, "dns_zones": ZONES, **options})


def ask(bench: Bench, name: str, tail: str = "") -> str:
    """Resolve on LEXI-R10: what follows the prefix."""
    bench.ok(f'AT+UDNSRN=0,"{name}"{tail}')
    return bench.expect_urc(120_000).removeprefix("+UUDNSRN: ")


def test_an_override_is_asked_instead(make_bench: Make) -> None:
    bench = online(make_bench)
    assert ask(bench, "a.example") == '0,"10.1.1.1"'
    bench.ok('AT+UDNSCFG=1,1,0,"9.9.9.9"')
    assert bench.ok("AT+UDNSCFG?") == ['+UDNSCFG: 1,1,0,"9.9.9.9"']
    assert ask(bench, "a.example") == '0,"10.2.2.2"'
    assert ask(bench, "only.example") == '0,"10.3.3.3"'
    assert ask(bench, "b.example") == "-1"
    bench.ok('AT+UDNSCFG=1,1,0,"0.0.0.0"')
    assert ask(bench, "a.example") == '0,"10.1.1.1"'


def test_a_silent_server_leaves_it_to_the_second(make_bench: Make) -> None:
    bench = online(make_bench, dns_timeout_ms=8000)
    bench.ok('AT+UDNSCFG=1,1,0,"8.8.8.8"')
    began = bench.loop.time()
    assert ask(bench, "a.example") == '0,"10.1.1.1"'
    assert 8 < bench.loop.time() - began < 9
    bench.ok('AT+UDNSCFG=1,2,0,"7.7.7.7"')  # nobody has heard of it
    began = bench.loop.time()
    assert ask(bench, "a.example") == "-1"
    assert 16 < bench.loop.time() - began < 17


def test_an_answer_that_there_is_no_such_name_is_final(make_bench: Make) -> None:
    bench = online(make_bench, dns_zones={"10.0.0.1": {}, "10.0.0.2": HOSTS})
    assert ask(bench, "a.example") == "-1"


def test_an_override_belongs_to_one_context(make_bench: Make) -> None:
    bench = online(make_bench)
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok("AT+CGACT=1,2")
    bench.ok('AT+UDNSCFG=2,1,0,"9.9.9.9"')
    assert ask(bench, "a.example", ",1,1") == '0,"10.1.1.1"'
    assert ask(bench, "a.example", ",1,2") == '0,"10.2.2.2"'
    bench.ok("AT+CMEE=1")
    assert bench.error('AT+UDNSRN=0,"a.example",1,3') == "+CME ERROR: 3"


@pytest.mark.parametrize(
    "wrong",
    [
        '0,1,0,"9.9.9.9"',
        '1,3,0,"9.9.9.9"',
        '1,1,2,"9.9.9.9"',
        '1,1,1,"9.9.9.9"',
        '1,1,0,"x"',
        "1,1,0",
    ],
)
def test_wrong_overrides(make_bench: Make, wrong: str) -> None:
    bench = online(make_bench)
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT+UDNSCFG={wrong}") == "+CME ERROR: 50"


def test_sockets_and_pings_ask_the_same_server(make_bench: Make) -> None:
    bench = online(make_bench, dns_zones={"9.9.9.9": {"peer.example": "127.0.0.1"}})
    peer = bench.tcp_peer()
    bench.ok('AT+UDNSCFG=1,1,0,"9.9.9.9"')
    bench.ok("AT+USOCR=6")
    bench.ok(f'AT+USOCO=0,"peer.example",{peer.port}')
    bench.ok('AT+UPING="peer.example",1')
    assert bench.expect_urc().startswith('+UUPING: 1,32,"peer.example","127.0.0.1"')


def test_a_public_server_is_real_in_an_open_network(make_bench: Make) -> None:
    bench = online(make_bench, dns_zones={}, system_dns=True)
    bench.ok('AT+UDNSCFG=1,1,0,"1.1.1.1"')
    assert ask(bench, "a.example") == '0,"10.1.1.1"'


def test_the_profile_of_sara_has_its_own_servers(make_bench: Make) -> None:
    bench = make_bench("sara-r5", hosts=HOSTS, dns_zones=ZONES)
    bench.ok("AT+CMEE=1")
    bench.pass_ms(4000)
    bench.ok('AT+UPSD=0,4,"9.9.9.9"')
    bench.ok("AT+UPSDA=0,3")
    bench.expect_urc()
    assert bench.ok('AT+UDNSRN=0,"a.example"') == ['+UDNSRN: "10.2.2.2"']
    assert bench.ok('AT+UDNSRN=1,"10.3.3.3"') == ['+UDNSRN: "only.example"']
    assert bench.error('AT+UDNSRN=1,"10.9.9.9"') == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 163"]
    bench.ok('AT+UDNSRN=0,"only.example",1')
    assert bench.expect_urc() == '+UUDNSRN: 0,"10.3.3.3"'


def test_a_wrong_server_of_a_profile_times_out(make_bench: Make) -> None:
    bench = make_bench("sara-r5", hosts=HOSTS)
    bench.ok("AT+CMEE=1")
    bench.pass_ms(4000)
    bench.ok('AT+UPSD=0,4,"7.7.7.7"')
    bench.ok('AT+UPSD=0,5,"7.7.7.8"')
    bench.ok("AT+UPSDA=0,3")
    bench.expect_urc()
    assert bench.error('AT+UDNSRN=0,"a.example"') == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 171"]


def test_out_of_coverage_a_look_up_times_out(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    bench.module.set_coverage(False)
    bench.send('AT+UDNSRN=0,"a.example"')
    if module_name == "sara-r5":
        assert bench.answer().final == "ERROR"
        assert bench.ok("AT+USOER") == ["+USOER: 171"]
    else:
        assert bench.answer().final == "OK"
        assert bench.expect_urc(80_000) == "+UUDNSRN: -1"
