"""One socket, with the methods of CPython's, MicroPython's and CircuitPython's sockets.

Blocking, non-blocking and time-outs as in CPython; lib/SOCKETS.md lists what the modules force to
be different. Errors are `OSError(errno, text)`. The socket of the module is made when it is
first needed, as kind and port are known only then.
"""

from ...core.command import span
from ...core.compat import const
from ...wait_aio import StreamBase
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_AHEAD = const(128)  # read at once for callers who take a few bytes at a time
_FEW = const(64)
_RECHECK_MS = const(5000)  # an announcement may have been lost on the line
_FULL_MS = const(200)  # before a full queue is tried again
_LONGEST = const(1024)
_PEEK = const(2)  # MSG_PEEK

_BYTES = (bytes, bytearray)  # made once: a tuple allocates

_POLL = const(3)  # requests and answers of the stream protocol
_READ = const(1)
_WRITE = const(4)
_ERROR = const(8)
_HANG_UP = const(16)

_EBADF = const(9)
_EAGAIN = const(11)
_EINVAL = const(22)
_EPIPE = const(32)
_ENOTCONN = const(107)
_ETIMEDOUT = const(110)

# What is not needed all the time: a file, and what is in it, by lines.
_FUNCTIONS = (
    "lifecycle bind listen accept \n"
    "connect connect connect_ex \n"
    "transfer readline \n"
    "put_back peek append put_back \n"
    "socket_file makefile \n"
    "options getblocking fileno detach getpeername "
    "getsockname setsockopt getsockopt info shutdown \n"
    "datagrams send_datagram recvfrom recvfrom_into \n"
    "/at.data_mode direct_link \n"
    "tls secure \n"
    "/security.ssl getpeercert cipher version do_handshake unwrap pending "
    "selected_alpn_protocol \n"
)


