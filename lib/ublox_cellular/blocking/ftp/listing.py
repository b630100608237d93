# Generated from aio/ftp/listing.py by tools/generate. Do not edit.
"""What a server has: lists of any length, read line by line. A5 9, at-commands 8.2.

The module sends a list as one counted URC, which may exceed every buffer: it is taken in pieces,
with the channel held.
"""

from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import CommandError, CommandTimeout
from ...core.lexer import decode
from ..at import Lock
from ..at.payload_stream import listen, piece
from .session import checked

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

_LIST = const(13)
_NAMES = const(14)

_LINE = const(512)  # bytes of the longest line
_COMMAS = const(2)  # before the list
_DROP_MS = const(180000)  # for the rest of a list that is not read
_OK = const(1)  # outcomes of the engine
_CONNECTED = const(3)

_ENOENT = const(2)
_EBADF = const(9)
_EISDIR = const(21)
_ENOBUFS = const(105)


_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"


class Entry:
    """A line of a list. `line`: as the server sends it; `name`, "" if it is unknown; `size`:
    bytes, None if it is unknown; `kind`: "file", "dir", "link" or "". `modified`: (year,
    month, day, hour, minute, second), 0 where the server does not say, None if it says nothing."""

    if TYPE_CHECKING:
        size: int | None
        modified: tuple[int, ...] | None

    def __init__(self, line: str):
        self.line = line
        self.name = self.kind = ""
        self.size = self.modified = None

    def __repr__(self) -> str:
        return "<%s %r, %s bytes>" % (self.kind or "entry", self.name, self.size)


class Listing:
    """Iterates over a list while it comes along the line; made by `ftp.ilistdir()`. No other
    command runs until it is at its end or closed: use it in `async with` (blocking: `with`), or
    read it to its end."""

    def __init__(self, ftp, op: int, limit_ms: int):
        self.ftp = ftp
        self.op = op
        self.limit_ms = limit_ms  # without a byte of it
        self.buf = bytearray(_LINE)
        self.start = self.end = 0
        self.closed = False
        self.last = False  # the server has sent all
        self.cut = False  # it was left before its end
        self.lock = Lock()
        ftp.channel.stream = ref(self)

    def __iter__(self):
        return self

    def __next__(self) -> "Entry":
        while True:
            line = self.readline()
            if line is None:
                raise StopIteration
            if self.op == _NAMES:
                entry = Entry(line)
                entry.name = line
                return entry
            entry = parse(line)
            if entry.name not in (".", "..") and (entry.kind or line[:6] != "total "):
                return entry

    def readline(self) -> "str | None":
        """The next line as it came, without its end; None after the last one. `Garbled` if bytes
        were lost; `FtpError` if the server did not send all; `OSError(EBADF)` after that, or if it
        was closed before its end."""
        if not self.lock.take():
            self.lock.acquire(self.ftp.channel, what="the list")
        try:
            return self._line()
        finally:
            self.lock.release()

    def _line(self) -> "str | None":
        while not self.closed:
            at = self.buf.find(b"\n", self.start, self.end)
            if at < 0 and not self.last:
                self._more()
                continue
            if at < 0 and self.start == self.end:
                self._end()
                break
            at = self.end if at < 0 else at
            data = self.buf[self.start : at]
            self.start = min(at + 1, self.end)
            if data[-1:] == b"\r":
                data = data[:-1]
            if data:
                return decode(data)
        if self.cut:
            raise OSError(_EBADF, "the list was left before its end")
        return None

    def _more(self) -> None:
        """Append some bytes of the list."""
        if self.start:
            n = self.end - self.start
            self.buf[:n] = self.buf[self.start : self.end]
            self.start, self.end = 0, n
        if self.end == _LINE:
            self._close()
            raise OSError(_ENOBUFS, "a line of the list is longer than %d bytes" % _LINE)
        self.end += self._piece(self.buf)

    def _piece(self, into) -> int:
        """`piece`, and after its end the next one; 0 when there is none."""
        ftp = self.ftp
        channel = ftp.channel
        try:
            while True:
                at = self.end if into else 0
                n = piece(channel, into, at, _LINE - at, _COMMAS, _DROP_MS)
                if n:
                    return n
                if not heard(ftp, self.op, self.limit_ms, channel.port.ticks_ms()):
                    self.last = True
                    channel.stream = None
                    return 0
        except BaseException:
            self.cut = True
            self._leave()
            raise

    def _leave(self) -> None:
        if not self.closed:
            self.closed = True
            self.ftp.channel.stream = None
            self.ftp.channel.release()

    def _end(self) -> None:
        """The list is complete, or the server has failed in the middle."""
        self._leave()
        if not self.ftp.result:
            raise self.ftp.failure(self.op)

    def close(self) -> None:
        """What is left of the list is dropped."""
        if not self.lock.take():
            self.lock.acquire(self.ftp.channel, what="the list")
        try:
            self._close()
        finally:
            self.lock.release()

    def _close(self) -> None:
        if not self.closed:
            self.cut = True
            try:
                while not self.last:
                    self._piece(None)
            finally:
                self._leave()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def heard(ftp, op: int, limit_ms: int, began: int) -> bool:
    """Wait for the next piece of a list, with the channel held; False if +UUFTPCR has come."""
    channel = ftp.channel
    if ftp.op is None:
        if channel.state:
            from ..at.payload_stream import listened

            listened(channel)
        return False
    ftp.listing = True
    sleeper = ftp.modem.sleeper
    if sleeper is not None:
        sleeper.busy += 1
    try:
        channel.execute(channel.remaining(limit_ms, began), limit_ms)
    except CommandTimeout:
        raise ftp.late(op, limit_ms)
    finally:
        if sleeper is not None:
            sleeper.busy -= 1
    if channel.outcome != _CONNECTED and ftp.op is not None:  # an OK in what is left of a list
        raise channel.garbled("a list out of place")
    return channel.outcome == _CONNECTED


