"""HTTP through the file system: requests, answers and what is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.http_server import HttpServer, fetched, ok, result, serve
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]


def test_get_stores_the_answer_as_it_came(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    answer = ok(b"a\0b\r\nOK\r\n", "X-Odd-CASE:  two  words")
    server = serve(bench, answer)
    assert fetched(bench) == answer
    version = "1.0" if module_name == "sara-r5" else "1.1"
    assert server.last.line == f"GET / HTTP/{version}"
    assert server.last.header("Host") == f"www.server.test:{server.peer.port}"
    assert server.last.header("Connection") == "close"
    agent = "UBlox SARA-R5/1.0 (HTTP 1.0)" if version == "1.0" else "UBLOX-HttpClient V3.0"
    assert server.last.header("User-Agent") == agent
    assert server.last.header("Content-Length") is None
    assert server.last.header("Authorization") is None


@pytest.mark.parametrize(("action", "method"), [(0, "HEAD"), (2, "DELETE")])
def test_requests_without_body(
    make_bench: Make, module_name: str, action: int, method: str
) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, b"HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\n")
    assert result(bench, f'AT+UHTTPC=0,{action},"/a?b=c","x"') == f"+UUHTTPCR: 0,{action},1"
    assert server.last.line.startswith(f"{method} /a?b=c HTTP/1.")
    assert bench.module.files.load("x").endswith(b"99\r\n\r\n")


@pytest.mark.parametrize(
    ("action", "tail", "method", "kind"),
    [
        (3, '"src"', "PUT", "application/octet-stream"),
        (3, '"src",4', "PUT", "application/json"),
        (4, '"src",1', "POST", "text/plain"),
        (4, '"src",6,"a/b; c=d"', "POST", "a/b; c=d"),
        (5, '"hello world",0', "POST", "application/x-www-form-urlencoded"),
        (5, '"hello world",5', "POST", "application/xml"),
    ],
)
def test_requests_with_body(
    make_bench: Make, module_name: str, action: int, tail: str, method: str, kind: str
) -> None:
    bench = make_bench(module_name, online=True)
    bench.module.files.save("src", b"hello world")
    server = serve(bench, ok())
    command = f'AT+UHTTPC=0,{action},"/post","out",{tail}'
    assert result(bench, command) == f"+UUHTTPCR: 0,{action},1"
    assert server.last.line.startswith(f"{method} /post HTTP/1.")
    assert server.last.body == b"hello world"
    assert server.last.header("Content-Type") == kind
    assert server.last.header("Content-Length") == "11"


def test_basic_authentication_and_custom_headers(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, ok())
    bench.ok('AT+UHTTP=0,2,"user"')
    bench.ok('AT+UHTTP=0,3,"pass word"')
    bench.ok("AT+UHTTP=0,4,1")
    bench.ok('AT+UHTTP=0,9,"0:X-Test:one two"')
    bench.ok('AT+UHTTP=0,9,"3:user-agent:mine"')
    bench.ok('AT+UHTTP=0,9,"4:Content-Length:7"')
    fetched(bench)
    assert server.last.header("Authorization") == "Basic dXNlcjpwYXNzIHdvcmQ="
    assert server.last.header("X-Test") == "one two"
    assert server.last.header("User-Agent") == "mine"
    assert server.last.header("Content-Length") is None  # framing is not the host's business
    bench.ok('AT+UHTTP=0,9,"0:"')
    bench.ok("AT+UHTTP=0,4,0")
    fetched(bench)
    assert server.last.header("X-Test") is None
    assert server.last.header("Authorization") is None


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "500 Oops"])
def test_any_status_is_a_result_and_no_redirect_is_followed(
    make_bench: Make, module_name: str, status: str
) -> None:
    bench = make_bench(module_name, online=True)
    answer = ok(b"x", "Location: /elsewhere", status=f"HTTP/1.1 {status}")
    server = serve(bench, answer)
    assert fetched(bench) == answer
    assert len(server.requests) == 1


def test_an_answer_without_length_ends_with_the_connection(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    answer = b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + b"body " * 1000
    serve(bench, answer)
    assert fetched(bench) == answer


def test_a_complete_answer_does_not_wait_for_the_end(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    server = serve(bench, lambda request, connection: connection.send(ok(b"12345") + b"more"))
    start = bench.loop.time()
    assert fetched(bench) == ok(b"12345")
    assert bench.loop.time() - start < 1
    bench.pass_ms(10)
    assert server.peer.last.eof


def test_one_mebibyte(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    body = bytes(range(256)) * 4096
    serve(bench, ok(body))
    assert fetched(bench) == ok(body)


def test_the_downlink_paces_the_answer(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, downlink_bps=80_000)
    serve(bench, ok(b"x" * 100_000))
    start = bench.loop.time()
    fetched(bench)
    assert 10 <= bench.loop.time() - start < 11


def test_a_body_larger_than_every_buffer_is_sent(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    body = bytes(range(256)) * 1024
    bench.module.files.save("src", body)
    server = serve(bench, ok())
    assert result(bench, 'AT+UHTTPC=0,4,"/","out","src",2') == "+UUHTTPCR: 0,4,1"
    assert server.last.body == body


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n"


@pytest.mark.parametrize(
    ("module", "variants", "raw"),
    [
        ("sara-r5", set(), True),
        ("lexi-r10", set(), False),
        ("lexi-r10", {"http-chunks-raw"}, True),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_chunked_answers(
    make_bench: Make, module: str, variants: set[str], raw: bool, step: int
) -> None:
    bench = make_bench(module, online=True, variants=variants)
    server = serve(bench, lambda request, connection: None)
    bench.ok('AT+UHTTPC=0,1,"/","get.ffs"')
    bench.pass_ms(200)
    data = CHUNKED + CHUNKS + b"not part of it"
    for at in range(0, len(data), step):
        server.peer.last.send(data[at : at + step])
        bench.clock.sleep_ms(1)
    assert bench.expect_urc() == "+UUHTTPCR: 0,1,1"
    assert bench.module.files.load("get.ffs") == CHUNKED + (CHUNKS if raw else b"hello world")


def test_continue_is_no_answer(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    serve(bench, b"HTTP/1.1 100 Continue\r\n\r\n" + ok())
    assert fetched(bench) == ok()


def test_the_answer_replaces_the_file(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.module.files.save("get.ffs", b"x" * 1000)
    serve(bench, ok())
    assert fetched(bench) == ok()


def test_without_a_name_the_answer_has_one_of_its_own(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    serve(bench, ok())
    assert result(bench, 'AT+UHTTPC=0,1,"/",""') == "+UUHTTPCR: 0,1,1"
    assert bench.module.files.load("http_last_response_0") == ok()


def test_an_address_in_place_of_a_name(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, routes={"10.1.2.3": "127.0.0.1"})
    server = HttpServer(bench, ok())
    bench.ok('AT+UHTTP=0,0,"10.1.2.3"')
    bench.ok(f"AT+UHTTP=0,5,{server.peer.port}")
    fetched(bench)
    assert server.last.header("Host") == f"10.1.2.3:{server.peer.port}"


def test_profiles_of_sara_r5_work_at_once(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    servers = [serve(bench, lambda request, connection: None, n) for n in range(4)]
    for n in range(4):
        bench.ok(f'AT+UHTTPC={n},1,"/{n}","f{n}"')
    bench.pass_ms(500)
    for n in (2, 0, 3, 1):
        servers[n].peer.last.send(ok(b"%d" % n))
        assert bench.expect_urc() == f"+UUHTTPCR: {n},1,1"
        assert bench.module.files.load(f"f{n}") == ok(b"%d" % n)


def test_own_version_variant(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, variants={"http-own-version"})
    serve(bench, ok(status="HTTP/1.1 200 Fine"))
    version = "HTTP/1.0" if module_name == "sara-r5" else "HTTP/1.1"
    assert fetched(bench) == ok(status=f"{version} 200 Fine")


def test_keep_alive_variant(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, variants={"http-keep-alive"})
    server = serve(bench, lambda request, connection: connection.send(ok()))
    assert fetched(bench) == ok()
    assert server.last.header("Connection") == "keep-alive"
