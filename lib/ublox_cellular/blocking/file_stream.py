# Generated from aio/file_stream.py by tools/generate. Do not edit.
"""An open file of the module: a stream of bytes. Made by `modem.files.open()`."""

from ..core.compat import const
from ..core.errors import CommandError
from ..wait_blocking import StreamBase

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_AHEAD = const(128)  # read at once for callers who take a few bytes at a time
_FEW = const(64)

_ENOENT = const(2)
_EIO = const(5)
_EBADF = const(9)
_EINVAL = const(22)
_ECONNRESET = const(104)

_BYTES = (bytes, bytearray, memoryview)


class File(StreamBase):
    """Opened for one thing: reading, writing or appending; the other is a `ValueError`. Use it
    in `async with` (blocking: `with`): what is left of a write that failed is dealt with there.

    Reading: after an error the position is as before, and the same may be read again. `size` is
    asked for when the file is opened and again at its end, so that a digit lost on the line does
    not cut it short. When the module restarts, reading goes on on SARA-R5, where every command
    stands alone, and raises `OSError(ECONNRESET)` on LEXI-R10, where the handle is gone.

    Writing: `size` is what the module has certainly. `close()` compares it with what the module
    says. When a write fails, "wb" removes the file before the error is raised: what is there is
    whole. "ab" cannot restore anything: if it left a part of what was to be written,
    `PartialFile` tells how many bytes are certain. `PartialFile` is raised by "wb", too, if the
    file cannot be removed (the module does not answer). A write that is given up by `keep_going`,
    a cancelled task or Ctrl-C is cleared away in `close()`, and so is a "wb" whose `with` block
    ends by an exception. Only when the host itself stops in the middle does a part stay that
    looks whole. After a restart of the module writes raise `OSError(ECONNRESET)`.
    """

    if TYPE_CHECKING:
        ahead: Any
        handle: int | None

    def __init__(self, files, name: str, tag: str, mode: str):
        self.files = files
        self.name = name
        self.tag = tag
        self.mode = mode  # r, w or a
        self.size = 0
        self.pos = 0
        self.sure = False  # reading: `size` was asked for at the end, too
        self.base = 0  # bytes that were there before the first write
        self.handle = None  # LEXI-R10: of the module, and where the module stands, -1 unknown
        self.place = 0
        self.life = files.life
        self.closed = self.failed = False
        self.cleared = True  # there is nothing to be cleared away if it fails now
        self.ahead = None  # bytes read and not asked for yet, and which of them are left
        self.first = self.last = 0

    def begin(self) -> None:
        """Open it in the module."""
        files = self.files
        try:
            files.hold()
            try:
                self._begin()
            finally:
                files.channel.release()
        except BaseException as error:
            self.closed = self.failed = True
            if not self.cleared:
                from .file_failures import write_failed

                write_failed(self, error, self.base, 0)
            raise

    def _begin(self) -> None:
        files = self.files
        self.life = files.life
        self.size = files.measure(self.name, self.tag)
        if self.mode == "r":
            if self.size < 0:
                raise OSError(_ENOENT, "no file " + self.name)
        elif self.mode == "a":
            self._measure()  # at a wrong place it would overwrite
        elif self.size >= 0:
            files.store.erase(self.name, self.tag)
            self.size = 0
        if self.size < 0:
            self.size = 0
        if self.mode == "a":
            self.pos = self.base = self.size
        self.cleared = self.mode == "r"  # from here on a failure leaves something
        files.store.open(self)

    def check(self, writing: bool) -> None:
        """Whether it may be read (written) at all."""
        if self.closed:
            raise OSError(_EBADF, "file is closed")
        if writing != (self.mode != "r"):
            raise ValueError("file is open for " + ("reading" if writing else "writing"))

    def alive(self) -> None:
        """With the channel held, as only then a restart is certainly noticed."""
        if self.life != self.files.life and (self.handle is not None or self.mode != "r"):
            raise OSError(_ECONNRESET, "the module has restarted: open the file again")

    # ---- reading ----------------------------------------------------------------------------

    def fetch(self, into, at: int, n: int, whole: bool = False) -> int:
        """At most `n` bytes to `into[at:]` by one command, 0 at the end. `whole`: they are all the
        file has, and the command that reads a whole file is used."""
        if self.pos >= self.size and self.sure:
            return 0
        files = self.files
        files.channel.acquire()  # hold() at one coroutine less: this is done often
        try:
            if not files.store.ready:
                files.store.prepare()
            self.alive()
            for _ in range(2):
                failure = None
                if self.pos < self.size:
                    n = min(n, files.chunk, self.size - self.pos)
                    try:
                        got = files.store.fetch(self, into, at, n, whole)
                        files.store.landed(self, n, got)
                        if got:
                            self.pos += got
                            return got
                    except CommandError as error:
                        failure = error
                    if self.sure:
                        raise failure or files.channel.garbled("less than its size")
                elif self.sure:
                    break
                self._measure()
            return 0
        finally:
            files.channel.release()

    def _measure(self) -> None:
        """Ask for the size once more, as an answer may have lost a digit on the line; if the two
        differ, a third one decides."""
        files = self.files
        before = self.size
        size = files.measure(self.name, self.tag)
        if size != before:
            third = files.measure(self.name, self.tag)
            if third != size and third != before:
                raise files.channel.garbled("sizes that differ")
            size = third
        if size < 0 and self.mode == "r":
            raise OSError(_ENOENT, "no file %s any more" % self.name)
        self.size = size
        self.sure = True

    def readinto(self, buf, nbytes: int = 0) -> int:
        """Fill `buf` (its first `nbytes` bytes); the number, less only at the end of the file."""
        self.check(False)
        n = nbytes or len(buf)
        if not 0 <= n <= len(buf):
            raise ValueError("nbytes from 0 to the size of the buffer wanted")
        began = self.tell()
        done = 0
        while done < n:
            left = self.last - self.first
            if left:
                if left > n - done:
                    left = n - done
                buf[done : done + left] = memoryview(self.ahead)[self.first : self.first + left]
                self.first += left
                done += left
                continue
            try:
                if n - done < _FEW:
                    self.first = self.last = 0
                    if self.ahead is None:
                        self.ahead = bytearray(_AHEAD)
                    self.last = got = self.fetch(self.ahead, 0, _AHEAD)
                else:
                    got = self.fetch(buf, done, n - done)
                    done += got
            except BaseException:
                self.pos = began
                self.first = self.last = 0
                raise
            if not got:
                break
        return done

    def read(self, n: int = -1) -> bytes:
        """`n` bytes, fewer only at the end of the file; -1: all that is left of it."""
        self.check(False)
        left = self.size - self.tell()
        if not self.sure and not 0 <= n <= left:
            self.files.hold()
            try:
                self._measure()
            finally:
                self.files.channel.release()
            left = self.size - self.tell()
        left = max(0, left)
        found = bytearray(left if n < 0 or left < n else n)
        got = self.readinto(found) if found else 0
        return bytes(memoryview(found)[:got])

    def readline(self) -> bytes:
        """Up to and with the next newline, or to the end of the file."""
        began = self.tell()
        found = bytearray()
        one = bytearray(1)
        try:
            while self.readinto(one):
                found.extend(one)
                if one[0] == 10:
                    break
        except BaseException:
            self.seek(began)
            raise
        return bytes(found)

    def tell(self) -> int:
        """The position: bytes from the beginning of the file."""
        return self.pos - (self.last - self.first)

    def seek(self, off: int, whence: int = 0) -> int:
        """Go to `off` bytes from the beginning, with `whence` 1 from here, with 2 from the end
        (reading only); the new position. Beyond the end there is nothing to read."""
        self.check(False)
        if whence not in (0, 1, 2):
            raise ValueError("whence of 0, 1 or 2 wanted")
        off += (0, self.tell(), self.size)[whence]
        if off < 0:
            raise OSError(_EINVAL, "before the beginning of the file")
        self.pos = off
        self.first = self.last = 0
        return off

    # ---- writing ----------------------------------------------------------------------------

    def write(self, data) -> int:
        """Write everything; the number of bytes."""
        self.check(True)
        if not isinstance(data, _BYTES):
            raise TypeError("bytes, bytearray or memoryview wanted")
        if self.failed:
            raise OSError(_EIO, "an earlier write has failed")
        files = self.files
        start = self.size
        n = len(data)
        done = 0
        try:
            while done < n:
                size = min(n - done, files.chunk)
                files.channel.acquire()
                try:
                    if not files.store.ready:
                        files.store.prepare()
                    self.alive()
                    files.store.put(self, data, done, size)
                finally:
                    files.channel.release()
                done += size
                self.size += size
                self.pos = self.size
        except BaseException as error:
            self.failed = True
            from .file_failures import write_failed

            write_failed(self, error, start, n - done)
        return n

    def close(self) -> None:
        """Close it. After a write: make sure that the module has all of it, see `File`."""
        if self.closed:
            return
        self.closed = True
        self.ahead = None
        if self.mode == "r":
            self.files.store.release(self)
        elif self.failed:
            from .file_failures import clear

            clear(self)
        else:
            try:
                self.finish()
            except BaseException as error:
                self.failed = True
                from .file_failures import write_failed

                write_failed(self, error, self.base, 0)

    def finish(self) -> None:
        """Give the handle back and compare the sizes."""
        files = self.files
        files.hold()
        try:
            self.alive()
            files.store.close(self)
            size = files.measure(self.name, self.tag)
            if size != self.size:  # a damaged number must not cost a good file
                size = files.measure(self.name, self.tag)
            if max(0, size) != self.size:
                raise files.channel.garbled("it has %d bytes of %d" % (size, self.size))
        finally:
            files.channel.release()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and self.mode == "w":
            self.failed = True
        self.close()
