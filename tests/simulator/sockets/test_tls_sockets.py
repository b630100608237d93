"""Secure sockets against real TLS servers: what connects and what fails, and how."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import (
    NAME,
    TlsServer,
    connect,
    echoed,
    install,
    install_identity,
    refused,
    secure_socket,
    server_context,
    trust,
)

Make = Callable[..., Bench]
EPROTO, EINVAL, ENOMEM = 71, 22, 12


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    """The CA everybody should trust."""
    return trustme.CA()


@pytest.fixture(scope="module")
def cert(ca: trustme.CA) -> trustme.LeafCert:
    """The server's certificate."""
    return ca.issue_cert(NAME, "127.0.0.1")


def test_verified_in_full(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca)
    ident = connect(bench, server.port)
    echoed(bench, ident)
    assert server.received == b"hello"
    assert bench.ok(f"AT+USOSEC={ident}") == [f"+USOSEC: {ident},1,0"]
    bench.ok(f"AT+USOCL={ident}")


def test_without_a_profile_nothing_is_checked(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    ident = connect(bench, server.port, None)
    echoed(bench, ident)
    assert bench.ok(f"AT+USOSEC={ident}") == [f"+USOSEC: {ident},1"]


def test_another_ca_is_refused_and_the_server_sees_it(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, trustme.CA(), level=1)
    assert refused(bench, server.port) == EPROTO
    bench.pass_ms(100)
    assert server.failures == 1


def test_every_imported_root_counts_when_none_is_chosen(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    bench.ok("AT+USECPRF=0,0,1")
    assert refused(bench, server.port) == EPROTO
    install(bench, 0, "other", trustme.CA().cert_pem.bytes())
    install(bench, 0, "right", ca.cert_pem.bytes())
    echoed(bench, connect(bench, server.port))


def test_level_1_does_not_look_at_the_name(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca, level=1, host="x.example")
    echoed(bench, connect(bench, server.port))


def test_level_2_compares_the_expected_name(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca, level=2, host="other.example")
    assert refused(bench, server.port) == EPROTO
    bench.ok(f'AT+USECPRF=0,4,"{NAME}"')
    echoed(bench, connect(bench, server.port))
    bench.ok('AT+USECPRF=0,4,"127.0.0.1"')
    echoed(bench, connect(bench, server.port))
    bench.ok('AT+USECPRF=0,4,"127.0.0.2"')
    if module_name == "sara-r5":
        assert refused(bench, server.port) == EPROTO


def test_level_2_without_an_expected_name_fails_or_takes_the_one_connected_to(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca, level=2, host="")
    assert refused(bench, server.port) == EINVAL
    bench = make_bench(module_name, online=True, variants={"tls-host-implied"})
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca, level=2, host="")
    echoed(bench, connect(bench, server.port))


def test_level_3_goes_by_the_clock_of_the_module(
    make_bench: Make, module_name: str, ca: trustme.CA
) -> None:
    old = ca.issue_cert(NAME, not_after=datetime(2024, 1, 1, tzinfo=UTC))
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(old))
    trust(bench, ca, level=2)
    echoed(bench, connect(bench, server.port))
    bench.ok("AT+USECPRF=0,0,3")
    assert refused(bench, server.port) == EPROTO
    bench.ok('AT+CCLK="23/12/31,12:00:00+00"')
    echoed(bench, connect(bench, server.port))


def test_client_authentication(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    clients = trustme.CA()
    server = TlsServer(bench, server_context(cert, clients=clients))
    trust(bench, ca)
    assert refused(bench, server.port) == EPROTO
    install_identity(bench, clients.issue_cert("sensor-1"))
    echoed(bench, connect(bench, server.port))


def test_a_client_certificate_of_another_ca_is_refused_by_the_server(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert, clients=trustme.CA()))
    trust(bench, ca)
    install_identity(bench, ca.issue_cert("sensor-1"))
    assert refused(bench, server.port) == EPROTO


def test_a_profile_that_names_what_is_not_there_fails_before_any_byte(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    bench.ok('AT+USECPRF=0,5,"nobody"')
    assert refused(bench, server.port) == EINVAL
    bench.ok("AT+USECPRF=0")
    bench.ok("AT+USECPRF=0,0,1")
    bench.ok('AT+USECPRF=0,3,"nothing"')
    assert refused(bench, server.port) == EINVAL
    bench.ok("AT+USECPRF=0")
    install_identity(bench, ca.issue_cert("a"))
    install(bench, 2, "key", ca.issue_cert("b").private_key_pem.bytes())
    assert refused(bench, server.port) == EINVAL
    assert server.context.session_stats()["accept"] == 0


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "newest", "works"),
    [(3, ssl.TLSVersion.TLSv1_1, False), (2, ssl.TLSVersion.TLSv1_1, True), (3, None, True)],
)
def test_the_minimum_version(
    make_bench: Make,
    module_name: str,
    cert: trustme.LeafCert,
    version: int,
    newest: ssl.TLSVersion | None,
    works: bool,
) -> None:
    bench = make_bench(module_name, online=True)
    old: dict[str, Any] = {}
    if newest is not None:
        old = {"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": newest}
    context = server_context(cert, ciphers="ALL:@SECLEVEL=0", **old)
    server = TlsServer(bench, context)
    bench.ok(f"AT+USECPRF=0,1,{version}")
    if works:
        echoed(bench, connect(bench, server.port))
    else:
        assert refused(bench, server.port) == EPROTO


