# Generated from aio/at/__init__.py by tools/generate. Do not edit.
"""The AT channel: exchanges in turn, each with its time limit.

Services use `command()` or, where nothing may be allocated, take the channel themselves:

    await channel.acquire()
    try:
        line = channel.start(b"+USOWR")
        line.number(socket)
        channel.handler = self._written
        await channel.execute()
    finally:
        channel.release()
"""

from ...core.compat import const
from ...core.engine import Engine
from ...core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    Garbled,
    ModemError,
    ModuleReset,
)
from ...wait_blocking import sleeper

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_TIMEOUT_MS = const(10000)  # what a local command may take (ubxlib 2.1)
_LOOK_MS = const(5)
_BUSY_MS = const(200000)  # what another caller's command may take
_AGAIN_MS = const(500)
_PASSING = (10, 13, 14, 15)  # +CME ERROR of the SIM
_LEAST_MS = const(200)  # for a command, however long its caller has waited for the channel
_AGES_MS = const(1 << 28)  # instead of a difference that the clock cannot tell any more

# States and outcomes of the engine.
_IDLE = const(0)
_OK = const(1)
_FAILED = const(2)
_CONNECTED = const(3)
_RESET = const(4)

_EIO = const(5)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)


class Lock:
    """For what one caller may do at a time: first come, first served. Whoever has it calls
    `release()`, whatever happens."""

    def __init__(self):
        self.held = False
        self.queue = []

    def take(self) -> bool:
        """Take it if it is free and no other caller waits for it."""
        if self.held or self.queue:
            return False
        self.held = True
        return True

    def release(self) -> None:
        self.held = False

    def acquire(self, channel, limit_ms: int = _BUSY_MS, what: str = "the channel") -> None:
        """Wait for it, see turns.py."""
        if channel.hooked or not self.take():
            from .turns import wait

            wait(self, channel, limit_ms, what)


