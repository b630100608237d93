"""Buffers, blocking, sleep and loss of coverage with secure sockets; pre-shared keys."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from servers.dtls_echo import server_context as openssl_context
from servers.dtls_echo import with_psk
from simulator.sockets.test_sockets import drain
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import (
    NAME,
    TlsServer,
    connect,
    echoed,
    install,
    refused,
    secure_socket,
    server_context,
)
from simulator.support.weak_keys import certificate, key_pem, weak_key

from ublox_simulator.world.peers import Connection

Make = Callable[..., Bench]


@pytest.fixture(scope="module")
def cert() -> trustme.LeafCert:
    """A server's certificate."""
    return trustme.CA().issue_cert(NAME)


def test_much_data_both_ways(make_bench: Make, module_name: str, cert: trustme.LeafCert) -> None:
    bench = make_bench(module_name, online=True)
    data = bytes(range(256)) * 160
    server = TlsServer(bench, server_context(cert), greeting=data)
    ident = connect(bench, server.port)
    assert drain(bench, ident, len(data)) == data
    for start in range(0, 8192, 1024):
        piece = data[start : start + 1024]
        assert bench.prompted(f"AT+USOWR={ident},1024", piece).final == "OK"
        drain(bench, ident, 1024)
    assert bytes(server.received) == data[:8192]


def test_the_transmit_buffer_of_a_secure_socket(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert))
    ident = connect(bench, server.port)
    bench.module.set_coverage(False)
    taken = 0
    while bench.prompted(f"AT+USOWR={ident},1024", bytes(1024)).final == "OK":
        taken += 1024
    assert taken == {"sara-r5": 8192, "lexi-r10": 1024}[module_name]
    assert bench.ok("AT+USOER") == ["+USOER: 11"]
    bench.module.set_coverage(True)
    bench.pass_ms(5000)
    assert len(server.received) == taken


def test_the_end_comes_after_the_data(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, server_context(cert), greeting=b"bye")
    ident = connect(bench, server.port)
    server.last.close()
    assert bench.expect_urc() == f"+UUSORD: {ident},3"
    bench.pass_ms(100)
    assert bench.ok(f"AT+USORD={ident},3") == [f'+USORD: {ident},3,"bye"']
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    assert bench.module.security.open_sessions == 0


def test_a_handshake_blocks_other_socket_commands_on_lexi_r10_only(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True, tls_ms=3000)
    server = TlsServer(bench, server_context(cert))
    ident = secure_socket(bench)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{server.port},1')
    bench.pass_ms(100)
    start = bench.loop.time()
    bench.ok("AT+CSQ")
    assert bench.loop.time() - start < 0.1
    bench.ok("AT+USOCR=6")
    waited = bench.loop.time() - start
    assert (waited > 2.5) == (module_name == "lexi-r10")
    assert bench.expect_urc() == f"+UUSOCO: {ident},0"


def test_a_restart_in_the_middle_of_a_handshake(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True, tls_ms=3000)
    server = TlsServer(bench, server_context(cert))
    ident = secure_socket(bench)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{server.port},1')
    bench.pass_ms(100)
    bench.module.restart()
    bench.pass_ms(8000)
    bench.take()
    bench.ok("ATE0")
    bench.go_online()
    bench.module.violations.clear()
    assert bench.module.security.open_sessions == 0
    echoed(bench, connect(bench, server.port))


def test_coverage_lost_in_the_middle_of_a_handshake(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, connect_timeout_ms=5000)

    def vanish(connection: Connection, data: bytes) -> None:
        bench.module.set_coverage(False)
        connection.send(b"\x16")

    peer = bench.tcp_peer(on_data=vanish)
    ident = secure_socket(bench)
    assert bench.error(f'AT+USOCO={ident},"127.0.0.1",{peer.port}') == "ERROR"
    assert "+UUSOCL: 0" in (bench.expect_urc(), *bench.take())


