"""How the module is registered, in all domains. At-commands 2.1."""

from ...core.compat import const
from ...core.errors import CommandError
from .radio import technology
from .registration import ask_registration, read_form

_ACT = const(1)  # column of the technologies
_LAST_STAT = const(11)  # of 3GPP TS 27.007

_STATES = (
    "not registered", "home", "searching", "denied", "unknown", "roaming", "home, SMS only",
    "roaming, SMS only", "emergency only", "home, no CSFB", "roaming, no CSFB",
)  # fmt: skip


async def registration(network) -> dict:
    """How the module is registered, asked now: a dictionary of

    "circuit", "gprs", "eps": the status numbers of +CREG, +CGREG and +CEREG (1 home, 2 searching,
    3 denied, 5 roaming …), None where the module does not tell; "text": the last in words;
    "tac", "ci": area and cell as integers; "act": "LTE-M", "NB-IoT" or "LTE"; "cause": why the
    network has refused, as text; "timers": (T3324, T3412), granted by the network, as strings of
    8 bits. None for what is not known.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    await ask_registration(network)
    eps = network.stat
    cell = network.cell if network.registered() else None
    tac, ci, act = cell or (None, None, None)
    cause = None
    if network.cause and not network.registered():
        from ...core.reject_causes import reason

        cause = reason(network.cause[0], network.cause[1])
    return {
        "circuit": await _status(network, b"+CREG?"),
        "gprs": await _status(network, b"+CGREG?"),
        "eps": eps,
        "text": _STATES[eps] if eps is not None and 0 <= eps < len(_STATES) else None,
        "tac": tac,
        "ci": ci,
        "act": technology(network, _ACT, act),
        "cause": cause,
        "timers": getattr(network, "timers", None),
    }


async def _status(network, name: bytes):
    channel = network.modem.channel
    try:
        stat = (await channel.row(2, name, shape=read_form))[1]
    except CommandError:
        return None
    return stat if isinstance(stat, int) and 0 <= stat <= _LAST_STAT else None
