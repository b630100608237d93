"""What becomes of an exchange whose caller has given up. Imported when that happens."""

from .errors import Cancelled, CommandError, ModemError


def given_up(error) -> bool:
    """Whether the caller has given up, by a cancelled task, Ctrl-C or its hook: no more is waited
    for then."""
    return isinstance(error, Cancelled) or not isinstance(error, Exception)


def answered(error) -> bool:
    """Whether the line is as it was before an `OSError`: the module has refused something, or the
    driver itself."""
    return isinstance(error, CommandError) or not isinstance(error, ModemError)


def keep(engine) -> None:
    """Whoever owns what the module is giving out may take it (`keeper`); what the module still
    wants to have it gets."""
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
    if engine.out is not None and not isinstance(engine.out, bytes):
        at = engine.out_at
        try:
            engine.out = bytes(memoryview(engine.out)[at : at + engine.out_n])
        except MemoryError:
            engine.out = b""
        engine.out_at = 0
