"""DTLS on UDP sockets (LEXI-R10, A10 5.11) against a real DTLS server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trustme
from servers.dtls_echo import DtlsPeer
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import NAME, secure_socket, trust

Make = Callable[..., Bench]


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    """The CA to trust."""
    return trustme.CA()


@pytest.fixture(scope="module")
def cert(ca: trustme.CA) -> trustme.LeafCert:
    """The server's certificate."""
    return ca.issue_cert(NAME)


def dtls_peer(bench: Bench, cert: trustme.LeafCert, deaf: int = 0) -> DtlsPeer:
    """A server on the bench's loop, closed with it."""
    peer = DtlsPeer(bench.loop, cert, deaf)
    bench.peers.append(peer)  # type: ignore[arg-type]
    return peer


def joined(bench: Bench, peer: DtlsPeer) -> int:
    """A secure UDP socket with its peer."""
    ident = secure_socket(bench, proto=17)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{peer.port}')
    return ident


def test_a_round_trip(make_bench: Make, ca: trustme.CA, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = dtls_peer(bench, cert)
    trust(bench, ca)
    ident = joined(bench, peer)
    bench.ok(f'AT+USOWR={ident},5,"hello"')
    assert bench.expect_urc() == f"+UUSORD: {ident},5"
    answer = f'+USORF: {ident},"127.0.0.1",{peer.port},5,"hello"'
    assert bench.ok(f"AT+USORF={ident},5") == [answer]
    bench.ok(f'AT+USOST={ident},"127.0.0.1",{peer.port},3,"abc"')
    assert bench.expect_urc() == f"+UUSORD: {ident},3"
    assert peer.received == [b"hello", b"abc"]
    bench.ok(f"AT+USOCL={ident}")
    bench.pass_ms(10)
    assert peer.over
    assert bench.module.security.open_sessions == 0


def test_a_wrong_certificate_is_refused(
    make_bench: Make, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = dtls_peer(bench, cert)
    trust(bench, ca, host="other.example")
    ident = secure_socket(bench, proto=17)
    assert bench.error(f'AT+USOCO={ident},"127.0.0.1",{peer.port}') == "ERROR"
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    assert bench.ok("AT+USOER") == ["+USOER: 71"]
    ident = secure_socket(bench, proto=17)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{peer.port},1')
    assert bench.expect_urc() == f"+UUSOCO: {ident},71"


def test_lost_flights_are_sent_again(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = dtls_peer(bench, cert, deaf=2)
    joined(bench, peer)
    bench.pass_ms(10)
    assert peer.secure


def test_nobody_there_times_out(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True, connect_timeout_ms=8000)
    peer = dtls_peer(bench, cert, deaf=1000)
    ident = secure_socket(bench, proto=17)
    assert bench.error(f'AT+USOCO={ident},"127.0.0.1",{peer.port}') == "ERROR"
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    assert bench.ok("AT+USOER") == ["+USOER: 110"]


def test_the_end_told_by_the_peer(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = dtls_peer(bench, cert)
    ident = joined(bench, peer)
    peer.end()
    assert bench.expect_urc() == f"+UUSOCL: {ident}"


def test_no_sending_before_the_connection_nor_to_others(
    make_bench: Make, cert: trustme.LeafCert
) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = dtls_peer(bench, cert)
    ident = secure_socket(bench, proto=17)
    assert bench.error(f'AT+USOST={ident},"127.0.0.1",{peer.port},3,"abc"') == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 107"]
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{peer.port}')
    assert bench.error(f'AT+USOST={ident},"127.0.0.1",9,3,"abc"') == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 106"]


def test_a_session_is_resumed_by_ticket(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True, tls_ms=1000)
    peer = dtls_peer(bench, cert)
    bench.ok("AT+USECPRF=0,13,0,1")
    times = []
    for _ in range(2):
        start = bench.loop.time()
        ident = joined(bench, peer)
        times.append(bench.loop.time() - start)
        assert bench.expect_urc() == "+UUSECPRF: 0,13,0,2"
        bench.ok(f"AT+USOCL={ident}")
    assert times[0] > 1 > times[1] + 0.5


def test_sara_r5_has_tls_on_tcp_only(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+CMEE=1")
    bench.ok("AT+USOCR=17")
    assert bench.error("AT+USOSEC=0,1,0") == "+CME ERROR: 3"
