"""The sentences of the errors, made only when one is printed."""

from . import errors


def describe(error) -> str:
    """What was asked, what came back, what to do."""
    args = error.details
    if isinstance(error, errors.CommandError):
        if args[1] < 0:
            return "%s was answered ERROR" % args[0]
        from .cme import text

        return "%s was answered +CME ERROR: %d (%s)" % (args[0], args[1], text(args[1]))
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


def heard(lexer) -> str:
    """What came last on the line."""
    if lexer.end == 0:
        return "nothing"
    return repr(bytes(lexer.buf[max(0, lexer.end - 40) : lexer.end]))
