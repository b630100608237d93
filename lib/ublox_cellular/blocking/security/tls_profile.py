# Generated from aio/security/tls_profile.py by tools/generate. Do not edit.
"""How connections are secured: security profiles (+USECPRF). A5 3.2, 3.4, A10 3.2, 3.4.

A profile that a connection is being made by must not change under it: for a moment it would
verify nothing. So every use goes through `hold()` and `let_go()`, and nothing else writes one.
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
    or None. `session`: the newest data of a session, bytes to be kept like a password and given
    to `profile(session=…)` after a sleep or a restart; None while there are none.

    `resumed`: whether the last connection resumed a session, None if that is not known. SARA-R5
    tells the data of every session: the same again means that it was resumed (A5 3.4). LEXI-R10
    tells nothing; False here means that there was nothing to resume, True that the server gave no
    new ticket, which it would have done with a new session, None that it gave one (A10 3.4.1).
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
        self.loan = False  # its number may be given to another one, see tls_profile_options.py
        self.used = self.wanted = 0  # when it was used last; how many are at it
        self.busy = 0  # connections being made by it
        self.left = []  # of these, what callers have given up and the module perhaps has not
        self.aim = None  # to which host
        self.key = None  # the host for which it was written, and the session it offers
        self.host = self.offered = None  # the same of the connection that was begun last
        self.resume = self.session = self.resumed = None
        self.origin = None  # the host with which the session was made
        self.asks = self.due = False  # whether its data are to be asked for
        self.traits = (0, 0)

    def __repr__(self) -> str:
        return "<security profile %d>" % self.at

    @property
    def number(self) -> int:
        """0 to 4. Whoever reads it relies on it: from then on it stays the same."""
        self.loan = False
        return self._number()

    def _number(self) -> int:
        if self.at < 0:
            from .tls_profile_options import place

            place(self)
        return self.at

    def alike(self, other) -> bool:
        """Whether both say the same, so that one will do."""
        return not other.session and (
            self.level, self.fixed, self.hostname, self.sni, self.resume
        ) == (other.level, other.fixed, other.hostname, other.sni, other.resume)  # fmt: skip

    # ---- who uses it --------------------------------------------------------------------------

    def available(self, host: str = "") -> bool:
        """Whether `hold(host)` would not have to wait."""
        number = self._number()
        door = self.security.doors[number]
        return self._free(number, host) and (door is None or not door.held)

    def _free(self, number: int, host: str) -> bool:
        """Whether no connection is being made by the number, or one for which it is just right."""
        user = self.security.users[number]
        return user is None or user.settled() or (user is self and self._stands(host))

    def hold(self, host: str = "", limit_ms: int = _PATIENCE_MS) -> None:
        """Let the module have this profile for a connection to `host`, and nobody changes it
        before `let_go()`. Who wants its number for something else waits, at most `limit_ms`:
        `OSError(EBUSY)`, ETIMEDOUT. Sends nothing if the module has it. What fails midway counts
        as not there, and is done anew next time.

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
        """Until nobody else needs the number."""
        security = self.security
        modem = security.modem
        channel = modem.channel
        while not self._free(number, host):
            user = security.users[number]
            pool = modem.loaded.get("socket_pool")
            attempt = None if pool is None else pool.connecting
            if attempt is not None and (attempt.held is not user or attempt.busy):
                attempt = None
            # Without tasks its user is a socket that does not wait, which only we move on; or we
            # are a hook's call within what uses it, and would wait in vain.
            hopeless = not TASKS and attempt is None and not user.left
            if hopeless or channel.elapsed(began) >= limit_ms:
                raise ModemError(_EBUSY, "security profile %d serves %s" % (number, user.aim))
            channel.poll()
            channel.proceed("security profile")
            if attempt is not None:
                nudge(attempt)
            channel.sleep(_LOOK_MS)
        if not self.busy and modem.sleeper is not None and modem.sleeper.deep:
            self.lost()  # a sleep nobody has noticed may have taken it, and what it verifies
        security.turn += 1
        self.used = security.turn

    def let_go(self, still=None) -> None:
        """The connection stands, or has failed. `still`: whether the module is at it all the same,
        because its caller has given up; as long as that says so nobody changes the profile (two
        minutes at most)."""
        if still is not None and still():
            self.left.append((still, self.security.modem.channel.port.ticks_ms()))
            return
        self.busy -= 1
        if not self.busy:
            self.security.users[self.at] = None

    def settled(self) -> bool:
        """Whether no connection is being made by it, what callers have given up included."""
        channel = self.security.modem.channel
        for one in self.left[:]:
            if not one[0]() or channel.elapsed(one[1]) > _PATIENCE_MS:
                self.left.remove(one)
                self.let_go()
        return not self.busy

    def check(self, host=None) -> None:
        """Whoever holds it gives this to the command that connects as its `guard`: right before
        that goes out the module still has the profile, for `host` (None: the one it is held for).
        `ModemError(EBUSY)`."""
        if not self.stands() or host not in (None, self.aim):
            raise ModemError(_EBUSY, "security profile %d is not what it was" % self.at)
        self.host, self.offered = self.key

    def stands(self) -> bool:
        """Whether the module has had it ever since `hold()`: asked once more when the connection
        stands."""
        return self.busy > 0 and self._stands(self.aim)

    def _stands(self, host) -> bool:
        return self.at >= 0 and self.security.placed[self.at] is self and self.key[0] == host

    # ---- to the module ------------------------------------------------------------------------

    def in_place(self, host: str = "") -> bool:
        """Whether the module has this profile, for a connection to `host`."""
        return self._stands(host) and self.key == (host, self._offer(host))

    def _offer(self, host: str):
        """The session to be resumed with a host: only one that was made with it."""
        return self.session if self.origin == host else None

    def apply(self, host: str = "") -> None:
        """As `hold()` and `let_go()`, for a connection that is made by other means: the next host
        may find it changed.

        A profile serves one host at a time: for connections to several hosts that are made at
        once, make several, with numbers.
        """
        self.hold(host)
        try:
            self.check()
        finally:
            self.let_go()

    def _place(self, host: str) -> None:
        """Write it, reset first."""
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
        """All that is to be set, in the order of the seeds; the host name in front of a level
        that wants it, as u-blox's own library has it (ubxlib 4.7)."""
        if not isinstance(host, str):
            raise TypeError("host: string wanted")
        name = self.hostname or host
        found = []
        if self.level >= _CHECKS_HOST and not name:
            raise ValueError("hostname: wanted to verify by it")
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
        """The module does not have it any more."""
        if self.at >= 0 and self.security.placed[self.at] is self:
            self.security.placed[self.at] = None

    def release(self) -> None:
        """Its number may be used for another one. `OSError(EBUSY)` while a connection is being
        made by it."""
        if not self.settled():
            raise ModemError(_EBUSY, "security profile %d serves %s" % (self.at, self.aim))
        self.lost()
        if self.at >= 0 and self.security.profiles[self.at] is self:
            self.security.profiles[self.at] = None

    def read_back(self) -> dict:
        """What the module says it has, by the names of `profile()`; see tls_profile_options.py."""
        from .tls_profile_options import read_back

        return read_back(self.security, self.number)

    # ---- from the module ----------------------------------------------------------------------

    def told(self, line) -> None:
        """A URC of resumption, from the tag on."""
        if self.resume:
            from .tls_resumption import told

            told(self, line)

    def collect(self) -> None:
        """Behind a handshake: fetch the data of the session, where they do not come by
        themselves. Without resumption nothing is asked."""
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
    """The line has no check sum, and what else could be damaged on it lets a connection fail: a
    lower level would let one succeed. Firmware that does not tell is believed."""
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
