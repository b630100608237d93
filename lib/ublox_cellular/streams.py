"""Streams for asyncio programs: `modem.open_connection()` and `modem.start_server()`, with readers
and writers like asyncio's in CPython and MicroPython.

    reader, writer = await modem.open_connection("echo.example", 7)
    writer.write(b"hello")
    await writer.drain()
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()

Reader and writer are one object, as in MicroPython. The asyncio flavour only.
"""

import asyncio

from .core.errors import NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:
    from asyncio import IncompleteReadError as _Incomplete  # CPython
except (ImportError, AttributeError):  # MicroPython searches its table of lazy names
    _Incomplete = None

try:
    from asyncio import LimitOverrunError as _Overrun
except (ImportError, AttributeError):
    _Overrun = None

_EOPNOTSUPP = 95
_PIPE = 32
_ECANCELED = 125
_PIECE = 1024


def _check(modem, limit) -> None:
    if "aio" not in type(modem).__module__:
        raise NotSupported(_EOPNOTSUPP, "the blocking flavour", "asyncio streams")
    if limit is not None and not isinstance(limit, int):
        raise TypeError("limit: an integer or None wanted")
    if limit is not None and limit <= 0:
        raise ValueError("limit: above 0")


async def open_connection(
    modem,
    host: str,
    port: int,
    ssl: "Any" = None,
    server_hostname: "str | None" = None,
    *,
    limit: "int | None" = None,
) -> "tuple[Stream, Stream]":
    """Connect to `host` (a name of at most 128 characters, or an address) and `port`; returns
    (reader, writer). `ssl`: True for `modem.security.default`, a context of `modem.ssl`, or a
    profile of `modem.security`; `server_hostname`: the name required in its certificate, by
    default `host`. `limit`: bytes of the longest line of `readline()`, `readuntil()`; None: any.

    Raises `OSError` as `Socket.connect`; `NotSupported` in the blocking flavour.
    """
    _check(modem, limit)
    sock = modem.socket()
    try:
        if ssl:
            if hasattr(ssl, "wrap_socket"):
                await ssl.wrap_socket(sock, server_hostname=server_hostname)
            else:
                await sock.secure(None if ssl is True else ssl, server_hostname)
        await sock.connect((host, port))
    except BaseException:
        from .aio.sockets.lifecycle import drop

        drop(sock)
        raise
    stream = Stream(sock, limit)
    return stream, stream


async def start_server(
    modem,
    callback: "Any",
    host: "str | None",
    port: int,
    backlog: int = 5,
    ssl: "Any" = None,
    *,
    limit: "int | None" = None,
) -> "Server":
    """Listen at `port`; `callback(reader, writer)`, a function or a coroutine function that runs
    as a separate task, is called for each connection. `host` must be None, "" or "0.0.0.0".
    `limit`: of their streams, as in `open_connection`.

    Raises `OSError` (EADDRINUSE, ENFILE …); `NotSupported` for TLS, which the modules do not
    support for servers, and in the blocking flavour.
    """
    _check(modem, limit)
    if not callable(callback):
        raise TypeError("callback: a function wanted")
    if ssl:
        raise NotSupported(_EOPNOTSUPP, modem.name, "TLS for a server")
    sock = modem.socket()
    try:
        await sock.bind((host or "", port))
        await sock.listen(backlog)
    except BaseException:
        from .aio.sockets.lifecycle import drop

        drop(sock)
        raise
    return Server(sock, callback, limit)


def _overrun(room: int) -> Exception:
    text = "no separator within %d bytes" % room
    return _Overrun(text, room) if _Overrun else ValueError(text)


