"""A module as small as can be, for the matrix: one TCP and one UDP socket, no network, no time.

It answers what the driver asks to find its way again. Faults are put into one of its answers:
`tamper`, if set, gets the bytes of every answer of the exchange under test.
"""

from __future__ import annotations

from collections.abc import Callable

LATENCY_MS = 2.0
Arrivals = list[tuple[float, bytes]]
Tamper = Callable[[bytes], Arrivals]


class Model:
    """A module with socket 0 (TCP, connected) and 1 (UDP)."""

    def __init__(self) -> None:
        self.received = bytearray()  # stream bytes the module was given
        self.datagrams: list[bytes] = []
        self.unread = b""
        self.datagram = b""
        self.cmee = 0
        self.echo = False
        self.hex_mode = False
        self.opened: set[int] = set()
        self.tamper: Tamper | None = None
        self.answers: list[bytes] = []  # what was answered, before any fault
        self._line = bytearray()
        self._need = 0
        self._into: Callable[[bytes], bytes] | None = None
        self._payload = bytearray()

    def feed(self, data: bytes) -> Arrivals:
        found: Arrivals = []
        for byte in data:
            answer = self._byte(byte)
            if answer:
                self.answers.append(answer)
                found += self.tamper(answer) if self.tamper else [(LATENCY_MS, answer)]
        return found

    def _byte(self, byte: int) -> bytes:
        if self._need:
            self._payload.append(byte)
            self._need -= 1
            if self._need or self._into is None:
                return b""
            return self._into(bytes(self._payload))
        if byte != 13:
            self._line.append(byte)
            return b""
        line, self._line = bytes(self._line).lstrip(b" \n"), bytearray()
        start = line.upper().rfind(b"AT")
        return self._command(line[start + 2 :]) if start >= 0 else b""

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        action = ACTIONS.get(name.upper())
        if action is not None:
            return action(self, rest)
        if name in (b"E0", b"", b"+CEREG", b"+CGEREP", b"+CSGT", b"+CMEE"):
            if name == b"+CMEE":
                self.cmee = int(rest)
            return ok()
        if text == b"+CGACT?":  # its data connection stands, whoever doubts it
            return ok(b"+CGACT: 1,1")
        if text == b"+UPSND=0,8":
            return ok(b"+UPSND: 0,8,1")
        return self._error(100)

    def _error(self, code: int) -> bytes:
        return b"\r\n+CME ERROR: %d\r\n" % code if self.cmee else b"\r\nERROR\r\n"

    def _write(self, rest: bytes, head: bytes, sink: Callable[[bytes], None]) -> bytes:
        """After `head` (socket, address): count and perhaps data."""
        count, comma, data = rest.partition(b",")
        if not count.isdigit() or not 0 < int(count) <= 1024:
            return self._error(50)
        n = int(count)

        def done(payload: bytes) -> bytes:
            sink(payload)
            return ok(head + b",%d" % n)

        if comma:
            data = data.strip(b'"')
            if self.hex_mode:
                data = bytes.fromhex(data.decode())
            return done(data) if len(data) == n else self._error(50)
        self._payload.clear()
        self._need = n
        self._into = done
        return b"\r\n@"

    def usowr(self, rest: bytes) -> bytes:
        number, _, rest = rest.partition(b",")
        if number != b"0":
            return self._error(3)
        return self._write(rest, b"+USOWR: 0", self.received.extend)

    def usost(self, rest: bytes) -> bytes:
        number, _, _, rest = rest.split(b",", 3)
        if number not in (b"0", b"1"):
            return self._error(3)
        return self._write(rest, b"+USOST: " + number, self.datagrams.append)

    def _shown(self, data: bytes) -> bytes:
        return data.hex().upper().encode() if self.hex_mode else data

    def usord(self, rest: bytes) -> bytes:
        number, count = rest.split(b",")
        n = int(count)
        if number != b"0" or 0 not in self.opened:
            return self._error(3)
        if n == 0:
            return ok(b"+USORD: 0,%d" % len(self.unread))
        data, self.unread = self.unread[:n], self.unread[n:]
        urc = b"\r\n+UUSORD: 0,%d\r\n" % len(self.unread) if self.unread else b""
        return ok(b'+USORD: 0,%d,"%s"' % (len(data), self._shown(data))) + urc

    def usorf(self, rest: bytes) -> bytes:
        number, count = rest.split(b",")
        n = int(count)
        if int(number) not in self.opened:
            return self._error(3)
        if n == 0:
            return ok(b"+USORF: %s,%d" % (number, len(self.datagram)))
        data, self.datagram = self.datagram[:n], self.datagram[n:]
        shown = self._shown(data)
        return ok(b'+USORF: %s,"192.0.2.7",7,%d,"%s"' % (number, len(data), shown))

    def usocr(self, rest: bytes) -> bytes:
        number = 0
        while number in self.opened:
            number += 1
        self.opened.add(number)
        return ok(b"+USOCR: %d" % number)

    def usoco(self, rest: bytes) -> bytes:
        number, *_, last = rest.split(b",")
        if not number.isdigit() or int(number) not in self.opened:
            return self._error(3)
        return ok() + (b"\r\n+UUSOCO: %s,0\r\n" % number if last == b"1" else b"")

    def usocl(self, rest: bytes) -> bytes:
        number, _, later = rest.partition(b",")
        if not number.isdigit() or int(number) not in self.opened:
            return self._error(3)
        self.opened.discard(int(number))
        return ok() + (b"\r\n+UUSOCL: %s\r\n" % number if later == b"1" else b"")

    def usoctl(self, rest: bytes) -> bytes:
        number, _, what = rest.partition(b",")
        values = {b"0": 6, b"1": 0, b"2": 2, b"3": 2, b"10": 4, b"11": 0}
        if not number.isdigit() or int(number) not in self.opened:
            return self._error(3)
        if what not in values:
            return self._error(50)
        return ok(b"+USOCTL: %s,%s,%d" % (number, what, values[what]))

    def udconf(self, rest: bytes) -> bytes:
        self.hex_mode = rest == b"1,1"
        return ok()


