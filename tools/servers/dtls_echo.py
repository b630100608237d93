"""A DTLS echo server by pyOpenSSL over a plain UDP socket."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import trustme
from OpenSSL import SSL

from ublox_simulator.tls.openssl import serve_psk

RECORD_HEADER = 13


def datagrams(data: bytes) -> list[bytes]:
    """OpenSSL's output, one record each."""
    found = []
    while data:
        size = RECORD_HEADER + int.from_bytes(data[11:13], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def server_context(method: int, cert: trustme.LeafCert | None) -> SSL.Context:
    """A pyOpenSSL context for a server."""
    context = SSL.Context(method)
    if cert is not None:
        context.use_certificate(_certificate(cert))
        context.use_privatekey(_key(cert))
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_session_id(b"peer")
    return context


def _certificate(cert: trustme.LeafCert) -> Any:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(cert.cert_chain_pems[0].bytes())


def _key(cert: trustme.LeafCert) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(cert.private_key_pem.bytes(), None)


def with_psk(context: SSL.Context, keys: dict[bytes, bytes]) -> Any:
    """Let a server know pre-shared keys; keep what is returned."""
    return serve_psk(context, lambda identity: keys.get(identity, b""))


class DtlsPeer:
    """One client at a time; `deaf` drops so many datagrams of it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, cert: trustme.LeafCert | None, deaf: int = 0
    ) -> None:
        self._loop = loop
        self._expect = getattr(loop, "expect_io", lambda: None)  # a loop in virtual time
        self.context = server_context(SSL.DTLS_METHOD, cert)
        self.deaf = deaf
        self.received: list[bytes] = []
        self.secure = False
        self.over = False
        self._peer: tuple[str, int] | None = None
        self._connection: SSL.Connection | None = None
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._loop.add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        data, sender = self._sock.recvfrom(65535)
        if self.deaf:
            self.deaf -= 1
            return
        if sender != self._peer:
            self._peer = sender
            self._connection = SSL.Connection(self.context, None)
            self._connection.set_accept_state()
            self._connection.set_ciphertext_mtu(1200)
            self.secure = False
        assert self._connection is not None
        self._connection.bio_write(data)
        self._advance(self._connection)
        self._flush(self._connection)

    def _advance(self, connection: SSL.Connection) -> None:
        try:
            if not self.secure:
                connection.do_handshake()
                self.secure = True
            while True:
                plain = connection.recv(65535)
                self.received.append(plain)
                connection.send(plain)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.over = True
        except SSL.Error:
            self.secure = False

    def send(self, data: bytes) -> None:
        """A datagram to the client."""
        assert self._connection is not None
        self._connection.send(data)
        self._flush(self._connection)

    def end(self) -> None:
        """Tell the client that it is over."""
        assert self._connection is not None
        self._connection.shutdown()
        self._flush(self._connection)

    def _flush(self, connection: SSL.Connection) -> None:
        assert self._peer is not None
        while True:
            try:
                data = connection.bio_read(65535)
            except SSL.WantReadError:
                return
            for datagram in datagrams(data):
                self._sock.sendto(datagram, self._peer)
            self._expect()

    def close(self) -> None:
        """Give the socket back."""
        self._loop.remove_reader(self._sock)
        self._sock.close()
