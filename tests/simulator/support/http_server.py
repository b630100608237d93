"""A scriptable HTTP server on the bench's loop: collects requests, answers what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.support.serial_host import Bench

from ublox_simulator.world.peers import Connection, TcpPeer

SERVER = "www.server.test"


@dataclass
class Request:
    """One request as it came."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value, its name in any case."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) <= 1, found
        return found[0] if found else None


def parse(data: bytes) -> Request | None:
    """The request in `data`, or None as long as it is not complete."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None
    line, *rows = head.decode("latin-1").split("\r\n")
    pairs = [row.partition(": ") for row in rows]
    request = Request(line, [(name, value) for name, _, value in pairs], body)
    length = int(request.header("Content-Length") or 0)
    return request if len(body) >= length else None


def ok(body: bytes = b"hello", *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    """An answer with its length."""
    rows = [status, f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*rows, "", ""]).encode() + body


Answer = Callable[[Request, Connection], None]


def sends(data: bytes, *, close: bool = True) -> Answer:
    """Always this answer."""

    def answer(_: Request, connection: Connection) -> None:
        connection.send(data)
        if close:
            connection.close()

    return answer


class HttpServer:
    """Answers every complete request by `answer`."""

    def __init__(self, bench: Bench, answer: Answer | bytes, **options: Any) -> None:
        self.answer = sends(answer) if isinstance(answer, bytes) else answer
        self.requests: list[Request] = []
        self._bench = bench
        self.peer: TcpPeer = bench.tcp_peer(on_data=self._data, **options)

    @property
    def last(self) -> Request:
        """The newest request."""
        return self.requests[-1]

    def close(self) -> None:
        """Nobody listens any longer."""
        self._bench.peers.remove(self.peer)
        self.peer.close()

    def _data(self, connection: Connection, _: bytes) -> None:
        request = parse(bytes(connection.received))
        if request is not None:
            connection.received.clear()
            self.requests.append(request)
            self.answer(request, connection)


def serve(bench: Bench, answer: Answer | bytes, profile: int = 0, **options: Any) -> HttpServer:
    """A server, known by name, set in the profile."""
    server = HttpServer(bench, answer, **options)
    bench.module.addresses.hosts[SERVER] = "127.0.0.1"
    bench.ok(f'AT+UHTTP={profile},1,"{SERVER}"')
    bench.ok(f"AT+UHTTP={profile},5,{server.peer.port}")
    return server


def result(bench: Bench, command: str, ms: float = 400_000) -> str:
    """The URC that ends an operation."""
    bench.ok(command)
    return bench.expect_urc(ms)


def fetched(bench: Bench, command: str = 'AT+UHTTPC=0,1,"/","get.ffs"') -> bytes:
    """What a successful GET stored."""
    assert result(bench, command) == "+UUHTTPCR: 0,1,1"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,0,0"]
    return bench.module.files.load("get.ffs")
