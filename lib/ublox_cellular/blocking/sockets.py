# Generated from aio/sockets.py by tools/generate. Do not edit.
"""The module's sockets: a table of what the module has told, and the commands that move data.

`SocketPool` stands in for the `socket` module; the sockets themselves are in `socket.py`.
Sources: A5 and A10 section 5, at-commands 3.
"""

from ..core.compat import const
from ..core.errors import (
    EAGAIN,
    ECONNABORTED,
    ECONNRESET,
    EIO,
    EMSGSIZE,
    ENFILE,
    EPIPE,
    ETIMEDOUT,
    CommandError,
    Garbled,
)
from ..core.payload import HEX, PROMPT, choose, fitting
from .modem import EVENT_ACCEPTED, EVENT_CLOSED, EVENT_DATA
from .socket import Socket

FREE = const(0)
OPEN = const(1)
ACCEPTED = const(2)  # connected, and nobody has called accept() yet
CLOSING = const(3)  # +USOCL given, the module has not finished

TCP = const(6)
UDP = const(17)

_CHUNK = const(1024)
_HEX_CHUNK = const(512)
_WRITE_MS = const(120000)  # +USOWR and +USOCL at most (at-commands 1.6)
_CONNECT_MS = const(130000)
_AT = const(64)
_ESTABLISHED = const(4)
_CLOSE_WAIT = const(7)
_BULK = const(256)  # from here on leaving the hex mode costs less than reading in it


class Slot:
    """What is known of one socket id of the module."""

    def __init__(self, number: int):
        self.number = number
        self.clear()

    def clear(self) -> None:
        self.state = FREE
        self.socket = None
        self.pending = 0  # bytes announced and not read
        self.closed = False  # the other side has closed, or the connection is lost
        self.result = None  # of an asynchronous connect: errno, 0 for success
        self.peer = None
        self.listener = -1
        self.connected = False
        self.since = 0


