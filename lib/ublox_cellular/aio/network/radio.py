"""Settings that need the radio off and a restart: MNO profile here, technologies and bands in the
files of the modules. A5 2.2, A10 2.3, at-commands 2.1.

They are kept by the module, so each is read first and written only where it differs.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ..at import Lock

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_PATIENCE_MS = const(10000)
_APART_MS = const(1000)  # between two changes of it (ubxlib 2.3)
_MOST = const(999)  # numbers of MNO profiles have at most three digits
_NAME = const(0)  # column of the technologies
_EIO = const(5)


async def profile(network) -> int:
    """Number of the MNO profile: 0 none, 1 by the SIM, 90 global, 100 Europe, 201 GCF …

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    mno = (await channel.row(1, b"+UMNOPROF?"))[0]
    if not isinstance(mno, int) or not 0 <= mno <= _MOST:
        raise channel.garbled("no MNO profile")
    return mno


async def set_profile(network, mno: int, restart=True) -> bool:
    """Choose the MNO profile `mno` (0 to 999), a set of bands and settings for an operator or a
    region. False if the module has it already, else it is written with the radio off and the
    module restarts; with `restart=False` it counts from the next restart on.

    Raises `CommandError` for a profile the module does not have, `ModemError` if it has not
    taken effect. A connection that is kept in the background switches the radio on again:
    `disconnect()` before this, and before other settings that need the radio off.
    """
    if not isinstance(mno, int):
        raise TypeError("mno: number wanted")
    if not 0 <= mno <= _MOST:
        raise ValueError("mno: 0 to %d" % _MOST)
    if await profile(network) == mno:
        return False
    await write(network, restart, b"+UMNOPROF", mno)
    if restart:
        now = await profile(network)
        if now != mno:
            raise ModemError(_EIO, "MNO profile %d wanted, the module has %s" % (mno, now))
    return True


async def write(network, restart: bool, name: bytes, *parts) -> None:
    """Send a command with the radio off (+CFUN=0, which the module does not keep), and restart the
    module if its effect needs that. The radio is as before then, whatever happens; for a caller
    that gives up, with the next command. One at a time: what another has switched off is not how
    it was."""
    channel = network.modem.channel
    if not hasattr(network, "writing"):
        network.writing = Lock()
    await network.writing.acquire(channel, _RADIO_MS, "the radio")
    try:
        await _write(network, restart, name, parts)
    finally:
        network.writing.release()


async def _write(network, restart: bool, name: bytes, parts) -> None:
    modem = network.modem
    channel = modem.channel
    before = (await channel.row(1, b"+CFUN?"))[0]
    error = None
    try:
        if before != 0:
            await channel.command(b"+CFUN", 0, timeout_ms=_RADIO_MS)
            network.set_up(False)
        await channel.command(name, *parts)
        if restart:
            await modem.reboot()
    except CommandError as refusal:
        error = refusal
    except BaseException:
        channel.owe(put_back, network, before)
        raise
    channel.owe(put_back, network, before)
    await channel.pay()
    if error is not None:
        raise error


async def put_back(network, before: int) -> None:
    """The radio as it was, if it is not; the channel is held."""
    channel = network.modem.channel
    rows = await channel.ask(b"+CFUN?", least=1)
    if rows and rows[0][0] != before:
        await channel.pause(_APART_MS)
        try:  # a network that does not answer must not hold up others: it is asked again later
            await channel.ask(b"+CFUN", before, timeout_ms=_PATIENCE_MS, max_ms=_RADIO_MS)
        except CommandError as error:
            raise ModemError(_EIO, "the radio is not as it was: %s" % error)


def technology(network, column: int, number):
    """Name of the radio technology with this number in a column of `network.technologies()`,
    which are: name, AcT, +URAT, +UBANDMASK, +UCGED. None if there is none."""
    for row in network.technologies():
        if row[column] == number:
            return row[_NAME]
    return None


def technology_number(network, column: int, name) -> int:
    """The other way round; `ValueError` for a name this module does not have."""
    rows = network.technologies()
    for row in rows:
        if row[_NAME] == name:
            return row[column]
    raise ValueError("technology: " + " or ".join([row[_NAME] for row in rows]))


def checked_bands(bands) -> list:
    """Band numbers in order, each once; `TypeError`, `ValueError`."""
    found = []
    for band in bands:
        if not isinstance(band, int):
            raise TypeError("bands: numbers wanted")
        if not 1 <= band <= 128:
            raise ValueError("bands: 1 to 128")
        if band not in found:
            found.append(band)
    if not found:
        raise ValueError("at least one band wanted")
    found.sort()
    return found


def listed(lines) -> list:
    """What a test command tells: a list of (first, last) for each pair of parentheses. Empty if
    any of it is no number."""
    found = []
    for line in lines:
        for group in line.split("(")[1:]:
            pairs = []
            for item in group.split(")")[0].split(","):
                first, dash, last = item.strip().partition("-")
                if not first.isdigit() or (dash and not last.isdigit()):
                    return []
                pairs.append((int(first), int(last if dash else first)))
            found.append(pairs)
    return found
