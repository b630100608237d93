"""CoAP by aiocoap, over the module's own sockets: it makes and reads the messages, repeats and
acknowledges; UDP, TCP, DTLS and TLS are those of the module."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiocoap import Message, interfaces
from aiocoap.error import (
    Error,
    MessageError,
    NetworkError,
    ResponseWrappingError,
    UnparsableMessage,
)
from aiocoap.error import TimeoutError as NoAnswer
from aiocoap.numbers.constants import TransportTuning
from aiocoap.protocol import Context
from aiocoap.transports.tcp import TCPClient, TcpConnection

from ...tls.failure import TlsFailure
from ...world.udp_endpoint import UdpEndpoint
from ..http.errors import HttpFailure
from ..http.stream import Stream
from .errors import CONNECTION_LOST, NO_CONNECTION, NOT_SECURE, RESET, TIMED_OUT, CoapFailure
from .profile import Target

if TYPE_CHECKING:
    from ...module import Module

GUEST_ID = 300
STREAM_ID = 50
"""Endpoints are in no socket table; the ids only have to differ from those there."""

LARGEST = 65535
LARGEST_MESSAGE = 1152
"""Told to a server over TCP, so that it sends blocks instead of one message of any length."""

UDP_BLOCK = 6
"""1024 bytes, the largest there is without TCP."""


class Tuning(TransportTuning):
    """How often and after what time a message is sent again; without chance."""

    ACK_RANDOM_FACTOR = 1.0

    def __init__(self, ack_s: float, retries: int) -> None:
        self.ACK_TIMEOUT = ack_s
        self.MAX_RETRANSMIT = retries


class Way:
    """Carries requests to one server and answers back, until it is closed."""

    def __init__(self, module: Module, target: Target) -> None:
        self.module = module
        self.target = target
        self._context = Context(loop=module.loop)
        self._remote: Any = None
        options = module.options
        self._tuning = Tuning(options.coap_ack_ms / 1000, options.coap_retries)

    async def open(self, address: str, security: int | None) -> None:
        """Reach the server; raises CoapFailure."""
        raise NotImplementedError

    async def ask(self, message: Message) -> Message:
        """The server's answer, of whatever code; raises CoapFailure."""
        message.remote = self._remote
        message.transport_tuning = self._tuning
        patience_s = self._tuning.MAX_TRANSMIT_WAIT
        request = self._context.request(message, handle_blockwise=False)
        try:
            return await asyncio.wait_for(request.response, patience_s)
        except TimeoutError:
            raise CoapFailure(TIMED_OUT) from None
        except ResponseWrappingError as error:
            return error.to_message()
        except NoAnswer:
            raise CoapFailure(TIMED_OUT) from None
        except MessageError:  # as aiocoap calls a reset
            raise CoapFailure(RESET) from None
        except Error:
            raise CoapFailure(CONNECTION_LOST) from None

    async def close(self) -> None:
        """Give everything back."""
        if self._context.request_interfaces:  # the library cannot wait for none
            await self._context.shutdown()
        self.shut()

    def shut(self) -> None:
        """Close the socket at once."""


# ---- datagrams ------------------------------------------------------------------------------


ADDRESS: Any = interfaces.EndpointAddress
"""Its properties have no types."""


class Peer(ADDRESS):
    """The other side of an exchange, as aiocoap knows it; equal where its address is."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Peer) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    @property
    def hostinfo(self) -> str:
        """Where it is."""
        return "{}:{}".format(*self.address)

    @property
    def hostinfo_local(self) -> str:
        """Where we are, which nothing depends on."""
        return "here"

    @property
    def scheme(self) -> str:
        """DTLS is below what aiocoap sees."""
        return "coap"

    @property
    def uri_base(self) -> str:
        """The beginning of its URIs."""
        return f"coap://{self.hostinfo}"

    @property
    def uri_base_local(self) -> str:
        """Of ours."""
        return "coap://here"

    @property
    def is_multicast(self) -> bool:
        """Never."""
        return False

    @property
    def is_multicast_locally(self) -> bool:
        """Neither."""
        return False

    @property
    def maximum_block_size_exp(self) -> int:
        """As there is no TCP."""
        return UDP_BLOCK

    @property
    def blockwise_key(self) -> Any:
        """What blocks belong together."""
        return self.address


class Datagrams(interfaces.MessageInterface):
    """aiocoap's messages over an endpoint with one peer."""

    def __init__(self, manager: Any, peer: Peer, send: Callable[[bytes], None]) -> None:
        self._manager = manager
        self._peer = peer
        self._send = send

    def send(self, message: Message) -> None:
        """To the peer."""
        self._send(message.encode())

    def received(self, datagram: bytes) -> None:
        """From the peer; what is no CoAP is dropped."""
        with contextlib.suppress(UnparsableMessage):
            message = Message.decode(datagram, remote=self._peer)
            self._manager.dispatch_message(message)

    async def recognize_remote(self, remote: Any) -> bool:
        """Whether it is the one peer."""
        return remote is self._peer

    async def determine_remote(self, message: Message) -> None:
        """There is only the one."""

    async def shutdown(self) -> None:
        """The way closes the endpoint."""