class SocketPool:
    """`modem.socket_pool`: `socket()`, `getaddrinfo()` and constants as in the `socket` module.

    `syntax`: how payload travels: `AUTO`, or always `QUOTED`, `PROMPT` or `HEX`.
    `async_connect`, `async_close`: use the forms of +USOCO and +USOCL that do not hold up other
    sockets. `adopted`: sockets taken over from an earlier host program.
    """

    AF_INET = 2
    AF_INET6 = 10
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    SOCK_RAW = 3
    IPPROTO_IP = 0
    IPPROTO_TCP = 6
    IPPROTO_UDP = 17
    SOL_SOCKET = 0xFFFF
    SO_REUSEADDR = 4
    SO_KEEPALIVE = 8
    SO_BROADCAST = 32
    SO_LINGER = 128
    SO_REUSEPORT = 512
    IP_TOS = 1
    IP_TTL = 2
    TCP_NODELAY = 1
    TCP_KEEPIDLE = 2

    def __init__(self, modem):
        self._modem = modem
        self.channel = channel = modem.channel
        self.syntax = 0
        self.async_connect = True
        self.async_close = True
        self.hex_mode = False
        self.adopted = []
        self.slots = [Slot(number) for number in range(modem.max_sockets)]
        self._made = 0  # sockets the application holds
        self._connecting = None
        self._slot = None  # of the exchange in flight
        self._moved = 0
        self.sender = None  # of the datagram read last, if its socket wants to know
        # Bound once: binding allocates.
        self._stream_head = self._on_stream_head
        self._datagram_head = self._on_datagram_head
        self._written = self._on_written
        urcs = channel.urcs
        urcs.add(b"+UUSORD", self._on_data)
        urcs.add(b"+UUSORF", self._on_data)
        urcs.add(b"+UUSOCL", self._on_closed)
        urcs.add(b"+UUSOCO", self._on_connected)
        urcs.add(b"+UUSOLI", self._on_accepted)

    # ---- the socket module ------------------------------------------------------------------

    def socket(self, family: int = 2, kind: int = 1, proto: int = 0) -> Socket:
        """A new socket, `SOCK_STREAM` or `SOCK_DGRAM`; the module's own is made when needed.

        `OSError(ENFILE)` when the application holds as many as the module has.
        """
        if family not in (0, 2, 10) or kind not in (1, 2) or proto not in (0, TCP, UDP):
            raise ValueError("a stream or datagram socket of AF_INET or AF_INET6 wanted")
        if self._made >= len(self.slots):
            raise OSError(
                ENFILE, "all %d sockets of the module are in use: close one" % len(self.slots)
            )
        self._made += 1
        return Socket(self, family or 2, kind)

    def getaddrinfo(
        self, host: str, port: int, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0
    ):
        """One entry `(family, type, proto, "", (address, port))`; `OSError(-2)` if not found."""
        address = self._modem.network.resolve(host)
        return [(10 if ":" in address else 2, kind or 1, proto, "", (address, port))]

    # ---- what the module tells ----------------------------------------------------------------

    def _of(self, line):
        number = line.number()
        if number is None or not 0 <= number < len(self.slots):
            return None
        return self.slots[number]

    def _on_data(self, line) -> None:
        slot = self._of(line)
        count = line.number()
        if slot and count is not None and slot.state != FREE:
            slot.pending = count  # the total: it replaces what was known
            self._modem.events.put(EVENT_DATA, slot.number, count)

    def _on_closed(self, line) -> None:
        slot = self._of(line)
        if slot and slot.state == CLOSING:
            slot.clear()
        elif slot and slot.state != FREE:
            slot.closed = True
            self._modem.events.put(EVENT_CLOSED, slot.number)

    def _on_connected(self, line) -> None:
        slot = self._of(line)
        result = line.number()
        if slot and result is not None:
            slot.result = result

    def _on_accepted(self, line) -> None:
        slot = self._of(line)
        host = line.text()
        port = line.number()
        listener = line.number()
        if slot and slot.state in (FREE, CLOSING):
            slot.clear()
            slot.state = ACCEPTED
            slot.peer = (host, port)
            slot.listener = listener
            self._modem.events.put(EVENT_ACCEPTED, slot.number, listener)

    def lost(self) -> None:
        """The module has restarted: no socket of it exists any more."""
        self.hex_mode = False
        self._connecting = None
        for slot in self.slots:
            if slot.socket:
                slot.socket.fail(ECONNRESET)
            slot.clear()

    # ---- life of a socket -------------------------------------------------------------------

    def create(self, sock, protocol: int, port: int) -> Slot:
        """+USOCR: the module's socket behind `sock`."""
        for slot in self.slots:
            if slot.state == CLOSING and self.channel.elapsed(slot.since) > _WRITE_MS:
                slot.clear()
        try:
            if port:
                rows = self.channel.command(b"+USOCR", protocol, port)
            else:
                rows = self.channel.command(b"+USOCR", protocol)
        except CommandError as error:
            raise OSError(
                ENFILE, "no socket to be had (is the data connection up?): " + str(error)
            )
        number = rows[0][0] if rows and rows[0] else None
        if not isinstance(number, int) or not 0 <= number < len(self.slots):
            raise Garbled("AT+USOCR", "no socket number")
        slot = self.slots[number]
        slot.clear()
        slot.state = OPEN
        slot.socket = sock
        return slot

    def connect(self, slot, host: str, port: int, timeout_ms) -> bool:
        """+USOCO; False if it is still going on (`timeout_ms` 0). Raises `OSError`."""
        channel = self.channel
        began = channel.port.ticks_ms()
        while self._busy_connecting():  # the module connects one socket at a time
            if timeout_ms is not None and channel.elapsed(began) >= timeout_ms:
                raise OSError(EAGAIN if timeout_ms == 0 else ETIMEDOUT, "another socket connects")
            channel.poll()
            channel.sleep(5)
        self._connecting = slot
        slot.since = channel.port.ticks_ms()
        slot.result = None
        try:
            if self.async_connect:
                channel.command(b"+USOCO", slot.number, host, port, 1)
            else:
                limit = timeout_ms or _CONNECT_MS
                channel.command(
                    b"+USOCO", slot.number, host, port, timeout_ms=limit, max_ms=_CONNECT_MS
                )
                slot.result = 0
        except CommandError:
            raise OSError(self.errno(slot, ECONNABORTED), "connect to %s failed" % host)
        while slot.result is None and not slot.closed:
            if timeout_ms == 0:
                return False
            if channel.elapsed(began) >= (timeout_ms or _CONNECT_MS):
                raise OSError(ETIMEDOUT, "connect to %s timed out" % host)
            channel.poll()
            channel.proceed("connect")
            channel.sleep(5)
        self._connecting = None
        if slot.result != 0 or slot.state != OPEN:
            raise OSError(slot.result or ECONNABORTED, "connect to %s failed" % host)
        return True

    def _busy_connecting(self) -> bool:
        slot = self._connecting
        if slot is None:
            return False
        over = slot.result is not None or slot.closed or slot.state != OPEN
        return not over and self.channel.elapsed(slot.since) < _CONNECT_MS

    def listen(self, slot, port: int) -> None:
        self.channel.command(b"+USOLI", slot.number, port)

    def close(self, slot) -> None:
        """+USOCL, without waiting for the other side where the module can do so."""
        sock = slot.socket
        stream = not sock or sock.type == 1
        slot.socket = None
        if slot.closed or slot.state == FREE:
            slot.clear()
            return
        slot.state = CLOSING
        slot.since = self.channel.port.ticks_ms()
        if self._connecting is slot:
            self._connecting = None
        number = slot.number
        try:
            if stream and slot.connected and self.async_close:
                try:
                    self.channel.command(b"+USOCL", number, 1)
                    return  # +UUSOCL frees the slot
                except CommandError:
                    if slot.state != CLOSING:
                        return
            self.channel.command(b"+USOCL", number, timeout_ms=_WRITE_MS)
        except CommandError:
            pass  # it is gone already
        slot.clear()

    def connecting(self, sock) -> bool:
        """Whether the connect of `sock` is still going on."""
        return self._connecting is sock.slot and self._busy_connecting()

    def acceptable(self, listener: int) -> bool:
        """Whether a connection waits for accept()."""
        for slot in self.slots:
            if slot.state == ACCEPTED and slot.listener == listener:
                return True
        return False

    def resolve(self, host: str) -> str:
        """The address of a name, an address as it is."""
        return self._modem.network.resolve(host)

    def forget(self) -> None:
        """A `Socket` of the application is closed."""
        self._made -= 1

    def accept(self, listener: int):
        """The oldest accepted and unclaimed connection of `listener`, or None."""
        for slot in self.slots:
            if slot.state == ACCEPTED and slot.listener == listener:
                sock = Socket(self, 2, 1)
                self._made += 1
                sock.take(slot)
                return sock
        return None

    def trim(self, listener: int, backlog: int) -> None:
        """Close accepted connections beyond the backlog: the module itself knows no limit."""
        for slot in self.slots:
            if slot.state == ACCEPTED and slot.listener == listener:
                backlog -= 1
                if backlog < 0:
                    slot.connected = True
                    self.close(slot)

    def close_all(self) -> None:
        for slot in self.slots:
            if slot.socket:
                slot.socket.close()
            elif slot.state == ACCEPTED:
                self.close(slot)

    def sweep(self, adopt: bool) -> None:
        """Find the sockets an earlier host program left open; close them or adopt them."""
        for slot in self.slots:
            if slot.state != FREE:
                continue
            try:
                rows = self.channel.command(b"+USOCTL", slot.number, 0)
            except CommandError:
                continue
            slot.state = OPEN
            if adopt and rows:
                self.adopted.append(self._adopt(slot, rows[0][2]))
            else:
                self.close(slot)

    def _adopt(self, slot, protocol: int) -> Socket:
        sock = Socket(self, 2, 1 if protocol == TCP else 2)
        self._made += 1
        try:
            row = (self.channel.command(b"+USOCTL", slot.number, 4))[0]
            slot.peer = (row[2], row[3])
        except (CommandError, IndexError):
            pass
        sock.take(slot)
        self.refresh(slot)
        return sock

    def refresh(self, slot) -> None:
        """Ask for what an announcement that was lost would have told."""
        stream = slot.socket is None or slot.socket.type == 1
        try:
            rows = self.channel.command(b"+USORD" if stream else b"+USORF", slot.number, 0)
            if rows and len(rows[0]) == 2 and isinstance(rows[0][1], int):
                slot.pending = rows[0][1]
        except CommandError:
            if slot.state == OPEN:
                slot.closed = True

    def control(self, slot, what: int):
        """+USOCTL: the value of parameter `what`, a list where there are two."""
        row = (self.channel.command(b"+USOCTL", slot.number, what))[0]
        return row[2] if len(row) == 3 else row[2:]

    def errno(self, slot, default: int) -> int:
        """Why the last operation failed: of the socket, else of the module, else `default`."""
        for question in ((b"+USOCTL", slot.number, 1), (b"+USOER",)):
            try:
                rows = self.channel.command(*question)
                if rows and isinstance(rows[0][-1], int) and rows[0][-1] > 0:
                    return rows[0][-1]
            except CommandError:
                pass
        return default

    # ---- data -------------------------------------------------------------------------------

    def read(self, sock, into, at: int, n: int) -> int:
        """At most `n` announced bytes (+USORD, +USORF) to `into[at:]`; how many there were."""
        channel = self.channel
        failure = None
        channel.acquire()
        try:
            slot = self._claim(sock)
            # One mode for all sockets: large reads are not worth two digits a byte.
            if self.hex_mode and not self.syntax and slot.pending > _BULK and n > _BULK:
                self._set_hex_mode(False)
            if n > slot.pending:  # rule 5: never more than was announced
                n = slot.pending
            limit = _HEX_CHUNK if self.hex_mode else _CHUNK
            if n > limit:
                n = limit
            if sock.type == 1:
                line = channel.start(b"+USORD")
                channel.handler = self._stream_head
                channel.commas = 2
            else:
                line = channel.start(b"+USORF")
                channel.handler = self._datagram_head
                channel.commas = 4
            line.number(slot.number)
            line.number(n)
            channel.hex_in = self.hex_mode
            channel.into = into
            channel.into_at = at
            channel.room = n
            channel.execute()
            if not channel.answers:
                channel.suspect = True
                raise Garbled(channel.title(), "no data line")
            if not self._moved:
                slot.pending = 0
        except CommandError as error:
            failure = error
        except BaseException:
            self._broken(sock)
            raise
        finally:
            channel.release()
        if failure:
            self._read_failed(sock, failure)
        return self._moved

    def _read_failed(self, sock, failure) -> None:
        """Rule 5: a failed read ends the socket. What was announced is lost, which is told."""
        slot = sock.slot
        if slot is None:
            raise failure
        lost = slot.pending
        slot.pending = 0
        code = self.errno(slot, ECONNRESET)
        slot.closed = True
        if lost or code != ECONNRESET:
            sock.fail(code)
            raise OSError(code, "%d announced bytes lost: %s" % (lost, failure))

    def write(self, sock, data, at: int, n: int, host=None, port: int = 0) -> int:
        """Hand bytes of `data[at:at + n]` to the module (+USOWR, with `host` +USOST).

        How many it took: fewer than `n` of a stream beyond 1024, 0 when its queue is full.
        """
        channel = self.channel
        failure = None
        channel.acquire()
        try:
            slot = self._claim(sock)
            self._plan_write(slot, data, at, n, host, port)
            channel.execute(_WRITE_MS if sock.timeout_ms is None else sock.timeout_ms + 5000)
            if self._moved < 0 or not channel.answers:
                channel.suspect = True
                raise Garbled(channel.title(), "its answer is missing or not for this socket")
        except CommandError as error:
            failure = error
        except BaseException:
            self._broken(sock)
            raise
        finally:
            channel.release()
        if failure:
            self._write_failed(sock, failure)
            return 0
        if not self._moved and not host:
            sock.deaf = True
            raise OSError(EPIPE, "the other side has closed the connection")
        return self._moved

    def _plan_write(self, slot, data, at: int, n: int, host, port: int) -> None:
        channel = self.channel
        head = 24 if host is None else 32 + len(host)
        n = fitting(self.syntax, data, at, n, head, host is None)
        syntax = choose(self.syntax, self.hex_mode, data, at, n, head)
        if syntax != PROMPT and self.hex_mode != (syntax == HEX):
            self._set_hex_mode(syntax == HEX)
        line = channel.start(b"+USOWR" if host is None else b"+USOST")
        line.number(slot.number)
        if host is not None:
            line.text(host)
            line.number(port)
        if syntax == HEX:
            room = (len(line.buf) - line.size - 8) // 2
            if n > room:
                if host is not None:
                    raise OSError(EMSGSIZE, "datagram too long for the hex syntax")
                n = room
        line.number(n)
        if syntax == HEX:
            line.hex(data, at, n)
        else:
            if syntax == PROMPT:
                channel.prompt = _AT
            else:
                line.open_text()
            channel.out = data
            channel.out_at = at
            channel.out_n = n
        channel.handler = self._written

    def _set_hex_mode(self, on: bool) -> None:
        self.channel.ask(b"+UDCONF", 1, 1 if on else 0)
        self.hex_mode = on

    def _write_failed(self, sock, failure) -> None:
        """A full queue and a dead socket are answered alike: ask which it is (A5 5.3.3)."""
        slot = sock.slot
        if slot is None:
            raise failure
        if sock.type != 1:
            raise OSError(self.errno(slot, EIO), str(failure))
        try:
            state = self.control(slot, 10)
        except CommandError:
            state = 0
        if state == _ESTABLISHED:
            return
        if state == _CLOSE_WAIT:
            sock.deaf = True
            raise OSError(EPIPE, "the other side has closed the connection")
        code = self.errno(slot, ECONNABORTED)
        sock.fail(code)
        raise OSError(code, str(failure))

    def _claim(self, sock):
        """The slot of a usable socket, checked in our turn: others may have closed it meanwhile."""
        slot = sock.slot
        if sock.errno or slot is None:
            raise sock.dead()
        self._slot = slot
        self._moved = 0
        return slot

    def _broken(self, sock) -> None:
        """An exchange was left in the middle: what the module did with the data is unknown."""
        if (self.channel.abandoned or self.channel.suspect) and sock.type == 1 and not sock.errno:
            sock.fail(EIO)

    # ---- answers ----------------------------------------------------------------------------

    def _on_stream_head(self, line) -> int:
        if line.number() != self._slot.number:
            return -1
        return self._arrived(line.number())

    def _on_datagram_head(self, line) -> int:
        if line.number() != self._slot.number:
            return -1
        sock = self._slot.socket
        if sock.wants_sender:
            self.sender = (line.text(), line.number())
        else:
            line.skip_field()
            line.skip_field()
        return self._arrived(line.number())

    def _arrived(self, count) -> int:
        if count is None or count < 0:
            return 0
        slot = self._slot
        # A URC behind this line tells what is left; one before it counted these bytes, too.
        slot.pending = slot.pending - count if slot.pending > count else 0
        self._moved = count
        return count

    def _on_written(self, line) -> None:
        number = line.number()
        count = line.number()
        self._moved = -1 if number != self._slot.number or count is None else count
