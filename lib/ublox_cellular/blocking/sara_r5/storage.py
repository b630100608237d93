# Generated from aio/sara_r5/storage.py by tools/generate. Do not edit.
"""The file system of SARA-R5: +UDWNFILE, +URDFILE, +URDBLOCK, +UDELFILE. A5 10, at-commands 10.1.

Every command stands alone: there are no handles, and +UDWNFILE adds to the end of what is there.
"""

from ...core.compat import const

_PROMPT = const(62)  # '>'
_WRITE_MS = const(30000)  # a module that misses bytes gives up after 20 s


class Storage:
    """What `Files` and `File` ask of a module."""

    longest = 248  # bytes of a name
    ready = True  # nothing is to be done before first use

    def __init__(self, files):
        self.channel = files.channel
        self.moved = 0
        self.on_counted = self._counted

    def lost(self) -> None:
        """Nothing is kept."""

    def prepare(self) -> None:
        """Nothing is open here."""

    def check_tag(self, tag: str) -> None:
        """All tags are the module's to judge."""

    def open(self, file) -> None:
        """Nothing: the file is there, or comes with the first byte."""

    def let_go(self, handle) -> None:
        """Nothing."""

    def close(self, handle) -> None:
        """Nothing."""

    def erase(self, name: str, tag: str) -> None:
        """Delete a file that exists."""
        if tag:
            self.channel.ask(b"+UDELFILE", name, tag)
        else:
            self.channel.ask(b"+UDELFILE", name)

    def put(self, file, data, at: int, n: int) -> None:
        """Add `data[at:at + n]`."""
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
        """Read to `into[at:]`, at most `n` bytes from `file.pos` on; how many there were."""
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
        """Nothing is open in the module that could stand anywhere."""

    def _counted(self, lexer):
        """`"name",n,` before the data; some firmware leaves out the quotes (A5 10.2)."""
        lexer.pos = lexer.buf.find(b",", lexer.pos, lexer.stop) + 1 or lexer.stop
        n = lexer.number()
        if self.channel.head or n == 0:
            self.moved = -1 if n is None else n
        return n
