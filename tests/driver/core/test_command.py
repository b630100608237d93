"""Any Python value is refused, or arrives at the simulated module's parser as it was."""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import Model
from hypothesis import given, settings
from hypothesis import strategies as st

from ublox_cellular.core.command import Command
from ublox_simulator.line.parser import LineEditor, split_line, strip_prefix

VALUES = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(max_codepoint=160), max_size=40),
    st.integers(-(2**40), 2**40),
    st.none(),
    st.booleans(),
)
FORBIDDEN = ["a\rb", "a\nb", 'a"b', "a\0b", "\x1a", "\x1b", "\x7f", "\x08", "x" * 600]


def received(line: bytes) -> list[Any]:
    """What the simulator's parser makes of a line: one command, its parameters."""
    editor = LineEditor(4096)
    text, used = editor.feed(line)
    assert used == len(line), "more than one line was sent"
    assert text is not None
    commands = split_line(strip_prefix(text) or "")
    assert len(commands) == 1
    return commands[0].params


@settings(max_examples=600, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_a_value_is_refused_or_arrives(values: list[Any]) -> None:
    command = Command(512)
    command.begin(b"+USOCO")
    try:
        for value in values:
            command.part(value)
        command.end()
    except (ValueError, TypeError):
        return
    params = received(bytes(command.buf[: command.size]))
    assert len(params) == len(values)
    for param, value in zip(params, values, strict=True):
        if isinstance(value, str):
            assert param.quoted
            assert param.text.encode("latin-1").decode("utf-8") == value
        else:
            assert not param.quoted
            assert param.text == ("" if value is None else str(int(value)))
    assert len(command.buf) == 512


@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_could_end_a_string_is_refused(text: str) -> None:
    command = Command(512)
    command.begin(b"+UX")
    with pytest.raises(ValueError):
        command.part(text)
        command.end()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=30))
def test_a_secret_is_never_shown(secret: str) -> None:
    if '"' in secret or set(secret) == {"*"}:
        return
    command = Command(128)
    command.begin(b"+UAUTHREQ")
    command.number(1)
    command.text(secret, 0, True)
    command.end()
    assert secret.encode() in bytes(command.buf[: command.size])
    assert command.shown() == b'AT+UAUTHREQ=1,"***"'


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_any_command_of_the_application_is_refused_or_sent_as_it_is(flavour: str) -> None:
    bench = Bench(flavour, "sara-r5", Model())
    bench.call(bench.modem.attach, rates=(), sockets="keep")

    @settings(max_examples=150, deadline=None)
    @given(st.text(max_size=40))
    def check(text: str) -> None:
        before = len(bench.line.written)
        try:
            bench.call(bench.modem.at, text)
        except ValueError:
            assert len(bench.line.written) == before
            return
        except OSError:  # the model knows few commands
            pass
        told = text.strip()
        if told[:2].upper() == "AT":
            told = told[2:].strip()
        sent = bytes(bench.line.written[before:])
        assert sent.upper() == b"AT" + told.upper().encode() + b"\r"
        name, _, rest = told.partition("=")
        assert sent.endswith(rest.encode() + b"\r") and name.upper().encode() in sent.upper()

    check()
    bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_events_beyond_the_queue_are_counted(flavour: str) -> None:
    bench = Bench(flavour, "sara-r5", Model())
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    bench.modem.events.__init__(4)
    sock = bench.modem.socket()
    bench.call(sock.connect, ("192.0.2.7", 7))
    for count in range(1, 11):
        bench.line.push(b"\r\n+UUSORD: 0,%d\r\n" % count)
    bench.pass_ms(10)
    assert bench.modem.events.lost == 6
    seen: list[tuple[int, int, int]] = []
    bench.modem.on_event = lambda kind, a, b: seen.append((kind, a, b))
    bench.modem.poll()
    assert seen == [(4, 0, count) for count in range(1, 5)]  # the oldest are kept
    assert sock.ioctl(3, 1) == 1  # and the state is right all the same
    bench.line.push(b"\r\n+UUSORD: 0,99\r\n")
    bench.pass_ms(10)
    assert seen[-1] == (4, 0, 99)
    bench.close()
