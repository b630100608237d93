"""Certificates and keys to the module (+USECMNG=0). A5 3.3, A10 3.3, at-commands 4.1."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError
from ..core.pem import LONGEST, Checker
from ..core.source import Source
from .credentials import digest, kind_number, named, password_of
from .framing import feed

_STORE = const(0)  # operations of +USECMNG
_REMOVE = const(2)
_MD5 = const(4)

_PROMPT = const(62)  # '>'
_ANSWER_MS = const(25000)  # behind the data: after 20 s without them the module gives up


async def store(
    security, kind, name, source, password=None, *, size=None, known="", force=False
) -> str:
    """Store a certificate or key under `name` (at most 200 characters), unless the module has the
    same already: a program may do so at every start. Gives its MD5, 32 hexadecimal digits.

    `kind`: "CA" root certificate, "CC" client certificate, "PK" private key, "SC" server
    certificate, "VC" certificate and "PU" public key for signatures. `source`: PEM or DER of at
    most 8192 bytes, as bytes, as a string that begins with -----BEGIN, as the path of a local
    file, or as a file object with `readinto` or `read`, which is read piece by piece: twice where
    it can `seek`, else `size` tells how many bytes there are. `password`: of an encrypted key.

    What the module would refuse is refused before it is sent: `ValueError` with the reason. How
    the MD5 of an encrypted key is made is not documented: if ours is not the module's, the key is
    stored at every start, unless `known` says what this function gave for it before. `force`:
    store it without asking.

    `CommandError`: the module has refused, and has what it had before. `Garbled`: its MD5 is not
    that of what was sent, which is removed again. If the file fails midway that is raised, and
    nothing is left under `name`. After any other error ask `md5()`, or just call this again.
    Firmware of SARA-R5 before 03.15 fails at 460800 baud and above (field-notes 71).
    """
    number = kind_number(kind)
    name = named(name)
    if password is not None:
        password = password_of(kind, password)
    source = Source(source, size)
    try:
        if not 0 < source.size <= LONGEST:
            raise ValueError("1 to %d bytes wanted" % LONGEST)
        checker = Checker(kind, password is not None)
        md5 = ""
        if source.twice:
            for piece in source.pieces():
                checker.feed(piece)
                await security.modem.channel.sleep(0)
            md5 = checker.end()
            if kind == "PK":
                security.modem.check_key(checker.head)
        else:
            source.checker = checker
        if not force:
            there = await _known(security, number, name)
            if there and (there == md5 or there == known.lower()):
                return there
        return await _send(security, number, name, source, password, md5)
    finally:
        source.close()


async def _known(security, number: int, name: str) -> str:
    """The MD5 of what is stored under that name, "" if there is nothing."""
    try:
        row = await security.modem.channel.row(4, b"+USECMNG", _MD5, number, name)
        return digest(row) if row[1:3] == [number, name] else ""
    except CommandError:  # whatever it says, storing tells better
        return ""


async def _send(security, number: int, name: str, source, password, md5: str) -> str:
    channel = security.modem.channel
    try:
        told = await _import(channel, number, name, source, password)
    except CommandError as error:
        from ..core.refused import explained

        raise explained(error, security.modem.key_limits())
    except Exception:
        if source.failed:  # blanks stand for what the source did not give
            await _discard(security, number, name)
        raise
    if password is None:
        wanted = md5 or source.md5
    else:
        wanted = await _known(security, number, name) or told
    if told != wanted:
        await _discard(security, number, name)
        raise channel.garbled("what was stored has another MD5")
    return told


async def _import(channel, number: int, name: str, source, password) -> str:
    rows = []
    await channel.acquire()
    try:
        line = channel.start(b"+USECMNG")
        channel.prompt = _PROMPT
        channel.handler = lambda lexer: rows.append(lexer.fields())
        line.number(_STORE)
        line.number(number)
        line.text(name)
        line.number(source.size)
        if password is not None:
            line.text(password, 0, True)
        await feed(channel, source.data, source.size, source.refill, _ANSWER_MS)
        if len(rows) != 1 or len(rows[0]) < 4 or rows[0][1:3] != [number, name]:
            raise channel.garbled("not the MD5 of this name")
    finally:
        channel.release()
    return digest(rows[0])


async def _discard(security, number: int, name: str) -> None:
    """Remove what is of no use; the reason why is on its way to the caller already."""
    try:
        await security.modem.channel.command(b"+USECMNG", _REMOVE, number, name)
    except ModemError:
        pass
