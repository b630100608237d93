"""tools/bench: what counts as the driver's own time, and that its figures are figures."""

from __future__ import annotations

import json

import pytest
from benchmarks import measure, tables, wake_up

BYTE_MS = 0.1

# A command of 5 ms, 2 ms of the module's, an answer of 3 ms.
EXCHANGE = [(100.0, ">", b"x" * 50), (107.0, "<", b"y" * 30)]


@pytest.mark.parametrize(
    ("trace", "start", "end", "own"),
    [
        (EXCHANGE, 100.0, 110.0, 0.0),
        (EXCHANGE, 98.5, 110.25, 1.75),  # late to send, late to return
        ([(79.0, "<", b"y" * 10), *EXCHANGE], 90.0, 110.0, 0.0),  # the pause ends at 100
        ([(75.0, "<", b"y" * 10), *EXCHANGE], 90.0, 110.0, 4.0),  # the line was free from 96 on
        ([(40.0, "<", b"\r\n@"), *EXCHANGE], 60.0, 110.0, 9.7),  # 50 ms behind a prompt: 90.3
        ([*EXCHANGE, (110.0, "<", b"u" * 10)], 100.0, 110.5, 0.0),  # a line still on its way
        ([*EXCHANGE, (120.0, "<", b"z" * 10)], 100.0, 110.0, 0.0),  # none of ours
    ],
)
def test_own_time(
    trace: list[tuple[float, str, bytes]], start: float, end: float, own: float
) -> None:
    assert measure.own_time(trace, BYTE_MS, start, end) == pytest.approx(own)


@pytest.mark.parametrize("flavour", measure.FLAVOURS)
def test_every_exchange_is_measured(flavour: str) -> None:
    rows = measure.in_virtual_time("lexi-r10", flavour, 921600)
    found = {(row["direction"], row["bytes"], row["payload"]) for row in rows}
    sizes = [(size, kind) for size in (16, 1024) for kind in ("text", "binary")]
    assert found == {
        *((way, *what) for way in ("up", "down", "echo", "publish", "message") for what in sizes),
        *((way, 4096, "binary") for way in ("up", "down")),
    }
    for row in rows:
        assert 0 < row["bound_ms"] <= row["ms"]
    json.dumps(rows)
    assert "send 1024 B text" in tables.wires(rows)[0].markdown()


def test_every_way_to_sleep_is_measured() -> None:
    rows = wake_up.naps()
    assert [row["sleep"] for row in rows] == [
        "UART sleep",
        "PSM",
        "Sleep-1",
        "Sleep-2",
        "Hibernate",
    ]
    for row in rows:
        assert row["module_ms"] <= row["wake_ms"] <= row["usable_ms"] < row["sent_ms"]
        assert row["bytes_out"] > len(wake_up.PAYLOAD) and row["bytes_in"] > 0
    json.dumps(rows)
    assert len(tables.sleep(rows).markdown().splitlines()) == 2 + 2 + 5 + 2 + 1


def test_what_exceeds_the_limit_is_marked() -> None:
    row = {"direction": "up", "bytes": 16, "payload": "text", "baud": 921600, "ms": 1.0}
    row |= {"module": "m", "flavour": "f", "python": "p", "clock": "virtual"}
    row |= {"kB_per_s": 1.0, "per_s": 1.0}
    for over, marked in ((9.9, False), (10.1, True)):
        (line,) = tables.worst([row | {"over_percent": over}]).rows
        assert ("[red]" in line[3]) is marked