class Socket(StreamBase):
    """Made by `modem.socket()` and `SocketPool.socket()`. `type` is 1 for a stream, 2 for
    datagrams; `family` AF_INET or AF_INET6."""

    if TYPE_CHECKING:
        slot: Any
        ahead: Any
        peer: Any
        sender: Any
        attempt: Any
        options: Any
        to: Any

        from ..at.data_mode import direct_link as direct_link
        from ..security.ssl import cipher as cipher
        from ..security.ssl import do_handshake as do_handshake
        from ..security.ssl import getpeercert as getpeercert
        from ..security.ssl import pending as pending
        from ..security.ssl import selected_alpn_protocol as selected_alpn_protocol
        from ..security.ssl import unwrap as unwrap
        from ..security.ssl import version as version
        from .connect import connect as connect
        from .connect import connect_ex as connect_ex
        from .datagrams import recvfrom as recvfrom
        from .datagrams import recvfrom_into as recvfrom_into
        from .datagrams import send_datagram as send_datagram
        from .lifecycle import accept as accept
        from .lifecycle import bind as bind
        from .lifecycle import listen as listen
        from .options import detach as detach
        from .options import fileno as fileno
        from .options import getblocking as getblocking
        from .options import getpeername as getpeername
        from .options import getsockname as getsockname
        from .options import getsockopt as getsockopt
        from .options import info as info
        from .options import setsockopt as setsockopt
        from .options import shutdown as shutdown
        from .put_back import append as append
        from .put_back import peek as peek
        from .put_back import put_back as put_back
        from .socket_file import makefile as makefile
        from .tls import secure as secure
        from .transfer import readline as readline

    def __init__(self, pool, family: int, kind: int, proto: int = 0):
        known = family in (0, 2, 10) and kind in (1, 2)
        if not known or (proto and proto != (6 if kind == 1 else 17)):
            from .socket_module import unknown

            raise unknown(family, kind, proto)
        self.pool = pool
        self.family = family or 2
        self.type = kind
        self.proto = proto
        self.slot = None  # what the pool knows of the module's socket, once there is one
        self.errno = 0  # why it is of no use any more
        self.deaf = False  # the other side takes no more data, or shutdown(SHUT_WR) was called
        self.shut = False  # shutdown(SHUT_RD) was called
        self.timeout_ms = pool.default_ms
        self.wants_sender = False
        self.sender = None  # of the datagram read last, if it was wanted
        self.refused = 0  # errno of an attempt to connect that has failed, until it is raised
        self.closed = self.gone = False  # by close(); and no file of makefile() is left
        self.files = self.turn = None  # weak references to those; of sendall(), while it runs
        self.port = self.backlog = 0
        self.bound = False
        self.peer = None
        self.attempt = None  # to connect, while it is not over: see connect.py
        self.tls = self.tls_name = None  # security profile; name in the server's certificate
        self.options = None  # of setsockopt(), before there is a socket in the module
        self.to = None  # where the last datagram went: address, and what it was resolved to
        self.ahead = None  # bytes read and not asked for yet
        self.first = self.last = 0  # which of them are left
        pool.hand_out(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            file = entry(_FUNCTIONS, name)
            if file == "/security.ssl" and self.tls is None:
                file = ""
            return lazily(self, file, name, "sockets.")

    def __repr__(self) -> str:
        from .options import shown

        return shown(self)

    # ---- state ------------------------------------------------------------------------------

    def dead(self) -> OSError:
        """Why it cannot be used."""
        if self.gone:
            return OSError(_EBADF, "socket is closed")
        if self.errno:
            return OSError(self.errno, "the connection is lost")
        return OSError(_ENOTCONN, "socket is not connected")

    def late(self, sending: bool = False) -> OSError:
        """What a time-out is, and the lack of one."""
        if self.timeout_ms == 0:
            if self.tls is not None:
                from ...core.ssl_names import blocked

                return blocked(sending)
            return OSError(_EAGAIN, "nothing there now")
        return OSError(_ETIMEDOUT, "timed out")

    def settimeout(self, value) -> None:
        """None: wait for ever, 0: never wait, else seconds. It counts from each call, the wait for
        the channel included."""
        value = span(value)
        if self.gone:
            raise self.dead()
        self.timeout_ms = value

    def gettimeout(self) -> "float | None":
        """Seconds; None: for ever."""
        return None if self.timeout_ms is None else self.timeout_ms / 1000

    def setblocking(self, flag) -> None:
        """True: wait for ever, False: never wait."""
        self.settimeout(None if flag else 0)

    def check_patience(self, began: int, sending: bool = False) -> None:
        """Raise when the time-out has passed since `began`."""
        limit = self.timeout_ms
        if limit is not None and self.pool.channel.elapsed(began) >= limit:
            raise self.late(sending)

    def ready(self) -> bool:
        """Whether it is connected; an attempt to connect goes on. `OSError` if that has failed, or
        the socket cannot be used."""
        if self.errno or self.gone:
            raise self.dead()
        if self.attempt is not None:
            self.attempt.push()
            if self.attempt is not None:
                return False
        if self.refused:
            code, self.refused = self.refused, 0
            if self.tls is not None:
                from .tls import explained

                raise explained(self.peer[0], code, self.tls)
            raise OSError(code, "connect to %s failed" % self.peer[0])
        slot = self.slot
        return slot is not None and slot.connected

    # ---- connections (lifecycle.py, connect.py) ------------------------------------------------

    async def close(self) -> None:
        """Give the module's socket back. Data it has not sent yet is still sent. While a file of
        `makefile()` is open the connection stands, as in CPython."""
        if not self.closed:
            self.closed = True
            if not self.has_files():
                from .lifecycle import release

                await release(self)

    def has_files(self) -> bool:
        """Whether a file of `makefile()` is open."""
        return any(one() is not None and not one().closed for one in self.files or ())

    def ended(self) -> bool:
        """Whether it is closed for good; its files may have been dropped without closing."""
        if self.closed and not self.gone and not self.has_files():
            from .lifecycle import part

            self.gone = True
            part(self)
        return self.gone

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        await self.close()

    # ---- receiving --------------------------------------------------------------------------

    async def wait(self, began: int) -> bool:
        """Wait for bytes to read; False at the end of the stream."""
        channel = self.pool.channel
        asked = channel.port.ticks_ms()
        while True:
            channel.poll()
            slot = self.slot
            if self.shut and (slot is None or not slot.pending):
                return False
            if self.type == 1 and not self.ready() and self.attempt is None:
                raise self.dead()
            if slot is not None:
                if slot.pending or self.first < self.last:
                    return True
                if slot.closed:
                    from .diagnosis import ended

                    return await ended(self, slot, began)
            self.check_patience(began)
            if channel.keep_going:
                channel.proceed("recv")
            if slot is not None and channel.elapsed(asked) >= _RECHECK_MS:
                from .diagnosis import refresh

                await refresh(self, slot, began)
                asked = channel.port.ticks_ms()
            else:
                await channel.sleep(nap(channel.elapsed(began)))

    async def recv_into(self, buf, nbytes: int = 0, flags: int = 0) -> int:
        """Receive at most `nbytes` (0: all that fits) into `buf`, a bytearray or memoryview of
        bytes; the number, 0 at the end of the stream. A datagram that is longer is read on."""
        if not isinstance(buf, bytearray):
            from ...core.buffers import check_buffer

            check_buffer(buf)
        n = len(buf)
        if nbytes:
            if not isinstance(nbytes, int) or nbytes < 0 or nbytes > n:
                from ...core.buffers import capacity

                capacity(buf, nbytes)
            n = nbytes
        if flags & _PEEK:
            return await self.peek(buf, n)
        if self.first < self.last:
            return self._from_ahead(buf, n)
        began = self.pool.channel.port.ticks_ms()
        if self.slot is None and self.type == 2:
            from .lifecycle import create

            await create(self, began)
        while n:
            slot = self.slot
            there = slot is not None and slot.pending and not self.errno
            if (not there or self.attempt is not None) and not await self.wait(began):
                break
            if self.first < self.last:  # what another task had asked for and did not wait for
                return self._from_ahead(buf, n)
            slot = self.slot
            if n < _FEW and self.type == 1 and slot and slot.pending > n:
                if self.ahead is None or len(self.ahead) < _AHEAD:
                    self.ahead = bytearray(_AHEAD)
                got = await self.pool.read(self, self.ahead, 0, _AHEAD, began)
                if got:
                    self.first = 0
                    self.last = got
            else:
                got = await self.pool.read(self, buf, 0, n, began)
                if got:
                    return got
            if self.first < self.last:
                return self._from_ahead(buf, n)
        return 0

    def _from_ahead(self, into, n: int) -> int:
        first = self.first
        if n > self.last - first:
            n = self.last - first
        ahead = self.ahead
        if n > 16:
            into[:n] = memoryview(ahead)[first : first + n]
        else:  # the usual case, without the allocation of a slice
            for i in range(n):
                into[i] = ahead[first + i]
        self.first = first + n
        return n

    async def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """At most `bufsize` bytes; b"" at the end of the stream."""
        if not isinstance(bufsize, int) or bufsize < 0:
            from ...core.buffers import wrong

            raise wrong("bufsize", bufsize)
        buf = bytearray(min(bufsize, _LONGEST))
        n = await self.recv_into(buf, 0, flags)
        return bytes(memoryview(buf)[:n])

    # ---- as a stream (transfer.py) --------------------------------------------------------------

    async def readinto(self, buf, nbytes: int = 0):
        """As `recv_into`, but None when nothing is there and the socket does not wait."""
        try:
            return await self.recv_into(buf, nbytes)
        except OSError as error:
            if error.errno == _EAGAIN:
                return None
            raise

    async def read(self, size: int = -1):
        """`size` bytes, fewer only at the end of the stream (-1: all up to it). A socket that does
        not wait gives what is there, None if that is nothing."""
        from .transfer import read

        return await read(self, size)

    # ---- sending ----------------------------------------------------------------------------

    async def give(self, data, at: int, n: int, began: int) -> int:
        """Hand on some of the bytes, waiting while the module's queue is full."""
        channel = self.pool.channel
        while True:
            if not self.ready() and self.attempt is None and not self.deaf:
                raise OSError(_EPIPE, "socket is not connected")
            if not n:
                channel.poll()
            if self.deaf or (self.slot and self.slot.closed):
                from .diagnosis import end_of_sending

                error = await end_of_sending(self, began)
                if n or error.errno != _EPIPE:
                    raise error
            if not n and self.attempt is None:
                if self.slot and self.slot.pending:  # a reset is told only after the data
                    from .diagnosis import check_pending

                    await check_pending(self, self.slot, began)
                return 0
            if self.attempt is None:
                done = await self.pool.write(self, data, at, n, began)
                if done:
                    return done
            self.check_patience(began, True)
            channel.proceed("send")
            await channel.pause(_FULL_MS if self.attempt is None else nap(channel.elapsed(began)))

    async def send(self, data, flags: int = 0) -> int:
        """Send at most 1024 bytes; how many the module took (it acknowledges nothing more)."""
        if isinstance(data, str):
            data = data.encode()
        elif not isinstance(data, _BYTES):
            from ...core.buffers import check_data

            check_data(data)
        if self.type == 2:
            return await self.send_datagram(data)
        return await self.give(data, 0, len(data), self.pool.channel.port.ticks_ms())

    async def sendall(self, data, flags: int = 0) -> None:
        """Send everything."""
        from .transfer import write

        await write(self, data, -1, True)

    async def sendto(self, data, address, with_flags=None) -> int:
        """Send one datagram of 1 to 1024 bytes to `(host, port)`; see datagrams.py."""
        pool = self.pool
        if pool.sendto is None:  # kept there: to look it up would allocate for each datagram
            from .datagrams import sendto

            pool.sendto = sendto
        return await pool.sendto(self, data, address, with_flags)

    async def write(self, data, size: int = -1):
        """Send everything (or its first `size` bytes); the number. A socket that does not wait
        sends what the module takes now, None if that is nothing."""
        from .transfer import write

        return await write(self, data, size)

    def ioctl(self, request: int, argument: int = 0) -> int:
        """The stream protocol: 3 polls. -22 for what is not known."""
        if request != _POLL:
            return -_EINVAL
        self.pool.channel.poll()
        if self.attempt is not None:
            self.attempt.push()
        slot = self.slot
        ready = 0
        if self.errno or self.gone or self.refused:
            ready = _ERROR | _READ | _WRITE
        elif self.attempt is not None:
            ready = 0
        elif slot is None:
            ready = _WRITE if self.type == 2 else _HANG_UP
        elif self.backlog:
            for other in self.pool.slots:
                if other.state == 2 and other.listener == slot.number:
                    ready = _READ
        else:
            if slot.pending or self.first < self.last:
                ready = _READ
            if slot.closed:
                ready |= _READ | _HANG_UP
            if self.type == 2 or slot.connected:
                ready |= _WRITE
        return ready & (argument | _ERROR | _HANG_UP)


def nap(elapsed: int) -> int:
    """How long to sleep between two looks: the longer nothing has come, the longer."""
    return 1 if elapsed < 200 else 5 if elapsed < 2000 else 20
