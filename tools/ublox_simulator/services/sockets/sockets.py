"""TCP/UDP sockets (at-commands 3, A5 5, A10 5): create, connect, listen, close, announcements."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError, PlainError
from ...line.parser import Command, Form
from ...service import Reply, command
from ...world.net import Address, ResolveError
from ...world.tcp_endpoint import INACTIVE, TCP, UDP, Endpoint, TcpEndpoint, UdpEndpoint, errno_of
from ..network.dns import Dns
from .data import SocketData
from .direct_link import DirectLinkCommands
from .options import SocketOptions
from .tls import SecureSockets

if TYPE_CHECKING:
    from ...module import Module

EBADF, ENOBUFS, EISCONN, ECONNABORTED, EINPROGRESS, EADDRINUSE = 9, 105, 106, 103, 115, 98
ADDRESS_LIMIT = 128

Connectable = TcpEndpoint | UdpEndpoint


class Sockets(SocketData, SocketOptions, DirectLinkCommands, SecureSockets):
    """The socket table and its changes."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.table: dict[int, Endpoint] = {}
        self.guests: set[Endpoint] = set()
        """Endpoints of other services: they see coverage come and go like sockets."""
        self.hex_mode = False
        self.release_next = False
        """+UDCONF=89: the radio connection is not needed any more after the next send."""
        self.last_error = 0
        self._connecting: tuple[Endpoint, asyncio.Task[None]] | None = None
        self._closing: set[TcpEndpoint] = set()

    def reset(self) -> None:
        """No socket survives a boot."""
        self.close()
        self.last_error = 0
        self.handshake_runs(False)
        self.forget_settings()

    def forget_settings(self) -> None:
        """Formats and triggers of a boot; sockets are not touched."""
        self.release_next = False
        keep = "hex-persistent" in self.module.options.variants
        self.hex_mode = bool(self.module.nvm.get("hex", 0)) if keep else False
        self.reset_direct_link()

    def close(self) -> None:
        """Close every real socket."""
        for endpoint in (*self.table.values(), *self._closing):
            endpoint.shut()
        self.table.clear()
        self._closing.clear()
        self._connecting = None

    def set_hex_mode(self, on: bool) -> None:
        """+UDCONF=1."""
        self.hex_mode = on
        if "hex-persistent" in self.module.options.variants:
            self.module.nvm.put("hex", int(on))

    def listen_ports(self) -> dict[int, int]:
        """Module port -> real port of all bound sockets."""
        return dict(e.bound for e in self.table.values() if e.bound and e.bound[0])

    # -- errors and preconditions ----------------------------------------------------------

    def fail(self, errno: int, endpoint: Endpoint | None = None) -> Exception:
        """Note the errno for +USOER and +USOCTL=s,1; returns the exception to raise."""
        self.last_error = errno
        if endpoint is not None:
            endpoint.last_error = errno
        if "socket-cme" in self.module.options.variants:
            return CommandError(NOT_ALLOWED)
        return PlainError()

    def require_data(self, cid: int | None = None) -> int:
        """The cid to use when the data connection is up; CME 3 otherwise."""
        if self.module.spec.psd_profiles:
            from ..network.psd import Psd

            active = self.module.service(Psd).active
            if not active:
                raise CommandError(NOT_ALLOWED)
            return next(iter(active.values()))
        cid = self.module.network.default_cid if cid is None else cid
        if not self.module.network.context_active(cid):
            raise CommandError(NOT_ALLOWED)
        return cid

    def find(self, cmd: Command, index: int = 0) -> Endpoint:
        """The open socket parameter `index` names; CME 3 and errno 9 when there is none."""
        ident = cmd.number(index, 0, self.module.spec.sockets - 1)
        endpoint = self.table.get(ident)
        if endpoint is None:
            self.last_error = EBADF
            raise CommandError(NOT_ALLOWED)
        return endpoint

    # -- create and list -------------------------------------------------------------------

    @command("+USOCR")
    def create(self, cmd: Command) -> Reply:
        """The lowest free id; LEXI-R10 knows IP type, cid and the always-on report."""
        extended = self.module.spec.socket_list
        if cmd.form is Form.TEST:
            return "+USOCR: (6,17),(1-65535)"
        if cmd.form is Form.READ and extended:
            return [self._listed(e) for _, e in sorted(self.table.items())]
        proto = cmd.number(0, TCP, UDP)
        if proto not in (TCP, UDP):
            raise CommandError(BAD_PARAMETERS)
        cmd.at_most(5 if extended else 2)
        port = cmd.number(1, 0, 65535, 0)
        want_v6 = bool(cmd.number(2, 0, 1, self.module.network.preferred_type))
        cid = self.require_data(cmd.number(3, 1, 15) if cmd.has(3) else None)
        report = cmd.number(4, 0, 1, 0)
        ident = self._free_id()
        if ident is None:
            raise self.fail(ENOBUFS)
        if port and any(e.local_port == port and e.proto == proto for e in self.table.values()):
            raise self.fail(EADDRINUSE)
        endpoint = self._add(ident, proto, cid)
        endpoint.local_port = port
        endpoint.want_v6 = want_v6
        if report:
            return self._listed(endpoint)
        if port and "usocr-port" in self.module.options.variants:
            return f"+USOCR: {ident},{port}"
        return f"+USOCR: {ident}"

    def _listed(self, endpoint: Endpoint) -> str:
        return f"+USOCR: {endpoint.id},{endpoint.proto},{int(endpoint.always_on)}"

    def _free_id(self) -> int | None:
        for ident in range(self.module.spec.sockets):
            if ident not in self.table:
                return ident
        return None

    def _add(self, ident: int, proto: int, cid: int) -> Endpoint:
        endpoint: Endpoint
        if proto == TCP:
            endpoint = tcp = TcpEndpoint(self.module, ident, cid)
            tcp.on_accept = lambda sock, peer: self._accepted(tcp, sock, peer)
        else:
            endpoint = UdpEndpoint(self.module, ident, cid)
        endpoint.on_data = lambda: self.data_arrived(endpoint)
        endpoint.on_end = lambda: self.connection_ended(endpoint)
        endpoint.on_send = self.traffic
        endpoint.on_handshake = self.handshake_runs
        # The first of each kind is always-on until it is closed (A10 5.10).
        endpoint.always_on = self.module.spec.socket_list and not any(
            e.always_on and e.proto == proto for e in self.table.values()
        )
        self.table[ident] = endpoint
        return endpoint

    def free(self, endpoint: Endpoint) -> None:
        """Take a socket out of the table and close it."""
        if self.table.get(endpoint.id) is endpoint:
            del self.table[endpoint.id]
        endpoint.shut()

    # -- connect ---------------------------------------------------------------------------

    @command("+USOCO")
    async def connect(self, cmd: Command) -> Reply:
        """Connect a TCP socket, or give a UDP socket its peer."""
        if cmd.form is Form.TEST:
            return f'+USOCO: (0-{self.module.spec.sockets - 1}),"remote_host",(1-65535),(0,1)'
        endpoint = self.find(cmd)
        host = cmd.string(1, ADDRESS_LIMIT)
        port = cmd.number(2, 1, 65535)
        later = bool(cmd.number(3, 0, 1, 0))
        if isinstance(endpoint, UdpEndpoint) and not endpoint.secure:
            try:
                address = await self._resolve(host, endpoint)
            except OSError as error:
                raise self.fail(errno_of(error), endpoint) from None
            endpoint.remote = (address, port)
            return None
        assert isinstance(endpoint, (TcpEndpoint, UdpEndpoint))
        self._check_no_connect_pending(endpoint)
        if endpoint.state != INACTIVE or endpoint.eof:
            raise self.fail(EISCONN, endpoint)
        if later:
            task = self.module.spawn(self._connect_later(endpoint, host, port))
            self._connecting = (endpoint, task)
            return None
        try:
            await self._connect(endpoint, host, port)
        except OSError as error:
            self.free(endpoint)
            self.module.urc(f"+UUSOCL: {endpoint.id}")
            raise self.fail(errno_of(error)) from None
        return None

    def _check_no_connect_pending(self, endpoint: Endpoint) -> None:
        """While an asynchronous connect is pending no other may; a repeat closes the socket."""
        if self._connecting is None:
            return
        pending, task = self._connecting
        if pending is endpoint:
            task.cancel()
            self._connecting = None
            self.free(endpoint)
            self.module.urc(f"+UUSOCL: {endpoint.id}")
        raise self.fail(EINPROGRESS)

    async def _resolve(self, host: str, endpoint: Endpoint) -> str:
        if not self.module.network.usable:
            return host  # the connect itself will time out
        try:
            dns = self.module.service(Dns)
            return await dns.query(host, endpoint.cid, endpoint.want_v6)
        except ResolveError as error:
            raise OSError(error.errno, "name not resolved") from None

    async def _connect(self, endpoint: Connectable, host: str, port: int) -> None:
        endpoint.secure_host = host
        await endpoint.connect(await self._resolve(host, endpoint), port)
        endpoint.last_error = 0

    async def _connect_later(self, endpoint: Connectable, host: str, port: int) -> None:
        errno = 0
        try:
            await self._connect(endpoint, host, port)
        except OSError as error:
            errno = errno_of(error)
        variants = self.module.options.variants
        self._connecting = None
        if errno:
            self.fail(errno, endpoint)
            if "uusoco-keep" not in variants:
                self.free(endpoint)
        self.module.urc(f"+UUSOCO: {endpoint.id},{errno}")
        if errno and "uusoco-uusocl" in variants:
            self.module.urc(f"+UUSOCL: {endpoint.id}")

    # -- listen ----------------------------------------------------------------------------

    @command("+USOLI")
    def listen(self, cmd: Command) -> Reply:
        """Listen on a port; peers are announced by +UUSOLI, datagrams by +UUSORF."""
        if cmd.form is Form.TEST:
            return f"+USOLI: (0-{self.module.spec.sockets - 1}),(1-65535)"
        endpoint = self.find(cmd)
        port = cmd.number(1, 1, 65535)
        if endpoint.listening or endpoint.state != INACTIVE:
            raise self.fail(EISCONN, endpoint)
        if endpoint.secure:
            raise CommandError(NOT_ALLOWED)
        assert isinstance(endpoint, (TcpEndpoint, UdpEndpoint))
        try:
            endpoint.listen(port)
        except OSError as error:
            raise self.fail(errno_of(error), endpoint) from None
        if endpoint.proto == TCP:
            endpoint.always_on = False  # A10 5.10
        return None

    def _accepted(self, listener: TcpEndpoint, sock: socket.socket, peer: Address) -> None:
        ident = self._free_id()
        if ident is None:
            sock.close()
            return
        endpoint = self._add(ident, TCP, listener.cid)
        assert isinstance(endpoint, TcpEndpoint)
        endpoint.adopt(sock, peer)
        own = self.module.network.own_address()
        self.module.urc(
            f'+UUSOLI: {ident},"{peer[0]}",{peer[1]},{listener.id},"{own}",{listener.local_port}'
        )
        endpoint.begin()

    # -- close -----------------------------------------------------------------------------

    @command("+USOCL")
    async def close_socket(self, cmd: Command) -> Reply:
        """Close; asynchronously (TCP) OK comes first and +UUSOCL at the end."""
        if cmd.form is Form.TEST:
            return f"+USOCL: (0-{self.module.spec.sockets - 1}),(0,1)"
        endpoint = self.find(cmd)
        later = bool(cmd.number(1, 0, 1, 0))
        if later and endpoint.proto != TCP:
            raise CommandError(NOT_ALLOWED)
        if self._connecting is not None and self._connecting[0] is endpoint:
            self._connecting[1].cancel()
            self._connecting = None
        if later:
            assert isinstance(endpoint, TcpEndpoint)
            self.module.spawn(self._close_later(endpoint))
            return None
        if isinstance(endpoint, TcpEndpoint):
            await endpoint.drain_and_close(self.module.options.close_timeout_ms / 1000)
        self.free(endpoint)
        return None

    async def _close_later(self, endpoint: TcpEndpoint) -> None:
        await endpoint.drain_and_close(self.module.options.close_timeout_ms / 1000)
        self.module.urc(lambda: self._ended_text(endpoint))

    # -- announcements ---------------------------------------------------------------------

    def data_arrived(self, endpoint: Endpoint) -> None:
        """New data: a URC only when all announced data has been read (A5 5.5)."""
        if self.link_takes(endpoint):
            return
        if not endpoint.waiting:
            self.announce(endpoint)

    def announce(self, endpoint: Endpoint) -> None:
        """Queue +UUSORD/+UUSORF; its count is taken when it is printed."""
        endpoint.waiting = True
        if not endpoint.announcing:
            endpoint.announcing = True
            self.module.urc(lambda: self._announcement(endpoint))

    def _announcement(self, endpoint: Endpoint) -> str | None:
        endpoint.announcing = False
        count = endpoint.unread
        if self.table.get(endpoint.id) is not endpoint or not count:
            endpoint.waiting = False  # read without waiting for the URC
            return None
        endpoint.known = count
        datagrams = endpoint.proto == UDP and (
            endpoint.listening or "udp-uusorf" in self.module.options.variants
        )
        return f"+UUSOR{'F' if datagrams else 'D'}: {endpoint.id},{count}"

    def after_read(self, endpoint: Endpoint) -> None:
        """Announce data that a read left or found; report the end once no data is left."""
        if endpoint.unread:
            self.announce(endpoint)
            return
        endpoint.waiting = False
        endpoint.known = 0
        if endpoint.eof:
            self.connection_ended(endpoint)

    def connection_ended(self, endpoint: Endpoint) -> None:
        """+UUSOCL, held back until all data has been read (A5 5.5, fourth scenario)."""
        if self.link_ended(endpoint):
            return
        if endpoint.last_error:
            self.last_error = endpoint.last_error
        if not endpoint.unread:
            self.module.urc(lambda: self._ended_text(endpoint))

    def _ended_text(self, endpoint: Endpoint) -> str | None:
        if self.table.get(endpoint.id) is not endpoint:
            return None
        self.free(endpoint)
        return f"+UUSOCL: {endpoint.id}"

    def traffic(self) -> None:
        """Data was sent; with release assistance the radio connection ends soon after."""
        releases, self.release_next = self.release_next, False
        self.module.network.touch(self.module.options.release_ms if releases else None)

    def link_changed(self) -> None:
        """Coverage came or went, or paging of the module has begun or ended."""
        for endpoint in (*self.table.values(), *self.guests):
            endpoint.link_changed()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """The context went down: its sockets are closed and reported."""
        for endpoint in [e for e in self.table.values() if e.cid == cid]:
            self.last_error = ECONNABORTED
            if self._connecting is not None and self._connecting[0] is endpoint:
                self._connecting[1].cancel()
                self._connecting = None
            self.free(endpoint)
            self.link_ended(endpoint)
            if told:
                self.module.urc(f"+UUSOCL: {endpoint.id}")
