# Generated from aio/security/tls_profile.py by tools/generate. Do not edit.
"""Settings of secure connections: security profiles (+USECPRF). A5 3.2, 3.4, A10 3.2, 3.4.

A profile must not change while a connection is being made with it: for a moment it would verify
nothing. So every use goes through `hold()` and `let_go()`, and nothing else writes one.
"""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ...wait_blocking import TASKS, nudge
from .. import forget
from ..at import Lock
from ..network.dns import is_address

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LEVEL = const(0)  # operations of +USECPRF
_PASSWORD = const(7)
_PSK = const(8)
_HOST = const(4)
_SNI = const(10)
_RESUMPTION = const(13)

_CHECKS_HOST = const(2)  # from this validation level on
_LONGEST_HOST = const(256)
_LONGEST_SNI = const(128)

_PATIENCE_MS = const(120000)  # longer than a handshake
_LOOK_MS = const(20)

_EBUSY = const(16)


class Profile:
    """Made by `modem.security.profile()`. `number`: the module's. `resume`: "plain", "encrypted"
    or None. `session`: the newest data of a session, bytes to be stored like a password and passed
    to `profile(session=…)` after a sleep or a restart; None while there are none.

    `resumed`: whether the last connection resumed a session, None if that is not known. SARA-R5
    reports the data of every session: the same data again means that it was resumed (A5 3.4).
    LEXI-R10 does not report it; False here means that there was nothing to resume, True that the
    server sent no new ticket, as it would for a new session, None that it sent one (A10 3.4.1).
    """

    if TYPE_CHECKING:
        resume: str | None
        session: bytes | None
        resumed: bool | None
        origin: str | None
        key: Any
        offered: bytes | None
        host: str | None
        aim: str | None
        traits: Any

    def __init__(self, security, level: int, settings, hostname, sni):
        self.security = security
        self.level = level
        self.fixed = settings
        self.hostname = hostname
        self.sni = sni
        self.at = -1  # its number; below 0: none at present
        self.loan = False  # another profile may get its number, see tls_profile_options.py
        self.used = self.wanted = 0  # time of the last use; number of waiting users
        self.busy = 0  # connections being made with it
        self.left = []  # those whose caller was cancelled, perhaps still running
        self.aim = None  # the host of these
        self.key = None  # the host for which it was written, and the session it offers
        self.host = self.offered = None  # the same for the last connection
        self.resume = self.session = self.resumed = None
        self.origin = None  # the host with which the session was made
        self.asks = self.due = False  # whether the session data must be queried
        self.traits = (0, 0)

    def __repr__(self) -> str:
        return "<security profile %d>" % self.at

    @property
    def number(self) -> int:
        """0 to 4. Once it has been read it does not change any more."""
        self.loan = False
        return self._number()

    def _number(self) -> int:
        if self.at < 0:
            from .tls_profile_options import place

            place(self)
        return self.at

    def alike(self, other) -> bool:
        """Whether both have the same settings, so that one is enough."""
        return not other.session and (
            self.level, self.fixed, self.hostname, self.sni, self.resume
        ) == (other.level, other.fixed, other.hostname, other.sni, other.resume)  # fmt: skip

    # ---- use ------------------------------------------------------------------------------------

    def available(self, host: str = "") -> bool:
        """Whether `hold(host)` would not have to wait."""
        number = self._number()
        door = self.security.doors[number]
        return self._free(number, host) and (door is None or not door.held)

    def _free(self, number: int, host: str) -> bool:
        """Whether the number is not in use, or in use with these settings for this host."""
        user = self.security.users[number]
        return user is None or user.settled() or (user is self and self._stands(host))

    def hold(self, host: str = "", limit_ms: int = _PATIENCE_MS) -> None:
        """Place this profile in the module for a connection to `host`; it does not change before
        `let_go()`. Another use of its number waits, at most `limit_ms`: `OSError(EBUSY)`,
        ETIMEDOUT. Sends nothing if the module has the profile. If this fails midway the profile
        is written again next time.

        `ValueError`, `TypeError`; `CommandError` that names the setting.
        """
        self._settings(host, None)  # whether it can be sent at all
        security = self.security
        channel = security.modem.channel
        number = self._number()
        door = security.doors[number]
        if door is None:
            door = security.doors[number] = Lock()
        began = channel.port.ticks_ms()
        self.wanted += 1
        try:
            door.acquire(channel, limit_ms, "security profile %d" % number)
            try:
                self._wait(number, host, began, limit_ms)
                security.users[number] = self
                self.busy += 1
                self.aim = host
                try:
                    self._place(host)
                except BaseException:
                    self.let_go()
                    raise
            finally:
                door.release()
        finally:
            self.wanted -= 1

    def _wait(self, number: int, host: str, began: int, limit_ms: int) -> None:
        """Wait until the number is free."""
        security = self.security
        modem = security.modem
        channel = modem.channel
        while not self._free(number, host):
            user = security.users[number]
            pool = modem.loaded.get("socket_pool")
            attempt = None if pool is None else pool.connecting
            if attempt is not None and (attempt.held is not user or attempt.busy):
                attempt = None
            # Without tasks its user is a non-blocking socket, which is advanced here; or this is a
            # hook's call within its user, and would wait in vain.
            hopeless = not TASKS and attempt is None and not user.left
            if hopeless or channel.elapsed(began) >= limit_ms:
                raise ModemError(_EBUSY, "security profile %d serves %s" % (number, user.aim))
            channel.poll()
            channel.proceed("security profile")
            if attempt is not None:
                nudge(attempt)
            channel.sleep(_LOOK_MS)
        if not self.busy and modem.sleeper is not None and modem.sleeper.deep:
            self.lost()  # an unnoticed deep sleep may have cleared it
        security.turn += 1
        self.used = security.turn

    def let_go(self, still=None) -> None:
        """The connection is open, or has failed. `still`: a function that returns whether the
        module is still connecting after its caller was cancelled; until then the profile does not
        change (two minutes at most)."""
        if still is not None and still():
            self.left.append((still, self.security.modem.channel.port.ticks_ms()))
            return
        self.busy -= 1
        if not self.busy:
            self.security.users[self.at] = None

    def settled(self) -> bool:
        """Whether no connection is being made with it, cancelled ones included."""
        channel = self.security.modem.channel
        for one in self.left[:]:
            if not one[0]() or channel.elapsed(one[1]) > _PATIENCE_MS:
                self.left.remove(one)
                self.let_go()
        return not self.busy

    def check(self, host=None) -> None:
        """The holder passes this as `guard` to the command that connects: right before that is
        sent, the module must still have the profile, for `host` (None: the host of `hold()`).
        `ModemError(EBUSY)`."""
        if not self.stands() or host not in (None, self.aim):
            raise ModemError(_EBUSY, "security profile %d has changed" % self.at)
        self.host, self.offered = self.key

    def stands(self) -> bool:
        """Whether the module has had the profile ever since `hold()`: checked again when the
        connection is open."""
        return self.busy > 0 and self._stands(self.aim)

    def _stands(self, host) -> bool:
        return self.at >= 0 and self.security.placed[self.at] is self and self.key[0] == host

    # ---- to the module ------------------------------------------------------------------------

    def in_place(self, host: str = "") -> bool:
        """Whether the module has this profile, for a connection to `host`."""
        return self._stands(host) and self.key == (host, self._offer(host))

    def _offer(self, host: str):
        """The session to resume with a host: only a session that was made with this host."""
        return self.session if self.origin == host else None

    def apply(self, host: str = "") -> None:
        """`hold()` and `let_go()`, for a connection that is made by other means: the next host
        may change the profile.

        A profile serves one host at a time: for simultaneous connections to several hosts define
        several profiles, with numbers.
        """
        self.hold(host)
        try:
            self.check()
        finally:
            self.let_go()

    def _place(self, host: str) -> None:
        """Reset and write the profile."""
        if self.in_place(host) or (self.busy > 1 and self._stands(host)):
            return
        security = self.security
        number = self.at
        before = security.placed[number]
        if before is not None and before.due:  # a ticket that would be lost
            before.due = False
            before.collect()
        offer = self._offer(host)
        settings = self._settings(host, offer)
        channel = security.modem.channel
        channel.acquire()
        try:
            security.placed[number] = None
            channel.ask(b"+USECPRF", number)
            for setting in settings:
                _set(channel, number, setting)
            if self.level:
                _confirm(channel, number, self.level)
            self.key = (host, offer)
            self.resumed = None
            security.placed[number] = self
            forget("security.tls_profile_options", "/core.tls_settings")
        finally:
            channel.release()

    def _settings(self, host: str, offer) -> list:
        """All settings to write, in the order of the seeds; the host name before a level that
        needs it, as in u-blox's own library (ubxlib 4.7)."""
        if not isinstance(host, str):
            raise TypeError("host: string wanted")
        name = self.hostname or host
        found = []
        if self.level >= _CHECKS_HOST and not name:
            raise ValueError("hostname: required for this verification")
        if self.hostname or self.level >= _CHECKS_HOST:
            sendable(name, _LONGEST_HOST)
            found.append((_HOST, name))
        found.append((_LEVEL, self.level))
        found += self.fixed
        sni = self.sni
        if sni is None and name and not is_address(name):
            sni = name
        if sni:
            sendable(sni, _LONGEST_SNI)
            found.append((_SNI, sni))
        if self.resume:
            found += [(_RESUMPTION, 0, 1), (_RESUMPTION, 1, self.traits[0])]
            if offer:
                from .tls_resumption import setting

                found.append(setting(offer))
        return found

    def lost(self) -> None:
        """The module does not have the profile any more."""
        if self.at >= 0 and self.security.placed[self.at] is self:
            self.security.placed[self.at] = None

    def release(self) -> None:
        """Release its number for another profile. `OSError(EBUSY)` while a connection is being
        made with it."""
        if not self.settled():
            raise ModemError(_EBUSY, "security profile %d serves %s" % (self.at, self.aim))
        self.lost()
        if self.at >= 0 and self.security.profiles[self.at] is self:
            self.security.profiles[self.at] = None

    def read_back(self) -> dict:
        """The settings as the module reports them, by the names of `profile()`; see
        tls_profile_options.py."""
        from .tls_profile_options import read_back

        return read_back(self.security, self.number)

    # ---- from the module ----------------------------------------------------------------------

    def told(self, line) -> None:
        """A URC of resumption, from the tag on."""
        if self.resume:
            from .tls_resumption import told

            told(self, line)

    def collect(self) -> None:
        """After a handshake: fetch the data of the session, if the module does not send them by
        itself. Without resumption nothing is queried."""
        if self.resume and self.asks:
            from .tls_resumption import collect

            collect(self)


