"""DTLS between a UDP endpoint and its real socket (LEXI-R10, A10 5.11)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from OpenSSL import SSL

from .failure import TlsFailure
from .tcp import RESUMED_SHARE

if TYPE_CHECKING:
    from ..module import Module
    from .client import TlsClient

LARGEST = 65535
HEADER = 13
"""Of a DTLS record; its last two bytes are the length of what follows."""

FIRST_PATIENCE_S, LONGEST_PATIENCE_S = 1.0, 60.0
"""A flight without answer is sent again, with a doubled time each time (RFC 6347, 4.2.4.1)."""


def records(data: bytes) -> list[bytes]:
    """Output of OpenSSL in one buffer, split where datagrams may begin."""
    found = []
    while len(data) >= HEADER:
        size = HEADER + int.from_bytes(data[HEADER - 2 : HEADER], "big")
        found.append(data[:size])
        data = data[size:]
    return found


class SecureDatagrams:
    """One DTLS connection; the socket is connected to its peer."""

    def __init__(self, module: Module, profile: int | None, host: str) -> None:
        self._module = module
        self._client: TlsClient = module.security.begin(profile, host, datagrams=True)

    @property
    def closed(self) -> bool:
        """The peer has announced the end."""
        return self._client.closed

    async def handshake(self, sock: socket.socket) -> None:
        """Raises OSError; the caller limits the time."""
        client = self._client
        patience = FIRST_PATIENCE_S
        flight: list[bytes] = []
        try:
            while not client.advance():
                flight = records(client.outgoing()) or flight
                self._put(sock, flight)
                if not await self._answered(sock, patience):
                    patience = min(2 * patience, LONGEST_PATIENCE_S)
        except TlsFailure:
            self._put(sock, records(client.outgoing()))
            raise
        self._put(sock, records(client.outgoing()))
        share = RESUMED_SHARE if client.resumed else 1
        await asyncio.sleep(self._module.options.tls_ms * share / 1000)
        self._module.security.established(client)

    async def _answered(self, sock: socket.socket, patience: float) -> bool:
        """Whether data came within the time; it is passed to DTLS."""
        try:
            data = await asyncio.wait_for(self._module.loop.sock_recv(sock, LARGEST), patience)
        except TimeoutError:
            with contextlib.suppress(SSL.Error):
                self._client.connection.DTLSv1_handle_timeout()
            return False
        if self._module.network.usable:
            self._client.incoming(data)
        return True

    def _put(self, sock: socket.socket, datagrams: list[bytes]) -> None:
        """Send datagrams, which are lost without coverage."""
        if not self._module.network.usable:
            return
        for datagram in datagrams:
            sock.send(datagram)
        if datagrams:
            self._module.network.touch()

    # -- payload ---------------------------------------------------------------------------

    def receive(self, sock: socket.socket, datagram: bytes) -> bytes:
        """A datagram's plaintext; b"" when it carried none. Raises TlsFailure."""
        self._client.incoming(datagram)
        plain = self._client.read(LARGEST)
        self._put(sock, records(self._client.outgoing()))
        return plain

    def send(self, sock: socket.socket, data: bytes) -> None:
        """One datagram of plaintext. Raises TlsFailure."""
        self._put(sock, records(self._client.write(data)))

    def close(self, sock: socket.socket | None) -> None:
        """Notify the peer and release the session."""
        if sock is not None:
            with contextlib.suppress(OSError):
                self._put(sock, records(self._client.farewell()))
        self._module.security.end(self._client)
