"""A CoAP server by aiocoap over UDP, DTLS, TCP or TLS, for tests and the demo.

Its datagrams go through a socket of its own, so that they can be lost on purpose and DTLS is that
of pyOpenSSL: aiocoap's own needs a C extension that is no part of it.

    /hello          GET: "world"
    /               GET: a text of two lines, as libcoap's server has it
    /test           PUT, POST: "PUT OK", "POST OK"
    /large-update   PUT, GET: what was put, in blocks
    /store/<name>   GET PUT POST DELETE: kept with its content format
    /pattern        GET: "?n" bytes, byte i is i * 7 % 251
    /echo           POST: what was posted, in its content format
    /query          GET: the query, and as what host we were asked
    /forbidden      GET: 4.03 with a text; PUT: 4.05 with the text of the seed
    /broken         GET: 5.00
    /slow           GET: answers after "?ms", acknowledged before
    /hang           GET: never answers, not acknowledged either
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from aiocoap import Message, error, interfaces, resource
from aiocoap.numbers.codes import Code
from aiocoap.protocol import Context
from aiocoap.transports.tcp import TcpConnection, TCPServer
from OpenSSL import SSL
from servers.mqttsn_gateway.transport import Address, PlainPort, SecurePort

from ublox_simulator.services.coap.exchange import Peer

INDEX = (
    b"This is a test server made with libcoap (see https://libcoap.net)\n"
    b"Copyright (C) 2010--2020 Olaf Bergmann <bergmann@tzi.org> and others\n\n"
)
NOT_HERE = b"Error 4.05: Method not supported here"


def pattern(size: int) -> bytes:
    """What /pattern gives."""
    return bytes(i * 7 % 251 for i in range(size))


# ---- what there is --------------------------------------------------------------------------


class Text(resource.Resource):
    """One text to get."""

    def __init__(self, text: bytes, content_format: int = 0) -> None:
        super().__init__()
        self._text = text
        self._format = content_format

    async def render_get(self, request: Message) -> Message:
        """The text."""
        return Message(payload=self._text, content_format=self._format)


class Test(resource.Resource):
    """As coap.me has it."""

    async def render_put(self, request: Message) -> Message:
        """2.04."""
        return Message(code=Code.CHANGED, payload=b"PUT OK", content_format=0)

    async def render_post(self, request: Message) -> Message:
        """2.01."""
        return Message(code=Code.CREATED, payload=b"POST OK", content_format=0)


class Store(resource.Resource):
    """Keeps what it is given, by path."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, ...], tuple[bytes, int | None]] = {}

    async def render_get(self, request: Message) -> Message:
        """2.05 or 4.04."""
        found = self.kept.get(request.opt.uri_path)
        if found is None:
            return Message(code=Code.NOT_FOUND, payload=b"nothing there")
        return Message(payload=found[0], content_format=found[1])

    async def render_put(self, request: Message) -> Message:
        """2.01 or 2.04."""
        new = request.opt.uri_path not in self.kept
        self.kept[request.opt.uri_path] = request.payload, request.opt.content_format
        return Message(code=Code.CREATED if new else Code.CHANGED)

    render_post = render_put

    async def render_delete(self, request: Message) -> Message:
        """2.02, whether it was there or not."""
        self.kept.pop(request.opt.uri_path, None)
        return Message(code=Code.DELETED)


class Folder(Store, resource.PathCapable):
    """The same for every path below it."""


class Pattern(resource.Resource):
    """As much as one likes."""

    async def render_get(self, request: Message) -> Message:
        """2.05."""
        size = int(request.opt.uri_query[0]) if request.opt.uri_query else 100
        return Message(payload=pattern(size), content_format=42)


class Echo(resource.Resource):
    """Gives back what it gets."""

    async def render_post(self, request: Message) -> Message:
        """2.04."""
        return Message(
            code=Code.CHANGED, payload=request.payload, content_format=request.opt.content_format
        )


class Query(resource.Resource):
    """What options came with the request."""

    async def render_get(self, request: Message) -> Message:
        """2.05."""
        parts = [*request.opt.uri_query, request.opt.uri_host or "-"]
        return Message(payload="|".join(parts).encode(), content_format=0)


class Forbidden(resource.Resource):
    """Refuses with a text."""

    async def render_get(self, request: Message) -> Message:
        """4.03."""
        return Message(code=Code.FORBIDDEN, payload=b"not for you")

    async def render_put(self, request: Message) -> Message:
        """4.05."""
        return Message(code=Code.METHOD_NOT_ALLOWED, payload=NOT_HERE)


class Broken(resource.Resource):
    """Fails."""

    async def render_get(self, request: Message) -> Message:
        """5.00."""
        return Message(code=Code.INTERNAL_SERVER_ERROR, payload=b"broken")


class Slow(resource.Resource):
    """Takes its time."""

    async def render_get(self, request: Message) -> Message:
        """2.05 as a separate answer."""
        ms = int(request.opt.uri_query[0]) if request.opt.uri_query else 1000
        await asyncio.sleep(ms / 1000)
        return Message(payload=b"at last", content_format=0)


