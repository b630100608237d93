# Generated from aio/ftp/transfer.py by tools/generate. Do not edit.
"""Files to and from an FTP server by the module's file system, and the calls of `ftplib`. A5 9.1,
at-commands 8.2."""

from ...core.buffers import moved, wrong
from ...core.compat import const
from .link import check_offset, opened
from .session import checked

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_GET = const(4)
_PUT = const(5)

_HOUR_MS = const(3600000)

_ENOENT = const(2)
_EIO = const(5)


class _Claim:
    """The module reads or writes one of its files: to others it is open, also where the caller has
    given up and the module is still at it."""

    def __init__(self, ftp, name: str, mode: str):
        self.ftp = ftp
        self.name = name
        self.tag = ""
        self.mode = mode
        self.done = False
        self.began = ftp.began  # before it, later of the order itself
        self.other = None

    @property
    def closed(self) -> bool:
        return self.done and not self._at_it()

    def _at_it(self) -> bool:
        ftp = self.ftp
        return (
            ftp.op == (_GET if self.mode == "w" else _PUT)
            and ftp.began == self.began
            and ftp.channel.elapsed(ftp.began) < ftp.limit_ms
        )

    def let_go(self) -> None:
        """The caller is done."""
        ftp = self.ftp
        self.done = True
        if ftp.op is None or ftp.began == self.began:  # it has not begun
            self.began = -1
            return
        self.began = ftp.began
        if self._at_it():  # others know it only as long as it is referenced
            before = ftp.claim
            self.other = None if before is None or before.closed else before
            ftp.claim = self


def _claimed(ftp, name: str, mode: str, limit_ms: int):
    """(claim, bytes of the file or -1). `OSError(EBUSY)`."""
    files = ftp.modem.files
    if ftp.claim is not None:
        if not ftp.claim.closed:
            ftp._idle(limit_ms, ftp.channel.port.ticks_ms())
        ftp.claim = None
    claim = _Claim(ftp, name, mode)
    files.hold(limit_ms)
    try:
        files.store.check_free(name, "", mode == "r")
        size = files.measure(name, "")
        files.store.open(claim)
        return claim, size
    finally:
        files.channel.release()


def get(
    ftp,
    remote: str,
    local: str,
    *,
    resume: bool = False,
    timeout_ms: int = _HOUR_MS,
) -> int:
    """Fetch a file of the server to one of the module (+UFTPC=4); its bytes there. It replaces one
    of that name, which is removed first; with `resume` it goes on after the last byte that is
    there.

    Raises `ValueError`, `TypeError`; `OSError(EBUSY)` if the module's file is open;
    `PartialTransfer` if a part of it has come; `FtpError`, `FtpTimeout`, `CommandError`,
    `ModuleReset`.
    """
    checked(remote, "remote")
    files = ftp.modem.files
    local = files.check(local, "")
    limit_ms = ftp.patience(timeout_ms)
    ftp.session(_GET)
    claim, before = _claimed(ftp, local, "w", limit_ms)
    try:
        if before >= 0 and not resume:
            _erase(files, local, limit_ms)
            before = -1
        try:
            ftp.act(_GET, (remote, local, 1) if resume else (remote, local), timeout_ms, True)
        except OSError as error:
            _report(ftp, error, local, before)
            raise
        return max(0, _sized(files, local))
    finally:
        claim.let_go()


def _erase(files, name: str, limit_ms: int) -> None:
    files.hold(limit_ms)
    try:
        files.store.erase(name, "")
    finally:
        files.channel.release()


def _report(ftp, error, name: str, before: int) -> None:
    """`PartialTransfer` in place of the server's failure if the module has a part of the file."""
    from ...core.ftp_errors import FtpError, PartialTransfer

    if not isinstance(error, FtpError):
        return
    size = ftp.modem.files.size(name)
    if size > max(before, 0):
        text = "%s; the module has %d bytes of %s" % (error, size, name)
        raise PartialTransfer(error.errno or _EIO, text, name, size, error.error_class, error.code)


def put(
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
    check_offset(offset)
    local = ftp.modem.files.check(local, "")
    limit_ms = ftp.patience(timeout_ms)
    ftp.session(_PUT)
    claim, size = _claimed(ftp, local, "r", limit_ms)
    try:
        if size < 0:
            raise OSError(_ENOENT, "no file %s on the module" % local)
        if offset > size:
            raise ValueError("offset: at most %d, the size of %s" % (size, local))
        parts = (local, remote, offset) if offset else (local, remote)
        ftp.act(_PUT, parts, timeout_ms, True)
        return max(0, _sized(ftp.modem.files, local) - offset)
    finally:
        claim.let_go()


def _sized(files, name: str) -> int:
    """Bytes of a file; asked for twice, as an answer may have lost a digit on the line."""
    size = files.size(name)
    again = files.size(name)
    if size != again:
        third = files.size(name)
        if third not in (size, again):
            raise files.channel.garbled("sizes that differ")
        again = third
    return again


# ---- as ftplib has it ---------------------------------------------------------------------------


def retrbinary(
    ftp,
    cmd: str,
    callback: "Callable[[bytes], object]",
    blocksize: int = 512,
    rest: "int | None" = None,
) -> str:
    """Fetch a file ("RETR name"), calling `callback(data)` for each piece of at most `blocksize`
    bytes, which cannot use the modem; "226" when all has come. Raises as `open()`."""
    buf = bytearray(_block(blocksize))
    with opened(ftp, _named(cmd, "RETR "), "rb", rest or 0) as file:
        while True:
            n = file.readinto(buf)
            if not n:
                break
            callback(bytes(memoryview(buf)[:n]))
    return "226"


def storbinary(
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
    with opened(ftp, name, "wb", rest or 0) as file:
        while True:
            if hasattr(fp, "readinto"):
                data = buf[: moved(fp.readinto(buf), len(buf))]
            else:
                data = fp.read(len(buf))
            if not data:
                break
            file.write(data)
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
