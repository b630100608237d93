"""The command-line grammar: tolerant where V.250 is, strict where the module is."""

from __future__ import annotations

import pytest

from ublox_simulator.errors import CommandError
from ublox_simulator.line.parser import Form, LineEditor, split_line, split_params, strip_prefix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ; ;", []),
        ("E0", [("E", Form.SET, ["0"])]),
        ("e0v1&k0", [("E", Form.SET, ["0"]), ("V", Form.SET, ["1"]), ("&K", Form.SET, ["0"])]),
        ("E0;+CMEE=2", [("E", Form.SET, ["0"]), ("+CMEE", Form.SET, ["2"])]),
        (
            "V1+CSQ;+CESQ",
            [("V", Form.SET, ["1"]), ("+CSQ", Form.EXEC, []), ("+CESQ", Form.EXEC, [])],
        ),
        ("S3?", [("S", Form.READ, ["3"])]),
        ("S12=100", [("S", Form.SET, ["12", "100"])]),
        ("+cgdcont?", [("+CGDCONT", Form.READ, [])]),
        ("+USOCR=?", [("+USOCR", Form.TEST, [])]),
        ("+USOCR = 6 , 7", [("+USOCR", Form.SET, ["6", "7"])]),
        ("+USOCR=6,,,,1", [("+USOCR", Form.SET, ["6", "", "", "", "1"])]),
        ('+UPING="a;b,c?=d"', [("+UPING", Form.SET, ["a;b,c?=d"])]),
        ('+UPSD=0,1,""', [("+UPSD", Form.SET, ["0", "1", ""])]),
        ("D*99***1#", [("D", Form.SET, ["*99***1#"])]),
    ],
)
def test_a_line_is_cut_into_its_commands(text: str, expected: list[object]) -> None:
    commands = split_line(text)
    assert [(c.name, c.form, [p.text for p in c.params]) for c in commands] == expected


@pytest.mark.parametrize("text", ['+X="open', '+X="a"b', '+X=a"b', "#1", "&", "S", "S3", "+X?y"])
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        split_line(text)


@pytest.mark.parametrize("number", ["", "-", "1x", '"1"', "²", "99999999999999", "8", "-1"])
def test_a_number_out_of_form_or_range_is_refused(number: str) -> None:
    command = split_line(f"+X={number}")[0]
    with pytest.raises(CommandError):
        command.number(0, 0, 7)


def test_a_missing_parameter_takes_its_default() -> None:
    command = split_line("+X=,5")[0]
    assert command.number(0, 0, 9, 3) == 3
    assert command.number(1, 0, 9) == 5
    assert command.string(2, 9, "x") == "x"


def test_quotes_matter_for_text() -> None:
    assert [p.quoted for p in split_params('"a",a')] == [True, False]
    with pytest.raises(CommandError):
        split_line("+X=abc")[0].string(0, 10)
    with pytest.raises(CommandError):
        split_line('+X="abcd"')[0].string(0, 3)


@pytest.mark.parametrize(
    ("received", "line"),
    [
        (b"AT\r", b"AT"),
        (b"\n AT\r", b"AT"),
        (b"\x00\x00AT\r", b"AT"),
        (b"AX\x08T\r", b"AT"),
        (b"\x08\x08AT\r", b"AT"),
        (b"\r", b""),
    ],
)
@pytest.mark.parametrize("piece", [1, 2, 100])
def test_the_line_editor_gives_the_same_line_for_any_split(
    received: bytes, line: bytes, piece: int
) -> None:
    editor = LineEditor(100)
    result = None
    for index in range(0, len(received), piece):
        result, _ = editor.feed(received[index : index + piece])
    assert result == line


def test_a_line_beyond_the_limit_is_marked_and_bounded() -> None:
    editor = LineEditor(10)
    line, used = editor.feed(b"AT" + b"x" * 100 + b"\rAT\r")
    assert editor.overflow and line is not None and len(line) <= 10
    assert used == 103


@pytest.mark.parametrize(
    ("line", "rest"), [(b"AT", ""), (b"at+x", "+x"), (b"rubbishAT+X", "+X"), (b"hello", None)]
)
def test_everything_before_at_is_skipped(line: bytes, rest: str | None) -> None:
    assert strip_prefix(line) == rest
