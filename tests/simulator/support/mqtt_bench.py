"""What the tests of the simulator's MQTT share: a real broker, modules set up for it, and a
scripted broker for what a real one does not do on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from servers.broker import Broker
from simulator.support.serial_host import Bench

from ublox_simulator.world.peers import Connection, TcpPeer

Make = Callable[..., Bench]

CONNECT, PUBLISH, PUBACK, PUBREC, SUBSCRIBE, UNSUBSCRIBE = 1, 3, 4, 5, 8, 10
PINGREQ, DISCONNECT = 12, 14
"""Packet types of MQTT 3.1.1."""

WELCOME = b"\x20\x02\x00\x00"
PONG = b"\xd0\x00"


def online(make_bench: Make, module: str = "sara-r5", **options: Any) -> Bench:
    """A module with a data connection."""
    bench = make_bench(module, online=True, strict=True, **options)
    bench.ok("AT+CMEE=1")
    return bench


def at_broker(make_bench: Make, broker: Broker, module: str = "sara-r5", **options: Any) -> Bench:
    """The same on a loop that waits for the broker."""
    return online(make_bench, module, loop=broker.loop(), **options)


def act(bench: Bench, command: str, ms: float = 120_000) -> str:
    """An action; the URC that tells its end."""
    bench.ok(f"AT+UMQTTC={command}")
    return bench.expect_urc(ms)


def done(bench: Bench, command: str) -> None:
    """An action that must succeed."""
    op = command.partition(",")[0]
    expected = f"+UUMQTTC: {'2' if op == '9' else op},1"
    assert act(bench, command).startswith(expected)


def connect(bench: Bench, port: int, *, keep_alive_s: int = 0, clean: bool = True) -> None:
    """A session with the broker at this local port."""
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{port}')
    bench.ok(f"AT+UMQTT=10,{keep_alive_s}")
    bench.ok(f"AT+UMQTT=12,{int(clean)}")
    done(bench, "1")


def session(make_bench: Make, broker: Broker, module: str = "sara-r5", **options: Any) -> Bench:
    """A module with a clean session."""
    bench = at_broker(make_bench, broker, module, **options)
    connect(bench, broker.port)
    return bench


def subscribed(bench: Bench, topic: str = "t", qos: int = 2) -> None:
    """Subscribe; the broker grants what is asked for."""
    assert act(bench, f'4,{qos},"{topic}"') == f'+UUMQTTC: 4,1,{qos},"{topic}"'


def binary(bench: Bench, payload: bytes, *, topic: str = "t", qos: int = 0, flag: int = 0) -> None:
    """Publish at the prompt; the result is the next line."""
    command = f'AT+UMQTTC=9,{qos},{flag},"{topic}",{len(payload)}'
    assert bench.prompted(command, payload, b">").final == "OK"
    assert bench.expect_urc() == "+UUMQTTC: 2,1"


def read_raw(bench: Bench, command: str = "6,1") -> bytes:
    """All that came between the command and its OK."""
    bench.raw.clear()
    assert bench.at(f"AT+UMQTTC={command}").final == "OK"
    raw, ok = bytes(bench.raw), b"\r\nOK\r\n"
    return raw[: raw.rindex(ok)] if not raw.endswith(ok) else raw[: -len(ok)]


class Scripted:
    """A broker by a table: packet type -> what is said to it (None: nothing). Everything that
    came is in `packets` as (first byte, rest)."""

    def __init__(self, bench: Bench, answers: dict[int, Any] | None = None) -> None:
        self.answers: dict[int, Any] = {CONNECT: WELCOME, **(answers or {})}
        self.packets: list[tuple[int, bytes]] = []
        self._rest = b""
        self.peer: TcpPeer = bench.tcp_peer(on_data=self._received)
        self.port = self.peer.port

    @property
    def last(self) -> Connection:
        """The newest connection."""
        return self.peer.last

    @property
    def kinds(self) -> list[int]:
        """Types of the packets that came."""
        return [first >> 4 for first, _ in self.packets]

    def _received(self, connection: Connection, data: bytes) -> None:
        self._rest += data
        while (packet := self._packet()) is not None:
            self.packets.append(packet)
            answer = self.answers.get(packet[0] >> 4)
            answer = answer(packet) if callable(answer) else answer
            if answer:
                connection.send(answer)

    def _packet(self) -> tuple[int, bytes] | None:
        size, shift, at = 0, 0, 1
        while at < len(self._rest):
            byte = self._rest[at]
            size |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                break
        else:
            return None
        if len(self._rest) < at + size:
            return None
        first, body = self._rest[0], self._rest[at : at + size]
        self._rest = self._rest[at + size :]
        return first, body


def publish_packet(topic: bytes, payload: bytes, qos: int = 0, ident: int = 1) -> bytes:
    """A PUBLISH as a broker sends it."""
    body = len(topic).to_bytes(2, "big") + topic
    body += ident.to_bytes(2, "big") if qos else b""
    body += payload
    size, head = len(body), bytearray([0x30 | qos << 1])
    while True:
        size, low = divmod(size, 128)
        head.append(low | (128 if size else 0))
        if not size:
            return bytes(head) + body


ACKS: dict[int, Any] = {
    PUBLISH: lambda packet: b"" if not packet[0] & 6 else b"\x40\x02" + ident_of(packet[1])
}
"""Whatever is published at QoS 1 is acknowledged."""


def ident_of(body: bytes) -> bytes:
    size = int.from_bytes(body[:2], "big")
    return body[2 + size : 4 + size]


def started(
    make_bench: Make,
    name: str,
    answers: dict[int, Any] | None = None,
    *,
    keep_alive_s: int = 0,
    clean: bool = True,
    **options: Any,
) -> tuple[Bench, Scripted]:
    """A module in a session with a scripted broker."""
    bench = online(make_bench, name, **options)
    broker = Scripted(bench, ACKS if answers is None else answers)
    connect(bench, broker.port, keep_alive_s=keep_alive_s, clean=clean)
    return bench, broker


def error_code(bench: Bench) -> int:
    answer = bench.ok("AT+UMQTTER")[0]
    assert answer.startswith("+UMQTTER: 13,")
    return int(answer.rpartition(",")[2])
