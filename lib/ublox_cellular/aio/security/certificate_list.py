"""What certificates and keys the module has, and what it takes from its own files (+USECMNG=1 to
4). A5 3.1, A10 3.1, at-commands 4.1."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError
from .checks import digest, kind_number, named, password_of

_STORE_FILE = const(1)  # operations of +USECMNG
_REMOVE = const(2)
_LIST = const(3)
_MD5 = const(4)

_LONGEST_FILE = const(248)
_ANSWER_MS = const(25000)
_NOT_FOUND = const(1916)  # number of +CME ERROR

_ENOENT = const(2)


async def list(security, kind=None):
    """All that are stored, or those of a kind ("CA CC PK SC VC PU"): (kind, name, subject,
    expires) each. `subject` is the common name, `expires` as the module writes it, such as
    "2036/07/17" or "2032/10/18 08:23:32"; both are "" where it has none, as for keys.

    Raises `ValueError` for another kind; `CommandError`, `CommandTimeout`, `Garbled`,
    `ModuleReset`.
    """
    if kind is not None:
        kind_number(kind)
    found = []

    def row(lexer) -> None:
        lexer.pos = lexer.line  # these lines have no name in front
        fields = lexer.fields()
        if len(fields) > 1 and (fields[0] == kind if kind else _is_kind(fields[0])):
            texts = [str(field or "") for field in fields[1:]] + ["", ""]
            found.append((fields[0], texts[0], texts[1], texts[2]))

    channel = security.modem.channel
    await channel.acquire()
    try:
        line = channel.start(b"+USECMNG")
        channel.name = None
        channel.handler = row
        line.number(_LIST)
        await channel.execute()
    finally:
        channel.release()
    return found


def _is_kind(text) -> bool:
    try:
        return kind_number(text) >= 0
    except ValueError:
        return False


async def details(security, kind, name) -> dict:
    """ "kind", "name", "subject", "expires" as in `list()`, and "md5". `OSError(ENOENT)`."""
    for row in await list(security, kind):
        if row[1] == name:
            hashed = await md5(security, kind, name)
            return {
                "kind": kind, "name": name, "subject": row[2], "expires": row[3], "md5": hashed
            }  # fmt: skip
    raise ModemError(_ENOENT, "the module has no %s named %s" % (kind, name))


async def store_file(security, kind, name, module_file, password=None) -> str:
    """Store a certificate or key as `store()` does, from a file of the module's own file system
    (at most 8192 bytes), which stays there; gives the MD5. Nothing is checked or compared here.
    `CommandError`."""
    file = str(sendable(module_file, _LONGEST_FILE), "utf-8")
    parts = [_STORE_FILE, kind_number(kind), named(name), file]
    if password is not None:
        parts.append(password_of(kind, password))
    channel = security.modem.channel
    try:
        row = await channel.row(4, b"+USECMNG", *parts, timeout_ms=_ANSWER_MS, secret=4)
    except CommandError as error:
        from ...core.refused import explained

        raise explained(error, security.modem.key_limits())
    return digest(row)


async def md5(security, kind, name) -> str:
    """The MD5 of what is stored, 32 hexadecimal digits. `OSError(ENOENT)`."""
    channel = security.modem.channel
    try:
        row = await channel.row(4, b"+USECMNG", _MD5, kind_number(kind), named(name))
        if row[2] != named(name):
            raise channel.garbled("the MD5 of another name")
        return digest(row)
    except CommandError as error:
        raise _missing(error, kind, name)


async def remove(security, kind, name) -> None:
    """Remove a certificate or key. `OSError(ENOENT)` if it is not there."""
    channel = security.modem.channel
    try:
        await channel.command(b"+USECMNG", _REMOVE, kind_number(kind), named(name))
    except CommandError as error:
        raise _missing(error, kind, name)


def _missing(error, kind: str, name: str):
    if error.code != _NOT_FOUND:
        return error
    return ModemError(_ENOENT, "the module has no %s named %s" % (kind, name))
