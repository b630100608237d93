"""How connections are secured: security profiles (+USECPRF). A5 3.2, 3.4, A10 3.2, 3.4."""

from ..core.command import sendable
from ..core.compat import const
from ..core.errors import CommandError, ModemError, NotSupported
from ..core.tls_settings import (
    certificates,
    level_of,
    pinning,
    shared_key,
    version_of,
)
from .resolver import is_address

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
_IDLE = const(0)  # state of the engine

_PATIENCE_MS = const(120000)  # longer than a handshake

_EBUSY = const(16)
_EOPNOTSUPP = const(95)


def profile(
    security, number=None, *, ca=None, cert=None, key=None, key_password=None, hostname=None,
    sni=None, verify=None, min_version="1.2", ciphers=None, psk=None, psk_identity=None,
    root_of_trust=False, pinned=None, resume=None, session=None, alpn=None,
):  # fmt: skip
    """A profile to connect by; nothing is sent before it is used. Certificates and keys are named
    as they were stored.

    `number`: 0 to 4, replaces the one that had it; None: the one that was made of the same wishes,
    else the lowest nobody uses, `OSError(EBUSY)` if there is none. `ca`: the root certificate the
    server must descend from, True for any the module has. `cert`, `key`, `key_password`: our own.
    `verify`: "full" (chain of certificates, host name, dates), "host" (without dates), "chain"
    (any name), "none"; by default "full", or "none" where only a shared key is used, which proves
    as much. `hostname`: in the server's certificate; None: the host that is connected to. `sni`:
    the name told to the server, None the same unless it is an address, "" none. `min_version`:
    "1.0" to "1.3", None or "any"; whether "1.3" is taken depends on the firmware. `ciphers`: an
    IANA name, four hexadecimal digits or u-blox's number, on SARA-R5 also several. `psk`,
    `psk_identity`: a string of at most 64 and 128 characters, or as many bytes, which travel as
    hexadecimal digits. `root_of_trust`: a key of SARA-R5's own. `pinned`: (name of a certificate,
    0 to 2), see core/tls_settings.py.

    `resume`: "plain", or "encrypted" by the module: later connections to the same host by this
    profile resume the TLS session, and so may another profile that is given `session`, the
    `session` of this one. On SARA-R5 the data come in a line of up to 200 characters, in the
    encrypted form perhaps more: a line above `rx_size` is lost, and counted in
    `channel.lexer.overlong`.

    Raises `ValueError`, `TypeError`, `NotSupported` for what the module has not.
    """
    if alpn is not None:  # which operation it is, no document tells
        raise NotSupported(_EOPNOTSUPP, security.modem.name, "documented way to set ALPN")
    plain, encrypted, asks, lists, trust = security.modem.profile_traits()
    if root_of_trust and not trust:
        raise NotSupported(_EOPNOTSUPP, security.modem.name, "PSK of the root of trust")
    level = level_of(verify, ca, psk is not None or root_of_trust)
    settings = version_of(min_version)
    if ciphers is not None:
        from ..core.ciphers import settings as of_ciphers

        settings += of_ciphers(ciphers, lists)
    settings += certificates(ca, cert, key, key_password)
    settings += shared_key(psk, psk_identity, root_of_trust)
    settings += pinning(pinned)
    if hostname:
        sendable(hostname, _LONGEST_HOST)
    if sni:
        sendable(sni, _LONGEST_SNI)
    made = Profile(security, level, settings, hostname, sni)
    if session is not None or resume is not None:
        from .resuming import prepare

        made.asks = asks
        prepare(made, resume, session, (plain, encrypted))
    if number is None:
        for other in security.profiles:
            if other is not None and other.alike(made):
                return other
    made.number = _number(security, number)
    security.profiles[made.number] = made
    return made


