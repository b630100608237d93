"""What a refused file command means, and what is done about a write that failed."""

from ..core.compat import const
from ..core.errors import Cancelled, CommandError, Garbled
from ..core.file_errors import PartialFile

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
    from .file_catalog import names

    try:
        there = name in await names(files, tag)
    except OSError:
        there = True
    if there:
        raise error


async def write_failed(file, error, start: int, n: int) -> None:
    """Raise what a write has ended with, behind clearing away what it leaves; given up, it is
    left to `close()`, unless it could not even be opened. `start`: bytes of the file before it;
    `n`: those the module did not take."""
    given_up = isinstance(error, Cancelled) or not isinstance(error, Exception)
    if not given_up:
        error = await _meaning(file, error, n)
    if not given_up or file.closed:
        await clear(file, error, start)
    raise error


async def _meaning(file, error, n: int):
    """ENOSPC in place of a refusal that a full file system explains: the text of the module for
    it has no number that is known (at-commands 15)."""
    if isinstance(error, (CommandError, Garbled)):
        full = isinstance(error, CommandError) and error.code in _FULL
        if not full and n:
            try:
                full = await file.files.free(file.tag) < n
            except OSError:
                pass
        if full:
            return OSError(_ENOSPC, "no room for %s on the module" % file.name)
    return error


async def clear(file, error=None, start: int = -1) -> None:
    """Remove what a failed write has left of a new file; of one that was added to tell what is
    certain. `PartialFile` if something stays that is not as it should be."""
    if file.cleared:
        return
    files = file.files
    channel = files.channel
    hook = channel.keep_going
    channel.keep_going = None  # it has had its way: this is to be done nevertheless, and is short
    try:
        await files.hold()
        try:
            left = await _put_right(file)
        finally:
            channel.release()
    except OSError as second:
        why = "; it could not be removed (%s): do not use it" % second
        raise _partial(file, error, why if file.mode == "w" else "; and then: %s" % second)
    finally:
        channel.keep_going = hook
    file.cleared = True
    if file.mode == "a" and left != (file.size if start < 0 else start):
        raise _partial(file, error, "; the module has %d bytes of it" % left)


async def _put_right(file) -> int:
    """With the channel held: bytes that the file has now."""
    files = file.files
    try:
        await files.store.close(file)
    except CommandError:
        pass
    if not files.store.ready:
        await files.store.prepare()
    left = await files.measure(file.name, file.tag)
    if left >= 0 and file.mode == "w":
        await files.store.erase(file.name, file.tag)
    return max(0, left)


def _partial(file, error, what: str) -> PartialFile:
    errno = getattr(error, "errno", None) or _EIO
    size = 0 if file.mode == "w" else file.base if file.closed else file.size
    text = "%s: %s%s; its first %d bytes are certain" % (
        file.name, error or "a write was given up", what, size
    )  # fmt: skip
    return PartialFile(errno, text, file.name, size)
