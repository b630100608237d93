# Generated from aio/sockets/socket_file.py by tools/generate. Do not edit.
"""`Socket.makefile()`: a file of its own over a socket, as in CPython."""

from ...core.buffers import check_data
from ...core.compat import ref  # pyright: ignore
from .transfer import read, readline

_EBADF = 9
_EAGAIN = 11


def makefile(sock, mode="r", buffering=None, encoding=None, errors=None, newline=None):
    """A `SocketFile`; `mode` of r, w, rw, with b for bytes, else text. The connection is closed
    when the socket and all its files are. Reading is buffered by what one command reads, writing
    is not: `flush()` has nothing to do."""
    kinds = mode.replace("b", "")
    if not kinds or kinds.strip("rw") or len(kinds) > 2:
        raise ValueError("invalid mode %r (only r, w, b allowed)" % mode)
    return SocketFile(sock, kinds, None if "b" in mode else encoding or "utf-8")


class SocketFile:
    """Made by `Socket.makefile()`. `encoding` is None where it has bytes."""

    def __init__(self, sock, kinds: str, encoding):
        self.sock = sock
        self.kinds = kinds
        self.encoding = encoding
        self.closed = False
        sock.files = [one for one in sock.files or () if one() is not None] + [ref(self)]

    def readable(self) -> bool:
        return "r" in self.kinds

    def writable(self) -> bool:
        return "w" in self.kinds

    def seekable(self) -> bool:
        return False

    def fileno(self) -> int:
        return -1

    def _check(self, kind: str):
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if kind not in self.kinds:
            raise OSError(_EBADF, "file is not open for this")
        return self.sock

    def _text(self, data):
        return data if data is None or self.encoding is None else str(data, self.encoding)

    # ---- reading ----------------------------------------------------------------------------

    def read(self, size=-1):
        """`size` bytes, in text mode up to whole characters; fewer only at the end."""
        sock = self._check("r")
        size = -1 if size is None else size
        data = read(sock, size)
        while self.encoding and data and size > 0 and _cut(data):
            more = read(sock, 1)
            if not more:
                break
            data += more
        return self._text(data)

    def read1(self, size=-1):
        """What one read of the socket brings."""
        buf = bytearray(1024 if size is None or size < 0 else size)
        n = self.readinto(buf)
        return None if n is None else bytes(memoryview(buf)[:n])

    def readinto(self, buf):
        """Some bytes into `buf`; their number, 0 at the end."""
        return self._check("r").readinto(buf)

    def readline(self, size=-1):
        """Up to and with the next newline."""
        return self._text(readline(self._check("r"), -1 if size is None else size))

    def readlines(self, hint=-1) -> list:
        """All lines up to the end."""
        found = []
        total = 0
        while True:
            line = self.readline()
            if not line:
                return found
            found.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                return found

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    # ---- writing ----------------------------------------------------------------------------

    def write(self, data):
        """Send everything; the number of bytes (in text mode of characters)."""
        self._check("w")
        if self.encoding is None:
            check_data(data)
            return self._send(data)
        if not isinstance(data, str):
            raise TypeError("a string wanted")
        self._send(data.encode())
        return len(data)

    def _send(self, data):
        n = self.sock.write(data)
        if n is None:
            raise OSError(_EAGAIN, "the module takes nothing now")
        return n

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing: what was written is sent."""
        if self.closed:
            raise ValueError("I/O operation on closed file")

    # ---- the end ----------------------------------------------------------------------------

    def close(self) -> None:
        """The socket goes with its last file, if it was closed itself."""
        if self.closed:
            return
        self.closed = True
        sock = self.sock
        if sock.closed and not sock.gone and not sock.has_files():
            from .lifecycle import release

            release(sock)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def _cut(data) -> bool:
    """Whether UTF-8 ends in the middle of a character."""
    for back in range(1, min(4, len(data)) + 1):
        c = data[-back]
        if c & 0xC0 != 0x80:
            return c >= 0xC0 and back < (2 if c < 0xE0 else 3 if c < 0xF0 else 4)
    return False
