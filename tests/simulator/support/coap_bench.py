"""A module and CoAP servers on one loop in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import trustme
from OpenSSL import SSL
from servers.coap import CoapServer
from servers.dtls_echo import server_context as dtls_context
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import server_context, trust

SERVER = "192.168.105.30"
"""As A5 8.3.4 has it."""
NAME = "coap.me"

Make = Callable[..., Bench]


class CoapStage:
    """A bench online, and servers for every scheme at the addresses of the seeds."""

    def __init__(self, make_bench: Make, **options: Any) -> None:
        hosts = {NAME: SERVER}
        settings = {"online": True, "strict": True, "hosts": hosts, **options}
        self.bench = make_bench("sara-r5", **settings)
        self.bench.ok("AT+CMEE=2")
        self.loop = self.bench.loop
        self.server = self._run(CoapServer(self.loop).over_datagrams())
        self.secured: dict[str, CoapServer] = {}
        self._route(f"{SERVER}:5683", self.server)

    def _run(self, work: Any) -> CoapServer:
        server: CoapServer = self.loop.run_until_complete(work)
        self.bench.peers.append(server)  # type: ignore[arg-type]
        return server

    def _route(self, seen: str, server: CoapServer) -> None:
        self.bench.module.addresses.add_route(seen, f"127.0.0.1:{server.port}")

    def over_tcp(self) -> CoapServer:
        """coap+tcp in place of coap."""
        self.server = self._run(CoapServer(self.loop).over_streams())
        self._route(f"{SERVER}:5683", self.server)
        return self.server

    def over_dtls(self, ca: trustme.CA, *names: str, **changes: Any) -> CoapServer:
        """coaps."""
        cert = ca.issue_cert(*(names or (SERVER,)), **changes)
        context = dtls_context(SSL.DTLS_METHOD, cert)
        server = self._run(CoapServer(self.loop).over_datagrams(context))
        self._route(f"{SERVER}:5684", server)
        return server

    def over_tls(self, ca: trustme.CA, *names: str, **changes: Any) -> CoapServer:
        """coaps+tcp."""
        cert = ca.issue_cert(*(names or (SERVER,)), **changes)
        server = self._run(CoapServer(self.loop).over_streams(server_context(cert)))
        self._route(f"{SERVER}:5684", server)
        return server

    def trust(self, ca: trustme.CA, level: int = 1, host: str = "") -> None:
        """Security profile 0 verifies by this CA."""
        trust(self.bench, ca, level=level, profile=0, host=host)
        self.bench.ok("AT+UCOAP=8,0")

    def configure(self, path: str = "/hello", scheme: str = "coap", host: str = SERVER) -> None:
        """A valid profile that takes everything from the URI."""
        bench = self.bench
        bench.ok("AT+UCOAP=4,1")
        for option in range(5):
            bench.ok(f"AT+UCOAP=2,{option},1")
        self.address(path, scheme, host)

    def address(self, path: str, scheme: str = "coap", host: str = SERVER) -> None:
        """Another URI."""
        port = 5684 if scheme.startswith("coaps") else 5683
        self.bench.ok(f'AT+UCOAP=1,"{scheme}://{host}:{port}{path}"')

    def ask(self, order: str, ms: float = 200_000) -> list[str]:
        """A request: its URCs up to +UCOAPCR."""
        self.bench.ok(f"AT+UCOAPC={order}")
        return self.end(ms)

    def end(self, ms: float = 200_000) -> list[str]:
        """URCs up to +UCOAPCR."""
        found: list[str] = []
        while not found or not found[-1].startswith("+UCOAPCR"):
            found.append(self.bench.expect_urc(ms))
        return found

    def error(self) -> str:
        """What +UCOAPER reports."""
        return self.bench.ok("AT+UCOAPER")[0].removeprefix("+UCOAPER: ")


def payload(urc: str) -> bytes:
    """What is in a +UCOAPCD."""
    return bytes.fromhex(urc.split('"')[1])
