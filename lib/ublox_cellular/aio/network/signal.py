"""How well the network is received. At-commands 2.1."""

from ...core.compat import const
from ...core.errors import CommandError
from .radio import technology

_BEST_RSSI = const(31)
_UNKNOWN = const(255)
_REPORT = const(2)  # mode of +UCGED
_CELL_FIELDS = const(12)  # of the line with the cell, at least, up to RSRQ
_SINR = const(12)
_LARGEST_PCI = const(503)
_NOTHING = ("no repor", "no cause")  # how the answer without a failure begins
_UCGED = const(4)  # column of the technologies


async def signal(network) -> dict:
    """What is received: "rssi" and "rsrp" in dBm, "rsrq" and "sinr" in dB, None if not known.

    From +CSQ (-113 to -51 dBm), +CESQ (-141 to -44 dBm, -20 to -3 dB) and +UCGED.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    rssi = (await channel.row(1, b"+CSQ"))[0]
    row = await channel.row(6, b"+CESQ")
    cell = await serving_cell(network)
    return {
        "rssi": 2 * rssi - 113 if rssi in range(_BEST_RSSI + 1) else None,
        "rsrp": _rsrp(row[5]),
        "rsrq": _rsrq(row[4]),
        "sinr": cell["sinr"] if cell else None,
    }


async def serving_cell(network):
    """The cell in use, a dictionary, or None without one: "act" ("LTE-M", "NB-IoT", "LTE"); "mcc",
    "mnc" (strings); "earfcn", "band"; "tac", "ci" (area, cell); "pci" (physical cell, 0 to 503);
    "rsrp" in dBm, "rsrq" and "sinr" in dB. None for what the module does not tell.

    From +UCGED, whose report is switched on where it is off.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    try:
        lines = await channel.command(b"+UCGED?", plain=True)
        if "+UCGED:%d" % _REPORT not in [line.replace(" ", "") for line in lines]:
            await channel.command(b"+UCGED", _REPORT)
            lines = await channel.command(b"+UCGED?", plain=True)
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


async def radio_connected(network) -> bool:
    """Whether there is a radio connection now; without one the module saves power (+CSCON).

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    row = await network.modem.channel.row(2, b"+CSCON?", shape=_has_two)
    return row[1] == 1


async def failure(network):
    """(type, cause, text) of the last failure of a call or registration (+CEER), type and cause
    None where there are only words; None if nothing has failed.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    for row in await network.modem.channel.command(b"+CEER"):
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
