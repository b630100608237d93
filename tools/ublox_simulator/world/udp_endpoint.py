"""UDP endpoints: a queue of datagrams with a real non-blocking socket, with DTLS if requested."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import TYPE_CHECKING

from ..tls.failure import TlsFailure
from .endpoint_base import ENOTCONN, ESTABLISHED, SYN_SENT, UDP, Endpoint, errno_of
from .net import Address, family_of

if TYPE_CHECKING:
    from ..module import Module
    from ..tls.dtls import SecureDatagrams

EISCONN = 106


class UdpEndpoint(Endpoint):
    """A UDP socket: a queue of datagrams; datagrams that do not fit are lost."""

    def __init__(self, module: Module, ident: int, cid: int) -> None:
        super().__init__(module, ident, UDP, cid)
        self._watched = False
        self.queue: deque[tuple[bytes, Address]] = deque()
        self.partly_read = False
        self._dtls: SecureDatagrams | None = None

    # -- DTLS ------------------------------------------------------------------------------

    async def connect(self, address: str, port: int) -> None:
        """Make the DTLS connection; raises OSError."""
        from ..tls.dtls import SecureDatagrams  # OpenSSL is loaded only if needed

        self.state = SYN_SENT
        self.remote = (address, port)
        try:
            self._dtls = SecureDatagrams(self.module, self.secure_profile, self.secure_host)
            self.on_handshake(True)
            limit = self.module.options.connect_timeout_ms / 1000
            await asyncio.wait_for(self._handshake(self._dtls, address, port), limit)
        except BaseException:
            self.shut()
            raise
        finally:
            self.on_handshake(False)
        self.state = ESTABLISHED
        self._watch()

    async def _handshake(self, dtls: SecureDatagrams, address: str, port: int) -> None:
        real = self.module.addresses.outward(address, port)
        self.open(real[0])
        assert self._sock is not None
        self._sock.connect(real)
        await dtls.handshake(self._sock)

    def shut(self) -> None:
        """Close at once; the peer of a DTLS connection is notified."""
        if self._dtls is not None:
            self._dtls.close(self._sock if self.state == ESTABLISHED else None)
            self._dtls = None
        self._watched = False
        super().shut()

    # -- receiving -------------------------------------------------------------------------

    @property
    def stored(self) -> int:
        """All bytes stored."""
        return sum(len(data) for data, _ in self.queue)

    @property
    def unread(self) -> int:
        """The rest of a partly read datagram, otherwise all that is stored (A5 5.7)."""
        return len(self.queue[0][0]) if self.queue and self.partly_read else self.stored

    def open(self, destination: str | None) -> None:
        """Make the real socket, bound to loopback unless the destination lies elsewhere."""
        if self._sock is not None:
            return
        reference = destination or self.module.options.bind_address
        family = family_of(reference)
        loopback = reference == "::1" or reference.startswith("127.")
        local = "" if not loopback else ("::1" if family == socket.AF_INET6 else "127.0.0.1")
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            self._bind(sock, local)
        except OSError:
            sock.close()
            raise
        self._sock = sock
        self._watched = False
        self.apply_options()
        self._watch()

    def _watch(self) -> None:
        """Without coverage datagrams are read and lost; during paging they wait."""
        if self._sock is None:
            return
        wanted = not self.module.sleeper.paging and self.state != SYN_SENT
        if wanted and not self._watched:
            self.loop.add_reader(self._sock, self._readable)
        elif not wanted and self._watched:
            self.loop.remove_reader(self._sock)
        self._watched = wanted

    def link_changed(self) -> None:
        """Continue or pause."""
        self._watch()

    def listen(self, port: int) -> None:
        """Receive datagrams on `port` from any sender."""
        self.shut()
        self.local_port = port
        self.open(None)
        self.listening = True

    def _readable(self) -> None:
        if self._sock is None or (self.module.network.usable and not self._reached()):
            return
        try:
            data, peer = self._sock.recvfrom(65535)
        except BlockingIOError:
            return
        except OSError as error:  # e.g. "connection refused" reported for an earlier datagram
            self.last_error = errno_of(error)
            return
        if self._dtls is not None:
            data = self._decrypted(data)
        # +USORF cannot distinguish an empty datagram from none: not stored.
        fits = 0 < len(data) <= self.receive_limit - self.stored
        if not self.module.network.usable or not fits:
            return
        self.module.network.touch()
        self.queue.append((data, self.module.addresses.inward(peer[0], peer[1])))
        self.on_data()

    def _decrypted(self, datagram: bytes) -> bytes:
        assert self._dtls is not None and self._sock is not None
        try:
            plain = self._dtls.receive(self._sock, datagram)
        except TlsFailure as failure:
            self.last_error = errno_of(failure)
            plain = b""
        if (self._dtls.closed or self.last_error) and not self.eof:
            self.eof = True
            self.on_end()
        return plain

    def read(self, count: int) -> tuple[bytes, Address]:
        """Up to `count` bytes of the oldest datagram and where it came from."""
        data, peer = self.queue.popleft()
        taken, rest = data[:count], data[count:]
        self.partly_read = bool(rest)
        if rest:
            self.queue.appendleft((rest, peer))
        self.received += len(taken)
        return taken, peer

    # -- sending ---------------------------------------------------------------------------

    def send(self, data: bytes, address: str, port: int) -> None:
        """Send one datagram; lost without coverage. Raises OSError."""
        if self.secure and self._dtls is None:
            raise OSError(ENOTCONN, "a secure socket must be connected first")
        if self.secure and (address, port) != self.remote:
            raise OSError(EISCONN, "a secure socket has one peer")
        self.sent += len(data)
        if not self.module.network.usable:
            return
        if self._dtls is not None:
            assert self._sock is not None
            self._dtls.send(self._sock, data)
            self._touch()
            self.on_send()
            return
        real = self.module.addresses.outward(address, port)
        self.open(real[0])
        assert self._sock is not None
        self._sock.sendto(data, real)
        self._touch()
        self.on_send()
