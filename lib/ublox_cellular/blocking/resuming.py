# Generated from aio/resuming.py by tools/generate. Do not edit.
"""Resuming TLS sessions: the data of one session, and what a profile does with them. A5 3.4,
A10 3.4, at-commands 4.4.
"""

from ..core.command import sendable
from ..core.compat import const
from ..core.errors import CommandError
from ..core.resumption import pack, unpack

_FORMS = ("plain", "encrypted")
_TYPES = (0, 1, 10, 11)  # session id and ticket, plain and encrypted
_RESUMPTION = const(13)  # operation of +USECPRF; its tags:
_TYPE = const(1)
_ID = const(2)  # session id and master secret, the only data that are two strings
_LONGEST = const(4096)  # of a line with data: a ticket may hold certificates


def prepare(profile, resume, session, traits) -> None:
    """Resumption is wanted, with what is left of an earlier session; `ValueError`."""
    if resume is not None and resume not in _FORMS:
        raise ValueError("resume: plain or encrypted")
    if session is None:
        profile.resume = resume
        profile.traits = traits[_FORMS.index(resume)]
        return
    kind, tag, first, second = unpack(session, profile.security.modem.name[0])
    sendable(first)
    sendable(second)
    form = _FORMS[tag > 10]
    if resume is not None and resume != form:
        raise ValueError("session: not of this form, it is the other")
    profile.session = bytes(session)
    profile.resume = form
    profile.traits = (kind, tag)


def setting(session: bytes):
    """What gives a session back to the module, as parameters of +USECPRF."""
    _, tag, first, second = unpack(session, chr(session[3]))
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
    elif tag in (2, 3, 12, 13):
        _gained(profile, tag, line.text(), line.text())


def _gained(profile, tag: int, first: str, second: str) -> None:
    """The data of the session that has just been made or resumed."""
    try:
        sendable(first)
        sendable(second)
    except ValueError:  # damaged on the line
        return
    if not first:
        return
    profile.traits = (profile.traits[0], tag)
    data = pack(profile.security.modem.name[0], profile.traits[0], tag, first, second)
    profile.resumed = profile.offered == data
    if profile.asks:  # the module goes on with these by itself
        if profile.offered and not profile.resumed:
            profile.resumed = None
        profile.key = (profile.host, data)
        profile.offered = data
    profile.session = data


def collect(profile) -> None:
    """Ask LEXI-R10 for the session of the last handshake. A server may have given none; the one
    before stays then, for another try."""
    channel = profile.security.modem.channel
    number = profile.number
    tag = profile.traits[1]

    def shape(lexer) -> bool:
        return lexer.number() == number and lexer.number() == _RESUMPTION and lexer.number() == tag

    channel.acquire()
    try:
        if profile.security.placed[number] is not profile:  # the module has restarted
            return
        from ..core.widen import narrow_lexer, wide_lexer

        keep = wide_lexer(channel.lexer, _LONGEST)
        try:
            rows = channel.ask(b"+USECPRF", number, _RESUMPTION, tag, shape=shape)
            channel.poll()
        finally:
            narrow_lexer(channel.lexer, keep)
        if not rows:  # the command was damaged: who knows what it was taken for
            profile.lost()
    except CommandError:
        rows = []
    finally:
        channel.release()
    row = rows[0] if rows else ()
    if len(row) > 3 and row[3]:
        _gained(profile, tag, str(row[3]), str(row[4] or "") if len(row) > 4 else "")
    else:
        profile.resumed = False if profile.offered is None else None
