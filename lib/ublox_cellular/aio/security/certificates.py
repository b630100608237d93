"""Certificates and keys of the module (+USECMNG): stored, listed, removed. A5 3.1, 3.3, A10 3.1,
3.3, at-commands 4.1."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ...core.pem import LONGEST, TOO_LONG, Checker, Source
from .. import forget
from ..at.payload_stream import feed

_STORE = const(0)  # operations of +USECMNG
_REMOVE = const(2)
_MD5 = const(4)

_KEY = const(2)  # number of PK
_PROMPT = const(62)  # '>'
_LONGEST_TEXT = const(65536)  # bytes of PEM and the text around it
_ANSWER_MS = const(25000)  # behind the data: after 20 s without them the module gives up


async def store(
    security,
    kind: str,
    name: str,
    source: "object",
    password: "str | None" = None,
    *,
    size=None,
    known="",
    force=False,
) -> str:
    """Store a certificate or key under `name` (at most 200 characters), unless the module has the
    same already: a program may do so at every start. Gives its MD5, 32 hexadecimal digits.

    `kind`: "CA" root certificate, "CC" client certificate, "PK" private key, "SC" server
    certificate, "VC" certificate and "PU" public key for signatures. `source`: PEM or DER of at
    most 8192 bytes, as bytes, as a string with -----BEGIN or a line break in it, as the path of a
    local file, or as a file object with `readinto` or `read`, which is read piece by piece: twice
    where it can `seek`, else `size` tells how many bytes there are. Around PEM there may be text,
    as tools write it (at most 65536 bytes in all; not where it is read once), and the parameters
    of a curve before its key: only the block itself is sent. `password`: of an encrypted key.

    What the module would refuse is refused before it is sent: `ValueError` with the reason. How
    the MD5 of an encrypted key is made is not documented: if ours is not the module's, the key is
    stored at every start, unless `known` says what this function gave for it before. `force`:
    store it even if it is there.

    `CommandError`: the module has refused, and has what it had before. `Garbled`: its MD5 is not
    that of what was sent. After any other error, or when this is given up, the module has what it
    had before or all of the new one, or nothing under `name`: where it may have taken something
    else that is removed before the next command. Two that store the same name do so in turn.
    Firmware of SARA-R5 before 03.15 fails at 460800 baud and above (field-notes 71).
    """
    number = kind_number(kind)
    name = named(name)
    if password is not None:
        password = password_of(kind, password)
    if not isinstance(known, str):
        raise TypeError("known: an MD5 as a string wanted")
    source = Source(source, size)
    try:
        if not 0 < source.size <= (_LONGEST_TEXT if source.twice else LONGEST):
            raise ValueError(TOO_LONG)
        checker = Checker(kind, password is not None, not source.twice)
        md5 = ""
        if source.twice:
            for piece in source.pieces():
                checker.feed(piece)
                await security.modem.channel.sleep(0)
            md5 = checker.end()
            source.narrow(checker.first, checker.last)
            if kind == "PK" and security.modem.KEY_LIMITS:
                from ...core.pem import check

                check(checker.head)
        else:
            source.checker = checker
        return await _store(security, number, name, source, password, md5, known.lower(), force)
    finally:
        source.close()
        forget("security.certificates", "/core.pem", "/core.md5")


async def _store(security, number: int, name: str, source, password, md5, known, force) -> str:
    """Whether it is there, the import and what the module has then: in one turn, so that two
    tasks that store the same name do not take one's MD5 for the other's."""
    channel = security.modem.channel
    sent = False
    there = ""
    try:
        await channel.acquire()
        try:
            there = await _known(channel, number, name)
            if not force and there and there in (md5, known):
                return there
            sent = True
            told = await _import(channel, number, name, source, password)
            wanted = md5 or source.md5
            if told != wanted:  # the answer was damaged, or the MD5 is of the module's own making
                again = await _known(channel, number, name)
                if again != wanted and (password is None or again not in ("", told)):
                    raise channel.garbled("what was stored has another MD5")
                told = again or told
            return told
        finally:
            channel.release()
    except CommandError as error:
        from ...core.service_errors import explained

        raise explained(error, security.modem.KEY_LIMITS)
    except BaseException as error:
        if sent:  # blanks may stand for what the source did not give, or the caller
            good = (there, md5 or source.md5)
            channel.owe(_tidy, channel, number, name, good)
            if isinstance(error, Exception):
                await _paid(channel)
        raise


async def _paid(channel) -> None:
    """Do at once what is owed, if that goes: the reason why is on its way to the caller."""
    try:
        await channel.pay()
    except ModemError:
        pass


async def _known(channel, number: int, name: str) -> str:
    """The MD5 of what is stored under that name, "" if there is nothing; the channel is held."""
    try:
        for row in await channel.ask(b"+USECMNG", _MD5, number, name, least=4):
            return digest(row) if row[1:3] == [number, name] else ""
    except CommandError:  # whatever it says, storing tells better
        pass
    return ""


async def _import(channel, number: int, name: str, source, password) -> str:
    rows = []
    line = channel.start(b"+USECMNG")
    channel.prompt = _PROMPT
    channel.handler = lambda lexer: rows.append(lexer.fields())
    line.number(_STORE)
    line.number(number)
    line.text(name)
    line.number(source.size)
    if password is not None:
        line.text(password, 0, True)
    elif number == _KEY:  # should the module echo it, it is shown to nobody
        line.hidden = line.shown_to = line.size
    await feed(channel, source.data, source.size, source.refill, _ANSWER_MS)
    if len(rows) != 1 or len(rows[0]) < 4 or rows[0][1:3] != [number, name]:
        raise channel.garbled("not the MD5 of this name")
    return digest(rows[0])


async def _tidy(channel, number: int, name: str, good) -> None:
    """Remove what is neither the old nor the new one. Paid as a debt, with the channel held; the
    module refuses the question where nothing is stored."""
    rows = await channel.ask(b"+USECMNG", _MD5, number, name, least=4)
    if not rows or rows[0][1:3] != [number, name]:
        raise channel.garbled("the MD5 of another name")
    if digest(rows[0]) not in good:
        await channel.ask(b"+USECMNG", _REMOVE, number, name)


# ---- what the module has ------------------------------------------------------------------------
#
# What certificates and keys the module has, and what it takes from its own files (+USECMNG=1 to
# 4). A5 3.1, A10 3.1, at-commands 4.1.

_STORE_FILE = const(1)  # operations of +USECMNG
_LIST = const(3)

_LONGEST_FILE = const(248)
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
        from ...core.service_errors import explained

        raise explained(error, security.modem.KEY_LIMITS)
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


# ---- names, numbers, digests --------------------------------------------------------------------
#
# What all operations on certificates and keys need: names, numbers, digests.

_KINDS = "CA CC PK SC VC PU "  # in the order of their numbers

_LONGEST_NAME = const(200)
_LONGEST_PASSWORD = const(128)


def kind_number(kind) -> int:
    """The module's number of a kind; `ValueError`."""
    at = _KINDS.find(kind + " ") if isinstance(kind, str) and len(kind) == 2 else -1
    if at < 0:
        raise ValueError("kind: one of " + _KINDS)
    return at // 3


def named(name) -> str:
    """A name that can be sent; `ValueError`, `TypeError`."""
    if not name:
        raise ValueError("a name wanted")
    return str(sendable(name, _LONGEST_NAME), "utf-8")


def password_of(kind: str, password) -> str:
    if kind != "PK":
        raise ValueError("password: only keys (PK) have one")
    return str(sendable(password, _LONGEST_PASSWORD), "utf-8")


def digest(row) -> str:
    """Of an answer `op,type,name,md5`, whose op is not always what was asked (at-commands 4.1)."""
    return str(row[3]).strip().lower()
