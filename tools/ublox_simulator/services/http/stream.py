"""The connection of one HTTP operation, as a stream with the time-out of the profile.

The time-out (op 7) is used as the longest silence: every byte restarts it, so that
a long answer over a slow network is no error (U).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...tls.failure import TlsFailure
from ...world.tcp_endpoint import TcpEndpoint
from .errors import (
    CONNECT_TIMEOUT,
    CONNECTION_LOST,
    PROTOCOL,
    RESPONSE_TIMEOUT,
    SEND_TIMEOUT,
    SERVER_CONNECTION,
    HttpFailure,
)

if TYPE_CHECKING:
    from ...module import Module

GUEST_ID = 100
"""The endpoint is in no socket table; its id must only differ from ids there."""

READ_PIECE = 4096

Security = tuple[int | None, str]
"""Security profile (None: a fresh one) and the host the server must prove to be."""


class Stream:
    """Connects, sends and receives; every failure is an HttpFailure."""

    def __init__(self, module: Module, profile: int, cid: int, patience_s: float) -> None:
        self._module = module
        self._patience_s = patience_s
        self._moved = asyncio.Event()
        self._ident = GUEST_ID + profile
        self._cid = cid
        self._endpoint = self._make()

    def _make(self) -> TcpEndpoint:
        endpoint = TcpEndpoint(self._module, self._ident, self._cid)
        endpoint.on_data = endpoint.on_end = self._moved.set
        endpoint.on_send = self._sent
        return endpoint

    def _sent(self) -> None:
        self._module.network.touch()
        self._moved.set()

    async def open(self, addresses: list[str], port: int, security: Security | None) -> None:
        """Connect to the first of `addresses` that answers, with TLS where `security` names a
        profile and the host; the reported error is the one of the last attempt."""
        failure = HttpFailure(PROTOCOL, SERVER_CONNECTION)
        for address in addresses:
            self._endpoint = self._make()
            self._module.sockets.guests.add(self._endpoint)
            try:
                await self._connect(address, port, security)
                return
            except HttpFailure as error:
                failure = error
                self.close()
        raise failure

    async def _connect(self, address: str, port: int, security: Security | None) -> None:
        try:
            if security is not None:
                self._endpoint.secure_with(*security)
            await asyncio.wait_for(self._endpoint.connect(address, port), self._patience_s)
        except TimeoutError:
            raise HttpFailure(PROTOCOL, CONNECT_TIMEOUT) from None
        except TlsFailure as error:
            raise HttpFailure(*error.http) from None
        except OSError:
            raise HttpFailure(PROTOCOL, SERVER_CONNECTION) from None

    async def send(self, data: bytes) -> None:
        """Send all of it, unless the peer has ended the connection: then it has answered early,
        or the next `receive` reports that nothing came."""
        rest = memoryview(data)
        while rest and not self._endpoint.eof:
            room = self._endpoint.room()
            if room:
                self._endpoint.write(bytes(rest[:room]))
                rest = rest[room:]
            else:
                await self._wait(SEND_TIMEOUT)

    async def flush(self) -> None:
        """Return when everything has been sent."""
        while self._endpoint.tx and not self._endpoint.eof:
            await self._wait(SEND_TIMEOUT)

    async def receive(self) -> bytes:
        """The next bytes; b"" at the end."""
        endpoint = self._endpoint
        while not endpoint.unread:
            if endpoint.last_error:
                raise HttpFailure(PROTOCOL, CONNECTION_LOST)
            if endpoint.eof:
                return b""
            await self._wait(RESPONSE_TIMEOUT)
        data = endpoint.read(READ_PIECE)
        bps = self._module.options.downlink_bps
        if bps:
            await asyncio.sleep(len(data) * 8 / bps)
        return data

    async def _wait(self, code: int) -> None:
        self._moved.clear()
        try:
            await asyncio.wait_for(self._moved.wait(), self._patience_s)
        except TimeoutError:
            raise HttpFailure(PROTOCOL, code) from None

    def close(self) -> None:
        """End the connection."""
        self._module.sockets.guests.discard(self._endpoint)
        self._endpoint.shut()
