# Generated from aio/identity.py by tools/generate. Do not edit.
"""Who the module is."""


def imei(modem) -> str:
    """The 15 digits of the equipment."""
    return _line(modem, b"+CGSN")


def imsi(modem) -> str:
    """The 15 digits of the subscription; needs a SIM without, or with its, PIN."""
    return _line(modem, b"+CIMI")


def model(modem) -> str:
    """Such as "SARA-R510S"."""
    return _line(modem, b"+CGMM")


def firmware(modem) -> str:
    """Modem and application version, such as "02.05,A00.01"."""
    return _line(modem, b"I9")


def iccid(modem) -> str:
    """The number of the SIM card."""
    for line in modem.channel.command(b"+CCID?", plain=True):
        if line.startswith("+CCID:"):
            return line[6:].strip()
    return ""


def _line(modem, command: bytes) -> str:
    for line in modem.channel.command(command, plain=True):
        if not line.startswith("+"):  # a URC nobody knows
            return line
    return ""