def ilistdir(
    ftp, path: str = "", *, names: bool = False, timeout_ms: "int | None" = None
) -> Listing:
    """The entries of a directory, or a file, one after the other, each an `Entry`; "": the current
    one. `names`: the names only (NLST). Details come from LIST, or MLSD where the module uses
    that.

    Memory is constant, whatever the length. The UART's buffer must hold what comes while an entry
    is worked at: `flow=True`, or be quick; what is lost is `Garbled`. A line may have 512 bytes.

    `timeout_ms`: until it begins, and the longest silence in it.

    Raises `ValueError`, `TypeError`, `FtpError`, `FtpTimeout`, `CommandError`, `ModuleReset`.
    """
    op = _NAMES if names else _LIST
    parts = (checked(path, "path"),) if path else ()
    limit_ms = ftp.patience(timeout_ms)
    channel = ftp.channel
    began = channel.port.ticks_ms()
    if not ftp.lock.take():
        ftp.lock.acquire(channel, limit_ms, "the FTP client")
    try:
        return ftp.guarded(True, _listed, ftp, op, parts, limit_ms, began)
    finally:
        ftp.lock.release()


def _listed(ftp, op: int, parts, limit_ms: int, began: int) -> Listing:
    """The list once it begins to come, or is known to be empty."""
    channel = ftp.channel

    def plan(channel) -> None:
        refused = channel.keeper

        def kept(ended: bool) -> None:
            """Given up: OK is not the end of it, nor is a head where to stop."""
            refused(ended)
            channel.connect = False
            if ended and channel.outcome == _OK and ftp.op is not None:
                ftp.listing = channel.abandoned = True
                channel.late_ms = _DROP_MS
                listen(channel)

        channel.name = b"+UUFTPCD"
        channel.commas = _COMMAS
        channel.connect = True
        channel.keeper = kept

    rubbish = channel.unknown
    try:
        ftp.begin(op, parts, limit_ms, began, plan)
    except CommandError as error:
        raise ftp.refused(op, error)
    try:
        channel.keeper = None
        more = channel.outcome == _CONNECTED
        if not more:
            listen(channel)
            more = heard(ftp, op, limit_ms, began)
            if not more and channel.unknown != rubbish and ftp.result:
                raise channel.garbled("perhaps it was not empty")
        found = Listing(ftp, op, limit_ms)
    except BaseException:
        channel.release()
        raise
    if not more:
        found.last = True
        found._end()
    return found


def listdir(ftp, path: str = "", timeout_ms: "int | None" = None) -> list:
    """The names in a directory, as a list, without their paths. Raises as `ilistdir()`."""
    found = []
    with ilistdir(ftp, path, names=True, timeout_ms=timeout_ms) as entries:
        for entry in entries:
            found.append(entry.name[entry.name.rfind("/") + 1 :])
    return found


def nlst(ftp, path: str = "") -> list:
    """The names in a directory as the server sends them. Raises as `ilistdir()`."""
    found = []
    with ilistdir(ftp, path, names=True) as entries:
        for entry in entries:
            found.append(entry.name)
    return found


def dir(ftp, path: str = "", callback: "Callable[[str], object]" = print) -> None:
    """Call `callback(line)` for each line of the list of a directory, as ftplib does. It cannot
    use the modem. Raises as `ilistdir()`."""
    with ilistdir(ftp, path) as entries:
        while True:
            line = entries.readline()
            if line is None:
                break
            callback(line)


