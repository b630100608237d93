# Generated from aio/ftp/link.py by tools/generate. Do not edit.
"""A file of an FTP server as a stream along the line (direct link), read. A5 9.1.4, at-commands
8.2."""

from ...core.buffers import capacity, wrong
from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import CommandError, Garbled, ModuleReset
from ...wait_blocking import StreamBase
from ..at import Lock
from ..at.data_mode import paid
from ..at.link import Link
from .session import checked

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from .upload import Writer

_GET_LINK = const(6)
_PUT_LINK = const(7)

_QUIET_MS = const(5000)  # nothing more of a file whose size is not known: perhaps its end
_RESULT_MS = const(30000)  # of the module's own word after a link
_LAST_OFFSET = const(0x7FFFFFFF)
_PIECE = const(512)
_LOOK_MS = const(5)

_DATA = const(8)  # state of the engine
_CONNECTED = const(3)  # outcomes
_GARBLED = const(5)

_EBADF = const(9)
_ECONNRESET = const(104)


def check_offset(offset) -> None:
    if not isinstance(offset, int) or offset < 0:
        raise wrong("offset", offset)
    if offset > _LAST_OFFSET:
        raise ValueError("offset: at most %d" % _LAST_OFFSET)


def open(
    ftp,
    name: str,
    mode: str = "rb",
    *,
    offset: int = 0,
    size: "int | None" = None,
    check: "bool | None" = None,
    quiet_ms: int = _QUIET_MS,
    timeout_ms: "int | None" = None,
) -> "Reader | Writer":
    """A file of the server as a stream along the line (+UFTPC=6, 7): "rb" reads, "wb" writes it.
    No other command runs until it is closed.

    `offset`: begin there; the server must know REST. Reading: `size` is that of the whole file;
    None asks the server's list for it. Where that does not say either, `quiet_ms` without a byte
    are taken for the end, and the module is asked whether they were. `check`: compare the MD5 that
    the module reports; None does so where Python has it built in, True wherever it must be
    calculated in Python, too, which is slow. Without RTS and CTS (`flow=True`)
    bytes are lost where the reader is slow.

    `timeout_ms`: until the link is there, and the longest silence in it.

    Raises `ValueError`, `TypeError`, `FtpError`, `FtpTimeout`, `CommandError`, `ModuleReset`.
    """
    return opened(ftp, name, mode, offset, size, check, quiet_ms, timeout_ms)


def opened(
    ftp, name, mode, offset=0, size=None, check=None, quiet_ms=_QUIET_MS, timeout_ms=None
) -> "Any":
    checked(name)
    check_offset(offset)
    if mode not in ("rb", "wb"):
        raise ValueError("mode rb or wb wanted, not " + repr(mode))
    if size is not None and (not isinstance(size, int) or size < 0):
        raise wrong("size", size)
    if not isinstance(quiet_ms, int) or quiet_ms < 1:
        raise wrong("quiet_ms", quiet_ms)
    limit_ms = ftp.patience(timeout_ms)
    op = _GET_LINK if mode == "rb" else _PUT_LINK
    ftp.session(op)
    if op == _GET_LINK and size is None:
        from .listing import size as size_of

        size = size_of(ftp, name, limit_ms)
    if op == _GET_LINK and size is not None and size < offset:
        raise ValueError("offset: at most %d, the size of %s" % (size, name))
    channel = ftp.channel
    began = channel.port.ticks_ms()
    if not ftp.lock.take():
        ftp.lock.acquire(channel, limit_ms, "the FTP client")
    try:
        parts = (name, offset) if offset else (name,)
        ftp.guarded(True, _connected, ftp, op, parts, limit_ms, began)
        try:
            kind = Reader
            if op == _PUT_LINK:
                from .upload import Writer

                kind = Writer
            return kind(ftp, op, name, offset, size, limit_ms, quiet_ms, check)
        except BaseException:
            channel.release()
            raise
    finally:
        ftp.lock.release()


def _connected(ftp, op: int, parts, limit_ms: int, began: int) -> None:
    """+UFTPC up to its CONNECT; the channel is held then."""
    channel = ftp.channel

    def plan(channel) -> None:
        refused = channel.keeper

        def kept(ended: bool) -> None:
            """Given up: whether CONNECT has come is not known."""
            refused(ended)
            if ended and channel.outcome == _GARBLED:
                _perhaps(channel)

        channel.connect = True
        channel.keeper = kept

    rubbish = channel.unknown
    try:
        ftp.begin(op, parts, limit_ms, began, plan)
    except CommandError as error:
        if channel.unknown != rubbish:  # CONNECT was damaged, and the file has such a line
            _perhaps(channel)
        raise ftp.refused(op, error)
    except Garbled:
        _perhaps(channel)
        raise
    if channel.state == 0:  # OK alone: it fails by its URC
        if channel.unknown != rubbish:
            _perhaps(channel)
        channel.release()
        ftp.finish(op, limit_ms, began)
        raise channel.garbled("no CONNECT")


def _perhaps(channel) -> None:
    """The module may be in data mode: the next command leaves that, before anything else is
    asked."""
    channel.state = _DATA
    channel.outcome = _CONNECTED


def _md5(check):
    """Something to calculate the checksum with; None if it is not to be."""
    if check is False:
        return None
    try:
        from hashlib import md5

        return md5()
    except (ImportError, AttributeError):
        if not check:
            return None
    from ...core.md5 import Md5

    return Md5()


