"""Whether the data connection stands: asked of the module when something was refused as if it did
not. Field-notes 23 and 78: contexts are gone without a URC.
"""

from ...core.compat import const
from ...core.errors import CommandError, CommandTimeout, Garbled
from ...core.service_error import ServiceError

_LOOKS = const(3)  # that fail, until the connection is made anew
_SILENT_MS = const(90000)  # a log-in is reported after 60 s as a rule (at-commands 1.6)
# Reasons, by class, that a client gives for a failure and that a data connection contradicts which
# stands, or that are of the client itself: all others are of the peer, or on the way to it.
_OWN = {3: (22, 30, 45), 10: (22, 30, 45), 13: (34, 50), 14: (22,)}
_MEMORY = const(7)
_LOST = const(101)  # why a session has ended (at-commands 5.4)


def doubt(network) -> None:
    """Something was refused, or has failed, as if there was no data connection: before the next
    command the module is asked."""
    if network.up and not network.doubted:
        network.doubted = 1
        network.modem.channel.owe(look, network)


def trouble(network, service: str, error, own=False) -> None:
    """A service has failed. Is there still a data connection? And if it is the module itself that
    refuses (`own`: that is known), and goes on so, the ladder is for that, too: until `works()`
    of that, or until it fails for other reasons."""
    doubt(network)
    if own or _own(error):
        if network.wanted is not None and network.wanted.recover:
            network.modem.recovery.blame(service)
    elif error is None or isinstance(error, ServiceError):
        works(network, service)


def works(network, service: str) -> None:
    """It has done what it was told, or has found out that others do not."""
    recovery = network.modem.loaded.get("recovery")
    if recovery is not None:
        recovery.absolve(service)


def _own(error) -> bool:
    """Whether that is of the module itself."""
    if isinstance(error, ServiceError):
        return of_module(error.error_class, error.code)
    if isinstance(error, CommandTimeout):  # of an action: it was accepted, and then nothing
        return error.details[1] >= _SILENT_MS
    return isinstance(error, CommandError)


def of_module(error_class: int, code: int) -> bool:
    """Whether a reason that a client gives for a failure is of the module itself."""
    return error_class == _MEMORY or code in _OWN.get(error_class, ())


async def look(network) -> None:
    """Ask for the context and the registration; the channel is held."""
    modem = network.modem
    if network.up and network.doubted:
        try:
            stands = await modem.stands(network.cid)
        except CommandError:  # no context at all, on some firmware
            stands = False
        except (CommandTimeout, Garbled):
            network.doubted += 1
            if network.doubted <= _LOOKS:  # it is owed still
                raise
            stands = False
        if not stands:
            recovery = modem.loaded.get("recovery")
            if recovery is not None:  # that was why they refused
                recovery.blamed.clear()
            network.set_up(False)
            for name in ("mqtt", "mqttsn"):
                client = modem.loaded.get(name)
                if client is not None:
                    client.ended(_LOST)
            network.stat = None  # asked for anew
    network.doubted = 0
