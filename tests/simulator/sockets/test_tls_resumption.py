"""Session resumption, seen by the server: what the host gives back decides (A5 3.4, A10 3.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import NAME, TlsServer, connect, echoed, server_context

Make = Callable[..., Bench]


@pytest.fixture(scope="module")
def cert() -> trustme.LeafCert:
    """A server's certificate; who issued it does not matter here."""
    return trustme.CA().issue_cert(NAME)


class Keeper:
    """A host that collects session data the way its module tells them, and gives them back."""

    def __init__(self, bench: Bench, encrypted: bool = False) -> None:
        self.bench = bench
        self.ticket = bench.module.spec.name == "LEXI-R10"
        wire = "10" if "session-type-10" in bench.module.options.variants else "1"
        if self.ticket:
            self.kind, self.tag = ("11", 13) if encrypted else ("1", 3)
        else:
            self.kind, self.tag = (wire, 12) if encrypted else ("0", 2)

    def enable(self, data: str = "") -> None:
        """Profile 0 anew, with the data of an earlier connection."""
        self.bench.ok("AT+USECPRF=0")
        self.bench.ok("AT+USECPRF=0,13,0,1")
        self.bench.ok(f"AT+USECPRF=0,13,1,{self.kind}")
        if data:
            self.bench.ok(f"AT+USECPRF=0,13,{self.tag},{data}")

    def session(self, port: int) -> str:
        """One secure connection; the data that came of it."""
        ident = connect(self.bench, port)
        if self.ticket:
            assert self.bench.expect_urc() == "+UUSECPRF: 0,13,0,2"
            answer = self.bench.ok(f"AT+USECPRF=0,13,{self.tag}")[0]
        else:
            assert self.bench.expect_urc() == f"+UUSECPRF: 0,13,1,{self.kind}"
            answer = self.bench.expect_urc()
        echoed(self.bench, ident)
        self.bench.ok(f"AT+USOCL={ident}")
        head, _, data = answer.partition(f"0,13,{self.tag},")
        assert head in ("+USECPRF: ", "+UUSECPRF: ")
        return data


def serve(bench: Bench, cert: trustme.LeafCert) -> TlsServer:
    return TlsServer(bench, server_context(cert))


@pytest.mark.parametrize("encrypted", [False, True])
def test_data_given_back_resume_the_session(
    make_bench: Make, module_name: str, cert: trustme.LeafCert, encrypted: bool
) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, cert)
    keeper = Keeper(bench, encrypted)
    keeper.enable()
    first = keeper.session(server.port)
    assert server.resumed == 0
    keeper.enable(first)
    second = keeper.session(server.port)
    assert server.resumed == 1
    if not encrypted and not keeper.ticket:
        assert second == first  # the server took it: nothing new to store


def test_the_profile_keeps_its_data_until_it_is_reset(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, cert)
    keeper = Keeper(bench)
    keeper.enable()
    keeper.session(server.port)
    keeper.session(server.port)
    assert server.resumed == 1
    keeper.enable()
    keeper.session(server.port)
    assert server.resumed == 1


@pytest.mark.parametrize("encrypted", [False, True])
def test_data_survive_a_restart_and_another_process_of_the_module(
    make_bench: Make, module_name: str, cert: trustme.LeafCert, encrypted: bool, tmp_path: Path
) -> None:
    bench = make_bench(module_name, online=True, nvm=tmp_path / "nvm.json")
    server = serve(bench, cert)
    keeper = Keeper(bench, encrypted)
    keeper.enable()
    data = keeper.session(server.port)
    bench.uart.close()
    again = make_bench(module_name, online=True, loop=bench.loop, nvm=tmp_path / "nvm.json")
    keeper = Keeper(again, encrypted)
    keeper.enable(data)
    data = keeper.session(server.port)
    assert server.resumed == 1
    again.send("AT+CFUN=16")
    again.pass_ms(8000)
    again.take()
    again.ok("ATE0")
    again.go_online()
    keeper.enable(data)
    keeper.session(server.port)
    assert server.resumed == 2


