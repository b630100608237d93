"""TLS between the buffers of a TCP endpoint and its real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from .failure import TlsFailure

if TYPE_CHECKING:
    from ..module import Module
    from .client import TlsClient

READ_PIECE = 4096
SEALED_LIMIT = 4096
"""Plaintext sealed at a time: sealed data cannot be taken back when the link ends."""

COVERAGE_POLL_S = 0.25
RESUMED_SHARE = 0.2
"""Part of the computing time of a full handshake."""


class SecureStream:
    """One TLS connection. Make it before the TCP connection: it uses one of the sessions."""

    def __init__(self, module: Module, profile: int | None, host: str) -> None:
        self._module = module
        self._client: TlsClient = module.security.begin(profile, host)
        self.sealed = bytearray()
        """Ciphertext that the kernel has not accepted yet."""
        self._plain_in_sealed = 0

    @property
    def closed(self) -> bool:
        """The peer has ended the TLS connection."""
        return self._client.closed

    async def handshake(self, sock: socket.socket) -> None:
        """Make the fresh TCP connection secure. Raises OSError."""
        loop, client = self._module.loop, self._client
        try:
            while not client.advance():
                await self._put(sock, client.outgoing())
                data = await loop.sock_recv(sock, READ_PIECE)
                await self._covered()
                if not data:
                    raise TlsFailure("the server closed the connection in the handshake")
                client.incoming(data)
        except TlsFailure:
            with contextlib.suppress(OSError):
                sock.send(client.outgoing())  # the alert, which the server should see
            raise
        await self._put(sock, client.outgoing())
        share = RESUMED_SHARE if client.resumed else 1
        await asyncio.sleep(self._module.options.tls_ms * share / 1000)
        self._module.security.established(client)

    async def _put(self, sock: socket.socket, data: bytes) -> None:
        if data:
            await self._covered()
            await self._module.loop.sock_sendall(sock, data)
            self._module.network.touch()

    async def _covered(self) -> None:
        while not self._module.network.usable:
            await asyncio.sleep(COVERAGE_POLL_S)

    # -- payload ---------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Ciphertext from the peer."""
        self._client.incoming(data)

    def read(self, room: int) -> bytes:
        """Plaintext, as much as is available and fits. Raises TlsFailure."""
        plain = self._client.read(room)
        self.sealed += self._client.outgoing()  # alerts and the like
        return plain

    def seal(self, tx: bytearray) -> None:
        """Have something to send if there is anything: the beginning of `tx` becomes
        ciphertext. It stays in `tx`, where it counts, until `sent` reports that it has left."""
        if self.sealed or not tx:
            return
        piece = bytes(tx[:SEALED_LIMIT])
        self.sealed += self._client.write(piece)
        self._plain_in_sealed = len(piece)

    def sent(self, count: int, tx: bytearray) -> None:
        """The kernel accepted `count` bytes of the sealed data."""
        del self.sealed[:count]
        if not self.sealed:
            del tx[: self._plain_in_sealed]
            self._plain_in_sealed = 0

    def close(self, sock: socket.socket | None) -> None:
        """End it; the peer is notified as far as possible without waiting."""
        if sock is not None and not self.sealed:
            with contextlib.suppress(OSError):
                sock.send(self._client.farewell())
        self._module.security.end(self._client)
