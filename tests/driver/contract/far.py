"""The other side of every connection: real sockets on loopback, driven by the one test thread.

The kernel completes connections to a listening socket by itself, so no loop is needed here: what
CPython's sockets and the simulated module connect to is the same.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct

Address = tuple[str, int]

HOST = "127.0.0.1"
ARRIVAL_MS = 5000
"""Longest real time for something that must come."""
ABSENCE_MS = 40
"""Real time after which nothing more is expected, although loopback delivers at once."""
SMALL_BUFFER = 4096


def _bound(kind: int = socket.SOCK_STREAM) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.bind((HOST, 0))
    return made


def await_event(sock: socket.socket, mask: int, ms: int = ARRIVAL_MS) -> bool:
    """Whether one of these poll events came within `ms`."""
    poller = select.poll()
    poller.register(sock, mask)
    return bool(poller.poll(ms))


class Far:
    """Servers that last for the whole run, and what one scene has made of them."""

    def __init__(self, absence_ms: int = ABSENCE_MS) -> None:
        self._absence_ms = absence_ms
        self._server = _bound()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self._server.listen(16)
        self._closed_port = _bound()
        self._elsewhere = _bound(socket.SOCK_DGRAM)
        self._udp = _bound(socket.SOCK_DGRAM)
        self._silent, self._fillers = _unanswering()
        self._late: tuple[socket.socket, list[socket.socket]] | None = None
        self._made: list[socket.socket] = []
        self.server: Address = self._server.getsockname()
        self.refused: Address = self._closed_port.getsockname()
        self.silent: Address = self._silent.getsockname()
        self.udp: Address = self._udp.getsockname()
        # It has a peer (itself), so that datagrams of others find the port closed.
        self.unreachable: Address = self._elsewhere.getsockname()
        self._elsewhere.connect(self.unreachable)

    # -- connections -----------------------------------------------------------------------

    def accepted(self) -> socket.socket:
        """Our end of the connection that was made to `server`."""
        if not await_event(self._server, select.POLLIN):
            raise AssertionError("no connection has arrived")
        sock, _ = self._server.accept()
        sock.setblocking(False)
        self._made.append(sock)
        return sock

    def dialled(self, address: Address) -> socket.socket:
        """A connection made to a listening socket."""
        sock = socket.create_connection(address, ARRIVAL_MS / 1000)
        sock.setblocking(False)
        self._made.append(sock)
        return sock

    def late(self) -> Address:
        """A server that drops connection attempts until `answer()`."""
        self._late = _unanswering()
        return self._late[0].getsockname()

    def answer(self) -> None:
        """From now on the late server takes connections: the kernel asks again after a second."""
        assert self._late is not None
        server, fillers = self._late
        self._made += [server, *fillers]
        server.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._made.append(server.accept()[0])

    # -- what arrives ----------------------------------------------------------------------

    def read(self, sock: socket.socket) -> str:
        """All that has arrived on a connection, and how it ends."""
        data = b""
        end = ""
        while not end:
            try:
                part = sock.recv(65536)
                data += part
                end = "" if part else "end"
            except BlockingIOError:
                if not await_event(sock, select.POLLIN, self._absence_ms):
                    break
            except ConnectionResetError:
                end = "reset"
        return " ".join(filter(None, [_short(data) if data else "", end])) or "nothing"

    def read_datagram(self) -> str:
        """The next datagram."""
        if not await_event(self._udp, select.POLLIN, self._absence_ms):
            return "nothing"
        return _short(self._udp.recvfrom(65536)[0])

    def datagram_to(self, address: Address, data: bytes) -> None:
        """Send one."""
        self._udp.sendto(data, address)

    def datagram_from(self) -> Address:
        """Where the next datagram comes from; it is taken."""
        if not await_event(self._udp, select.POLLIN):
            raise AssertionError("no datagram has arrived")
        return self._udp.recvfrom(65536)[1]

    # -- the end ---------------------------------------------------------------------------

    def drain(self) -> None:
        """Forget everything one scene has left."""
        for sock in self._made:
            sock.close()
        self._made.clear()
        while await_event(self._server, select.POLLIN, 0):
            self._server.accept()[0].close()
        while await_event(self._udp, select.POLLIN, 0):
            self._udp.recvfrom(65536)

    def close(self) -> None:
        """Give everything back."""
        self.drain()
        servers = (self._server, self._closed_port, self._silent, self._udp, self._elsewhere)
        for sock in (*servers, *self._fillers):
            sock.close()


def reset(sock: socket.socket) -> None:
    """End a connection with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _unanswering() -> tuple[socket.socket, list[socket.socket]]:
    """A server whose queue is full, so that the kernel drops every further SYN."""
    server = _bound()
    server.listen(0)
    fillers: list[socket.socket] = []
    while True:
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(server.getsockname())
        if not await_event(filler, select.POLLOUT, ABSENCE_MS):
            filler.close()
            return server, fillers
        fillers.append(filler)


def _short(data: bytes) -> str:
    return repr(data) if len(data) <= 32 else f"{len(data)} bytes"
