# Generated from aio/power/psm_edrx.py by tools/generate. Do not edit.
"""Power Saving Mode of 3GPP, off between two periodic updates (+CPSMS, +UCPSMS), and eDRX.
at-commands 11."""

from ...core.errors import CommandError
from ...core.gprs_timers import (
    LTE_M,
    decode_active,
    decode_cycle,
    decode_periodic,
    decode_window,
    encode_active,
    encode_cycle,
    encode_periodic,
    encode_window,
)


def set_psm(power, tau_s: int, active_s: int):
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

    row = modem.channel.row(1, b"+CPSMS?")
    if row[0] != 1 or row[3:5] != [periodic, active]:
        modem.channel.command(b"+CPSMS", 1, None, None, periodic, active, guard=launched)
    launched()
    power.report()
    return decode_periodic(periodic), decode_active(active)


def psm_off(power) -> None:
    """No Power Saving Mode any more.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = power.modem.channel
    if (channel.row(1, b"+CPSMS?"))[0] == 1:
        channel.command(b"+CPSMS", 0)
    power.deep = power.level > 2


def psm(power):
    """(requested, granted), each (tau_s, active_s) or None. Seconds; None for a timer that is
    switched off.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = power.modem.channel
    requested = _timers(channel, b"+CPSMS?")
    try:
        return requested, _timers(channel, b"+UCPSMS?")
    except CommandError:  # not on every firmware of LEXI-R10
        return requested, None


def _timers(channel, name: bytes):
    """(tau_s, active_s) of the answer to a read command, None if it is off."""
    row = channel.row(1, name)
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


# ---- eDRX ---------------------------------------------------------------------------------------
#
# Extended discontinuous reception: longer between two looks for a page. at-commands 11.

_ACTS = (LTE_M, 5)


def set_edrx(power, cycle_s, window_s=None, act=LTE_M):
    """Ask for an eDRX cycle of `cycle_s` seconds (5.12 to 2621.44, on NB-IoT 20.48 to 10485.76)
    and a paging time window of `window_s` (1.28 to 20.48, on NB-IoT 2.56 to 40.96; None: the
    network's). `act`: 4 LTE-M or LTE, 5 NB-IoT (+CEDRXS).

    Gives (cycle_s, window_s) as they were asked for: the nearest that can be said. What the
    network grants comes with `edrx()`. Written only if it differs. `ValueError`, `CommandError`.
    """
    if act not in _ACTS:
        raise ValueError("act: 4 (LTE-M, LTE) or 5 (NB-IoT)")
    wanted = [encode_cycle(cycle_s, act)]
    if window_s is not None:
        wanted.append(encode_window(window_s, act))
    channel = power.modem.channel
    for row in channel.command(b"+CEDRXS?"):
        if row[:1] == [act] and [_bits(b) for b in row[1 : 1 + len(wanted)]] == wanted:
            break
    else:
        channel.command(b"+CEDRXS", 2, act, *wanted)
    power.report()
    return _seconds(wanted, act)


def edrx_off(power, act=LTE_M) -> None:
    """No eDRX any more.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = power.modem.channel
    for row in channel.command(b"+CEDRXS?"):
        if row[:1] == [act]:
            channel.command(b"+CEDRXS", 0, act)


def edrx(power):
    """(requested, granted), each (cycle_s, window_s) or None; window_s None where not told.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    try:
        return _edrx(power.modem.channel)
    except ValueError:
        raise power.modem.channel.garbled("no eDRX values")


def _edrx(channel):
    rows = channel.command(b"+CEDRXRDP")
    if not rows or not rows[0] or not rows[0][0]:  # AcT 0: the cell has no eDRX
        requested = channel.command(b"+CEDRXS?")
        row = requested[0] if requested else []
        return (_seconds(row[1:3], row[0]) if len(row) > 1 else None), None
    act, *values = rows[0]
    granted = _seconds(values[1:3], act) if values[1:2] and values[1] is not None else None
    return (_seconds(values[:1], act) if values else None), granted


def _bits(value):
    """Four bits; a string of digits that came without its quotes is a number by now."""
    return "%04d" % value if isinstance(value, int) else value


def _seconds(bits, act):
    window = _bits(bits[1]) if len(bits) > 1 else None
    return decode_cycle(_bits(bits[0]), act), decode_window(window, act) if window else None
