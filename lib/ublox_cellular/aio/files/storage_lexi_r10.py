"""The file system of LEXI-R10: +FOPEN, +FREAD, +FWRITE, +FSEEK, +FCLOSE, +FDELETE. A10 7.2,
at-commands 10.2.

Files are open in the module, too. Which ones this program has opened is in `handles`; others were
left open by an earlier one, or by an exchange whose answer was lost, and are closed.
"""

from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import CommandError, ModemError, NotSupported
from ..at.payload_stream import feed, take

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_EOPNOTSUPP = const(95)
_ECONNRESET = const(104)
_NO_LIFE = const(-1)  # a count of restarts that never was


class Handle:
    """A file that is open in the module, in one life of its number. `file()`: the `File` that
    uses it, None if that was dropped or never was."""

    def __init__(self, number: int, name: str, file):
        self.number = number
        self.name = name
        self.file = ref(file) if file else _none


def _none():
    """In place of a weak reference: there is no `File`."""


class Storage:
    """What `Files` and `File` ask of a module."""

    longest = 63  # bytes of a name

    if TYPE_CHECKING:
        handles: dict[int, Handle]
        named: Any
        put: Any  # of this file, once a file is written
        on_counted: Any
        written: int | None
        total: int | None

    def __init__(self, files):
        self.files = files
        self.channel = files.channel
        self.named = None  # the handle of the command in flight
        self.on_launch = self._launch  # bound once: binding allocates
        self.lost()

    def lost(self) -> None:
        """The handles of the module are closed, or it is not known."""
        self.handles = {}
        self.ready = False

    def check_tag(self, tag: str) -> None:
        raise NotSupported(_EOPNOTSUPP, "LEXI-R10", "file tags")

    def check_free(self, name: str, tag: str, reading: bool = False) -> None:
        """Nothing: +FOPEN is refused."""

    async def prepare(self) -> None:
        """Close what is open and not ours (+FOPEN?)."""
        channel = self.channel
        try:
            rows = await channel.ask(b"+FOPEN?")
        except CommandError:  # nothing is open, or the firmware cannot tell
            rows = ()
        for row in rows:
            if len(row) > 1 and isinstance(row[1], int) and row[1] not in self.handles:
                try:
                    await channel.ask(b"+FCLOSE", row[1])
                except CommandError:
                    pass
        self.ready = True

    # ---- handles ----------------------------------------------------------------------------

    def _launch(self) -> None:
        """Right before a command that names a handle goes out: it is still that file's."""
        handle = self.named
        if self.handles.get(handle.number) is not handle:
            raise ModemError(_ECONNRESET, "the module has restarted: open the file again")

    async def _take(self, name: str, file) -> Handle:
        """+FOPEN, which makes a file that does not exist, for `file` or for none."""
        for handle in self.handles.values():
            if handle.name == name or handle.file() is None:
                from ..network.activation_lexi_r10 import tidy

                await tidy(self, name)
                break
        try:
            return await self._ask_for(name, file)
        except CommandError:  # perhaps more are open than the module has room for
            from ..network.activation_lexi_r10 import tidy

            if not await tidy(self, ""):
                raise
        return await self._ask_for(name, file)

    async def _ask_for(self, name: str, file) -> Handle:
        channel = self.channel
        self.ready = False  # until it is known what became of the handle
        found = []

        def opened(lexer) -> None:
            number = lexer.number()
            if number is None or number < 0:
                return
            stale = self.handles.get(number)
            owner = stale.file() if stale else None
            if owner:  # the module has restarted, and this was not noticed
                owner.life = _NO_LIFE
            self.handles[number] = handle = Handle(number, name, file)
            found.append(handle)

        def kept(ended: bool) -> None:
            """Whoever wanted it has given up: it is closed again."""
            if ended and found:
                self.let_go(found[0])

        channel.start(b"+FOPEN").text(name)
        channel.handler = opened
        channel.keeper = kept
        try:
            await channel.execute()
        except BaseException:
            if found and not channel.abandoned:
                self.let_go(found[0])
            raise
        if not found:
            raise channel.garbled("no handle")
        return found[0]

    def let_go(self, handle) -> None:
        """Have it closed before the next command."""
        if handle is not None and self.handles.get(handle.number) is handle:
            self.channel.owe(self.close, handle)

    async def close(self, handle) -> None:
        """+FCLOSE with the channel held; nothing if it is closed, the module has restarted, or has
        given the number out again."""
        if handle is None or self.handles.get(handle.number) is not handle:
            return
        self.ready = False
        self.named = handle
        try:
            await self.channel.ask(b"+FCLOSE", handle.number, guard=self.on_launch)
            self.ready = True
        except CommandError:  # closed already, or its number was damaged: +FOPEN? will say
            pass
        self.handles.pop(handle.number, None)

    async def open(self, file) -> None:
        """A handle for `file`, standing at `file.pos`, the end of what is added to."""
        file.handle = await self._take(file.name, file)
        if file.mode != "r":
            await begin(self, file)
        file.place = file.pos
        self.ready = True

    async def erase(self, name: str, tag: str) -> None:
        """Delete a file that exists: it must be opened for that."""
        channel = self.channel
        self.named = handle = await self._take(name, None)
        try:
            await channel.ask(b"+FDELETE", handle.number, guard=self.on_launch)
            await self.close(handle)  # refused where it goes with the file
        except BaseException:
            self.let_go(handle)
            raise
        self.ready = True
        # A damaged name would have made and deleted another file.
        if await self.files.measure(name, tag) >= 0:
            raise channel.garbled("the file is still there")

    # ---- data -------------------------------------------------------------------------------

    def fetch(self, file, into, at: int, n: int, whole: bool):
        """Read to `into[at:]`, at most `n` bytes from `file.pos` on; how many there were. What is
        awaited is that of `take()` itself: a coroutine less for every piece of a file."""
        if file.place != file.pos:
            return self._sought(file, into, at, n, whole)
        file.place = -1
        self.ready = False  # until `landed()`: perhaps the handle was a damaged number
        self.named = file.handle
        line = self.channel.start(b"+FREAD")
        line.number(file.handle.number)
        if not whole:
            line.number(n)
        self.channel.guard = self.on_launch
        return take(self.channel, memoryview(into)[at : at + n] if at else into, n)

    async def _sought(self, file, into, at: int, n: int, whole: bool) -> int:
        self.named = file.handle
        handle = file.handle.number
        await self.channel.ask(b"+FSEEK", handle, file.pos, guard=self.on_launch)
        file.place = file.pos
        return await self.fetch(file, into, at, n, whole)

    def landed(self, file, n: int, got: int) -> None:
        """`got` of `n` bytes have come from `file.pos`. After less it is not known where the
        module stands: a digit may be lost."""
        self.ready = True
        if got == n:
            file.place = file.pos + got


