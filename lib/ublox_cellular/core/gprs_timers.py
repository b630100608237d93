"""The bit strings of PSM and eDRX, and seconds. 3GPP TS 24.008, at-commands 11.

A timer of 3GPP is a unit and a count from 0 to 31, so most times have no exact form: the encoder
returns the nearest (in doubt the longer one), the decoder the seconds of that.
"""

_OFF = "11100000"

# Seconds by the three unit bits; 0 for a unit that switches the timer off or is reserved.
_PERIODIC = (600, 3600, 36000, 2, 30, 60, 1152000, 0)  # T3412 extended, GPRS timer 3
_ACTIVE = (2, 60, 360, 60, 60, 60, 60, 0)  # T3324, GPRS timer 2: reserved units mean minutes

# Seconds of an eDRX cycle by its four bits (TS 24.008 10.5.5.32, E-UTRAN); 14 and 15 mean 13 on
# LTE-M. NB-IoT has fewer: missing ones have the bit 0 here.
_CYCLES = (
    5.12, 10.24, 20.48, 40.96, 61.44, 81.92, 102.4, 122.88, 143.36, 163.84, 327.68, 655.36,
    1310.72, 2621.44, 5242.88, 10485.76,
)  # fmt: skip
_NB_IOT_HAS = 0xFE2C  # bits 2, 3, 5, 9 to 15
_LTE_M_HAS = 0x3FFF
LTE_M = 4  # AcT of +CEDRXS
NB_IOT = 5


def encode_periodic(seconds: int) -> str:
    """T3412 extended (periodic TAU), 0 to 35712000 s; None switches the timer off."""
    return _encode(seconds, _PERIODIC)


def encode_active(seconds: int) -> str:
    """T3324 (active time), 0 to 11160 s; None switches the timer off."""
    return _encode(seconds, _ACTIVE[:3] + (0,) * 5)


def decode_periodic(bits: str):
    """Seconds, None for a timer that is switched off; `ValueError` for an invalid string."""
    return _decode(bits, _PERIODIC)


def decode_active(bits: str):
    """Seconds, None for a timer that is switched off; `ValueError` for an invalid string."""
    return _decode(bits, _ACTIVE)


def _encode(seconds, units) -> str:
    if seconds is None:
        return _OFF
    if not isinstance(seconds, int) or seconds < 0:
        raise ValueError("whole seconds wanted, 0 or more")
    if seconds > 31 * max(units):
        raise ValueError("%d s: at most %d s can be requested" % (seconds, 31 * max(units)))
    best = 0
    code = 0
    for unit in range(7):
        size = units[unit]
        if size:
            count = min((2 * seconds + size) // (2 * size), 31)
            value = count * size
            nearer = abs(best - seconds) - abs(value - seconds)
            if not code or nearer > 0 or (nearer == 0 and value > best):
                best = value
                code = unit << 5 | count
    return _bits(code, 8)


def _decode(bits: str, units):
    _check_bits(bits, 8)
    size = units[int(bits[:3], 2)]
    return int(bits[3:], 2) * size if size else None


def _check_bits(bits: str, width: int) -> None:
    if len(bits) != width or bits.strip("01"):  # int() accepts signs and underscores, too
        raise ValueError("%d bits wanted, not %r" % (width, bits))


def _bits(value: int, width: int) -> str:
    text = ""
    for i in range(width):
        text = ("1" if value >> i & 1 else "0") + text
    return text


def encode_cycle(seconds, act: int = LTE_M) -> str:
    """Four bits of the nearest eDRX cycle, at most 2621.44 s on LTE-M, 10485.76 s on NB-IoT."""
    has = _NB_IOT_HAS if act == NB_IOT else _LTE_M_HAS
    _check_number(seconds)
    if not 0 < seconds <= decode_cycle("1111", act):
        raise ValueError("eDRX cycle: above 0, at most %s s" % decode_cycle("1111", act))
    return _bits(_nearest([_CYCLES[i] if has >> i & 1 else -1e9 for i in range(16)], seconds), 4)


def _check_number(seconds) -> None:
    if not isinstance(seconds, (int, float)):
        raise TypeError("eDRX: seconds wanted")


def _nearest(values, wanted) -> int:
    """The index of the nearest value; of two at the same distance the later."""
    best = 0
    for i in range(len(values)):
        if abs(values[i] - wanted) <= abs(values[best] - wanted):
            best = i
    return best


def decode_cycle(bits: str, act: int = LTE_M):
    """Seconds of an eDRX cycle. A cycle that the radio lacks means the nearest one (TS 24.008)."""
    _check_bits(bits, 4)
    i = int(bits, 2)
    if act == NB_IOT:
        return _CYCLES[i] if _NB_IOT_HAS >> i & 1 else _CYCLES[2]
    return _CYCLES[min(i, 13)]


def encode_window(seconds, act: int = LTE_M) -> str:
    """Four bits of the nearest paging time window (PTW), at most 20.48 s, on NB-IoT 40.96 s."""
    unit = 2.56 if act == NB_IOT else 1.28
    _check_number(seconds)
    if not 0 < seconds <= 16 * unit:
        raise ValueError("paging time window: above 0, at most %s s" % (16 * unit))
    return _bits(_nearest([(i + 1) * unit for i in range(16)], seconds), 4)


def decode_window(bits: str, act: int = LTE_M):
    """Seconds of a paging time window; `ValueError` for an invalid string."""
    _check_bits(bits, 4)
    return (int(bits, 2) + 1) * (2.56 if act == NB_IOT else 1.28)
