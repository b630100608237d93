# Generated from aio/socket.py by tools/generate. Do not edit.
"""One socket, with the methods of MicroPython's and of CircuitPython's sockets.

Blocking, non-blocking and time-outs as in CPython. Errors are `OSError(errno, text)`. The socket
of the module behind it is made when it is first needed, as kind and port are known only then.
"""

from ..core.compat import const
from ..core.errors import (
    EADDRNOTAVAIL,
    EAGAIN,
    EBADF,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    EMSGSIZE,
    ENOPROTOOPT,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
    ETIMEDOUT,
    CommandError,
)
from ..runtime.blocking import StreamBase

_AHEAD = const(128)  # read at once for callers who take a few bytes at a time
_FEW = const(64)
_RECHECK_MS = const(5000)  # an announcement may have been lost on the line
_FULL_MS = const(200)  # before a full queue is tried again
_LONGEST = const(1024)

_POLL = const(3)  # requests of the stream protocol
_CLOSE = const(4)
_READ = const(1)
_WRITE = const(4)
_ERROR = const(8)
_HANG_UP = const(16)

_TCP_LEVEL = const(6)
_SOCKET_LEVEL = const(0xFFFF)
_KEEP_IDLE = const(2)
_LINGER = const(128)


class Socket(StreamBase):
    """Made by `SocketPool.socket()`. `type` is 1 for a stream, 2 for datagrams."""

    def __init__(self, pool, family: int, kind: int):
        self._pool = pool
        self.family = family
        self.type = kind
        self.slot = None  # what the pool knows of the module's socket, once there is one
        self.errno = 0  # why it is of no use any more
        self.deaf = False  # the other side takes no more data
        self.timeout_ms = None
        self.wants_sender = False
        self._closed = False
        self._port = 0
        self._backlog = 0
        self._peer = None
        self._ahead = None
        self._ahead_from = 0
        self._ahead_to = 0

    def __repr__(self) -> str:
        number = "-" if self.slot is None else self.slot.number
        return "<Socket %s type=%d peer=%s>" % (number, self.type, self._peer)

    # ---- state ------------------------------------------------------------------------------

    def take(self, slot) -> None:
        """Stand for a connection the module has made already."""
        slot.socket = self
        slot.state = 1
        slot.connected = True
        self.slot = slot
        self._peer = slot.peer

    def fail(self, errno: int) -> None:
        """From now on every operation but close() raises `errno`."""
        self.errno = errno

    def dead(self) -> OSError:
        if self._closed:
            return OSError(EBADF, "socket is closed")
        if self.errno:
            return OSError(self.errno, "the connection is lost")
        return OSError(ENOTCONN, "socket is not connected")

    def _open(self):
        """The module's socket, made now if there is none."""
        if self._closed or self.errno:
            raise self.dead()
        if self.slot is None:
            protocol = 6 if self.type == 1 else 17
            self.slot = self._pool.create(self, protocol, self._port)
        return self.slot

    def settimeout(self, value) -> None:
        """None: wait for ever, 0: never wait, else seconds."""
        if value is not None and value < 0:
            raise ValueError("timeout of None or at least 0 wanted")
        self.timeout_ms = None if value is None else int(value * 1000)

    def gettimeout(self):
        return None if self.timeout_ms is None else self.timeout_ms / 1000

    def setblocking(self, flag) -> None:
        self.timeout_ms = None if flag else 0

    def fileno(self) -> int:
        """-1: there is no descriptor that `select` of a PC could use."""
        return -1

    # ---- connections ------------------------------------------------------------------------

    def connect(self, address, mode=None) -> None:
        """Connect to `(host, port)`; a name is resolved by the module.

        A datagram socket only remembers the address (A5 5.7 advises so). `mode` is what
        Adafruit's connection manager passes: 0, TCP, is all there is here.
        """
        host, port = check_address(address)
        if mode:
            raise OSError(EOPNOTSUPP, "TLS sockets are not in this version of the driver")
        if self.type != 1:
            host = self._pool.resolve(host)
            self._open()
            self._peer = (host, port)
            return
        if self._peer and self.slot and self.slot.result is None and self._pool.connecting(self):
            raise OSError(EINPROGRESS, "still connecting")
        if self.slot and (self.slot.connected or self.slot.result == 0):
            self.slot.connected = True
            raise OSError(EISCONN, "socket is connected already")
        slot = self._open()
        self._peer = (host, port)
        try:
            done = self._pool.connect(slot, host, port, self.timeout_ms)
        except OSError as error:
            if error.errno != EAGAIN:
                self.fail(error.errno)
                self._release()
            raise
        if not done:
            raise OSError(EINPROGRESS, "connecting")
        slot.connected = True

    def bind(self, address) -> None:
        """Choose the local port; the host must be "" or "0.0.0.0"."""
        host, port = address[0], address[-1]
        if host not in ("", "0.0.0.0", "::"):
            raise OSError(EADDRNOTAVAIL, "only the module's own address can be bound: use ''")
        if not 0 <= port <= 65535:
            raise ValueError("port from 0 to 65535 wanted")
        if self.slot is not None:
            raise OSError(EINVAL, "socket is in use already")
        self._port = port
        if self.type == 2:
            self._open()

    def listen(self, backlog: int = 2) -> None:
        """Accept connections on the port given to `bind()` (+USOLI)."""
        if not self._port:
            raise OSError(EINVAL, "bind() to a port first")
        port = self._port
        if self.type == 1:
            self._port = 0  # +USOLI names it
        slot = self._open()
        self._port = port
        self._pool.listen(slot, port)
        self._backlog = max(1, backlog)

    def accept(self):
        """`(socket, (host, port))` of the next connection."""
        if not self._backlog:
            raise OSError(EINVAL, "listen() first")
        channel = self._pool.channel
        began = channel.port.ticks_ms()
        while True:
            if self.errno or self.slot is None:
                raise self.dead()
            channel.poll()
            self._pool.trim(self.slot.number, self._backlog)
            sock = self._pool.accept(self.slot.number)
            if sock:
                return sock, sock.getpeername()
            self._check_patience(began)
            channel.proceed("accept")
            channel.sleep(nap(channel.elapsed(began)))

    def getpeername(self):
        if not self._peer:
            raise self.dead()
        return self._peer

    def close(self) -> None:
        """Give the module's socket back. Data it has not sent yet is still sent."""
        if self._closed:
            return
        self._closed = True
        self._pool.forget()
        self._release()

    def _release(self) -> None:
        slot = self.slot
        self.slot = None
        if slot is not None and slot.socket is self:
            self._pool.close(slot)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    # ---- receiving --------------------------------------------------------------------------

    def _check_patience(self, began: int) -> None:
        limit = self.timeout_ms
        if limit is None:
            return
        if limit == 0:
            raise OSError(EAGAIN, "nothing there now")
        if self._pool.channel.elapsed(began) >= limit:
            raise OSError(ETIMEDOUT, "timed out")

    def _await_data(self) -> bool:
        """Wait for bytes to read; False at the end of the stream."""
        channel = self._pool.channel
        began = asked = channel.port.ticks_ms()
        while True:
            channel.poll()
            slot = self.slot
            if self.errno or slot is None:
                raise self.dead()
            if slot.pending:
                return True
            if slot.closed:
                return False
            if self.type == 1 and not slot.connected and slot.result != 0:
                raise self.dead()
            self._check_patience(began)
            if channel.keep_going:
                channel.proceed("recv")
            if channel.elapsed(asked) >= _RECHECK_MS:
                self._pool.refresh(slot)
                asked = channel.port.ticks_ms()
            else:
                channel.sleep(nap(channel.elapsed(began)))

    def _take(self, into, at: int, n: int) -> int:
        """Some bytes, at least one but at the end; waits for them."""
        if self._ahead_from < self._ahead_to:
            return self._from_ahead(into, at, n)
        if self.slot is None and self.type == 2:
            self._open()
        while True:
            if (self.slot is None or not self.slot.pending) and not self._await_data():
                return 0
            slot = self.slot
            if n < _FEW and self.type == 1 and (slot is None or slot.pending > n):
                if self._ahead is None:
                    self._ahead = bytearray(_AHEAD)
                self._ahead_from = 0
                self._ahead_to = self._pool.read(self, self._ahead, 0, _AHEAD)
                got = self._from_ahead(into, at, n)
            else:
                got = self._pool.read(self, into, at, n)
            if got:
                return got

    def _from_ahead(self, into, at: int, n: int) -> int:
        first = self._ahead_from
        if n > self._ahead_to - first:
            n = self._ahead_to - first
        ahead = self._ahead
        for i in range(n):
            into[at + i] = ahead[first + i]
        self._ahead_from = first + n
        return n

    def recv_into(self, buf, nbytes: int = 0, flags: int = 0) -> int:
        """Receive at most `nbytes` (0: all that fits) into `buf`; the number, 0 at the end."""
        n = len(buf)
        if nbytes:
            if nbytes < 0 or nbytes > n:
                raise ValueError("nbytes from 0 to the size of the buffer wanted")
            n = nbytes
        return self._take(buf, 0, n) if n else 0

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """At most `bufsize` bytes; b"" at the end of the stream."""
        if bufsize < 0:
            raise ValueError("bufsize of at least 0 wanted")
        buf = bytearray(min(bufsize, _LONGEST))
        n = self.recv_into(buf)
        return bytes(memoryview(buf)[:n])

    def recvfrom_into(self, buf, nbytes: int = 0, flags: int = 0):
        """`(number, (host, port))`; what does not fit of a datagram is read next."""
        self.wants_sender = True
        try:
            n = self.recv_into(buf, nbytes)
        finally:
            self.wants_sender = False
        return n, (self._pool.sender if self.type == 2 else self._peer)

    def recvfrom(self, bufsize: int, flags: int = 0):
        """`(bytes, (host, port))`."""
        buf = bytearray(min(bufsize, _LONGEST))
        n, sender = self.recvfrom_into(buf)
        return bytes(memoryview(buf)[:n]), sender

    # ---- as a stream ------------------------------------------------------------------------

    def readinto(self, buf, nbytes: int = -1):
        """As `recv_into`, but None when nothing is there and the socket does not wait."""
        try:
            return self.recv_into(buf, 0 if nbytes < 0 else nbytes)
        except OSError as error:
            if error.errno == EAGAIN:
                return None
            raise

    def read(self, size: int = -1):
        """`size` bytes, fewer only at the end of the stream (-1: all up to it).

        A socket that does not wait gives what is there, None if that is nothing.
        """
        found = bytearray()
        piece = bytearray(min(size, 256) if size >= 0 else 256)
        while size < 0 or len(found) < size:
            want = len(piece) if size < 0 else min(len(piece), size - len(found))
            n = self.readinto(piece, want) if want else 0
            if n is None:
                return bytes(found) if found else None
            if not n:
                break
            found.extend(memoryview(piece)[:n])
        return bytes(found)

    def readline(self):
        """Up to and with the next newline, or to the end of the stream."""
        found = bytearray()
        one = bytearray(1)
        while True:
            n = self.readinto(one)
            if n is None:
                return bytes(found) if found else None
            if not n:
                return bytes(found)
            found.extend(one)
            if one[0] == 10:
                return bytes(found)

    def makefile(self, mode: str = "rb", buffering: int = 0):
        """The socket itself, which reads and writes like a file."""
        return self

    # ---- sending ----------------------------------------------------------------------------

    def _give(self, data, at: int, n: int, host, port: int) -> int:
        """Hand on some of the bytes, waiting while the module's queue is full."""
        channel = self._pool.channel
        began = channel.port.ticks_ms()
        while True:
            if self.deaf:
                raise OSError(EPIPE, "the other side has closed the connection")
            done = self._pool.write(self, data, at, n, host, port)
            if done:
                return done
            self._check_patience(began)
            channel.proceed("send")
            channel.poll()
            channel.sleep(_FULL_MS)

    def send(self, data, flags: int = 0) -> int:
        """Send at most 1024 bytes; how many the module took (it acknowledges nothing more)."""
        if isinstance(data, str):
            data = data.encode()
        if self.errno or self._closed:
            raise self.dead()
        n = len(data)
        if self.type == 2:
            if not self._peer:
                raise OSError(ENOTCONN, "connect() first, or use sendto()")
            return self.sendto(data, self._peer)
        slot = self.slot
        if slot is None or not (slot.connected or slot.result == 0):
            raise self.dead()
        return self._give(data, 0, n, None, 0) if n else 0

    def sendall(self, data, flags: int = 0) -> None:
        """Send everything."""
        self.write(data)

    def sendto(self, data, address, _unused=None) -> int:
        """Send one datagram of at most 1024 bytes to `(host, port)`; a name is resolved."""
        if isinstance(data, str):
            data = data.encode()
        if self.type == 1:
            return self.send(data)
        if address is not self._peer:
            host, port = check_address(_unused or address)
            address = (self._pool.resolve(host), port)
        n = len(data)
        if not 0 < n <= _LONGEST:
            raise OSError(EMSGSIZE, "datagram of 1 to %d bytes wanted" % _LONGEST)
        self._open()
        return self._give(data, 0, n, address[0], address[1])

    def write(self, data, size: int = -1):
        """Send everything (or its first `size` bytes); the number.

        A socket that does not wait sends what the module takes now, None if that is nothing.
        """
        if isinstance(data, str):
            data = data.encode()
        n = len(data) if size < 0 else min(size, len(data))
        if self.type == 2:
            return self.send(data[:n])
        if self.errno or self.slot is None:
            raise self.dead()
        done = 0
        while done < n:
            try:
                done += self._give(data, done, n - done, None, 0)
            except OSError as error:
                if error.errno != EAGAIN or self.timeout_ms != 0:
                    raise
                return done or None
        return done

    # ---- options and polling ------------------------------------------------------------------

    def setsockopt(self, level: int, option: int, value) -> None:
        """+USOSO. Levels and options as in `SocketPool`; linger takes (on, ms), the keep-alive
        timer seconds. `OSError(ENOPROTOOPT)` for what the module does not have (A5 5.4)."""
        level = check_level(level)
        slot = self._open()
        if level == _TCP_LEVEL and option == _KEEP_IDLE:
            value *= 1000
        values = tuple(value) if isinstance(value, (tuple, list)) else (int(value),)
        try:
            self._pool.channel.command(b"+USOSO", slot.number, level, option, *values)
        except CommandError as error:
            raise OSError(ENOPROTOOPT, str(error))

    def getsockopt(self, level: int, option: int):
        """+USOGO: the value, for linger a tuple."""
        level = check_level(level)
        slot = self._open()
        try:
            rows = self._pool.channel.command(b"+USOGO", slot.number, level, option)
        except CommandError as error:
            raise OSError(ENOPROTOOPT, str(error))
        value = rows[0][-1] if option != _LINGER else tuple(rows[0])
        return value // 1000 if level == _TCP_LEVEL and option == _KEEP_IDLE else value

    def info(self, what: int):
        """+USOCTL: 0 protocol, 1 last error, 2 bytes sent, 3 bytes received, 4 [host, port] of the
        peer, 10 TCP state (4: established), 11 bytes sent and not acknowledged (A5 5.8)."""
        return self._pool.control(self._open(), what)

    def ioctl(self, request: int, argument: int = 0) -> int:
        """The stream protocol: 3 polls. -22 for what is not known."""
        if request == _POLL:
            return self._poll() & (argument | _ERROR | _HANG_UP)
        return -EINVAL

    def _poll(self) -> int:
        self._pool.channel.poll()
        slot = self.slot
        if self.errno or self._closed:
            return _ERROR | _READ | _WRITE
        if self._ahead_from < self._ahead_to:
            return _READ | _WRITE
        if slot is None:
            return _WRITE if self.type == 2 else _HANG_UP
        if self._backlog and self.type == 1:
            return _READ if self._pool.acceptable(slot.number) else 0
        ready = _READ if slot.pending else 0
        if slot.closed:
            ready |= _READ | _HANG_UP
        if self.type == 2 or slot.connected or slot.result is not None:
            ready |= _WRITE
        return ready


def nap(elapsed: int) -> int:
    """How long to sleep between two looks: the longer nothing has come, the longer."""
    return 1 if elapsed < 200 else 5 if elapsed < 2000 else 20


def check_address(address):
    """`(host, port)` of a peer; IPv6 tuples are cut."""
    host, port = address[0], address[1]
    if not isinstance(host, str) or not isinstance(port, int):
        raise TypeError("address (host, port) wanted")
    if not host or not 0 < port <= 65535:
        raise ValueError("host and a port from 1 to 65535 wanted")
    return host, port


def check_level(level: int) -> int:
    """SOL_SOCKET is 1 or 0xFFF in the `socket` modules of some ports."""
    return _SOCKET_LEVEL if level in (1, 0xFFF) else level
