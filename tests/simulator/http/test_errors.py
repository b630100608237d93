"""HTTP operations that fail: class and code of +UHTTPER, and what is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.http_server import ok, result, serve
from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

GET = 'AT+UHTTPC=0,1,"/","get.ffs"'
FAILED = "+UUHTTPCR: 0,1,0"


def code(bench: Bench) -> str:
    return bench.ok("AT+UHTTPER=0")[0].removeprefix("+UHTTPER: 0,")


def failed(bench: Bench, command: str = GET) -> str:
    """Class and code of an operation whose URC tells failure."""
    action = command.split(",")[1]
    assert result(bench, command) == f"+UUHTTPCR: 0,{action},0"
    return code(bench)


def refused(bench: Bench, command: str = GET) -> tuple[str, str]:
    """The final result of an order not taken, and class and code."""
    return bench.error(command), code(bench)


@pytest.fixture(params=["sara-r5", "lexi-r10"])
def bench(request: pytest.FixtureRequest, make_bench: Make) -> Bench:
    made = make_bench(request.param, online=True)
    made.ok("AT+CMEE=1")
    return made


# -- refused at once ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ('AT+UHTTPC=0,9,"/","f"', "10,2"),
        ('AT+UHTTPC=0,1,"/"', "10,2"),
        ('AT+UHTTPC=0,1,"/","f",1', "10,2"),
        ('AT+UHTTPC=0,1,"","f"', "10,37"),
        ('AT+UHTTPC=0,1,"/a b","f"', "10,37"),
        (f'AT+UHTTPC=0,1,"/{"p" * 128}","f"', "10,38"),
        (f'AT+UHTTPC=0,1,"/","{"f" * 249}"', "10,36"),
        (f'AT+UHTTPC=0,4,"/","f","{"s" * 249}",1', "10,39"),
        ('AT+UHTTPC=0,4,"/","f","s"', "10,18"),
        ('AT+UHTTPC=0,4,"/","f","s",7', "10,18"),
        ('AT+UHTTPC=0,4,"/","f","s",6', "10,40"),
        (f'AT+UHTTPC=0,4,"/","f","s",6,"{"t" * 65}"', "10,40"),
        (f'AT+UHTTPC=0,5,"/","f","{"d" * 129}",1', "10,15"),
    ],
)
def test_wrong_parameters(bench: Bench, command: str, why: str) -> None:
    serve(bench, ok())
    assert refused(bench, command) == ("+CME ERROR: 50", why)


def test_file_names_are_shorter_on_lexi_r10(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    serve(bench, ok())
    assert result(bench, f'AT+UHTTPC=0,1,"/","{"f" * 63}"') == "+UUHTTPCR: 0,1,1"
    assert refused(bench, f'AT+UHTTPC=0,1,"/","{"f" * 64}"')[1] == "10,36"


def test_no_server(bench: Bench) -> None:
    assert refused(bench) == ("+CME ERROR: 3", "10,7")


def test_no_data_connection(bench: Bench) -> None:
    serve(bench, ok())
    bench.ok("AT+CFUN=4")
    bench.pass_ms(1000)
    bench.take()
    assert refused(bench) == ("+CME ERROR: 3", "10,22")


def test_one_operation_per_profile(bench: Bench) -> None:
    server = serve(bench, lambda request, connection: None)
    bench.ok(GET)
    bench.pass_ms(200)
    assert refused(bench) == ("+CME ERROR: 3", "10,30")
    server.peer.last.send(ok())
    assert bench.expect_urc() == "+UUHTTPCR: 0,1,1"
    assert code(bench) == "0,0"


def test_misuse_told_by_urc(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, variants={"http-misuse-urc"})
    assert failed(bench) == "10,7"


def test_direct_link_needs_its_mode(bench: Bench) -> None:
    serve(bench, ok())
    wanted = "10,2" if bench.module.spec.name == "SARA-R5" else "10,45"
    assert refused(bench, 'AT+UHTTPC=0,7,"/",1,,5')[1] == wanted


# -- files ----------------------------------------------------------------------------------


def test_source_missing_or_empty(bench: Bench) -> None:
    server = serve(bench, ok())
    bench.module.files.save("empty", b"")
    assert failed(bench, 'AT+UHTTPC=0,4,"/","out","nothing",1') == "4,6"
    assert failed(bench, 'AT+UHTTPC=0,4,"/","out","empty",1') == "3,17"
    assert server.requests == []


def test_answer_too_large_for_the_file_system(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, file_space=10_000)
    bench.module.files.save("other", b"x" * 5000)
    serve(bench, ok(b"y" * 20_000))
    assert failed(bench) == "3,43"
    assert 0 < bench.module.files.size("get.ffs") <= 5000


def test_answer_file_open_elsewhere(bench: Bench) -> None:
    serve(bench, ok())
    with bench.module.files.open_for_writing("get.ffs"):
        assert failed(bench) == "4,4"
    assert result(bench, GET) == "+UUHTTPCR: 0,1,1"


def test_an_unanswered_request_leaves_the_old_file(bench: Bench) -> None:
    server = serve(bench, lambda request, connection: connection.close())
    bench.module.files.save("get.ffs", b"old")
    assert failed(bench) == "3,44"
    assert len(server.requests) == 1
    assert bench.module.files.load("get.ffs") == b"old"


# -- the way to the server ------------------------------------------------------------------


def test_name_unknown(bench: Bench) -> None:
    bench.ok('AT+UHTTP=0,1,"nowhere.test"')
    assert failed(bench) == "3,23"


def test_refused_connection(bench: Bench) -> None:
    serve(bench, ok()).close()
    assert failed(bench) == "3,11"


@pytest.mark.parametrize(("by_name", "why"), [(True, "3,23"), (False, "3,26")])
def test_out_of_coverage(bench: Bench, by_name: bool, why: str) -> None:
    serve(bench, ok())
    if not by_name:
        bench.ok('AT+UHTTP=0,0,"127.0.0.1"')
    bench.ok("AT+UHTTP=0,7,30")
    bench.module.set_coverage(False)
    start = bench.loop.time()
    assert failed(bench) == why
    assert 30 <= bench.loop.time() - start < 31


def test_an_answer_that_does_not_come(bench: Bench) -> None:
    serve(bench, lambda request, connection: None)
    start = bench.loop.time()
    assert failed(bench) == "3,28"
    assert 180 <= bench.loop.time() - start < 181


def test_a_server_that_stalls_in_the_body(bench: Bench) -> None:
    answer = ok(b"x" * 1000)
    serve(bench, lambda request, connection: connection.send(answer[:500]))
    bench.ok("AT+UHTTP=0,7,30")
    assert failed(bench) == "3,28"
    assert bench.module.files.load("get.ffs") == answer[:500]


def test_a_slow_server_is_waited_for(bench: Bench) -> None:
    """The time-out is one of silence, not of the whole."""
    answer = ok(b"x" * 100)
    server = serve(bench, lambda request, connection: None)
    bench.ok("AT+UHTTP=0,7,30")
    bench.ok(GET)
    bench.pass_ms(100)
    for at in range(0, len(answer), 40):
        bench.expect_silence(29_000)
        server.peer.last.send(answer[at : at + 40])
    assert bench.expect_urc() == "+UUHTTPCR: 0,1,1"


def test_a_server_that_takes_nothing(bench: Bench) -> None:
    bench.module.files.save("src", bytes(1_000_000))
    bench.module.options.uplink_bps = 1_000_000
    server = serve(bench, ok(), receive_buffer=4096)
    bench.ok("AT+UHTTP=0,7,30")
    bench.ok('AT+UHTTPC=0,4,"/","out","src",2')
    while not server.peer.connections:
        bench.pass_ms(10)
    server.peer.last.pause()
    assert bench.expect_urc(60_000) == "+UUHTTPCR: 0,4,0"
    assert code(bench) == "3,29"


def test_an_early_answer_to_a_large_body(bench: Bench) -> None:
    bench.module.files.save("src", bytes(1_000_000))
    bench.module.options.uplink_bps = 1_000_000
    server = serve(bench, ok(), receive_buffer=4096)
    answer = ok(b"too large", status="HTTP/1.1 413 Too Large")
    bench.ok('AT+UHTTPC=0,4,"/","out","src",2')
    while not server.peer.connections:
        bench.pass_ms(10)
    server.peer.last.pause()
    server.peer.last.send(answer)
    server.peer.last.half_close()
    assert bench.expect_urc(60_000) == "+UUHTTPCR: 0,4,1"
    assert bench.module.files.load("out") == answer


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_server_that_cuts_off(bench: Bench, how: str) -> None:
    """Wrong Content-Length: what came is stored, the result tells that it is not all."""
    answer = ok(b"x" * 1000)
    server = serve(bench, lambda request, connection: connection.send(answer[:500]))
    bench.ok(GET)
    bench.pass_ms(500)
    getattr(server.peer.last, how)()
    assert bench.expect_urc() == FAILED
    assert code(bench) == "3,44"
    assert bench.module.files.load("get.ffs") == answer[:500]


def test_a_chunked_answer_cut_off(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    serve(bench, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    assert failed(bench) == "3,44"
    assert bench.module.files.load("get.ffs").endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("answer", [b"\x16\x03\x01 no HTTP\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_what_is_no_http(bench: Bench, answer: bytes) -> None:
    serve(bench, answer)
    assert failed(bench) == "3,12"
    assert "get.ffs" not in bench.module.files.names()


# -- the module in the middle of an operation -----------------------------------------------


def test_coverage_lost_and_found(bench: Bench) -> None:
    body = b"x" * 200_000
    answer = ok(body)
    server = serve(bench, lambda request, connection: None)
    bench.ok(GET)
    bench.pass_ms(200)
    bench.module.set_coverage(False)
    server.peer.last.send(answer)
    bench.expect_silence(100_000)
    bench.module.set_coverage(True)
    assert bench.expect_urc(60_000) == "+UUHTTPCR: 0,1,1"
    assert bench.module.files.load("get.ffs") == answer


def test_radio_switched_off(bench: Bench) -> None:
    serve(bench, lambda request, connection: connection.send(ok(b"x" * 1000)[:500]))
    bench.ok(GET)
    bench.pass_ms(500)
    bench.ok("AT+CFUN=4")
    bench.pass_ms(1000)
    assert FAILED in bench.take()
    assert code(bench) == "3,44"
    bench.ok("AT+CFUN=1")
    bench.go_online()
    serve(bench, ok())
    assert result(bench, GET) == "+UUHTTPCR: 0,1,1"


def test_a_restart_ends_everything(bench: Bench) -> None:
    answer = ok(b"x" * 1000)
    server = serve(bench, lambda request, connection: connection.send(answer[:500]))
    bench.ok(GET)
    bench.pass_ms(500)
    bench.module.restart()
    bench.pass_ms(10_000)
    assert server.peer.last.eof
    bench.ok("ATE0")
    assert bench.module.files.load("get.ffs") == answer[:500]
    assert code(bench) == "0,0"
    bench.go_online()
    serve(bench, ok())
    assert result(bench, GET) == "+UUHTTPCR: 0,1,1"
    assert bench.module.sockets.guests == set()


@pytest.mark.parametrize("link", [False, True])
def test_a_restart_at_any_moment(make_bench: Make, link: bool) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.module.options.downlink_bps = 100_000
    for ms in range(0, 400, 23):
        serve(bench, ok(b"x" * 3000))
        bench.ok(f"AT+UHTTP=0,10,{int(link)}")
        bench.send(GET)
        bench.pass_ms(ms)
        bench.module.restart()
        bench.pass_ms(10_000)
        bench.take()
        bench.ok("ATE0")
        bench.go_online()
    serve(bench, ok())
    assert result(bench, GET) == "+UUHTTPCR: 0,1,1"
    assert bench.module.sockets.guests == set()


def test_an_operation_keeps_lexi_r10_from_deep_sleep(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    server = serve(bench, lambda request, connection: None)
    bench.ok("AT+UUSBCONF=99")
    bench.ok("AT+UPSV=1,1000,3")
    bench.ok(GET)
    bench.pass_ms(60_000)
    assert not bench.module.sleeper.deep
    server.peer.last.send(ok())
    assert bench.expect_urc() == "+UUHTTPCR: 0,1,1"
    bench.pass_ms(30_000)
    assert bench.module.sleep_state == "sleep2"
