"""Where the bytes come from that a certificate or key is stored from, a piece at a time."""

from .buffers import check_data, moved
from .compat import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PIECE = const(256)
_LONGEST_SHOWN = const(64)  # characters of a path in an error
_ENOENT = const(2)
_NEITHER = "a string that is neither PEM nor the path of a file"


def is_text(given: str) -> bool:
    """Whether a string is PEM and not a path."""
    return "\n" in given or "\r" in given or "-----BEGIN" in given or given[:5] == "-----"


def _opened(path: str):
    try:
        return open(path, "rb")
    except (OSError, ValueError):  # ValueError: a NUL in it
        if len(path) <= _LONGEST_SHOWN or "." in path:
            raise
    raise OSError(_ENOENT, _NEITHER)  # what was given may be a key, so that it is not shown


class Source:
    """`given`: bytes-like, PEM as a string (see `is_text`), the path of a local file, or an object
    with `readinto(buf)` or `read(n)`, which does not wait: None and 0 both are its end. `size`:
    bytes of what cannot tell it by `seek` and `tell`. What gives more than it was asked for, or
    something else, is a `TypeError` or `ValueError`.

    `twice`: whether it can be read a second time. `data` and `refill` are what framing.feed
    wants. `failed`: the source did not give what it promised. `checker`, if set, gets what passes
    through `refill`, `md5` then what it finds.
    """

    if TYPE_CHECKING:
        data: Any
        file: Any
        refill: Any
        checker: Any
        start: Any

    def __init__(self, given, size=None):
        self.file = self.refill = self.checker = self.start = None
        self.owned = self.failed = False
        self.twice = True
        self.md5 = ""
        if size is not None and not isinstance(size, int):
            raise TypeError("size: an integer wanted")
        if size is not None and size < 0:
            raise ValueError("size: 0 or more wanted")
        if isinstance(given, str) and is_text(given):
            given = given.strip().encode()
        if isinstance(given, str):
            given = _opened(given)
            self.owned = True
        if isinstance(given, (bytes, bytearray, memoryview)):
            check_data(given)
            self.data = given
            self.size = len(given)
            return
        if not hasattr(given, "readinto") and not hasattr(given, "read"):
            raise TypeError("bytes, a path or a file object wanted")
        self.file = given
        self.data = bytearray(_PIECE)
        self.refill = self._refill
        try:
            self.size = self._measure(size)
        except BaseException:
            self.close()
            raise
        self.left = self.size

    def _measure(self, size) -> int:
        file = self.file
        try:
            self.start = file.tell()
            file.seek(0, 2)
            end = file.tell() - self.start
            self.rewind()
        except (AttributeError, OSError):
            self.twice = False
            if size is None:
                raise ValueError("size=… wanted: the file object cannot seek")
            return size
        return end if size is None else min(size, end)

    def narrow(self, first: int, last: int) -> None:
        """Only these bytes of it count."""
        if last - first == self.size:
            return
        self.size = self.left = last - first
        if self.file is None:
            self.data = memoryview(self.data)[first:last]
        else:
            self.start += first
            self.rewind()

    def rewind(self) -> None:
        if self.file is not None:
            self.file.seek(self.start)

    def close(self) -> None:
        if self.owned:
            self.file.close()

    def pieces(self):
        """All of it, for a look ahead."""
        if self.file is None:
            view = memoryview(self.data)
            for at in range(0, self.size, _PIECE):
                yield bytes(view[at : at + _PIECE])
            return
        left = self.size
        while left > 0:
            n = min(self._read(), left)
            if n <= 0:
                raise ValueError("the file ends %d bytes early" % left)
            left -= n
            yield bytes(memoryview(self.data)[:n])
        self.rewind()

    def _read(self) -> int:
        """The next bytes to `data`; how many, 0 at the end."""
        if hasattr(self.file, "readinto"):
            return moved(self.file.readinto(self.data), _PIECE)
        piece = self.file.read(_PIECE)
        if piece is None:
            return 0
        check_data(piece)
        n = moved(len(piece), _PIECE)
        self.data[:n] = piece
        return n

    def _refill(self, data) -> int:
        """The next bytes to `data`, which is ours; how many."""
        try:
            n = min(self._read(), self.left)
            self.left -= n
            if self.checker:
                self.checker.feed(bytes(memoryview(data)[:n]))
                if not self.left:
                    self.md5 = self.checker.end()
        except Exception:
            self.failed = True
            raise
        self.failed = n <= 0 < self.left
        return n
