"""Any bytes, cut anywhere: the same tokens, no exception, no growth."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ublox_cellular.core.lexer import Lexer

MORE, LINE, PROMPT, PAYLOAD = range(4)
SIZE = 48
NASTY = st.sampled_from([b"\r", b"\n", b"\0", b"\r\n", b'"', b"@", b"+USORD: 0,2,", b"OK", b","])
STREAMS = st.lists(st.one_of(NASTY, st.binary(max_size=60)), max_size=12).map(b"".join)
CUTS = st.lists(st.integers(1, 20), max_size=60)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    found = []
    for cut in cuts:
        found.append(data[:cut])
        data = data[cut:]
    return [piece for piece in (*found, data) if piece]


def feed(lexer: Lexer, piece: bytes) -> bytes:
    """Put in what there is room for; the rest."""
    n = min(lexer.room(), len(piece))
    lexer.buf[lexer.end : lexer.end + n] = piece[:n]
    lexer.end += n
    assert len(lexer.buf) == SIZE
    return piece[n:]


def lines_of(data: bytes, cuts: list[int]) -> tuple[list[bytes], Lexer]:
    """All lines the lexer finds when fed so."""
    lexer = Lexer(SIZE)
    found = []
    for piece in pieces(data, cuts):
        while piece:
            piece = feed(lexer, piece)
            while lexer.next() == LINE:
                found.append(bytes(lexer.buf[lexer.line : lexer.stop]))
    return found, lexer


def expected(data: bytes) -> tuple[list[bytes], int]:
    """Complete lines, NULs before them passed over, too long ones counted instead."""
    complete = data.replace(b"\n", b"\r").split(b"\r")[:-1]
    lines = [line.lstrip(b"\0") for line in complete]
    fitting = [line for line in lines if 0 < len(line) < SIZE]
    return fitting, sum(len(line) >= SIZE for line in lines)


@settings(max_examples=400, deadline=None)
@given(STREAMS, CUTS)
@example(b"x" * SIZE + b"\r\nOK\r\n", [SIZE])
@example(b"x" * (SIZE - 1) + b"\r\nOK\r\n", [SIZE - 1])
def test_any_split_gives_the_same_lines(data: bytes, cuts: list[int]) -> None:
    found, lexer = lines_of(data, cuts)
    lines, overlong = expected(data)
    assert found == lines
    assert lexer.overlong == overlong


@settings(max_examples=300, deadline=None)
@given(STREAMS, st.binary(max_size=120), STREAMS, CUTS)
def test_counted_payload_is_taken_as_it_is(
    before: bytes, payload: bytes, after: bytes, cuts: list[int]
) -> None:
    lines = expected(before + b"\r\n")[0]
    head = b'\r\n+USOXX: 3,%d,"' % len(payload)
    data = before + head + payload + b'"\r\nOK\r\n' + after
    lexer = Lexer(SIZE)
    waiting = data
    seen: list[bytes] = []
    while True:
        token = lexer.next(0, b"+USOXX", 2)
        if token == PAYLOAD:
            break
        if token == LINE:
            seen.append(bytes(lexer.buf[lexer.line : lexer.stop]))
            continue
        cut = cuts.pop() if cuts else 7
        piece, waiting = waiting[:cut], waiting[cut:]
        waiting = feed(lexer, piece) + waiting
    assert seen == lines
    assert (lexer.number(), lexer.number()) == (3, len(payload))
    into = bytearray(len(payload))
    got = 0
    while got < len(payload):
        taken = lexer.take(into, got, len(payload) - got)
        got += taken
        if not taken:
            waiting = feed(lexer, waiting[:9]) + waiting[9:]
    assert bytes(into) == payload


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=SIZE - 2))
def test_fields_of_any_line_can_be_read(line: bytes) -> None:
    found, lexer = lines_of(line + b"\r\n", [])
    if not found:
        return
    for read in (lexer.number, lexer.text, lexer.fields, lexer.quoted, lexer.whole):
        lexer.pos = lexer.line
        for _ in range(SIZE):
            read()
        assert lexer.line <= lexer.pos <= lexer.stop
    lexer.pos = lexer.line
    fields = lexer.fields()
    assert len(fields) <= len(line)
    assert all(field is None or isinstance(field, (int, str)) for field in fields)


@given(st.lists(st.one_of(st.integers(-(10**6), 10**9), st.text("abc d.:", min_size=1))))
def test_fields_are_what_was_put_in(values: list[int | str]) -> None:
    text = ",".join(str(v) if isinstance(v, int) else f'"{v}"' for v in values)
    lexer = Lexer(4096)
    lexer.buf[: len(text) + 2] = text.encode() + b"\r\n"
    lexer.end = len(text) + 2
    if lexer.next() == LINE:
        assert lexer.fields() == values


def test_a_prompt_counts_only_when_asked_for_and_at_the_start_of_a_line() -> None:
    lexer = Lexer(SIZE)
    feed(lexer, b"\r\n@")
    assert lexer.next() == MORE
    assert lexer.next(64) == PROMPT
    feed(lexer, b"x@\r\n")
    assert lexer.next(64) == LINE
