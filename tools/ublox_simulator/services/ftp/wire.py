"""The connections of the FTP client: aioftp speaks the protocol, over the module's own sockets."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import aioftp

from ...tls.failure import TlsFailure
from ...tls.tcp import SecureStream
from ...world.net import Address, ResolveError, is_address
from ...world.tcp_endpoint import ESTABLISHED, TcpEndpoint
from ..network.dns import NO_NETWORK_S, Dns
from .errors import (
    CLOSED,
    CONNECT,
    EXTENDED_PASSIVE,
    HOST_UNRESOLVED,
    INCOMPLETE,
    LOGIN,
    MISUSE,
    NO_DATA_CHANNEL,
    PASSWORD,
    SECURE,
    TIMEOUT,
    USER,
    FtpFailure,
    refused,
)
from .profile import Settings

if TYPE_CHECKING:
    from ...module import Module

GUEST_ID = 120
"""The endpoints are in no socket table; their ids only have to differ from those there."""

READ_PIECE = 4096
LAST_WORD_S = 10


class FtpEndpoint(TcpEndpoint):
    """A connection that can become a TLS one later, as the control connection does (RFC 4217)."""

    async def start_tls(self, profile: int | None, host: str) -> None:
        """Raises TlsFailure or OSError."""
        assert self._sock is not None
        self.loop.remove_reader(self._sock)
        self._reading = False
        self.secure_with(profile, host)
        self._tls = SecureStream(self.module, profile, host)
        await self._tls.handshake(self._sock)
        self._watch()
        self._decrypt()

    @property
    def peer(self) -> str:
        """The real address of the server."""
        assert self._sock is not None
        return str(self._sock.getpeername()[0])

    @property
    def own_address(self) -> str:
        """Ours, as a real server sees it."""
        assert self._sock is not None
        return str(self._sock.getsockname()[0])


class Pipe:
    """An endpoint as reader and writer; every wait has the patience of the client."""

    def __init__(self, module: Module, ident: int, cid: int, patience_s: float) -> None:
        self._module = module
        self._patience_s = patience_s
        self._moved = asyncio.Event()
        self.endpoint = FtpEndpoint(module, ident, cid)
        self.endpoint.on_data = self.endpoint.on_end = self._moved.set
        self.endpoint.on_send = self._sent
        module.sockets.guests.add(self.endpoint)

    def _sent(self) -> None:
        self._module.network.touch()
        self._moved.set()

    async def open(self, address: str, port: int) -> None:
        """Connect; raises FtpFailure."""
        try:
            await asyncio.wait_for(self.endpoint.connect(address, port), self._patience_s)
        except TimeoutError:
            raise FtpFailure(TIMEOUT) from None
        except OSError:
            raise FtpFailure(CONNECT) from None

    async def secure(self, profile: int | None, host: str) -> None:
        """TLS from now on; raises FtpFailure."""
        try:
            await asyncio.wait_for(self.endpoint.start_tls(profile, host), self._patience_s)
        except TimeoutError:
            raise FtpFailure(TIMEOUT) from None
        except (TlsFailure, OSError):
            raise FtpFailure(SECURE, group=MISUSE) from None

    # -- as aioftp uses them ---------------------------------------------------------------

    async def read(self, count: int) -> bytes:
        """The next bytes; b"" at the end."""
        endpoint = self.endpoint
        while not endpoint.unread:
            if endpoint.last_error:
                raise ConnectionResetError
            if endpoint.eof:
                return b""
            await self._wait()
        data = endpoint.read(count)
        bps = self._module.options.downlink_bps
        if bps:
            await asyncio.sleep(len(data) * 8 / bps)
        return data

    async def readline(self) -> bytes:
        """Up to and with the next line end."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = await self.read(1)
            if not byte:
                break
            line += byte
        return bytes(line)

    def write(self, data: bytes) -> None:
        """Queue bytes: what is sent at once here is small."""
        self.endpoint.write(data)

    async def drain(self) -> None:
        """Return when everything has left."""
        while self.endpoint.tx and not self.endpoint.eof:
            await self._wait()
        if self.endpoint.eof and self.endpoint.tx:
            raise ConnectionResetError

    async def send(self, data: bytes) -> None:
        """Hand over all of it, as there is room."""
        rest = memoryview(data)
        while rest:
            if self.endpoint.eof:
                raise ConnectionResetError
            room = self.endpoint.room()
            if room:
                self.endpoint.write(bytes(rest[:room]))
                rest = rest[room:]
            else:
                await self._wait()

    async def _wait(self) -> None:
        self._moved.clear()
        await asyncio.wait_for(self._moved.wait(), self._patience_s)

    def close(self) -> None:
        """End the connection."""
        self._module.sockets.guests.discard(self.endpoint)
        self.endpoint.shut()

    async def finish(self) -> None:
        """End it after everything has left."""
        await self.drain()
        self.close()


