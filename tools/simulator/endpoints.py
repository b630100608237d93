"""TCP and UDP endpoints: real non-blocking sockets behind the module's own buffers."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from .endpoint_base import (
    CLOSE_WAIT,
    EDESTADDRREQ,
    ENOTCONN,
    EPIPE,
    ESTABLISHED,
    ETIMEDOUT,
    FIN_WAIT_1,
    INACTIVE,
    KERNEL_BUFFER,
    LISTEN,
    READ_PIECE,
    SYN_SENT,
    TCP,
    UDP,
    UPLINK_TICK_S,
    Endpoint,
    errno_of,
)
from .net import Address, family_of

if TYPE_CHECKING:
    from .module import Module

__all__ = [
    "CLOSE_WAIT",
    "EDESTADDRREQ",
    "ENOTCONN",
    "EPIPE",
    "ESTABLISHED",
    "ETIMEDOUT",
    "INACTIVE",
    "TCP",
    "UDP",
    "Endpoint",
    "TcpEndpoint",
    "UdpEndpoint",
    "errno_of",
]


class TcpEndpoint(Endpoint):
    """A TCP socket: buffers of the module's size in front of the real one."""

    def __init__(self, module: Module, ident: int, cid: int) -> None:
        super().__init__(module, ident, TCP, cid)
        self.rx = bytearray()
        self.tx = bytearray()
        self.on_accept: Callable[[socket.socket, Address], None] = lambda sock, peer: None
        self._reading = False
        self._flush_timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None

    @property
    def unread(self) -> int:
        """Bytes in the receive buffer."""
        return len(self.rx)

    @property
    def pending(self) -> bool:
        """Whether data waits to be read or sent."""
        return bool(self.rx or self.tx)

    @property
    def unacked(self) -> int:
        """Bytes written and not acknowledged by the peer's stack."""
        waiting = len(self.tx)
        if self._sock is not None:
            try:
                import fcntl
                import termios

                raw = fcntl.ioctl(self._sock, termios.TIOCOUTQ, b"\0\0\0\0")
                waiting += struct.unpack("i", raw)[0]
            except (ImportError, OSError):
                pass
        return waiting

    # -- opening ---------------------------------------------------------------------------

    async def connect(self, address: str, port: int) -> None:
        """Connect; raises OSError. Without coverage it times out like the real thing."""
        self.state = SYN_SENT
        self.remote = (address, port)
        limit = self.module.options.connect_timeout_ms / 1000
        try:
            if not self.module.network.usable:
                await asyncio.sleep(limit)
                raise TimeoutError
            sock = self._make(*self.module.addresses.outward(address, port))
            await asyncio.wait_for(self._finish(sock, address, port), limit)
        except BaseException:
            self.shut()
            raise
        self.state = ESTABLISHED
        self.module.network.touch()
        self._watch()

    def _make(self, address: str, port: int) -> socket.socket:
        sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        self._sock = sock
        self._prepare(sock)
        if self.local_port:
            self._bind(sock, "" if sock.family == socket.AF_INET else "::")
        return sock

    async def _finish(self, sock: socket.socket, address: str, port: int) -> None:
        await self.loop.sock_connect(sock, self.module.addresses.outward(address, port))

    def _prepare(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.apply_options()

    def adopt(self, sock: socket.socket, peer: Address) -> None:
        """Become the accepted connection."""
        self._sock = sock
        self._prepare(sock)
        self.remote = peer
        self.state = ESTABLISHED

    def begin(self) -> None:
        """Start to receive (once the accept has been announced)."""
        self._watch()

    def listen(self, port: int) -> None:
        """Listen on the loopback port that stands for `port`; raises OSError."""
        self.local_port = port
        address = self.module.options.bind_address
        sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        try:
            self._prepare(sock)
            self._bind(sock, address)
            sock.listen(4)
        except OSError:
            sock.close()
            raise
        self._sock = sock
        self.listening = True
        self.state = LISTEN
        self._watch()

    def _acceptable(self) -> None:
        if self._sock is None or not self._reached():
            return
        try:
            sock, peer = self._sock.accept()
        except OSError:
            return
        self.module.network.touch()
        self.on_accept(sock, self.module.addresses.inward(peer[0], peer[1]))

    # -- receiving -------------------------------------------------------------------------

    def _watch(self) -> None:
        """Read from the kernel exactly while there is room, coverage and a connection."""
        if self._sock is None or self.state not in (ESTABLISHED, LISTEN):
            return
        wanted = len(self.rx) < self.receive_limit and self._listens()
        if wanted and not self._reading:
            react = self._acceptable if self.listening else self._readable
            self.loop.add_reader(self._sock, react)
        elif not wanted and self._reading:
            self.loop.remove_reader(self._sock)
        self._reading = wanted

    def _readable(self) -> None:
        if self._sock is None or not self._reached():
            return
        room = min(READ_PIECE, self.receive_limit - len(self.rx))
        try:
            data = self._sock.recv(room)
        except BlockingIOError:
            return
        except OSError as error:
            self._ended(errno_of(error))
            return
        if not data:
            self._ended(0)
            return
        self.module.network.touch()
        self.rx += data
        self._watch()
        self.on_data()

    def _ended(self, errno: int) -> None:
        assert self._sock is not None
        self.loop.remove_reader(self._sock)
        self._reading = False
        self.eof = True
        self.state = INACTIVE if errno else CLOSE_WAIT
        if errno:
            self.last_error = errno
            self.tx.clear()
            self._set_drained()
        self.on_end()

    def read(self, count: int) -> bytes:
        """Take up to `count` bytes out of the receive buffer."""
        data = bytes(self.rx[:count])
        del self.rx[:count]
        self.received += len(data)
        self._watch()
        return data

    # -- sending ---------------------------------------------------------------------------

    def room(self) -> int:
        """Free bytes of the transmit buffer."""
        return max(0, self.transmit_limit - len(self.tx))

    def write(self, data: bytes) -> None:
        """Queue bytes; the caller has checked `room()`."""
        self.tx += data
        self.sent += len(data)
        self._flush()

    def _flush(self) -> None:
        if self._sock is None or not self.tx or not self.module.network.usable:
            return
        if self._flush_timer is not None:
            return
        bps = self.module.options.uplink_bps
        limit = max(1, int(bps / 8 * UPLINK_TICK_S)) if bps else len(self.tx)
        try:
            count = self._sock.send(self.tx[:limit])
        except BlockingIOError:
            self.loop.add_writer(self._sock, self._writable)
            return
        except OSError as error:
            self.last_error = errno_of(error)
            self.tx.clear()
            self._set_drained()
            if not self.eof:
                self._ended(self.last_error)
            return
        self._touch()
        self.on_send()
        del self.tx[:count]
        if bps:
            self._flush_timer = self.loop.call_later(count * 8 / bps, self._flush_again)
        elif self.tx:
            self.loop.add_writer(self._sock, self._writable)
        if not self.tx:
            self._set_drained()

    def _flush_again(self) -> None:
        self._flush_timer = None
        self._flush()

    def _writable(self) -> None:
        if self._sock is not None:
            self.loop.remove_writer(self._sock)
            self._flush()

    def _set_drained(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drain_and_close(self, timeout_s: float) -> None:
        """Orderly close: what is queued goes first, as far as the time allows."""
        if self._sock is not None and self.tx and not self.last_error:
            self.state = FIN_WAIT_1
            if self._reading:
                self.loop.remove_reader(self._sock)
                self._reading = False
            self._drained = self.loop.create_future()
            await asyncio.wait({self._drained}, timeout=timeout_s)
        self.shut()

    def link_changed(self) -> None:
        """Go on or hold still."""
        self._watch()
        self._flush()

    def shut(self) -> None:
        """Close at once; a socket with unread data would send a reset, so read it away first."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._reading = False
        super().shut()


class UdpEndpoint(Endpoint):
    """A UDP socket: a queue of datagrams; what does not fit is lost."""

    def __init__(self, module: Module, ident: int, cid: int) -> None:
        super().__init__(module, ident, UDP, cid)
        self._watched = False
        self.queue: deque[tuple[bytes, Address]] = deque()
        self.partly_read = False

    @property
    def stored(self) -> int:
        """All bytes stored."""
        return sum(len(data) for data, _ in self.queue)

    @property
    def unread(self) -> int:
        """The rest of a partly read datagram, else all that is stored (A5 5.7)."""
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
        """Without coverage datagrams are taken and lost; while being paged they wait."""
        if self._sock is None:
            return
        wanted = not self.module.sleeper.paging
        if wanted and not self._watched:
            self.loop.add_reader(self._sock, self._readable)
        elif not wanted and self._watched:
            self.loop.remove_reader(self._sock)
        self._watched = wanted

    def link_changed(self) -> None:
        """Go on or hold still."""
        self._watch()

    def listen(self, port: int) -> None:
        """Take datagrams on `port` from anybody."""
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
        # An empty datagram cannot be told from "nothing" by +USORF: not stored.
        fits = 0 < len(data) <= self.receive_limit - self.stored
        if not self.module.network.usable or not fits:
            return
        self.module.network.touch()
        self.queue.append((data, self.module.addresses.inward(peer[0], peer[1])))
        self.on_data()

    def read(self, count: int) -> tuple[bytes, Address]:
        """Up to `count` bytes of the oldest datagram and where it came from."""
        data, peer = self.queue.popleft()
        taken, rest = data[:count], data[count:]
        self.partly_read = bool(rest)
        if rest:
            self.queue.appendleft((rest, peer))
        self.received += len(taken)
        return taken, peer

    def send(self, data: bytes, address: str, port: int) -> None:
        """Send one datagram; lost without coverage. Raises OSError."""
        self.sent += len(data)
        if not self.module.network.usable:
            return
        real = self.module.addresses.outward(address, port)
        self.open(real[0])
        assert self._sock is not None
        self._sock.sendto(data, real)
        self._touch()
        self.on_send()