# ---- writing ------------------------------------------------------------------------------------
#
# Writing to the end of a file: +FWRITE, and finding that end. A10 7.2.


async def begin(storage, file) -> None:
    """A file is open and is to be written from `file.pos` on, its end. The channel is held."""
    if not hasattr(storage, "put"):

        def counted(lexer) -> None:
            storage.written = lexer.number()
            storage.total = lexer.number()

        storage.on_counted = counted
        storage.put = put
    if file.pos:
        await _go_to_end(storage, file.handle, file.pos)


async def _go_to_end(storage, handle, at: int) -> None:
    """+FSEEK, and a look whether nothing follows: with a digit of the offset lost on its way the
    next +FWRITE would overwrite what is there."""
    channel = storage.channel
    storage.named = handle
    for _ in range(2):
        await channel.ask(b"+FSEEK", handle.number, at, guard=storage.on_launch)
        line = channel.start(b"+FREAD")
        line.number(handle.number)
        line.number(1)
        channel.guard = storage.on_launch
        try:
            if not await take(channel, bytearray(1), 1):
                return
        except CommandError:  # nothing to read is perhaps an error
            return
    raise channel.garbled("not at the end of the file")


async def put(file, data, at: int, n: int) -> None:
    """Write `data[at:at + n]` where the module stands: at the end."""
    storage = file.files.store
    channel = storage.channel
    file.place = -1
    storage.named = file.handle
    line = channel.start(b"+FWRITE")
    line.number(file.handle.number)
    line.number(n)
    channel.guard = storage.on_launch
    channel.connect = True
    channel.handler = storage.on_counted
    storage.written = storage.total = -1
    try:
        await feed(channel, memoryview(data)[at : at + n] if at else data, n)
    except CommandError:
        storage.ready = False  # perhaps the handle was a damaged number
        raise
    size = file.size + n
    # The second number is the size of the file, or what was written since it was opened.
    if storage.written != n or storage.total not in (size, size - file.base):
        raise channel.garbled("%s bytes of %d written" % (storage.written, n))
