# Generated from aio/lexi_r10/storage.py by tools/generate. Do not edit.
"""The file system of LEXI-R10: +FOPEN, +FREAD, +FWRITE, +FSEEK, +FCLOSE, +FDELETE. A10 7.2,
at-commands 10.2.

Files are open in the module, too. Which ones this program has opened is in `handles`; others were
left open by an earlier one, or by an exchange whose answer was lost, and are closed.
"""

from ...core.compat import const
from ...core.errors import CommandError, NotSupported
from ..framing import feed, take

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_EBUSY = const(16)
_EOPNOTSUPP = const(95)
_NOBODYS = const(-1)  # a count of restarts that never was


class Storage:
    """What `Files` and `File` ask of a module."""

    longest = 63  # bytes of a name

    if TYPE_CHECKING:
        handles: dict[int, Any]

    def __init__(self, files):
        self.files = files
        self.channel = files.channel
        self.written = self.total = 0
        self.lost()

    def lost(self) -> None:
        """The handles of the module are gone, or nobody knows."""
        self.handles = {}
        self.ready = False

    def check_tag(self, tag: str) -> None:
        raise NotSupported(_EOPNOTSUPP, "LEXI-R10", "file tags")

    def prepare(self) -> None:
        """Close what is open and not ours (+FOPEN?)."""
        channel = self.channel
        try:
            rows = channel.ask(b"+FOPEN?")
        except CommandError:  # nothing is open, or the firmware cannot tell
            rows = ()
        for row in rows:
            if len(row) > 1 and isinstance(row[1], int) and row[1] not in self.handles:
                try:
                    channel.ask(b"+FCLOSE", row[1])
                except CommandError:
                    pass
        self.ready = True

    def _handle(self, name: str) -> int:
        """+FOPEN, which makes a file that does not exist."""
        for file in self.handles.values():
            if file.name == name:
                raise OSError(_EBUSY, "%s is open: close it first" % name)
        self.ready = False  # until the caller knows what became of the handle
        for row in self.channel.ask(b"+FOPEN", name):
            if row and isinstance(row[0], int) and row[0] >= 0:
                stale = self.handles.pop(row[0], None)
                if stale:  # the module has restarted, and nobody has noticed
                    stale.life = _NOBODYS
                return row[0]
        raise self.channel.garbled("no handle")

    def open(self, file) -> None:
        """A handle for `file`, standing at `file.pos`, the end of what is added to."""
        handle = self._handle(file.name)
        if file.pos:
            from .appending import go_to_end

            go_to_end(self.channel, handle, file.pos)
        file.handle = handle
        file.place = file.pos
        self.handles[handle] = file
        self.ready = True

    def close(self, file) -> None:
        """Give the handle back; nothing if the module has restarted."""
        if self.handles.get(file.handle) is file:
            del self.handles[file.handle]
            self.ready = False
            self.channel.ask(b"+FCLOSE", file.handle)
            self.ready = True

    def release(self, file) -> None:
        """`close` of a file that was read: what fails is made up for at the next use."""
        if self.handles.get(file.handle) is file:
            self.files.hold()
            try:
                self.close(file)
            except CommandError:
                pass
            finally:
                self.channel.release()

    def erase(self, name: str, tag: str) -> None:
        """Delete a file that exists: it must be opened for that."""
        channel = self.channel
        handle = self._handle(name)
        channel.ask(b"+FDELETE", handle)
        try:
            channel.ask(b"+FCLOSE", handle)
        except CommandError:  # it went with the file
            pass
        self.ready = True
        # A damaged name would have made and deleted another file.
        if self.files.measure(name, tag) >= 0:
            raise channel.garbled("the file is still there")

    def put(self, file, data, at: int, n: int) -> None:
        """Write `data[at:at + n]` where the module stands: at the end."""
        channel = self.channel
        file.place = -1
        line = channel.start(b"+FWRITE")
        line.number(file.handle)
        line.number(n)
        channel.connect = True
        channel.handler = self._counted
        self.written = self.total = -1
        try:
            feed(channel, memoryview(data)[at : at + n] if at else data, n)
        except CommandError:
            self.ready = False  # perhaps the handle was a damaged number
            raise
        size = file.size + n
        # The second number is the size of the file, or what was written since it was opened.
        if self.written != n or self.total not in (size, size - file.base):
            raise channel.garbled("%s bytes of %d written" % (self.written, n))

    def _counted(self, lexer) -> None:
        self.written = lexer.number()
        self.total = lexer.number()

    def fetch(self, file, into, at: int, n: int, whole: bool):
        """Read to `into[at:]`, at most `n` bytes from `file.pos` on; how many there were. What is
        awaited is that of `take()` itself: a coroutine less for every piece of a file."""
        if file.place != file.pos:
            return self._sought(file, into, at, n, whole)
        file.place = -1
        self.ready = False  # until `landed()`: perhaps the handle was a damaged number
        line = self.channel.start(b"+FREAD")
        line.number(file.handle)
        if not whole:
            line.number(n)
        return take(self.channel, memoryview(into)[at : at + n] if at else into, n)

    def _sought(self, file, into, at: int, n: int, whole: bool) -> int:
        self.channel.ask(b"+FSEEK", file.handle, file.pos)
        file.place = file.pos
        return self.fetch(file, into, at, n, whole)

    def landed(self, file, n: int, got: int) -> None:
        """`got` of `n` bytes have come from `file.pos`. After less nobody knows where the module
        stands: a digit may be lost."""
        self.ready = True
        if got == n:
            file.place = file.pos + got