class Stream:
    """Reader and writer of a connection. Written bytes are sent by a task in the background;
    `drain()` waits for that and raises its error. An error of a hook, or a lack of memory, is
    raised once, and the next `write()` or `drain()` continues with the rest."""

    def __init__(self, sock, limit=None):
        self.sock = sock
        self.limit = limit
        self.waiting = bytearray()  # written and not sent
        self.sender = None
        self.closer = None
        self.failure = None
        self.before = None  # bytes accepted by the module before a cancelled send
        self.ended = False

    # ---- reading ----------------------------------------------------------------------------

    async def read(self, n: int = -1) -> bytes:
        """At most `n` bytes, at least one; b"" at the end. -1: all up to the end."""
        if n < 0:
            data = await self.sock.read(-1)
            self.ended = True
        else:
            data = await self.sock.recv(n)
            self.ended = n > 0 and not data
        return data

    async def readinto(self, buf) -> int:
        """Read some bytes into `buf`; returns their number, 0 at the end."""
        n = await self.sock.recv_into(buf)
        self.ended = not n
        return n

    async def readline(self) -> bytes:
        """Read up to and including the next newline, or to the end. `ValueError` for a line above
        `limit`, of which that much is dropped, as in asyncio."""
        limit = self.limit
        line = await self.sock.readline(-1 if limit is None else limit + 1)
        self.ended = line[-1:] != b"\n"
        if self.ended and limit is not None and len(line) > limit:
            self.ended = False
            raise ValueError("a line of more than %d bytes" % limit)
        return line

    async def readexactly(self, n: int) -> bytes:
        """`n` bytes; `EOFError` (CPython: `IncompleteReadError`) if the stream ends earlier."""
        data = await self.sock.read(n)
        if len(data) < n:
            self.ended = True
            raise _Incomplete(data, n) if _Incomplete else EOFError()
        return data

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Read up to and including `separator`; `EOFError` if the stream ends earlier,
        `LimitOverrunError` (MicroPython: `ValueError`) if it does not come within `limit`: no data
        is lost then."""
        if not separator:
            raise ValueError("separator: at least one byte")
        found = bytearray()
        n = len(separator)
        room = -1 if self.limit is None else self.limit + n
        try:
            while found[-n:] != separator:
                if len(found) == room:
                    raise _overrun(room)
                if separator[-1] == 10:
                    piece = await self.sock.readline(room - len(found) if room >= 0 else -1)
                else:
                    piece = await self.sock.recv(1)
                if not piece:
                    self.ended = True
                    break
                found.extend(piece)
        except BaseException:  # after any error no data is lost
            self.sock.put_back(found)
            raise
        if self.ended and found[-n:] != separator:
            raise _Incomplete(bytes(found), None) if _Incomplete else EOFError()
        return bytes(found)

    def at_eof(self) -> bool:
        """Whether the end has been read."""
        return self.ended

    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line

    # ---- writing ----------------------------------------------------------------------------

    def write(self, data) -> None:
        """Have bytes sent; see `drain()`."""
        if self.closer is not None:
            raise OSError(_PIPE, "the stream is closed")
        if isinstance(data, str):
            data = data.encode()
        self.waiting.extend(data)
        self._go_on()

    def _go_on(self) -> None:
        if self.sender is None and self.waiting and self.failure is None:
            self.sender = asyncio.create_task(self._send())

    def writelines(self, lines) -> None:
        """Have all of them sent."""
        for line in lines:
            self.write(line)

    async def _send(self) -> None:
        sock = self.sock
        try:
            while self.waiting:
                if self.before is not None:  # the module's answer to it is available after pay()
                    await sock.pool.channel.pay()
                    n = sock.slot.total - self.before if sock.slot else 0
                    self.before = None
                    self.waiting = self.waiting[n:]
                    continue
                piece = bytes(memoryview(self.waiting)[:_PIECE])
                before = sock.slot and sock.slot.total
                try:
                    n = await sock.send(piece)
                except BaseException:
                    self.before = before
                    raise
                self.waiting = self.waiting[n:]
        except Exception as error:
            self.failure = error
        except BaseException:  # a cancelled task: another task may be in `drain()`
            self.failure = OSError(_ECANCELED, "sending was cancelled")
            raise
        finally:
            self.sender = None

    async def drain(self) -> None:
        """Wait until all written bytes have been sent to the module. Raises `OSError` if the
        connection has failed."""
        self._go_on()
        while self.sender is not None:
            await asyncio.sleep(0)
            await self.sock.pool.channel.sleep(1)
        failure = self.failure
        if failure is not None:
            if not isinstance(failure, OSError) or failure.errno == _ECANCELED:
                self.failure = None
            raise failure

    def can_write_eof(self) -> bool:
        """False: the modules have no half-close."""
        return False

    def is_closing(self) -> bool:
        return self.closer is not None

    def close(self) -> None:
        """Send the rest, then close; `wait_closed()` waits for that."""
        if self.closer is None:
            self.closer = asyncio.create_task(self._close())

    async def _close(self) -> None:
        try:
            await self.drain()
        except Exception:
            pass  # the rest cannot be sent any more
        await self.sock.close()

    async def wait_closed(self) -> None:
        """Close it and wait for that, as in MicroPython."""
        self.close()
        await self.closer  # pyright: ignore

    async def aclose(self) -> None:
        """`close()` and `wait_closed()`, as in MicroPython."""
        await self.wait_closed()

    async def awrite(self, data) -> None:
        """`write()` and `drain()`, as in MicroPython."""
        self.write(data)
        await self.drain()

    def get_extra_info(self, name: str, default=None):
        """ "peername" (host as passed to `open_connection`, port), "sockname", "socket"."""
        if name == "peername":
            return self.sock.peer
        if name == "sockname":
            return ("0.0.0.0", self.sock.port)
        if name == "socket":
            return self.sock
        return default


class Server:
    """Made by `start_server()`. `sockets`: the listening socket."""

    def __init__(self, sock, callback, limit=None):
        self.sockets = [sock]
        self.limit = limit
        self.callback = callback
        self.handlers = []
        self.task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        sock = self.sockets[0]
        try:
            while not sock.gone:
                try:
                    peer, _ = await sock.accept()
                except OSError:
                    if sock.gone or sock.errno:
                        return
                    await sock.pool.channel.sleep(100)  # no room for another socket
                    continue
                stream = Stream(peer, self.limit)
                self.handlers = [task for task in self.handlers if not task.done()]
                self.handlers.append(asyncio.create_task(self._handle(stream)))
        finally:
            await sock.close()

    async def _handle(self, stream: Stream) -> None:
        result = self.callback(stream, stream)
        if hasattr(result, "send"):
            await result

    def is_serving(self) -> bool:
        return not self.task.done()

    async def serve_forever(self) -> None:
        """Wait until `close()`."""
        await self.task

    def close(self) -> None:
        """Accept no more connections; accepted ones continue."""
        if not self.task.done():
            self.task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the port is free again."""
        try:
            await self.task
        except asyncio.CancelledError:
            if not self.task.done():  # this caller was cancelled
                raise

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        self.close()
        await self.wait_closed()
