"""HTTPS: the security profile decides, the answer is stored as over plain HTTP."""

from __future__ import annotations

from collections.abc import Callable

import trustme
from simulator.support.http_server import SERVER, fetched, ok, result
from simulator.support.https_server import SecureServer
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import install_identity, trust

Make = Callable[..., Bench]


def trusting(bench: Bench, authority: trustme.CA) -> None:
    """Security profile 2 checks chain and name against this authority."""
    trust(bench, authority, level=2, profile=2, host=SERVER)
    bench.ok("AT+UHTTP=0,6,1,2")


def test_get_over_tls(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = SecureServer(bench)
    trusting(bench, server.ca)
    assert fetched(bench) == server.answer
    assert server.requests[-1].header("Host") == SERVER
    assert bench.module.security.open_sessions == 0


def test_a_large_body_each_way(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = SecureServer(bench)
    server.answer = ok(bytes(range(256)) * 4096)
    trusting(bench, server.ca)
    body = bytes(range(255, -1, -1)) * 1024
    bench.module.files.save("src", body)
    assert result(bench, 'AT+UHTTPC=0,4,"/","out","src",2') == "+UUHTTPCR: 0,4,1"
    assert server.requests[-1].body == body
    assert bench.module.files.load("out") == server.answer


def test_a_wrong_authority(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = SecureServer(bench)
    trusting(bench, trustme.CA())
    assert result(bench, 'AT+UHTTPC=0,1,"/","f"') == "+UUHTTPCR: 0,1,0"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,73"]
    assert server.requests == []
    assert bench.module.security.open_sessions == 0


def test_a_wrong_name(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = SecureServer(bench, names="other.test")
    trusting(bench, server.ca)
    assert result(bench, 'AT+UHTTPC=0,1,"/","f"') == "+UUHTTPCR: 0,1,0"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,73"]


def test_a_client_certificate(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = SecureServer(bench, client_ca=True)
    trusting(bench, server.ca)
    assert result(bench, 'AT+UHTTPC=0,1,"/","f"') == "+UUHTTPCR: 0,1,0"
    install_identity(bench, server.ca.issue_cert("device.test"), profile=2)
    assert fetched(bench) == server.answer


def test_direct_link_over_tls(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    server = SecureServer(bench)
    trusting(bench, server.ca)
    bench.ok("AT+UHTTP=0,10,1")
    bench.send('AT+UHTTPC=0,7,"/post",1,,11')
    assert bench.expect_line() == b"CONNECT"
    bench.clock.sleep_ms(50)
    bench.uart.write(b"hello world")
    assert bench.answer().final == "OK"
    assert bench.expect_urc() == "+UUHTTPCR: 0,7,1"
    assert server.requests[-1].body == b"hello world"
    assert server.answer in bench.raw


def test_a_plain_server_behind_the_secure_port(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer(on_data=lambda connection, data: connection.send(ok()))
    bench.ok('AT+UHTTP=0,0,"127.0.0.1"')
    bench.ok("AT+UHTTP=0,6,1")
    bench.ok(f"AT+UHTTP=0,5,{peer.port}")
    assert result(bench, 'AT+UHTTPC=0,1,"/","f"') == "+UUHTTPCR: 0,1,0"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,73"]
