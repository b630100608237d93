"""How much charge a module takes in a day: an estimate, from the time it spends in each state.

u-blox's own data sheets (UBX-19016638 for SARA-R5) could not be consulted. Each figure says what
it is: "related" was measured on another module of the same class, "assumed" is a guess of the
right order. Replace them by those of your data sheet, or better, of your measurement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SECONDS_A_DAY = 86400
BATTERY = "two 18650 cells in parallel"
BATTERY_MAH = 6800
USABLE = 0.8  # the rest is for cold, age and the cut-off of the regulator


@dataclass(frozen=True)
class Current:
    """Mean current from 3.8 V in one state."""

    milliamps: float
    basis: str  # "related" or "assumed"
    source: str


# Particle's data sheet of the B404X, which has a SARA-R510S, gives figures it measured on the
# B402 with a SARA-R410M, as "similar"; the processor's own 4.7 mA are subtracted here.
_B404X = "Particle B404X data sheet, measured with SARA-R410M: "
# docs.openluat.com/air780eq, chapter on low power: 3.8 V, RSRP -88 dBm, a TCP connection that is
# kept open by 100 bytes every 5 minutes.
_AIR780 = "LTE Cat 1bis module Air780EQ, openluat.com: "

CURRENTS: dict[str, dict[str, Current]] = {
    "sara-r5": {
        "off": Current(0.001, "assumed", "leakage"),
        "psm": Current(0.001, "assumed", "only its clock runs"),
        "uart": Current(1.2, "assumed", "asleep between two looks for a page, 1.28 s apart"),
        "idle": Current(10.8, "related", _B404X + "connected but idle, 15.5 mA"),
        "booting": Current(40.5, "related", _B404X + "on, not connected, 45.2 mA"),
        "searching": Current(51.3, "related", _B404X + "connecting to tower, 56.0 mA"),
        "connected": Current(61.6, "related", _B404X + "transmitting, 66.3 mA"),
    },
    "lexi-r10": {
        "off": Current(0.001, "assumed", "leakage"),
        "hibernate": Current(
            0.055, "assumed", "3 µA as the Air780EQ at rest, and 4 mAs a look each 82 s (eDRX)"
        ),
        "sleep2": Current(0.5, "related", _AIR780 + "low power, connection kept"),
        "sleep1": Current(0.5, "related", _AIR780 + "low power, connection kept"),
        "idle": Current(7.0, "related", _AIR780 + "normal mode, connection kept"),
        "booting": Current(40.0, "assumed", "as SARA-R5"),
        "searching": Current(60.0, "assumed", "somewhat above LTE-M"),
        "connected": Current(100.0, "assumed", "little data at a middling transmit power"),
    },
}


@dataclass(frozen=True)
class Share:
    """What one state takes of the day."""

    state: str
    seconds: float
    current: Current
    milliamp_hours: float


def shares(module: str, seconds_in: Mapping[str, float]) -> list[Share]:
    """The states a module was in, the costliest first. `KeyError` for a state without a figure."""
    found = []
    for state, seconds in seconds_in.items():
        if seconds > 0:
            current = CURRENTS[module][state]
            found.append(Share(state, seconds, current, current.milliamps * seconds / 3600))
    return sorted(found, key=lambda share: -share.milliamp_hours)


def a_day(found: list[Share]) -> float:
    """mAh a day, if every day is as this time was."""
    seconds = sum(share.seconds for share in found)
    return sum(share.milliamp_hours for share in found) * SECONDS_A_DAY / seconds


def years(milliamp_hours_a_day: float) -> float:
    """How long the battery lasts for the module alone, self-discharge not counted."""
    return BATTERY_MAH * USABLE / milliamp_hours_a_day / 365.25
