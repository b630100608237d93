# Generated from aio/files/append_lexi_r10.py by tools/generate. Do not edit.
"""Writing to the end of a file: +FWRITE, and finding that end. A10 7.2."""

from ...core.errors import CommandError
from ..at.payload_stream import feed, take


def begin(storage, file) -> None:
    """A file is open and is to be written from `file.pos` on, its end. The channel is held."""
    if not hasattr(storage, "put"):

        def counted(lexer) -> None:
            storage.written = lexer.number()
            storage.total = lexer.number()

        storage.on_counted = counted
        storage.put = put
    if file.pos:
        _go_to_end(storage, file.handle, file.pos)


def _go_to_end(storage, handle, at: int) -> None:
    """+FSEEK, and a look whether nothing follows: with a digit of the offset lost on its way the
    next +FWRITE would overwrite what is there."""
    channel = storage.channel
    storage.named = handle
    for _ in range(2):
        channel.ask(b"+FSEEK", handle.number, at, guard=storage.on_launch)
        line = channel.start(b"+FREAD")
        line.number(handle.number)
        line.number(1)
        channel.guard = storage.on_launch
        try:
            if not take(channel, bytearray(1), 1):
                return
        except CommandError:  # nothing to read is perhaps an error
            return
    raise channel.garbled("not at the end of the file")


def put(file, data, at: int, n: int) -> None:
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
        feed(channel, memoryview(data)[at : at + n] if at else data, n)
    except CommandError:
        storage.ready = False  # perhaps the handle was a damaged number
        raise
    size = file.size + n
    # The second number is the size of the file, or what was written since it was opened.
    if storage.written != n or storage.total not in (size, size - file.base):
        raise channel.garbled("%s bytes of %d written" % (storage.written, n))