def _number(security, number) -> int:
    profiles = security.profiles
    if number is None:
        for number in range(len(profiles)):
            if profiles[number] is None:
                return number
        raise ModemError(_EBUSY, "all 5 profiles are in use: release() one, or say number=")
    if not isinstance(number, int):
        raise TypeError("number: 0 to 4")
    if not 0 <= number < len(profiles):
        raise ValueError("number: 0 to 4")
    return number


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
        key: Any
        offered: bytes | None
        host: str | None
        traits: Any
        number: int

    def __init__(self, security, level: int, settings, hostname, sni):
        self.security = security
        self.number = -1
        self.level = level
        self.fixed = settings
        self.hostname = hostname
        self.sni = sni
        self.resume = self.session = self.resumed = None
        self.key = self.offered = self.host = None
        self.busy = 0  # connections being made by it
        self.aim = None  # to which host
        self.asks = False
        self.traits = (0, 0)

    def __repr__(self) -> str:
        return "<security profile %d>" % self.number

    def alike(self, other) -> bool:
        """Whether both say the same, so that one will do."""
        return not other.session and (
            self.level, self.fixed, self.hostname, self.sni, self.resume
        ) == (other.level, other.fixed, other.hostname, other.sni, other.resume)  # fmt: skip

    # ---- to the module ------------------------------------------------------------------------

    def in_place(self, host: str = "") -> bool:
        """Whether the module has this profile, for a connection to `host`."""
        placed = self.security.placed[self.number] is self
        return placed and self.key == (host, self._offer(host))

    def _offer(self, host: str):
        """The session to be resumed with a host: only one that was made with it."""
        return self.session if self.host is None or self.host == host else None

    async def hold(self, host: str = "") -> None:
        """`apply`, and nobody else changes it before `let_go()`: who wants it for another host
        waits. `OSError(EBUSY)` after two minutes."""
        channel = self.security.modem.channel
        began = channel.port.ticks_ms()
        while self.busy and self.aim != host:
            if channel.elapsed(began) > _PATIENCE_MS:
                raise ModemError(_EBUSY, "security profile %d serves %s" % (self.number, self.aim))
            channel.poll()
            channel.proceed("security profile")
            await channel.sleep(20)
        sleeper = self.security.modem.sleeper
        if not self.busy and sleeper is not None and sleeper.deep:
            self.lost()  # a sleep nobody has noticed may have taken it, and what it verifies
        self.busy += 1
        self.aim = host
        try:
            await self.apply(host)
        except BaseException:
            self.let_go()
            raise

    def let_go(self) -> None:
        """The connection stands, or has failed."""
        self.busy -= 1

    def check(self, host: str) -> None:
        """Right before the module is told to connect by it: it still has this profile, for this
        host. `ModemError(EBUSY)`."""
        if not self.in_place(host):
            raise ModemError(_EBUSY, "security profile %d is not what it was" % self.number)

    async def apply(self, host: str = "") -> None:
        """Let the module have this profile for the next connection to `host`; sends nothing if
        it has. Reset first; what fails midway counts as not there, and is done anew next time.

        A profile serves one host at a time: for connections to several hosts that are made at
        once, make several, with numbers. `ValueError`, `CommandError` that names the setting.
        """
        if self.in_place(host):
            return
        security = self.security
        offer = self._offer(host)
        settings = self._settings(host, offer)
        channel = security.modem.channel
        await channel.acquire()
        try:
            security.placed[self.number] = None
            await channel.ask(b"+USECPRF", self.number)
            for setting in settings:
                await _set(channel, self.number, setting)
            if self.level:
                await _confirm(channel, self.number, self.level)
            self.key = (host, offer)
            self.offered = offer
            self.host = host
            self.resumed = None
            security.placed[self.number] = self
        finally:
            channel.release()

    def _settings(self, host: str, offer) -> list:
        """All that is to be set, in the order of the seeds; the host name in front of a level
        that wants it, as u-blox's own library has it (ubxlib 4.7)."""
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
                from .resuming import setting

                found.append(setting(offer))
        return found

    def lost(self) -> None:
        """The module does not have it any more."""
        if self.security.placed[self.number] is self:
            self.security.placed[self.number] = None

    def release(self) -> None:
        """Its number may be used for another one."""
        self.lost()
        if self.security.profiles[self.number] is self:
            self.security.profiles[self.number] = None

    async def read_back(self) -> dict:
        """What the module says it has, by the names of `profile()`; see readback.py."""
        from .readback import read_back

        return await read_back(self.security, self.number)

    # ---- from the module ----------------------------------------------------------------------

    def told(self, line) -> None:
        """A URC of resumption, from the tag on."""
        if self.resume:
            from .resuming import told

            told(self, line)

    async def collect(self) -> None:
        """Behind a handshake: fetch the data of the session, where they do not come by
        themselves. Without resumption nothing is asked."""
        if self.resume and self.asks:
            from .resuming import collect

            await collect(self)


async def _set(channel, number: int, setting) -> None:
    """One setting, with the channel held."""
    operation = setting[0]
    size = 48 + sum([len(part) * 2 for part in setting if isinstance(part, str)])
    keep = channel.tx.buf
    if size > len(keep):
        from ..core.widen import wide_command

        wide_command(channel.tx, size)
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
    try:
        await channel.execute()
    except CommandError as error:
        from .readback import refused

        raise refused(error, operation)
    finally:
        if channel.state == _IDLE:
            channel.tx.buf = keep


async def _confirm(channel, number: int, level: int) -> None:
    """The line has no check sum, and what else could be damaged on it lets a connection fail: a
    lower level would let one succeed. Firmware that does not tell is believed."""
    try:
        rows = await channel.ask(b"+USECPRF", number, _LEVEL, shape=_of_level)
    except CommandError:
        return
    if rows != [[number, _LEVEL, level]]:
        raise channel.garbled("another validation level than was set")


def _of_level(lexer) -> bool:
    lexer.number()
    return lexer.number() == _LEVEL


def _never(_lexer) -> bool:
    return False
