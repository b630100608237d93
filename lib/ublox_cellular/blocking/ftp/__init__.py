# Generated from aio/ftp/__init__.py by tools/generate. Do not edit.
"""FTP by the module's own client: its session, and one operation at a time. A5 9, at-commands 8.

session.py begins and ends a session and has what changes the server's directories, listing.py
what lists them, transfer.py what moves files.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError, ModuleReset
from .. import entry, lazily
from ..at import Lock
from ..sockets.socket import nap

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ...core.ftp_errors import FtpError
    from ..security.tls_profile import Profile

_FUNCTIONS = (
    "session connect close quit cwd pwd mkdir mkd rmdir rmd delete rename \n"
    "listing ilistdir listdir nlst dir size stat \n"
    "link open \n"
    "transfer get put retrbinary storbinary \n"
)
_LOGOUT = const(0)
_LOGIN = const(1)
_GET_LINK = const(6)
_PUT_LINK = const(7)

_LOST_MS = const(2000)  # the module's own word for a lost connection comes first
_ANSWER_MS = const(10000)
_MARGIN_MS = const(20000)  # beyond the module's own time-out
_ENDLESS_MS = const(180000)  # where that is switched off
_CLEAR_MS = const(5000)

_OF_ORDER = (1, 2, 3, 4, 33, 34, 35, 38, 40)  # what has nothing to do with the data connection

_FAILED = const(2)  # outcome of the engine

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


class Ftp:
    """`modem.ftp`: one session with a server; SARA-R5 only. Methods have the names of CPython's
    `ftplib` where they do the same.

    `connected`: whether the session is there, as far as is known. `timeout_s`: after how many
    seconds without progress the module gives up; the driver waits 20 s longer for its word, unless
    an operation is given a `timeout_ms` of its own. `md5`: what the module reported with the last
    transfer, "" if it did not.

    The module does one operation at a time; other callers wait. While a list is read or a file
    is open no other command of the modem runs: `close()` them soon.

    Operations raise `FtpError` with the module's class and code or the server's reply,
    `FtpTimeout`, `CommandError`, `ModuleReset`, `InUse`, and `OSError(ECONNRESET)` if the data
    connection is lost.
    """

    if TYPE_CHECKING:
        op: int | None
        result: int | None
        settings: dict[int, Any]
        tls: Profile | None

        from ..ftp.link import open as open
        from ..ftp.listing import dir as dir
        from ..ftp.listing import ilistdir as ilistdir
        from ..ftp.listing import listdir as listdir
        from ..ftp.listing import nlst as nlst
        from ..ftp.listing import size as size
        from ..ftp.listing import stat as stat
        from ..ftp.session import close as close
        from ..ftp.session import connect as connect
        from ..ftp.session import cwd as cwd
        from ..ftp.session import delete as delete
        from ..ftp.session import mkd as mkd
        from ..ftp.session import mkdir as mkdir
        from ..ftp.session import pwd as pwd
        from ..ftp.session import quit as quit
        from ..ftp.session import rename as rename
        from ..ftp.session import rmd as rmd
        from ..ftp.session import rmdir as rmdir
        from ..ftp.transfer import get as get
        from ..ftp.transfer import put as put
        from ..ftp.transfer import retrbinary as retrbinary
        from ..ftp.transfer import storbinary as storbinary

    def __init__(self, modem):
        self.modem = modem
        self.channel = modem.channel
        self.lock = Lock()
        self.connected = False
        self.doubted = True  # perhaps the module is logged in, by an earlier program or attempt
        self.timeout_s = 60
        self.settings = {}  # settings the module has from us, by operation of +UFTP
        self.tls = None
        self.host = ""
        self.path = "."
        self.life = 0  # counts the restarts of the module
        self.op = None  # of the +UFTPC the module is at
        self.linked = None  # weak reference to the file that is open along the line
        self.result = None  # of its +UUFTPCR
        self.md5 = ""
        self.began = self.limit_ms = 0  # when the operation began, how long it may take
        self.claim = None  # of the module's file that an operation given up may still be at
        self.listing = False  # the exchange in flight is a list: +UUFTPCR ends it
        modem.channel.on_urc(b"+UUFTPCR", self._done)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            return lazily(self, entry(_FUNCTIONS, name), name, "ftp.")

    @property
    def tls_sessions(self) -> int:
        """Of the module's, in use: the control channel's and one for data."""
        return 2 if self.connected and self.tls is not None else 0

    def _done(self, line) -> None:
        op = line.number()
        result = line.number()
        if result not in (0, 1) or op is None:
            return
        if op == self.op:
            self.op = None
            self.result = result
            self.md5 = line.text()
            file = self.linked and self.linked()
            if file and file.op == op:  # its own, whatever operation comes next
                file.result = result
                file.sum = self.md5
            if self.listing:
                from ..at.payload_stream import listened

                self.listing = False
                listened(self.channel)
        if op == _LOGOUT and result and self.connected:  # unasked, or so it seems
            self.connected = False
            self.doubted = True

    def lost(self) -> None:
        """The module has restarted: session and settings are lost."""
        self.life += 1
        self.op = None
        self.listing = self.connected = False
        self.doubted = True
        self.settings.clear()
        self.path = "."

    # ---- for the functions of the service -----------------------------------------------------

    def patience(self, timeout_ms) -> int:
        """How long an operation may take; `TypeError`, `ValueError`."""
        if timeout_ms is None:
            if not self.timeout_s:
                return _ENDLESS_MS
            return self.timeout_s * 1000 + _MARGIN_MS
        if not isinstance(timeout_ms, int):
            raise TypeError("timeout_ms: an integer or None wanted")
        if timeout_ms < 1:
            raise ValueError("timeout_ms: 1 or more wanted")
        return timeout_ms

    def begin(self, op: int, parts, limit_ms: int, began: int, plan=None) -> None:
        """Have the module begin an operation; `plan(channel)` may add to the exchange. The channel
        is held afterwards where there is a plan. Our `lock` is held by the caller."""
        channel = self.channel
        life = self.life
        self._idle(limit_ms, began)
        channel.acquire(channel.remaining(limit_ms, began))
        try:
            if op in (_GET_LINK, _PUT_LINK):  # the module stays awake until the channel is free
                from ..at.data_mode import keep_awake

                keep_awake(self.modem)
            tls = self.tls if self.connected or op == _LOGIN else None

            def launch() -> None:
                """After the pause, in which a restart may be noticed."""
                if life != self.life:
                    raise ModuleReset(_ECONNRESET, self.named(op))
                self.session(op)
                if tls is not None and tls.busy:
                    tls.check(self.host)
                self.op = op
                self.result = None
                self.md5 = ""
                self.began = channel.port.ticks_ms()
                self.limit_ms = limit_ms

            def kept(ended: bool) -> None:
                """Given up before the module has answered: a refusal ends the operation."""
                if ended and channel.outcome == _FAILED:
                    self.op = None

            self.session(op)
            line = channel.start(b"+UFTPC")
            line.number(op)
            for part in parts:
                line.part(part)
            channel.guard = launch
            channel.keeper = kept
            most = _ANSWER_MS
            if plan:
                most = max(most, limit_ms)
                plan(channel)
            try:
                channel.execute(min(most, channel.remaining(limit_ms, began)), most)
            except CommandError:
                self.op = None
                raise
            if not plan:
                self.result = None  # what came before this answer was of an earlier one
                self.op = op
        except BaseException:
            channel.release()
            raise
        if not plan:
            channel.release()

    def session(self, op: int) -> None:
        """Whether the operation makes sense now."""
        if op > _LOGIN and not self.connected:
            from ...core.ftp_errors import not_connected

            raise not_connected(self.named(op))

    def named(self, op: int) -> str:
        """The command, for messages."""
        return "AT+UFTPC=%d" % op

    def _idle(self, limit_ms: int, began: int) -> None:
        """Until the module is done with what an earlier caller has given up, or its time is
        over."""
        channel = self.channel
        if self.op in (_GET_LINK, _PUT_LINK):  # left open, and left by the next command
            channel.acquire(channel.remaining(limit_ms, began))
            channel.release()
            self.limit_ms = min(self.limit_ms, channel.elapsed(self.began))
        while self.op is not None:
            if channel.elapsed(self.began) >= self.limit_ms + _CLEAR_MS:
                self.op = None
                break
            if channel.elapsed(began) >= limit_ms:
                raise self.late(self.op, limit_ms)
            if channel.state or channel.suspect:  # a list that was left open
                channel.acquire(channel.remaining(limit_ms, began))
                channel.release()
            channel.poll()
            channel.proceed("ftp")
            channel.sleep(nap(channel.elapsed(began)))

    def late(self, op: int, ms: int) -> Exception:
        """The exception for an operation of which nothing is heard."""
        from ...core.ftp_errors import FtpTimeout

        return FtpTimeout(_ETIMEDOUT, self.named(op), ms, 0)

    def finish(self, op: int, limit_ms: int, began: int) -> None:
        """Wait for +UUFTPCR; raise if the operation has failed."""
        channel = self.channel
        network = self.modem.network
        sleeper = self.modem.sleeper
        life = self.life
        was_up = network.up
        lost = None
        if sleeper is not None:
            sleeper.busy += 1  # the line is silent, and yet the module is not idle
        try:
            while self.result is None:
                if life != self.life:
                    raise ModuleReset(_ECONNRESET, self.named(op))
                if channel.elapsed(began) >= limit_ms:
                    raise self.late(op, limit_ms)
                if was_up and not network.up and lost is None:
                    lost = channel.port.ticks_ms()
                if lost is not None and channel.elapsed(lost) > _LOST_MS:
                    self.connected = False
                    self.doubted = True
                    raise ModemError(_ECONNRESET, "the data connection was lost meanwhile")
                channel.poll()
                channel.proceed("ftp")
                if self.result is None:
                    channel.sleep(nap(channel.elapsed(began)))
        finally:
            if sleeper is not None:
                sleeper.busy -= 1
        if not self.result:
            raise self.failure(op)

    def act(self, op: int, parts=(), timeout_ms=None, secured: bool = False) -> None:
        """An operation from its order to its result. `secured`: it makes a data connection."""
        limit_ms = self.patience(timeout_ms)
        channel = self.channel
        began = channel.port.ticks_ms()
        if not self.lock.take():
            self.lock.acquire(channel, limit_ms, "the FTP client")
        try:
            self.guarded(secured, self._act, op, parts, limit_ms, began)
        finally:
            self.lock.release()

    def _act(self, op: int, parts, limit_ms: int, began: int) -> None:
        try:
            self.begin(op, parts, limit_ms, began)
        except CommandError as error:
            raise self.refused(op, error)
        self.finish(op, limit_ms, began)

    def guarded(self, secured: bool, function, *arguments) -> "Any":
        """`function(*arguments)`, with the security profile held if a connection is made by it.
        The last two arguments are how long it may take, and since when."""
        tls = self.tls if secured else None
        if tls is None:
            return function(*arguments)
        tls.hold(self.host, self.channel.remaining(arguments[-2], arguments[-1]))
        began = self.began
        try:
            result = function(*arguments)
        except BaseException:  # given up, the module may be at it all the same
            tls.let_go(lambda: self.op is not None and self.began != began)
            raise
        tls.let_go()
        return result

    # ---- why it failed ------------------------------------------------------------------------

    def failure(self, op: int) -> "FtpError":
        """The exception for an operation that has failed: +UFTPER says why."""
        from ...core.ftp_errors import OVER, ftp_error

        error_class = code = 0
        try:
            for row in self.channel.command(b"+UFTPER", timeout_ms=_ANSWER_MS):
                if len(row) > 1 and isinstance(row[0], int) and isinstance(row[1], int):
                    error_class, code = row[0], row[1]
        except CommandError:
            pass
        if error_class in (1, 8) and code in OVER:
            self.connected = False
            self.doubted = True
        error = ftp_error(self.named(op), error_class, code)
        if not error.reply and code not in _OF_ORDER:
            self.modem.network.trouble("FTP", error)
        return error

    def refused(self, op: int, error) -> Exception:
        """The exception for an order that was refused: +UFTPER may say more."""
        if error.command != "AT+UFTPC":
            return error
        found = self.failure(op)
        return found if found.code else error