class _Client(aioftp.BaseClient):
    """aioftp on a pipe that is there already."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(encoding="latin-1")
        reader: Any = pipe
        self._stream = aioftp.ThrottleStreamIO(reader, reader, throttles={"_": self.throttle})


class Session:
    """One session with a server, from its greeting to QUIT."""

    def __init__(self, module: Module, settings: Settings, cid: int) -> None:
        self._module = module
        self.cid = cid
        self.use(settings)
        self._pipes: list[Pipe] = []
        self._listener: FtpEndpoint | None = None
        self._host = ""
        self.data: Pipe | None = None

    def use(self, settings: Settings) -> None:
        """What is set from now on; the control connection keeps its patience."""
        self.settings = settings
        longest_s = self._module.options.connect_timeout_ms / 1000
        self._patience_s = settings.inactivity_s or longest_s

    def _pipe(self) -> Pipe:
        pipe = Pipe(self._module, GUEST_ID + len(self._pipes) % 2, self.cid, self._patience_s)
        self._pipes.append(pipe)
        return pipe

    def close(self) -> None:
        """Everything at once."""
        for pipe in self._pipes:
            pipe.close()
        self._pipes.clear()
        self._stop_listening()

    # -- logging in and out ----------------------------------------------------------------

    async def login(self) -> None:
        """Connect, with TLS where that is set, and log in."""
        settings, variants = self.settings, self._module.options.variants
        self._control = self._pipe()
        await self._control.open(await self._look_up(), settings.port)
        self._client = _Client(self._control)
        implicit = "ftp-tls-implicit" in variants
        if settings.secure and implicit:
            await self._control.secure(settings.security_profile, settings.host)
        await self.command(None, "220", CONNECT)
        if settings.secure and not implicit:
            await self._agree("AUTH TLS", "234")
            await self._control.secure(settings.security_profile, settings.host)
        if settings.secure_data:
            await self._agree("PBSZ 0", "200")
            await self._agree("PROT P", "200")
        await self._introduce()
        await self.command("TYPE I", "200", CONNECT)

    async def _agree(self, words: str, expected: str) -> None:
        """A server, or an operator, without TLS is no secure socket (A5 9.2)."""
        try:
            await self.command(words, expected, SECURE)
        except FtpFailure as failure:
            if failure.over:
                raise
            raise FtpFailure(SECURE, group=MISUSE) from None

    async def _introduce(self) -> None:
        settings = self.settings
        code, _ = await self.command(f"USER {settings.user}", ("230", "331", "332"), USER)
        if code == "331":
            words = f"PASS {settings.password}"
            code, _ = await self.command(words, ("230", "202", "332"), PASSWORD, LOGIN)
        if code == "332":
            await self.command(f"ACCT {settings.account}", ("230", "202"), LOGIN)

    async def _look_up(self) -> str:
        host = self.settings.host
        if is_address(host):
            return host
        if not self._module.network.usable:
            await asyncio.sleep(min(NO_NETWORK_S, self._patience_s))
            raise FtpFailure(HOST_UNRESOLVED)
        await asyncio.sleep(self._module.options.dns_ms / 1000)
        self._module.network.touch()
        try:
            return await self._module.service(Dns).query(host, self.cid)
        except ResolveError:
            raise FtpFailure(HOST_UNRESOLVED) from None

    async def command(
        self,
        words: str | None,
        expected: str | tuple[str, ...],
        otherwise: int,
        instead: int | None = None,
    ) -> tuple[str, list[str]]:
        """A command and its reply; `otherwise`: the code where the server's own is none that the
        module knows, `instead`: the one that takes its place."""
        try:
            code, info = await self._client.command(words, expected)
        except aioftp.StatusCodeError as error:
            reply = str(error.received_codes[0])
            failure = refused(reply, otherwise)
            if instead is not None and reply == "530":
                failure = FtpFailure(instead)
            raise failure from None
        except TimeoutError:
            raise FtpFailure(TIMEOUT, over=True) from None
        except (ConnectionError, OSError):
            raise FtpFailure(CLOSED, over=True) from None
        return str(code), info

    # -- data connections ------------------------------------------------------------------

    async def begin(self, words: str, offset: int = 0) -> Pipe:
        """Open the data connection and have the server begin; passive or active."""
        if self.settings.passive:
            pipe = await self._passive()
            await self._start(words, offset)
        else:
            accepted = await self._active()
            await self._start(words, offset)
            try:
                pipe = await asyncio.wait_for(accepted, self._patience_s)
            except TimeoutError:
                raise FtpFailure(NO_DATA_CHANNEL) from None
            finally:
                self._stop_listening()
        if self.settings.secure_data:
            await pipe.secure(self.settings.security_profile, self.settings.host)
        self.data = pipe
        return pipe

    async def _start(self, words: str, offset: int) -> None:
        if offset:
            await self.command(f"REST {offset}", "350", NO_DATA_CHANNEL)
        await self.command(words, ("125", "150"), NO_DATA_CHANNEL)

    async def _passive(self) -> Pipe:
        """The server's own address counts, as for a client with NAT."""
        peer = self._control.endpoint.peer
        if ":" in peer:
            _, info = await self.command("EPSV", "229", EXTENDED_PASSIVE)
            _, port = self._client.parse_epsv_response(info[-1])
        else:
            _, info = await self.command("PASV", "227", NO_DATA_CHANNEL)
            _, port = self._client.parse_pasv_response(info[-1])
        pipe = self._pipe()
        try:
            await pipe.open(peer, port)
        except FtpFailure:
            raise FtpFailure(NO_DATA_CHANNEL) from None
        return pipe

    async def _active(self) -> asyncio.Future[Pipe]:
        """Listen, and tell the server where."""
        listener = self._listener = FtpEndpoint(self._module, GUEST_ID + 2, self.cid)
        accepted: asyncio.Future[Pipe] = self._module.loop.create_future()

        def accept(sock: socket.socket, peer: Address) -> None:
            pipe = self._pipe()
            pipe.endpoint.adopt(sock, peer)
            pipe.endpoint.begin()
            if not accepted.done():
                accepted.set_result(pipe)

        listener.on_accept = accept
        self._module.sockets.guests.add(listener)
        listener.listen(0)
        assert listener.bound is not None
        own, port = self._control.endpoint.own_address, listener.bound[1]
        if ":" in own:
            await self.command(f"EPRT |2|{own}|{port}|", "200", NO_DATA_CHANNEL)
        else:
            where = ",".join([*own.split("."), str(port >> 8), str(port & 255)])
            await self.command(f"PORT {where}", "200", NO_DATA_CHANNEL)
        return accepted

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            self._module.sockets.guests.discard(listener)
            listener.shut()

    async def end(self, otherwise: int) -> None:
        """The data connection is over: what the server says about it."""
        self.drop_data()
        await self.command(None, ("226", "250"), otherwise)

    def drop_data(self) -> None:
        """Close the data connection."""
        data, self.data = self.data, None
        if data is not None:
            data.close()
            if data in self._pipes:
                self._pipes.remove(data)

    async def settle(self, failure: FtpFailure) -> FtpFailure:
        """A transfer has failed on our side: what the server says about it is taken off the
        control connection, and counts if the connection was all that we saw."""
        if self.data is None or failure.over:
            return failure
        self.drop_data()
        try:
            await asyncio.wait_for(self.command(None, "2xx", CLOSED), LAST_WORD_S)
        except TimeoutError:
            pass
        except FtpFailure as word:
            if word.over or failure.pair[1] in (CLOSED, INCOMPLETE):
                return word
        return failure

    @property
    def alive(self) -> bool:
        """Whether the control connection is, as far as it is known."""
        return self._control.endpoint.state == ESTABLISHED
