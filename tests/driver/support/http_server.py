"""A whole node and a web server that does what the path says, for tests in virtual time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from driver.support.node import Node

from ublox_simulator.world.peers import Connection, TcpPeer

Places = Callable[..., "tuple[Node, Server]"]


def pattern(count: int) -> bytes:
    """Bytes of which none can be missing or be there twice unseen."""
    return b"".join(b"x%05d\r\n" % n for n in range(count // 8 + 1))[:count]


class Server:
    """Counts requests; the last word of the path says what to do."""

    def __init__(self, node: Node) -> None:
        self.peer = TcpPeer(node.loop, on_data=self._answer)
        self.node = node
        self.requests: list[bytes] = []
        self.base = f"http://127.0.0.1:{self.peer.port}/"

    def _answer(self, connection: Connection, _: bytes) -> None:
        data = bytes(connection.received)
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self.requests.append(data)
        path = data.split(b" ")[1]
        if path.endswith(b"silent"):
            return
        if path.endswith(b"stall"):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 100)
            return
        if path.endswith(b"chunked"):
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nA: b\r\n\r\n")  # fmt: skip
        elif path.endswith(b"long"):
            fields = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 400) for n in range(20))
            connection.send(b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 5\r\n\r\nhello")
        elif size := re.search(rb"/size(\d+)$", path):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % size[1])
            connection.send(b"z" * int(size[1]))
        elif size := re.search(rb"/pattern(\d+)$", path):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % size[1])
            connection.send(pattern(int(size[1])))
        elif size := re.search(rb"/until(\d+)$", path):
            connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + pattern(int(size[1])))
        elif size := re.search(rb"/pieces(\d+)$", path):  # in chunks, with a trailer
            body = pattern(int(size[1]))
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, len(body), 70):
                piece = body[at : at + 70]
                connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            connection.send(b"0\r\nX-End: 1\r\n\r\n")
        elif path.endswith(b"other"):
            connection.send(b"SSH-2.0-x\r\n\r\n")
        else:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world")
        connection.close()

    def get(self, path: str = "", **options: Any) -> bytes:
        """The body of a GET."""
        response = self.node.call(self.node.modem.http.get, self.base + path, **options)
        try:
            return bytes(self.node.call(response.read))
        finally:
            self.node.call(response.close)


def took(node: Node, call: Callable[[], Any]) -> float:
    """Seconds of virtual time."""
    began = node.seconds()
    call()
    return node.seconds() - began


def left_over(node: Node) -> list[str]:
    """Files of requests that the module still has."""
    return [name for name in node.call(node.modem.files.listdir) if name.startswith("http_")]
