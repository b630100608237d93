"""All bands that a LEXI-R10 has, for one whose bands an earlier program has limited. No document
says which those were at first, and what a test command answers is this family's habit only.
"""

from ..radio import listed, write

_MOST = 128


async def allow_bands(network) -> None:
    """Write the list of `AT+UBANDCONF=?`, "(band,band,band-band)", where the module uses less of
    it; it is in force after a restart. Nothing, where that answer has another form."""
    groups = listed(await network.modem.channel.command(b"+UBANDCONF=?", plain=True))
    every = []
    for first, last in groups[0] if groups else ():
        if not 1 <= first <= last <= _MOST:
            return
        every += range(first, last + 1)
    if every and set(await network.bands()) != set(every):
        await write(network, False, b"+UBANDCONF", *every)
