"""What a lost digit or a time-out must not do to a stream: send twice, or lose what was read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES], ids=str)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    flavour, module = request.param
    made = Node(module, flavour)
    made.up()
    yield made
    made.close()


@pytest.mark.parametrize("byte", range(24))
def test_a_damaged_count_never_has_bytes_sent_twice(node: Node, byte: int) -> None:
    sock = node.stream()
    node.echo(sock, b"to begin with")
    text = bytes(range(65, 91)) + b"+"
    node.module.faults.load(f"drop=out@{node.module.faults.out.count + byte}")
    with contextlib.suppress(OSError):
        node.call(sock.sendall, text)
    node.module.faults.clear()
    node.pass_ms(500)
    assert text.startswith(node.tcp.last.received[13:])


def test_a_buffer_used_again_is_not_sent_for_a_lost_prompt(node: Node) -> None:
    sock = node.stream()
    peer = node.tcp.last
    buf = bytearray(b"\0first" * 100)
    node.module.faults.load(f"drop=out@{node.module.faults.out.count + 2}")  # \r\n@
    with pytest.raises(OSError):
        node.call(sock.sendall, buf)
    node.module.faults.clear()
    buf[:] = b"secret" * 100
    node.usable()
    assert len(peer.received) in (0, len(buf))
    assert b"secr" not in peer.received


def test_what_was_read_before_a_time_out_comes_with_the_next_read(node: Node) -> None:
    sock = node.stream()
    node.echo(sock, b"to begin with")
    sock.settimeout(2)
    peer = node.tcp.last
    peer.send(b"half a li")
    with pytest.raises(OSError) as caught:
        node.call(sock.readline)
    assert caught.value.errno == 110
    peer.send(b"ne\nand 300 more" + b"." * 300)
    assert node.call(sock.readline) == b"half a line\n"
    with pytest.raises(OSError):
        node.call(sock.read, 1000)
    peer.send(b"!")
    node.pass_ms(500)
    assert node.call(sock.read, 313) == b"and 300 more" + b"." * 300 + b"!"
