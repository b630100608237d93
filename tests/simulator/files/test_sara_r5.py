"""File commands of SARA-R5 (at-commands 10.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import PROMPT_GAP_MS, Bench

Make = Callable[..., Bench]
NASTY = b'OK\r\n"+UUSORD: 0,1\r\n\x00\xff>@'


@pytest.fixture
def bench(make_bench: Make) -> Bench:
    made = make_bench("sara-r5", strict=True)
    made.ok("AT+CMEE=1")
    return made


def store(bench: Bench, name: str, data: bytes, tag: str = "") -> None:
    tail = f',"{tag}"' if tag else ""
    answer = bench.prompted(f'AT+UDWNFILE="{name}",{len(data)}{tail}', data, b">")
    assert (answer.info, answer.final) == ([], "OK")


def test_writing_appends_and_reading_gives_the_bytes(bench: Bench) -> None:
    store(bench, "log", NASTY)
    store(bench, "log", b"more")
    bench.raw.clear()
    bench.send('AT+URDFILE="log"')
    bench.pass_ms(100)
    whole = NASTY + b"more"
    assert bench.raw == b'\r\n+URDFILE: "log",%d,"%s"\r\n\r\nOK\r\n' % (len(whole), whole)
    bench.take()
    assert bench.ok('AT+ULSTFILE=2,"log"') == [f"+ULSTFILE: {len(whole)}"]


@pytest.mark.parametrize(
    ("offset", "count", "data"),
    [(0, 4, "0123"), (3, 2, "34"), (8, 5, "89"), (10, 5, ""), (0, 1000, "0123456789")],
)
def test_blocks(bench: Bench, offset: int, count: int, data: str) -> None:
    store(bench, "f", b"0123456789")
    assert bench.ok(f'AT+URDBLOCK="f",{offset},{count}') == [
        f'+URDBLOCK: "f",{len(data)},"{data}"'
    ]


def test_a_block_behind_the_end_is_refused(bench: Bench) -> None:
    store(bench, "f", b"0123456789")
    assert bench.error('AT+URDBLOCK="f",11,1') == "+CME ERROR: 1630"


def test_listing_and_deleting(bench: Bench) -> None:
    assert bench.ok("AT+ULSTFILE") == ["+ULSTFILE:"]
    free = bench.module.spec.file_space
    store(bench, "a", b"1")
    store(bench, "b b", b"22")
    assert bench.ok("AT+ULSTFILE=0") == ['+ULSTFILE: "a","b b"']
    assert bench.ok("AT+ULSTFILE=1") == [f"+ULSTFILE: {free - 3}"]
    bench.ok('AT+UDELFILE="a"')
    assert bench.ok("AT+ULSTFILE") == ['+ULSTFILE: "b b"']
    assert bench.ok("AT+ULSTFILE=1") == [f"+ULSTFILE: {free - 2}"]


@pytest.mark.parametrize(
    "command", ["+URDFILE=", "+URDBLOCK=", "+UDELFILE=", "+ULSTFILE=2,"], ids=lambda text: text
)
def test_a_missing_file(make_bench: Make, command: str) -> None:
    tail = ",0,1" if "BLOCK" in command else ""
    for variants, code in ((set(), 1612), ({"file-missing-1624"}, 1624)):
        bench = make_bench("sara-r5", variants=variants)
        bench.ok("AT+CMEE=1")
        assert bench.error(f'AT{command}"f"{tail}') == f"+CME ERROR: {code}"


def test_tags_are_name_spaces(bench: Bench) -> None:
    store(bench, "f", b"user")
    store(bench, "f", b"audio", "AUDIO")
    assert bench.ok('AT+URDFILE="f"') == ['+URDFILE: "f",4,"user"']
    assert bench.ok('AT+URDFILE="f","USER"') == ['+URDFILE: "f",4,"user"']
    assert bench.ok('AT+URDFILE="f","AUDIO"') == ['+URDFILE: "f",5,"audio"']
    assert bench.ok('AT+URDBLOCK="f",1,2,"AUDIO"') == ['+URDBLOCK: "f",2,"ud"']
    assert bench.ok('AT+ULSTFILE=2,"f","AUDIO"') == ["+ULSTFILE: 5"]
    bench.ok('AT+UDELFILE="f","AUDIO"')
    assert bench.ok('AT+ULSTFILE=0,"AUDIO"') == ["+ULSTFILE:"]
    assert bench.ok("AT+ULSTFILE=0") == ['+ULSTFILE: "f"']
    bench.module.referee.enabled = False
    assert bench.error('AT+ULSTFILE=0,"NOTAG"') == "+CME ERROR: 50"


def test_firmware_packages_are_written_and_deleted_only(bench: Bench) -> None:
    store(bench, "pack", b"firmware", "FOAT")
    for command in (
        'AT+URDFILE="pack","FOAT"',
        'AT+URDBLOCK="pack",0,1,"FOAT"',
        'AT+ULSTFILE=0,"FOAT"',
        'AT+ULSTFILE=2,"pack","FOAT"',
    ):
        assert bench.error(command) == "+CME ERROR: 3"
    bench.ok('AT+UDELFILE="pack","FOAT"')
    assert bench.module.files.free == bench.module.files.capacity


def test_the_space_is_checked_before_the_prompt(make_bench: Make) -> None:
    bench = make_bench("sara-r5", file_space=10)
    bench.ok("AT+CMEE=2")
    store(bench, "a", b"12345678")
    assert bench.error('AT+UDWNFILE="b",3') == "+CME ERROR: NOT ENOUGH FREE SPACE"
    store(bench, "b", b"90")
    assert bench.ok("AT+ULSTFILE=1") == ["+ULSTFILE: 0"]


def test_names_have_at_most_248_characters(bench: Bench) -> None:
    store(bench, "n" * 248, b"x")
    assert bench.error(f'AT+UDWNFILE="{"n" * 249}",1') == "+CME ERROR: 1638"
    assert bench.error('AT+URDFILE=""') == "+CME ERROR: 1638"


def test_a_file_another_service_writes_cannot_be_changed(bench: Bench) -> None:
    with bench.module.files.open_for_writing("get.ffs") as out:
        out.write(b"part")
        assert bench.error('AT+UDELFILE="get.ffs"') == "+CME ERROR: 1622"
        assert bench.error('AT+UDWNFILE="get.ffs",1') == "+CME ERROR: 1622"
        assert bench.ok('AT+URDFILE="get.ffs"') == ['+URDFILE: "get.ffs",4,"part"']
    bench.ok('AT+UDELFILE="get.ffs"')


@pytest.mark.parametrize("sent", [b"", b"half"])
@pytest.mark.parametrize("keeps", [False, True])
def test_a_host_that_stops_midway(make_bench: Make, sent: bytes, keeps: bool) -> None:
    bench = make_bench("sara-r5", variants={"udwnfile-keeps-part"} if keeps else set())
    bench.ok("AT+CMEE=2")
    bench.send('AT+UDWNFILE="f",100')
    bench.expect_bytes(b">")
    bench.pass_ms(15_000)  # the silence counts from the last byte
    if sent:
        bench.uart.write(sent)
    bench.pass_ms(19_900 if sent else 4_900)
    assert bench.take() == []
    bench.pass_ms(200)
    assert bench.take() == ["+CME ERROR: FFS TIMEOUT"]
    kept = ["+ULSTFILE: 4"] if keeps and sent else None
    if kept:
        assert bench.ok('AT+ULSTFILE=2,"f"') == kept
    else:
        assert bench.ok("AT+ULSTFILE") == ["+ULSTFILE:"]
    store(bench, "f", b"again")


def test_strict_mode_wants_50_ms_behind_the_prompt(bench: Bench) -> None:
    bench.send('AT+UDWNFILE="f",2')
    bench.expect_bytes(b">")
    bench.clock.sleep_ms(PROMPT_GAP_MS - 1)
    bench.uart.write(b"ab")
    assert bench.answer().final == "OK"
    assert ["50 ms asked" in v.text for v in bench.module.violations] == [True]


def test_strict_mode_notices_bytes_beyond_the_payload(bench: Bench) -> None:
    assert bench.prompted('AT+UDWNFILE="f",2', b"abcd", b">").final == "OK"
    assert ["beyond the payload" in v.text for v in bench.module.violations] == [True]
    assert bench.ok('AT+URDFILE="f"') == ['+URDFILE: "f",2,"ab"']


@pytest.mark.parametrize(
    ("variant", "empty"),
    [("ulstfile-empty-none", []), ("ulstfile-empty-quotes", ['+ULSTFILE: ""'])],
)
def test_other_forms_of_an_empty_list(make_bench: Make, variant: str, empty: list[str]) -> None:
    assert make_bench("sara-r5", variants={variant}).ok("AT+ULSTFILE=0") == empty


def test_names_without_quotes_and_an_echoed_payload(make_bench: Make) -> None:
    bench = make_bench("sara-r5", quiet=False, variants={"urdfile-unquoted", "prompt-echo"})
    bench.raw.clear()
    assert bench.prompted('AT+UDWNFILE="f",5', b"hello", b">").final == "OK"
    assert bench.raw.endswith(b"\r\n>hello\r\nOK\r\n")
    bench.ok("ATE0")
    bench.raw.clear()
    store(bench, "f", b"there")
    assert bench.raw == b"\r\n>\r\nOK\r\n"
    assert bench.ok('AT+URDFILE="f"') == ['+URDFILE: f,10,"hellothere"']
    assert bench.ok('AT+URDBLOCK="f",0,2') == ['+URDBLOCK: f,2,"he"']


@pytest.mark.parametrize("command", ["+FOPEN", "+FWRITE", "+FWRITEHEX", "+FREAD", "+FDELETE"])
def test_commands_of_the_other_module_are_not_supported(bench: Bench, command: str) -> None:
    bench.module.referee.enabled = False
    assert bench.error(f"AT{command}=1,2") == "+CME ERROR: 4"


def test_a_restart_in_the_middle_of_a_payload_stores_nothing(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    store(bench, "f", b"before")
    bench.send('AT+UDWNFILE="f",10')
    bench.expect_bytes(b">")
    bench.pass_ms(PROMPT_GAP_MS)
    bench.uart.write(b"half")
    bench.pass_ms(10)
    bench.module.restart()
    bench.pass_ms(30_000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok('AT+URDFILE="f"') == ['+URDFILE: "f",6,"before"']
    store(bench, "f", b"after")
