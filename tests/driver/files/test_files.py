"""Files on the simulated module: every form of its answers, what is refused, what is full."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.answers import R5, R10, Case, parameters, play
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import CommandError, Garbled, NotSupported
from ublox_cellular.core.service_errors import PartialFile

BOTH = [(flavour, module) for flavour in FLAVOURS for module in MODULES]
DATA = bytes(range(256)) * 5
VARIANTS = (
    "urdfile-unquoted", "ulstfile-empty-none", "ulstfile-empty-quotes", "file-missing-1624",
    "fopen-no-blank", "fread-crlf", "udwnfile-keeps-part", "prompt-echo", "unclosed-lost",
)  # fmt: skip


def made(module: str, flavour: str = "blocking", **options: Any) -> tuple[Node, Any]:
    """A node that is on, and its files."""
    node = Node(module, flavour, **options)
    node.make()
    node.call(node.modem.power_on)
    return node, node.modem.files


@pytest.fixture(params=BOTH, ids=str)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    flavour, module = request.param
    one, _ = made(module, flavour)
    yield one
    assert one.violations() == []
    one.close()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("module", MODULES)
def test_every_form_of_the_answers(module: str, variant: str) -> None:
    node, files = made(module, variants=(variant,))
    call = node.call
    assert call(files.listdir) == []
    assert not call(files.exists, "a")
    assert call(files.write, "a", DATA, verify=True) == len(DATA)
    assert call(files.read, "a") == DATA
    assert call(files.write, "b", b"x") == 1
    file = call(files.open, "b", "ab")
    call(file.write, b"yz")
    call(file.close)
    assert call(files.read, "b") == b"xyz"
    assert sorted(call(files.listdir)) == ["a", "b"]
    call(files.remove, "a")
    with pytest.raises(OSError) as caught:
        call(files.read, "a")
    assert caught.value.errno == 2
    assert node.violations() == []
    node.close()


def test_a_megabyte_streams_through(node: Node) -> None:
    files = node.modem.files
    size = 1 << 18  # what two flavours of two modules can take in a test's time
    data = bytes(i * 7 + (i >> 8) & 255 for i in range(size))
    assert node.call(files.write, "big", io.BytesIO(data)) == size
    into = io.BytesIO()
    assert node.call(files.read, "big", to=into) == size
    assert into.getvalue() == data


def test_a_full_file_system(node: Node) -> None:
    files = node.modem.files
    call = node.call
    call(files.write, "old", b"what was there")
    room = call(files.free)
    with pytest.raises(OSError) as caught:
        call(files.write, "old", bytes(room + 100))
    assert caught.value.errno == 28
    assert call(files.read, "old") == b"what was there"


@pytest.mark.parametrize(("flavour", "module"), BOTH)
def test_it_gets_full_while_a_stream_is_written(flavour: str, module: str) -> None:
    node, files = made(module, flavour, file_space=4000)
    call = node.call
    call(files.write, "kept", b"what was there")
    with pytest.raises(OSError) as caught:
        call(files.write, "new", io.BytesIO(bytes(6000)))
    assert caught.value.errno == 28
    assert not isinstance(caught.value, PartialFile)
    assert call(files.listdir) == ["kept"]
    file = call(files.open, "kept", "ab")
    with pytest.raises(OSError) as caught:
        call(file.write, bytes(6000))
    assert caught.value.errno == 28
    call(file.close)
    left = call(files.read, "kept")
    if isinstance(caught.value, PartialFile):
        assert caught.value.size <= len(left)
        assert left[: caught.value.size] == (b"what was there" + bytes(6000))[: caught.value.size]
        assert "kept" in str(caught.value)
    else:
        assert left == b"what was there"
    assert node.violations() == []
    node.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_handles_of_an_earlier_program_are_closed(flavour: str) -> None:
    node, files = made("lexi-r10", flavour)
    left = [node.call(files.open, name, "wb") for name in ("a", "b")]
    for file in left:
        node.call(file.write, b"open")
    node.make()
    node.call(node.modem.power_on)
    mark = len(node.sent())
    assert sorted(node.call(node.modem.files.listdir)) == ["a", "b"]
    assert node.sent()[mark:].count(b"AT+FCLOSE=") == 2
    mark = len(node.sent())
    assert node.call(node.modem.files.read, "a") == b"open"
    assert b"AT+FOPEN?" not in node.sent()[mark:]
    node.close()


def test_a_file_is_opened_once_at_a_time() -> None:
    node, files = made("lexi-r10")
    first = files.open("a", "wb")
    first.write(b"mine")
    for call in (lambda: files.open("a", "ab"), lambda: files.remove("a")):
        with pytest.raises(OSError) as caught:
            call()
        assert caught.value.errno == 16
    first.close()
    assert files.read("a") == b"mine"
    node.close()


def test_no_other_command_waits_for_an_open_file(node: Node) -> None:
    file = node.call(node.modem.files.open, "a", "wb")
    node.call(file.write, b"1")
    assert len(node.call(node.modem.imei)) == 15
    node.call(file.write, b"2")
    node.call(file.close)
    assert node.call(node.modem.files.read, "a") == b"12"


NAMES = '","'.join(f"n{i:03}" for i in range(99))
MANY = f'> AT+ULSTFILE=0\n+ULSTFILE: "{NAMES}"\nOK'
LONG = (OSError, 105, "rx_size")
OPEN = "> AT+FOPEN?\nOK\n"
CASES = [
    Case("list", lambda modem: modem.files.listdir(), '> AT+ULSTFILE=0\n+ULSTFILE: "a", "b c"\nOK',
         ["a", "b c"], R5),
    Case("list-plain", lambda modem: modem.files.listdir(), "> AT+ULSTFILE=0\n+ULSTFILE: a,1\nOK",
         ["a", "1"], R5),
    Case("list-two-lines", lambda modem: modem.files.listdir(),
         '> AT+ULSTFILE=0\n+ULSTFILE: "a"\n+ULSTFILE: "b"\nOK', ["a", "b"], R5),
    Case("list-too-long", lambda modem: modem.files.listdir(), MANY, modules=R5, raises=LONG),
    Case("list-damaged", lambda modem: modem.files.listdir(),
         '> AT+ULSTFILE=0\n+ULSTFILE: "a""b"\nOK', modules=R5, raises=(Garbled, 5, "names")),
    Case("list-tag", lambda modem: modem.files.listdir("FOAT"),
         '> AT+ULSTFILE=0,"FOAT"\n+CME ERROR: 3\n', modules=R5, raises=(CommandError, 5, "3")),
    Case("tag", lambda modem: modem.files.stat("a", tag="PROFILE"),
         '> AT+ULSTFILE=2,"a","PROFILE"\n+ULSTFILE: 7\nOK', (0x8000, 0, 0, 0, 0, 0, 7, 0, 0, 0),
         R5),
    Case("no-tags", lambda modem: modem.files.free("USER"), "", modules=R10,
         raises=(NotSupported, 95, "LEXI-R10 has no file tags")),
    Case("missing-by-list", lambda modem: modem.files.exists("a"), OPEN +
         '> AT+ULSTFILE=2,"a"\n+CME ERROR: 100\n> AT+ULSTFILE=0\n+ULSTFILE: "b"\nOK', False, R10),
    Case("refused-though-there", lambda modem: modem.files.exists("a"), OPEN +
         '> AT+ULSTFILE=2,"a"\n+CME ERROR: 1600\n> AT+ULSTFILE=0\n+ULSTFILE: "a"\nOK',
         modules=R10, raises=(CommandError, 5, "1600")),
    Case("no-such-question", lambda modem: modem.files.free(),
         "> AT+FOPEN?\n+CME ERROR: 100\n> AT+ULSTFILE=1\n+ULSTFILE: 9\nOK", 9, R10),
    Case("others-handle", lambda modem: modem.files.free(),
         '> AT+FOPEN?\n+FOPEN: "x,y",4,0\nOK\n> AT+FCLOSE=4\nOK\n'
         "> AT+ULSTFILE=1\n+ULSTFILE: 9\nOK", 9, R10),
]  # fmt: skip


@pytest.mark.parametrize(("flavour", "module", "case"), parameters(CASES))
def test_answers(flavour: str, module: str, case: Case) -> None:
    play(flavour, module, case).close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nothing_of_a_file_shows_in_a_trace(flavour: str) -> None:
    for module in MODULES:
        node, files = made(module, flavour)
        seen: list[bytes] = []
        node.modem.channel.trace = lambda way, line, seen=seen: seen.append(line)
        node.call(files.write, "key.pem", b"very secret", verify=True)
        assert node.call(files.read, "key.pem") == b"very secret"
        assert not any(b"secret" in line for line in seen)
        assert any(b"<11 bytes>" in line for line in seen)
        node.close()
