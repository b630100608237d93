# Generated from aio/socket.py by tools/generate. Do not edit.
"""One socket, with the methods of MicroPython's and of CircuitPython's sockets.

Blocking, non-blocking and time-outs as in CPython. Errors are `OSError(errno, text)`. The socket
of the module behind it is made when it is first needed, as kind and port are known only then.
"""

from ..core.compat import const
from ..wait_blocking import StreamBase
from .modem import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from .datamode import DataStream

_AHEAD = const(128)  # read at once for callers who take a few bytes at a time
_FEW = const(64)
_RECHECK_MS = const(5000)  # an announcement may have been lost on the line
_FULL_MS = const(200)  # before a full queue is tried again
_LONGEST = const(1024)

_POLL = const(3)  # requests and answers of the stream protocol
_READ = const(1)
_WRITE = const(4)
_ERROR = const(8)
_HANG_UP = const(16)

_EBADF = const(9)
_EAGAIN = const(11)
_EINVAL = const(22)
_EPIPE = const(32)
_EMSGSIZE = const(90)
_ENOTCONN = const(107)
_ETIMEDOUT = const(110)


# What is not needed all the time: a file, and what is in it, by lines.
_FUNCTIONS = (
    "links bind listen accept getpeername \n"
    "streaming recvfrom recvfrom_into makefile readline \n"
    "options gettimeout fileno setsockopt getsockopt info \n"
    "datamode direct_link \n"
    "secure secure \n"
)


