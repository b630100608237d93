"""Files to and from an FTP server: by the module's file system, or straight along the line (direct
link). A5 9.1, at-commands 8.2.
"""

from ...core.buffers import capacity, check_data, moved, wrong
from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import CommandError, Garbled, ModuleReset
from ...wait_aio import StreamBase
from ..at.data_mode import paid
from ..at.link import Link
from .session import checked

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_GET = const(4)
_PUT = const(5)
_GET_LINK = const(6)
_PUT_LINK = const(7)

_HOUR_MS = const(3600000)
_QUIET_MS = const(5000)  # nothing more of a file whose size is not known: perhaps its end
_RESULT_MS = const(30000)  # of the module's own word after a link
_PAUSE_MS = const(51)  # rule 1, as after a prompt
_LAST_OFFSET = const(0x7FFFFFFF)
_PIECE = const(512)
_LOOK_MS = const(5)
_REBASE_MS = const(500)
_STUCK_MS = const(10000)  # for a UART that does not get done: flow control

_DATA = const(8)  # state of the engine
_CONNECTED = const(3)  # outcomes
_GARBLED = const(5)

_ENOENT = const(2)
_EIO = const(5)
_EBADF = const(9)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


# ---- by files of the module ---------------------------------------------------------------------


class _Claim:
    """The module reads or writes one of its files: to others it is open."""

    def __init__(self, name: str, mode: str):
        self.name = name
        self.tag = ""
        self.mode = mode
        self.closed = False


async def _claimed(ftp, name: str, mode: str):
    """(claim, bytes of the file or -1). `OSError(EBUSY)`."""
    files = ftp.modem.files
    claim = _Claim(name, mode)
    await files.hold()
    try:
        files.store.check_free(name, "", mode == "r")
        size = await files.measure(name, "")
        await files.store.open(claim)
        return claim, size
    finally:
        files.channel.release()


async def get(
    ftp,
    remote: str,
    local: str,
    *,
    resume: bool = False,
    timeout_ms: int = _HOUR_MS,
) -> int:
    """Fetch a file of the server to one of the module (+UFTPC=4); its bytes there. It replaces one
    of that name; with `resume` it goes on after the last byte that is there.

    Raises `ValueError`, `TypeError`; `OSError(EBUSY)` if the module's file is open;
    `PartialTransfer` if a part of it has come; `FtpError`, `FtpTimeout`, `CommandError`,
    `ModuleReset`.
    """
    checked(remote, "remote")
    files = ftp.modem.files
    local = files.check(local, "")
    ftp.patience(timeout_ms)
    ftp.session(_GET)
    claim, before = await _claimed(ftp, local, "w")
    try:
        if before >= 0 and not resume:
            await _erase(files, local)
            before = -1
        try:
            await ftp.act(
                _GET, (remote, local, 1) if resume else (remote, local), timeout_ms, True
            )
        except OSError as error:
            await _report(ftp, error, local, before)
            raise
        return max(0, await _sized(files, local))
    finally:
        claim.closed = True


async def _erase(files, name: str) -> None:
    await files.hold()
    try:
        await files.store.erase(name, "")
    finally:
        files.channel.release()


async def _report(ftp, error, name: str, before: int) -> None:
    """`PartialTransfer` in place of the server's failure if the module has a part of the file."""
    from ...core.ftp_errors import FtpError, PartialTransfer

    if not isinstance(error, FtpError):
        return
    size = await ftp.modem.files.size(name)
    if size > max(before, 0):
        text = "%s; the module has %d bytes of %s" % (error, size, name)
        raise PartialTransfer(error.errno or _EIO, text, name, size, error.error_class, error.code)


async def put(
    ftp,
    local: str,
    remote: str,
    *,
    offset: int = 0,
    timeout_ms: int = _HOUR_MS,
) -> int:
    """Store a file of the module on the server (+UFTPC=5); the bytes sent. `offset`: only what is
    from there on, which the server must be able to write there (REST).

    Raises `ValueError`, `TypeError`; `OSError(ENOENT)` if the module has no such file;
    `FtpError`: the server may have a part of it; `FtpTimeout`, `CommandError`, `ModuleReset`.
    """
    checked(remote, "remote")
    _check_offset(offset)
    local = ftp.modem.files.check(local, "")
    ftp.patience(timeout_ms)
    ftp.session(_PUT)
    claim, size = await _claimed(ftp, local, "r")
    try:
        if size < 0:
            raise OSError(_ENOENT, "no file %s on the module" % local)
        parts = (local, remote, offset) if offset else (local, remote)
        await ftp.act(_PUT, parts, timeout_ms, True)
        return max(0, await _sized(ftp.modem.files, local) - offset)
    finally:
        claim.closed = True


