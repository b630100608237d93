"""Connection of a host in another process to the line: a pseudo terminal or a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tty
from abc import ABC, abstractmethod
from pathlib import Path

from .line import Line

FLUSH_S = 0.002
"""Line time of one portion of output."""

PIECE = 65536


class Transport(ABC):
    """Moves bytes between the line and a file descriptor; without a client output is lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop, line: Line) -> None:
        self._loop = loop
        self._line = line
        self._timer: asyncio.TimerHandle | None = None
        line.on_output = self._output_waits

    def close(self) -> None:
        """Stop and clean up."""
        self._line.on_output = None
        if self._timer is not None:
            self._timer.cancel()

    @abstractmethod
    def put(self, data: bytes) -> None:
        """Pass bytes to the client, if there is one."""

    def _output_waits(self) -> None:
        if self._timer is None:
            first = self._line.host_next()
            self._timer = self._loop.call_at(first or self._loop.time(), self._flush)

    def _flush(self) -> None:
        self._timer = None
        data = self._line.host_read(PIECE)
        if data:
            self.put(data)
        following = self._line.host_next()
        if following is not None:
            when = max(following, self._loop.time() + FLUSH_S)
            done = self._line.host_done()
            if done is not None:
                when = max(following, min(when, done))
            self._timer = self._loop.call_at(when, self._flush)


class PtyTransport(Transport):
    """A raw pseudo terminal reached through a symbolic link."""

    def __init__(self, loop: asyncio.AbstractEventLoop, line: Line, link: str) -> None:
        super().__init__(loop, line)
        self._link = Path(link)
        # Our own copy of the client's end stays open: the pair keeps its raw mode and never
        # reports a hang-up, however often clients come and go.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._target = os.ttyname(self._slave)
        if self._link.is_symlink():
            self._link.unlink()
        self._link.symlink_to(self._target)
        loop.add_reader(self._master, self._readable)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._line.host_write(os.read(self._master, PIECE))

    def put(self, data: bytes) -> None:
        """Write; bytes are lost when they are not read and the kernel's buffer is full."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def close(self) -> None:
        """Remove the link, unless another process has replaced it."""
        super().close()
        self._loop.remove_reader(self._master)
        if self._link.is_symlink() and os.readlink(self._link) == self._target:
            self._link.unlink()
        os.close(self._master)
        os.close(self._slave)


class TcpTransport(Transport):
    """A loopback TCP port with the raw line; the newest client is connected to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, line: Line, port: int) -> None:
        super().__init__(loop, line)
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.setblocking(False)
        self._server.bind(("127.0.0.1", port))
        self._server.listen(1)
        self.port: int = self._server.getsockname()[1]
        self._client: socket.socket | None = None
        self._out = bytearray()
        loop.add_reader(self._server, self._accept)

    def _accept(self) -> None:
        self._drop()
        self._client, _ = self._server.accept()
        self._client.setblocking(False)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(self._client, self._readable)

    def _readable(self) -> None:
        assert self._client is not None
        try:
            data = self._client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._line.host_write(data)
        else:
            self._drop()

    def put(self, data: bytes) -> None:
        """Send; a slow client gets it later."""
        if self._client is not None:
            self._out += data
            self._send()

    def _send(self) -> None:
        if self._client is None:
            return
        try:
            del self._out[: self._client.send(self._out)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
            return
        if self._out:
            self._loop.add_writer(self._client, self._send)
        else:
            self._loop.remove_writer(self._client)

    def _drop(self) -> None:
        client, self._client = self._client, None
        self._out.clear()
        if client is not None:
            self._loop.remove_reader(client)
            self._loop.remove_writer(client)
            client.close()

    def close(self) -> None:
        """Close both."""
        super().close()
        self._drop()
        self._loop.remove_reader(self._server)
        self._server.close()
