"""Who the module is."""


async def imei(modem) -> str:
    """The 15 digits of the equipment."""
    return await _line(modem, b"+CGSN")


async def imsi(modem) -> str:
    """The 15 digits of the subscription; needs a SIM without, or with its, PIN."""
    return await _line(modem, b"+CIMI")


async def model(modem) -> str:
    """Such as "SARA-R510S"."""
    return await _line(modem, b"+CGMM")


async def firmware(modem) -> str:
    """Modem and application version, such as "02.05,A00.01"."""
    return await _line(modem, b"I9")


async def iccid(modem) -> str:
    """The number of the SIM card."""
    for line in await modem.channel.command(b"+CCID?", plain=True):
        if line.startswith("+CCID:"):
            return line[6:].strip()
    return ""


async def _line(modem, command: bytes) -> str:
    for line in await modem.channel.command(command, plain=True):
        if not line.startswith("+"):  # a URC nobody knows
            return line
    return ""
