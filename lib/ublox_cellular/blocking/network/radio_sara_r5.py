# Generated from aio/network/radio_sara_r5.py by tools/generate. Do not edit.
"""Radio technologies and bands of SARA-R5. At-commands 2.1."""

from ...core.compat import const
from ...core.errors import ModemError
from .radio import checked_bands, listed, technology_number, write
from .registration import technology

# Name, AcT, number of +URAT, of +UBANDMASK, of +UCGED.
_TECHNOLOGIES = (("LTE-M", 7, 7, 0, 6), ("NB-IoT", 9, 8, 1, 7))

_RAT = const(2)
_MASK = const(3)
_FIRST_OF_SECOND = const(65)  # band that bit 0 of the second mask stands for
_EIO = const(5)


def technologies(_network):
    """See radio.py."""
    return _TECHNOLOGIES


def rats(network) -> tuple:
    """Radio technologies in use, the preferred one first: "LTE-M", "NB-IoT" or both.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    row = channel.row(1, b"+URAT?")
    for number in row:
        if not isinstance(number, int):
            raise channel.garbled("no technology")
    return tuple([technology(network, _RAT, number) or str(number) for number in row])


def set_rats(network, rats, restart=True) -> bool:
    """Use these technologies: one name or several, the preferred one first. False if it is so
    already; else written with the radio off, and the module restarts unless `restart=False`.

    `ValueError` for other names. `CommandError` if the product version has not got one of them.
    """
    names = (rats,) if isinstance(rats, str) else tuple(rats)
    numbers = [technology_number(network, _RAT, name) for name in names]
    if not numbers or len(set(numbers)) != len(numbers):
        raise ValueError("each technology once")
    network.chosen_rats = numbers
    channel = network.modem.channel
    if channel.row(1, b"+URAT?") == numbers:
        return False
    write(network, restart, b"+URAT", *numbers)
    if restart:
        now = channel.row(1, b"+URAT?")
        if now != numbers:
            raise ModemError(_EIO, "technologies %s wanted, the module has %s" % (numbers, now))
    return True


def bands(network, rat=None) -> tuple:
    """Numbers of the bands that may be used with a technology (None: the preferred one).

    Raises `ValueError` for a technology that the module does not have, `ModemError` (EIO) if it
    does not report the bands; `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`.
    """
    rat, masks = _read(network, rat)
    if masks is None:
        raise ModemError(_EIO, "the module does not tell the bands of " + rat)
    return _bands(masks)


def set_bands(network, bands, rat=None, restart=True) -> bool:
    """Use only these bands (numbers, 1 to 128) with a technology (None: the preferred one). False
    if it is so already; else written with the radio off, and the module restarts unless
    `restart=False`. Bands the hardware has not got make a `CommandError` or are left out by the
    module, which raises `ModemError`.
    """
    wanted = checked_bands(bands)
    network.chosen_bands = wanted
    rat, masks = _read(network, rat)
    if masks is not None and _bands(masks) == tuple(wanted):
        return False
    low = sum([1 << band - 1 for band in wanted if band < _FIRST_OF_SECOND])
    high = sum([1 << band - _FIRST_OF_SECOND for band in wanted if band >= _FIRST_OF_SECOND])
    parts = [technology_number(network, _MASK, rat), low]
    if high or (masks is not None and len(masks) > 1):
        parts.append(high)
    write(network, restart, b"+UBANDMASK", *parts)
    if restart:
        _, masks = _read(network, rat)
        if masks is not None and _bands(masks) != tuple(wanted):
            raise ModemError(_EIO, "bands %s wanted, the module has %s" % (wanted, _bands(masks)))
    return True


def _read(network, rat):
    """Name of the technology, and its masks: a list of one or two, None if they are not told."""
    if rat is None:
        rat = (rats(network))[0]
    number = technology_number(network, _MASK, rat)
    row = network.modem.channel.row(2, b"+UBANDMASK?")
    for part in row:
        if not isinstance(part, int):
            raise network.modem.channel.garbled("no band masks")
    return rat, masks_of(row).get(number)


def masks_of(row) -> dict:
    """`0,m[,m],1,m[,m]` or a part of it: the second mask of the first may be missing or not."""
    size = len(row)
    if size <= 3:
        cut = size
    elif size == 4:
        cut = 2
    elif size == 5:
        cut = 2 if row[2] == 1 else 3
    else:
        cut = 3
    found = {row[0]: row[1:cut]}
    if cut + 1 < size:
        found[row[cut]] = row[cut + 1 :]
    return found


def _bands(masks) -> tuple:
    found = []
    for i in range(len(masks)):
        mask = masks[i]
        band = 1 if i == 0 else _FIRST_OF_SECOND
        while mask > 0:
            if mask & 1:
                found.append(band)
            mask >>= 1
            band += 1
    return tuple(found)


def allow_bands(network) -> None:
    """Write the masks of `AT+UBANDMASK=?`, "(0-1),(mask[,mask])", where others are in force; they
    are in force after a restart. Nothing, where that answer has another form."""
    channel = network.modem.channel
    groups = listed(channel.command(b"+UBANDMASK=?", plain=True))
    if len(groups) < 2:
        return
    (first, last), every = groups[0][0], [most for _, most in groups[1]][:2]
    if not any(every):
        return
    found = masks_of(channel.row(2, b"+UBANDMASK?"))
    for number in range(first, min(last, first + 1) + 1):
        masks = found.get(number, ())
        if [mask for mask in masks if mask] != [mask for mask in every if mask]:
            write(network, False, b"+UBANDMASK", number, *every)