class Socket(StreamBase):
    """Made by `SocketPool.socket()`. `type` is 1 for a stream, 2 for datagrams."""

    if TYPE_CHECKING:
        slot: Any
        ahead: Any
        peer: Any
        to: Any
        at: Any

    def __init__(self, pool, family: int, kind: int):
        self.pool = pool
        self.family = family
        self.type = kind
        self.slot = None  # what the pool knows of the module's socket, once there is one
        self.errno = 0  # why it is of no use any more
        self.deaf = False  # the other side takes no more data
        self.timeout_ms = None
        self.wants_sender = False
        self.closed = False
        self.port = 0
        self.backlog = 0
        self.peer = None
        self.tls = self.tls_name = None  # security profile; name in the server's certificate
        self.to = self.at = None  # where the last datagram went, as given and as resolved
        self.ahead = None  # bytes read and not asked for yet
        self.first = self.last = 0  # which of them are left

    def __getattr__(self, name: str):
        file = entry(_FUNCTIONS, name)
        if not file:
            raise AttributeError(name)
        return lazily(self, file, name)

    # ---- state ------------------------------------------------------------------------------

    def dead(self) -> OSError:
        """Why it cannot be used."""
        if self.closed:
            return OSError(_EBADF, "socket is closed")
        if self.errno:
            return OSError(self.errno, "the connection is lost")
        return OSError(_ENOTCONN, "socket is not connected")

    def settimeout(self, value) -> None:
        """None: wait for ever, 0: never wait, else seconds."""
        if value is not None and value < 0:
            raise ValueError("timeout of None or at least 0 wanted")
        # Below a millisecond is still a time to wait, not 0.
        self.timeout_ms = None if value is None else int(value * 1000) or (1 if value else 0)

    def setblocking(self, flag) -> None:
        self.timeout_ms = None if flag else 0

    # ---- connections (links.py) -------------------------------------------------------------

    def connect(self, address, mode=None) -> None:
        """Connect to `(host, port)`; a name is resolved by the module.

        A datagram socket only remembers the address. `mode` is what Adafruit's connection
        manager passes: 0 for TCP, `TLS_MODE` for TLS by `modem.security.default`.
        """
        from .links import connect

        if mode and not self.tls:
            self.secure()
        connect(self, address)

    def close(self) -> None:
        """Give the module's socket back. Data it has not sent yet is still sent."""
        if not self.closed:
            from .links import release

            self.closed = True
            self.pool.made = max(0, self.pool.made - 1)
            release(self)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    # ---- receiving --------------------------------------------------------------------------

    def check_patience(self, began: int) -> None:
        """Raise when the time-out has passed since `began`."""
        limit = self.timeout_ms
        if limit is not None and self.pool.channel.elapsed(began) >= limit:
            if limit == 0:
                raise OSError(_EAGAIN, "nothing there now")
            raise OSError(_ETIMEDOUT, "timed out")

    def wait(self) -> bool:
        """Wait for bytes to read; False at the end of the stream."""
        channel = self.pool.channel
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
            self.check_patience(began)
            if channel.keep_going:
                channel.proceed("recv")
            if channel.elapsed(asked) >= _RECHECK_MS:
                from .failures import refresh

                refresh(self.pool, slot)
                asked = channel.port.ticks_ms()
            else:
                channel.sleep(nap(channel.elapsed(began)))

    def recv_into(self, buf, nbytes: int = 0, flags: int = 0) -> int:
        """Receive at most `nbytes` (0: all that fits) into `buf`; the number, 0 at the end."""
        n = len(buf)
        if nbytes:
            if nbytes < 0 or nbytes > n:
                raise ValueError("nbytes from 0 to the size of the buffer wanted")
            n = nbytes
        if self.first < self.last:
            return self._from_ahead(buf, n)
        if self.slot is None and self.type == 2:
            from .links import create

            create(self)
        while n:
            slot = self.slot
            if (self.errno or slot is None or not slot.pending) and not self.wait():
                break
            if n < _FEW and self.type == 1 and slot and slot.pending > n:
                if self.ahead is None:
                    self.ahead = bytearray(_AHEAD)
                self.first = 0
                self.last = self.pool.read(self, self.ahead, 0, _AHEAD)
                got = self._from_ahead(buf, n)
            else:
                got = self.pool.read(self, buf, 0, n)
            if got:
                return got
        return 0

    def _from_ahead(self, into, n: int) -> int:
        first = self.first
        if n > self.last - first:
            n = self.last - first
        ahead = self.ahead
        for i in range(n):
            into[i] = ahead[first + i]
        self.first = first + n
        return n

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """At most `bufsize` bytes; b"" at the end of the stream."""
        buf = bytearray(min(bufsize, _LONGEST))
        n = self.recv_into(buf)
        return bytes(memoryview(buf)[:n])

    # ---- as a stream (streaming.py) ---------------------------------------------------------

    def readinto(self, buf, nbytes: int = 0):
        """As `recv_into`, but None when nothing is there and the socket does not wait."""
        try:
            return self.recv_into(buf, nbytes)
        except OSError as error:
            if error.errno == _EAGAIN:
                return None
            raise

    def read(self, size: int = -1):
        """`size` bytes, fewer only at the end of the stream (-1: all up to it).

        A socket that does not wait gives what is there, None if that is nothing.
        """
        from .streaming import read

        return read(self, size)

    # ---- sending ----------------------------------------------------------------------------

    def give(self, data, at: int, n: int, host=None, port: int = 0) -> int:
        """Hand on some of the bytes, waiting while the module's queue is full."""
        channel = self.pool.channel
        began = channel.port.ticks_ms()
        while True:
            if self.deaf or (self.slot and self.slot.closed):
                raise OSError(_EPIPE, "the other side has closed the connection")
            done = self.pool.write(self, data, at, n, host, port)
            if done:
                return done
            self.check_patience(began)
            channel.proceed("send")
            channel.pause(_FULL_MS)

    def send(self, data, flags: int = 0) -> int:
        """Send at most 1024 bytes; how many the module took (it acknowledges nothing more)."""
        if isinstance(data, str):
            data = data.encode()
        n = len(data)
        if self.type == 2:
            if not self.peer:
                raise self.dead()
            return self.sendto(data, self.peer)
        slot = self.slot
        if self.errno or slot is None or not (slot.connected or slot.result == 0):
            raise self.dead()
        return self.give(data, 0, n) if n else 0

    def sendall(self, data, flags: int = 0) -> None:
        """Send everything."""
        self.write(data)

    def sendto(self, data, address, with_flags=None) -> int:
        """Send one datagram of at most 1024 bytes to `(host, port)`; a name is resolved."""
        if isinstance(data, str):
            data = data.encode()
        if self.type == 1:
            return self.send(data)
        n = len(data)
        if not 0 < n <= _LONGEST:
            raise OSError(_EMSGSIZE, "datagram of 1 to %d bytes wanted" % _LONGEST)
        address = with_flags or address
        if self.slot is None or (address != self.to and address != self.peer):
            from .links import aim

            aim(self, address)
        host, port = self.peer if address == self.peer else self.at
        return self.give(data, 0, n, host, port)

    def write(self, data, size: int = -1):
        """Send everything (or its first `size` bytes); the number.

        A socket that does not wait sends what the module takes now, None if that is nothing.
        """
        from .streaming import write

        return write(self, data, size)

    # ---- options and polling ------------------------------------------------------------------

    def ioctl(self, request: int, argument: int = 0) -> int:
        """The stream protocol: 3 polls. -22 for what is not known."""
        if request != _POLL:
            return -_EINVAL
        self.pool.channel.poll()
        slot = self.slot
        ready = 0
        if self.errno or self.closed:
            ready = _ERROR | _READ | _WRITE
        elif slot is None:
            ready = _WRITE if self.type == 2 else _HANG_UP
        elif self.backlog:
            for other in self.pool.slots:
                if other.listener == slot.number and not other.socket:
                    ready = _READ
        else:
            if slot.pending or self.first < self.last:
                ready = _READ
            if slot.closed:
                ready |= _READ | _HANG_UP
            if self.type == 2 or slot.connected or slot.result is not None:
                ready |= _WRITE
        return ready & (argument | _ERROR | _HANG_UP)

    if TYPE_CHECKING:

        def bind(self, address: tuple[str, int]) -> None:
            """Choose the local port; the host must be "" or "0.0.0.0"."""

        def listen(self, backlog: int = 2) -> None:
            """Let connections to the port given to `bind()` wait for `accept()` (+USOLI)."""

        def accept(self) -> "tuple[Socket, tuple[str, int]]":
            """`(socket, (host, port))` of the next connection."""
            return self, ("", 0)

        def recvfrom_into(self, buf: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
            """`(number, (host, port))`; what does not fit of a datagram is read next."""
            return 0, None

        def readline(self) -> bytes | None:
            """Up to and with the next newline, or to the end of the stream."""

        def setsockopt(self, level: int, option: int, value: Any) -> None:
            """+USOSO, see options.py."""

        def getsockopt(self, level: int, option: int) -> Any:
            """+USOGO, see options.py."""

        def info(self, what: int) -> Any:
            """+USOCTL, see options.py."""

        def secure(self, profile: Any = None, server_hostname: str | None = None) -> None:
            """TLS by a security profile, see secure.py."""

        def direct_link(self) -> DataStream:
            """+USODL, see datamode.py."""
            raise OSError


def nap(elapsed: int) -> int:
    """How long to sleep between two looks: the longer nothing has come, the longer."""
    return 1 if elapsed < 200 else 5 if elapsed < 2000 else 20
