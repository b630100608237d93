"""Why there is no data connection, in words."""

from ...core.compat import const
from ...core.errors import ModemError

_DENIED = const(3)
_REGISTRATION = const(4)  # stage of connection.py
_EIO = const(5)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)

_CLASHES = {  # +CME ERROR of an activation: context and PSD profile do not fit (A5 2.2.1)
    4000: "context %d and PSD profile 0 name different APNs",
    4001: "context %d and PSD profile 0 differ in IP type: give the kind",
}


def late(connection, timeout_ms: int) -> ModemError:
    """The error for a `Connection` that was not ready in time, with the network's reason, or that
    is not wanted any more."""
    from .connection import STAGES

    network = connection.modem.network
    if network.wanted is not connection:
        text = "given up for another connect(), disconnect() or power_off()"
        return ModemError(_ECANCELED, text)
    if connection.stage != _REGISTRATION:
        text = "no data connection within %d ms, in stage %s"
        return ModemError(_ETIMEDOUT, text % (timeout_ms, STAGES[connection.stage]))
    stat = "denied" if network.stat == _DENIED else "status %s" % network.stat
    if network.cause:
        stat += ", cause %s of type %s" % (network.cause[1], network.cause[0])
    if connection.limits:
        stat += "; an earlier program limited the module to " + connection.limits
    return ModemError(_ETIMEDOUT, "not registered within %d ms: %s" % (timeout_ms, stat))


def explained(error, cid: int):
    """A refusal with what it means, where that is known."""
    if error.code in _CLASHES:
        return ModemError(_EIO, _CLASHES[error.code] % cid)
    return error