def test_always_on_is_lost_when_a_socket_is_secured(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    assert bench.ok("AT+USOCR=6,,,,1") == ["+USOCR: 0,6,1"]
    bench.ok("AT+USOSEC=0,1,0")
    bench.ok("AT+USOSEC=0,0")
    assert bench.ok("AT+USOCR?") == ["+USOCR: 0,6,0"]


def test_deep_sleep_takes_profiles_and_leaves_certificates(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    ca = trustme.CA().cert_pem.bytes()
    assert bench.prompted(f'AT+USECMNG=0,0,"ca",{len(ca)}', ca, b">").final == "OK"
    bench.ok('AT+USECPRF=0,3,"ca"')
    bench.ok("AT+UUSBCONF=99")
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(30_000)
    assert bench.module.sleeper.deep
    bench.module.power_key(True)
    bench.pass_ms(300)
    bench.module.power_key(False)
    bench.pass_ms(1000)
    assert bench.ok("AT+USECPRF=0,3") == ['+USECPRF: 0,3,""']
    assert bench.ok("AT+USECMNG=3")[0].startswith('"CA","ca"')


def test_a_connected_or_listening_socket_cannot_be_secured(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    ident = connect(bench, TlsServer(bench, server_context(cert)).port)
    assert bench.error(f"AT+USOSEC={ident},0") == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 106"]
    ident = secure_socket(bench)
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT+USOLI={ident},1099") == "+CME ERROR: 3"


class PskServer:
    """Answers TLS handshakes with pre-shared keys, on the bench's loop."""

    def __init__(self, bench: Bench, keys: dict[bytes, bytes]) -> None:
        self._context = openssl_context(SSL.TLS_METHOD, None)
        self._context.set_max_proto_version(SSL.TLS1_2_VERSION)
        self._keep = with_psk(self._context, keys)
        self._tls: SSL.Connection | None = None
        self.peer = bench.tcp_peer(on_data=self._take)

    def _take(self, connection: Connection, data: bytes) -> None:
        if self._tls is None:
            self._tls = SSL.Connection(self._context, None)
            self._tls.set_accept_state()
        self._tls.bio_write(data)
        try:
            self._tls.do_handshake()
            self._tls.send(self._tls.recv(1024))
        except SSL.WantReadError:
            pass
        except SSL.Error:
            connection.close()
        with contextlib.suppress(SSL.WantReadError):
            connection.send(self._tls.bio_read(65535))


@pytest.mark.parametrize("suite", ["", "2,16", "2,6"])
def test_a_pre_shared_key(make_bench: Make, module_name: str, suite: str) -> None:
    bench = make_bench(module_name, online=True)
    server = PskServer(bench, {b"sensor": b"\x01\x02secret"})
    bench.ok('AT+USECPRF=0,9,"sensor"')
    if module_name == "sara-r5":
        bench.ok('AT+USECPRF=0,8,"0102736563726574",1')
    else:
        server = PskServer(bench, {b"sensor": b"secret"})
        bench.ok('AT+USECPRF=0,8,"secret"')
    if suite:
        bench.ok(f"AT+USECPRF=0,{suite}")
    echoed(bench, connect(bench, server.peer.port))


def test_a_wrong_pre_shared_key(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = PskServer(bench, {b"sensor": b"other"})
    bench.ok('AT+USECPRF=0,9,"sensor"')
    bench.ok('AT+USECPRF=0,8,"secret"')
    ident = secure_socket(bench)
    assert bench.error(f'AT+USOCO={ident},"127.0.0.1",{server.peer.port}') == "ERROR"
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    assert bench.ok("AT+USOER") == ["+USOER: 71"]


def test_a_pre_shared_key_from_the_root_of_trust(make_bench: Make) -> None:
    bench = make_bench(online=True)
    identity, key = bench.module.security.root_of_trust_psk(0)
    server = PskServer(bench, {identity: key})
    bench.ok("AT+USECPRF=0,11,1")
    echoed(bench, connect(bench, server.peer.port))


def test_several_handshakes_at_once_on_sara_r5(make_bench: Make, cert: trustme.LeafCert) -> None:
    """One asynchronous connect may be pending; what others do meanwhile is not held up."""
    bench = make_bench(online=True)
    server = TlsServer(bench, server_context(cert))
    idents = []
    for _ in range(4):
        ident = secure_socket(bench)
        bench.ok(f'AT+USOCO={ident},"127.0.0.1",{server.port},1')
        assert bench.expect_urc() == f"+UUSOCO: {ident},0"
        idents.append(ident)
    for ident in idents:
        echoed(bench, ident, f"number {ident}")
    assert isinstance(server.last, asyncio.StreamWriter)


def test_a_server_with_too_small_a_key(make_bench: Make, module_name: str, tmp_path: Path) -> None:
    """A10 3.1; SARA-R5 knows no such limit."""
    root, weak = ec.generate_private_key(ec.SECP256R1()), weak_key()
    pem = tmp_path / "server.pem"
    pem.write_bytes(certificate("weak", weak, "root", root) + key_pem(weak))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(pem)
    bench = make_bench(module_name, online=True)
    server = TlsServer(bench, context)
    install(bench, 0, "root", certificate("root", root, "root", root))
    bench.ok("AT+USECPRF=0,0,1")
    if module_name == "sara-r5":
        echoed(bench, connect(bench, server.port))
    else:
        assert refused(bench, server.port) == 71


def test_a_context_lost_in_the_middle_of_a_handshake(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    silent = bench.tcp_peer()
    ident = secure_socket(bench)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{silent.port},1')
    bench.pass_ms(100)
    bench.module.context_lost(1)
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    start = bench.loop.time()
    bench.at("AT+USOER")
    assert bench.loop.time() - start < 1
    bench.expect_silence(100_000)
    assert bench.module.security.open_sessions == 0
