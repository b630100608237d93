# Generated from aio/sockets/__init__.py by tools/generate. Do not edit.
"""The module's sockets: a table of what the module has told of each.

`SocketPool` stands in for the `socket` module. The sockets are in socket.py; lifecycle.py has how
they are made, accepted and closed, connect.py how they connect, transfer.py how data
moves, diagnosis.py what failures mean. A5 and A10 section 5, at-commands 3.
"""

from ...core.compat import const, ref  # pyright: ignore
from .. import entry, lazily
from .socket import Socket

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    class _BoundSocket(Socket):
        def __init__(
            self, family: int = 2, type: int = 1, proto: int = 0, fileno: None = None
        ): ...


# States of a slot.
_FREE = const(0)
_OPEN = const(1)
_ACCEPTED = const(2)  # connected by a peer, and accept() has not given it out yet
_CLOSING = const(3)  # to be closed; +USOCL may be on its way, or wait for its turn

_EVENT_DATA = const(4)
_EVENT_CLOSED = const(5)

_EIO = const(5)
_ENFILE = const(23)
_EPIPE = const(32)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)

# What is not needed all the time: a file, and what is in it, by lines.
_FUNCTIONS = (
    "lifecycle close_all \n"
    "diagnosis refused works \n"
    "socket_module getaddrinfo gethostbyname inet_pton inet_ntop inet_aton inet_ntoa "
    "create_connection create_server getdefaulttimeout setdefaulttimeout \n"
)


def _gone():
    """In place of a weak reference: there is no socket."""


class Slot:
    """What is known of one socket of the module, in one life of it: when the module gives its
    number out again there is a new slot. `sock()` is the `Socket` that stands for it, or None."""

    if TYPE_CHECKING:
        sock: Any
        result: int | None
        peer: Any
        listener: int | None
        fate: int | None

    def __init__(self, number: int):
        self.number = number
        self.clear()

    def clear(self) -> None:
        self.state = _FREE
        self.sock = _gone
        self.pending = 0  # bytes announced and not read
        self.total = 0  # bytes of a stream the module has taken, below 0 if that is unknown
        self.taken = 0  # bytes of a stream that were read; unknown as `total` is
        self.closed = False  # by the other side, or the connection is lost
        self.connected = False
        self.always_on = False  # outlives deep sleep, as far as +USOCR has told (LEXI-R10)
        self.result = None  # of connecting, until connect() returns it: errno, 0 for success
        self.peer = None
        self.listener = None  # number of the socket that accepted it
        self.fate = None  # why it was closed, once that is known: errno, 0 by the other side
        self.raised = False  # that errno was raised
        self.stream = True
        self.since = self.times = 0


def bound(pool):
    """The class of a pool's sockets, which `isinstance()` knows and programs may subclass."""

    class socket(Socket):
        def __init__(self, family: int = 2, type: int = 1, proto: int = 0, fileno=None):
            if fileno is not None:
                raise ValueError("fileno: there are no descriptors")
            Socket.__init__(self, pool, family, type, proto)

    return socket


