"""A private CA and real TLS servers on the bench's loop, for the tests of the simulator's TLS."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import trustme
from simulator.support.serial_host import Bench

NAME = "device.example"


def der_of(blob: trustme.Blob) -> bytes:
    """The DER of a PEM certificate."""
    return ssl.PEM_cert_to_DER_cert(blob.bytes().decode())


def server_context(
    cert: trustme.LeafCert, *, clients: trustme.CA | None = None, **changes: Any
) -> ssl.SSLContext:
    """A server's context; `changes` are its attributes, `ciphers` a cipher list."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    suites = changes.pop("ciphers", None)
    if suites:
        context.set_ciphers(suites)
    for name, value in changes.items():
        setattr(context, name, value)
    return context


class TlsServer:
    """An echo server; remembers what it received and how often a session was resumed."""

    def __init__(self, bench: Bench, context: ssl.SSLContext, greeting: bytes = b"") -> None:
        self.context = context
        self.greeting = greeting
        self.received = bytearray()
        self.peers: list[asyncio.StreamWriter] = []
        self._server = bench.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        bench.peers.append(self)  # type: ignore[arg-type]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.append(writer)
        writer.write(self.greeting)
        try:
            while data := await reader.read(65536):
                self.received += data
                writer.write(data)
        except OSError:
            pass
        writer.close()

    @property
    def failures(self) -> int:
        """Handshakes that came to nothing so far."""
        stats = self.context.session_stats()
        return stats["accept"] - stats["accept_good"]

    @property
    def resumed(self) -> int:
        """Sessions resumed so far, as the server counts them."""
        return self.context.session_stats()["hits"]

    @property
    def last(self) -> asyncio.StreamWriter:
        """The newest connection."""
        return self.peers[-1]

    def close(self) -> None:
        """Stop."""
        for peer in self.peers:
            peer.transport.abort()
        self._server.close()


def install(bench: Bench, kind: int, name: str, data: bytes, password: str = "") -> None:
    """+USECMNG=0."""
    secret = f',"{password}"' if password else ""
    answer = bench.prompted(f'AT+USECMNG=0,{kind},"{name}",{len(data)}{secret}', data, b">")
    assert answer.final == "OK", answer


def install_identity(bench: Bench, cert: trustme.LeafCert, profile: int = 0) -> None:
    """A client certificate and its key, chosen in a profile."""
    install(bench, 1, "cert", cert.cert_chain_pems[0].bytes())
    install(bench, 2, "key", cert.private_key_pem.bytes())
    bench.ok(f'AT+USECPRF={profile},5,"cert"')
    bench.ok(f'AT+USECPRF={profile},6,"key"')


def trust(
    bench: Bench, ca: trustme.CA, level: int = 3, profile: int = 0, host: str = NAME
) -> None:
    """Verification by this CA alone."""
    install(bench, 0, "ca", ca.cert_pem.bytes())
    bench.ok(f"AT+USECPRF={profile},0,{level}")
    bench.ok(f'AT+USECPRF={profile},3,"ca"')
    if host:
        bench.ok(f'AT+USECPRF={profile},4,"{host}"')


def secure_socket(bench: Bench, profile: int | None = 0, proto: int = 6) -> int:
    """A new socket with +USOSEC."""
    ident = int(bench.ok(f"AT+USOCR={proto}")[0].split(":")[1])
    bench.ok(f"AT+USOSEC={ident},1" + ("" if profile is None else f",{profile}"))
    return ident


def connect(bench: Bench, port: int, profile: int | None = 0) -> int:
    """A secure socket connected to a local port."""
    ident = secure_socket(bench, profile)
    bench.ok(f'AT+USOCO={ident},"127.0.0.1",{port}')
    return ident


def refused(bench: Bench, port: int, profile: int | None = 0) -> int:
    """The errno with which a secure connect fails."""
    ident = secure_socket(bench, profile)
    assert bench.error(f'AT+USOCO={ident},"127.0.0.1",{port}') == "ERROR"
    assert bench.expect_urc() == f"+UUSOCL: {ident}"
    return int(bench.ok("AT+USOER")[0].split(":")[1])


def echoed(bench: Bench, ident: int, data: str = "hello") -> None:
    """Payload goes out and comes back."""
    bench.ok(f'AT+USOWR={ident},{len(data)},"{data}"')
    assert bench.expect_urc() == f"+UUSORD: {ident},{len(data)}"
    assert bench.ok(f"AT+USORD={ident},{len(data)}") == [f'+USORD: {ident},{len(data)},"{data}"']
