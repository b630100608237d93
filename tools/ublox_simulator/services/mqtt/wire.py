"""The MQTT library on one of the module's own TCP endpoints instead of a socket of the system.

paho-mqtt is run by its external-loop calls (loop_read, loop_write) and never by its clock: its
socket is an object with the endpoint's buffers, so that coverage, energy, TLS by security profile
and virtual time work as for any other connection of the module.
"""

from __future__ import annotations

from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from ...world.tcp_endpoint import TcpEndpoint


class Wire:
    """As much of a non-blocking socket as the library uses."""

    def __init__(self, endpoint: TcpEndpoint) -> None:
        self._endpoint = endpoint
        self._loop = endpoint.loop
        self.sent_at = self.heard_at = self._loop.time()

    def recv(self, size: int) -> bytes:
        """What the endpoint has received; b"" at the end of the connection."""
        endpoint = self._endpoint
        if endpoint.unread:
            self.heard_at = self._loop.time()
            return endpoint.read(size)
        if endpoint.eof or endpoint.last_error:
            return b""
        raise BlockingIOError

    def send(self, data: bytes | bytearray) -> int:
        """As much as the endpoint's buffer takes."""
        endpoint = self._endpoint
        if endpoint.eof or endpoint.last_error:
            raise BrokenPipeError
        piece = bytes(data[: endpoint.room()])
        if not piece:
            raise BlockingIOError
        self.sent_at = self._loop.time()
        endpoint.write(piece)
        return len(piece)

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def fileno(self) -> int:
        """There is none to wait on."""
        return -1

    def close(self) -> None:
        """The session closes the endpoint, after what is in its buffer has left."""


class MqttClient(paho.Client):
    """The library's client: one per client id and session state, used for one connection after
    the other. Messages of QoS 1 and 2 in flight live in it."""

    def __init__(self, client_id: str, clean: bool) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        self.key = (client_id, clean)
        self.wire: Wire | None = None

    def open(self, wire: Wire, keep_alive_s: int) -> None:
        """Send CONNECT over a connection that has just been made."""
        self.wire = wire
        self.connect("broker", keepalive=keep_alive_s)  # the endpoint selects the host

    def _create_socket(self) -> Any:
        """Hook of the library for its connection, which exists already."""
        return self.wire

    def ping(self) -> None:
        """Send PINGREQ now; the library knows no public call for it but its own timer."""
        self._send_pingreq()