class Channel(Engine):
    """One AT channel over a `Port`; buffers of `rx_size` and `tx_size` bytes are made here.

    `configure` (a coroutine function) restores the settings the driver relies on after the
    module has restarted, `waken` wakes one that may be asleep: it has been silent for `doze_ms`
    (0: it never sleeps) or is known to be `asleep`; `mend` comes before everything else: whoever
    changes how the module is spoken to sets it meanwhile. `keep_going`, if set, is called during
    every wait; returning False cancels the operation (`Cancelled`), unless that is being cleaned
    up (`firm`). `start_ms`: how long after a start of the module answers are waited out that pass
    then. `debts`: what must still be done in the module because its caller has given up.
    """

    # How data mode is left: three characters (S2) between two silences (S12), see
    # device/power_on.py. They hardly ever differ, so that the class has them.
    escape = b"+++"
    guard_ms = 1100
    escape_set = False  # the module has them from us
    tried = 0  # escape characters of earlier programs, see data_mode.py

    if TYPE_CHECKING:
        configure: Any
        waken: Any
        mend: Any
        keep_going: Any
        rows: Any
        stream: Any

    def __init__(self, port, rx_size: int = 512, tx_size: int = 512):
        super().__init__(port, rx_size, tx_size)
        self.configure = self.waken = self.mend = self.keep_going = self.rows = None
        self.doze_ms = self.firm = self.late_ms = 0
        self.asleep = False
        self.sleep = sleeper(port)
        self.lock = Lock()
        self.debts = []
        self.stream = None  # weak reference to the data stream that holds the channel
        self.started = port.ticks_ms()  # the module, or our knowing of it
        self.start_ms = 20000

    # ---- taking turns -----------------------------------------------------------------------

    def acquire(self, limit_ms: int = 0) -> None:
        """Wait for our turn, at most `limit_ms` (0: as long as any command may take); a late
        answer or a doubtful line is settled, what is owed is done, a module that may be asleep is
        woken. `InUse` (ETIMEDOUT: another caller had it, EBUSY: this is a hook's call)."""
        if self.keep_going and not callable(self.keep_going):
            raise TypeError("keep_going")
        if self.hooked or not self.lock.take():
            began = self.port.ticks_ms()
            self.lock.acquire(self, limit_ms or _BUSY_MS)
            if limit_ms:
                limit_ms = self.remaining(limit_ms, began)
        if self.state != _IDLE or self.suspect or self.restarted or self.debts or self.dozing():
            try:
                from .resync import settle

                settle(self, limit_ms or _TIMEOUT_MS)
            except BaseException:
                self.lock.release()
                raise

    def release(self) -> None:
        self.lock.held = False

    def owe(self, function, *arguments) -> None:
        """Have `function(*arguments)`, a coroutine function, called with the channel held before
        the next command, whoever sends that. It looks for itself whether it is still needed; what
        the module refuses is dropped, what was given up is tried again."""
        self.debts.append([function, arguments, 0])

    def pay(self, limit_ms: int = 0) -> None:
        """Do now what is owed."""
        self.acquire(limit_ms)
        self.release()

    def dozing(self) -> bool:
        """Whether the module may be asleep by now."""
        limit = self.doze_ms
        if not limit or self.asleep:
            return self.asleep
        return self.elapsed(self.since) >= limit  # some firmware counts from what it received

    def poll(self) -> None:
        """Take what has arrived without waiting; URC handlers run. Allocates nothing."""
        if self.state == _IDLE:
            self.pump()
        elif self.abandoned and not self.hooked:
            self.step()

    def elapsed(self, since: int) -> int:
        """Milliseconds since `since`, a value of `port.ticks_ms()`; very many if days have passed
        and the clock has gone round."""
        ms = self.port.ticks_diff(self.port.ticks_ms(), since)
        return ms if ms >= 0 else _AGES_MS

    def remaining(self, limit_ms: int, since: int) -> int:
        """What is left of `limit_ms` for a command whose caller has waited since `since`."""
        return max(_LEAST_MS, limit_ms - self.elapsed(since))

    def pause(self, ms: int) -> None:
        """Let `ms` pass; `sleep` may be woken by a byte."""
        began = self.port.ticks_ms()
        while True:
            left = ms - self.elapsed(began)
            if left <= 0:
                return
            self.poll()
            self.proceed("pause")
            # An exchange whose caller has given up goes on meanwhile.
            self.sleep(left if self.state == _IDLE else min(left, _LOOK_MS))

    def proceed(self, what: str) -> None:
        """To be called in every wait: raises `Cancelled` if the application says so. What its hook
        raises ends the operation, too, but not while that is being cleaned up."""
        if self.keep_going:
            try:
                on = self.ask_hook(self.keep_going)
            except Exception:
                if not self.firm:
                    raise
                return
            if on is False and not self.firm:
                raise Cancelled(_ECANCELED, what)

    def ask_hook(self, hook, *told):
        """What a hook of the application answers. While it runs it cannot use the modem, and is
        not called again: `InUse` (EBUSY)."""
        if self.hooked:
            return None
        self.hooked = True
        try:
            return hook(*told)
        finally:
            self.hooked = False

    # ---- one exchange -----------------------------------------------------------------------

    def execute(self, timeout_ms: int = _TIMEOUT_MS, max_ms: int = 0) -> None:
        """Run the exchange that was planned, or go on with one that payload_stream.py has fed.

        `timeout_ms` is how long the caller waits, `max_ms` the longest the module may take: until
        then nothing else is sent after a time-out, so that a late answer is never taken for
        another's. Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`.
        """
        if self.state == _IDLE:
            self.launch()
        began = self.since
        try:
            while True:
                ms = self.step()
                if ms < 0:
                    break
                if self.elapsed(began) >= timeout_ms:
                    from ...core.error_text import heard

                    raise CommandTimeout(_ETIMEDOUT, self.title(), timeout_ms, heard(self))
                if self.keep_going:
                    self.proceed(self.title())
                self.sleep(ms)
        except BaseException:  # a cancelled task or Ctrl-C leaves the module answering, too
            self.late_ms = max(max_ms, timeout_ms, _TIMEOUT_MS)
            self.abandon()
            raise
        outcome = self.outcome
        if outcome == _FAILED:
            raise CommandError(_EIO, self.title(), self.code)
        if outcome == _RESET:
            raise ModuleReset(_ECONNRESET, self.title())
        if outcome != _OK and outcome != _CONNECTED:
            raise self.garbled("bytes lost or doubled")

    def garbled(self, why: str) -> ModemError:
        """The answer does not fit: before the next command the module is asked how things are."""
        self.suspect = True
        return Garbled(_EIO, self.title(), why)

    def __repr__(self) -> str:
        from ...core.error_text import state

        return "<Channel %s>" % state(self)

    def title(self) -> str:
        """The command in flight, for messages: its name, never its parameters."""
        return "AT" + str(self.tx.name, "utf-8")

    def passing(self, code: int) -> bool:
        """Whether a refusal with this +CME ERROR is one that passes: soon after a start the SIM is
        absent, failing, busy or wrong, for as long as it is not read (F3, F4)."""
        return code in _PASSING and self.elapsed(self.started) <= self.start_ms

    # ---- convenience, where allocating does not matter --------------------------------------

    def ask(
        self,
        name: bytes,
        *parts,
        timeout_ms=_TIMEOUT_MS,
        max_ms=0,
        shape=None,
        plain=False,
        secret=-1,
        least=0,
        abortable=False,
        guard=None,
        patient=True,
    ):
        """Run `AT<name>=<parts>` with the channel held; the answer lines as lists of fields.

        A part is an int, a string (or bytes, which are quoted as well) or None (left out); a read
        command has its question mark in `name`. Number `secret` is never shown. `plain`: whole
        lines, whatever they begin with. `least`: `Garbled` if a line has fewer fields. `guard`,
        `abortable`: see `Engine`. `patient`: ask again what is refused because the module, or its
        SIM, has just started; what was refused was not done.
        """
        began = self.port.ticks_ms()
        left = timeout_ms
        while True:
            line = self.start(name)
            for i in range(len(parts)):
                line.part(parts[i], i == secret)
            rows = self.rows = []
            self.shape = shape
            self.guard = guard
            self.abortable = abortable
            self.handler = self._collect
            if plain:
                self.name = None
            try:
                self.execute(left, max_ms)
                break
            except CommandError as error:
                late = self.elapsed(began) + _AGAIN_MS >= timeout_ms
                code = error.code
                if code == 3 and plain and name[:2] == b"+C":  # what it means of a card (F3)
                    code = 14
                if late or not patient or not self.passing(code) or name[:5] == b"+CPIN":
                    raise
            self.pause(_AGAIN_MS)
            left = self.remaining(timeout_ms, began)
        self.rows = None
        for row in rows:
            if len(row) < least:
                raise self.garbled("fields are missing")
        return rows

    def _collect(self, lexer) -> None:
        self.rows.append(lexer.fields() if self.name else lexer.whole())

    def command(self, name: bytes, *parts, limit_ms=0, **options):
        """`ask` in our turn: the answer lines as lists of fields. The wait for the turn and the
        command together take no more than `limit_ms`, else than `timeout_ms`, where given; the
        command alone takes no more than `timeout_ms` in any case."""
        most = options.get("timeout_ms", 0)
        limit = limit_ms or most
        most = most or _TIMEOUT_MS
        began = self.port.ticks_ms()
        self.acquire(limit)
        try:
            if limit:
                options["timeout_ms"] = min(most, self.remaining(limit, began))
            return self.ask(name, *parts, **options)
        finally:
            self.release()

    def row(self, least: int, name: bytes, *parts, **options):
        """`command` for an answer of one line, with at least so many fields; `Garbled` if not."""
        for row in self.command(name, *parts, least=least, **options):
            return row
        raise self.garbled("no answer line")


