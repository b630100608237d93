"""TCP endpoints: real non-blocking sockets, with the module's own buffers, and TLS if
requested."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..tls.failure import TlsFailure
from ..tls.tcp import SecureStream
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
from .udp_endpoint import UdpEndpoint

if TYPE_CHECKING:
    from ..module import Module

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
    """A TCP socket: buffers of the module's size before the real one."""

    def __init__(self, module: Module, ident: int, cid: int) -> None:
        super().__init__(module, ident, TCP, cid)
        self.rx = bytearray()
        self.tx = bytearray()
        self.on_accept: Callable[[socket.socket, Address], None] = lambda sock, peer: None
        self._reading = False
        self._flush_timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None
        self._tls: SecureStream | None = None

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
        """Connect; raises OSError, of TLS a TlsFailure. Without coverage it times out like the
        real thing."""
        self.state = SYN_SENT
        self.remote = (address, port)
        limit = self.module.options.connect_timeout_ms / 1000
        try:
            if self.secure:
                self._tls = SecureStream(self.module, self.secure_profile, self.secure_host)
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
        if self._tls is not None:
            self._decrypt()  # data that came with the end of the handshake

    def _make(self, address: str, port: int) -> socket.socket:
        sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        self._sock = sock
        self._prepare(sock)
        if self.local_port:
            self._bind(sock, "" if sock.family == socket.AF_INET else "::")
        return sock

    async def _finish(self, sock: socket.socket, address: str, port: int) -> None:
        if self.module.options.connect_ms:
            await asyncio.sleep(self.module.options.connect_ms / 1000)
        await self.loop.sock_connect(sock, self.module.addresses.outward(address, port))
        if self._tls is not None:
            self.on_handshake(True)
            try:
                await self._tls.handshake(sock)
            finally:
                self.on_handshake(False)

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
        """Listen on the loopback port for `port`; raises OSError."""
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
        try:
            data = self._sock.recv(min(READ_PIECE, self.receive_limit - len(self.rx)))
        except BlockingIOError:
            return
        except OSError as error:
            self._ended(errno_of(error))
            return
        if not data:
            self._ended(0)
            return
        self.module.network.touch()
        if self._tls is not None:
            self._tls.receive(data)
            self._decrypt()
            return
        self.rx += data
        self._watch()
        self.on_data()

    def _decrypt(self) -> None:
        """Take as much plaintext as fits; the rest waits inside TLS for the next read."""
        assert self._tls is not None
        try:
            plain = self._tls.read(self.receive_limit - len(self.rx))
        except TlsFailure as failure:
            self._ended(errno_of(failure))
            return
        self.rx += plain
        self._watch()
        self._flush()
        if plain:
            self.on_data()
        if self._tls.closed and not self.eof:
            self._ended(0)

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
        if self._tls is not None and self._sock is not None and not self.eof:
            self._decrypt()
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
        if self._sock is None or not self._to_send() or not self.module.network.usable:
            return
        if self._flush_timer is not None:
            return
        bps = self.module.options.uplink_bps
        ready = self._to_send()
        limit = max(1, int(bps / 8 * UPLINK_TICK_S)) if bps else len(ready)
        try:
            count = self._sock.send(ready[:limit])
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
        if self._tls is None:
            del self.tx[:count]
        else:
            self._tls.sent(count, self.tx)
        if bps:
            self._flush_timer = self.loop.call_later(count * 8 / bps, self._flush_again)
        elif self._to_send():
            self.loop.add_writer(self._sock, self._writable)
        if not self.tx:
            self._set_drained()

    def _to_send(self) -> bytearray:
        """The next data for the kernel."""
        if self._tls is None:
            return self.tx
        self._tls.seal(self.tx)
        return self._tls.sealed

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
        """Orderly close: queued data is sent first, as far as the time allows."""
        if self._sock is not None and self.tx and not self.last_error:
            self.state = FIN_WAIT_1
            if self._reading:
                self.loop.remove_reader(self._sock)
                self._reading = False
            self._drained = self.loop.create_future()
            await asyncio.wait({self._drained}, timeout=timeout_s)
        self.shut()

    def link_changed(self) -> None:
        """Continue or pause."""
        self._watch()
        self._flush()

    def shut(self) -> None:
        """Close at once; a socket with unread data would send a reset, so read it away first."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._reading = False
        if self._tls is not None:
            heard = self.module.network.usable and self.state != SYN_SENT and not self.last_error
            self._tls.close(self._sock if heard else None)
            self._tls = None
        super().shut()