class DatagramWay(Way):
    """Over UDP or DTLS."""

    def __init__(self, module: Module, target: Target, cid: int) -> None:
        super().__init__(module, target)
        self._endpoint = UdpEndpoint(module, GUEST_ID, cid)
        self._endpoint.on_data = self._arrived
        self._endpoint.on_send = module.network.touch
        self._address = ("", 0)
        self._interface: Datagrams

    async def open(self, address: str, security: int | None) -> None:
        """Make it secure where that is asked for."""
        self._address = (address, self.target.port)
        self._remote = Peer(self._address)

        async def made(manager: Any) -> Datagrams:
            self._interface = Datagrams(manager, self._remote, self._put)
            return self._interface

        await self._context._append_tokenmanaged_messagemanaged_transport(made)
        self.module.sockets.guests.add(self._endpoint)
        if not self.target.secure:
            return
        self._endpoint.secure_with(security, self.target.host)
        try:
            await self._endpoint.connect(*self._address)
        except TimeoutError:
            raise CoapFailure(TIMED_OUT) from None
        except (OSError, TlsFailure):
            raise CoapFailure(NOT_SECURE) from None

    def _put(self, datagram: bytes) -> None:
        """A datagram may be lost, so an error is no more than that."""
        with contextlib.suppress(OSError):
            self._endpoint.send(datagram, *self._address)

    def _arrived(self) -> None:
        while self._endpoint.queue:
            datagram, sender = self._endpoint.read(LARGEST)
            if sender == self._address:
                self._interface.received(datagram)

    def shut(self) -> None:
        """Give the socket back."""
        self.module.sockets.guests.discard(self._endpoint)
        self._endpoint.shut()


# ---- streams --------------------------------------------------------------------------------


class Pipe(asyncio.Transport):
    """What an aiocoap connection takes for its transport; `put` gets what it writes."""

    def __init__(self, put: Callable[[bytes], None], end: Callable[[], None]) -> None:
        super().__init__({"peername": ("server", 0), "sockname": ("module", 0)})
        self._put = put
        self._end = end

    def write(self, data: Any) -> None:
        """To the stream."""
        self._put(bytes(data))

    def close(self) -> None:
        """The connection has seen enough."""
        self._end()

    abort = close


class Connection(TcpConnection):
    """One connection with a limit for messages."""

    _my_max_message_size = LARGEST_MESSAGE


class Streams(TCPClient):
    """aiocoap's client whose only connection is made by the module."""

    connection: Connection

    async def fill_or_recognize_remote(self, message: Message) -> bool:
        """Whether it is that connection."""
        return message.remote is self.connection


class StreamWay(Way):
    """Over TCP or TLS."""

    def __init__(self, module: Module, target: Target, cid: int) -> None:
        super().__init__(module, target)
        patience_s = self._tuning.MAX_TRANSMIT_WAIT
        self._stream = Stream(module, STREAM_ID, cid, patience_s)
        self._tasks: list[asyncio.Task[None]] = []
        self._out: asyncio.Queue[bytes] = asyncio.Queue()

    async def open(self, address: str, security: int | None) -> None:
        """Connect, with TLS where that is asked for."""
        secure = (security, self.target.host) if self.target.secure else None
        try:
            await self._stream.open([address], self.target.port, secure)
        except HttpFailure as failure:
            code = NOT_SECURE if self.target.secure else NO_CONNECTION
            raise CoapFailure(code) from failure

        async def made(manager: Any) -> Streams:
            client = await Streams.create_client_transport(
                manager, self._context.log, self.module.loop
            )
            client.connection = Connection(
                client, self._context.log, self.module.loop, is_server=False
            )
            return client

        await self._context._append_tokenmanaged_transport(made)
        manager: Any = self._context.request_interfaces[0]
        connection = manager.token_interface.connection
        self._remote = connection
        connection.connection_made(Pipe(self._out.put_nowait, self.shut))
        loop = self.module.loop
        self._tasks = [
            loop.create_task(self._send()),
            loop.create_task(self._receive(connection)),
        ]

    async def _send(self) -> None:
        with contextlib.suppress(HttpFailure):
            while True:
                await self._stream.send(await self._out.get())

    async def _receive(self, connection: Connection) -> None:
        with contextlib.suppress(HttpFailure):
            while data := await self._stream.receive():
                connection.data_received(data)
        connection.connection_lost(NetworkError("the connection is lost"))

    def shut(self) -> None:
        """Give the socket back."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._stream.close()


def way_to(module: Module, target: Target, cid: int) -> Way:
    """Over what the scheme says."""
    kind = StreamWay if target.stream else DatagramWay
    return kind(module, target, cid)
