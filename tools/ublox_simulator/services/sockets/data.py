"""Writing to and reading from sockets (at-commands 3.1, A5 5.3, 5.5, 5.6, 5.7)."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.net import ResolveError
from ...world.tcp_endpoint import (
    CLOSE_WAIT,
    EDESTADDRREQ,
    ENOTCONN,
    ESTABLISHED,
    Endpoint,
    TcpEndpoint,
    UdpEndpoint,
    errno_of,
)
from ..network.dns import Dns

if TYPE_CHECKING:
    from .sockets import Sockets

CHUNK, HEX_CHUNK = 1024, 512
EWOULDBLOCK = 11
HOST_LIMIT = 128


class SocketData(Service):
    """+USOWR, +USOST, +USORD, +USORF."""

    @property
    def _all(self) -> Sockets:
        return self.module.sockets

    @property
    def _limit(self) -> int:
        return HEX_CHUNK if self._all.hex_mode else CHUNK

    # -- writing ---------------------------------------------------------------------------

    @command("+USOWR", alone=True)
    async def write(self, cmd: Command) -> Reply:
        """Write to a connected socket, by prompt, base or hex syntax."""
        if cmd.form is Form.TEST:
            return f'+USOWR: (0-{self.module.spec.sockets - 1}),(0-1024),"data"'
        endpoint = self._all.find(cmd)
        data = await self._payload(cmd, 1)
        if isinstance(endpoint, UdpEndpoint):
            if endpoint.remote is None:
                raise self._all.fail(EDESTADDRREQ, endpoint)
            self._send_datagram(endpoint, data, *endpoint.remote)
            return f"+USOWR: {endpoint.id},{len(data)}"
        assert isinstance(endpoint, TcpEndpoint)
        return f"+USOWR: {endpoint.id},{self._write_stream(endpoint, data)}"

    def _write_stream(self, endpoint: TcpEndpoint, data: bytes) -> int:
        if endpoint.eof or endpoint.state == CLOSE_WAIT:
            if "write-closed-error" in self.module.options.variants:
                raise self._all.fail(ENOTCONN, endpoint)
            return 0  # the peer has closed (A5 5.5)
        if endpoint.state != ESTABLISHED:
            raise self._all.fail(ENOTCONN, endpoint)
        if endpoint.room() < len(data) or self.module.faults.is_full(endpoint.id):
            raise self._all.fail(EWOULDBLOCK, endpoint)
        endpoint.write(data)
        return len(data)

    @command("+USOST", alone=True)
    async def send_to(self, cmd: Command) -> Reply:
        """Send one datagram to an address or name."""
        if cmd.form is Form.TEST:
            return (
                f'+USOST: (0-{self.module.spec.sockets - 1}),"remote_host",(1-65535),'
                '(0-1024),"data"'
            )
        endpoint = self._all.find(cmd)
        if not isinstance(endpoint, UdpEndpoint):
            raise CommandError(NOT_ALLOWED)
        host = cmd.string(1, HOST_LIMIT)
        port = cmd.number(2, 1, 65535)
        data = await self._payload(cmd, 3)
        if self.module.faults.is_full(endpoint.id):
            raise self._all.fail(EWOULDBLOCK, endpoint)
        address = host
        if self.module.network.usable:
            try:
                dns = self.module.service(Dns)
                address = await dns.query(host, endpoint.cid, endpoint.want_v6)
            except ResolveError as error:
                raise self._all.fail(error.errno, endpoint) from None
        self._send_datagram(endpoint, data, address, port)
        return f"+USOST: {endpoint.id},{len(data)}"

    def _send_datagram(self, endpoint: UdpEndpoint, data: bytes, address: str, port: int) -> None:
        try:
            endpoint.send(data, address, port)
        except OSError as error:
            raise self._all.fail(errno_of(error), endpoint) from None

    async def _payload(self, cmd: Command, index: int) -> bytes:
        """The payload whose length is parameter `index`: after it, or requested by a prompt."""
        if len(cmd) > index + 1:
            return self._inline(cmd, index)
        length = cmd.number(index, 1, CHUNK)
        return await self.module.interface.prompt("@", length)

    def _inline(self, cmd: Command, index: int) -> bytes:
        cmd.at_most(index + 2)
        length = cmd.number(index, 1, self._limit)
        param = cmd.params[index + 1]
        if not param.quoted:
            raise CommandError(BAD_PARAMETERS)
        data = param.text.encode("latin-1")
        if self._all.hex_mode:
            try:
                data = binascii.unhexlify(data)
            except ValueError:
                raise CommandError(BAD_PARAMETERS) from None
        elif any(byte < 32 for byte in data) or (
            b"," in data and "comma-forbidden" in self.module.options.variants
        ):
            # NUL, CR, LF, NAK and their like are not allowed in base syntax (at-commands 3.1)
            self.module.referee.report("forbidden character in base syntax data")
            raise CommandError(NOT_ALLOWED)
        if len(data) != length:
            self.module.referee.report(f"{len(data)} bytes of data where {length} were announced")
        if len(data) < length:
            raise CommandError(BAD_PARAMETERS)
        return data[:length]

    # -- reading ---------------------------------------------------------------------------

    @command("+USORD")
    def read(self, cmd: Command) -> Reply:
        """Read from the buffer; length 0 reports how much there is."""
        if cmd.form is Form.TEST:
            return f"+USORD: (0-{self.module.spec.sockets - 1}),(0-1024)"
        endpoint, length = self._asked(cmd)
        if length == 0:
            endpoint.known = endpoint.unread
            return f"+USORD: {endpoint.id},{endpoint.unread}"
        self._check_announced(endpoint, length, "+USORD")
        data = b""
        if isinstance(endpoint, TcpEndpoint):
            data = endpoint.read(length)
        elif isinstance(endpoint, UdpEndpoint) and endpoint.queue:
            data, _ = endpoint.read(length)
        self._count(endpoint, len(data))
        if not data and "usord-short" in self.module.options.variants:
            return f'+USORD: {endpoint.id},""'
        return b'+USORD: %d,%d,"%s"' % (endpoint.id, len(data), self._shown(data))

    @command("+USORF")
    def read_from(self, cmd: Command) -> Reply:
        """Read from the oldest datagram; length 0 reports how much there is."""
        if cmd.form is Form.TEST:
            return f"+USORF: (0-{self.module.spec.sockets - 1}),(0-1024)"
        endpoint, length = self._asked(cmd)
        if not isinstance(endpoint, UdpEndpoint):
            raise CommandError(NOT_ALLOWED)
        if length == 0:
            endpoint.known = endpoint.unread
            return f"+USORF: {endpoint.id},{endpoint.unread}"
        self._check_announced(endpoint, length, "+USORF")
        if not endpoint.queue:
            self._count(endpoint, 0)
            short = "usord-short" in self.module.options.variants
            return f"+USORF: {endpoint.id}," + ('""' if short else '"",0,0,""')
        data, (address, port) = endpoint.read(length)
        self._count(endpoint, len(data))
        head = f'+USORF: {endpoint.id},"{address}",{port},{len(data)},"'
        return head.encode() + self._shown(data) + b'"'

    def _asked(self, cmd: Command) -> tuple[Endpoint, int]:
        endpoint = self._all.find(cmd)
        cmd.at_most(2)
        return endpoint, cmd.number(1, 0, self._limit)

    def _check_announced(self, endpoint: Endpoint, length: int, name: str) -> None:
        if length > endpoint.known:
            self.module.referee.report(
                f"{name} asks for {length} bytes, {endpoint.known} are announced and unread"
            )

    def _count(self, endpoint: Endpoint, count: int) -> None:
        endpoint.known = max(0, endpoint.known - count)
        self._all.after_read(endpoint)

    def _shown(self, data: bytes) -> bytes:
        return binascii.hexlify(data).upper() if self._all.hex_mode else data
