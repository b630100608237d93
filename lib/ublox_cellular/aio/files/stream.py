"""An open file of the module: a stream of bytes. Made by `modem.files.open()`; writing.py has
files for writing.
"""

from ...core.buffers import capacity
from ...core.compat import const
from ...core.errors import CommandError
from ...wait_aio import StreamBase
from ..at import Lock

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_AHEAD = const(128)  # read with one command for callers that take a few bytes at a time
_FEW = const(64)

_ENOENT = const(2)
_EIO = const(5)
_EBADF = const(9)
_EINVAL = const(22)
_ECONNRESET = const(104)


class File(StreamBase):
    """Opened for one purpose: reading, writing or appending; anything else is a `ValueError`. Use
    it in `async with` (blocking: `with`). Tasks that read or write it at the same time wait for
    each other; a reader gets `OSError(EBADF)` once it is closed. A file to which no reference is
    left is closed when the next is opened, where Python has weak references (not on
    CircuitPython).

    Reading: after an error the position is as before, and the same may be read again. `size` is
    queried when the file is opened and again at its end, so that a digit lost on the line does
    not cut it short. After a restart of the module, reading continues on SARA-R5, where every
    command is independent, and raises `OSError(ECONNRESET)` on LEXI-R10, whose handle is lost.
    Writing: see `Writer`.
    """

    if TYPE_CHECKING:
        ahead: Any
        handle: Any
        patience: Any

    def __init__(self, files, name: str, tag: str, mode: str):
        self.files = files
        self.name = name
        self.tag = tag
        self.mode = mode  # r, w or a
        self.size = 0
        self.pos = 0
        self.sure = False  # reading: `size` was queried at the end, too
        self.handle = None  # LEXI-R10: the handle, and its position in the module, -1 unknown
        self.place = 0
        self.life = files.life
        self.closed = False
        self.lock = Lock()
        self.patience = None  # limits the waits for the channel, see http/profile.py
        self.ahead = None  # bytes read ahead, and the range of the remaining ones
        self.first = self.last = 0

    async def begin(self) -> None:
        """Open the file in the module."""
        files = self.files
        try:
            await files.hold(self.limit())
            try:
                await self._begin()
            finally:
                files.channel.release()
        except BaseException:
            self.drop()
            raise

    async def _begin(self) -> None:
        files = self.files
        self.life = files.life
        files.store.check_free(self.name, self.tag, True)
        self.size = await files.measure(self.name, self.tag)
        if self.size < 0:
            raise OSError(_ENOENT, "no file " + self.name)
        await files.store.open(self)

    def drop(self) -> None:
        """The file is not used any more: its handle is closed before the next command."""
        self.closed = True
        self.files.store.let_go(self.handle)

    def limit(self) -> int:
        """Time limit for the wait for the channel."""
        return self.patience.left() if self.patience else 0

    def check(self, writing: bool) -> None:
        """Raise if the file must not be read (written)."""
        if self.closed:
            raise OSError(_EBADF, "file is closed")
        if writing != (self.mode != "r"):
            raise ValueError("file is open for " + ("reading" if writing else "writing"))

    def alive(self) -> None:
        """Raise after a restart; with the channel held, as only then a restart is certainly
        noticed."""
        if self.closed:
            raise OSError(_EBADF, "file is closed")
        if self.life != self.files.life and (self.handle is not None or self.mode != "r"):
            raise OSError(_ECONNRESET, "the module has restarted: open the file again")

    async def turn(self) -> None:
        """Wait until no other task uses it; `lock.release()` ends our turn."""
        if not self.lock.take():
            await self.lock.acquire(self.files.channel, what=self.name)

    # ---- reading ----------------------------------------------------------------------------

    async def fetch(self, into, at: int, n: int, whole: bool = False) -> int:
        """Read at most `n` bytes to `into[at:]` by one command, 0 at the end. `whole`: they are
        the whole file, and the command that reads a whole file is used."""
        if self.pos >= self.size and self.sure:
            return 0
        files = self.files
        await files.channel.acquire(self.limit())  # like hold(), with one coroutine less
        try:
            if not files.store.ready:
                await files.store.prepare()
            self.alive()
            for _ in range(2):
                failure = None
                if self.pos < self.size:
                    n = min(n, files.chunk, self.size - self.pos)
                    try:
                        got = await files.store.fetch(self, into, at, n, whole)
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
                await self._measure()
            return 0
        finally:
            files.channel.release()

    async def _measure(self) -> None:
        """Query the size again, as an answer may have lost a digit on the line; if the two differ,
        a third one decides."""
        files = self.files
        before = self.size
        size = await files.measure(self.name, self.tag)
        if size != before:
            third = await files.measure(self.name, self.tag)
            if third != size and third != before:
                raise files.channel.garbled("sizes that differ")
            size = third
        if size < 0 and self.mode == "r":
            raise OSError(_ENOENT, "no file %s any more" % self.name)
        self.size = size
        self.sure = True

    def _back(self, to: int) -> None:
        """Return to position `to`, with nothing read ahead."""
        self.pos = to
        self.first = self.last = 0

    async def _look_ahead(self) -> int:
        """Read ahead when all such bytes are used; returns the number of bytes."""
        self.first = self.last = 0
        if self.ahead is None:
            self.ahead = bytearray(_AHEAD)
        self.last = await self.fetch(self.ahead, 0, _AHEAD)
        return self.last

    async def readinto(self, buf, nbytes: int = 0) -> int:
        """Fill `buf` (its first `nbytes` bytes); returns the number, fewer only at the end of the
        file."""
        self.check(False)
        n = capacity(buf, nbytes)
        if not self.lock.take():
            await self.turn()
        done = 0
        began = self.tell()
        try:
            self.check(False)
            while done < n:
                left = self.last - self.first
                if left:
                    if left > n - done:
                        left = n - done
                    ahead = memoryview(self.ahead)
                    buf[done : done + left] = ahead[self.first : self.first + left]
                    self.first += left
                    done += left
                elif n - done < _FEW:
                    if not await self._look_ahead():
                        break
                else:
                    got = await self.fetch(buf, done, n - done)
                    if not got:
                        break
                    done += got
        except BaseException:
            self._back(began)
            raise
        finally:
            self.lock.release()
        return done

    async def read(self, n: int = -1) -> bytes:
        """`n` bytes, fewer only at the end of the file; -1: the rest of the file."""
        self.check(False)
        if n is None:
            n = -1
        if not isinstance(n, int):
            raise TypeError("read: an integer wanted")
        left = self.size - self.tell()
        if not self.sure and not 0 <= n <= left:
            await self.files.hold(self.limit())
            try:
                await self._measure()
            finally:
                self.files.channel.release()
            left = self.size - self.tell()
        left = max(0, left)
        found = bytearray(left if n < 0 or left < n else n)
        got = await self.readinto(found) if found else 0
        return bytes(memoryview(found)[:got])

    async def readline(self) -> bytes:
        """Read up to and including the next newline, or to the end of the file."""
        self.check(False)
        await self.turn()
        began = self.tell()
        found = bytearray()
        try:
            self.check(False)
            while found[-1:] != b"\n":
                if self.first == self.last and not await self._look_ahead():
                    break
                end = self.ahead.find(b"\n", self.first, self.last) + 1 or self.last
                found.extend(memoryview(self.ahead)[self.first : end])
                self.first = end
        except BaseException:
            self._back(began)
            raise
        finally:
            self.lock.release()
        return bytes(found)

    def tell(self) -> int:
        """The position: bytes from the beginning of the file."""
        return self.pos - (self.last - self.first)

    async def seek(self, off: int, whence: int = 0) -> int:
        """Go to `off` bytes from the beginning, with `whence` 1 from the position, with 2 from the
        end (reading only); returns the new position. There is nothing to read after the end."""
        self.check(False)
        if not isinstance(off, int):
            raise TypeError("seek: an integer wanted")
        if whence not in (0, 1, 2):
            raise ValueError("whence of 0, 1 or 2 wanted")
        await self.turn()
        self.lock.release()  # from here on nothing is awaited
        self.check(False)
        off += (0, self.tell(), self.size)[whence]
        if off < 0:
            raise OSError(_EINVAL, "before the beginning of the file")
        self._back(off)
        return off

    # ---- the end ----------------------------------------------------------------------------

    async def write(self, data) -> int:
        """See `Writer`."""
        self.check(True)
        return 0

    async def close(self) -> None:
        """Close the file. Does not wait for readers."""
        if not self.closed:
            self.drop()
            channel = self.files.channel
            if channel.debts:
                await channel.pay()

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        await self.close()
