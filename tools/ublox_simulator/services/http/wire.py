"""Requests and answers as bytes, by the protocol library h11.

SARA-R5 speaks HTTP/1.0, LEXI-R10 HTTP/1.1 (ubxlib 2, user agents in A5 10.2 and A10 7.3).
"""

from __future__ import annotations

import base64

import h11

from .errors import CONNECTION_LOST, PROTOCOL, REQUEST, HttpFailure
from .profile import HTTP_PORT, HTTPS_PORT, Profile
from .request import Order

CONTROLLED = frozenset({"content-length", "transfer-encoding"})
"""Headers a custom one cannot replace: they define the framing of the body."""


def host_header(profile: Profile) -> str:
    """The server, with its port if it is not the default."""
    host = f"[{profile.host}]" if ":" in profile.host else profile.host
    usual = HTTPS_PORT if profile.secure else HTTP_PORT
    return host if profile.port == usual else f"{host}:{profile.port}"


def request_headers(
    profile: Profile, order: Order, length: int, agent: str, connection: str
) -> list[tuple[str, str]]:
    """All headers; a custom one replaces the module's own of that name."""
    headers = [("Host", host_header(profile)), ("User-Agent", agent)]
    if profile.basic:
        login = f"{profile.user}:{profile.password}".encode("latin-1")
        headers.append(("Authorization", "Basic " + base64.b64encode(login).decode("ascii")))
    if order.has_body:
        headers.append(("Content-Type", order.content_type))
        headers.append(("Content-Length", str(length)))
    headers.append(("Connection", connection))
    custom = [(name, value) for _, (name, value) in sorted(profile.headers.items())]
    custom = [(name, value) for name, value in custom if name.lower() not in CONTROLLED]
    replaced = {name.lower() for name, _ in custom}
    return [pair for pair in headers if pair[0].lower() not in replaced] + custom


class Exchange:
    """One request and its answer on one connection."""

    def __init__(self, *, old_protocol: bool, raw_chunks: bool, own_version: bool) -> None:
        self._connection = h11.Connection(h11.CLIENT)
        self._old_protocol = old_protocol
        self._raw_chunks = raw_chunks or old_protocol  # HTTP/1.0 does not know chunks
        self._own_version = own_version
        self._unread = bytearray()
        """Received bytes that were neither passed on nor dropped."""
        self._in_body = False
        self.complete = False

    # -- request ---------------------------------------------------------------------------

    def head(self, order: Order, headers: list[tuple[str, str]]) -> bytes:
        """Request line and headers."""
        try:
            request = h11.Request(method=order.method, target=order.path, headers=headers)
            data = self._connection.send(request)
        except h11.LocalProtocolError:
            raise HttpFailure(PROTOCOL, REQUEST) from None
        assert data is not None
        if self._old_protocol:
            # h11 writes HTTP/1.1 only; the first line is the same in both but for its end.
            data = data.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
        return data

    def body(self, piece: bytes) -> bytes:
        """A piece of the body."""
        return self._connection.send(h11.Data(data=piece)) or b""

    def end(self) -> None:
        """The request is complete."""
        self._connection.send(h11.EndOfMessage())

    # -- answer ----------------------------------------------------------------------------

    def receive(self, data: bytes) -> bytes:
        """The part of `data` that is stored; b"" is the end of the connection.

        The head is stored as it came, a body in chunks as the server had it before. What comes
        after the end of the answer is dropped.
        """
        if not self._in_body or self._raw_chunks:
            self._unread += data
        stored = bytearray()
        try:
            self._connection.receive_data(data)
            while not self.complete and self._take_event(stored):
                pass
        except h11.RemoteProtocolError:
            self._refuse(stored, ended=not data)
        if self._in_body and self._raw_chunks and not self.complete:
            stored += self._unread
            self._unread.clear()
        if not data and not self.complete:
            raise AnswerCut(bytes(stored))
        return bytes(stored)

    def _refuse(self, stored: bytearray, ended: bool) -> None:
        if ended or self._in_body:
            raise AnswerCut(bytes(stored)) from None
        raise HttpFailure(PROTOCOL, REQUEST) from None  # that was no HTTP

    def _take_event(self, stored: bytearray) -> bool:
        event = self._connection.next_event()
        if isinstance(event, h11.Response):
            head = self._used()
            if self._own_version:
                head = (b"HTTP/1.0" if self._old_protocol else b"HTTP/1.1") + head[8:]
            stored += head
            self._in_body = True
        elif isinstance(event, h11.InformationalResponse):
            self._used()  # 100 Continue is no answer
        elif isinstance(event, h11.Data):
            if not self._raw_chunks:
                stored += event.data
        elif isinstance(event, h11.EndOfMessage):
            if self._raw_chunks:
                stored += self._used()
            self.complete = True
        return event not in (h11.NEED_DATA, h11.PAUSED)

    def _used(self) -> bytes:
        """Events of h11 since the last call."""
        left = len(self._connection.trailing_data[0])
        end = len(self._unread) - left
        used = bytes(self._unread[:end])
        del self._unread[:end]
        return used


class AnswerCut(HttpFailure):
    """The connection ended in the middle; `stored` is the part received just before."""

    def __init__(self, stored: bytes) -> None:
        super().__init__(PROTOCOL, CONNECTION_LOST)
        self.stored = stored