def stat(ftp, name: str, timeout_ms: "int | None" = None) -> Entry:
    """The `Entry` of a file or directory. `OSError(ENOENT)` if there is none; else as
    `ilistdir()`. The server is asked for a list of it, and if that does not have it, of its
    directory."""
    checked(name)
    limit_ms = ftp.patience(timeout_ms)
    name = name.rstrip("/") or name
    base = name[name.rfind("/") + 1 :]
    found = None
    for path in (name, name[: name.rfind("/") + 1]):
        try:
            found = _entry(ftp, path, base, limit_ms, path == name)
        except OSError as error:
            if path != name or not getattr(error, "reply", 0):
                raise
        if found:
            return found
    raise OSError(_ENOENT, "no file %s on the server" % name)


def _entry(ftp, path: str, base: str, limit_ms: int, alone: bool):
    """The entry called `base` in a list, `alone`: in one that has no other; None."""
    found = None
    count = 0
    with ilistdir(ftp, path, timeout_ms=limit_ms) as entries:
        for entry in entries:
            count += 1
            if not found and entry.name[entry.name.rfind("/") + 1 :] == base:
                found = entry
    return found if count == 1 or not alone else None  # else of what is in a directory


def size(ftp, name: str, timeout_ms: "int | None" = None) -> "int | None":
    """Bytes of a file of the server, as its list says; None if that does not say.
    `OSError(EISDIR)` for a directory; else as `stat()`."""
    found = stat(ftp, name, timeout_ms)
    if found.kind == "dir":
        raise OSError(_EISDIR, name + " is a directory")
    return found.size


# ---- lines --------------------------------------------------------------------------------------


def parse(line: str) -> Entry:
    """A line of LIST (Unix, DOS) or MLSD (RFC 3659); what is not understood is left out."""
    found = Entry(line)
    try:
        blank = line.find(" ")
        facts = blank > 0 and line[blank - 1] == ";" and "=" in line[:blank]
        if not facts and line[:1] in "-dlbcps" and len(line) > 10:
            _unix(found, line)
        elif facts or ("=" in line and "; " in line):
            _facts(found, line)
        elif line[:1].isdigit():
            _dos(found, line)
    except (ValueError, IndexError):
        pass
    return found


def _words(line: str, count: int):
    """The first `count` words of a line, then what follows the blank after the last one."""
    words = []
    at = 0
    for _ in range(count):
        while line[at : at + 1] == " ":
            at += 1
        end = line.find(" ", at)
        if end < 0:
            raise ValueError
        words.append(line[at:end])
        at = end
    words.append(line[at + 1 :])
    return words


def _unix(found: Entry, line: str) -> None:
    """-rw-r--r--   1 ftp      ftp          1037 Aug  5 09:45 name"""
    words = _words(line, 8)
    month = _MONTHS.find(words[5].lower()[:3])
    if month < 0:  # without a group
        words = _words(line, 7)
        words.insert(3, "")
        month = _MONTHS.find(words[5].lower()[:3])
    if month < 0 or month % 3 or len(words[5]) < 3:
        raise ValueError
    size = int(words[4])
    day = int(words[6])
    hour, colon, minute = words[7].partition(":")
    if colon:
        found.modified = (0, month // 3 + 1, day, int(hour), int(minute), 0)
    else:
        found.modified = (int(hour), month // 3 + 1, day, 0, 0, 0)
    kind = line[0]
    found.kind = "dir" if kind == "d" else "link" if kind == "l" else "file"
    name = words[8]
    if kind == "l" and " -> " in name:
        name = name[: name.find(" -> ")]
    found.name = name
    found.size = size


def _facts(found: Entry, line: str) -> None:
    """type=file;size=1037;modify=20260805094500; name"""
    at = line.find("; ")
    found.name = line[at + 2 :]
    for fact in line[:at].lower().split(";"):
        key, _, value = fact.partition("=")
        if key == "type":
            found.kind = "dir" if value[1:] == "dir" or value == "dir" else value
        elif key in ("size", "sizd"):
            found.size = int(value)
        elif key == "modify":
            found.modified = tuple(
                [int(value[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))]
            )


def _dos(found: Entry, line: str) -> None:
    """08-05-26  09:45AM               1037 name"""
    date, clock, what, rest = _words(line, 3)
    month, day, year = [int(part) for part in date.split("-")]
    if year < 100:
        year += 2000 if year < 70 else 1900
    hour = int(clock[:2])
    if clock[5:6] in ("A", "P"):
        hour = hour % 12 + (12 if clock[5:6] == "P" else 0)
    size = None if what == "<DIR>" else int(what)
    found.modified = (year, month, day, hour, int(clock[3:5]), 0)
    found.kind = "dir" if what == "<DIR>" else "file"
    found.size = size
    found.name = rest.strip()
