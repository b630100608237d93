"""Small real peers for tests, on the simulator's own loop: echo servers and a scriptable peer.

Everything here may be called while the loop is at rest; the work happens when the loop runs.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

CHUNK = 65536


class Connection:
    """One TCP connection of a peer: collects received data, sends on request."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        echo: bool = False,
        on_data: Callable[[Connection, bytes], None] | None = None,
    ) -> None:
        self._loop = loop
        self._sock: socket.socket | None = sock
        self._out = bytearray()
        self._closing = False
        self.echo = echo
        self.on_data = on_data
        self.received = bytearray()
        self.eof = False
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.resume()

    @property
    def local(self) -> tuple[str, int]:
        """Own address of the connection."""
        assert self._sock is not None
        name = self._sock.getsockname()
        return name[0], name[1]

    def send(self, data: bytes) -> None:
        """Send, buffering data that the kernel does not accept."""
        self._out += data
        self._flush()

    def close(self) -> None:
        """Close in order, after everything has been sent."""
        self._closing = True
        self._flush()

    def half_close(self) -> None:
        """Send FIN and continue receiving."""
        if self._sock is not None:
            self._sock.shutdown(socket.SHUT_WR)
            self._expect()

    def reset(self) -> None:
        """End with RST."""
        if self._sock is not None:
            linger = struct.pack("ii", 1, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._drop()

    def pause(self) -> None:
        """Stop receiving, so that the sender meets back-pressure."""
        if self._sock is not None:
            self._loop.remove_reader(self._sock)

    def resume(self) -> None:
        """Receive again."""
        if self._sock is not None:
            self._loop.add_reader(self._sock, self._readable)

    @property
    def unsent(self) -> int:
        """Bytes the kernel has not accepted yet."""
        return len(self._out)

    def _readable(self) -> None:
        assert self._sock is not None
        try:
            data = self._sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.eof = True
            self._loop.remove_reader(self._sock)
            if self.echo:
                self.close()
            return
        self.received += data
        if self.on_data is not None:
            self.on_data(self, data)
        if self.echo:
            self.send(data)

    def _flush(self) -> None:
        if self._sock is None:
            return
        try:
            while self._out:
                del self._out[: self._sock.send(self._out[:CHUNK])]
        except BlockingIOError:
            self._loop.add_writer(self._sock, self._writable)
            return
        except OSError:
            self._drop()
            return
        self._expect()
        if self._closing:
            self._drop()

    def _writable(self) -> None:
        if self._sock is not None:
            self._loop.remove_writer(self._sock)
            self._flush()

    def _drop(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.close()
            self._expect()

    def abandon(self) -> None:
        """Close at once (end of a test)."""
        self._drop()

    def _expect(self) -> None:
        expect = getattr(self._loop, "expect_io", None)
        if expect is not None:
            expect()


class TcpPeer:
    """A TCP server on loopback; `connections` has all clients, newest last."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        echo: bool = False,
        port: int = 0,
        on_data: Callable[[Connection, bytes], None] | None = None,
        receive_buffer: int = 0,
    ) -> None:
        self._loop = loop
        self._echo = echo
        self._on_data = on_data
        self.connections: list[Connection] = []
        self._sock = socket.socket()
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:  # small: a paused peer soon stops its sender
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._sock.setblocking(False)
        self._sock.bind(("127.0.0.1", port))
        self._sock.listen(16)
        self.port: int = self._sock.getsockname()[1]
        loop.add_reader(self._sock, self._accept)

    @property
    def last(self) -> Connection:
        """The newest connection."""
        return self.connections[-1]

    def _accept(self) -> None:
        sock, _ = self._sock.accept()
        self.connections.append(Connection(self._loop, sock, self._echo, self._on_data))

    def close(self) -> None:
        """Stop listening and drop all connections."""
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for connection in self.connections:
            connection.abandon()


class UdpPeer:
    """A UDP socket on loopback; `received` holds (data, sender)."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, echo: bool = False, port: int = 0
    ) -> None:
        self._loop = loop
        self._echo = echo
        self.received: list[tuple[bytes, tuple[str, int]]] = []
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        try:
            self._sock.bind(("127.0.0.1", port))
        except OSError:
            self._sock.close()
            raise
        self.port: int = self._sock.getsockname()[1]
        loop.add_reader(self._sock, self._readable)

    def send(self, data: bytes, to: tuple[str, int] | None = None) -> None:
        """Send a datagram, by default to the sender of the last one."""
        self._sock.sendto(data, to or self.received[-1][1])
        expect = getattr(self._loop, "expect_io", None)
        if expect is not None:
            expect()

    def _readable(self) -> None:
        data, sender = self._sock.recvfrom(CHUNK)
        self.received.append((data, sender))
        if self._echo:
            self.send(data, sender)

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._sock)
        self._sock.close()


def tcp_echo(loop: asyncio.AbstractEventLoop) -> TcpPeer:
    """A TCP echo server on a free loopback port (`.port`)."""
    return TcpPeer(loop, echo=True)


def udp_echo(loop: asyncio.AbstractEventLoop) -> UdpPeer:
    """A UDP echo server on a free loopback port (`.port`)."""
    return UdpPeer(loop, echo=True)


def echo_pair(loop: asyncio.AbstractEventLoop) -> tuple[TcpPeer, UdpPeer]:
    """Echo servers for TCP and UDP on the same free port."""
    for _ in range(50):  # a port that is free for one may be in use for the other
        stream = tcp_echo(loop)
        try:
            return stream, UdpPeer(loop, echo=True, port=stream.port)
        except OSError:
            stream.close()
    raise OSError("no port is free for both TCP and UDP")


def connect_to(loop: asyncio.AbstractEventLoop, port: int, *, source_port: int = 0) -> Connection:
    """A client connection to a loopback port, e.g. to a socket the module listens on."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", source_port))
    sock.connect(("127.0.0.1", port))  # loopback: the kernel completes this by itself
    return Connection(loop, sock)
