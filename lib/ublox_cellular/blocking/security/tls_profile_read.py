# Generated from aio/security/tls_profile_read.py by tools/generate. Do not edit.
"""What the module says of a security profile, and what a refused setting was about."""

from ...core.compat import const
from ...core.errors import CommandError
from ...core.tls_settings import LEVELS, VERSIONS

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
    trust = security.modem.profile_traits()[4]
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
    from ...core.refused import Refused

    hint = "setting " + _NAMES[setting[0]]
    if setting[0] in _NAMED:
        hint += " %r: security.list() has the names" % setting[1]
    return Refused(error.errno, error.command, error.code, hint)
