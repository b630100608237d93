# Generated from aio/security/tls_resumption.py by tools/generate. Do not edit.
"""Resuming TLS sessions: the data of one session, and what a profile does with them. A5 3.4,
A10 3.4, at-commands 4.4.

In a resumed session the module looks at no certificate. So a session belongs to the host and the
wishes it was made with, and is offered to no other.
"""

from binascii import crc32

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError
from ...core.tls_session import pack, unpack

_FORMS = ("plain", "encrypted")
_TYPES = (0, 1, 10, 11)  # session id and ticket, plain and encrypted
_SECRETS = (7, 8)  # operations of +USECPRF whose values are not even summed up
_RESUMPTION = const(13)  # another one; its tags:
_TYPE = const(1)
_ID = const(2)  # session id and master secret, the only data that are two strings
_LONGEST = const(4096)  # of a line with data: a ticket may hold certificates
_OK = const(1)  # outcome of the engine


def prepare(profile, resume, session, traits) -> None:
    """Resumption is wanted, with what is left of an earlier session; `ValueError`, `TypeError`."""
    if resume is not None and resume not in _FORMS:
        raise ValueError("resume: plain or encrypted")
    # A line that lost its beginning may be one of these: what is unknown is shown to nobody.
    profile.security.modem.channel.wary = True
    if session is None:
        profile.resume = resume
        profile.traits = traits[_FORMS.index(resume)]
        return
    kind, tag, first, second, host, wishes = unpack(session, profile.security.modem.name[0])
    sendable(first)
    sendable(second)
    form = _FORMS[tag > 10]
    if resume is not None and resume != form:
        raise ValueError("session: not of this form, it is the other")
    profile.resume = form
    profile.traits = (kind, tag)
    if host is not None and wishes == _wishes(profile):
        profile.session = bytes(session)
        profile.origin = host


def _wishes(profile) -> bytes:
    """Four bytes that stand for what a profile verifies, and shows of its own."""
    parts = [profile.level, profile.hostname, profile.sni]
    for setting in profile.fixed:
        parts += setting[:1] if setting[0] in _SECRETS else setting
    text = "\n".join([str(part) for part in parts])
    return (crc32(text.encode()) & 0xFFFFFFFF).to_bytes(4, "big")


def setting(session: bytes):
    """What gives a session back to the module, as parameters of +USECPRF."""
    _, tag, first, second, _, _ = unpack(session, chr(session[3]))
    if tag == _ID:
        return (_RESUMPTION, tag, first, second)
    return (_RESUMPTION, tag, first, int(second) if second.isdigit() else len(first))


def told(profile, line) -> None:
    """A URC, from its tag on: the type of the session, or its data."""
    tag = line.number()
    if tag == _TYPE:
        kind = line.number()
        if kind in _TYPES:
            profile.traits = (kind, profile.traits[1])
    elif tag in (2, 3, 12, 13) and profile.host is not None:
        _gained(profile, profile.host, tag, line.text(), line.text())


def _gained(profile, host: str, tag: int, first: str, second: str) -> None:
    """The data of the session that has just been made with `host`, or resumed."""
    try:
        sendable(first)
        sendable(second)
    except ValueError:  # damaged on the line
        return
    if not first:
        return
    profile.traits = (profile.traits[0], tag)
    kind = profile.security.modem.name[0]
    data = pack(kind, profile.traits[0], tag, first, second, host, _wishes(profile))
    profile.resumed = profile.offered == data
    if profile.asks:  # the module goes on with these by itself
        if profile.offered and not profile.resumed:
            profile.resumed = None
        profile.key = (host, data)
        profile.offered = data
    profile.session = data
    profile.origin = host


def collect(profile) -> None:
    """Ask LEXI-R10 for the session of the last handshake. A server may have given none; the one
    before stays then, for another try. Given up in the middle, what the module says is taken all
    the same; if it says nothing, it is asked again before the profile is written anew."""
    channel = profile.security.modem.channel
    lexer = channel.lexer
    tag = profile.traits[1]
    host = ""
    rows = []
    profile.due = True
    channel.acquire()
    try:
        number = profile.at
        if number < 0 or profile.security.placed[number] is not profile:
            profile.due = False  # the module has restarted
            return
        from ...core.tls_session import narrow_lexer, wide_lexer

        host = profile.key[0]

        def shape(line) -> bool:
            return (
                line.number() == number and line.number() == _RESUMPTION and line.number() == tag
            )

        def answered(line) -> None:
            row = line.fields()
            if row[:3] == [number, _RESUMPTION, tag]:
                rows.append(row)

        def kept(ended: bool) -> None:
            if ended:
                narrow_lexer(lexer, keep)
                if channel.outcome == _OK and rows:
                    _taken(profile, host, tag, rows[0])

        line = channel.start(b"+USECPRF")
        for part in (number, _RESUMPTION, tag):
            line.number(part)
        channel.shape = shape
        channel.handler = answered
        channel.keeper = kept
        keep = wide_lexer(lexer, _LONGEST)
        try:
            channel.execute()
            channel.poll()
        finally:
            if not channel.abandoned or channel.keeper is None:
                narrow_lexer(lexer, keep)
        if not rows:  # the command was damaged: who knows what it was taken for
            profile.lost()
    except CommandError:
        rows = []
    finally:
        channel.release()
    _taken(profile, host, tag, rows[0] if rows else ())


def _taken(profile, host: str, tag: int, row) -> None:
    """What the module has answered."""
    profile.due = False
    if len(row) > 3 and row[3]:
        _gained(profile, host, tag, str(row[3]), str(row[4] or "") if len(row) > 4 else "")
    else:
        profile.resumed = False if profile.offered is None else None
