"""Sending that is given up at any of its waits costs the socket nothing: the module's answer is
counted when it comes, the stream goes on after whole pieces, in order and none twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.node import Node
from driver.support.quitting import GIVEN_UP, WAYS, Quitter, points
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.socket_model import ok

from ublox_cellular.core import giving_up as keeping

SOCKETS = {"sara-r5": 7, "lexi-r10": 6}
HOST = "192.0.2.1"
SIZES = (5, 700, 3000)
KINDS = {"text": (0, b"abcdefghijklmnopqrstuvwxyz"), "binary": (2, b"\r\n\x00\"'@>\xff"),
         "hex": (3, b"\r\nOK\r\n\x1a")}  # fmt: skip
EVERY = 3  # of the waits that follow each other while the same bytes travel

# What the kinds of giving up come to; the others are tried with the engine (test_giving_up.py).
TRIED = [(flavour, way) for flavour in FLAVOURS for way in WAYS[flavour]]


def payload(kind: str, size: int, turn: int) -> bytes:
    """`size` bytes of a kind, other ones each time."""
    pattern = KINDS[kind][1]
    step = turn % len(pattern)
    return ((pattern[step:] + pattern[:step]) * (size // len(pattern) + 2))[:size]


class Scene:
    """A connected socket, whatever the module is."""

    node: Any
    sock: Any
    piece = 0  # of one command

    def heard(self, mark: bytes) -> bytes:
        """What has reached the peer since the last call, up to `mark`."""
        raise NotImplementedError

    def close(self) -> None:
        self.node.close()


class Fake(Scene):
    def __init__(self, flavour: str, module: str) -> None:
        self.crowd = Crowd(SOCKETS[module])
        self.node = Bench(flavour, module, self.crowd)
        self.node.call(self.node.modem.attach, rates=(), sockets="keep")
        self.sock = self.node.modem.socket()
        self.sock.settimeout(5)
        self.node.call(self.sock.connect, (HOST, 7))

    def heard(self, mark: bytes) -> bytes:
        one = self.crowd.named(HOST)
        found = bytes(one.received)
        assert self.sock.slot.total == len(found)
        self.sock.slot.total = 0
        one.received.clear()
        return found


class Simulated(Scene):
    def __init__(self, flavour: str, module: str) -> None:
        self.node = Node(module, flavour)
        self.node.up()
        self.sock = self.node.stream()

    def heard(self, mark: bytes) -> bytes:
        """The peer echoes."""
        found = b""
        while not found.endswith(mark):
            piece = self.node.call(self.sock.recv, 1024)
            assert piece
            found += piece
        assert self.sock.slot.total == self.node.call(self.sock.info, 2)
        return found

    def close(self) -> None:
        assert self.node.violations() == []
        super().close()


def given_up(scene: Scene, way: str, how: str, kind: str, size: int, at: int) -> int:
    """Once, at wait `at`; how many waits there were. Then the socket is in use as before."""
    node, sock = scene.node, scene.sock
    pool = node.modem.socket_pool
    pool.syntax = KINDS[kind][0]
    pool.hex_mode = None if kind == "hex" else pool.hex_mode  # it is set each time
    data = bytearray(payload(kind, size, at))
    quitter = Quitter(node, way, at)
    result: Any = None
    done = False
    if not at:
        scene.piece = node.call(sock.send, payload(kind, max(SIZES), 0))
        scene.heard(payload(kind, scene.piece, 0))
    try:
        result = quitter.call(getattr(sock, how), data)
        done = True
    except GIVEN_UP as error:
        assert quitter.count >= at > 0, repr(error)
    sent = bytes(data)
    data[:] = bytes(size)  # the caller's own again
    pool.syntax = 0
    mark = b"<end of %d>" % at
    node.call(sock.sendall, mark)
    heard = scene.heard(mark)
    assert heard.endswith(mark), heard[-40:]
    taken = heard[: -len(mark)]
    assert sent.startswith(taken), (len(taken), taken[:20], sent[:20])
    assert len(taken) == size or not len(taken) % scene.piece, len(taken)
    if done:
        assert len(taken) == (result if how == "send" else size)
    return quitter.count


CASES = list(itertools.product(("send", "sendall"), KINDS, SIZES))


@pytest.mark.parametrize(("how", "kind", "size"), CASES)
@pytest.mark.parametrize(("flavour", "way"), TRIED)
@pytest.mark.parametrize("module", MODULES)
def test_the_socket_goes_on_after_a_send_given_up_at_any_wait(
    module: str, flavour: str, way: str, how: str, kind: str, size: int
) -> None:
    scene = Fake(flavour, module)
    count = given_up(scene, way, how, kind, size, 0)
    assert count > 3
    for at in range(1, count + 1, 1 if size < 3000 else EVERY):
        given_up(scene, way, how, kind, size, at)
    scene.close()


@pytest.mark.parametrize(("how", "kind", "size"), CASES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_an_echo_works_on_the_socket_whose_send_was_given_up(
    module: str, flavour: str, how: str, kind: str, size: int
) -> None:
    scene = Simulated(flavour, module)
    for way in WAYS[flavour]:
        count = given_up(scene, way, how, kind, size, 0)
        for at in points(f"{way} {how} {kind} {size}", count):
            given_up(scene, way, how, kind, size, at)
    scene.close()


@pytest.mark.parametrize("size", [5, 200])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("flavour", "way"), TRIED)
@pytest.mark.parametrize("module", MODULES)
def test_a_datagram_whose_sending_was_given_up_arrives_whole_or_not_at_all(
    module: str, flavour: str, way: str, kind: str, size: int
) -> None:
    crowd = Crowd(SOCKETS[module])
    bench = Bench(flavour, module, crowd)
    bench.call(bench.modem.attach, rates=(), sockets="keep")
    sock = bench.modem.socket(2, 2)
    bench.call(sock.sendto, b"first", (HOST, 7))
    pool = bench.modem.socket_pool
    [one] = crowd.everything
    at = 0
    while True:
        at += 1
        one.datagrams.clear()
        pool.syntax = KINDS[kind][0]
        pool.hex_mode = None if kind == "hex" else pool.hex_mode
        data = bytearray(payload(kind, size, at))
        quitter = Quitter(bench, way, at)  # type: ignore[arg-type]
        try:
            quitter.call(sock.sendto, data, (HOST, 7))
        except GIVEN_UP as error:
            assert quitter.count >= at, repr(error)
        sent = [(HOST, bytes(data))]
        data[:] = bytes(size)
        pool.syntax = 0
        bench.call(sock.sendto, b"next", (HOST, 7))
        assert one.datagrams in ([(HOST, b"next")], [*sent, (HOST, b"next")])
        if quitter.count < at:
            break
    bench.close()


# ---- what the module has answered by then -------------------------------------------------------

TAKES = b"+USOWR: %d,%d"
ANSWERS = {
    "all": (lambda s, n: ok(TAKES % (s, n)), 0),
    "fewer": (lambda s, n: ok(TAKES % (s, n // 2)), 0),
    "none, as the peer has closed": (lambda s, n: ok(TAKES % (s, 0)), 0),
    "refused": (lambda s, n: b"\r\nERROR\r\n", 0),
    "more": (lambda s, n: ok(TAKES % (s, n * 10)), 5),
    "of another socket": (lambda s, n: ok(TAKES % (s + 1, n)), 5),
    "nothing said of it": (lambda s, n: ok(), 5),
    "damaged": (lambda s, n: b"\r\n" + TAKES % (s, n) + b"1\n\r\nOK\r\n", 5),
    "lost": (lambda s, n: b"", 5),
    "a restart": (lambda s, n: b"\r\ncellular ready\r\n", 104),
}  # fmt: skip


class Answering(Crowd):
    """Gives `answer(socket, length)` to the first write."""

    answer: Any = None
    asked = False

    def do_usowr(self, number: int, parts: list[str], rest: str) -> bytes:
        answer = super().do_usowr(number, parts, rest)
        if self.asked:
            return answer
        self.asked = True
        return self.answer(number, int(parts[1]))


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, Answering(SOCKETS[module]))
    made.modem.channel.greeting = b"cellular ready"
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


@pytest.mark.parametrize("what", ANSWERS)
def test_what_the_module_answers_to_a_send_that_was_given_up_decides(
    what: str, bench: Bench
) -> None:
    crowd: Answering = bench.partner  # type: ignore[assignment]
    answer, wanted = ANSWERS[what]
    crowd.answer = answer
    sock = bench.modem.socket()
    sock.settimeout(20)
    bench.call(sock.connect, (HOST, 7))
    channel = bench.modem.channel
    channel.keep_going = lambda: not crowd.asked
    with pytest.raises(OSError) as caught:
        bench.call(sock.send, b"a text of thirty bytes or less")
    assert caught.value.errno == 125
    channel.keep_going = None
    bench.pass_ms(40_000)  # until no answer can come any more
    for _ in range(2):  # the error stays
        try:
            bench.call(sock.sendall, b"more")
            assert not wanted
        except OSError as error:
            assert error.errno == wanted, error
    assert bytes(crowd.named(HOST).received).endswith(b"" if wanted else b"moremore")


def test_after_a_send_that_was_never_answered_a_program_cannot_send_the_same_again(
    bench: Bench,
) -> None:
    """After a time-out of `send()` programs send the same again: nothing was sent, they are told
    by CPython's. Here the module may have it."""
    crowd: Answering = bench.partner  # type: ignore[assignment]
    crowd.answer = lambda s, n: b""
    sock = bench.modem.socket()
    bench.call(sock.connect, (HOST, 7))
    sock.settimeout(1)
    with pytest.raises(OSError) as caught:
        bench.call(sock.send, b"once only")
    assert caught.value.errno == 110
    bench.line.push(ok(b"+USOWR: 0,9"))
    bench.pass_ms(100)
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            bench.call(sock.send, b"once only")
        assert caught.value.errno == 5
    assert crowd.named(HOST).received == b"once only"


def test_blanks_in_place_of_a_payload_that_could_not_be_kept_are_reported(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd: Answering = bench.partner  # type: ignore[assignment]
    crowd.asked = True
    sock = bench.modem.socket()
    bench.call(sock.connect, (HOST, 7))
    channel = bench.modem.channel

    def no_memory(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(keeping, "memoryview", no_memory, raising=False)
    channel.keep_going = lambda: channel.state != 4  # the pause after the prompt
    data = bytearray(b"\x00" * 200)
    with pytest.raises(OSError):
        bench.call(sock.send, data)
    channel.keep_going = None
    with pytest.raises(OSError) as caught:
        bench.call(sock.send, b"more")
    assert caught.value.errno == 5
    assert crowd.named(HOST).received == b" " * 200
