# Generated from aio/files/storage_sara_r5.py by tools/generate. Do not edit.
"""The file system of SARA-R5: +UDWNFILE, +URDFILE, +URDBLOCK, +UDELFILE. A5 10, at-commands 10.1.

Every command is independent: there are no handles, and +UDWNFILE appends to an existing file. So
the driver itself prevents writing by two callers, and writing while a file is read.
"""

from ...core.compat import const, ref  # pyright: ignore

_PROMPT = const(62)  # '>'
_WRITE_MS = const(30000)  # a module that misses bytes stops after 20 s
_EBUSY = const(16)


class Storage:
    """The operations that `Files` and `File` need of a module."""

    longest = 248  # bytes of a name
    ready = True  # nothing is to be done before first use

    def __init__(self, files):
        self.channel = files.channel
        self.open_files = []  # weak references
        self.moved = 0
        self.on_counted = self._counted

    def lost(self) -> None:
        """Nothing to do: no state of the module is kept here."""

    def prepare(self) -> None:
        """Nothing to do: there are no handles."""

    def check_tag(self, tag: str) -> None:
        """Nothing to check here: the module refuses unknown tags."""

    def check_free(self, name: str, tag: str, reading: bool = False) -> None:
        """`OSError(EBUSY)` if the file is open; with `reading`, if it is open for writing."""
        if self._taken(name, tag, reading):
            from gc import collect

            collect()  # perhaps it is unreferenced, but was not closed
            if self._taken(name, tag, reading):
                raise OSError(_EBUSY, "%s is open: close it first" % name)

    def _taken(self, name: str, tag: str, reading: bool) -> bool:
        found = []
        taken = False
        for one in self.open_files:
            file = one()
            if file is not None and not file.closed:
                found.append(one)
                same = file.name == name and file.tag == tag
                taken = taken or (same and not (reading and file.mode == "r"))
        self.open_files = found
        return taken

    def open(self, file) -> None:
        """Register the file, which exists, or is created with the first byte."""
        self.open_files.append(ref(file))

    def let_go(self, handle) -> None:
        """Nothing to do: there are no handles."""

    def close(self, handle) -> None:
        """Nothing to do: there are no handles."""

    def erase(self, name: str, tag: str) -> None:
        """Delete a file that exists."""
        if tag:
            self.channel.ask(b"+UDELFILE", name, tag)
        else:
            self.channel.ask(b"+UDELFILE", name)

    def put(self, file, data, at: int, n: int) -> None:
        """Append `data[at:at + n]`."""
        channel = self.channel
        line = channel.start(b"+UDWNFILE")
        line.text(file.name)
        line.number(n)
        if file.tag:
            line.text(file.tag)
        channel.prompt = _PROMPT
        channel.out = data
        channel.out_at = at
        channel.out_n = n
        channel.execute(_WRITE_MS)

    def fetch(self, file, into, at: int, n: int, whole: bool) -> int:
        """Read at most `n` bytes from `file.pos` on to `into[at:]`; returns their number."""
        channel = self.channel
        line = channel.start(b"+URDFILE" if whole else b"+URDBLOCK")
        line.text(file.name)
        if not whole:
            line.number(file.pos)
            line.number(n)
        if file.tag:
            line.text(file.tag)
        self.moved = -1
        channel.handler = self.on_counted
        channel.commas = 2
        channel.into = into
        channel.at = at
        channel.room = n
        channel.execute()
        if self.moved < 0:
            raise channel.garbled("no data")
        return self.moved

    def landed(self, file, n: int, got: int) -> None:
        """Nothing to do: the module keeps no position."""

    def _counted(self, lexer):
        """`"name",n,` before the data; some firmware leaves out the quotes (A5 10.2)."""
        lexer.pos = lexer.buf.find(b",", lexer.pos, lexer.stop) + 1 or lexer.stop
        n = lexer.number()
        if self.channel.head or n == 0:
            self.moved = -1 if n is None else n
        return n