class Linked(StreamBase):
    """What both directions share. `pos`: bytes of the file up to here, `checked`: whether its
    MD5 was compared when it was closed. Use it in `async with` (blocking: `with`)."""

    if TYPE_CHECKING:
        link: Any

        def close(self) -> None: ...

    def __init__(self, ftp, op: int, name: str, offset: int, size, limit_ms, quiet_ms, check):
        self.ftp = ftp
        self.op = op
        self.name = name
        self.pos = self.first = offset
        self.size = size
        self.limit_ms = limit_ms
        self.quiet_ms = quiet_ms
        self.md5 = None if offset else _md5(check)
        self.checked = False
        self.closed = False
        self.failed = None
        self.result = None  # of its own +UUFTPCR: 1 good, 0 failed
        self.sum = ""  # the MD5 that came with it
        self.left = False  # data mode, or an attempt to leave it was made
        self.link = Link(ftp.channel)
        self.link.proof = b"+UUFTPCR: %d," % op  # what the module says after an end of its own
        # Dropped without being closed, it gives the channel back.
        ftp.channel.stream = ftp.linked = ref(self)

    def _alive(self) -> None:
        if self.failed:
            raise self.failed
        if self.closed:
            raise OSError(_EBADF, "the file is closed")

    def _leave(self) -> None:
        """Out of data mode, and the module's word for how it ended."""
        ftp = self.ftp
        channel = ftp.channel
        link = self.link
        if self.left:
            return
        self.left = True
        link.counted = False
        channel.firm += 1
        try:
            link.close()
            self._result()
        finally:
            channel.firm -= 1
            link.desert()
        if link.restarted:
            raise ModuleReset(_ECONNRESET, ftp.named(self.op))

    def _result(self) -> None:
        ftp = self.ftp
        channel = ftp.channel
        began = channel.port.ticks_ms()
        limit_ms = max(_RESULT_MS, self.limit_ms)
        while self.result is None and ftp.op == self.op and channel.elapsed(began) < limit_ms:
            channel.poll()
            channel.proceed("ftp")
            if self.result is None:
                channel.sleep(_LOOK_MS)

    def _verdict(self, complete: bool) -> None:
        """Raise if the transfer has failed, or is not what it should be."""
        ftp = self.ftp
        error = None
        if self.result is None:
            error = ftp.late(self.op, self.limit_ms)
        elif not self.result:
            error = ftp.failure(self.op)
        elif not complete:
            error = ftp.channel.garbled(
                "%d bytes of %s are missing" % (self._missing(), self.name)
            )
        elif self.md5 is not None and len(self.sum) == 32:
            from binascii import hexlify

            if str(hexlify(self.md5.digest()), "utf-8") != self.sum.lower():
                error = ftp.channel.garbled("the MD5 of %s is another one" % self.name)
                ftp.channel.suspect = False
            self.checked = error is None
        if error:
            self.failed = error
            raise error

    def _missing(self) -> int:
        return 0 if self.size is None else max(0, self.size - self.pos)

    def drop(self) -> None:
        """Given up: the next command leaves data mode."""
        self.closed = True
        self.link.desert()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.close()
        else:
            self.abort()

    def abort(self) -> None:
        """Leave data mode, whatever has passed; that the module reports a failure is no error."""
        if not self.closed:
            self.closed = True
            self._leave()
            paid(self.ftp.channel)


class Reader(Linked):
    """A file that is read, by one task at a time. `size`: bytes of the whole file, None if it is
    not known."""

    def __init__(self, *arguments):
        Linked.__init__(self, *arguments)
        self.reading = Lock()

    def readinto(self, buf, nbytes: int = 0) -> int:
        """Some bytes to `buf` (its first `nbytes`), at least one; 0 at the end, which is certain:
        the module has confirmed it. Raises `FtpError`, `Garbled`, `ModuleReset`, `InUse`."""
        room = capacity(buf, nbytes)
        if not room:  # no end, and nothing to wait for
            return 0
        if not self.reading.take():
            self.reading.acquire(self.ftp.channel, what="the file")
        try:
            return self._some(buf, room)
        finally:
            self.reading.release()

    def _some(self, buf, room: int) -> int:
        self._alive()
        link = self.link
        if self.left and self.result == 1:
            return 0
        left = self._missing()
        if self.size is not None:
            if not left:
                self._finish()
                return 0
            room = min(room, left)
            link.counted = True
            patience_ms = self.limit_ms
        else:
            patience_ms = self.quiet_ms
        n = link.some(buf, room, patience_ms)
        if link.restarted:
            self.closed = True
            raise ModuleReset(_ECONNRESET, self.ftp.named(self.op))
        if not n:
            self._finish()
            return 0
        self.pos += n
        if self.md5 is not None:
            self.md5.update(memoryview(buf)[:n])
        return n

    def _finish(self) -> None:
        """The end, or what looks like it."""
        self._leave()
        self._verdict(not self._missing())

    def read(self, n: int = -1) -> bytes:
        """`n` bytes, fewer only at the end; -1: all that is left, which must fit into memory."""
        if n is None:
            n = -1
        if not isinstance(n, int):
            raise TypeError("read: an integer wanted")
        if n < 0 and self.size is not None:
            n = self._missing() + 1  # which finds the end, too
        found = bytearray()
        piece = bytearray(min(_PIECE, n) if n > 0 else _PIECE)
        while n < 0 or len(found) < n:
            room = len(piece) if n < 0 else min(len(piece), n - len(found))
            got = self.readinto(piece, room)
            if not got:
                break
            found.extend(memoryview(piece)[:got])
        return bytes(found)

    def close(self) -> None:
        """Leave data mode. A file that was not read to its end is broken off, which is no error;
        of one that was, the module's word counts: `FtpError`, `Garbled`."""
        if self.closed:
            return
        self.closed = True
        whole = not self.left and self.size is not None and not self._missing()
        if whole or not self.link.ended:
            self._leave()
        paid(self.ftp.channel)
        if whole:
            self._verdict(True)