class SocketPool:
    """`modem.socket_pool`: `socket()`, `getaddrinfo()` and constants as in the `socket` module.

    `syntax`: how payload travels, one of core/command.py. `async_connect`, `async_close`: use the
    forms of +USOCO and +USOCL that do not hold up other sockets. `cid`: PDP context of new
    sockets, 1 to 15 on LEXI-R10 (None: the module's default). `adopted`: sockets taken over
    from an earlier host program. `connect_floor_ms`: a time-out of a socket below this does
    not limit its connection attempts (TCP, TLS): what the network and a handshake take has
    nothing to do with how long a program waits for data. `tls_ports`: where a program that
    uses `modem.ssl` is expected to wrap the socket after `connect()`, which then waits for
    that instead of connecting twice."""

    if TYPE_CHECKING:
        slot: Any
        sock: Any
        read: Any
        write: Any
        sendto: Any
        encode: Any
        connecting: Any
        shaking: Slot | None
        socket: type[_BoundSocket]
        SocketType: type[_BoundSocket]

        from ...core.socket_constants import _GLOBAL_DEFAULT_TIMEOUT as _GLOBAL_DEFAULT_TIMEOUT
        from ...core.socket_constants import AF_INET as AF_INET
        from ...core.socket_constants import AF_INET6 as AF_INET6
        from ...core.socket_constants import AF_UNSPEC as AF_UNSPEC
        from ...core.socket_constants import AI_CANONNAME as AI_CANONNAME
        from ...core.socket_constants import AI_NUMERICHOST as AI_NUMERICHOST
        from ...core.socket_constants import AI_PASSIVE as AI_PASSIVE
        from ...core.socket_constants import EAI_NONAME as EAI_NONAME
        from ...core.socket_constants import INADDR_ANY as INADDR_ANY
        from ...core.socket_constants import INADDR_BROADCAST as INADDR_BROADCAST
        from ...core.socket_constants import IP_TOS as IP_TOS
        from ...core.socket_constants import IP_TTL as IP_TTL
        from ...core.socket_constants import IPPROTO_IP as IPPROTO_IP
        from ...core.socket_constants import IPPROTO_IPV6 as IPPROTO_IPV6
        from ...core.socket_constants import IPPROTO_TCP as IPPROTO_TCP
        from ...core.socket_constants import IPPROTO_UDP as IPPROTO_UDP
        from ...core.socket_constants import MSG_DONTWAIT as MSG_DONTWAIT
        from ...core.socket_constants import MSG_PEEK as MSG_PEEK
        from ...core.socket_constants import SHUT_RD as SHUT_RD
        from ...core.socket_constants import SHUT_RDWR as SHUT_RDWR
        from ...core.socket_constants import SHUT_WR as SHUT_WR
        from ...core.socket_constants import SO_BROADCAST as SO_BROADCAST
        from ...core.socket_constants import SO_ERROR as SO_ERROR
        from ...core.socket_constants import SO_KEEPALIVE as SO_KEEPALIVE
        from ...core.socket_constants import SO_LINGER as SO_LINGER
        from ...core.socket_constants import SO_REUSEADDR as SO_REUSEADDR
        from ...core.socket_constants import SO_REUSEPORT as SO_REUSEPORT
        from ...core.socket_constants import SO_TYPE as SO_TYPE
        from ...core.socket_constants import SOCK_DGRAM as SOCK_DGRAM
        from ...core.socket_constants import SOCK_RAW as SOCK_RAW
        from ...core.socket_constants import SOCK_STREAM as SOCK_STREAM
        from ...core.socket_constants import SOL_SOCKET as SOL_SOCKET
        from ...core.socket_constants import SOMAXCONN as SOMAXCONN
        from ...core.socket_constants import TCP_KEEPCNT as TCP_KEEPCNT
        from ...core.socket_constants import TCP_KEEPIDLE as TCP_KEEPIDLE
        from ...core.socket_constants import TCP_KEEPINTVL as TCP_KEEPINTVL
        from ...core.socket_constants import TCP_NODELAY as TCP_NODELAY
        from ...core.socket_constants import TLS_MODE as TLS_MODE
        from ...core.socket_constants import error as error
        from ...core.socket_constants import gaierror as gaierror
        from ...core.socket_constants import has_ipv6 as has_ipv6
        from ...core.socket_constants import herror as herror
        from ...core.socket_constants import timeout as timeout

    if TYPE_CHECKING:
        from .diagnosis import refused as refused
        from .diagnosis import works as works
        from .lifecycle import close_all as close_all
        from .socket_module import create_connection as create_connection
        from .socket_module import create_server as create_server
        from .socket_module import getaddrinfo as getaddrinfo
        from .socket_module import getdefaulttimeout as getdefaulttimeout
        from .socket_module import gethostbyname as gethostbyname
        from .socket_module import inet_aton as inet_aton
        from .socket_module import inet_ntoa as inet_ntoa
        from .socket_module import inet_ntop as inet_ntop
        from .socket_module import inet_pton as inet_pton
        from .socket_module import setdefaulttimeout as setdefaulttimeout

    def __init__(self, modem):
        self.modem = modem
        self.channel = modem.channel
        self.syntax = 0
        self.async_connect = self.async_close = True
        self.connect_floor_ms = (5000, 15000)
        self.tls_ports = (443, 8883)
        self.default_ms = None  # time-out of new sockets, see setdefaulttimeout()
        self.cid = None
        # None: unknown, an earlier program may have left it on.
        self.hex_mode = None if modem.as_saved else False
        self.refusing = False  # the module refuses, see diagnosis.py
        self.adopted = []
        self.slots = [Slot(number) for number in range(modem.sockets)]
        self.made = []  # weak references to the sockets the application has
        self.read = self.write = self.sendto = self.encode = None  # of other files, once needed
        self.connecting = None  # the attempt the module is at: one at a time, see connect.py
        self.downs = 0  # losses of the data connection, as far as they are dealt with
        self.shaking = None  # LEXI-R10: the slot whose handshake bars all socket commands
        self.sock = self.slot = None  # of the exchange in flight
        self.moved = self.number = 0  # bytes of it; the number it was answered with
        self.offered = 0  # bytes of a write
        # Bound once: binding allocates.
        self.on_stream = self._stream
        self.on_datagram = self._datagram
        self.on_written = self._written
        self.on_launch = self._launch
        self.on_kept = self._kept
        on_urc = modem.channel.on_urc
        on_urc(b"+UUSORD", self._data)
        on_urc(b"+UUSORF", self._data)
        on_urc(b"+UUSOCL", self._closed)
        on_urc(b"+UUSOCO", self._connected)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name == "socket" or name == "SocketType":
                self.socket = self.SocketType = bound(self)
                return self.socket
            file = entry(_FUNCTIONS, name)
            if not file:
                from ...core import socket_constants

                if hasattr(socket_constants, name):
                    return getattr(socket_constants, name)
            return lazily(self, file, name, "sockets.")

    # ---- who has a socket -------------------------------------------------------------------

    def hand_out(self, sock) -> None:
        """A socket object is made. `OSError(ENFILE)` when the application has as many as the
        module, none of them unreferenced."""
        if self.taken() >= len(self.slots):
            from gc import collect

            collect()
            if self.taken() >= len(self.slots):
                raise OSError(_ENFILE, "all %d sockets are in use: close one" % len(self.slots))
        self.made.append(ref(sock))

    def taken(self) -> int:
        """How many sockets the application has. What it has dropped without closing is closed."""
        if not self.channel.lock.held and not self.channel.abandoned:
            self.sock = None  # of the last exchange
        self.made = [one for one in self.made if one() is not None and not one().ended()]
        for slot in self.slots:
            if slot.state == _OPEN and slot.sock() is None:
                self.discard(slot)
        return len(self.made)

    def occupy(self, slot, sock) -> None:
        """Let `sock` stand for a socket of the module."""
        slot.state = _OPEN
        slot.stream = sock.type == 1
        slot.sock = ref(sock)
        sock.slot = slot

    def discard(self, slot) -> None:
        """Have a socket of the module closed: before the next command, if not at once."""
        if slot.state == _FREE or self.slots[slot.number] is not slot or slot.closed:
            slot.clear()
            return
        if slot.state != _CLOSING:
            slot.state = _CLOSING
            slot.sock = _gone
            slot.since = self.channel.port.ticks_ms()
            for debt in self.channel.debts:
                if slot in debt[1]:  # its next try
                    return
            from .lifecycle import close

            self.channel.owe(close, self, slot)

    # ---- what the module tells ----------------------------------------------------------------

    def _of(self, line) -> Slot:
        """The slot a line speaks of; for an impossible number one that counts for nothing."""
        number = line.number()
        if number is None or not 0 <= number < len(self.slots):
            return Slot(-1)
        return self.slots[number]

    def _data(self, line) -> None:
        slot = self._of(line)
        count = line.number()
        if count is not None and count >= 0 and slot.state:
            slot.pending = count  # the total: it replaces what was known
            self.modem.events.put(_EVENT_DATA, slot.number, count)

    def _closed(self, line) -> None:
        slot = self._of(line)
        if self.shaking is slot:
            self.shaking = None
        if slot.state == _CLOSING:
            slot.clear()
        elif slot.state:
            slot.closed = True
            self.modem.events.put(_EVENT_CLOSED, slot.number)
            if not slot.pending:
                self.vacant(slot.number)

    def _connected(self, line) -> None:
        slot = self._of(line)
        slot.result = line.number()
        if self.shaking is slot:
            self.shaking = None

    def vacant(self, number: int) -> Slot:
        """A new slot for a number that the module has freed, and may give out again at once: a
        `Socket` of the old one keeps that until it is closed."""
        old = self.slots[number]
        if old.pending or not old.closed:
            old.pending = 0
            sock = old.sock()
            if sock:
                sock.errno = sock.errno or _ECONNRESET
        old.closed = True
        new = self.slots[number] = Slot(number)
        return new

    def lost(self) -> None:
        """The module has restarted: no socket of it exists any more."""
        self.hex_mode = False
        self.connecting = self.shaking = None
        for slot in self.slots:
            sock = slot.sock()
            if sock:
                sock.errno = _ECONNRESET
            slot.clear()

    # ---- an exchange ------------------------------------------------------------------------

    def enter(self, sock, began: int) -> None:
        """Take the channel for a socket command, within the time-out of `sock`, which counts from
        `began`; without a socket as long as it takes. Raises `OSError` (ETIMEDOUT; EAGAIN where
        the socket does not wait)."""
        limit = sock and sock.timeout_ms
        if limit:
            limit = max(1, limit - self.channel.elapsed(began))
        try:
            self.channel.acquire(0 if limit is None else limit or 1)
            if self.shaking is not None:
                from .tls import await_handshake

                await_handshake(self, limit)
        except OSError as error:
            if error.errno == _ETIMEDOUT and limit is not None:
                raise sock.late()
            raise

    def claim(self, sock) -> Slot:
        """The slot of a usable socket, checked in our turn: it may have been closed meanwhile."""
        slot = sock.slot
        if sock.errno or slot is None or sock.gone:
            raise sock.dead()
        self.sock = sock
        self.slot = slot
        self.moved = 0
        return slot

    def _launch(self) -> None:
        """Right before a command that names a socket goes out: the number still is its number."""
        slot = self.slot
        sock = self.sock
        if sock.errno or sock.gone:
            raise sock.dead()
        if self.slots[slot.number] is not slot:
            if slot.closed:
                raise OSError(_EPIPE, "closed by the other side")
            raise sock.dead()

    def crossed(self) -> bool:
        """Whether the number was another socket's by the time the module answered: a URC that said
        so was on its way when the command went out. Both sockets end: see put_back.py."""
        if self.slots[self.slot.number] is self.slot:
            return False
        from .put_back import both_end

        return both_end(self)

    def broken(self, sock) -> None:
        """An exchange was left in the middle: what the module did with the data is unknown, unless
        nothing was sent yet, or a keeper waits for the answer."""
        channel = self.channel
        lost = not channel.keeper if channel.abandoned else channel.suspect and channel.outcome
        if lost and sock.type == 1:
            sock.errno = sock.errno or _EIO

    def _kept(self, ended: bool) -> None:
        """Whoever was reading or writing has given up: what is on its way goes to the socket, not
        away; what the module takes counts."""
        from .put_back import given_up

        given_up(self, ended)

    # ---- data -------------------------------------------------------------------------------

    def set_hex_mode(self, on: bool) -> None:
        from ...core.mqtt_payload import decode, encode

        self.channel.decode = decode
        self.encode = encode
        self.hex_mode = None  # unknown until the module has answered
        self.channel.ask(b"+UDCONF", 1, 1 if on else 0)
        self.hex_mode = on

    def _stream(self, line) -> int:
        if line.number() != self.slot.number:
            return -1
        return self._arrived(line)

    def _datagram(self, line) -> int:
        if line.number() != self.slot.number or not line.quoted():
            return -1
        sock = self.sock
        sock.sender = None
        if sock.wants_sender or sock.peer or self.channel.abandoned:
            sock.sender = (line.text(), line.number())
            if not sock.sender[0]:
                return -1
        else:
            line.number()
            line.number()
        return self._arrived(line)

    def _arrived(self, line) -> int:
        count = line.number() or 0
        if count < 0 or (count and not self.channel.head):
            self.moved = -1
            return -1
        slot = self.slot
        if count and self.slots[slot.number] is not slot:
            self.crossed()  # these are another socket's bytes: they are dropped
            self.channel.into = None
        # A URC behind this line tells what is left; one before it counted these bytes, too.
        slot.pending = slot.pending - count if slot.pending > count else 0
        slot.taken += count
        self.moved = count
        return count

    def _written(self, line) -> None:
        number = line.number()
        count = line.number()
        if number != self.slot.number or count is None or count > self.offered:
            count = -1
        self.moved = count
        if count > 0:
            self.crossed()
