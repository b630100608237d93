# Generated from aio/security/certificates.py by tools/generate. Do not edit.
"""Certificates and keys to the module (+USECMNG=0). A5 3.3, A10 3.3, at-commands 4.1."""

from ...core.certificate_source import Source
from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ...core.pem import LONGEST, TOO_LONG, Checker
from ..at.payload_stream import feed
from .checks import digest, kind_number, named, password_of

_STORE = const(0)  # operations of +USECMNG
_REMOVE = const(2)
_MD5 = const(4)

_KEY = const(2)  # number of PK
_PROMPT = const(62)  # '>'
_LONGEST_TEXT = const(65536)  # bytes of PEM and the text around it
_ANSWER_MS = const(25000)  # behind the data: after 20 s without them the module gives up


def store(
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
                security.modem.channel.sleep(0)
            md5 = checker.end()
            source.narrow(checker.first, checker.last)
            if kind == "PK":
                security.modem.check_key(checker.head)
        else:
            source.checker = checker
        return _store(security, number, name, source, password, md5, known.lower(), force)
    finally:
        source.close()


def _store(security, number: int, name: str, source, password, md5, known, force) -> str:
    """Whether it is there, the import and what the module has then: in one turn, so that two
    tasks that store the same name do not take one's MD5 for the other's."""
    channel = security.modem.channel
    sent = False
    there = ""
    try:
        channel.acquire()
        try:
            there = _known(channel, number, name)
            if not force and there and there in (md5, known):
                return there
            sent = True
            told = _import(channel, number, name, source, password)
            wanted = md5 or source.md5
            if told != wanted:  # the answer was damaged, or the MD5 is of the module's own making
                again = _known(channel, number, name)
                if again != wanted and (password is None or again not in ("", told)):
                    raise channel.garbled("what was stored has another MD5")
                told = again or told
            return told
        finally:
            channel.release()
    except CommandError as error:
        from ...core.refused import explained

        raise explained(error, security.modem.key_limits())
    except BaseException as error:
        if sent:  # blanks may stand for what the source did not give, or the caller
            good = (there, md5 or source.md5)
            channel.owe(_tidy, channel, number, name, good)
            if isinstance(error, Exception):
                _paid(channel)
        raise


def _paid(channel) -> None:
    """Do at once what is owed, if that goes: the reason why is on its way to the caller."""
    try:
        channel.pay()
    except ModemError:
        pass


def _known(channel, number: int, name: str) -> str:
    """The MD5 of what is stored under that name, "" if there is nothing; the channel is held."""
    try:
        for row in channel.ask(b"+USECMNG", _MD5, number, name, least=4):
            return digest(row) if row[1:3] == [number, name] else ""
    except CommandError:  # whatever it says, storing tells better
        pass
    return ""


def _import(channel, number: int, name: str, source, password) -> str:
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
    feed(channel, source.data, source.size, source.refill, _ANSWER_MS)
    if len(rows) != 1 or len(rows[0]) < 4 or rows[0][1:3] != [number, name]:
        raise channel.garbled("not the MD5 of this name")
    return digest(rows[0])


def _tidy(channel, number: int, name: str, good) -> None:
    """Remove what is neither the old nor the new one. Paid as a debt, with the channel held; the
    module refuses the question where nothing is stored."""
    rows = channel.ask(b"+USECMNG", _MD5, number, name, least=4)
    if not rows or rows[0][1:3] != [number, name]:
        raise channel.garbled("the MD5 of another name")
    if digest(rows[0]) not in good:
        channel.ask(b"+USECMNG", _REMOVE, number, name)
