# Generated from aio/security/tls_profile_options.py by tools/generate. Do not edit.
"""What a security profile is made by: `modem.security.profile()`, and what `modem.ssl` borrows.
A5 3.2, A10 3.2.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError, NotSupported
from ...core.tls_settings import (
    LEVELS,
    VERSIONS,
    certificates,
    flag,
    host_of,
    level_of,
    pinning,
    shared_key,
    version_of,
)
from .tls_profile import Profile

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, TypedDict, Unpack

    class Options(TypedDict, total=False):
        ca: str | bool | None
        cert: str | None
        key: str | None
        key_password: str | None
        hostname: str | None
        sni: str | None
        verify: str | None
        min_version: str | None
        ciphers: Any
        psk: str | bytes | None
        psk_identity: str | bytes | None
        root_of_trust: bool
        pinned: tuple[str, int] | None
        resume: str | None
        session: bytes | None
        alpn: Any


_LONGEST_HOST = const(256)
_LONGEST_SNI = const(128)

_EBUSY = const(16)
_EOPNOTSUPP = const(95)


def profile(security, number: "int | None" = None, **wishes: "Unpack[Options]") -> Profile:
    """A profile to connect by; nothing is sent before it is used. Certificates and keys are named
    as they were stored.

    `number`: 0 to 4, replaces the one that had it, `OSError(EBUSY)` while a connection is being
    made by that; None: the one that was made of the same wishes, else the lowest nobody uses,
    `OSError(EBUSY)` if there is none. `ca`: the root certificate the server must descend from,
    True for any the module has. `cert`, `key`, `key_password`: our own.
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
    profile resume the TLS session, and so may another profile of the same wishes that is given
    `session`, the `session` of this one. In a resumed session no certificate is looked at: what
    was made with another host, by other wishes or by an earlier version of this driver is never
    offered, and the next connection makes a full handshake. On SARA-R5 the data come in a line of
    up to 200 characters, in the encrypted form perhaps more: a line above `rx_size` is lost, and
    counted in `channel.lexer.overlong`.

    Raises `ValueError`, `TypeError`, `NotSupported` for what the module has not.
    """
    if number is not None:
        if not isinstance(number, int) or isinstance(number, bool):
            raise TypeError("number: 0 to 4")
        if not 0 <= number < len(security.profiles):
            raise ValueError("number: 0 to 4")
    made = _made(security, **wishes)
    if number is None:
        other = _alike(security, made)
        if other is not None:
            other.loan = False
            return other
        place(made)
    elif security.users[number] is not None and not security.users[number].settled():
        raise ModemError(_EBUSY, "security profile %d is making a connection" % number)
    else:
        _settle(made, number)
    return made


def _made(
    security, *, ca=None, cert=None, key=None, key_password=None, hostname=None, sni=None,
    verify=None, min_version: "str | None" = "1.2", ciphers=None, psk=None, psk_identity=None,
    root_of_trust=False, pinned=None, resume=None, session=None, alpn=None,
) -> Profile:  # fmt: skip
    """A profile that has no number yet."""
    modem = security.modem
    if alpn is not None:  # which operation it is, no document tells
        raise NotSupported(_EOPNOTSUPP, modem.name, "documented way to set ALPN")
    plain, encrypted, asks, lists, trust = modem.PROFILE_TRAITS
    if flag("root_of_trust", root_of_trust) and not trust:
        raise NotSupported(_EOPNOTSUPP, modem.name, "PSK of the root of trust")
    level = level_of(verify, ca, psk is not None or root_of_trust)
    settings = version_of(min_version)
    if ciphers is not None:
        from ...core.ciphers import settings as of_ciphers

        settings += of_ciphers(ciphers, lists)
    settings += certificates(ca, cert, key, key_password)
    settings += shared_key(psk, psk_identity, root_of_trust)
    settings += pinning(pinned)
    hostname = host_of("hostname", hostname, _LONGEST_HOST)
    made = Profile(security, level, settings, hostname, host_of("sni", sni, _LONGEST_SNI))
    if session is not None or resume is not None:
        from .tls_resumption import prepare

        made.asks = asks
        prepare(made, resume, session, (plain, encrypted))
    return made


def _alike(security, made):
    for other in security.profiles:
        if other is not None and other.alike(made):
            return other
    return None


def default(security) -> Profile:
    """By any root certificate of the module. Where all numbers are taken it is made all the same,
    and takes one when it is used: who only asks whether there is a default gets an answer."""
    try:
        return profile(security, ca=True)
    except ModemError:
        return _made(security, ca=True)


def borrow(security, **wishes) -> Profile:
    """A profile for a context of `modem.ssl`, without a claim to its number: whoever wants one
    and finds none free gets that of the loan which was not used for the longest time."""
    made = _made(security, **wishes)
    other = _alike(security, made)
    if other is not None:
        return other
    made.loan = True
    return made


def place(made) -> None:
    """Give a profile a number: a free one, else that of a loan. `OSError(EBUSY)`."""
    profiles = made.security.profiles
    if None in profiles:
        _settle(made, profiles.index(None))
        return
    oldest = None
    for other in profiles:
        free = other.loan and not other.wanted and other.settled()
        if free and (oldest is None or other.used < oldest.used):
            oldest = other
    if oldest is None:
        raise ModemError(_EBUSY, "all 5 profiles are in use: release() one, or say number=")
    _settle(made, oldest.at)


def _settle(made, number: int) -> None:
    security = made.security
    old = security.profiles[number]
    if old is not None:
        old.lost()
        if old.loan and not old.wanted:
            old.at = -1
    made.at = number
    security.profiles[number] = made


# ---- reading a profile back ---------------------------------------------------------------------
#
# What the module says of a security profile, and what a refused setting was about.

_ROOT_OF_TRUST = const(11)
_RESUMPTION = const(13)

# By the numbers of the operations, in the names of profile().
_NAMES = (
    "verify", "min_version", "ciphers", "ca", "hostname", "cert", "key", "key_password", "psk",
    "psk_identity", "sni", "root_of_trust", "pinned", "resume",
)  # fmt: skip
_SECRET = (7, 8)
_NAMED = (3, 5, 6)  # certificates and keys


def read_back(security, number: int) -> dict:
    """By the names of `profile()`; None for what is not set, or what the module does not tell.
    "resume" is the status, 0 off, 1 on, 2 with data (LEXI-R10). What is secret is not asked for.
    """
    found = {}
    trust = security.modem.PROFILE_TRAITS[4]
    for operation in range(len(_NAMES)):
        if operation not in _SECRET:
            asked = trust or operation != _ROOT_OF_TRUST
            row = _read(security, number, operation) if asked else ()
            found[_NAMES[operation]] = _value(operation, row)
    return found


def _read(security, number: int, operation: int):
    """The fields behind the operation; () if there are none."""

    def shape(lexer) -> bool:
        return lexer.number() == number and lexer.number() == operation

    more = (0,) if operation == _RESUMPTION else ()
    try:
        rows = security.modem.channel.command(b"+USECPRF", number, operation, *more, shape=shape)
    except CommandError:
        return ()
    if rows:
        return rows[0][2 + len(more) :]
    security.lost()  # the command was damaged, and perhaps taken for a reset
    return ()


def _value(operation: int, row):
    if not row or row[0] is None:
        return None
    if operation == 0:
        return _of(LEVELS, row[0])
    if operation == 1:
        return _of(VERSIONS, row[0])
    if operation == 2:
        from ...core.ciphers import names

        return names(row)
    if operation == _ROOT_OF_TRUST:
        return row[0] == 1
    if operation == 12:
        return tuple(row)
    return row[0] if operation == _RESUMPTION else str(row[0])


def _of(names, number):
    return names[number] if isinstance(number, int) and 0 <= number < len(names) else number


def refused(error, setting):
    """The error, with the name of the setting, and its value where that is the name of what the
    module should have."""
    from ...core.service_errors import Refused

    hint = "setting " + _NAMES[setting[0]]
    if setting[0] in _NAMED:
        hint += " %r: security.list() has the names" % setting[1]
    return Refused(error.errno, error.command, error.code, hint)
