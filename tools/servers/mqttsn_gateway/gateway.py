"""A transparent gateway for MQTT-SN 1.2 over UDP or DTLS: an MQTT connection for each client.

Written for tests, because nothing ready fits: Debian has no gateway, `mqtt-sn-gateway` on PyPI
knows neither subscriptions nor wills nor QoS 2, and that of Eclipse Paho is C++ to be built, which
cannot run in virtual time. Forwarder encapsulation and ADVERTISE are left out.

    python tools/mqttsn_gateway.py --broker localhost:1883 --port 1884
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

from servers.mqttsn_gateway.client import House, State, Visitor
from servers.mqttsn_gateway.delivery import TopicIds
from servers.mqttsn_gateway.transport import Address, PlainPort, SecurePort
from servers.mqttsn_gateway.uplink import BrokerAddress, Done, Uplink, nothing_more
from servers.mqttsn_gateway.wire import Flags, Kind, Topic, message, parse

GATEWAY_ID = 1
RETRY_S, RETRIES = 10.0, 3
CLIENT_ID_AT = 4

Peer = tuple[PlainPort, Address]

HANDLERS: dict[Kind, Callable[[Visitor, bytes], None]] = {
    Kind.WILLTOPIC: Visitor.will_topic,
    Kind.WILLMSG: Visitor.will_message,
    Kind.WILLTOPICUPD: Visitor.update_will_topic,
    Kind.WILLMSGUPD: Visitor.update_will_message,
    Kind.REGISTER: Visitor.register,
    Kind.SUBSCRIBE: Visitor.subscribe,
    Kind.UNSUBSCRIBE: Visitor.unsubscribe,
    Kind.PUBLISH: Visitor.publish,
    Kind.PUBREL: Visitor.release,
    Kind.PINGREQ: Visitor.ping,
    Kind.DISCONNECT: Visitor.disconnect,
}
ANSWERS = (Kind.REGACK, Kind.PUBACK, Kind.PUBREC, Kind.PUBCOMP)
OPENING = (Kind.WILLTOPIC, Kind.WILLMSG)
PRESENT = (State.ACTIVE, State.AWAKE, State.ASLEEP)


class Gateway:
    """Works on the given loop, also one in virtual time or at rest.

    `ignored` are message types it pretends not to hear, `deaf` and `mute` so many datagrams from
    and to clients that get lost, and `loses` is asked about each further one; `heard` are the
    types of all messages that came, in order.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        broker: BrokerAddress,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        predefined: Mapping[int, str] | None = None,
        secure: Any = None,
        retry_s: float = RETRY_S,
        retries: int = RETRIES,
    ) -> None:
        self._loop = loop
        self._broker = broker
        self._predefined = dict(predefined or {})
        self._house = House(loop, self._predefined, self._open_uplink, retry_s, retries)
        self._visitors: dict[str, Visitor] = {}
        self._by_peer: dict[Peer, Visitor] = {}
        self._own: Uplink | None = None
        self.ignored: Collection[Kind] = ()
        self.deaf = 0
        self.mute = 0
        self.loses: Callable[[], bool] = lambda: False
        self.heard: list[Kind] = []
        self._port = (
            PlainPort(loop, self._take, host, port)
            if secure is None
            else SecurePort(loop, self._take, secure, host, port)
        )

    @property
    def port(self) -> int:
        """The UDP port."""
        return self._port.port

    def state(self, client_id: str) -> State:
        """How the gateway sees a client."""
        visitor = self._visitors.get(client_id)
        return State.DISCONNECTED if visitor is None else visitor.state

    def publish(
        self,
        topic: str,
        data: bytes,
        qos: int = 0,
        retain: bool = False,
        done: Done = nothing_more,
    ) -> None:
        """Publish in the gateway's own name; also for QoS -1 and for tests."""
        if self._own is None:
            self._own = self._open_uplink(
                client_id="",
                clean=True,
                on_message=lambda topic, qos, data: None,
                on_lost=self._own_lost,
                opened=nothing_more,
            )
        self._own.publish(topic, data, qos, retain, done)

    def _own_lost(self) -> None:
        self._own = None

    def close(self) -> None:
        """Leave the broker and give the sockets back."""
        for visitor in self._visitors.values():
            visitor.close()
        if self._own is not None:
            self._own.close()
        self._port.close()

    def _open_uplink(self, **how: Any) -> Uplink:
        return Uplink(self._loop, self._broker, **how)

    # -- datagrams -------------------------------------------------------------------------

    def _take(self, port: PlainPort, sender: Address, datagram: bytes) -> None:
        found = parse(datagram)
        if found is None:
            return
        kind, body = found
        if self.deaf or kind in self.ignored or self.loses():
            self.deaf = max(0, self.deaf - 1)
            return
        self.heard.append(kind)
        peer = (port, sender)
        if kind == Kind.SEARCHGW:
            self._send(peer, message(Kind.GWINFO, bytes((GATEWAY_ID,))))
        elif kind == Kind.CONNECT:
            self._welcome(peer, body)
        elif kind == Kind.PUBLISH and Flags.parse(body[0]).qos < 0:
            self._publish_for_anybody(body)
        else:
            self._pass_on(peer, kind, body)

    def _send(self, peer: Peer, datagram: bytes) -> None:
        if self.mute or self.loses():
            self.mute = max(0, self.mute - 1)
            return
        peer[0].send(datagram, peer[1])

    def _welcome(self, peer: Peer, body: bytes) -> None:
        client_id = body[CLIENT_ID_AT:].decode("utf-8", "replace")
        visitor = self._visitors.get(client_id)
        if visitor is None:
            visitor = Visitor(self._house, client_id, lambda datagram: None)
            self._visitors[client_id] = visitor
        self._settle(peer, visitor)
        visitor.connect(body)

    def _settle(self, peer: Peer, visitor: Visitor) -> None:
        """The client speaks from here now; whoever spoke from here before has gone."""
        for known, other in list(self._by_peer.items()):
            if other is visitor:
                del self._by_peer[known]
        former = self._by_peer.get(peer)
        if former is not None:
            former.lost()
        self._by_peer[peer] = visitor
        visitor.reply = lambda datagram: self._send(peer, datagram)

    def _publish_for_anybody(self, body: bytes) -> None:
        flags = Flags.parse(body[0])
        if flags.topic_type == Topic.NORMAL:
            return  # an id means nothing without a session
        name = TopicIds(self._predefined).name(flags.topic_type, body[1:3])
        if name is not None:
            self.publish(name, body[5:], 0, flags.retain)

    def _pass_on(self, peer: Peer, kind: Kind, body: bytes) -> None:
        visitor = self._by_peer.get(peer)
        if visitor is None and kind == Kind.PINGREQ and body:
            visitor = self._visitors.get(body.decode("utf-8", "replace"))
            if visitor is not None and visitor.state is State.ASLEEP:
                self._settle(peer, visitor)  # it woke at another address
        opening = visitor is not None and visitor.state is State.OPENING and kind in OPENING
        if visitor is None or not (opening or visitor.state in PRESENT):
            if kind not in ANSWERS:
                self._send(peer, message(Kind.DISCONNECT))
            return
        if not opening:
            visitor.heard()
        if kind in ANSWERS:
            visitor.answered(kind, body)
        elif kind in HANDLERS:
            HANDLERS[kind](visitor, body)


def main() -> None:
    """Serve until interrupted, in real time."""
    parser = argparse.ArgumentParser(description="MQTT-SN 1.2 gateway over UDP")
    parser.add_argument("--broker", default="127.0.0.1:1883", help="address:port of the broker")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=1884, help="UDP port, 0 = any free one")
    parser.add_argument("--predefined", action="append", default=[], metavar="ID=TOPIC")
    chosen = parser.parse_args()
    host, _, port = chosen.broker.rpartition(":")
    topics = dict(pair.split("=", 1) for pair in chosen.predefined)
    loop = asyncio.new_event_loop()
    gateway = Gateway(
        loop,
        (host, int(port)),
        host=chosen.host,
        port=chosen.port,
        predefined={int(ident): topic for ident, topic in topics.items()},
    )
    print(f"ready on UDP port {gateway.port}", flush=True)
    try:
        loop.run_forever()
    except KeyboardInterrupt:
        gateway.close()


if __name__ == "__main__":
    main()