def ok(info: bytes = b"") -> bytes:
    return (b"\r\n" + info + b"\r\n" if info else b"") + b"\r\nOK\r\n"


def guarded(action: Callable[[Model, bytes], bytes]) -> Callable[[Model, bytes], bytes]:
    """Damaged parameters are an error, not an end."""

    def run(model: Model, rest: bytes) -> bytes:
        try:
            return action(model, rest)
        except ValueError:
            return model._error(50)

    return run


ACTIONS: dict[bytes, Callable[[Model, bytes], bytes]] = {
    b"+USOWR": guarded(Model.usowr),
    b"+USOST": guarded(Model.usost),
    b"+USORD": guarded(Model.usord),
    b"+USORF": guarded(Model.usorf),
    b"+USOCR": guarded(Model.usocr),
    b"+USOCO": guarded(Model.usoco),
    b"+USOCL": guarded(Model.usocl),
    b"+USOCTL": guarded(Model.usoctl),
    b"+UDCONF": guarded(Model.udconf),
    b"+USOLI": lambda model, rest: ok(),
    b"+USOER": lambda model, rest: ok(b"+USOER: 0"),
    b"+CMEE?": lambda model, rest: ok(b"+CMEE: %d" % model.cmee),
    b"+CGMM": lambda model, rest: ok(b"SARA-R510S"),
    b"+CSGT?": lambda model, rest: ok(b'+CSGT: "cellular ready",1'),
    b"+IPR?": lambda model, rest: ok(b"+IPR: 115200"),
    b"+UDNSRN": lambda model, rest: ok(b'+UDNSRN: "192.0.2.7"'),
    b"+CGSN": lambda model, rest: ok(b"004999010640000"),
}
