# Generated from aio/at.py by tools/generate. Do not edit.
"""The AT channel: exchanges in turn, each with its time limit, and getting the line back in step.

Services either use `command()` or, where nothing may be allocated, take the channel
themselves:

    await channel.acquire()
    try:
        line = channel.start(b"+USOWR")
        line.number(socket)
        channel.handler = self._written
        await channel.execute()
    finally:
        channel.release()
"""

from ..core.compat import const
from ..core.engine import CONNECTED, FAILED, GARBLED, IDLE, OK, RESET, Engine
from ..core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    Garbled,
    ModemError,
    ModuleLost,
    ModuleReset,
)
from ..runtime.blocking import Lock, sleeper

TIMEOUT_MS = const(10000)  # what a local command may take (ubxlib 2.1)

_PROBES = const(4)
_PROBE_MS = const(1500)
_QUIET_MS = const(50)


class Channel(Engine):
    """One AT channel over a `Port`; buffers of `rx_size` and `tx_size` bytes are made here.

    `configure` (a coroutine function) restores the settings the driver relies on after the
    module has restarted. `keep_going`, if set, is called during every wait; returning False
    gives the operation up with `Cancelled`.
    """

    def __init__(self, port, rx_size: int = 512, tx_size: int = 512):
        super().__init__(port, rx_size, tx_size)
        self.configure = None
        self.keep_going = None
        self.sleep = sleeper(port)
        self._lock = Lock()
        self._late_ms = 0
        self._rows = None
        self._numeric = 0

    # ---- taking turns -----------------------------------------------------------------------

    def acquire(self, timeout_ms: int = TIMEOUT_MS, settle: bool = True) -> None:
        """Wait for our turn, and for a late answer or a doubtful line to be settled first."""
        self._lock.acquire()
        if settle and (self.state != IDLE or self.suspect or self.restarted):
            try:
                self._settle(timeout_ms)
            except BaseException:
                self._lock.release()
                raise

    def release(self) -> None:
        self._lock.release()

    def poll(self) -> None:
        """Take what has arrived without waiting; URC handlers run. Allocates nothing."""
        if self.state == IDLE:
            self.pump()
        elif self.abandoned:
            self.step()

    def elapsed(self, since: int) -> int:
        """Milliseconds since `since`, a value of `port.ticks_ms()`."""
        return self.port.ticks_diff(self.port.ticks_ms(), since)

    def proceed(self, what: str) -> None:
        """To be called in every wait: raises `Cancelled` if the application says so."""
        if self.keep_going and self.keep_going() is False:
            raise Cancelled(what)

    # ---- one exchange -----------------------------------------------------------------------

    def execute(self, timeout_ms: int = TIMEOUT_MS, max_ms: int = 0) -> None:
        """Run the exchange that was planned.

        `timeout_ms` is how long the caller waits, `max_ms` the longest the module may take: until
        then nothing else is sent after a time-out, so that a late answer is never taken for
        another's. Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`.
        """
        self.launch()
        began = self.since
        try:
            while True:
                ms = self.step()
                if ms < 0:
                    break
                if self.elapsed(began) >= timeout_ms:
                    raise CommandTimeout(self.title(), timeout_ms, self.heard())
                if self.keep_going:
                    self.proceed(self.title())
                self.sleep(ms)
        except BaseException:  # a cancelled task or Ctrl-C leaves the module answering, too
            self._late_ms = max(max_ms, timeout_ms)
            self.abandon()
            raise
        if self.outcome != OK:
            self._raise()

    def _raise(self) -> None:
        if self.outcome == FAILED:
            raise CommandError(self.title(), self.code)
        if self.outcome == RESET:
            raise ModuleReset(self.title())
        if self.outcome == GARBLED:
            raise Garbled(self.title(), self.heard())
        if self.outcome != CONNECTED:
            raise ModemError(5, self.title())

    def title(self) -> str:
        """The command in flight, for messages: its name, never its parameters."""
        return "AT" + str(self.tx.name, "utf-8")

    # ---- convenience, where allocating does not matter --------------------------------------

    def ask(self, name: bytes, *parts, timeout_ms=TIMEOUT_MS, max_ms=0, shape=None, plain=False):
        """Run `AT<name>=<parts>` with the channel held; the answer lines as lists of fields.

        A part is an int, a string, None (left out) or bytes (put as they are, such as b"?").
        `plain`: the answer has no name in front, the lines themselves are returned.
        """
        line = self.start(name)
        for part in parts:
            line.part(part)
        rows = self._rows = []
        self.shape = shape
        self.handler = self._collect
        if plain:
            self.name = b""
            self.handler = self._collect_plain
        self.execute(timeout_ms, max_ms)
        self._rows = None
        return rows

    def _collect(self, lexer) -> None:
        self._rows.append(lexer.fields())

    def _collect_plain(self, lexer) -> None:
        self._rows.append(lexer.whole())

    def command(self, name: bytes, *parts, **options):
        """`ask` in our turn: the answer lines as lists of fields."""
        self.acquire(options.get("timeout_ms", TIMEOUT_MS))
        try:
            return self.ask(name, *parts, **options)
        finally:
            self.release()

    # ---- getting back in step ---------------------------------------------------------------

    def _settle(self, timeout_ms: int) -> None:
        began = self.port.ticks_ms()
        while self.state != IDLE:
            ms = self.step()
            if ms < 0:
                break
            if self.elapsed(self.since) > self._late_ms:
                self.give_up()
                break
            if self.elapsed(began) > timeout_ms:
                raise CommandTimeout(self.title(), timeout_ms, "still no answer to it")
            self.sleep(ms)
        if self.suspect:
            self._probe()
        if self.restarted and self.configure:
            self.restarted = False
            try:
                self.configure()
            except BaseException:
                self.restarted = True
                raise

    def _probe(self) -> None:
        """Ask something only this answer fits; a late `OK` alone does not count."""
        for attempt in range(_PROBES):
            self.quiet(_QUIET_MS)
            if attempt and self.owed:  # perhaps it still waits for the payload of a prompt
                self.fill(self.owed)
                self.owed = 0
                self.quiet(_QUIET_MS * 4)
            line = self.start(b"+CMEE")
            line.raw(b"?")
            self.handler = self._probed
            self._numeric = -1
            try:
                self.execute(_PROBE_MS)
            except ModemError:
                self.state = IDLE
                self.abandoned = False
            if self._numeric >= 0:
                break
        else:
            self.suspect = True
            raise ModuleLost("the module does not answer, heard: " + self.heard())
        self.suspect = False
        if self._numeric != 1 and not self.restarted:  # ours was lost: it has restarted
            self.reset_seen()

    def _probed(self, lexer) -> None:
        value = lexer.number()
        if value is not None:
            self._numeric = value

    def quiet(self, ms: int, limit_ms: int = 2000) -> None:
        """Wait until nothing has arrived for `ms`, at most `limit_ms`."""
        began = last = self.port.ticks_ms()
        while self.elapsed(last) < ms and self.elapsed(began) < limit_ms:
            seen = self.last_rx
            self.pump()
            if self.last_rx != seen:
                last = self.last_rx
            self.sleep(5)

    def fill(self, count: int) -> None:
        """Send blanks: the rest of a payload to a module that waits for one, else nothing."""
        began = self.port.ticks_ms()
        while count > 0 and self.elapsed(began) < TIMEOUT_MS:
            count -= self.port.write(b" " * min(count, 64), 0, min(count, 64))
            self.sleep(1)
