"""The sentences of the errors, made only when one is printed."""

from . import errors


def describe(error) -> str:
    """What was asked, what came back, what to do; `error.place`, where it is set, is who was meant
    by it."""
    return getattr(error, "place", "") + _sentence(error)


def _sentence(error) -> str:
    args = error.details
    if isinstance(error, errors.CommandError):
        if args[1] < 0:
            return "%s was answered ERROR" % args[0]
        from .error_tables import cme_text

        return "%s was answered +CME ERROR: %d (%s)" % (args[0], args[1], cme_text(args[1]))
    if isinstance(error, errors.CommandTimeout):
        return "%s had no answer within %d ms, heard: %s" % args
    if isinstance(error, errors.Garbled):
        return "%s: damaged answer (%s)" % args
    if isinstance(error, errors.ModuleReset):
        return "%s: the module has restarted, connect() again" % args[0]
    if isinstance(error, errors.Cancelled):
        return "%s given up as asked" % args[0]
    if isinstance(error, errors.NotSupported):
        return "%s has no %s" % args
    return str(args[0])


def legible(data) -> str:
    """ASCII text, '?' for every other byte."""
    return "".join([chr(c) if 32 <= c < 127 else "?" for c in data])


def heard(engine) -> str:
    """What came last on the line."""
    lexer = engine.lexer
    if lexer.dropping or engine.tx.hidden or lexer.buf.find(_SECRET, 0, lexer.end) >= 0:
        return "a line too long, or secret"
    if lexer.end == 0:
        return "nothing"
    line = bytes(lexer.buf[max(0, lexer.end - 40) : lexer.end])
    return "perhaps a secret" if engine.wary and _dense(line) else repr(line)


_SECRET = b"USECPRF:"
_FINALS = (b"OK", b"ERROR", b"ABORTED", b"Command aborted")
_CAUSES = (b"+CME ERROR:", b"+CMS ERROR:")
_DENSE = 12  # a run of so many characters of base64, letters among them, may be a piece of a key


def traced(engine, echo: bool) -> bytes:
    """The current line for a trace: an echo may hold what a command kept secret, even one whose
    beginning was lost on the line, and what the module reports of a security profile may be a key,
    a password or a session (at-commands 4)."""
    if echo:
        return b"<echo>"
    lexer = engine.lexer
    line = bytes(lexer.buf[lexer.line : lexer.stop])
    if secret(engine, line):
        return b"<not shown: it may hold a secret>"
    if 0 <= line.find(_SECRET) < 3:
        parts = line.split(b",")
        words = [part.strip() for part in parts[1:3]] + [b"", b""]
        kept = 3 if words[0] == b"13" and words[1] not in (b"0", b"1") else 9
        if words[0] in (b"7", b"8"):
            kept = 2
        if len(parts) > kept:
            line = b",".join(parts[:kept]) + b",***"
        if engine.wary and _dense(line):  # a digit of its number was lost
            return b"+USECPRF: ***"
    return line


def unknown(engine) -> None:
    """Give `on_unknown` the current line, unless it may hold a secret."""
    lexer = engine.lexer
    line = bytes(lexer.buf[lexer.line : lexer.stop])
    if not secret(engine, line):
        engine.on_unknown(line)


def secret(engine, line: bytes) -> bool:
    """Whether a line may be a piece of a secret: an echo of a command with one, its beginning lost
    on the line; or what the module has reported of a TLS session, likewise."""
    return (engine.tx.hidden or (engine.wary and _dense(line))) and not _known(engine, line)


def _dense(line: bytes) -> bool:
    run = letters = 0
    for c in line:
        if 65 <= c <= 90 or 97 <= c <= 122:
            letters += 1
        elif not (47 <= c <= 57 or c == 43 or c == 61):
            run = letters = 0
            continue
        run += 1
        if run >= _DENSE and letters:
            return True
    return False


def _known(engine, line: bytes) -> bool:
    """Whether a line is certainly the module's own, and no piece of something else."""
    if line in _FINALS:
        return True
    names = [name + b":" for name in engine.urcs[::2]]
    for name in _CAUSES + tuple(names):
        if line[: len(name)] == name:
            return True
    return bool(engine.name) and line.startswith(engine.name + b":")


def looked_up(table: bytes, number: int) -> str:
    """The text of `number` in a table of error_tables.py or service_texts.py, which begins with an
    empty line; "" if there is none."""
    at = table.find(b"\n%d " % number)
    if at < 0:
        return ""
    at = table.find(b" ", at) + 1
    return str(table[at : table.find(b"\n", at)], "utf-8")


# By the numbers of engine.py.
_STATES = "idle pause sending waiting payload-pause payload reading ? data"
_OUTCOMES = "none OK failed connected restarted garbled"


def state(engine) -> str:
    """What the engine does, with which command, and the result of that, for a person."""
    doing, result = _STATES.split(" ")[engine.state], _OUTCOMES.split(" ")[engine.outcome]
    words = "%s, AT%s: %s" % (doing, str(engine.tx.name, "utf-8"), result)
    return words + (", given up" if engine.abandoned else "")
