"""Power Saving Mode of 3GPP: off between two periodic updates. +CPSMS, +UCPSMS, at-commands 11."""

from ...core.errors import CommandError
from ...core.gprs_timers import decode_active, decode_periodic, encode_active, encode_periodic


async def set_psm(power, tau_s: int, active_s: int):
    """Ask the network to let the module sleep: it is off but for an update every `tau_s` seconds
    (T3412, 0 to 35712000), and can be reached for `active_s` (T3324, 0 to 11160) behind each
    radio connection.

    Gives (tau_s, active_s) as they were asked for: the nearest that can be said. What the network
    grants is in `psm()`, and may be different or nothing. Off means off: UART dead, sockets gone;
    only PWR_ON wakes it before its time, so that `power_key` must be wired. It sleeps only if
    `save()` is in force. The module keeps the setting, and it is written only if it differs.
    `ValueError` before anything is sent, `CommandError`.
    """
    periodic = encode_periodic(tau_s)
    active = encode_active(active_s)
    modem = power.modem
    if modem.pins is None or not modem.pins.has("power_key"):
        raise ValueError("nothing could wake the module from PSM: give power_key")

    def launched() -> None:
        power.deep = True  # whoever gives up, it may sleep from now on

    row = await modem.channel.row(1, b"+CPSMS?")
    if row[0] != 1 or row[3:5] != [periodic, active]:
        await modem.channel.command(b"+CPSMS", 1, None, None, periodic, active, guard=launched)
    launched()
    await power.report()
    return decode_periodic(periodic), decode_active(active)


async def psm_off(power) -> None:
    """No Power Saving Mode any more.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = power.modem.channel
    if (await channel.row(1, b"+CPSMS?"))[0] == 1:
        await channel.command(b"+CPSMS", 0)
    power.deep = power.level > 2


async def psm(power):
    """(requested, granted), each (tau_s, active_s) or None. Seconds; None for a timer that is
    switched off.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = power.modem.channel
    requested = await _timers(channel, b"+CPSMS?")
    try:
        return requested, await _timers(channel, b"+UCPSMS?")
    except CommandError:  # not on every firmware of LEXI-R10
        return requested, None


async def _timers(channel, name: bytes):
    """(tau_s, active_s) of the answer to a read command, None if it is off."""
    row = await channel.row(1, name)
    bits = row[3:5]
    if row[0] != 1 or len(bits) < 2 or None in bits:
        return None
    # A string of zeros may have come as a number. The last field of +UCPSMS tells in which unit
    # T3412 was granted.
    periodic, active = ["%08d" % b if isinstance(b, int) else b for b in bits]
    unit = decode_periodic if row[5:6] != [0] else decode_active
    try:
        return unit(periodic), decode_active(active)
    except ValueError:
        raise channel.garbled("no timers")
