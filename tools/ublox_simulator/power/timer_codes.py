"""3GPP timer codings: GPRS timers 2 and 3 for PSM, cycles and windows of eDRX (TS 24.008)."""

from __future__ import annotations

T3412_UNITS_S = (600, 3600, 36000, 2, 30, 60, 1152000, 0)
T3324_UNITS_S = (2, 60, 360, 60, 60, 60, 60, 0)
"""By bits 8-6; 0 = timer off. T3324 reads undefined units as minutes."""

EDRX_CYCLES_S = (
    5.12,
    10.24,
    20.48,
    40.96,
    61.44,
    81.92,
    102.4,
    122.88,
    143.36,
    163.84,
    327.68,
    655.36,
    1310.72,
    2621.44,
    5242.88,
    10485.76,
)
WINDOW_STEP_S = 1.28


def is_bits(text: str, count: int) -> bool:
    """Whether `text` is a string of exactly `count` binary digits."""
    return len(text) == count and not text.strip("01")


def periodic_update_s(bits: str) -> float | None:
    """Seconds of T3412; None when the timer is off."""
    return _seconds(bits, T3412_UNITS_S)


def active_time_s(bits: str) -> float | None:
    """Seconds of T3324; None when the timer is off, which forbids PSM."""
    return _seconds(bits, T3324_UNITS_S)


def _seconds(bits: str, units: tuple[int, ...]) -> float | None:
    unit = units[int(bits[:3], 2)]
    return unit * int(bits[3:], 2) if unit else None


def short_timer(seconds: float) -> str:
    """The longest value of T3324's coding (GPRS timer 2) that is not longer than this."""
    longest, bits = 0, "00000000"
    for unit in range(3):
        count = min(31, int(seconds // T3324_UNITS_S[unit]))
        if count * T3324_UNITS_S[unit] > longest:
            longest, bits = count * T3324_UNITS_S[unit], f"{unit:03b}{count:05b}"
    return bits


def edrx_cycle_s(bits: str) -> float:
    """Seconds from one paging window to the next."""
    return EDRX_CYCLES_S[int(bits, 2)]


def paging_window_s(bits: str) -> float:
    """Seconds a paging window lasts."""
    return (int(bits, 2) + 1) * WINDOW_STEP_S
