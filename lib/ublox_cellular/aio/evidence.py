"""Whether the data connection stands: asked of the module when something was refused as if it did
not. Field-notes 23 and 78: contexts are gone without a URC.
"""

from ..core.errors import CommandError


async def look(network) -> None:
    """Ask for the context and the registration; the channel is held."""
    modem = network.modem
    wanted = network.wanted
    if network.up and network.doubted:
        try:
            stands = await modem.stands(wanted.cid if wanted and wanted.cid else 1)
        except CommandError:  # no context at all, on some firmware
            stands = False
        if not stands:
            network.set_up(False)
            network.stat = None  # asked for anew
    network.doubted = False
