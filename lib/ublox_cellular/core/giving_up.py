"""Handling of exchanges whose caller was cancelled. Imported when that happens."""

from .compat import const
from .errors import Cancelled, CommandError, ModemError

_SENDING = const(2)  # states of the engine
_WAITING = const(3)
_PAUSE = const(4)
_READING = const(6)
_DATA = const(8)

_ANSWER_MS = const(10000)
_ENDLESS = const(1 << 28)  # bytes of a payload whose length is in doubt: until no more arrive


def given_up(error) -> bool:
    """Whether the caller was cancelled, by a cancelled task, Ctrl-C or its hook: then nothing more
    is awaited."""
    return isinstance(error, Cancelled) or not isinstance(error, Exception)


def answered(error) -> bool:
    """Whether the line is in its normal state after an `OSError`: the module, or the driver
    itself, has refused something."""
    return isinstance(error, CommandError) or not isinstance(error, ModemError)


def keep(engine, over=False) -> None:
    """Let the owner of the coming data take it (`keeper`), and prepare a payload that the module
    still waits for. `over`: a hook has raised in the last line of the exchange."""
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
    """Copy the payload to be sent, as the caller may reuse its buffer. Without memory for that,
    blanks are sent."""
    if isinstance(engine.out, bytes) or not (engine.prompt or engine.state == _SENDING):
        return
    if engine.out is not None:
        at = engine.out_at
        try:
            engine.out = bytes(memoryview(engine.out)[at : at + engine.out_n])
        except MemoryError:
            engine.out = b""
        engine.out_at = 0


# ---- a payload of at/payload_stream.py ----------------------------------------------------------


def unframe(channel, left: int) -> None:
    """Handle the remaining `left` bytes of a payload, -1: it has not begun."""
    if left >= 0:
        _end(channel, left)
    elif channel.abandoned:
        channel.keeper = lambda _ended: _begun(channel)


def _begun(channel) -> None:
    """CONNECT or the prompt has arrived after the cancellation."""
    if channel.state == _DATA:
        n = channel.out_n
        if not n:
            lexer = channel.lexer
            lexer.pos = lexer.line + 7
            n = lexer.number()
            n = _ENDLESS if n is None or n < 0 else n + 1
        _end(channel, n)


def _end(channel, left: int) -> None:
    """Send the rest of a payload to the module as blanks, not earlier than 50 ms after the prompt.
    Drop the rest of a payload from the module by its length: its bytes are never parsed as lines;
    after it the line is probed."""
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
