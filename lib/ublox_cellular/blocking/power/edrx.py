# Generated from aio/power/edrx.py by tools/generate. Do not edit.
"""Extended discontinuous reception: longer between two looks for a page. at-commands 11."""

from ...core.gprs_timers import LTE_M, decode_cycle, decode_window, encode_cycle, encode_window

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
