"""What becomes of an exchange whose caller has given up. Imported when that happens."""

from .compat import const
from .errors import Cancelled, CommandError, ModemError

_SENDING = const(2)  # states of the engine
_WAITING = const(3)
_PAUSE = const(4)
_READING = const(6)
_DATA = const(8)

_ANSWER_MS = const(10000)
_ENDLESS = const(1 << 28)  # bytes of a payload whose length is in doubt: as long as any come


def given_up(error) -> bool:
    """Whether the caller has given up, by a cancelled task, Ctrl-C or its hook: no more is waited
    for then."""
    return isinstance(error, Cancelled) or not isinstance(error, Exception)


def answered(error) -> bool:
    """Whether the line is as it was before an `OSError`: the module has refused something, or the
    driver itself."""
    return isinstance(error, CommandError) or not isinstance(error, ModemError)


def keep(engine, over=False) -> None:
    """Whoever owns what the module is giving out may take it (`keeper`); what the module still
    wants to have it gets. `over`: a hook has raised over the last line of the exchange."""
    if over:
        engine.keeper(False)
        engine.end_abandoned()
        return
    engine.shape = None
    if engine.keeper:
        try:
            engine.keeper(False)
        except MemoryError:
            engine.keeper = None
    if not engine.keeper:
        engine.handler = engine.into = None
    own_payload(engine)


def own_payload(engine) -> None:
    """The caller's buffer may hold something else soon: keep a copy of what is to be sent. Without
    memory for that blanks are sent."""
    if isinstance(engine.out, bytes) or not (engine.prompt or engine.state == _SENDING):
        return
    if engine.out is not None:
        at = engine.out_at
        try:
            engine.out = bytes(memoryview(engine.out)[at : at + engine.out_n])
        except MemoryError:
            engine.out = b""
        engine.out_at = 0


# ---- a payload that at/payload_stream.py was passing --------------------------------------------


def unframe(channel, left: int) -> None:
    """Of the payload that passes `left` bytes are to come or to go, -1: it has not begun."""
    if left >= 0:
        _end(channel, left)
    elif channel.abandoned:
        channel.keeper = lambda _ended: _begun(channel)


def _begun(channel) -> None:
    """CONNECT or the prompt has come when it was not waited for any more."""
    if channel.state == _DATA:
        n = channel.out_n
        if not n:
            lexer = channel.lexer
            lexer.pos = lexer.line + 7
            n = lexer.number()
            n = _ENDLESS if n is None or n < 0 else n + 1
        _end(channel, n)


def _end(channel, left: int) -> None:
    """What is left of a payload to the module is sent as blanks, 50 ms after the prompt at the
    earliest. One from it is dropped by its length: its bytes are never taken for lines; after it
    the line is in doubt."""
    channel.outcome = channel.prompt = channel.owed = 0
    channel.connect = channel.digits = False
    channel.since = channel.port.ticks_ms()
    channel.state = _WAITING
    if not channel.out_n:
        channel.into = None
        channel.left = left
        channel.state = _READING
        channel.suspect = True
        channel.late_ms = _ANSWER_MS
    elif left:
        channel.state = _PAUSE
        channel.prompt = channel.part = 1
        channel.sent = channel.out_at = 0
        channel.out_n = left
        channel.out = b""
    channel.abandon()
