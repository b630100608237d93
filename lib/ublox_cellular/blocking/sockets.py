# Generated from aio/sockets.py by tools/generate. Do not edit.
"""The module's sockets: a table of what the module has told of each.

`SocketPool` stands in for the `socket` module. The sockets are in socket.py; links.py tells how
they come and go, sending.py and receiving.py how data moves, failures.py what failures mean.
A5 and A10 section 5, at-commands 3.
"""

from ..core.compat import const
from .modem import lazily
from .socket import Socket

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ..core.socket_constants import *  # noqa: F403

# States of a slot.
_FREE = const(0)
_OPEN = const(1)
_ACCEPTED = const(2)  # connected by a peer, and nobody has called accept() yet
_CLOSING = const(3)  # +USOCL given, the module has not finished

_EVENT_DATA = const(4)
_EVENT_CLOSED = const(5)

_EIO = const(5)
_ENFILE = const(23)
_ECONNRESET = const(104)


class Slot:
    """What is known of one socket of the module."""

    if TYPE_CHECKING:
        socket: Any
        result: int | None
        peer: Any
        listener: int | None

    def __init__(self, number: int):
        self.number = number
        self.clear()

    def clear(self) -> None:
        self.state = _FREE
        self.socket = None
        self.pending = 0  # bytes announced and not read
        self.total = 0  # bytes of a stream the module has taken, below 0 if that is unknown
        self.closed = False  # by the other side, or the connection is lost
        self.connected = False
        self.always_on = False  # outlives deep sleep, as far as +USOCR has told (LEXI-R10)
        self.result = None  # of an asynchronous connect: errno, 0 for success
        self.peer = None
        self.listener = None  # number of the socket that accepted it
        self.since = 0


class SocketPool:
    """`modem.socket_pool`: `socket()`, `getaddrinfo()` and constants as in the `socket` module.

    `syntax`: how payload travels, one of payload.py. `async_connect`, `async_close`: use the
    forms of +USOCO and +USOCL that do not hold up other sockets. `cid`: PDP context of new
    sockets, 1 to 15 on LEXI-R10 (None: the module's default). `adopted`: sockets taken over from
    an earlier host program.
    """

    if TYPE_CHECKING:
        slot: Any
        sender: Any
        read: Any
        write: Any
        encode: Any
        connecting: Slot | None

    def __init__(self, modem):
        self.modem = modem
        self.channel = modem.channel
        self.syntax = 0
        self.async_connect = self.async_close = True
        self.cid = None
        self.hex_mode = False
        self.adopted = []
        self.slots = [Slot(number) for number in range(modem.sockets)]
        self.made = 0  # sockets the application holds
        self.read = self.write = self.encode = None  # functions of other files, once needed
        self.connecting = None  # the module connects one at a time
        self.slot = None  # of the exchange in flight
        self.moved = 0  # bytes of it
        self.sender = None  # of the datagram read last, if its socket wants to know
        # Bound once: binding allocates.
        self.on_stream = self._stream
        self.on_datagram = self._datagram
        self.on_written = self._written
        on_urc = modem.channel.on_urc
        on_urc(b"+UUSORD", self._data)
        on_urc(b"+UUSORF", self._data)
        on_urc(b"+UUSOCL", self._closed)
        on_urc(b"+UUSOCO", self._connected)

    def __getattr__(self, name: str):
        if name in ("getaddrinfo", "close_all"):
            return lazily(self, "links", name)
        from ..core import socket_constants

        return getattr(socket_constants, name)

    def socket(self, family: int = 2, kind: int = 1, proto: int = 0) -> Socket:
        """A new socket, `SOCK_STREAM` or `SOCK_DGRAM`; the module's own is made when needed.

        `OSError(ENFILE)` when the application holds as many as the module has.
        """
        if family not in (0, 2, 10) or kind not in (1, 2) or proto not in (0, 6, 17):
            raise ValueError("a stream or datagram socket of AF_INET or AF_INET6 wanted")
        if self.made >= len(self.slots):
            raise OSError(_ENFILE, "all %d sockets are in use: close one" % len(self.slots))
        self.made += 1
        return Socket(self, family or 2, kind)

    if TYPE_CHECKING:

        def getaddrinfo(
            self, host: str, port: int, family=0, kind=0, proto=0, flags=0
        ) -> list[Any]:
            """See links.py."""
            return []

        def close_all(self) -> None:
            """See links.py."""

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
        if count is not None and slot.state:
            slot.pending = count  # the total: it replaces what was known
            self.modem.events.put(_EVENT_DATA, slot.number, count)

    def _closed(self, line) -> None:
        slot = self._of(line)
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

    def vacant(self, number: int) -> Slot:
        """A new slot for a number that the module has freed, and may give out again at once: a
        `Socket` of the old one keeps that until it is closed."""
        old = self.slots[number]
        if old.socket and (old.pending or not old.closed):
            old.pending = 0
            old.socket.errno = old.socket.errno or _ECONNRESET
        old.closed = True
        new = self.slots[number] = Slot(number)
        return new

    def lost(self) -> None:
        """The module has restarted: no socket of it exists any more."""
        self.hex_mode = False
        self.connecting = None
        for slot in self.slots:
            if slot.socket:
                slot.socket.errno = _ECONNRESET
            slot.clear()

    # ---- data -------------------------------------------------------------------------------

    def set_hex_mode(self, on: bool) -> None:
        from ..core.hexadecimal import decode, encode

        self.channel.decode = decode
        self.encode = encode
        self.hex_mode = None  # unknown until the module has answered
        self.channel.ask(b"+UDCONF", 1, 1 if on else 0)
        self.hex_mode = on

    def claim(self, sock) -> Slot:
        """The slot of a usable socket, checked in our turn: it may have been closed meanwhile."""
        if sock.errno or sock.slot is None:
            raise sock.dead()
        self.slot = sock.slot
        self.moved = 0
        return sock.slot

    def broken(self, sock) -> None:
        """An exchange was left in the middle: what the module did with the data is unknown."""
        if (self.channel.abandoned or self.channel.suspect) and sock.type == 1:
            sock.errno = sock.errno or _EIO

    def _stream(self, line) -> int:
        if line.number() != self.slot.number:
            return -1
        return self._arrived(line)

    def _datagram(self, line) -> int:
        slot = self.slot
        if line.number() != slot.number or not line.quoted():
            return -1
        if slot.socket and slot.socket.wants_sender:
            self.sender = (line.text(), line.number())
            if not self.sender[0]:
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
        # A URC behind this line tells what is left; one before it counted these bytes, too.
        slot.pending = slot.pending - count if slot.pending > count else 0
        self.moved = count
        return count

    def _written(self, line) -> None:
        number = line.number()
        count = line.number()
        self.moved = -1 if number != self.slot.number or count is None else count
