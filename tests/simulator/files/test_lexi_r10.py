"""File commands of LEXI-R10 (at-commands 10.2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import PROMPT_GAP_MS, Answer, Bench

Make = Callable[..., Bench]
NASTY = b'OK\r\n+FWRITE: 1,1\r\n\x00\xff"CONNECT 5\r\n'


@pytest.fixture
def bench(make_bench: Make) -> Bench:
    made = make_bench("lexi-r10", strict=True)
    made.ok("AT+CMEE=1")
    return made


def behind_connect(bench: Bench, command: str, data: bytes, gap_ms: float = 50) -> Answer:
    bench.send(command)
    assert bench.expect_line() == b"CONNECT"
    bench.clock.sleep_ms(gap_ms)
    bench.uart.write(data)
    return bench.answer()


def write(bench: Bench, handle: int, data: bytes) -> list[str]:
    answer = behind_connect(bench, f"AT+FWRITE={handle},{len(data)}", data)
    assert answer.final == "OK", answer
    return answer.text


def read(bench: Bench, handle: int, count: int | None = None, end: bytes = b"") -> bytes:
    """What +FREAD gives, its framing checked byte for byte."""
    bench.raw.clear()
    bench.send(f"AT+FREAD={handle}" + ("" if count is None else f",{count}"))
    bench.pass_ms(1000)
    head, _, rest = bytes(bench.raw).removeprefix(b"\r\n").partition(b"\r\n")
    size = int(head.removeprefix(b"CONNECT "))
    assert rest[size:] == end + b"\r\nOK\r\n"
    bench.take()
    return rest[:size]


def test_write_seek_and_read(bench: Bench) -> None:
    assert bench.ok('AT+FOPEN="f"') == ["+FOPEN: 1"]
    size = len(NASTY)
    assert write(bench, 1, NASTY) == [f"+FWRITE: {size},{size}"]
    assert write(bench, 1, b"more") == [f"+FWRITE: 4,{size + 4}"]
    assert read(bench, 1) == b""
    bench.ok("AT+FSEEK=1,0")
    assert read(bench, 1, size) == NASTY
    assert read(bench, 1, 100) == b"more"
    bench.ok("AT+FSEEK=1,0")
    assert read(bench, 1) == NASTY + b"more"
    bench.ok("AT+FSEEK=1,3")
    assert write(bench, 1, b"...") == [f"+FWRITE: 3,{size + 4}"]
    bench.ok("AT+FCLOSE=1")
    assert bench.module.files.load("f") == NASTY[:3] + b"..." + NASTY[6:] + b"more"


def test_hex_with_and_without_the_return(bench: Bench) -> None:
    bench.ok('AT+FOPEN="f",0')
    assert behind_connect(bench, "AT+FWRITEHEX=1,6", b"00ffA5\r").text == ["+FWRITE: 3,3"]
    assert behind_connect(bench, "AT+FWRITEHEX=1,2", b"0D").text == ["+FWRITE: 1,4"]
    assert behind_connect(bench, "AT+FWRITEHEX=1,254", b"20" * 127 + b"\r").text == [
        "+FWRITE: 127,131"
    ]
    assert bench.module.files.load("f") == b"\x00\xff\xa5\r" + b" " * 127
    assert bench.module.violations == []


def test_hex_that_is_none(bench: Bench) -> None:
    bench.ok('AT+FOPEN="f"')
    assert behind_connect(bench, "AT+FWRITEHEX=1,4", b"20x0\r").final == "+CME ERROR: 1632"
    assert behind_connect(bench, "AT+FWRITEHEX=1,4", b"202\r").final == "+CME ERROR: 1632"
    assert behind_connect(bench, "AT+FWRITEHEX=1,4", b"20\r").text == ["+FWRITE: 1,1"]
    bench.module.referee.enabled = False
    for digits in (3, 256, 0):
        assert bench.error(f"AT+FWRITEHEX=1,{digits}") == "+CME ERROR: 50"


def test_hex_that_waits_for_the_return(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", variants={"fwritehex-needs-cr"})
    bench.ok('AT+FOPEN="f"')
    assert behind_connect(bench, "AT+FWRITEHEX=1,4", b"2021\r").text == ["+FWRITE: 2,2"]
    bench.send("AT+FWRITEHEX=1,4")
    assert bench.expect_line() == b"CONNECT"
    bench.uart.write(b"2223")
    bench.pass_ms(4000)
    assert bench.take() == []
    bench.uart.write(b"\r")
    assert bench.answer().text == ["+FWRITE: 2,4"]


def test_handles_are_listed_and_given_again(bench: Bench) -> None:
    assert bench.ok("AT+FOPEN?") == []
    for number, name in enumerate("abcde", 1):
        assert bench.ok(f'AT+FOPEN="{name}"') == [f"+FOPEN: {number}"]
    assert bench.error('AT+FOPEN="f"') == "+CME ERROR: 1636"
    bench.ok("AT+FCLOSE=2")
    assert bench.ok('AT+FOPEN="f",1') == ["+FOPEN: 2"]
    bench.ok("AT+FCLOSE=1")
    assert sorted(bench.ok("AT+FOPEN?")) == [
        '+FOPEN: "c",3,0',
        '+FOPEN: "d",4,0',
        '+FOPEN: "e",5,0',
        '+FOPEN: "f",2,1',
    ]
    assert bench.ok("AT+ULSTFILE=0") == ['+ULSTFILE: "a","b","c","d","e","f"']


def test_a_file_is_open_once(bench: Bench) -> None:
    bench.ok('AT+FOPEN="f"')
    assert bench.error('AT+FOPEN="f"') == "+CME ERROR: 1622"
    bench.ok("AT+FCLOSE=1")
    with bench.module.files.open_for_writing("f"):
        assert bench.error('AT+FOPEN="f"') == "+CME ERROR: 1622"
    assert bench.ok('AT+FOPEN="f"') == ["+FOPEN: 1"]


@pytest.mark.parametrize(
    "command",
    ["+FCLOSE=1", "+FDELETE=1", "+FREAD=1", "+FSEEK=1,0", "+FWRITE=1,1", "+FWRITEHEX=1,2"],
)
def test_a_handle_that_is_not_open(bench: Bench, command: str) -> None:
    assert bench.error("AT" + command) == "+CME ERROR: 1627"


def test_deleting_takes_the_handle_too(bench: Bench) -> None:
    bench.ok('AT+FOPEN="f"')
    write(bench, 1, b"data")
    bench.ok("AT+FDELETE=1")
    assert bench.ok("AT+FOPEN?") == []
    assert bench.ok("AT+ULSTFILE=0") == ["+ULSTFILE:"]
    assert bench.error('AT+ULSTFILE=2,"f"') == "+CME ERROR: 1612"
    assert bench.module.files.free == bench.module.files.capacity


@pytest.mark.parametrize(
    ("seek", "rest"),
    [
        ("0", b"0123456789"),
        ("4", b"456789"),
        ("10", b""),
        ("4,0", b"456789"),
        ("2,1", b"789"),
        ("-3,1", b"23456789"),
        ("-1,2", b"9"),
        ("11", None),
        ("-1", None),
        ("6,1", None),
        ("1,2", None),
    ],
)
def test_seeking(bench: Bench, seek: str, rest: bytes | None) -> None:
    bench.module.files.save("f", b"0123456789")
    bench.ok('AT+FOPEN="f"')
    bench.ok("AT+FSEEK=1,5")
    if rest is None:
        assert bench.error(f"AT+FSEEK=1,{seek}") == "+CME ERROR: 1630"
        assert read(bench, 1) == b"56789"
    else:
        bench.ok(f"AT+FSEEK=1,{seek}")
        assert read(bench, 1) == rest


def test_modes(bench: Bench) -> None:
    bench.module.files.save("f", b"content")
    assert bench.error('AT+FOPEN="none",2') == "+CME ERROR: 1612"
    bench.ok('AT+FOPEN="f",2')
    assert read(bench, 1) == b"content"
    assert bench.error("AT+FWRITE=1,1") == "+CME ERROR: 1629"
    bench.ok("AT+FCLOSE=1")
    bench.ok('AT+FOPEN="f",1')
    assert bench.ok('AT+ULSTFILE=2,"f"') == ["+ULSTFILE: 0"]


def test_space_and_names(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", file_space=10)
    bench.ok("AT+CMEE=2")
    bench.ok(f'AT+FOPEN="{"n" * 63}"')
    write(bench, 1, b"12345678")
    assert bench.error("AT+FWRITE=1,3") == "+CME ERROR: NOT ENOUGH FREE SPACE"
    assert bench.error("AT+FWRITEHEX=1,6") == "+CME ERROR: NOT ENOUGH FREE SPACE"
    bench.ok("AT+FSEEK=1,5")
    assert write(bench, 1, b"abcde") == ["+FWRITE: 5,10"]
    assert bench.ok("AT+ULSTFILE=1") == ["+ULSTFILE: 0"]
    assert bench.error(f'AT+FOPEN="{"n" * 64}"') == "+CME ERROR: FFS invalid filename"


def test_there_are_no_tags(make_bench: Make) -> None:
    bench = make_bench("lexi-r10")
    bench.ok("AT+CMEE=1")
    assert bench.error('AT+ULSTFILE=0,"USER"') == "+CME ERROR: 50"
    assert bench.error('AT+UDWNFILE="f",1') == "+CME ERROR: 4"


@pytest.mark.parametrize(("parameter", "seconds"), [("", 5), (",1", 1), (",60", 60)])
def test_a_host_that_stops_is_told_what_was_written(
    make_bench: Make, parameter: str, seconds: int
) -> None:
    bench = make_bench("lexi-r10")
    bench.ok('AT+FOPEN="f"')
    for sent, total in ((b"half", 4), (b"", 4)):
        bench.send(f"AT+FWRITE=1,100{parameter}")
        assert bench.expect_line() == b"CONNECT"
        bench.pass_ms(500)
        if sent:
            bench.uart.write(sent)
        bench.pass_ms(seconds * 1000 - (600 if not sent else 100))
        assert bench.take() == []
        bench.pass_ms(200)
        assert bench.take() == [f"+FWRITE: {len(sent)},{total}", "OK"]
    assert write(bench, 1, b"rest") == ["+FWRITE: 4,8"]


def test_strict_mode_wants_50_ms_behind_connect(bench: Bench) -> None:
    bench.ok('AT+FOPEN="f"')
    behind_connect(bench, "AT+FWRITE=1,2", b"ab", PROMPT_GAP_MS)
    assert bench.module.violations == []
    behind_connect(bench, "AT+FWRITE=1,2", b"ab", PROMPT_GAP_MS - 1)
    assert ["50 ms asked" in v.text for v in bench.module.violations] == [True]


def test_forms_as_the_seed_prints_them(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", variants={"fopen-no-blank", "fread-crlf"})
    assert bench.ok('AT+FOPEN="f"') == ["+FOPEN:1"]
    assert write(bench, 1, b"abc") == ["+FWRITE: 3, 3"]
    bench.ok("AT+FSEEK=1,0")
    assert read(bench, 1, end=b"\r\n") == b"abc"


@pytest.mark.parametrize("lost", [False, True])
def test_a_restart_closes_all_handles(make_bench: Make, lost: bool) -> None:
    bench = make_bench("lexi-r10", variants={"unclosed-lost"} if lost else set())
    bench.module.files.save("old", b"old")
    bench.ok('AT+FOPEN="old"')
    bench.ok('AT+FOPEN="new"')
    bench.ok("AT+FSEEK=1,3")
    write(bench, 1, b"er")
    write(bench, 2, b"new")
    bench.send("AT+FWRITE=2,10")
    assert bench.expect_line() == b"CONNECT"
    bench.uart.write(b"half")
    bench.pass_ms(10)
    bench.module.restart()
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok("AT+FOPEN?") == []
    files = bench.module.files
    found = {name: files.load(name) for name in files.names()}
    assert found == ({"old": b"old"} if lost else {"old": b"older", "new": b"new"})
    assert bench.ok('AT+FOPEN="old"') == ["+FOPEN: 1"]


@pytest.mark.parametrize("settings_lost", [False, True])
def test_handles_live_through_deep_sleep_unless_the_at_side_restarts(
    make_bench: Make, settings_lost: bool
) -> None:
    bench = make_bench("lexi-r10")
    bench.ok('AT+FOPEN="f"')
    bench.module.suspend()
    bench.module.resume("hibernate", settings_lost)
    bench.ok("ATE0")
    assert bench.ok("AT+FOPEN?") == ([] if settings_lost else ['+FOPEN: "f",1,0'])
    assert bench.ok('AT+FOPEN="g"') == [f"+FOPEN: {1 if settings_lost else 2}"]


def test_a_megabyte_in_and_out(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", baudrate=0)
    content = bytes(range(256)) * 4096
    bench.ok('AT+FOPEN="big"')
    for start in range(0, len(content), 65536):
        write(bench, 1, content[start : start + 65536])
    bench.ok("AT+FSEEK=1,0")
    assert read(bench, 1) == content


@pytest.mark.parametrize("spec", ["urc=*:+CSCON: 1", "split=3:10"])
def test_urcs_never_come_into_counted_bytes(make_bench: Make, spec: str) -> None:
    bench = make_bench("lexi-r10")
    bench.ok('AT+FOPEN="f"')
    bench.module.faults.load(spec)
    bench.send("AT+FWRITE=1,8")
    bench.pass_ms(300)
    bench.uart.write(b"12345678")
    bench.pass_ms(300)
    bench.take()
    bench.send("AT+FSEEK=1,0")
    bench.pass_ms(300)
    bench.raw.clear()
    bench.send("AT+FREAD=1")
    bench.pass_ms(1000)
    assert b"CONNECT 8\r\n12345678\r\n" in bench.raw
    assert bench.raw.endswith(b"\r\nOK\r\n")
