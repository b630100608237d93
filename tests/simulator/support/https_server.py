"""A small HTTPS server on the bench's loop, with a certificate of a private authority."""

from __future__ import annotations

import asyncio

import trustme
from simulator.support.http_server import SERVER, Request, ok, parse
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import server_context


class Talk(asyncio.Protocol):
    """One connection to the secure server."""

    def __init__(self, server: SecureServer) -> None:
        self._server = server
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._received += data
        request = parse(bytes(self._received))
        if request is not None:
            self._server.requests.append(request)
            self._transport.write(self._server.answer)
            self._transport.close()


class SecureServer:
    """Says `answer` to every request."""

    def __init__(self, bench: Bench, *, names: str = SERVER, client_ca: bool = False) -> None:
        self.ca = trustme.CA()
        self.answer = ok(b"secret")
        self.requests: list[Request] = []
        certificate = self.ca.issue_cert(names)
        self._context = server_context(certificate, clients=self.ca if client_ca else None)
        self._server = bench.loop.run_until_complete(
            bench.loop.create_server(lambda: Talk(self), "127.0.0.1", 0, ssl=self._context)
        )
        bench.peers.append(self)  # type: ignore[arg-type]
        port = self._server.sockets[0].getsockname()[1]
        bench.module.addresses.hosts[SERVER] = "127.0.0.1"
        bench.module.addresses.add_route("127.0.0.1:443", f"127.0.0.1:{port}")
        bench.ok(f'AT+UHTTP=0,1,"{SERVER}"')

    @property
    def resumed(self) -> int:
        """Sessions resumed so far, as the server counts them."""
        return self._context.session_stats()["hits"]

    def close(self) -> None:
        """Stop; the bench does it."""
        self._server.close()
