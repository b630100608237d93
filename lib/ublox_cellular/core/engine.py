"""The AT engine: one command in flight, driven in steps that never wait.

A plan says what an exchange expects (`start` clears it, the caller fills it in, `launch` begins);
`step` does all that can be done now and tells how long nothing more can happen. The same steps
serve the blocking and the asyncio flavour. Rules of the wire (DESIGN section 3) live here.
"""

from .command import Command
from .compat import const
from .lexer import LINE, MORE, PAYLOAD, PROMPT, Lexer
from .urc import UrcTable

_GAP_MS = const(21)  # rule 1: 20 ms after the last byte, one more for the clock's grain
_PAUSE_MS = const(51)  # rule 1: 50 ms between a prompt and its payload
_STALL_MS = const(1000)  # a payload that stands still this long has lost bytes
_HEAD_BYTES = const(16)  # read this little at once before a payload, so that little is copied

# States, in the order an exchange passes them.
IDLE = const(0)
_GAP = const(1)
_SENDING = const(2)
_WAITING = const(3)
_PAUSE = const(4)
_FEEDING = const(5)
_READING = const(6)
_CLOSING = const(7)  # behind a payload, before its closing quote
DATA = const(8)

# Outcomes.
PENDING = const(0)
OK = const(1)
FAILED = const(2)
CONNECTED = const(3)
RESET = const(4)
GARBLED = const(5)

DONE = const(-1)

_FILLER = b" " * 32
_TAIL = b'"\r'


def _silent(*_unused):
    pass


