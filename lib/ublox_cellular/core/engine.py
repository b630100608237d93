"""The AT engine: one command in flight, driven in steps that never wait.

A plan describes the expected exchange (`start` clears it, the caller fills it in, `launch`
begins); `step` does what can be done now and returns the time until the next step, in both
flavours. The rules of the wire (DESIGN section 3) are kept here.
"""

from .command import Command
from .compat import const
from .lexer import Lexer

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_GAP_MS = const(21)  # rule 1: 20 ms after the last byte, one more for the clock's resolution
_PAUSE_MS = const(51)  # rule 1: 50 ms between a prompt and its payload
_PROMPT_MS = const(10000)  # the longest a module takes to prompt (ubxlib 2.3)
_STALL_MS = const(1000)  # a payload without progress for this long has lost bytes
_HEAD_BYTES = const(16)  # bytes per read before a payload, so that little is copied
_MOST_BYTES = const(2048)  # of one pump(), which must return even if the line is never silent
_BLANKS = b"                "  # replaces a payload that could not be copied

_MORE = const(0)  # tokens of the lexer
_LINE = const(1)
_PROMPT = const(2)

# States, in the order an exchange passes them: printed by error_text.py, checked by a test.
_IDLE = const(0)
_GAP = const(1)
_SENDING = const(2)
_WAITING = const(3)
_PAUSE = const(4)
_FEEDING = const(5)
_READING = const(6)
_DATA = const(8)

# Outcomes of an exchange; 0 while it lasts.
_OK = const(1)
_FAILED = const(2)
_CONNECTED = const(3)
_RESET = const(4)
_GARBLED = const(5)


