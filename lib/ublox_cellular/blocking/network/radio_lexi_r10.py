# Generated from aio/network/radio_lexi_r10.py by tools/generate. Do not edit.
"""Radio technology and bands of LEXI-R10, which has LTE only. At-commands 2.1."""

from ...core.compat import const
from ...core.errors import ModemError
from .radio import checked_bands, listed, technology_number, write

# Name, AcT, number of +URAT, of +UBANDMASK (it has none), of +UCGED.
_TECHNOLOGIES = (("LTE", 7, 3, 0, 4),)

_NAME = const(0)
_EIO = const(5)
_MOST = const(128)  # the highest band


def technologies(_network):
    """See radio.py."""
    return _TECHNOLOGIES


def rats(_network) -> tuple:
    """Radio technologies in use: ("LTE",).

    Sends nothing and raises nothing.
    """
    return ("LTE",)


def set_rats(network, rats, restart=True) -> bool:
    """As on SARA-R5. There is only "LTE", so nothing is sent: False, or `ValueError`."""
    for name in (rats,) if isinstance(rats, str) else tuple(rats) or ("",):
        technology_number(network, _NAME, name)
    return False


def bands(network, rat=None) -> tuple:
    """Numbers of the bands that may be used; `rat`: None or "LTE".

    Raises `ValueError` for another technology than "LTE"; `CommandError`, `CommandTimeout`,
    `Garbled`, `ModuleReset`.
    """
    if rat is not None:
        technology_number(network, _NAME, rat)
    row = network.modem.channel.row(1, b"+UBANDCONF?")
    for part in row:
        if not isinstance(part, int) or not 1 <= part <= 128:
            raise network.modem.channel.garbled("no band numbers")
    return tuple(sorted(row))


def set_bands(network, bands, rat=None, restart=True) -> bool:
    """Use only these bands (numbers, 1 to 128). False if it is so already; otherwise they are
    written with the radio off, and the module restarts unless `restart=False`. Bands that the
    hardware lacks cause a `CommandError`, or the module leaves them out, which is a `ModemError`.
    """
    wanted = network.chosen_bands = tuple(checked_bands(bands))
    current = _bands(network, rat)
    if current == wanted:
        return False
    write(network, restart, b"+UBANDCONF", *wanted)
    if restart:
        now = _bands(network, rat)
        if now != wanted:
            raise ModemError(_EIO, "bands %s wanted, the module has %s" % (wanted, now))
    return True


_bands = bands  # that name is a parameter above


def allow_bands(network) -> None:
    """Write the list of `AT+UBANDCONF=?`, "(band,band,band-band)", if the module uses fewer bands;
    active after a restart. Does nothing if that answer has another form."""
    groups = listed(network.modem.channel.command(b"+UBANDCONF=?", plain=True))
    every = []
    for first, last in groups[0] if groups else ():
        if not 1 <= first <= last <= _MOST:
            return
        every += range(first, last + 1)
    if every and set(network.bands()) != set(every):
        write(network, False, b"+UBANDCONF", *every)
