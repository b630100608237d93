"""What a refused file command means, and what is raised when a write has failed."""

from ...core.compat import const
from ...core.errors import CommandError, Garbled
from ...core.file_errors import PartialFile
from ...core.giving_up import answered

_MISSING = (1612, 1624)
_FULL = (20, 1637)

_EIO = const(5)
_ENOSPC = const(28)


async def check_missing(files, error, name: str, tag: str) -> None:
    """Raise `error`, the answer to a question for a file, unless it means that there is none.

    The codes of LEXI-R10 are not documented (at-commands 10.2): there the list tells.
    """
    if error.code in _MISSING:
        return
    from .listing import names

    try:
        there = name in await names(files, tag)
    except OSError as second:
        if not answered(second):
            raise
        there = True
    if there:
        raise error


async def meaning(file, error, n: int):
    """ENOSPC in place of a refusal that a full file system explains: the text of the module for
    it has no number that is known (at-commands 15)."""
    if isinstance(error, (CommandError, Garbled)):
        full = isinstance(error, CommandError) and error.code in _FULL
        if not full and n:
            try:
                room = await file.files.free(file.tag)
                if file.mode == "w" and file.cleared:  # that of the part is free again
                    room -= file.left
                full = room < n
            except OSError:
                pass
        if full:
            return OSError(_ENOSPC, "no room for %s on the module" % file.name)
    return error


def report(file, error, start: int, certain: int) -> None:
    """Raise `error`, if there is one, or `PartialFile` if something stays that is not as it should
    be: the module has other than the `start` bytes from before, of which `certain` are right."""
    file.reported = True
    if not file.cleared:
        if file.mode == "w":
            why = "; it could not be removed (%s): do not use it" % file.trouble
        else:
            why = "; and then: %s" % file.trouble
    elif file.mode == "a" and file.left != start:
        why = "; the module has %d bytes of it" % file.left
    elif error:
        raise error
    else:
        return
    size = 0 if file.mode == "w" else certain
    text = "%s: %s%s; its first %d bytes are certain" % (
        file.name, error or "a write was given up", why, size
    )  # fmt: skip
    raise PartialFile(getattr(error, "errno", None) or _EIO, text, file.name, size)
