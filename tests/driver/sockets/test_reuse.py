"""Ids that the module gives out again at once: no socket ever gets another's data."""

from __future__ import annotations

import pytest
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import Model

PEER = ("192.0.2.7", 7)
ACCEPTED = b'\r\n+UUSOLI: 0,"192.0.2.9",99,1,"192.0.2.1",5000\r\n'


@pytest.fixture(params=FLAVOURS)
def bench(request):  # type: ignore[no-untyped-def]
    made = Bench(request.param, "sara-r5", Model())
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


def test_an_accepted_connection_may_have_the_id_of_one_that_has_just_ended(bench: Bench) -> None:
    bench.partner.opened = {0}  # id 0 is given out below by hand, the listener gets 1
    server = bench.modem.socket()
    server.settimeout(5)
    bench.call(server.bind, ("", 5000))
    bench.call(server.listen)
    bench.partner.opened = {1}
    old = bench.modem.socket()
    old.settimeout(5)
    bench.call(old.connect, PEER)
    bench.partner.unread = b"for the accepted one"
    bench.line.push(b"\r\n+UUSOCL: 0\r\n" + ACCEPTED + b"\r\n+UUSORD: 0,20\r\n")
    bench.pass_ms(100)
    assert bench.call(old.recv, 100) == b""
    bench.call(old.close)
    sock, address = bench.call(server.accept)
    sock.settimeout(5)
    assert address == ("192.0.2.9", 99)
    assert bench.call(sock.recv, 100) == b"for the accepted one"


def test_a_new_socket_may_have_the_id_of_one_that_has_ended(bench: Bench) -> None:
    old = bench.modem.socket()
    bench.call(old.connect, PEER)
    bench.line.push(b"\r\n+UUSOCL: 0\r\n")
    bench.pass_ms(100)
    bench.partner.opened.clear()
    new = bench.modem.socket()
    new.settimeout(5)
    bench.call(new.connect, PEER)
    bench.partner.unread = b"for the new one"
    bench.line.push(b"\r\n+UUSORD: 0,15\r\n")
    bench.pass_ms(100)
    assert bench.call(old.recv, 100) == b""
    with pytest.raises(OSError):
        bench.call(old.send, b"x")
    bench.call(old.close)
    assert 0 in bench.partner.opened, "closing the old one has closed the new one"
    assert bench.call(new.recv, 100) == b"for the new one"
    assert bench.call(new.send, b"still there") == 11
