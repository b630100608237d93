"""Finding the end of a file that is added to."""

from ...core.errors import CommandError
from ..framing import take


async def go_to_end(channel, handle: int, at: int) -> None:
    """+FSEEK, and a look whether nothing follows: with a digit of the offset lost on its way the
    next +FWRITE would overwrite what is there. The channel is held."""
    for _ in range(2):
        await channel.ask(b"+FSEEK", handle, at)
        line = channel.start(b"+FREAD")
        line.number(handle)
        line.number(1)
        try:
            if not await take(channel, bytearray(1), 1):
                return
        except CommandError:  # nothing to read is perhaps an error
            return
    raise channel.garbled("not at the end of the file")
