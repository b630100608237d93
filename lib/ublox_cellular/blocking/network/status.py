# Generated from aio/network/status.py by tools/generate. Do not edit.
"""How well the network is received, how the module is registered, and why there is no data
connection. At-commands 2.1."""

from ...core.compat import const
from ...core.errors import CommandError, ModemError
from .registration import ask_registration, read_form, technology

_BEST_RSSI = const(31)
_UNKNOWN = const(255)
_REPORT = const(2)  # mode of +UCGED
_CELL_FIELDS = const(12)  # of the line with the cell, at least, up to RSRQ
_SINR = const(12)
_LARGEST_PCI = const(503)
_NOTHING = ("no repor", "no cause")  # how the answer without a failure begins
_UCGED = const(4)  # column of the technologies


def signal(network) -> dict:
    """What is received: "rssi" and "rsrp" in dBm, "rsrq" and "sinr" in dB, None if not known.

    From +CSQ (-113 to -51 dBm), +CESQ (-141 to -44 dBm, -20 to -3 dB) and +UCGED.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    rssi = (channel.row(1, b"+CSQ"))[0]
    row = channel.row(6, b"+CESQ")
    cell = serving_cell(network)
    return {
        "rssi": 2 * rssi - 113 if rssi in range(_BEST_RSSI + 1) else None,
        "rsrp": _rsrp(row[5]),
        "rsrq": _rsrq(row[4]),
        "sinr": cell["sinr"] if cell else None,
    }


def serving_cell(network):
    """The cell in use, a dictionary, or None without one: "act" ("LTE-M", "NB-IoT", "LTE"); "mcc",
    "mnc" (strings); "earfcn", "band"; "tac", "ci" (area, cell); "pci" (physical cell, 0 to 503);
    "rsrp" in dBm, "rsrq" and "sinr" in dB. None for what the module does not tell.

    From +UCGED, whose report is switched on where it is off.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    try:
        lines = channel.command(b"+UCGED?", plain=True)
        if "+UCGED:%d" % _REPORT not in [line.replace(" ", "") for line in lines]:
            channel.command(b"+UCGED", _REPORT)
            lines = channel.command(b"+UCGED?", plain=True)
    except CommandError:
        return None
    service = cell = None
    for line in lines:
        fields = [field.strip(' "') for field in line.split(",")]
        if line.startswith("+"):  # the mode, or a URC nobody knows
            pass
        elif len(fields) >= _CELL_FIELDS:
            cell = cell or fields
        elif len(fields) >= 4:
            service = service or fields
    return _described(network, service or [""] * 4, cell) if cell else None


def _described(network, service, cell):
    band = _number(cell[1])
    if not band or band >= _UNKNOWN:  # without a cell its line is full of largest numbers
        return None
    pci = _number(cell[6])
    return {
        "act": technology(network, _UCGED, _number(service[0])),
        "mcc": _digits(service[2]),
        "mnc": _digits(service[3]),
        "earfcn": _number(cell[0]),
        "band": band,
        "tac": _hexadecimal(cell[4]),
        "ci": _hexadecimal(cell[5]),
        "pci": pci if pci is not None and pci <= _LARGEST_PCI else None,
        "rsrp": _rsrp(_number(cell[10])),
        "rsrq": _rsrq(_number(cell[11])),
        "sinr": _decibel(cell[_SINR]) if len(cell) > _SINR else None,
    }


def radio_connected(network) -> bool:
    """Whether there is a radio connection now; without one the module saves power (+CSCON).

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    row = network.modem.channel.row(2, b"+CSCON?", shape=_has_two)
    return row[1] == 1


def failure(network):
    """(type, cause, text) of the last failure of a call or registration (+CEER), type and cause
    None where there are only words; None if nothing has failed.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    for row in network.modem.channel.command(b"+CEER"):
        words = [part for part in row if isinstance(part, str)]
        if not words or words[0].lower()[:8] in _NOTHING:
            continue
        if len(row) > 1 and isinstance(row[1], int):
            return words[0], row[1], words[1] if len(words) > 1 else ""
        return None, None, words[-1]
    return None


def _has_two(line) -> bool:
    """The URC has the status alone."""
    line.number()
    return line.pos < line.stop


def _rsrp(index):
    """dBm of a level in 3GPP's steps of 1 dB."""
    return None if not isinstance(index, int) or not 0 <= index <= 97 else index - 141


def _rsrq(index):
    """dB of a quality in 3GPP's steps of half a dB."""
    return None if not isinstance(index, int) or not 0 <= index <= 34 else index / 2 - 20


def _decibel(text: str):
    try:
        value = float(text)
    except ValueError:
        return None
    return None if value >= _UNKNOWN else value


def _number(text: str):
    try:
        return int(text)
    except ValueError:
        return None


def _hexadecimal(text: str):
    try:
        return int(text, 16)
    except ValueError:
        return None


def _digits(text: str):
    """MCC or MNC; where they are hexadecimal digits, f fills up."""
    return text.rstrip("fF") or None


# ---- registration -------------------------------------------------------------------------------
#
# How the module is registered, in all domains. At-commands 2.1.

_ACT = const(1)  # column of the technologies
_LAST_STAT = const(11)  # of 3GPP TS 27.007

_STATES = (
    "not registered", "home", "searching", "denied", "unknown", "roaming", "home, SMS only",
    "roaming, SMS only", "emergency only", "home, no CSFB", "roaming, no CSFB",
)  # fmt: skip


def registration(network) -> dict:
    """How the module is registered, asked now: a dictionary of

    "circuit", "gprs", "eps": the status numbers of +CREG, +CGREG and +CEREG (1 home, 2 searching,
    3 denied, 5 roaming …), None where the module does not tell; "text": the last in words;
    "tac", "ci": area and cell as integers; "act": "LTE-M", "NB-IoT" or "LTE"; "cause": why the
    network has refused, as text; "timers": (T3324, T3412), granted by the network, as strings of
    8 bits. None for what is not known.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    ask_registration(network)
    eps = network.stat
    cell = network.cell if network.registered() else None
    tac, ci, act = cell or (None, None, None)
    cause = None
    if network.cause and not network.registered():
        from ...core.error_tables import reason

        cause = reason(network.cause[0], network.cause[1])
    return {
        "circuit": _status(network, b"+CREG?"),
        "gprs": _status(network, b"+CGREG?"),
        "eps": eps,
        "text": _STATES[eps] if eps is not None and 0 <= eps < len(_STATES) else None,
        "tac": tac,
        "ci": ci,
        "act": technology(network, _ACT, act),
        "cause": cause,
        "timers": getattr(network, "timers", None),
    }


def _status(network, name: bytes):
    channel = network.modem.channel
    try:
        stat = (channel.row(2, name, shape=read_form))[1]
    except CommandError:
        return None
    return stat if isinstance(stat, int) and 0 <= stat <= _LAST_STAT else None


# ---- why there is no data connection ------------------------------------------------------------
#
# Why there is no data connection, in words.

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
