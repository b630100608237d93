"""A module with all its sockets, for what happens between two callers: every connection has a
name, keeps what it was sent, and its number is given to the next one as soon as it is free.

What happens outside (`leaves`, `comes`, `speaks`) changes the module at once; the URC that reports
it is on the wire for `DELAY_MS`, so a command may cross it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from driver.support.socket_model import LATENCY_MS, Arrivals, ok

DELAY_MS = 2.0
LISTENING, CLOSED = "listening", "closed"


def address_of(host: str) -> str:
    """What a name is resolved to: its number says."""
    number = int("".join(filter(str.isdigit, host)) or 0)
    return f"172.16.{number // 256 % 256}.{number % 256}"


@dataclass
class Connection:
    """One life of a socket of the module."""

    name: str
    proto: int = 6
    received: bytearray = field(default_factory=bytearray)
    datagrams: list[tuple[str, bytes]] = field(default_factory=list)
    unread: bytes = b""
    closed_by: str = ""  # host or peer
    listening: bool = False
    connected: bool = False


class Crowd:
    """The far end of a `Line`."""

    def __init__(self, sockets: int = 7) -> None:
        self.sockets = sockets
        self.table: dict[int, Connection] = {}
        self.everything: list[Connection] = []
        self.commands: list[str] = []
        self.silent_hosts: set[str] = set()
        self.on_command: Callable[[str], None] = lambda line: None
        self.hex_mode = False
        self.last_error = 0
        self.urcs: list[bytes] = []  # reported after the answer of the command being carried out
        self._line = bytearray()
        self._need = 0
        self._done: Callable[[bytes], bytes] = lambda data: b""
        self._payload = bytearray()

    # -- what happens outside ---------------------------------------------------------------

    def number_of(self, name: str) -> int:
        return next(n for n, one in self.table.items() if one.name == name)

    def named(self, name: str) -> Connection:
        return next(one for one in self.everything if one.name == name)

    def leaves(self, name: str) -> bytes:
        """A peer closes; its number is free. The URC."""
        number = self.number_of(name)
        self.table.pop(number).closed_by = "peer"
        return b"\r\n+UUSOCL: %d\r\n" % number

    def comes(self, name: str, data: bytes = b"", port: int = 40000) -> bytes:
        """A peer connects to the socket that listens, with data; the URCs."""
        listener = next(n for n, one in self.table.items() if one.listening)
        number = self._free()
        one = self._add(number, Connection(name, connected=True))
        urc = b'\r\n+UUSOLI: %d,"192.0.2.9",%d,%d,"192.0.2.1",5000\r\n' % (number, port, listener)
        return urc + (self.speaks(name, data) if data else b"") if one else urc

    def speaks(self, name: str, data: bytes) -> bytes:
        """Data of a peer; the URC, if one is due."""
        number = self.number_of(name)
        one = self.table[number]
        due = not one.unread
        one.unread += data
        return b"\r\n+UUSORD: %d,%d\r\n" % (number, len(one.unread)) if due else b""

    # -- the module -------------------------------------------------------------------------

    def _free(self) -> int:
        return next(n for n in range(self.sockets) if n not in self.table)

    def _add(self, number: int, one: Connection) -> Connection:
        self.table[number] = one
        self.everything.append(one)
        return one

    def feed(self, data: bytes) -> Arrivals:
        found: Arrivals = []
        for byte in data:
            answer = self._byte(byte)
            if answer:
                found.append((LATENCY_MS, answer))
        return found

    def _byte(self, byte: int) -> bytes:
        if self._need:
            self._payload.append(byte)
            self._need -= 1
            if self._need:
                return b""
            answer = self._done(bytes(self._payload))
            urcs, self.urcs = b"".join(self.urcs), []
            return answer + urcs
        if byte != 13:
            self._line.append(byte)
            return b""
        line, self._line = bytes(self._line).lstrip(b" \n"), bytearray()
        if not line.startswith(b"AT"):
            return b""
        text = line[2:].decode("latin-1")
        self.commands.append(text)
        self.on_command(text)
        answer = self._command(text)
        urcs, self.urcs = b"".join(self.urcs), []
        return answer + urcs

    def _command(self, text: str) -> bytes:
        name, _, rest = text.partition("=")
        method = getattr(self, "do_" + name.strip("+").lower(), None)
        if text == "+CGMM":
            return ok(b"SARA-R510S" if self.sockets == 7 else b"LEXI-R10801D")
        if text == "+CMEE?":
            return ok(b"+CMEE: 1")
        if text.startswith("+CEREG?"):
            return ok(b"+CEREG: 5,1")
        if text.startswith("+CGACT?"):
            return ok(b"+CGACT: 1,1")
        if text.startswith("+UPSND="):
            return ok(b"+UPSND: 0,8,1")
        if text.startswith("+USOCR?"):
            rows = [b"+USOCR: %d,%d,0" % (n, one.proto) for n, one in self.table.items()]
            return ok(*rows)
        if method is None:
            return ok()
        parts = rest.split(",", 3)
        number = int(parts[0]) if parts[0].isdigit() else -1
        if name == "+USOCR":
            return method(parts)
        if name.startswith("+USO") and name != "+USOER" and number not in self.table:
            self.last_error = 9
            return b"\r\n+CME ERROR: 3\r\n"
        return method(number, parts, rest)

    def do_usocr(self, parts: list[str]) -> bytes:
        if len(self.table) >= self.sockets:
            return b"\r\n+CME ERROR: 3\r\n"
        number = self._free()
        self._add(number, Connection(f"socket{len(self.everything)}", int(parts[0])))
        return ok(b"+USOCR: %d" % number)

    def do_usoco(self, number: int, parts: list[str], rest: str) -> bytes:
        host = parts[1].strip('"')
        one = self.table[number]
        one.name = host
        if host not in self.silent_hosts:
            one.connected = True
            self.urcs.append(b"\r\n+UUSOCO: %d,0\r\n" % number)
        return ok()

    def do_usoli(self, number: int, parts: list[str], rest: str) -> bytes:
        self.table[number].listening = True
        return ok()

    def do_usocl(self, number: int, parts: list[str], rest: str) -> bytes:
        self.table.pop(number).closed_by = "host"
        if len(parts) > 1:
            self.urcs.append(b"\r\n+UUSOCL: %d\r\n" % number)
        return ok()

    def _take(self, rest: str, count: str, head: bytes, sink: Callable[[bytes], None]) -> bytes:
        """A counted payload, in the line or after a prompt."""
        n_text, comma, data = count.partition(",")
        n = int(n_text)

        def done(payload: bytes) -> bytes:
            sink(payload)
            return ok(head + b",%d" % n)

        if comma:
            body = data[1:-1].encode("latin-1")
            return done(bytes.fromhex(body.decode()) if self.hex_mode else body)
        self._payload.clear()
        self._need = n
        self._done = done
        return b"\r\n@"

    def do_usowr(self, number: int, parts: list[str], rest: str) -> bytes:
        one = self.table[number]
        return self._take(
            rest, rest.partition(",")[2], b"+USOWR: %d" % number, one.received.extend
        )

    def do_usost(self, number: int, parts: list[str], rest: str) -> bytes:
        one = self.table[number]
        host = parts[1].strip('"')
        return self._take(
            rest, parts[3], b"+USOST: %d" % number,
            lambda data: one.datagrams.append((host, data)),
        )  # fmt: skip

    def do_usord(self, number: int, parts: list[str], rest: str) -> bytes:
        one = self.table[number]
        n = int(parts[1])
        if not n:
            return ok(b"+USORD: %d,%d" % (number, len(one.unread)))
        data, one.unread = one.unread[:n], one.unread[n:]
        if one.unread:
            self.urcs.append(b"\r\n+UUSORD: %d,%d\r\n" % (number, len(one.unread)))
        if not data:
            return ok(b"+USORD: %d,0" % number)
        shown = data.hex().upper().encode() if self.hex_mode else data
        return ok(b'+USORD: %d,%d,"%s"' % (number, len(data), shown))

    def do_usoctl(self, number: int, parts: list[str], rest: str) -> bytes:
        what = int(parts[1])
        one = self.table[number]
        values = {0: one.proto, 1: 0, 2: len(one.received), 3: 0, 10: 4, 11: 0}
        if what == 4:
            return ok(b'+USOCTL: %d,4,"192.0.2.7",7' % number)
        return ok(b"+USOCTL: %d,%d,%d" % (number, what, values[what]))

    def do_usoso(self, number: int, parts: list[str], rest: str) -> bytes:
        return ok()

    def do_usogo(self, number: int, parts: list[str], rest: str) -> bytes:
        return ok(b"+USOGO: 1")

    def do_usoer(self, number: int, parts: list[str], rest: str) -> bytes:
        return ok(b"+USOER: %d" % self.last_error)

    def do_udconf(self, number: int, parts: list[str], rest: str) -> bytes:
        if parts[0] == "1" and len(parts) > 1:
            self.hex_mode = parts[1] == "1"
        return ok()

    def do_udnsrn(self, number: int, parts: list[str], rest: str) -> bytes:
        host = parts[1].strip('"')
        address = address_of(host)
        if len(parts) > 2 or self.sockets == 6:
            self.urcs.append(b'\r\n+UUDNSRN: 0,"%s"\r\n' % address.encode())
            return ok()
        return ok(b'+UDNSRN: "%s"' % address.encode())
