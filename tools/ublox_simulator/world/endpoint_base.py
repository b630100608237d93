"""Common part of TCP and UDP endpoints, and their numbers."""

from __future__ import annotations

import errno as host_errno
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from .net import Address

if TYPE_CHECKING:
    from ..module import Module

TCP, UDP = 6, 17

INACTIVE, LISTEN, SYN_SENT, ESTABLISHED, FIN_WAIT_1, CLOSE_WAIT = 0, 1, 2, 4, 5, 7
"""+USOCTL 10 (at-commands 3.3)."""

ETIMEDOUT, EDESTADDRREQ, ENOTCONN, EPIPE = 110, 89, 107, 32

KERNEL_BUFFER = 4096
"""Small kernel buffers, so that a full module buffer soon stops the real peer."""

READ_PIECE = 4096
UPLINK_TICK_S = 0.02


def errno_of(error: OSError) -> int:
    """The module's number for a host error; Linux numbers are the table of at-commands 3.6."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return ETIMEDOUT
    if isinstance(error, socket.gaierror):
        return host_errno.EHOSTUNREACH
    return error.errno or host_errno.EIO


class Endpoint(ABC):
    """Common part of TCP and UDP sockets. The owner sets the callbacks."""

    def __init__(self, module: Module, ident: int, proto: int, cid: int) -> None:
        self.module = module
        self.loop = module.loop
        self.id = ident
        self.proto = proto
        self.cid = cid
        self.want_v6 = False
        self.always_on = False
        """LEXI-R10: kept through Sleep-2 and Hibernate."""
        self.secure = False
        self.secure_profile: int | None = None
        self.secure_host = ""
        self.on_handshake: Callable[[bool], None] = lambda begins: None
        self.local_port = 0
        self.last_error = 0
        self.sent = 0
        self.received = 0
        self.remote: Address | None = None
        self.options: dict[tuple[int, int], tuple[int, ...]] = {}
        self.state = INACTIVE
        self.eof = False
        self.listening = False
        self.bound: tuple[int, int] | None = None
        # Announcements (at-commands 3.4)
        self.waiting = False
        """Data was announced and not read yet: no further URC."""
        self.announcing = False
        """A URC is queued."""
        self.known = 0
        """Announced bytes that the host has not read (strict mode)."""
        self.on_data: Callable[[], None] = lambda: None
        self.on_end: Callable[[], None] = lambda: None
        self.on_send: Callable[[], None] = lambda: None
        self._set_transmit_limit()
        self.receive_limit = module.options.receive_buffer or module.spec.receive_buffer
        self._sock: socket.socket | None = None

    @property
    @abstractmethod
    def unread(self) -> int:
        """Bytes for the announcement and the zero-length read."""

    @property
    def pending(self) -> bool:
        """Whether data waits to be read or sent."""
        return bool(self.unread)

    def secure_with(self, profile: int | None, host: str = "") -> None:
        """Let the next `connect` make a TLS or DTLS connection by this security profile (None:
        a fresh one). `host` is the name or address the caller connects to."""
        self.secure = True
        self.secure_profile = profile
        self.secure_host = host
        self._set_transmit_limit()

    def not_secure(self) -> None:
        """Plain TCP or UDP again."""
        self.secure = False
        self._set_transmit_limit()

    def _set_transmit_limit(self) -> None:
        options, spec = self.module.options, self.module.spec
        self.transmit_limit = options.transmit_buffer or spec.transmit_buffer
        if self.secure and spec.tls.transmit_buffer:
            self.transmit_limit = min(self.transmit_limit, spec.tls.transmit_buffer)

    def _listens(self) -> bool:
        """Whether the real socket may be watched: not while the module is being paged."""
        return self.module.network.usable and not self.module.sleeper.paging

    def _reached(self) -> bool:
        """Whether received data can be taken now; an idle radio must be paged first."""
        if self.module.network.connected:
            return True
        self.module.sleeper.page()
        return False

    def link_changed(self) -> None:  # noqa: B027 (may be left as it is)
        """Coverage came or went, or paging of the module has begun or ended."""

    def apply_options(self) -> None:
        """Hand the options the host's stack can carry out to the real socket."""
        if self._sock is None:
            return
        known = {
            (65535, 8): (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            (65535, 32): (socket.SOL_SOCKET, socket.SO_BROADCAST),
            (6, 1): (socket.IPPROTO_TCP, socket.TCP_NODELAY),
        }
        for key, value in self.options.items():
            if key in known and not (key[0] == 6 and self.proto == UDP):
                self._sock.setsockopt(*known[key], value[0])

    def shut(self) -> None:
        """Close at once, with no more than the kernel's own message to the peer."""
        sock, self._sock = self._sock, None
        self.state = INACTIVE
        if sock is not None:
            self.loop.remove_reader(sock)
            self.loop.remove_writer(sock)
            sock.close()
            self._touch()

    def _touch(self) -> None:
        expect = getattr(self.loop, "expect_io", None)
        if expect is not None:
            expect()

    def _bind(self, sock: socket.socket, address: str) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, self.module.addresses.real_port(self.local_port)))
        self.bound = (self.local_port, sock.getsockname()[1])
