"""The WHEN of a fault: each condition, and all of them together."""

from __future__ import annotations

import pytest

from ublox_simulator.line.conditions import Moment, When, split_when


def begun(text: str, moment: Moment | None = None) -> When:
    when = When.parse(text)
    when.begin(moment or Moment(now_ms=1000))
    return when


@pytest.mark.parametrize(
    ("text", "holds", "ended"),
    [
        ("500", Moment(now_ms=1499), Moment(now_ms=1500)),
        ("500-600", Moment(now_ms=1500), Moment(now_ms=1600)),
        ("500-600", Moment(now_ms=1599), Moment(now_ms=1499)),
        ("start+300", Moment(9299, started_ms=9000), Moment(9300, started_ms=9000)),
        ("start+300", Moment(9299, started_ms=9000), Moment(now_ms=1001)),
        ("radio", Moment(now_ms=1e9), Moment(radio_offs=1)),
        ("restart", Moment(radio_offs=7), Moment(restarts=1)),
        ("unread", Moment(unread=frozenset({"+UMQTTC"})), Moment()),
        ("unread,500", Moment(1400, unread=frozenset({"+UMQTTC"})), Moment(1400)),
    ],
)
def test_each_condition(text: str, holds: Moment, ended: Moment) -> None:
    when = begun(text)
    assert when.holds(holds, "+UMQTTC")
    assert not when.holds(ended, "+UMQTTC")


def test_what_happened_before_the_fault_was_loaded_does_not_count() -> None:
    when = begun("radio,restart", Moment(restarts=3, radio_offs=5))
    assert when.holds(Moment(restarts=3, radio_offs=5))
    assert not when.holds(Moment(restarts=3, radio_offs=6))


def test_a_number_of_times() -> None:
    when = begun("x2")
    for _ in range(2):
        assert when.holds(Moment())
        when.use()
    assert not when.holds(Moment())


def test_without_conditions_a_fault_stays() -> None:
    when = begun("")
    when.use()
    assert when.holds(Moment(now_ms=1e12, restarts=9, radio_offs=9))


@pytest.mark.parametrize("wrong", ["soon", "x", "x-1", "start", "5 s", "radio,never"])
def test_an_unknown_condition_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="no such condition"):
        When.parse(wrong)


@pytest.mark.parametrize(
    ("value", "text", "times"),
    [
        ("+UUPSDD", "+UUPSDD", None),
        ("+UUPSDD:x3", "+UUPSDD", 3),
        ("+UUMQTTC: 0", "+UUMQTTC: 0", None),
        ('+CCLK: "24/05/07,08:47:45+99":x1', '+CCLK: "24/05/07,08:47:45+99"', 1),
        ('+CCLK: "24/05/07,08:47:45+99"', '+CCLK: "24/05/07,08:47:45+99"', None),
    ],
)
def test_a_text_with_colons_and_perhaps_a_when(value: str, text: str, times: int | None) -> None:
    found, when = split_when(value)
    assert (found, when.times) == (text, times)
