"""MQTT-SN gateways for behaviours, and the real broker behind them."""

from __future__ import annotations

import asyncio

from OpenSSL import SSL
from servers.broker import Broker
from servers.dtls_echo import server_context
from servers.mqttsn_gateway.gateway import Gateway
from servers.web import certificates

from ublox_simulator import VirtualLoop

PREDEFINED = {7: "fixed/seven"}


class Gateways:
    """Those of one run. Its broker is nobody else's: runs at the same time have the same topics
    and client ids."""

    def __init__(self) -> None:
        self._broker = Broker(ca=certificates().ca).start()
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            self._broker.watch(loop)
        self._made: list[Gateway] = []

    @property
    def newest(self) -> Gateway:
        return self._made[-1]

    def open(self, secure: bool) -> int:
        """The port of a new gateway on the running loop, plain or behind DTLS."""
        server = server_context(SSL.DTLS_METHOD, certificates().server("")) if secure else None
        self._made.append(
            Gateway(
                asyncio.get_running_loop(), ("127.0.0.1", self._broker.port),
                predefined=PREDEFINED, secure=server, retry_s=1.0,
            )
        )  # fmt: skip
        return self.newest.port

    def broker(self, what: str) -> int:
        """The port of the broker that is `what`: plain, password, tls or mutual; "restart" does
        that first."""
        if what == "restart":
            self._broker.restart()
            what = "plain"
        return self._broker.ports[what]

    def close(self) -> None:
        for gateway in self._made:
            gateway.close()
        self._broker.stop()
