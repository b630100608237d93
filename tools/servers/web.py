"""A web server on loopback that also misbehaves, plain and behind TLS, with a private CA.

Used by the demo and the tests. Certificates are made afresh for every run.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from datetime import UTC, datetime
from functools import cache
from typing import Any

import trustme
from aiohttp import web
from demonstration.tour.aio import pattern

NAME = "peer.example"
CREDENTIALS = "Basic " + base64.b64encode(b"user:secret").decode()
PIECE = 16384
SITES: dict[str, str | None] = {  # kinds of certificate, see `Certificates.context`
    "http": None, "https": "", "https_mutual": "mutual", "https_old": "old",
    "https_stranger": "stranger",
}  # fmt: skip


def checksum(data: bytes) -> int:
    """What the server reports of a body; small enough for every microcontroller."""
    total = 1
    for value in data:
        total = (total * 33 + value) & 0xFFFFFF
    return total


class Certificates:
    """A private CA, a client's certificate, and server contexts of every kind."""

    def __init__(self) -> None:
        self.ca = trustme.CA(organization_name="Peers")
        self.other = trustme.CA(organization_name="Strangers")
        self.client = self.ca.issue_cert("device@peer.example", common_name="device")

    def pem(self) -> dict[str, str]:
        return {
            "ca": self.ca.cert_pem.bytes().decode(),
            "other_ca": self.other.cert_pem.bytes().decode(),
            "cert": self.client.cert_chain_pems[0].bytes().decode(),
            "key": self.client.private_key_pem.bytes().decode(),
        }

    def server(self, kind: str) -> trustme.LeafCert:
        """A server's certificate: stranger, expired and elsewhere are those that must fail."""
        issuer = self.other if kind == "stranger" else self.ca
        names = ("elsewhere.example",) if kind == "elsewhere" else (NAME, "127.0.0.1")
        past = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
        return issuer.issue_cert(*names, not_after=past)

    @cache  # noqa: B019 (there is one instance, see `certificates`)
    def context(self, kind: str) -> ssl.SSLContext:
        """Of a server: "" ordinary, else mutual, stranger, expired, elsewhere or old."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server(kind).configure_cert(context)
        if kind == "mutual":
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        if kind == "old":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.options |= ssl.OP_NO_TICKET
        return context


_making = threading.Lock()  # several threads have peers of their own


def certificates() -> Certificates:
    """Those of this process: making keys takes time."""
    with _making:
        return _certificates()


_certificates = cache(Certificates)


class Web:
    """The web server; `start` gives the ports by name."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        app = web.Application(client_max_size=4 << 20)
        app.add_routes([
            web.get("/bytes/{count}/{seed}", self.sized),
            web.get("/chunked/{count}/{seed}", self.chunked),
            web.get("/until/{count}/{seed}", self.until_closed),
            web.get("/cut/{count}", self.cut_off),
            web.get("/short/{count}", self.more_than_told),
            web.get("/stall/{count}", self.stalled),
            web.get("/status/{code}", self.status),
            web.get("/private", self.private),
            web.get("/session", self.session),
            web.get("/port", self.port),
            web.get("/kept/{key}", self.kept),
            web.route("*", "/keep/{key}", self.keep),
            web.route("*", "/echo", self.echo),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, keepalive_timeout=5, shutdown_timeout=0.1)

    async def start(self) -> dict[str, int]:
        await self._runner.setup()
        ports = {}
        for name, kind in SITES.items():
            context = None if kind is None else certificates().context(kind)
            site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            ports[name] = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return ports

    async def sized(self, request: web.Request) -> web.StreamResponse:
        """So many bytes of pattern(), their number told."""
        body = _body(request)
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        return await _streamed(request, response, body)

    async def chunked(self, request: web.Request) -> web.StreamResponse:
        """The same in chunks; to an HTTP/1.0 client until the connection ends."""
        response = web.StreamResponse()
        if request.version.minor:
            response.enable_chunked_encoding()
        return await _streamed(request, response, _body(request))

    async def until_closed(self, request: web.Request) -> web.StreamResponse:
        """The same without a length: the end of the connection is the end."""
        return await _raw(request, b"", _body(request))

    async def cut_off(self, request: web.Request) -> web.StreamResponse:
        """Of 1000 announced bytes only some, then the connection is lost."""
        return await _raw(request, b"Content-Length: 1000\r\n", _some(request))

    async def more_than_told(self, request: web.Request) -> web.StreamResponse:
        """More bytes than the length says."""
        return await _raw(request, b"Content-Length: 10\r\n", _some(request))

    async def stalled(self, request: web.Request) -> web.StreamResponse:
        """Of 1000 announced bytes some, then nothing for a long time."""
        return await _raw(request, b"Content-Length: 1000\r\n", _some(request), hold_s=3600)

    async def status(self, request: web.Request) -> web.StreamResponse:
        code = int(request.match_info["code"])
        headers = {"Location": "/bytes/10/1"} if code // 100 == 3 else {}
        return web.Response(status=code, headers=headers, text=f"status {code}")

    async def private(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != CREDENTIALS:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Basic realm=peers"})
        return web.Response(text="welcome")

    async def port(self, request: web.Request) -> web.Response:
        """The client's port: the same for requests on one connection."""
        assert request.transport is not None
        return web.Response(text=str(request.transport.get_extra_info("peername")[1]))

    async def session(self, request: web.Request) -> web.StreamResponse:
        """What the server knows of the TLS connection."""
        secured: ssl.SSLObject | None = request.transport.get_extra_info("ssl_object")  # type: ignore[union-attr]
        found: dict[str, Any] = {"tls": secured is not None}
        if secured is not None:
            found |= {
                "version": secured.version(), "reused": secured.session_reused,
                "client": bool(secured.getpeercert()),
            }  # fmt: skip
        return web.json_response(found)

    async def keep(self, request: web.Request) -> web.StreamResponse:
        """Keep the body; its length and checksum."""
        body = await request.read()
        self._kept[request.match_info["key"]] = body
        return web.json_response({"length": len(body), "checksum": checksum(body)})

    async def kept(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._kept[request.match_info["key"]])

    async def echo(self, request: web.Request) -> web.StreamResponse:
        """What arrived, as JSON."""
        body = await request.read()
        return web.json_response({
            "method": request.method,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "length": len(body), "checksum": checksum(body),
            "text": body[:200].decode("utf-8", "replace"),
        })  # fmt: skip

    async def close(self) -> None:
        await self._runner.cleanup()


def _body(request: web.Request) -> bytes:
    return pattern(int(request.match_info["count"]), int(request.match_info["seed"]))


def _some(request: web.Request) -> bytes:
    return pattern(int(request.match_info["count"]), 1)


async def _streamed(
    request: web.Request, response: web.StreamResponse, body: bytes
) -> web.StreamResponse:
    await response.prepare(request)
    for at in range(0, len(body), PIECE):
        await response.write(body[at : at + PIECE])
    await response.write_eof()
    return response


async def _raw(
    request: web.Request, headers: bytes, body: bytes, hold_s: float = 0
) -> web.StreamResponse:
    """An answer written past the HTTP library, which would not lie; then the end."""
    transport = request.transport
    assert transport is not None
    transport.write(b"HTTP/1.1 200 OK\r\nServer: peers\r\n" + headers + b"\r\n" + body)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(hold_s)
    transport.close()
    return web.Response()