def _set(channel, number: int, setting) -> None:
    """One setting, with the channel held."""
    operation = setting[0]
    size = 48 + sum([len(part) * 2 for part in setting if isinstance(part, str)])
    over = None
    if size > len(channel.tx.buf):
        from ...core.tls_session import wide_command

        over = wide_command(channel, size)
    try:
        line = channel.start(b"+USECPRF")
        channel.shape = _never  # the same name may begin a URC
        line.number(number)
        line.number(operation)
        start = line.size
        for part in setting[1:]:
            line.part(part)
        if operation in (_PASSWORD, _PSK) or (operation == _RESUMPTION and len(setting) > 3):
            line.hidden = start + 1
            line.shown_to = line.size
        channel.execute()
    except CommandError as error:
        from .tls_profile_options import refused

        raise refused(error, setting)
    finally:
        if over is not None:
            over()


def _confirm(channel, number: int, level: int) -> None:
    """The line has no check sum. Other damaged settings make a connection fail, but a lower level
    would let it succeed. Firmware that does not report the level is not checked."""
    try:
        rows = channel.ask(b"+USECPRF", number, _LEVEL, shape=_of_level)
    except CommandError:
        return
    if rows != [[number, _LEVEL, level]]:
        raise channel.garbled("another validation level than was set")


def _of_level(lexer) -> bool:
    lexer.number()
    return lexer.number() == _LEVEL


def _never(_lexer) -> bool:
    return False