def site() -> tuple[resource.Site, Folder]:
    """All of it, and what it keeps."""
    root, store = resource.Site(), Folder()
    root.add_resource(["hello"], Text(b"world"))
    root.add_resource([], Text(INDEX))
    root.add_resource(["test"], Test())
    root.add_resource(["large-update"], Store())
    root.add_resource(["store"], store)
    root.add_resource(["pattern"], Pattern())
    root.add_resource(["echo"], Echo())
    root.add_resource(["query"], Query())
    root.add_resource(["forbidden"], Forbidden())
    root.add_resource(["broken"], Broken())
    root.add_resource(["slow"], Slow())
    return root, store


# ---- how it is reached ----------------------------------------------------------------------


class Datagrams(interfaces.MessageInterface):
    """aiocoap's messages over a port."""

    def __init__(self, manager: Any, server: CoapServer) -> None:
        self._manager = manager
        self._server = server

    def send(self, message: Message) -> None:
        """To a client."""
        assert isinstance(message.remote, Peer)
        self._server.put(message.encode(), message.remote.address)

    def received(self, data: bytes, sender: Address) -> None:
        """From a client."""
        with contextlib.suppress(error.UnparsableMessage):
            self._manager.dispatch_message(Message.decode(data, remote=Peer(sender)))

    async def recognize_remote(self, remote: Any) -> bool:
        """Whoever has come."""
        return isinstance(remote, Peer)

    async def determine_remote(self, message: Message) -> None:
        """Nobody else is asked."""

    async def shutdown(self) -> None:
        """The server closes its port."""


class Streams(TCPServer):
    """aiocoap's TCP server on any free port."""

    async def listen(self, manager: Any, context: Context, tls: Any, host: str, port: int) -> int:
        """Begin; the port."""
        self._tokenmanager = manager
        self.log = context.log

        def visited() -> TcpConnection:
            made = TcpConnection(self, context.log, context.loop, is_server=True)
            self._pool.add(made)
            return made

        self.server = await context.loop.create_server(visited, host, port, ssl=tls)
        return int(self.server.sockets[0].getsockname()[1])

    async def shutdown(self) -> None:
        """Without a word: the library's own fails for visitors whose handshake has failed."""
        self._tokenmanager = None
        self.server.close()
        for visitor in self._pool:
            if visitor._transport is not None:
                visitor._transport.abort()


class CoapServer:
    """Works on the given loop, also one in virtual time.

    `deaf` and `mute`: so many datagrams from and to clients get lost; `loses` is asked about each
    further one. `heard`: requests that have come, repeated ones too, unless they were lost.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.deaf = self.mute = self.heard = 0
        self.loses: Callable[[], bool] = lambda: False
        self.port = 0
        self.site, self.store = site()
        self._context = Context(loop=loop, serversite=self.site)
        self._socket: PlainPort | None = None
        self._interface: Datagrams | None = None

    async def over_datagrams(
        self, secure: SSL.Context | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> CoapServer:
        """Listen by UDP, or DTLS."""

        async def made(manager: Any) -> Datagrams:
            self._interface = Datagrams(manager, self)
            return self._interface

        await self._context._append_tokenmanaged_messagemanaged_transport(made)
        if secure is None:
            self._socket = PlainPort(self.loop, self._came, host, port)
        else:
            self._socket = SecurePort(self.loop, self._came, secure, host, port)
        self.port = self._socket.port
        return self

    async def over_streams(
        self, secure: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> CoapServer:
        """Listen by TCP, or TLS."""

        async def made(manager: Any) -> Streams:
            streams = Streams()
            self.port = await streams.listen(manager, self._context, secure, host, port)
            return streams

        await self._context._append_tokenmanaged_transport(made)
        return self

    def _came(self, _port: PlainPort, sender: Address, data: bytes) -> None:
        if self.deaf:
            self.deaf -= 1
            return
        if self.loses() or b"hang" in data:
            return
        self.heard += 1
        assert self._interface is not None
        self._interface.received(data, sender)

    def put(self, data: bytes, to: Address) -> None:
        """A datagram to a client."""
        if self.mute:
            self.mute -= 1
        elif not self.loses() and self._socket is not None:
            self._socket.send(data, to)

    async def stop(self) -> None:
        """Give everything back."""
        await self._context.shutdown()
        self.close()

    def close(self) -> None:
        """Give the port back; also on a loop at rest."""
        port, self._socket = self._socket, None
        if port is not None:
            port.close()


async def _serve(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    plain = await CoapServer(loop).over_datagrams(None, arguments.host, arguments.port)
    await CoapServer(loop).over_streams(None, arguments.host, plain.port)
    print(f"coap://{arguments.host}:{plain.port} and coap+tcp:// on the same port", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """python -m servers.coap [--port 5683]"""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5683)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