def test_tls_1_3_only_where_the_firmware_has_it(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    modern: dict[str, Any] = {"minimum_version": ssl.TLSVersion.TLSv1_3}
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert, **modern))
    assert bench.error("AT+USECPRF=0,1,4") == "ERROR"
    bench.module.violations.clear()
    assert refused(bench, server.port) == EPROTO
    bench = make_bench(module_name, online=True, variants={"tls13"})
    server = TlsServer(bench, server_context(cert, **modern))
    bench.ok("AT+USECPRF=0,1,4")
    echoed(bench, connect(bench, server.port))


@pytest.mark.parametrize("chosen", ["2,29", '2,99,"C0","28"'])
def test_the_chosen_suite_is_the_only_one_offered(
    make_bench: Make, module_name: str, chosen: str
) -> None:
    ca = trustme.CA(key_type=trustme.KeyType.RSA)
    cert = ca.issue_cert(NAME, key_type=trustme.KeyType.RSA)
    bench = make_bench(module_name, online=True)
    bench.ok(f"AT+USECPRF=0,{chosen}")
    server = TlsServer(bench, server_context(cert))
    echoed(bench, connect(bench, server.port))
    assert server.last.get_extra_info("cipher")[0] == "ECDHE-RSA-AES256-SHA384"
    other = TlsServer(bench, server_context(cert, ciphers="ECDHE-RSA-AES128-GCM-SHA256"))
    assert refused(bench, other.port) == EPROTO


def test_the_list_of_suites(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench(online=True)
    server = TlsServer(bench, server_context(cert, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"))
    bench.ok('AT+USECPRF=0,2,100,"C0","2B",0')
    assert refused(bench, server.port) == EPROTO
    bench.ok('AT+USECPRF=0,2,100,"c0","2c",0')
    assert bench.ok("AT+USECPRF=0,2") == ['+USECPRF: 0,2,100,"C02B;C02C"']
    echoed(bench, connect(bench, server.port))
    bench.ok('AT+USECPRF=0,2,100,"C0","2C",1')
    assert refused(bench, server.port) == EPROTO


def test_sni_is_sent_when_configured(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    asked: list[str | None] = []
    context = server_context(cert)
    context.sni_callback = lambda ssl_object, name, own: asked.append(name)
    server = TlsServer(bench, context)
    connect(bench, server.port)
    bench.ok(f'AT+USECPRF=0,10,"{NAME}"')
    connect(bench, server.port)
    assert asked == [None, NAME]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_pinning(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert, level: int
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    install(bench, 3, "pin", cert.cert_chain_pems[0].bytes())
    bench.ok(f'AT+USECPRF=0,12,"pin",{level}')
    echoed(bench, connect(bench, server.port))
    install(bench, 3, "pin", ca.issue_cert(NAME).cert_chain_pems[0].bytes())
    assert refused(bench, server.port) == EPROTO


def test_asynchronous_connect_tells_the_errno(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    trust(bench, ca)
    ident = secure_socket(bench)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{server.port},1')
    assert bench.expect_urc() == f"+UUSOCO: {ident},0"
    echoed(bench, ident)
    bench.ok('AT+USECPRF=0,4,"other.example"')
    ident = secure_socket(bench)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{server.port},1')
    assert bench.expect_urc() == f"+UUSOCO: {ident},{EPROTO}"


def test_a_server_without_tls_and_one_that_hangs_up(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, connect_timeout_ms=5000)
    plain = bench.tcp_peer(on_data=lambda connection, data: connection.send(b"220 hello\r\n"))
    assert refused(bench, plain.port) == EPROTO
    rude = bench.tcp_peer(on_data=lambda connection, data: connection.close())
    assert refused(bench, rude.port) == EPROTO
    silent = bench.tcp_peer()
    assert refused(bench, silent.port) == 110


def test_the_number_of_sessions_is_limited(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    most = {"sara-r5": 4, "lexi-r10": 2}[module_name]
    idents = [connect(bench, server.port) for _ in range(most)]
    if module_name == "sara-r5":
        assert refused(bench, server.port) == ENOMEM
    else:
        ident = int(bench.ok("AT+USOCR=6")[0].split(":")[1])
        bench.ok("AT+CMEE=1")
        assert bench.error(f"AT+USOSEC={ident},1,0") == "+CME ERROR: 3"
        bench.ok(f"AT+USOCL={ident}")
    for ident in idents:
        echoed(bench, ident)
    bench.ok(f"AT+USOCL={idents[0]}")
    echoed(bench, connect(bench, server.port))
    assert bench.module.security.open_sessions == most


def test_a_failed_handshake_gives_its_session_back(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    bench.ok("AT+USECPRF=1,0,1")
    for _ in range(6):
        assert refused(bench, server.port, 1) == EPROTO
    assert bench.module.security.open_sessions == 0
    echoed(bench, connect(bench, server.port))
