"""All bands that a SARA-R5 has, for one whose bands an earlier program has limited. No document
says what its masks were at first, and what a test command answers is this family's habit only.
"""

from ..radio import listed, write
from .radio import masks_of


async def allow_bands(network) -> None:
    """Write the masks of `AT+UBANDMASK=?`, "(0-1),(mask[,mask])", where others are in force; they
    are in force after a restart. Nothing, where that answer has another form."""
    channel = network.modem.channel
    groups = listed(await channel.command(b"+UBANDMASK=?", plain=True))
    if len(groups) < 2:
        return
    (first, last), every = groups[0][0], [most for _, most in groups[1]][:2]
    if not any(every):
        return
    found = masks_of(await channel.row(2, b"+UBANDMASK?"))
    for number in range(first, min(last, first + 1) + 1):
        masks = found.get(number, ())
        if [mask for mask in masks if mask] != [mask for mask in every if mask]:
            await write(network, False, b"+UBANDMASK", number, *every)
