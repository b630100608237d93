"""HTTP over direct link on LEXI-R10: CONNECT, bytes both ways, DISCONNECT, OK, URC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.support.http_server import Answer, HttpServer, ok, serve
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

CONNECT, DISCONNECT = b"\r\nCONNECT\r\n", b"\r\nDISCONNECT\r\n\r\nOK\r\n"
GET = 'AT+UHTTPC=0,1,"/","ignored"'


def linked(make_bench: Make, answer: Answer | bytes, **options: Any) -> tuple[Bench, HttpServer]:
    bench = make_bench("lexi-r10", online=True, **options)
    bench.ok("AT+CMEE=1")
    server = serve(bench, answer)
    bench.ok("AT+UHTTP=0,10,1")
    bench.raw.clear()
    return bench, server


def received(bench: Bench, urc: bytes, ms: float = 200_000) -> bytes:
    """All that came between CONNECT and DISCONNECT; the URC follows."""
    end = DISCONNECT + b"\r\n" + urc + b"\r\n"
    limit = bench.loop.time() + ms / 1000
    while end not in bench.raw and bench.loop.time() < limit:
        bench.pass_ms(10)
    raw = bytes(bench.raw)
    assert raw.startswith(CONNECT), raw[:80]
    assert raw.endswith(end), raw[-80:]
    bench.raw.clear()
    bench.take()
    return raw[len(CONNECT) : -len(end)]


def test_get(make_bench: Make) -> None:
    answer = ok(b"\r\nOK\r\n+++\0" * 100)
    bench, server = linked(make_bench, answer)
    bench.send(GET)
    assert received(bench, b"+UUHTTPCR: 0,1,1") == answer
    assert server.last.line == "GET / HTTP/1.1"
    assert bench.module.files.names() == []
    bench.ok("AT")


def test_the_file_may_be_left_out(make_bench: Make) -> None:
    bench, _ = linked(make_bench, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
    bench.send('AT+UHTTPC=0,0,"/"')
    assert received(bench, b"+UUHTTPCR: 0,0,1").endswith(b"7\r\n\r\n")


def test_file_operations_are_refused(make_bench: Make) -> None:
    bench, _ = linked(make_bench, ok())
    bench.module.files.save("src", b"x")
    assert bench.error('AT+UHTTPC=0,4,"/","out","src",1') == "+CME ERROR: 3"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,10,45"]


def test_post_and_put(make_bench: Make) -> None:
    bench, server = linked(make_bench, ok())
    body = bytes(range(256)) * 20
    for action, method in ((7, "POST"), (6, "PUT")):
        bench.send(f'AT+UHTTPC=0,{action},"/x",6,"a/b",{len(body)}')
        assert bench.expect_line() == b"CONNECT"
        bench.clock.sleep_ms(50)
        bench.uart.write(body)
        assert received(bench, b"+UUHTTPCR: 0,%d,1" % action) == ok()
        assert server.last.line == f"{method} /x HTTP/1.1"
        assert server.last.body == body
        assert server.last.header("Content-Type") == "a/b"


def test_strict_mode_watches_the_body(make_bench: Make) -> None:
    bench, _ = linked(make_bench, ok(), strict=True)
    bench.send('AT+UHTTPC=0,7,"/x",1,,3')
    assert bench.expect_line() == b"CONNECT"
    bench.clock.sleep_ms(50)
    bench.uart.write(b"abc")
    received(bench, b"+UUHTTPCR: 0,7,1")
    assert bench.module.violations == []
    bench.send('AT+UHTTPC=0,7,"/x",1,,3')
    assert bench.expect_line() == b"CONNECT"
    bench.uart.write(b"abc")
    bench.pass_ms(1000)
    assert [v.text.split(" ", 1)[0] for v in bench.module.violations] == ["payload"]


def test_three_plus_signs_as_body(make_bench: Make) -> None:
    """Without the guard time in front they are data like any other."""
    bench, server = linked(make_bench, ok())
    bench.send('AT+UHTTPC=0,7,"/",1,,5')
    assert bench.expect_line() == b"CONNECT"
    bench.clock.sleep_ms(1500)
    bench.uart.write(b"+++ab")
    received(bench, b"+UUHTTPCR: 0,7,1")
    assert server.last.body == b"+++ab"


def test_a_slow_line_holds_the_server_back(make_bench: Make) -> None:
    body = bytes(range(256)) * 400
    bench, _ = linked(make_bench, lambda request, connection: connection.send(ok(body)))
    start = bench.loop.time()
    bench.send(GET)
    bench.pass_ms(2000)
    (endpoint,) = bench.module.sockets.guests
    assert endpoint.unread == endpoint.receive_limit
    assert received(bench, b"+UUHTTPCR: 0,1,1") == ok(body)
    seconds = len(body) * 10 / 115200
    assert seconds < bench.loop.time() - start < seconds * 1.02 + 0.2


def test_the_host_escapes(make_bench: Make) -> None:
    answer = ok(b"x" * 1000)
    bench, server = linked(make_bench, lambda request, connection: connection.send(answer[:500]))
    bench.send(GET)
    bench.pass_ms(2000)
    bench.uart.write(b"+++")
    assert received(bench, b"+UUHTTPCR: 0,1,0") == answer[:500]
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,44"]
    bench.pass_ms(100)
    assert server.peer.last.eof


def test_a_host_that_stops_in_the_middle(make_bench: Make) -> None:
    bench, _ = linked(make_bench, ok())
    bench.ok("AT+UHTTP=0,7,30")
    bench.raw.clear()
    bench.send('AT+UHTTPC=0,7,"/",1,,10')
    assert bench.expect_line() == b"CONNECT"
    bench.clock.sleep_ms(50)
    bench.uart.write(b"half")
    assert received(bench, b"+UUHTTPCR: 0,7,0") == b""
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,29"]


def test_a_server_that_cuts_off(make_bench: Make) -> None:
    answer = ok(b"x" * 1000)[:700]
    bench, _ = linked(make_bench, answer)
    bench.send(GET)
    assert received(bench, b"+UUHTTPCR: 0,1,0") == answer
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,44"]


def test_failure_before_connect(make_bench: Make) -> None:
    bench, server = linked(make_bench, ok())
    server.close()
    assert bench.error(GET) == "+CME ERROR: 3"
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,11"]
    bench.expect_silence(1000)


def test_variant_connect_first(make_bench: Make) -> None:
    bench, server = linked(make_bench, ok(), variants={"http-link-connect-first"})
    server.close()
    bench.send(GET)
    assert received(bench, b"+UUHTTPCR: 0,1,0") == b""
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,3,11"]


def test_the_context_goes_down(make_bench: Make) -> None:
    answer = ok(b"x" * 1000)[:700]
    bench, _ = linked(make_bench, lambda request, connection: connection.send(answer))
    bench.send(GET)
    bench.pass_ms(500)
    bench.module.network.network_detaches()
    assert received(bench, b"+UUHTTPCR: 0,1,0") == answer


def test_a_restart_in_the_link(make_bench: Make) -> None:
    answer = ok(b"x" * 1000)[:700]
    bench, server = linked(make_bench, lambda request, connection: connection.send(answer))
    bench.send(GET)
    bench.pass_ms(500)
    bench.module.restart()
    bench.pass_ms(10_000)
    bench.take()
    assert server.peer.last.eof
    bench.ok("ATE0")
    assert bench.ok("AT+UHTTPER=0") == ["+UHTTPER: 0,0,0"]
    assert bench.module.sockets.guests == set()
