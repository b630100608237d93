# Generated from aio/identity.py by tools/generate. Do not edit.
"""Who the module is, and commands of the application's own."""


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


def at(modem, command: str, timeout_ms=10000):
    """Send a command the driver does not know, without its "AT"; the answer lines as strings.

    `ValueError` if `command` holds a control character.
    """
    for c in command:
        if not 32 <= ord(c) <= 126:
            raise ValueError("character %d cannot be sent in a command" % ord(c))
    return modem.channel.command(command.encode(), timeout_ms=timeout_ms, plain=True)


def _line(modem, command: bytes) -> str:
    for line in modem.channel.command(command, plain=True):
        if not line.startswith("+"):  # a URC nobody knows
            return line
    return ""
