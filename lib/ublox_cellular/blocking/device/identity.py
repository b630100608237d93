# Generated from aio/device/identity.py by tools/generate. Do not edit.
"""Who the module is, and its SIM. At-commands 1.4.

URCs that have no "+" ("RING", "NO CARRIER") may stand between the lines of an answer, so that only
a line of the right form is one. `Garbled` if there is none.
"""

_DIGITS = "0123456789"


def imei(modem) -> str:
    """The 15 digits of the equipment.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CGSN", lambda line: _digits(line, 15, 15))


def imsi(modem) -> str:
    """The digits of the subscription, 15 or fewer (3GPP TS 23.003); needs a SIM without, or with
    its, PIN.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CIMI", lambda line: _digits(line, 6, 15))


def model(modem) -> str:
    """Such as "SARA-R510S".

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CGMM", lambda line: line.startswith(modem.name))


def firmware(modem) -> str:
    """Modem and application version, such as "02.05,A00.01".

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"I9", lambda line: line[:1] in _DIGITS and "." in line)


def iccid(modem) -> str:
    """The number of the SIM card, 18 to 22 digits.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CCID?", lambda line: _digits(line, 18, 22))


def _digits(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and not text.strip(_DIGITS)


def _line(modem, command: bytes, fits) -> str:
    channel = modem.channel
    for line in channel.command(command, plain=True):
        if line.startswith("+CCID:"):
            line = line[6:].rstrip("Ff")  # which fills up a number of 19 digits on some cards
        line = line.strip(' "')
        if line and fits(line):
            return line
    raise channel.garbled("no line of the form wanted")
