"""Why a data connection took too long, in words."""

from ..core.compat import const
from ..core.errors import ModemError

_DENIED = const(3)
_REGISTRATION = const(4)  # stage of connection.py
_ETIMEDOUT = const(110)


def late(connection, timeout_ms: int) -> ModemError:
    """The error for a `Connection` that was not ready in time, with the network's reason."""
    from .connection import STAGES

    network = connection.modem.network
    if connection.stage != _REGISTRATION:
        text = "no data connection within %d ms, in stage %s"
        return ModemError(_ETIMEDOUT, text % (timeout_ms, STAGES[connection.stage]))
    stat = "denied" if network.stat == _DENIED else "status %s" % network.stat
    if network.cause:
        stat += ", cause %s of type %s" % (network.cause[1], network.cause[0])
    return ModemError(_ETIMEDOUT, "not registered within %d ms: %s" % (timeout_ms, stat))
