"""The bit strings of PSM and eDRX, exhaustively both ways, against their definition in 3GPP."""

from __future__ import annotations

from typing import Any

import pytest

from ublox_cellular.core import gprs_timers as timers

# TS 24.008 10.5.7.4a and 10.5.7.3, as (prefix of three bits, seconds).
PERIODIC = {"000": 600, "001": 3600, "010": 36000, "011": 2, "100": 30, "101": 60, "110": 1152000}
ACTIVE = {"000": 2, "001": 60, "010": 360}
CYCLES = {  # TS 24.008 10.5.5.32: what each code means on (LTE-M, NB-IoT)
    "0000": (5.12, 20.48), "0001": (10.24, 20.48), "0010": (20.48, 20.48),
    "0011": (40.96, 40.96), "0100": (61.44, 20.48), "0101": (81.92, 81.92),
    "0110": (102.4, 20.48), "0111": (122.88, 20.48), "1000": (143.36, 20.48),
    "1001": (163.84, 163.84), "1010": (327.68, 327.68), "1011": (655.36, 655.36),
    "1100": (1310.72, 1310.72), "1101": (2621.44, 2621.44), "1110": (2621.44, 5242.88),
    "1111": (2621.44, 10485.76),
}  # fmt: skip
FORMS = {
    "periodic": (PERIODIC, timers.encode_periodic, timers.decode_periodic),
    "active": (ACTIVE, timers.encode_active, timers.decode_active),
}


def meanings(units: dict[str, int]) -> set[int]:
    return {size * count for size in units.values() for count in range(32)}


def nearest(values: set[Any], wanted: float) -> float:
    return min(values, key=lambda value: (abs(value - wanted), -value))


@pytest.mark.parametrize("form", FORMS)
def test_every_code_of_a_timer_means_what_the_standard_says(form: str) -> None:
    units, _, decode = FORMS[form]
    for prefix, size in units.items():
        for count in range(32):
            assert decode(prefix + f"{count:05b}") == size * count
    for count in range(32):
        assert decode(f"111{count:05b}") is None


@pytest.mark.parametrize("prefix", ["011", "100", "101", "110"])
def test_reserved_units_of_the_active_time_are_minutes(prefix: str) -> None:
    for count in range(32):
        assert timers.decode_active(prefix + f"{count:05b}") == 60 * count


@pytest.mark.parametrize("form", FORMS)
def test_every_encodable_time_comes_back_exactly(form: str) -> None:
    units, encode, decode = FORMS[form]
    for seconds in meanings(units):
        assert decode(encode(seconds)) == seconds
    assert decode(encode(None)) is None


@pytest.mark.parametrize("form", FORMS)
def test_any_other_time_becomes_the_nearest_of_two_as_near_the_longer(form: str) -> None:
    units, encode, decode = FORMS[form]
    known = meanings(units)
    top = max(known)
    some = {*range(4000), *range(4000, min(top, 500_000), 97), *range(0, top, top // 3000)}
    for seconds in some:
        assert decode(encode(seconds)) == nearest(known, seconds), seconds


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrong", [-1, 1.5, "60", 1 << 31])
def test_impossible_times_are_refused(form: str, wrong: Any) -> None:
    with pytest.raises(ValueError):
        FORMS[form][1](wrong)


@pytest.mark.parametrize("act", [timers.LTE_M, timers.NB_IOT])
def test_every_edrx_code_both_ways(act: int) -> None:
    column = act - timers.LTE_M
    for bits, meaning in CYCLES.items():
        assert timers.decode_cycle(bits, act) == meaning[column]
    known = {meaning[column] for meaning in CYCLES.values()}
    for seconds in known:
        assert timers.decode_cycle(timers.encode_cycle(seconds, act), act) == seconds
    for tenths in range(1, int(max(known) * 10), 37):
        wanted = tenths / 10
        assert timers.decode_cycle(timers.encode_cycle(wanted, act), act) == nearest(known, wanted)


@pytest.mark.parametrize("act", [timers.LTE_M, timers.NB_IOT])
def test_every_paging_window_both_ways(act: int) -> None:
    unit = 1.28 if act == timers.LTE_M else 2.56
    for value in range(16):
        bits = f"{value:04b}"
        assert timers.decode_window(bits, act) == (value + 1) * unit
        assert timers.encode_window((value + 1) * unit, act) == bits
        if value:
            assert timers.encode_window((value + 0.6) * unit, act) == bits


@pytest.mark.parametrize("wrong", [0, -1, 11000])
def test_impossible_edrx_times_are_refused(wrong: float) -> None:
    for act in (timers.LTE_M, timers.NB_IOT):
        with pytest.raises(ValueError):
            timers.encode_cycle(wrong, act)
        with pytest.raises(ValueError):
            timers.encode_window(wrong, act)


@pytest.mark.parametrize("bits", ["", "1", "000000000", "00000"])
def test_what_is_no_timer_is_refused(bits: str) -> None:
    for decode in (timers.decode_periodic, timers.decode_active, timers.decode_cycle):
        with pytest.raises(ValueError):
            decode(bits)