def test_data_encrypted_by_one_module_are_worth_nothing_to_another(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, cert)
    keeper = Keeper(bench, encrypted=True)
    keeper.enable()
    data = keeper.session(server.port)
    other = make_bench(module_name, online=True, loop=bench.loop)
    thief = Keeper(other, encrypted=True)
    thief.enable(data)
    fresh = thief.session(server.port)
    assert server.resumed == 0
    assert fresh != data
    thief.enable(fresh)
    thief.session(server.port)
    assert server.resumed == 1


@pytest.mark.parametrize("encrypted", [False, True])
def test_damaged_data_lead_to_a_full_handshake_and_new_data(
    make_bench: Make, module_name: str, cert: trustme.LeafCert, encrypted: bool
) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, cert)
    keeper = Keeper(bench, encrypted)
    keeper.enable()
    good = keeper.session(server.port)
    bad = re.sub("[A-Za-z0-9]", "A", good.split(",")[0]) + "," + good.split(",", 1)[1]
    assert bad != good
    keeper.enable(bad)
    fresh = keeper.session(server.port)
    assert server.resumed == 0
    keeper.enable(fresh)
    keeper.session(server.port)
    assert server.resumed == 1


def test_a_wrong_master_secret_does_not_get_through(
    make_bench: Make, cert: trustme.LeafCert
) -> None:
    bench = make_bench(online=True)
    server = serve(bench, cert)
    keeper = Keeper(bench)
    keeper.enable()
    ident, secret = keeper.session(server.port).split(",")
    swapped = secret[:1] + secret[1:5].swapcase() + secret[5:]
    assert swapped != secret
    keeper.enable(f"{ident},{swapped}")
    bench.ok("AT+USOCR=6")
    bench.ok("AT+USOSEC=0,1,0")
    bench.error(f'AT+USOCO=0,"127.0.0.1",{server.port}')
    assert bench.expect_urc() == "+UUSOCL: 0"


def test_a_server_that_has_forgotten_gives_new_data(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    keeper = Keeper(bench)
    keeper.enable()
    data = keeper.session(serve(bench, cert).port)
    keeper.enable(data)
    server = serve(bench, cert)
    assert keeper.session(server.port) != data
    assert server.resumed == 0


def test_a_server_without_tickets_leaves_the_status_at_enabled(
    make_bench: Make, cert: trustme.LeafCert
) -> None:
    bench = make_bench("lexi-r10", online=True)
    context = server_context(cert)
    context.options |= 0x4000  # SSL_OP_NO_TICKET
    server = TlsServer(bench, context)
    keeper = Keeper(bench)
    keeper.enable()
    assert bench.ok("AT+USECPRF=0,13,0") == ["+USECPRF: 0,13,0,1"]
    connect(bench, server.port)
    assert bench.expect_urc() == "+UUSECPRF: 0,13,0,1"
    assert bench.ok("AT+USECPRF=0,13,3") == ['+USECPRF: 0,13,3,"",0']


def test_nothing_is_told_while_resumption_is_off(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True)
    ident = connect(bench, serve(bench, cert).port)
    bench.expect_silence(1000)
    echoed(bench, ident)


def test_a_resumed_handshake_is_shorter(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name, online=True, tls_ms=1000)
    server = serve(bench, cert)
    Keeper(bench).enable()
    times = []
    for _ in range(2):
        start = bench.loop.time()
        connect(bench, server.port)
        times.append(bench.loop.time() - start)
        bench.pass_ms(100)
        bench.take()
    assert server.resumed == 1
    assert times[0] > 1 > times[1] + 0.5


def test_the_other_forms_of_sara_r5(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench(online=True, variants={"session-type-10", "session-urc-plain"})
    server = serve(bench, cert)
    keeper = Keeper(bench, encrypted=True)
    keeper.enable()
    data = keeper.session(server.port)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+,\d+", data)
    keeper.enable(data)
    keeper.session(server.port)
    assert server.resumed == 1
    assert bench.error("AT+USECPRF=0,13,1,1") == "ERROR"
    bench.module.violations.clear()


def test_the_urc_of_lexi_r10_with_one_u(make_bench: Make, cert: trustme.LeafCert) -> None:
    bench = make_bench("lexi-r10", online=True, variants={"session-urc-single-u"})
    Keeper(bench).enable()
    connect(bench, serve(bench, cert).port)
    assert bench.expect_urc() == "+USECPRF: 0,13,0,2"
