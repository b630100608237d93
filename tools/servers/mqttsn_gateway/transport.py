"""Where an MQTT-SN gateway hears its clients: a UDP socket, plain or with DTLS by pyOpenSSL."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from OpenSSL import SSL
from servers.dtls_echo import datagrams

LARGEST = 65535
MTU = 1400

Address = tuple[str, int]
Receiver = Callable[["PlainPort", Address, bytes], None]


class PlainPort:
    """Datagrams as they are. Works on a loop at rest too: what comes waits in the kernel."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receiver: Receiver,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._loop = loop
        self._receiver = receiver
        self._expect = getattr(loop, "expect_io", lambda: None)  # a loop in virtual time
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind((host, port))
        self.port: int = self._sock.getsockname()[1]
        loop.add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        try:
            data, sender = self._sock.recvfrom(LARGEST)
        except OSError:
            return  # the kernel reports an earlier datagram that was not taken
        self.take(data, sender)

    def take(self, data: bytes, sender: Address) -> None:
        """A datagram came in."""
        self._receiver(self, sender, data)

    def send(self, data: bytes, to: Address) -> None:
        """Datagrams may be lost, also by the own kernel."""
        with contextlib.suppress(OSError):
            self._sock.sendto(data, to)
        self._expect()

    def close(self) -> None:
        """Give the socket back."""
        self._loop.remove_reader(self._sock)
        self._sock.close()


class SecurePort(PlainPort):
    """The same behind DTLS; one connection for each client address."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receiver: Receiver,
        context: SSL.Context,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(loop, receiver, host, port)
        self._context = context
        self._connections: dict[Address, SSL.Connection] = {}
        self._ready: set[Address] = set()

    def take(self, data: bytes, sender: Address) -> None:
        """Records of a client, perhaps a new one."""
        connection = self._connections.get(sender)
        if connection is None:
            connection = SSL.Connection(self._context, None)
            connection.set_accept_state()
            connection.set_ciphertext_mtu(MTU)
            self._connections[sender] = connection
        connection.bio_write(data)
        plain = self._advance(connection, sender)
        self._flush(connection, sender)
        for datagram in plain:
            super().take(datagram, sender)

    def _advance(self, connection: SSL.Connection, sender: Address) -> list[bytes]:
        plain: list[bytes] = []
        try:
            if sender not in self._ready:
                connection.do_handshake()
                self._ready.add(sender)
            while True:
                plain.append(connection.recv(LARGEST))
        except SSL.WantReadError:
            pass
        except SSL.Error:  # the end, told or by a failed handshake
            self._forget(sender)
        return plain

    def _forget(self, sender: Address) -> None:
        self._connections.pop(sender, None)
        self._ready.discard(sender)

    def _flush(self, connection: SSL.Connection, to: Address) -> None:
        while True:
            try:
                data = connection.bio_read(LARGEST)
            except SSL.Error:
                return
            for datagram in datagrams(data):
                super().send(datagram, to)

    def send(self, data: bytes, to: Address) -> None:
        """To a client whose handshake is done; others cannot hear."""
        if to not in self._ready:
            return
        connection = self._connections[to]
        with contextlib.suppress(SSL.Error):
            connection.send(data)
        self._flush(connection, to)