# ---- commands that may take minutes -------------------------------------------------------------
#
# Commands that may take minutes, sent without waiting for their answer.

_WAITING = const(3)  # state of the engine: the line is out
_OUT_MS = const(10000)  # until the line is out, noise or not


def send_off(channel, max_ms: int, name: bytes, *parts, limit_ms=0, guard=None) -> None:
    """Send a command in our turn, which is waited for `limit_ms` at most, and do not wait for its
    answer, which may take `max_ms`. `guard`: see `Engine`.

    `channel.poll()` takes the answer and `accepted()` then tells it; whoever needs the channel
    before that waits for it.
    """
    channel.acquire(limit_ms)
    try:
        line = channel.start(name)
        for part in parts:
            line.part(part)
        channel.guard = guard
        channel.launch()
        began = channel.since
        while channel.state < _WAITING and not channel.outcome:
            if channel.elapsed(began) > _OUT_MS:
                raise channel.garbled("the line does not fall silent")
            channel.proceed(channel.title())
            channel.sleep(max(1, channel.step()))
    finally:
        channel.late_ms = 2 * max_ms  # some modules are slower than they are said to be (F13)
        channel.abandon()
        channel.release()


def accepted(channel, name: bytes) -> bool:
    """Whether the command sent off last was `name` and was answered OK. `CommandError` if it was
    refused."""
    if channel.tx.name != name:
        return False
    if channel.outcome == _FAILED:
        raise CommandError(_EIO, channel.title(), channel.code)
    return channel.outcome == _OK