class Engine:
    """One per UART. Attributes a plan may set after `start()`:

    `name` of the answer line (empty: any line that is no URC), `handler(lexer)` for each answer,
    `shape(lexer)` that tells an answer from a URC of the same name, `prompt`, `out`/`out_at`/
    `out_n` (payload to send, in the quotes of an open string when `prompt` is 0), `commas` and
    `into`/`into_at`/
    `room` (counted payload to receive; `handler` returns its length), `hex_in`,
    `connect` (CONNECT ends the exchange in data mode).
    """

    def __init__(self, port, rx_size: int, tx_size: int):
        self.port = port
        self.lexer = Lexer(rx_size)
        self.tx = Command(tx_size)
        self.urcs = UrcTable()
        self.greeting = b""  # the line by which a restart of the module is recognised
        self.on_reset = _silent
        self.on_unknown = None
        self.trace = None
        self.echo_expected = True
        self.suspect = False  # something did not fit: ask the module before relying on it
        self.restarted = False  # the module has restarted and was not configured since
        self.owed = 0  # payload bytes a module may still be waiting for
        self.unknown = 0
        self.state = IDLE
        self.outcome = OK
        self.code = 0
        self.answers = 0
        self.count = 0
        self.abandoned = False
        self.since = self.last_rx = port.ticks_ms()
        self._part = 0  # of a line with a payload in quotes: line, payload, tail
        self._sent = 0  # bytes of that part
        self._left = 0  # characters of a payload still to be read
        self._clear_plan()

    def _clear_plan(self) -> None:
        self.name = b""
        self.handler = None
        self.shape = None
        self.prompt = 0
        self.out = None
        self.out_at = 0
        self.out_n = 0
        self.commas = 0
        self.into = None
        self.into_at = 0
        self.room = 0
        self.hex_in = False
        self.connect = False
        self.max_ms = 0

    # ---- an exchange ------------------------------------------------------------------------

    def start(self, name: bytes) -> Command:
        """Clear the plan and begin the line `AT<name>`; its parts are added to the result."""
        self._clear_plan()
        self.name = name
        self.tx.begin(name)
        return self.tx

    def launch(self) -> None:
        """The plan is complete: begin the exchange."""
        if self.out is None or self.prompt:
            self.tx.end()
        self.state = _GAP
        self.outcome = PENDING
        self.code = self.answers = self.count = 0
        self.abandoned = False
        self._part = self._sent = 0
        self.since = self.port.ticks_ms()

    def step(self) -> int:
        """Do what can be done; ms until the next step makes sense, DONE when it is over."""
        self.pump()
        state = self.state
        if self.outcome or state == IDLE:
            return DONE
        port = self.port
        now = port.ticks_ms()
        if state == _GAP or state == _PAUSE:
            since = self.last_rx
            wait = _GAP_MS if state == _GAP else _PAUSE_MS
            wait -= port.ticks_diff(now, since)
            if wait > 0:
                return wait
            self._sent = 0
            state = self.state = _SENDING if state == _GAP else _FEEDING
        if state == _SENDING:
            return self._send()
        if state == _FEEDING:
            return self._feed()
        if state >= _READING and port.ticks_diff(now, self.last_rx) > _STALL_MS:
            self._garble()
            return DONE
        return self._patience(now)

    def _patience(self, now: int) -> int:
        # Nothing comes at once: look less often the longer nothing has come.
        quiet = self.port.ticks_diff(now, self.last_rx)
        busy = self.port.ticks_diff(now, self.since)
        if busy < quiet:
            quiet = busy
        return 1 if quiet < 200 else 5 if quiet < 2000 else 20

    def abandon(self) -> None:
        """The caller gives up: the answer, when it comes, is eaten; nothing else is sent."""
        if self.state == _GAP:
            self.state = IDLE
        if self.state != IDLE and self.state != DATA and not self.outcome:
            self.abandoned = True
            self.handler = None
            self.shape = None
            self.into = None

    def give_up(self) -> None:
        """Even the documented maximum has passed: forget the exchange, ask before the next."""
        self.state = IDLE
        self.abandoned = False
        self.suspect = True

    def heard(self) -> str:
        """What came last, for an error message."""
        lexer = self.lexer
        if lexer.end == 0:
            return "nothing"
        return repr(bytes(lexer.buf[max(0, lexer.end - 40) : lexer.end]))

    # ---- sending ----------------------------------------------------------------------------

    def _put(self, data, at: int, n: int) -> bool:
        """Send `data[at:at + n]`, counted in `_sent`; whether all of it is out."""
        left = n - self._sent
        if left > 0:
            left -= self.port.write(data, at + self._sent, left)
            self._sent = n - left
        return left <= 0

    def _send(self) -> int:
        tx = self.tx
        if not self._part:
            if not self._put(tx.buf, 0, tx.size):
                return 1
            if self.trace:
                self.trace(">", tx.shown())
            self._sent = 0
            if self.prompt or self.out is None:
                return self._await_answer()
            self._part = 1
        if self._part == 1:
            if not self._send_out():
                return 1
            self._part = 2
        if not self._put(_TAIL, 0, 2):
            return 1
        return self._await_answer()

    def _await_answer(self) -> int:
        self._part = self._sent = 0
        self.state = _WAITING
        self.since = self.port.ticks_ms()
        return 1

    def _send_out(self) -> bool:
        """The payload; filler instead of it once the caller, who owns the buffer, is gone."""
        if not self.abandoned:
            done = self._put(self.out, self.out_at, self.out_n)
        else:
            while self._sent < self.out_n:
                n = min(self.out_n - self._sent, len(_FILLER))
                n = self.port.write(_FILLER, 0, n)
                if not n:
                    return False
                self._sent += n
            done = True
        if done:
            self._sent = 0
            if self.trace:
                self.trace(">", b"<%d bytes>" % self.out_n)
        return done

    def _feed(self) -> int:
        if self._send_out():
            self.prompt = 0
            self._await_answer()
        return 1

    # ---- receiving --------------------------------------------------------------------------

    def pump(self) -> None:
        """Take what has arrived: answers of the exchange, URCs, rubbish. Never waits."""
        lexer = self.lexer
        while self.state != DATA:
            if self.state >= _READING:
                if not self._payload():
                    return
                continue
            flight = self.state >= _WAITING
            prompt = self.prompt if self.state == _WAITING else 0
            commas = self.commas if flight else 0
            token = lexer.next(prompt, self.name, commas)
            if token == LINE:
                self._line(flight)
            elif token == PAYLOAD:
                self._payload_head()
            elif token == PROMPT:
                self._prompted()
            if (token == MORE and not self._receive(commas)) or (flight and self.outcome):
                return

    def _receive(self, commas: int) -> int:
        lexer = self.lexer
        room = lexer.room()
        if commas and room > _HEAD_BYTES:
            room = _HEAD_BYTES
        n = self.port.read(lexer.buf, lexer.end, room)
        if n:
            lexer.fed(n)
            self.last_rx = self.port.ticks_ms()
        return n

    def _prompted(self) -> None:
        self.state = _PAUSE
        self.owed = self.out_n
        if self.trace:
            self.trace("<", b"%c" % self.prompt)

    def _line(self, flight: bool) -> None:
        lexer = self.lexer
        echo = lexer.begins(b"AT")
        if self.trace:  # an echo may hold what the command kept secret
            self.trace("<", b"<echo>" if echo else bytes(lexer.buf[lexer.line : lexer.stop]))
        if self.greeting and lexer.equals(self.greeting):
            self.reset_seen()
        elif flight and self.name and lexer.named(self.name) and self._fits():
            self._answer()
        elif flight and self._final():
            self.owed = 0
            self._finish()
        elif echo:
            if not self.echo_expected:  # who echoes again has restarted
                self.suspect = True
        elif self.urcs.dispatch(lexer):
            pass
        elif flight and not self.name:
            self._answer()
        else:
            self.unknown += 1
            if self.on_unknown:
                self.on_unknown(bytes(lexer.buf[lexer.line : lexer.stop]))

    def _fits(self) -> bool:
        if not self.shape:
            return True
        at = self.lexer.pos
        fits = self.shape(self.lexer)
        self.lexer.pos = at
        return fits

    def _answer(self) -> None:
        self.answers += 1
        if self.handler:
            self.handler(self.lexer)

    def _final(self) -> bool:
        """Whether the line is a final result code; `outcome` and `code` say which."""
        lexer = self.lexer
        if lexer.equals(b"OK"):
            self.outcome = OK
        elif lexer.equals(b"ERROR"):
            self._fail(-1)
        elif lexer.named(b"+CME ERROR") or lexer.named(b"+CMS ERROR"):
            at = lexer.pos
            code = lexer.number()
            if code is None:  # the module was not told to give numbers, or has forgotten it
                from .cme import code as code_of

                lexer.pos = at
                code = code_of(lexer.text())
                self.suspect = True
            self._fail(code)
        elif lexer.equals(b"ABORTED") or lexer.equals(b"Command aborted"):
            self._fail(3000)
        elif self.connect and lexer.begins(b"CONNECT"):
            self.outcome = CONNECTED
        elif self.connect and (lexer.begins(b"NO ") or lexer.equals(b"BUSY")):
            self._fail(-1)
        else:
            return False
        return True

    def _fail(self, code: int) -> None:
        self.outcome = FAILED
        self.code = code

    def _finish(self) -> None:
        self.state = DATA if self.outcome == CONNECTED else IDLE
        self.abandoned = False

    def reset_seen(self) -> None:
        """The module has restarted: whatever was in flight will never be answered."""
        flight = self.state != IDLE
        self.restarted = True
        self.echo_expected = True
        self.owed = 0
        self.state = IDLE
        self.abandoned = False
        if flight and not self.outcome:
            self.outcome = RESET
        self.on_reset()

    # ---- counted payload in -------------------------------------------------------------------

    def _payload_head(self) -> None:
        handler = self.handler
        at = self.lexer.pos
        n = handler(self.lexer) if handler else None
        if n is None:  # nobody wants it any more: its length is the field before it
            self.lexer.pos = at
            for _ in range(self.commas):
                n = self.lexer.number()
        if n is None or n < 0 or (self.into is not None and n > self.room):
            self._garble()
            return
        if self.trace:
            self.trace("<", bytes(self.lexer.buf[self.lexer.line : self.lexer.stop]))
        self.answers += 1
        self._left = n * 2 if self.hex_in else n
        self.state = _READING

    def _payload(self) -> bool:
        """Move payload on; False when more bytes are needed."""
        if self.state == _CLOSING:
            return self._closing_quote()
        while self._left:
            if self.hex_in or self.into is None:
                n = self._through_lexer()
            else:
                at = self.into_at + self.count
                n = self.lexer.take(self.into, at, self._left)
                if not n:
                    n = self.port.read(self.into, at, self._left)
                    if n:
                        self.last_rx = self.port.ticks_ms()
                self.count += n
            if not n:
                return False
            self._left -= n
        self.state = _CLOSING
        return True

    def _through_lexer(self) -> int:
        """Payload that is decoded from hexadecimal digits, or dropped."""
        lexer = self.lexer
        if lexer.end - lexer.start < 2 and not self._receive(0) and lexer.start == lexer.end:
            return 0
        if self.into is None:
            return lexer.skip(self._left)
        pairs = (lexer.end - lexer.start) >> 1
        if pairs > self._left >> 1:
            pairs = self._left >> 1
        for i in range(pairs):
            s = lexer.start + i * 2
            high = nibble(lexer.buf[s])
            low = nibble(lexer.buf[s + 1])
            if high < 0 or low < 0:
                self._garble()
                return 0
            self.into[self.into_at + self.count] = high << 4 | low
            self.count += 1
        lexer.start += pairs * 2
        return pairs * 2

    def _closing_quote(self) -> bool:
        lexer = self.lexer
        if lexer.start == lexer.end and not self._receive(_HEAD_BYTES):
            return False
        if lexer.buf[lexer.start] != 34:
            self._garble()
        else:
            lexer.start += 1
            self.state = _WAITING
            if self.trace:
                self.trace("<", b"<%d bytes>" % self.count)
            # One payload a command: behind it only lines are expected.
            self.commas = 0
        return True

    def _garble(self) -> None:
        """Bytes were lost or damaged: nothing of this exchange is believed any more."""
        self.suspect = True
        self.state = IDLE
        self._left = 0
        if not self.abandoned:
            self.outcome = GARBLED
        self.abandoned = False


def nibble(c: int) -> int:
    """The value of a hexadecimal digit, -1 if it is none."""
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1
