"""The datagrams of an MQTT-SN session: a UDP endpoint with one peer, with DTLS if requested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..world.udp_endpoint import UdpEndpoint
from .failure import NOT_SECURE, TIMED_OUT, MqttSnFailure

if TYPE_CHECKING:
    from ..module import Module

GUEST_ID = 200
"""The endpoint is in no socket table; its id must only differ from ids there."""

LARGEST = 65535

Security = tuple[int | None, str]
"""Security profile (None: a fresh one) and the host the gateway must prove to be."""


class Carrier:
    """Sends to one gateway and passes on received datagrams."""

    def __init__(
        self,
        module: Module,
        cid: int,
        on_datagram: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        self.cid = cid
        self._module = module
        self._peer = ("", 0)
        self._on_datagram = on_datagram
        self._endpoint = UdpEndpoint(module, GUEST_ID, cid)
        self._endpoint.on_data = self._arrived
        self._endpoint.on_end = on_end
        self._endpoint.on_send = module.network.touch

    async def open(self, address: str, port: int, security: Security | None) -> None:
        """Open the connection to the gateway; raises MqttSnFailure when it cannot be made
        secure."""
        self._peer = (address, port)
        self._module.sockets.guests.add(self._endpoint)
        if security is None:
            return
        self._endpoint.secure_with(*security)
        try:
            await self._endpoint.connect(address, port)
        except TimeoutError:
            raise MqttSnFailure(TIMED_OUT) from None
        except OSError:
            raise MqttSnFailure(NOT_SECURE) from None

    def send(self, datagram: bytes) -> None:
        """An error counts as a lost datagram."""
        try:
            self._endpoint.send(datagram, *self._peer)
        except OSError:
            self._endpoint.last_error = 0

    def _arrived(self) -> None:
        while self._endpoint.queue:
            datagram, sender = self._endpoint.read(LARGEST)
            if sender == self._peer:
                self._on_datagram(datagram)

    def close(self) -> None:
        """Close the socket."""
        self._module.sockets.guests.discard(self._endpoint)
        self._endpoint.shut()
