"""Codings of the PSM and eDRX timers against the values the documents give."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.power.timer_codes import (
    active_time_s,
    edrx_cycle_s,
    is_bits,
    paging_window_s,
    periodic_update_s,
    short_timer,
)


@pytest.mark.parametrize(
    ("bits", "seconds"),
    [
        ("10100010", 120),  # at-commands 11
        ("00000001", 600),
        ("00100001", 3600),
        ("01000010", 72_000),
        ("01100011", 6),
        ("10000010", 60),
        ("11000001", 1_152_000),
        ("11011111", 31 * 1_152_000),
        ("01100000", 0),
        ("11100000", None),
        ("11111111", None),
    ],
)
def test_periodic_update(bits: str, seconds: float | None) -> None:
    assert periodic_update_s(bits) == seconds


@pytest.mark.parametrize(
    ("bits", "seconds"),
    [
        ("00000011", 6),
        ("00011111", 62),
        ("00100010", 120),
        ("01000001", 360),
        ("01100010", 120),  # units nobody defined are minutes
        ("00000000", 0),
        ("11100000", None),
    ],
)
def test_active_time(bits: str, seconds: float | None) -> None:
    assert active_time_s(bits) == seconds


@pytest.mark.parametrize(
    ("seconds", "bits"),
    [(0, "00000000"), (6, "00000011"), (63, "00011111"), (120, "00100010"), (9999, "01011011")],
)
def test_the_short_coding(seconds: float, bits: str) -> None:
    assert short_timer(seconds) == bits


def test_edrx() -> None:
    assert [round(edrx_cycle_s(f"{n:04b}")) for n in range(16)] == [
        5,
        10,
        20,
        41,
        61,
        82,
        102,
        123,
        143,
        164,
        328,
        655,
        1311,
        2621,
        5243,
        10486,
    ]
    assert paging_window_s("0000") == pytest.approx(1.28)
    assert paging_window_s("1111") == pytest.approx(20.48)


def test_bits() -> None:
    assert is_bits("01010101", 8)
    assert not is_bits("0101010", 8)
    assert not is_bits("0101010x", 8)


def test_a_timer_without_extension(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench("sara-r5", online=True, variants=["t3412-plain"])
    bench.ok('AT+CPSMS=1,,,"00100001","00000011"')
    assert bench.ok("AT+UCPSMS?") == ['+UCPSMS: 1,,,"01001010","00000011",0']
    none = make_bench("sara-r5", online=True, variants=["no-ucpsms"], strict=False)
    none.error("AT+UCPSMS?")