class Engine:
    """One per UART. What a plan may set after `start()`:

    `name` of the answer line (empty: any line; `plain`: any other line, too), `handler(lexer)` for
    each answer, `shape(lexer)` distinguishes it from a URC of the same name, `prompt`, `out`,
    `out_at`, `out_n` (payload to send, in the quotes of an open string when `prompt` is 0, and
    `tail` ends string and line; with a prompt and no `out` the exchange ends there as with
    CONNECT), `commas`, `into`, `at`, `room` (counted payload to receive: at its `head` the handler
    returns the length, or -1), `digits` (payload is hexadecimal), `connect` (CONNECT, or a counted
    payload, ends the exchange in data mode), `abortable` (by a character, once given up).

    `guard()` checks the conditions of the command, right before its first byte is sent and after
    the last read of the UART. If they are not met any more it raises: nothing is sent, and the
    caller gets that error. It may also record that the command is being sent.

    `keeper(ended)` is called when the caller is cancelled (False) and when the module has then
    ended the exchange (True; `outcome` has the result): the owner of the coming data may provide a
    buffer (`into`, `at`, `room`); without a keeper the data is dropped. A payload that the module
    waits for is sent from a copy, as the module cannot be stopped from waiting.
    """

    if TYPE_CHECKING:
        name: bytes | None
        handler: Any
        shape: Any
        guard: Any
        keeper: Any
        out: Any
        into: Any
        greeting: bytes | None
        on_reset: Any
        on_unknown: Any
        trace: Any
        decode: Any

    def __init__(self, port, rx_size: int, tx_size: int):
        self.port = port
        self.lexer = Lexer(rx_size)
        self.tx = Command(tx_size)
        self.urcs = []  # name, handler, name, handler …
        self.greeting = None  # the line that shows a restart of the module
        self.on_reset = self.on_unknown = self.trace = None
        self.echo = True  # an echo is expected
        self.hooked = False  # a hook of the application may be running: it cannot use the modem
        self.wary = False  # unknown lines may be part of a secret, see error_text.py
        self.suspect = False  # an inconsistency: probe the module before relying on it
        self.restarted = False  # the module has restarted and was not configured since
        self.owed = 0  # payload bytes a module may still be waiting for
        self.unknown = 0
        self.state = _IDLE
        self.outcome = _OK
        self.abandoned = False
        self.since = self.last = port.ticks_ms()  # start of exchange; time of last received byte
        self.decode = None  # function of mqtt_payload.py, once used
        self.start(b"")

    def on_urc(self, name: bytes, handler) -> None:
        """Call `handler(lexer)`, the cursor at the first field, for every line `name: …` that is
        no answer. It updates fixed state and never waits: a command may be in flight."""
        self.urcs += (name, handler)

    def start(self, name: bytes) -> Command:
        """Clear the plan and begin the line `AT<name>`; its parts are added to the result. A read
        command is `name?`; lines of `name` answer it."""
        self.handler = self.shape = self.out = self.into = self.guard = self.keeper = None
        self.prompt = self.out_at = self.out_n = self.commas = self.at = self.room = 0
        self.digits = self.connect = self.abortable = self.plain = False
        self.code = self.answers = self.count = 0
        self.tail = b'"\r'
        self.tx.begin(name)
        self.name = self.tx.name
        return self.tx

    def launch(self) -> None:
        """The plan is complete: begin the exchange."""
        if self.out is None or self.prompt:
            self.tx.end()
        self.state = _GAP
        self.outcome = 0
        self.abandoned = False
        # A line with a payload in quotes is sent in three parts: line, payload, tail.
        self.part = self.sent = 0
        self.since = self.port.ticks_ms()

    def step(self) -> int:
        """Do what can be done; returns ms until the next step is useful, -1 at the end."""
        self.pump()
        state = self.state
        port = self.port
        lexer = self.lexer
        now = port.ticks_ms()
        quiet = port.ticks_diff(now, self.last)
        if quiet < 0:  # the clock has wrapped around after days
            quiet = _STALL_MS + 1
        if self.outcome or state == _IDLE:
            # An LF that is read late would delay the next command as if it had arrived late.
            return 1 if lexer.half and quiet < 3 and state == _IDLE else -1
        if state == _GAP or state == _PAUSE:
            wait = (_GAP_MS if state == _GAP else _PAUSE_MS) - quiet
            if wait > 0:
                # A URC may come meanwhile, and the 20 ms count from its end: keep reading.
                return wait if wait < 3 else 1 if lexer.half else 3
            if lexer.start < lexer.end:  # a partial line, then silence: it will not continue
                lexer.clear()
                self.unknown += 1
            if state == _GAP and self.guard:
                self.guard()
            state = self.state = state + 1
        if state == _SENDING or state == _FEEDING:
            self._send()
            return 1
        if state == _READING and quiet > _STALL_MS:
            self._garble()
            return -1
        # Poll less often while nothing arrives.
        busy = port.ticks_diff(now, self.since)
        if self.prompt and (busy > _PROMPT_MS or busy < 0):  # it was lost on the line
            from .giving_up import own_payload

            own_payload(self)
            self._garble()
            return -1
        if busy < quiet:
            quiet = busy
        return 1 if quiet < 200 else 5 if quiet < 2000 else 20

    def abandon(self) -> None:
        """The caller is cancelled: prepare for the rest of the exchange. Never raises."""
        if self.state == _GAP:
            self.state = _IDLE
        over = self.state == _IDLE or self.state == _DATA or self.outcome
        if over and (self.outcome != _OK or not self.keeper):
            return
        self.abandoned = True
        try:
            from .giving_up import keep

            keep(self, bool(over))
        except MemoryError:
            self.shape = self.handler = self.into = self.keeper = None
            self.suspect = True
        self.abandoned = not over

    def end_abandoned(self) -> None:
        """An abandoned exchange has ended, in any way."""
        if self.abandoned:
            self.abandoned = False
            keeper, self.keeper = self.keeper, None
            if keeper:
                keeper(True)

    def _put(self, data, at: int, n: int) -> bool:
        """Continue to send `data[at:at + n]`; returns whether all of it is sent."""
        left = n - self.sent
        if left > 0:
            if n > len(data):  # a payload that could not be copied
                data = _BLANKS
                left -= self.port.write(data, 0, min(left, len(data)))
            else:
                left -= self.port.write(data, at + self.sent, left)
        self.sent = n - left
        if left > 0:
            return False
        self.sent = 0
        self.part += 1
        return True

    def _send(self) -> None:
        tx = self.tx
        if self.state == _SENDING:
            if self.part == 0:
                if not self._put(tx.buf, 0, tx.size):
                    return
                if self.trace:
                    self.trace(">", tx.shown())
            quoted = self.out is not None and not self.prompt
        else:
            quoted = True
            self.part = self.part or 1  # 2: already sent, and a trace has raised
        if quoted:
            if self.part == 1:
                if not self._put(self.out, self.out_at, self.out_n):
                    return
                if self.trace:
                    self.trace(">", b"<%d bytes>" % self.out_n)
            if not self.prompt and not self._put(self.tail, 0, len(self.tail)):
                return
            self.prompt = 0
        if self.prompt:  # from here on the module may be waiting for the payload
            self.owed = self.out_n
        self.part = self.sent = 0
        self.state = _WAITING
        self.since = self.port.ticks_ms()

    def pump(self) -> None:
        """Process received bytes, within a limit: answers, URCs, unknown lines. Never waits."""
        if self.hooked:  # a hook of the application has called
            return
        self.hooked = True
        lexer = self.lexer
        budget = _MOST_BYTES
        try:
            while self.state != _DATA and budget > 0:
                if self.state == _READING:
                    left = self.left
                    if not self._read_payload():
                        return
                    budget -= left - self.left
                    continue
                flight = self.state >= _WAITING
                commas = self.commas if flight else 0
                prompt = self.prompt if self.state == _WAITING else 0
                token = lexer.next(prompt, self.name or b"", commas)
                if token == _MORE:
                    n = self.receive(commas)
                    if not n:
                        return
                    budget -= n
                elif token == _LINE:
                    self._line(flight)
                elif token == _PROMPT:
                    self.state = _PAUSE
                    if self.out is None:  # without one at/payload_stream.py sends it
                        self.state = _DATA
                        self.outcome = _CONNECTED
                else:
                    self._payload_head()
                if flight and self.outcome:
                    return
        finally:
            self.hooked = False

    def receive(self, commas: int) -> int:
        """Move bytes from the UART to the lexer; a line too long for it loses its beginning."""
        lexer = self.lexer
        room = lexer.room()
        if commas and room > _HEAD_BYTES:
            room = _HEAD_BYTES
        n = self.port.read(lexer.buf, lexer.end, room)
        if n:
            lexer.end += n
            self.last = self.port.ticks_ms()
        return n

    def _line(self, flight: bool) -> None:
        lexer = self.lexer
        echo = lexer.begins(b"AT")
        if self.greeting and lexer.equals(self.greeting):
            self.reset_seen()
        elif flight and self.name and lexer.named(self.name) and self._fits():
            self._answer()
        elif flight and self._final():
            self.owed = 0
            self.state = _DATA if self.outcome == _CONNECTED else _IDLE
            self.end_abandoned()
        elif echo:
            if not self.echo:  # an unexpected echo shows a restart
                self.suspect = True
        elif self._urc():
            pass
        elif flight and (self.plain or not self.name):
            self._answer()
        else:
            self.unknown += 1
            if lexer.equals(b"OK") or lexer.begins(b"+CME"):  # an answer without a command
                self.suspect = True
            if self.on_unknown:
                from .error_text import unknown

                unknown(self)
        if self.trace:  # last, as it may raise
            from .error_text import traced

            self.trace("<", traced(self, echo))

    def _urc(self) -> bool:
        urcs = self.urcs
        for i in range(0, len(urcs), 2):
            if self.lexer.named(urcs[i]):
                urcs[i + 1](self.lexer)
                return True
        return False

    def _fits(self) -> bool:
        at = self.lexer.pos
        fits = not self.shape or self.shape(self.lexer)
        self.lexer.pos = at
        return fits

    def _answer(self) -> None:
        lexer = self.lexer
        if lexer.buf[lexer.stop] != 13:  # its CR was damaged, perhaps to a digit
            self._garble()
            return
        self.answers += 1
        self.head = False
        if self.handler:
            self.handler(lexer)

    def _final(self) -> bool:
        """Whether the line is a final result code; `outcome` and `code` say which."""
        lexer = self.lexer
        self.code = -1
        self.outcome = _FAILED
        if lexer.equals(b"OK"):
            self.outcome = _OK
        elif lexer.equals(b"ERROR"):
            pass
        elif lexer.named(b"+CME ERROR") or lexer.named(b"+CMS ERROR"):
            at = lexer.pos
            self.code = lexer.number()
            if self.code is None:  # the module has lost its setting for numbers
                from .error_tables import in_words

                in_words(self, at)
        elif lexer.equals(b"ABORTED") or lexer.equals(b"Command aborted"):
            self.code = 3000
        elif self.connect and lexer.begins(b"CONNECT"):
            self.outcome = _CONNECTED
        elif not (self.connect and (lexer.begins(b"NO ") or lexer.equals(b"BUSY"))):
            self.outcome = 0
        return self.outcome != 0

    def reset_seen(self) -> None:
        """The module has restarted: a command in flight will never be answered."""
        if self.state != _IDLE and not self.outcome:
            self.outcome = _RESET
        self.state = _IDLE
        self.restarted = self.echo = True
        self.owed = 0
        self.end_abandoned()
        if self.on_reset:
            self.on_reset()

    def _payload_head(self) -> None:
        lexer = self.lexer
        self.head = True
        n = None
        if self.handler:
            n = self.handler(lexer)
        else:  # cancelled: the length is the field before the payload
            for _ in range(self.commas):
                n = lexer.number()
        if n is None or n < 0 or (self.into is not None and n > self.room):
            self._garble()
            return
        self.answers += 1
        self.left = n * 2 if self.digits else n
        if self.connect and not self.abandoned:  # at/payload_stream.py takes it in pieces
            self.state = _DATA
            self.outcome = _CONNECTED
            return
        self.state = _READING

    def _read_payload(self) -> bool:
        """Process a piece of payload; False when more bytes are needed."""
        if self.left:
            n = self._read_some()
            if n > 0:
                self.left -= n
            return n > 0
        lexer = self.lexer
        while lexer.end - lexer.start < 2:
            if not self.receive(1):
                return False
        # A quote alone may be the payload's own last byte, after a doubled one.
        if lexer.buf[lexer.start] == 34 and lexer.buf[lexer.start + 1] == 13:
            lexer.start += 1
            self.state = _WAITING
            self.commas = 0  # after it only lines are expected
            if self.trace:
                self.trace("<", b"<%d bytes>" % self.count)
        else:  # a byte was lost or doubled on the way
            self._garble()
        return True

    def _read_some(self) -> int:
        lexer = self.lexer
        left = self.left
        into = self.into
        at = self.at + self.count
        if lexer.end - lexer.start < 2 and (self.digits or into is None):
            self.receive(0)  # through the lexer, to decode or drop it
        if self.digits and into is not None:
            n = self.decode(lexer, into, at, left)
            if n < 0:
                self._garble()
            else:
                self.count += n >> 1
            return n
        n = lexer.take(into, at, left)
        if not n and into is not None:
            n = self.port.read(into, at, left)
            if n:
                self.last = self.port.ticks_ms()
        self.count += n
        return n

    def _garble(self) -> None:
        """Bytes were lost or damaged: the exchange is invalid."""
        self.suspect = True
        self.state = _IDLE
        self.left = 0
        self.outcome = _GARBLED
        self.end_abandoned()
