# Generated from aio/files/__init__.py by tools/generate. Do not edit.
"""The module's file system: `modem.files`. A5 10, A10 7.2, at-commands 10.

A file is read and written in pieces of at most `chunk` bytes, straight from and to the caller's
buffers: nothing here grows with the size of a file. file_stream.py and file_writing.py have the
open file, file_transfer.py what moves whole files, file_catalog.py what lists them,
file_failures.py what failures mean, and storage.py of each module the commands.
"""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .stream import File

_FUNCTIONS = "whole_file read write listdir stat exists free remove \n"


class Files:
    """`modem.files`. `chunk`: bytes of one command at most; smaller ones cost more commands.

    Names: 1 to 248 bytes on SARA-R5, to 63 on LEXI-R10; quotes, control characters and commas are
    refused: they would end the string, or shift the fields where a module answers the name without
    its quotes (A5 10.2). Anything refused so is a `ValueError` before a byte is sent.

    `tag`: which part of the file system, such as "FOAT" (SARA-R5 only; at-commands 10.1); left out
    it is the user's. `NotSupported` on LEXI-R10.

    A file that is open for writing is neither read nor removed, one that is open for reading
    neither written nor removed (`OSError(EBUSY)`); on LEXI-R10 it is read by one at a time. What
    a caller that gives up leaves to be done in the module (a handle, a file that is not whole) is
    done before the next command, whoever sends that.

    Errors: `OSError(ENOENT)` for a file that is missing, `OSError(ENOSPC)` for a full file system,
    else `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset` (core/errors.py), and
    `PartialFile` (core/service_errors.py) where a failed write has left something behind.

    What no driver can see: a damaged byte of a payload, on its way in either direction, or a
    doubled one on its way to the module (the UART has no checksum; `write(verify=True)` reads
    back), and a digit of an offset or a character of a name that is lost on its way to the module
    when another file of that name exists.
    """

    if TYPE_CHECKING:
        from .whole_file import exists as exists
        from .whole_file import free as free
        from .whole_file import listdir as listdir
        from .whole_file import read as read
        from .whole_file import remove as remove
        from .whole_file import stat as stat
        from .whole_file import write as write

    def __init__(self, modem):
        self.modem = modem
        self.channel = modem.channel
        self.chunk = 1024
        self.life = 0  # counts the restarts of the module
        self.store = lazily(self, "files.storage" + modem.SUFFIX, "Storage")()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            return lazily(self, entry(_FUNCTIONS, name), name, "files.")

    def lost(self) -> None:
        """The module has restarted."""
        self.life += 1
        self.store.lost()

    def check(self, name, tag: str) -> str:
        """The name of a file as it is sent; `ValueError` if it cannot be."""
        limit = self.store.longest
        name = str(sendable(name, limit), "utf-8")
        if not name or "," in name:
            raise ValueError("file name of 1 to %d bytes without commas wanted" % limit)
        self.check_tag(tag)
        return name

    def check_tag(self, tag: str) -> None:
        """`NotSupported` on a module without tags, `ValueError` for what cannot be one."""
        if tag:
            self.store.check_tag(tag)
        sendable(tag, 16)

    def hold(self, limit_ms: int = 0) -> None:
        """Take the channel; handles that an earlier host has left open are closed."""
        self.channel.acquire(limit_ms)
        if not self.store.ready:
            try:
                self.store.prepare()
            except BaseException:
                self.channel.release()
                raise

    def ask(self, what: int, name: str = "", tag: str = ""):
        """+ULSTFILE with the channel held: its answer lines."""
        texts = [text for text in (name, tag) if text]
        return self.channel.ask(b"+ULSTFILE", what, *texts)

    def measure(self, name: str, tag: str) -> int:
        """Bytes of a file, -1 if it is missing; the channel is held."""
        try:
            return self.count(self.ask(2, name, tag))
        except CommandError as error:
            from .writing import check_missing

            check_missing(self, error, name, tag)
            return -1

    def count(self, rows) -> int:
        """The number an answer consists of."""
        for row in rows:
            if row and isinstance(row[0], int) and row[0] >= 0:
                return row[0]
        raise self.channel.garbled("no number")

    def size(self, name: str, tag: str = "") -> int:
        """Bytes of a file, -1 if it is missing."""
        name = self.check(name, tag)
        self.hold()
        try:
            return self.measure(name, tag)
        finally:
            self.channel.release()

    def open(self, name: str, mode: str = "rb", tag: str = "") -> "File":
        """A `File`. "rb": read one that exists. "wb": write a new one; one that exists is deleted
        now. "ab": add to the end. Text is not translated: other modes are a `ValueError`.

        SARA-R5 makes the file with the first byte written: opened with "wb" and closed without a
        write there is none.
        """
        name = self.check(name, tag)
        if mode not in ("rb", "wb", "ab"):
            raise ValueError("mode rb, wb or ab wanted, not " + repr(mode))
        file = self.stream(name, tag, mode[0])
        file.begin()
        return file

    def stream(self, name: str, tag: str, mode: str) -> "File":
        """A `File` that is not open yet."""
        if mode == "r":
            from .stream import File

            return File(self, name, tag, mode)
        from .writing import Writer

        return Writer(self, name, tag, mode)
