# Generated from aio/http/response.py by tools/generate. Do not edit.
"""The answer to a request, read in pieces from the module's file or from the direct link."""

from ...core.buffers import capacity
from ...core.compat import const
from ...core.errors import ModemError
from .. import entry, lazily
from ..at import Lock
from .profile import release, remove

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any


_AHEAD = const(256)  # of headers and of the marks between chunks
_LONGEST_LINE = const(256)
_KEPT = const(1024)  # of all headers
_ENDLESS = const(16384)
_BODILESS = (204, 304)

# What is asked for once: a file, and what is in it, by lines; some of it without parentheses.
_FUNCTIONS = "body headers read iter_content content text json save \n"
_VALUES = ("headers", "content", "text")

_EBADF = const(9)
_ENOMEM = const(12)
_EPROTO = const(71)
_ECONNRESET = const(104)


class Response:
    """`status`, `reason`; `length` of the body, None if the server has not told it; `truncated`:
    of the headers only the first KiB was kept, and of each line 256 bytes.

    Besides `readinto`: `headers`, a dict by lower-case names; `read`, `iter_content`, `json`,
    `save`; `content` and `text`, the whole of it (asyncio: `await response.text`).

    To be read or closed (`with`, asyncio `async with`): until then it occupies a profile, and a
    file of the module or its direct link. One that has been read to its end closes itself. Of
    several tasks that read it one waits for the other; `close()` does not wait, readers get an
    `OSError`. What a reader that gave up had got already is given to the next one, unless it was
    `save()`, which closes the response when it fails.
    """

    if TYPE_CHECKING:
        source: Any
        length: int | None
        left: int | None
        whole: bytes | None
        kept: Any
        result: int | None

        from .body import iter_content as iter_content
        from .body import json as json
        from .body import read as read
        from .body import save as save

    def __init__(self, http, slot, order, file: str):
        self.http = http
        self.slot = slot
        self.order = order
        self.source = None  # a `File`, or the `Link`
        self.file = file  # to be removed
        self.status = 0
        self.reason = ""
        self.truncated = False
        self.length = self.left = None  # of the body; of the chunk if it comes in chunks
        self.chunked = False
        self.lines = bytearray()  # the headers
        self.whole = None  # the body, once `content` was asked for
        self.ended = self.closed = False
        self.leaving = self.parted = False  # its source is just left; the profile is given back
        self.result = None  # what the module has said of the request in the end
        self.surplus = 0  # bytes behind the body, on the direct link
        self.lock = Lock()
        self.ahead = bytearray(_AHEAD)
        self.first = self.last = 0
        self.partial = bytearray()  # of a line, if its reader has given up
        self.kept = None  # of the body, if its reader has given up, from `spent` on
        self.spent = 0
        self.gap = False  # there was no memory for that

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            function = lazily(self, entry(_FUNCTIONS, name), name, "http.")
            return function() if name in _VALUES else function

    # ---- the head -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Read up to the body."""
        total = 0
        while True:
            line = self.line()
            if not self.status:
                self._status(line)
            elif line:
                self._header(line)
            elif self.status // 100 == 1 and self.status != 101:  # the real one follows
                self.status = 0
                self.lines = bytearray()
            else:
                break
            total += len(line) + 2
            if total > _ENDLESS:
                raise ModemError(_EPROTO, "the headers of the answer do not end")
        if self.chunked:
            from .body import look

            self.length = self.left = None
            look(self)
        if self.order.cmd == 0 or self.status in _BODILESS:
            self.left = 0
            self.chunked = False
        if self.order.direct:
            self.source.counted = self.left is not None
        if self.left == 0 and not self.chunked:
            self.finish()

    def _status(self, line) -> None:
        if not line:
            return
        words = _text(line).split(" ", 2)
        if line[:5] != b"HTTP/" or len(words) < 2 or not words[1].isdigit():
            raise ModemError(_EPROTO, "this is no answer of an HTTP server")
        self.status = int(words[1])
        self.reason = words[2] if len(words) > 2 else ""

    def _header(self, line) -> None:
        if self.order.direct and b":" not in line:
            raise self.http.channel.garbled("a header of the answer without its name")
        if len(self.lines) + len(line) < _KEPT:
            self.lines.extend(line)
            self.lines.append(10)
        else:
            self.truncated = True
        if line[:1] in b"Cc" and _value(line, b"content-length:").isdigit():
            self.length = self.left = int(_value(line, b"content-length:"))
        elif line[:1] in b"Tt" and _value(line, b"transfer-encoding:").endswith(b"chunked"):
            self.chunked = True

    def line(self):
        """The next line of the source, cut at its limit; `ModemError` if there is none. Given up,
        the next call goes on with it."""
        found = self.partial
        passed = 0
        while passed < _ENDLESS:
            if self.first == self.last and not self.more():
                raise self._broken_off()
            newline = self.ahead.find(b"\n", self.first, self.last)
            end = self.last if newline < 0 else newline
            stop = min(end, self.first + _LONGEST_LINE - len(found))
            found.extend(memoryview(self.ahead)[self.first : stop])
            self.truncated = self.truncated or stop < end
            passed += end - self.first
            self.first = end if newline < 0 else newline + 1
            if newline >= 0:
                self.partial = bytearray()
                if self.order.direct and found[-1:] != b"\r" and not self.truncated:
                    raise self.http.channel.garbled("a line of the answer without its CR")
                while found[-1:] == b"\r":
                    found = found[:-1]
                return found
        raise ModemError(_EPROTO, "a line of the answer does not end")

    def more(self) -> int:
        """Read ahead; how many bytes came, 0 at the end of the source."""
        self.first = 0
        self.last = 0
        self.last = self.source.readinto(self.ahead)
        return self.last

    # ---- the body -----------------------------------------------------------------------------

    def readinto(self, buf, nbytes: int = 0) -> int:
        """Some bytes of the body to `buf`, at least one; 0 at its end.

        `OSError` if it ends before it should: what came until then was given out.
        """
        n = capacity(buf, nbytes)
        self.turn()
        try:
            return self.some(buf, n)
        finally:
            self.lock.release()

    def turn(self) -> None:
        """Wait until no other task reads it; `lock.release()` ends our turn."""
        if not self.lock.take():
            self.lock.acquire(self.http.channel, what="the response")

    def some(self, buf, n: int) -> int:
        """`readinto` in our turn."""
        if self.gap:
            raise OSError(_ENOMEM, "there was no memory for what had been read")
        if self.kept is not None:
            return self._from_kept(buf, n)
        if self.ended or not n:
            return 0
        if self.closed:
            raise OSError(_EBADF, "response is closed")
        if self.chunked and not self.left:
            from .body import advance

            advance(self)
            if self.ended:
                return 0
        left = self.left
        if left is not None and n > left:
            n = left
        got = self._from_ahead(buf, n)
        if not got:
            got = self.source.readinto(buf, n)
        if not got:
            self._end()
            return 0
        if left is not None:
            self.left = left - got
            if left == got and not self.chunked:
                try:
                    self.finish()
                except BaseException:
                    self.keep(buf, got)
                    raise
        return got

    def keep(self, data, n: int) -> None:
        """What a reader cannot hand over, as it gives up, is there for the next one."""
        try:
            from .errors import keep

            keep(self, data, n)
        except MemoryError:
            self.gap = True

    def _from_kept(self, into, n: int) -> int:
        kept = memoryview(self.kept)
        n = min(n, len(kept) - self.spent)
        into[:n] = kept[self.spent : self.spent + n]
        self.spent += n
        if self.spent == len(kept):
            self.kept = None
        return n

    def _from_ahead(self, into, n: int) -> int:
        first = self.first
        if n > self.last - first:
            n = self.last - first
        if n:
            into[:n] = memoryview(self.ahead)[first : first + n]
            self.first = first + n
        return n

    def fill(self, buf) -> int:
        """In our turn: read until `buf` is full or the body ends; how many bytes."""
        view = memoryview(buf)
        done = 0
        try:
            while done < len(buf):
                got = self.some(view[done:], len(buf) - done)
                if not got:
                    break
                done += got
        except BaseException:
            self.keep(buf, done)
            raise
        return done

    if TYPE_CHECKING:
        headers: dict[str, str]

        @property
        def content(self) -> bytes:
            return b""

        @property
        def text(self) -> str:
            return ""

    # ---- the end ------------------------------------------------------------------------------

    def finish(self) -> None:
        """The body is complete."""
        if not self.order.direct:
            self.ended = True
        self._close(True)
        # On a line that loses bytes its length may have lost a digit.
        if self.order.direct and (self.surplus or self.first < self.last):
            raise self.http.channel.garbled("more bytes than the length of the answer")
        self.ended = True

    def _end(self) -> None:
        """The source has ended: so has the body if its length was not told."""
        if self.left is None:
            if not self.order.direct:
                return self.finish()
            self.leave(True)
            if self.result == 1:
                self.part(True)
                self.ended = True
                return
        raise self._broken_off()

    def _broken_off(self) -> Exception:
        from .errors import broken_off

        return broken_off(self)

    def close(self) -> None:
        """Give up what is left; the profile and the module's file or its direct link are free."""
        self.kept = None
        self.first = self.last = 0
        self._close(False)

    def _close(self, complete: bool) -> None:
        if not self.closed:
            self.leave(complete)
            self.part(True)

    def leave(self, complete: bool) -> None:
        """The source is not needed any more. Whatever a hook says: an open one would be in the way
        of the next request."""
        if self.closed:
            return
        self.closed = self.leaving = True
        channel = self.http.channel
        channel.firm += 1
        left = True
        try:
            if self.order.direct:
                self.surplus = self.source.leave(complete)
                tls = self.order.tls
                if tls is not None and tls.resume and self.status:
                    tls.collect()
            else:
                self.source.close()
        except OSError:
            pass  # the next command makes sure of it
        except BaseException:
            left = False
            raise
        finally:
            channel.firm -= 1
            self.leaving = False
            self.result = self.slot.result
            if not left:
                self.part(False)

    def part(self, now: bool) -> None:
        """Give the profile back. The file is removed `now`, or before the next command."""
        if self.parted or self.leaving:
            return
        self.parted = True
        slot = self.slot
        channel = self.http.channel
        swept = slot.swept
        slot.swept = False
        channel.firm += 1
        try:
            if not self.file or (now and remove(self.http, self.file)):
                slot.swept = swept
        finally:
            channel.firm -= 1
            release(self.http, slot)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def _text(line) -> str:
    """Headers are ASCII; what is not is Latin-1."""
    return "".join([chr(c) for c in line])


def _value(line, name: bytes) -> bytes:
    """The value of header `name:`, in lower case; b"" if the line is another."""
    n = len(name)
    return bytes(line[n:]).lower().strip() if bytes(line[:n]).lower() == name else b""
