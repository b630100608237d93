"""Whether the data connection stands: asked of the module when something was refused as if it did
not. Field-notes 23 and 78: contexts are gone without a URC.
"""

from ...core.errors import CommandError


def doubt(network) -> None:
    """Something was refused, or has failed, as if there was no data connection: before the next
    command the module is asked."""
    if network.up and not network.doubted:
        network.doubted = True
        network.modem.channel.owe(look, network)


def trouble(network, service: str, error) -> None:
    """A service has failed. Is there still a data connection? And if it is the module itself that
    refuses, and goes on so, the ladder is for that, too: until `absolve()` of that."""
    doubt(network)
    if isinstance(error, CommandError) and network.wanted is not None and network.wanted.recover:
        network.modem.recovery.blame(service)


async def look(network) -> None:
    """Ask for the context and the registration; the channel is held."""
    modem = network.modem
    if network.up and network.doubted:
        try:
            stands = await modem.stands(network.cid)
        except CommandError:  # no context at all, on some firmware
            stands = False
        if not stands:
            network.set_up(False)
            network.stat = None  # asked for anew
    network.doubted = False
