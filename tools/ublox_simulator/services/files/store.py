"""The module's file system: contents, free space, open files."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from ...nvm import Nvm

USER = "USER"
"""The name space of files without a tag."""

FLUSH_MS = 200
"""Changes are written to the disk together, so that many small writes do not rewrite a large file
each."""


class NoSpace(Exception):
    """More than the file system can take; nothing was stored."""


class FileBusy(Exception):
    """The file is open elsewhere."""


class FileStore:
    """Files by tag and name. Contents are non-volatile; open files are not.

    The services of the module share it: a file that one of them writes is held, and cannot be
    changed or deleted by another meanwhile. Reading is always possible.
    """

    def __init__(self, nvm: Nvm, capacity: int, later: Callable[..., object]) -> None:
        self.capacity = capacity
        self._nvm = nvm
        self._later = later
        self._files = nvm.files
        self._used = sum(map(len, self._files.values()))
        self._held: set[str] = set()
        self._flush_due = False

    # -- looking ---------------------------------------------------------------------------

    @property
    def free(self) -> int:
        """Bytes that still fit."""
        return max(0, self.capacity - self._used)

    def exists(self, name: str, tag: str = USER) -> bool:
        """Whether the file exists."""
        return _key(name, tag) in self._files

    def names(self, tag: str = USER) -> list[str]:
        """The files of one tag, oldest first."""
        start = _key("", tag)
        return [key[len(start) :] for key in self._files if key.startswith(start)]

    def size(self, name: str, tag: str = USER) -> int:
        """Length of a file; KeyError when missing."""
        return len(self._files[_key(name, tag)])

    def load(self, name: str, tag: str = USER) -> bytes:
        """A whole file; KeyError when missing."""
        return bytes(self._files[_key(name, tag)])

    def read(self, name: str, offset: int, count: int, tag: str = USER) -> bytes:
        """Up to `count` bytes from `offset`; KeyError when missing."""
        return bytes(memoryview(self._files[_key(name, tag)])[offset : offset + count])

    # -- changing --------------------------------------------------------------------------

    def save(self, name: str, data: bytes, tag: str = USER) -> None:
        """Create or replace a file; raises NoSpace or FileBusy and leaves the old one."""
        self._check(name, tag)
        self._put(_key(name, tag), bytearray(data))

    def append(self, name: str, data: bytes, tag: str = USER) -> None:
        """Add to a file, which need not exist; raises NoSpace or FileBusy."""
        self._check(name, tag)
        key = _key(name, tag)
        if key in self._files:
            self.write(name, len(self._files[key]), data, tag)
        else:
            self._put(key, bytearray(data))

    def remove(self, name: str, tag: str = USER) -> None:
        """Delete a file; KeyError when missing, FileBusy when open."""
        self._check(name, tag)
        key = _key(name, tag)
        self._used -= len(self._files.pop(key))
        self._changed(key)

    def open_for_writing(
        self, name: str, tag: str = USER, *, keep_content: bool = False
    ) -> FileWriter:
        """A stream into a file, emptied first unless `keep_content`; FileBusy when it is open."""
        self._check(name, tag)
        if not keep_content or not self.exists(name, tag):
            self.save(name, b"", tag)
        return FileWriter(self, name, tag)

    # -- for holders of a file ----------------------------------------------------------

    def hold(self, name: str, tag: str = USER) -> None:
        """Open a file: others cannot change it until `release`; FileBusy when it is open."""
        self._check(name, tag)
        self._held.add(_key(name, tag))

    def release(self, name: str, tag: str = USER) -> None:
        """The file is closed."""
        self._held.discard(_key(name, tag))

    def write(self, name: str, offset: int, data: bytes, tag: str = USER) -> None:
        """Overwrite and extend the content, from `offset` at most the end; raises NoSpace."""
        key = _key(name, tag)
        content = self._files[key]
        self._claim(max(0, offset + len(data) - len(content)))
        content[offset : offset + len(data)] = data
        self._changed(key)

    # -- life ------------------------------------------------------------------------------

    def power_lost(self) -> None:
        """The module switches off: all files are closed, contents are kept."""
        self._held.clear()
        self.flush()

    def flush(self) -> None:
        """Write everything to the disk, if the memory is kept there."""
        self._flush_due = False
        self._nvm.flush_files()

    def _check(self, name: str, tag: str) -> None:
        if _key(name, tag) in self._held:
            raise FileBusy(name)

    def _claim(self, more: int) -> None:
        if more > self.free:
            raise NoSpace(f"{more} bytes more, {self.free} free")
        self._used += more

    def _put(self, key: str, content: bytearray) -> None:
        self._claim(len(content) - len(self._files.get(key, b"")))
        self._files[key] = content
        self._changed(key)

    def _changed(self, key: str) -> None:
        self._nvm.file_changed(key)
        if self._nvm.on_disk and not self._flush_due:
            self._flush_due = True
            self._later(FLUSH_MS, self.flush)


class FileWriter:
    """An open file to which a service appends; written data stays in any case."""

    def __init__(self, store: FileStore, name: str, tag: str) -> None:
        store.hold(name, tag)
        self._store, self._name, self._tag = store, name, tag
        self.position = store.size(name, tag)

    def write(self, data: bytes) -> None:
        """Add bytes; raises NoSpace, then nothing of `data` was added."""
        self._store.write(self._name, self.position, data, self._tag)
        self.position += len(data)

    def close(self) -> None:
        """Others may use the file again."""
        self._store.release(self._name, self._tag)

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _key(name: str, tag: str) -> str:
    return f"{tag}/{name}"
