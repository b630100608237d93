"""A file of the module that is written: what goes wrong is put right, or reported."""

from ...core.buffers import check_data
from ...core.compat import const
from ...core.errors import Cancelled, CommandError, Garbled, ModemError
from ...core.giving_up import answered
from .stream import File

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_EIO = const(5)
_ECONNRESET = const(104)


class Writer(File):
    """`size` is what the module has certainly. `close()` compares it with what the module says,
    and waits for tasks that write. When a write fails, "wb" removes the file before the error is
    raised: what is there is whole. "ab" cannot restore anything: if it left a part of what was to
    be written, `PartialFile` says how many bytes are certain. `PartialFile` is raised by "wb",
    too, if the file cannot be removed (the module does not answer).

    What a write has left that was given up (by `keep_going`, a cancelled task, Ctrl-C), or a "wb"
    whose `with` block ends by an exception, is cleared away in `close()`, at the latest before the
    next command. A `close()` that is given up leaves the comparison to the next command, which
    removes a "wb" that is not whole. Where a cancelled task or Ctrl-C ends a `with` block, what
    `close()` would raise is in `trouble`. Only when the host itself stops in the middle does a
    part stay that looks whole. After a restart of the module writes raise `OSError(ECONNRESET)`.
    """

    if TYPE_CHECKING:
        trouble: Any

    def __init__(self, files, name: str, tag: str, mode: str):
        File.__init__(self, files, name, tag, mode)
        self.base = 0  # bytes that were there before the first write
        self.failed = False
        self.cleared = True  # there is nothing to be put right, or that is done
        self.owed = False  # it will be before the next command
        self.left = 0  # bytes that the module had then
        self.trouble = None  # what was wrong
        self.reported = False  # it was raised

    async def begin(self) -> None:
        """Open it in the module."""
        try:
            await File.begin(self)
        except Exception as error:
            if self.owed:
                await self.put_right(error, self.base, 0)
            raise

    async def _begin(self) -> None:
        files = self.files
        self.life = files.life
        files.store.check_free(self.name, self.tag)
        self.size = await files.measure(self.name, self.tag)
        if self.mode == "a":
            await self._measure()  # at a wrong place it would overwrite
        elif self.size >= 0:
            await files.store.erase(self.name, self.tag)
            self.size = 0
        if self.size < 0:
            self.size = 0
        if self.mode == "a":
            self.pos = self.base = self.size
        self.cleared = False  # from here on a failure leaves something
        await files.store.open(self)

    def drop(self) -> None:
        """It is not used any more: it is put right before the next command."""
        self.closed = self.failed = True
        self._owe()

    def _owe(self) -> None:
        if not self.cleared and not self.owed:
            self.files.channel.owe(_conclude, self)
            self.owed = True

    async def write(self, data) -> int:
        """Write everything; the number of bytes."""
        self.check(True)
        check_data(data)
        if not self.lock.take():
            await self.turn()
        files = self.files
        start = self.size
        n = len(data)
        done = 0
        try:
            if self.failed:
                raise OSError(_EIO, "an earlier write has failed")
            self.check(True)
            while done < n:
                size = min(n - done, files.chunk)
                await files.channel.acquire(self.limit())
                try:
                    if not files.store.ready:
                        await files.store.prepare()
                    self.alive()
                    await files.store.put(self, data, done, size)
                finally:
                    files.channel.release()
                done += size
                self.size += size
                self.pos = self.size
            return n
        except BaseException as error:
            if not self.failed and not self.closed:
                self.failed = True
                self._owe()
                if isinstance(error, Exception):
                    await self.put_right(error, start, n - done)
            raise
        finally:
            self.lock.release()

    async def put_right(self, error, start: int, n: int) -> None:
        """Raise what a write has ended with, after clearing away what it leaves; `Cancelled`
        leaves that to `close()`, or the next command. `start`: bytes of the file before it; `n`:
        those the module did not take."""
        self.failed = True
        self._owe()
        if isinstance(error, Cancelled):
            raise error

        channel = self.files.channel
        channel.firm += 1  # the hook has had its way: this is to be done, and is short
        try:
            if self.owed:
                await channel.pay()
            error = await meaning(self, error, n)
        except OSError as second:
            self.trouble = second
        finally:
            channel.firm -= 1
        report(self, error, start, self.base if self.closed else self.size)

    async def close(self) -> None:
        """Close it, and make sure that the module has all of it."""
        if not self.closed:
            await self.turn()
            try:
                if not self.closed:
                    self.closed = True
                    if not self.reported:
                        await self._close()
            finally:
                self.lock.release()

    async def _close(self) -> None:
        """Have it concluded, and raise what was wrong with it."""
        before = self.failed
        self._owe()
        channel = self.files.channel
        channel.firm += before  # what a failure has left is cleared away whatever a hook says
        try:
            if self.owed:
                await channel.pay()
        except Exception as error:
            await self.put_right(error, self.base, 0)
            raise
        finally:
            channel.firm -= before
        if self.failed or not self.cleared:
            certain = self.size if before else self.base
            report(self, None if before else self.trouble, certain, certain)

    async def __aexit__(self, kind, value, trace):
        if kind is not None and self.mode == "w":
            self.failed = True
        try:
            await self.close()
        except ModemError as error:
            if kind is None or issubclass(kind, Exception):
                raise
            self.trouble = error  # a task that is cancelled ends as that


async def _conclude(file) -> None:
    """Paid as a debt, when it is not written any more: give the handle back, compare the sizes,
    remove a new file that is not whole. What the module refuses is in `trouble`."""
    files = file.files
    store = files.store
    try:
        if file.life != files.life and not file.failed:
            file.failed = True
            file.trouble = OSError(_ECONNRESET, "the module has restarted before the end")
        await store.close(file.handle)
        if not store.ready:
            await store.prepare()
        size = await files.measure(file.name, file.tag)
        if size != file.size:  # a damaged number must not cost a good file
            size = await files.measure(file.name, file.tag)
        file.left = max(0, size)
        if file.left != file.size and not file.failed:
            file.failed = True
            file.trouble = files.channel.garbled("it has %d bytes of %d" % (size, file.size))
        if file.failed and size >= 0 and file.mode == "w":
            await store.erase(file.name, file.tag)
        file.cleared = True
    except OSError as error:
        if not answered(error):
            raise  # it is tried again
        file.failed = True
        file.trouble = error
    file.owed = False


# ---- failures -----------------------------------------------------------------------------------
#
# What a refused file command means, and what is raised when a write has failed.

_MISSING = (1612, 1624)
_FULL = (20, 1637)

_ENOSPC = const(28)


async def check_missing(files, error, name: str, tag: str) -> None:
    """Raise `error`, the answer to a question for a file, unless it means that there is none.

    The codes of LEXI-R10 are not documented (at-commands 10.2): there the list tells.
    """
    if error.code in _MISSING:
        return
    from .whole_file import names

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
    from ...core.service_errors import PartialFile

    raise PartialFile(getattr(error, "errno", None) or _EIO, text, file.name, size)
