"""Every short socket dialogue on a bad line: splits, URCs at every boundary, lost, doubled and
damaged bytes. The driver gives right data or one of its errors, in time, and works again.

What no driver can see is left out, and only that (`undetectable`), since the line has no check
sum: a damaged byte inside a counted payload, another address, port or state than the right one,
fewer bytes written than were. Lost and doubled bytes of payload count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.fault_matrix import Matrix, in_command_mode
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import Model

DATA = b'ar"\r\nOK\r\n+CME ERROR: 3\r\n,@x'
TEXT = b"hello you"
BINARY = b"\x00\r\n\xff+"
PEER = ("192.0.2.7", 7)


@dataclass
class Dialogue:
    """`run(bench, sock)` is the exchange under test and gives `wanted`; `prepare` comes before."""

    name: str
    run: Callable[[Bench, Any], Any]
    wanted: Any
    kind: int = 1
    prepare: Callable[[Bench, Any], None] = lambda bench, sock: None
    arrived: bytes = b""  # what the module must have been given if it went well


def unread(bench: Bench, sock: Any) -> None:
    bench.partner.unread = DATA
    bench.line.push(b"\r\n+UUSORD: 0,%d\r\n" % len(DATA))
    bench.pass_ms(100)


def datagram(bench: Bench, sock: Any) -> None:
    bench.call(sock.sendto, b"x", PEER)
    bench.partner.datagrams.clear()
    bench.partner.datagram = DATA
    bench.line.push(b"\r\n+UUSORF: 0,%d\r\n" % len(DATA))
    bench.pass_ms(100)


def syntax(value: int) -> Callable[[Bench, Any], None]:
    def prepare(bench: Bench, sock: Any) -> None:
        bench.modem.socket_pool.syntax = value

    return prepare


def write(data: bytes) -> Callable[[Bench, Any], Any]:
    return lambda bench, sock: bench.call(sock.send, data)


DIALOGUES = [
    Dialogue("write-quoted", write(TEXT), len(TEXT), arrived=TEXT),
    Dialogue("write-prompt", write(BINARY), len(BINARY), prepare=syntax(2), arrived=BINARY),
    Dialogue("write-hex", write(BINARY), len(BINARY), prepare=syntax(3), arrived=BINARY),
    Dialogue("read", lambda bench, sock: bench.call(sock.recv, 100), DATA, prepare=unread),
    Dialogue(
        "read-part", lambda bench, sock: bench.call(sock.recv, 64)[:3], DATA[:3], prepare=unread
    ),
    Dialogue(
        "read-datagram",
        lambda bench, sock: bench.call(sock.recvfrom, 100),
        (DATA, PEER),
        kind=2,
        prepare=datagram,
    ),
    Dialogue(
        "write-datagram",
        lambda bench, sock: bench.call(sock.sendto, TEXT, PEER),
        len(TEXT),
        kind=2,
        arrived=TEXT,
    ),
    Dialogue("state", lambda bench, sock: bench.call(sock.info, 10), 4),
]


class Sockets(Matrix):
    """Socket 0 is connected; every bit of every byte is damaged."""

    sock: Any

    def __init__(self, flavour: str, dialogue: Dialogue) -> None:
        super().__init__(flavour, "sara-r5", seed=dialogue.name)
        self.dialogue = dialogue

    def model(self) -> Model:
        return Model()

    def prepare(self, bench: Bench) -> None:
        self.sock = bench.modem.socket(2, self.dialogue.kind)
        self.sock.settimeout(30)
        if self.dialogue.kind == 1:
            bench.call(self.sock.connect, PEER)
        self.dialogue.prepare(bench, self.sock)

    def outcome(self, bench: Bench) -> str:
        dialogue = self.dialogue
        try:
            result = dialogue.run(bench, self.sock)
        except OSError as error:
            assert str(error)
            return type(error).__name__
        assert result == dialogue.wanted
        model = bench.partner
        if dialogue.kind == 1:
            assert bytes(model.received) == dialogue.arrived
        elif dialogue.arrived:
            assert model.datagrams == [dialogue.arrived]
        return "right"

    def works_again(self, bench: Bench) -> None:
        """A following exchange succeeds; the channel may need one error to find that out."""
        in_command_mode(bench)

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        payload = answer.find(b',"' + DATA[:3]) + 2
        if 2 <= payload <= i < payload + len(DATA):
            return what.startswith("damaged")
        sender = re.match(rb'\r\n\+USORF: 0,"([0-9.]+)",(7),', answer)
        if sender and (sender.start(1) <= i < sender.end(1) or sender.start(2) == i):
            return True
        # A datagram may be shorter than what was announced, and DATA holds what could end it.
        if what == "lost" and data.startswith(b'\r\n+USORF: 0,"192.0.2.7",7,2,"'):
            return True
        state = re.match(rb"\r\n\+USOCTL: 0,10,(4)", answer)
        if state and state.start(1) == i:
            return what != "lost"
        # A module may take a part of the data, so a smaller count is as good as the right one.
        before = re.match(rb"\r\n\+USO(?:WR|ST): 0,(\d+)\r\n", answer)
        after = re.match(rb"\r\n\+USO(?:WR|ST): 0,(\d+)\s", data)
        return bool(before and after and int(after[1]) < int(before[1]))


def named(dialogue: Dialogue) -> str:
    return dialogue.name


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_every_split_with_a_urc_at_every_boundary(dialogue: Dialogue, flavour: str) -> None:
    Sockets(flavour, dialogue).every_split()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_every_byte_lost_doubled_or_damaged(dialogue: Dialogue, flavour: str) -> None:
    Sockets(flavour, dialogue).every_byte()