async def _sized(files, name: str) -> int:
    """Bytes of a file; asked for twice, as an answer may have lost a digit on the line."""
    size = await files.size(name)
    again = await files.size(name)
    if size != again:
        third = await files.size(name)
        if third not in (size, again):
            raise files.channel.garbled("sizes that differ")
        again = third
    return again


def _check_offset(offset) -> None:
    if not isinstance(offset, int) or offset < 0:
        raise wrong("offset", offset)
    if offset > _LAST_OFFSET:
        raise ValueError("offset: at most %d" % _LAST_OFFSET)


# ---- along the line -----------------------------------------------------------------------------


async def open(
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
    return await _opened(ftp, name, mode, offset, size, check, quiet_ms, timeout_ms)


async def _opened(
    ftp, name, mode, offset=0, size=None, check=None, quiet_ms=_QUIET_MS, timeout_ms=None
) -> "Any":
    checked(name)
    _check_offset(offset)
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

        size = await size_of(ftp, name, limit_ms)
    if op == _GET_LINK and size is not None and size < offset:
        raise ValueError("offset: at most %d, the size of %s" % (size, name))
    channel = ftp.channel
    began = channel.port.ticks_ms()
    if not ftp.lock.take():
        await ftp.lock.acquire(channel, limit_ms, "the FTP client")
    try:
        parts = (name, offset) if offset else (name,)
        await ftp.guarded(True, _connected, ftp, op, parts, limit_ms, began)
        try:
            kind = Reader if op == _GET_LINK else Writer
            return kind(ftp, op, name, offset, size, limit_ms, quiet_ms, check)
        except BaseException:
            channel.release()
            raise
    finally:
        ftp.lock.release()


async def _connected(ftp, op: int, parts, limit_ms: int, began: int) -> None:
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
        await ftp.begin(op, parts, limit_ms, began, plan)
    except CommandError as error:
        if channel.unknown != rubbish:  # CONNECT was damaged, and the file has such a line
            _perhaps(channel)
        raise await ftp.refused(op, error)
    except Garbled:
        _perhaps(channel)
        raise
    if channel.state == 0:  # OK alone: it fails by its URC
        if channel.unknown != rubbish:
            _perhaps(channel)
        channel.release()
        await ftp.finish(op, limit_ms, began)
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


class _Linked(StreamBase):
    """What both directions share. `pos`: bytes of the file up to here, `checked`: whether its
    MD5 was compared when it was closed. Use it in `async with` (blocking: `with`)."""

    if TYPE_CHECKING:
        link: Any

        async def close(self) -> None: ...

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
        self.left = False  # data mode, or an attempt to leave it was made
        self.link = Link(ftp.channel)
        self.link.proof = b"+UUFTPCR: %d," % op  # what the module says after an end of its own
        # Dropped without being closed, it gives the channel back.
        ftp.channel.stream = ref(self)

    def _alive(self) -> None:
        if self.failed:
            raise self.failed
        if self.closed:
            raise OSError(_EBADF, "the file is closed")

    async def _leave(self) -> None:
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
            await link.close()
            await self._result()
        finally:
            channel.firm -= 1
            link.desert()
        if link.restarted:
            raise ModuleReset(_ECONNRESET, ftp.named(self.op))

    async def _result(self) -> None:
        ftp = self.ftp
        channel = ftp.channel
        began = channel.port.ticks_ms()
        while ftp.op == self.op and channel.elapsed(began) < max(_RESULT_MS, self.limit_ms):
            channel.poll()
            channel.proceed("ftp")
            if ftp.op is not None:
                await channel.sleep(_LOOK_MS)

    async def _verdict(self, complete: bool) -> None:
        """Raise if the transfer has failed, or is not what it should be."""
        ftp = self.ftp
        error = None
        if ftp.result is None:
            error = ftp.late(self.op, self.limit_ms)
        elif not ftp.result:
            error = await ftp.failure(self.op)
        elif not complete:
            error = ftp.channel.garbled(
                "%d bytes of %s are missing" % (self._missing(), self.name)
            )
        elif self.md5 is not None and len(ftp.md5) == 32:
            from binascii import hexlify

            if str(hexlify(self.md5.digest()), "utf-8") != ftp.md5.lower():
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

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        if kind is None:
            await self.close()
        else:
            await self.abort()

    async def abort(self) -> None:
        """Leave data mode, whatever has passed; that the module reports a failure is no error."""
        if not self.closed:
            self.closed = True
            await self._leave()
            await paid(self.ftp.channel)


class Reader(_Linked):
    """A file that is read. `size`: bytes of the whole file, None if it is not known."""

    async def readinto(self, buf, nbytes: int = 0) -> int:
        """Some bytes to `buf` (its first `nbytes`), at least one; 0 at the end, which is certain:
        the module has confirmed it. Raises `FtpError`, `Garbled`, `ModuleReset`, `InUse`."""
        self._alive()
        room = capacity(buf, nbytes)
        link = self.link
        if link.ended and self.failed is None and self.ftp.op is None and self._over():
            return 0
        left = self._missing()
        if self.size is not None:
            if not left:
                await self._finish()
                return 0
            room = min(room, left)
            link.counted = True
            patience_ms = self.limit_ms
        else:
            patience_ms = self.quiet_ms
        n = await link.some(buf, room, patience_ms)
        if link.restarted:
            self.closed = True
            raise ModuleReset(_ECONNRESET, self.ftp.named(self.op))
        if not n:
            await self._finish()
            return 0
        self.pos += n
        if self.md5 is not None:
            self.md5.update(memoryview(buf)[:n])
        return n

    def _over(self) -> bool:
        return self.checked or self.ftp.result == 1

    async def _finish(self) -> None:
        """The end, or what looks like it."""
        await self._leave()
        await self._verdict(not self._missing())

    async def read(self, n: int = -1) -> bytes:
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
            got = await self.readinto(piece, room)
            if not got:
                break
            found.extend(memoryview(piece)[:got])
        return bytes(found)

    async def close(self) -> None:
        """Leave data mode. A file that was not read to its end is broken off, which is no error;
        of one that was, the module's word counts: `FtpError`, `Garbled`."""
        if self.closed:
            return
        done = self.link.ended
        self.closed = True
        if not done:
            whole = self.size is not None and not self._missing()
            await self._leave()
            await paid(self.ftp.channel)
            if whole:
                await self._verdict(True)
        else:
            await paid(self.ftp.channel)


class Writer(_Linked):
    """A file that is written; what was written counts when `close()` has come back. `sent`: bytes
    handed to the module."""

    def __init__(self, *arguments):
        _Linked.__init__(self, *arguments)
        self.sent = 0
        self.held = 0  # escape characters that were not sent yet, see write()
        self.begun = False
        self.backlog = 0  # bytes that the UART had not sent yet at `wire_at`
        self.wire_at = self.ftp.channel.port.ticks_ms()
        rate = getattr(self.ftp.channel.port.uart, "baudrate", None)  # of busio and pyserial
        self.rate = (rate if isinstance(rate, int) else self.ftp.modem.baudrate) // 100

    async def write(self, data) -> int:
        """All of `data`; its length. `FtpError` if the module has ended the transfer.

        The sequence that leaves data mode, alone in a write, is sent together with what follows,
        or in two parts: the module does not take it for the end.
        """
        check_data(data)
        self._alive()
        link = self.link
        if not self.begun:
            await self._begin()
        n = len(data)
        if not n:
            return 0
        if self.md5 is not None:
            self.md5.update(data)
        try:
            if self.held + n <= 3 and bytes(data) == self.ftp.channel.escape[:n]:
                self.held += n
            else:
                if self.held:
                    held, self.held = self.held, 0
                    data = self.ftp.channel.escape[:held] + bytes(data)
                for at in range(0, len(data), _PIECE):
                    await self._put(memoryview(data)[at : at + _PIECE])
        except OSError as error:
            if link.ended and self.failed is None:
                await self._broken()
            raise error
        self.pos += n
        self.sent += n
        return n

    def _waiting(self) -> int:
        """How many bytes are not on the wire yet, by the time that it takes them."""
        channel = self.ftp.channel
        passed = channel.elapsed(self.wire_at)
        left = self.backlog - passed * self.rate // 100
        if left <= 0 or passed > _REBASE_MS:
            self.backlog = left = max(0, left)
            self.wire_at = channel.port.ticks_ms()
        return left

    async def _put(self, piece) -> None:
        """Send a piece. A UART may take any number of bytes before they are on the wire: not more
        than two pieces wait there, as the module may leave data mode any time."""
        channel = self.ftp.channel
        while True:
            self.link._drop()
            if self.link.ended:
                await self._broken()
            if self._waiting() <= _PIECE:
                break
            channel.proceed("data mode")
            await channel.sleep(1)
        await self.link.write(piece)
        self.backlog += len(piece)

    async def _drained(self) -> None:
        """Until the UART has sent what it has taken: the silence before the escape sequence is
        counted from then on."""
        channel = self.ftp.channel
        done = getattr(channel.port.uart, "txdone", None)  # flow control may hold it up
        began = channel.port.ticks_ms()
        while self._waiting() or (done and not done() and channel.elapsed(began) < _STUCK_MS):
            self.link._drop()  # a byte left there would cut the sleep
            channel.proceed("data mode")
            await channel.sleep(_LOOK_MS)

    async def _begin(self) -> None:
        """The pause of rule 1, in which the rest of the CONNECT line comes."""
        channel = self.ftp.channel
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < _PAUSE_MS:
            self.link._fill()
            channel.proceed("data mode")
            await channel.sleep(1)
        self.begun = True

    async def _broken(self) -> None:
        """The module has left data mode: why."""
        await self._result()
        error = await self.ftp.failure(self.op)
        self.failed = self._partial(error)
        raise self.failed

    def _partial(self, error) -> Exception:
        """The server may have a part of the file; what was there before is certain."""
        from ...core.ftp_errors import FtpError, PartialTransfer

        if not self.sent or not isinstance(error, FtpError):
            return error
        text = "%s; of %s the server may have a part of the %d bytes that were sent" % (
            error, self.name, self.sent,
        )  # fmt: skip
        return PartialTransfer(
            error.errno or _EIO, text, self.name, self.first, error.error_class, error.code
        )

    async def close(self) -> None:
        """Leave data mode: the file is complete. `PartialTransfer`, `FtpError` if the server did
        not take it; `Garbled` if its MD5 is another one."""
        if self.closed:
            if self.failed:
                raise self.failed
            return
        self._alive()
        if not self.begun:
            await self._begin()
        await self._flush()
        await self._drained()
        self.closed = True
        await self._leave()
        await paid(self.ftp.channel)
        try:
            await self._verdict(True)
        except OSError as error:
            self.failed = self._partial(error)
            raise self.failed

    async def _flush(self) -> None:
        """Escape characters that are all that is left: never three alone."""
        held, self.held = self.held, 0
        channel = self.ftp.channel
        while held:
            n = 2 if held == 3 else held
            await self._put(channel.escape[:n])
            held -= n
            if held:
                await self._drained()
                began = channel.port.ticks_ms()
                while channel.elapsed(began) < channel.guard_ms:
                    self.link._drop()
                    channel.proceed("data mode")
                    await channel.sleep(_LOOK_MS)


# ---- as ftplib has it ---------------------------------------------------------------------------


async def retrbinary(
    ftp,
    cmd: str,
    callback: "Callable[[bytes], object]",
    blocksize: int = 512,
    rest: "int | None" = None,
) -> str:
    """Fetch a file ("RETR name"), calling `callback(data)` for each piece of at most `blocksize`
    bytes, which cannot use the modem; "226" when all has come. Raises as `open()`."""
    buf = bytearray(_block(blocksize))
    async with await _opened(ftp, _named(cmd, "RETR "), "rb", rest or 0) as file:
        while True:
            n = await file.readinto(buf)
            if not n:
                break
            callback(bytes(memoryview(buf)[:n]))
    return "226"


async def storbinary(
    ftp,
    cmd: str,
    fp: "Any",
    blocksize: int = 512,
    callback: "Callable[[bytes], object] | None" = None,
    rest: "int | None" = None,
) -> str:
    """Store all of `fp`, an object with `readinto(buf)` or `read(n)`, on the server ("STOR name");
    `callback(data)` is called for each piece. "226". Raises as `open()`."""
    name = _named(cmd, "STOR ")
    buf = memoryview(bytearray(_block(blocksize)))
    if not hasattr(fp, "readinto") and not hasattr(fp, "read"):
        raise TypeError("fp: an object with readinto() or read() wanted")
    async with await _opened(ftp, name, "wb", rest or 0) as file:
        while True:
            if hasattr(fp, "readinto"):
                data = buf[: moved(fp.readinto(buf), len(buf))]
            else:
                data = fp.read(len(buf))
            if not data:
                break
            await file.write(data)
            if callback:
                callback(bytes(data))
    return "226"


def _named(cmd, verb: str) -> str:
    if not isinstance(cmd, str):
        raise TypeError("cmd: string wanted")
    if cmd[: len(verb)].upper() != verb:
        raise ValueError("cmd: %sand a name wanted" % verb)
    return cmd[len(verb) :]


def _block(blocksize) -> int:
    if not isinstance(blocksize, int) or blocksize < 1:
        raise wrong("blocksize", blocksize)
    return blocksize
