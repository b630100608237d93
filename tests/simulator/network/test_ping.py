"""+UPING: ranges, failures, loss, hops, reachability."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.world.reachability import answers

Make = Callable[..., Bench]

HOSTS = {"near": "127.0.0.1", "far": "10.1.1.1", "listed": "10.7.7.7"}
PINGS = {"10.1.1.1": (55, (60, -1, 61))}


def online(make_bench: Make, module: str = "sara-r5", **options: object) -> Bench:
    return make_bench(module, online=True, **{"hosts": HOSTS, "pings": PINGS, **options})


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ('"far",0', 16),
        ('"far",65', 16),
        ('"far",1,3', 13),
        ('"far",1,1473', 13),
        ('"far",1,32,9', 15),
        ('"far",1,32,60001', 15),
        ('"far",1,32,5000,0', 14),
        ('"far",1,32,5000,256', 14),
        ('""', 7),
        (f'"{"a" * 129}"', 12),
        ('"unknown.example"', 8),
        ('"300.1.1.1"', 10),
        ('"1.2.3"', 10),
        ('"fe80:::1"', 11),
    ],
)
def test_failures_come_by_urc(
    make_bench: Make, module_name: str, parameters: str, code: int
) -> None:
    bench = online(make_bench, module_name)
    bench.ok(f"AT+UPING={parameters}")
    assert bench.expect_urc() == f"+UUPINGER: {code}"
    bench.expect_silence(20_000)


@pytest.mark.parametrize(
    "parameters", ["far", '"far",x', '"far",1,32,5000,32,60001', "", '"far",1,2,3,4,5,6']
)
def test_what_is_no_ping_at_all(make_bench: Make, parameters: str) -> None:
    bench = online(make_bench)
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT+UPING={parameters}") == "+CME ERROR: 50"


def test_without_a_data_connection(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok('AT+UPING="127.0.0.1"')
    assert bench.expect_urc() == "+UUPINGER: 17"


@pytest.mark.parametrize("host", ["far", "10.1.1.1"])
def test_each_echo_has_its_own_fate(make_bench: Make, module_name: str, host: str) -> None:
    bench = online(make_bench, module_name)
    bench.ok(f'AT+UPING="{host}",4,64,2000,32,100')
    began = bench.loop.time()
    assert [bench.expect_urc() for _ in range(4)] == [
        f'+UUPING: 1,64,"{host}","10.1.1.1",55,60',
        f'+UUPING: 2,64,"{host}","10.1.1.1",0,-1',
        f'+UUPING: 3,64,"{host}","10.1.1.1",55,61',
        f'+UUPING: 4,64,"{host}","10.1.1.1",55,61',
    ]
    assert bench.loop.time() - began == pytest.approx(2 + 0.3 + 0.18 + 0.06, abs=0.2)


@pytest.mark.parametrize(
    ("ttl", "hops", "result"),
    [(9, {}, -2), (10, {}, 60), (3, {"10.1.1.1": 3}, -2), (4, {"10.1.1.1": 3}, 60)],
)
def test_the_time_to_live_counts(
    make_bench: Make, ttl: int, hops: dict[str, int], result: int
) -> None:
    bench = online(make_bench, "lexi-r10", hops=hops)
    bench.ok(f'AT+UPING="far",1,32,5000,{ttl}')
    line = bench.expect_urc()
    assert line.endswith(f",{result}")
    assert line.split(",")[4] == ("0" if result < 0 else "55")


def test_an_answer_later_than_the_time_out_is_lost(make_bench: Make) -> None:
    bench = online(make_bench, pings={"10.1.1.1": (60, (500,))})
    bench.ok('AT+UPING="far",1,32,400')
    assert bench.expect_urc().endswith(",0,-1")


def test_out_of_coverage_every_echo_is_lost(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    bench.module.set_coverage(False)
    bench.ok('AT+UPING="10.1.1.1",2,32,1000,32,0')
    assert [bench.expect_urc().rpartition(",")[2] for _ in range(2)] == ["-1", "-1"]
    bench.ok('AT+UPING="far"')
    assert bench.expect_urc() == "+UUPINGER: 8"


@pytest.mark.parametrize(("module", "refused"), [("sara-r5", True), ("lexi-r10", False)])
def test_ipv6_contexts(make_bench: Make, module: str, refused: bool) -> None:
    bench = make_bench(module, network_type="IPV6", pings={"::1": (64, (5,))})
    bench.pass_ms(4000)
    if refused:
        bench.ok("AT+UPSD=0,0,1")
        bench.ok("AT+UPSDA=0,3")
        assert bench.expect_urc().startswith("+UUPSDA: 0,")
    bench.ok('AT+UPING="::1",1')
    assert bench.expect_urc() == ("+UUPINGER: 9" if refused else '+UUPING: 1,32,"::1","::1",64,5')


@pytest.mark.parametrize(
    ("address", "routes", "answers"),
    [
        ("127.0.0.1", {}, True),
        ("127.8.8.8", {}, True),
        ("10.7.7.7", {}, True),  # in the name map: part of the closed network
        ("10.99.99.99", {}, False),
        ("10.99.99.99", {"10.99.99.99": "127.0.0.1"}, True),
        ("10.99.99.99", {"10.99.99.99:80": "127.0.0.1:1"}, True),
        ("10.7.7.7", {"10.7.7.7": "255.255.255.255"}, False),
    ],
)
def test_reachability(
    make_bench: Make, address: str, routes: dict[str, str], answers: bool
) -> None:
    bench = online(make_bench, routes=routes)
    bench.ok(f'AT+UPING="{address}",1,32,1000')
    ttl, rtt = bench.expect_urc(30_000).split(",")[4:]
    assert (int(rtt) >= 0, ttl) == ((True, "64") if answers else (False, "0"))


def test_the_probe_itself() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert answers("127.0.0.1", port)
    assert answers("127.0.0.1", port)  # refusing is a sign of life, too
    assert not answers("255.255.255.255", None)
