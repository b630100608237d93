# Generated from aio/device/clock.py by tools/generate. Do not edit.
"""The module's clock, which the network sets. At-commands 1.4, ubxlib 2.3."""

from ...core.compat import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_FIRST_YEAR = const(2020)  # a clock that was never set starts long before
_LAST_YEAR = const(2069)
_ZONE_LIMIT = const(14 * 60)
_DAY = const(1440)  # minutes


def clock(modem, utc: "Any" = True):
    """(year, month, day, hour, minute, second, zone): UTC, or with `utc=False` local time; `zone`
    in minutes that local time is ahead of UTC (-840 to 840; 0 also if the module reports a value
    out of range). None until the clock is set by the network, soon after registration, or by
    `set_clock()`. `Garbled` for a date or time that does not exist.

    If `utc` is a tuple of the same shape, the clock is set to it, as with
    `machine.RTC.datetime()`: `set_clock(*utc)`. The module's own clock shows UTC on LEXI-R10 and
    local time on SARA-R5.
    """
    if utc not in (True, False):
        if not isinstance(utc, (tuple, list)) or not 3 <= len(utc) <= 7:
            raise TypeError("utc: True, False, or a time as clock() returns it")
        set_clock(modem, *utc)
        return None
    row = modem.channel.row(1, b"+CCLK?")
    told = _read(str(row[0]))
    if told is None:
        raise modem.channel.garbled("no date and time")
    year, month, day, hour, minute, second, zone = told
    if year < _FIRST_YEAR:
        return None
    if not _exists(year, month, day, hour, minute, second):
        raise modem.channel.garbled("a date or time that does not exist")
    shift = 0 if bool(utc) == modem.utc_clock else -zone if utc else zone
    return _shifted(year, month, day, hour, minute, shift) + (second, zone)


def set_clock(modem, year, month, day, hour=0, minute=0, second=0, zone=0, utc=True) -> None:
    """Set the clock to a time in UTC, or with `utc=False` in local time; `zone` in minutes (-840
    to 840, quarters of an hour) that local time is ahead of UTC. Years 2020 to 2069.

    The network sets the clock again at any time, see `time_zone_update`.

    Raises `ValueError` for a date, time or zone out of range before anything is sent;
    `CommandError` and the other errors of commands, see core/errors.py.
    """
    names = ("year", "month", "day", "hour", "minute", "second", "zone")
    values = (year, month, day, hour, minute, second, zone)
    least = (_FIRST_YEAR, 1, 1, 0, 0, 0, -_ZONE_LIMIT)
    most = (_LAST_YEAR, 12, 31, 23, 59, 59, _ZONE_LIMIT)
    for i in range(7):
        if not isinstance(values[i], int):
            raise TypeError(names[i] + ": number wanted")
        if not least[i] <= values[i] <= most[i]:
            raise ValueError("%s: %d to %d" % (names[i], least[i], most[i]))
    if zone % 15:
        raise ValueError("zone: a multiple of 15")
    if not _exists(year, month, day, hour, minute, second):
        raise ValueError("day: the month is shorter")
    shift = 0 if bool(utc) == modem.utc_clock else zone if utc else -zone
    moved = _shifted(year, month, day, hour, minute, shift)
    text = "%02d/%02d/%02d,%02d:%02d:%02d%s%02d"
    sign = "-" if zone < 0 else "+"
    told = (moved[0] % 100,) + moved[1:] + (second, sign, abs(zone) // 15)
    modem.channel.command(b"+CCLK", text % told)


def time_zone_update(modem, on=None) -> bool:
    """Whether the network sets the clock (+CTZU); `on` changes that, if it differs.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    now = (modem.channel.row(1, b"+CTZU?"))[0] != 0
    if on is not None and now != bool(on):
        modem.channel.command(b"+CTZU", 1 if on else 0)
        now = bool(on)
    return now


def _read(text: str):
    """Parse yy/MM/dd,hh:mm:ss±zz to numbers, with the full year and the zone in minutes; None for
    another format."""
    sign = 1
    zone = "0"
    at = max(text.find("+"), text.find("-"))
    if at > 0:
        sign = -1 if text[at] == "-" else 1
        zone = text[at + 1 :]
        text = text[:at]
    parts = text.replace("/", ":").replace(",", ":").split(":")
    if len(parts) != 6:
        return None
    try:
        numbers = [int(part) for part in parts]
        quarters = int(zone)
    except ValueError:
        return None
    if numbers[0] < 100:  # clocks that were never set start in 1970 or 1980
        numbers[0] += 2000 if numbers[0] <= _LAST_YEAR - 2000 else 1900
    minutes = sign * quarters * 15
    if not -_ZONE_LIMIT <= minutes <= _ZONE_LIMIT:  # seen in the field: +128 quarters of an hour
        minutes = 0
    return tuple(numbers) + (minutes,)


def _exists(year, month, day, hour, minute, second) -> bool:
    """Whether the date and time exist; `year` is not too early."""
    if year > _LAST_YEAR or not 1 <= month <= 12 or not 0 <= hour <= 23:
        return False
    if not 0 <= minute <= 59 or not 0 <= second <= 59:
        return False
    return _date(_days(year, month, day)) == (year, month, day)


def _shifted(year, month, day, hour, minute, minutes):
    """(year, month, day, hour, minute), `minutes` later."""
    if not minutes:
        return (year, month, day, hour, minute)
    total = _days(year, month, day) * _DAY + hour * 60 + minute + minutes
    rest = total % _DAY
    return _date(total // _DAY) + (rest // 60, rest % 60)


def _days(year, month, day) -> int:
    """Days since 1 March 2000. The year begins in March, so that the leap day is last."""
    if month < 3:
        year -= 1
        month += 12
    return 1461 * (year - 2000) // 4 + (153 * month - 457) // 5 + day - 1


def _date(days: int):
    """The inverse of `_days`: (year, month, day)."""
    year = (4 * days + 3) // 1461
    rest = days - 1461 * year // 4
    month = (5 * rest + 2) // 153
    day = rest - (153 * month + 2) // 5 + 1
    return (year + 2001, month - 9, day) if month > 9 else (year + 2000, month + 3, day)
