"""Sockets beyond the seeds' dialogues: limits, buffers, errors, close order, hex, direct link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.world.peers import Connection, connect_to

Make = Callable[..., Bench]
IDS = {"sara-r5": 7, "lexi-r10": 6}


def drain(bench: Bench, ident: int, total: int) -> bytes:
    """Read `total` bytes the way the rules ask for."""
    data = b""
    while len(data) < total:
        urc = bench.expect_urc()
        assert urc.startswith(f"+UUSORD: {ident},"), urc
        waiting = int(urc.split(",")[1])
        count = min(waiting, 1024)
        bench.send(f"AT+USORD={ident},{count}")
        head = b'+USORD: %d,%d,"' % (ident, count)
        bench.expect_bytes(head)
        while len(bench._buffer) < count + 1:
            assert bench.uart.wait(1000)
            fill(bench)
        data += bytes(bench._buffer[:count])
        del bench._buffer[: count + 1]
        assert bench.answer().final == "OK"
    return data


def fill(bench: Bench) -> None:
    """Raw bytes into the buffer, uncut."""
    count = bench.uart.readinto(bench._scratch)
    bench._buffer += bench._scratch[: count or 0]


def test_sockets_need_a_data_connection(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CFUN=0")
    bench.ok("AT+CMEE=2")
    assert bench.error("AT+USOCR=6") == "+CME ERROR: operation not allowed"


def test_ids_are_limited_and_the_lowest_free_one_is_given(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    for ident in range(IDS[module_name]):
        assert bench.ok(f"AT+USOCR={(6, 17)[ident % 2]}") == [f"+USOCR: {ident}"]
    assert bench.error("AT+USOCR=6") == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 105"]
    bench.ok("AT+USOCL=4")
    bench.ok("AT+USOCL=2")
    assert bench.ok("AT+USOCR=17") == ["+USOCR: 2"]
    assert bench.ok("AT+USOCR=17") == ["+USOCR: 4"]


def test_a_closed_port_refuses_with_the_real_errno(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    peer.close()
    bench.peers.clear()
    bench.ok("AT+USOCR=6")
    assert bench.error(f'AT+USOCO=0,"127.0.0.1",{peer.port}') == "ERROR"
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOER") == ["+USOER: 111"]
    bench.ok("AT+USOCR=6")
    bench.ok(f'AT+USOCO=0,"127.0.0.1",{peer.port},1')
    assert bench.expect_urc() == "+UUSOCO: 0,111"


def test_an_unknown_name_fails_with_the_resolver_error(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+USOCR=6")
    assert bench.error('AT+USOCO=0,"nowhere.example",7') == "ERROR"
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOER") == ["+USOER: 163"]


def test_an_asynchronous_connect_leaves_the_line_free_and_blocks_others(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True, connect_timeout_ms=30_000)
    peer = bench.tcp_peer()
    bench.ok("AT+USOCR=6")
    bench.ok("AT+USOCR=6")
    bench.module.set_coverage(False)
    bench.ok(f'AT+USOCO=0,"127.0.0.1",{peer.port},1')
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,2"]
    assert bench.error(f'AT+USOCO=1,"127.0.0.1",{peer.port},1') == "ERROR"
    bench.expect_silence(29_000)
    assert bench.expect_urc() == "+UUSOCO: 0,110"
    bench.module.set_coverage(True)
    bench.pass_ms(5000)
    bench.ok(f'AT+USOCO=1,"127.0.0.1",{peer.port},1')
    assert bench.expect_urc() == "+UUSOCO: 1,0"


def test_a_peer_may_answer_late_or_not_at_all(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, connect_ms=1000, connect_timeout_ms=30_000)
    peer = bench.tcp_peer()
    bench.ok("AT+USOCR=6")
    bench.ok(f'AT+USOCO=0,"127.0.0.1",{peer.port},1')
    bench.expect_silence(900)
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,2"]
    assert bench.expect_urc() == "+UUSOCO: 0,0"
    bench.ok("AT+USOCR=6")
    bench.module.options.connect_ms = 40_000
    bench.ok(f'AT+USOCO=1,"127.0.0.1",{peer.port},1')
    bench.expect_silence(29_000)
    assert bench.expect_urc() == "+UUSOCO: 1,110"
    assert bench.ok("AT+USOER") == ["+USOER: 110"]


def test_a_repeated_connect_closes_the_socket(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+USOCR=6")
    bench.module.set_coverage(False)
    bench.ok('AT+USOCO=0,"127.0.0.1",9,1')
    assert bench.error('AT+USOCO=0,"127.0.0.1",9,1') == "ERROR"
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOCR=6") == ["+USOCR: 0"]


def test_bytes_come_back_whole_and_the_receive_buffer_holds_up_the_peer(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    data = bytes(range(256)) * 1024
    peer.last.send(data)
    bench.clock.sleep_ms(1000)
    endpoint = bench.module.sockets.table[0]
    assert endpoint.unread == endpoint.receive_limit
    assert drain(bench, 0, len(data)) == data
    assert bench.module.violations == []


def test_the_transmit_queue_fills_when_the_peer_stops_reading(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer(receive_buffer=4096)
    bench.connected(peer)
    peer.last.pause()
    block = b"x" * 1024
    sent = 0
    for _ in range(5000):
        if bench.prompted("AT+USOWR=0,1024", block).final == "ERROR":
            break
        sent += 1024
    assert 0 < sent < 5_000_000
    assert bench.ok("AT+USOER") == ["+USOER: 11"]
    assert bench.ok("AT+USOCTL=0,1") == ["+USOCTL: 0,1,11"]
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,4"]
    assert int(bench.ok("AT+USOCTL=0,11")[0].split(",")[2]) > 1024
    peer.last.resume()
    bench.pass_ms(1000)
    assert len(peer.last.received) == sent
    assert bench.ok("AT+USOCTL=0,11") == ["+USOCTL: 0,11,0"]
    assert bench.ok("AT+USOCTL=0,2") == [f"+USOCTL: 0,2,{sent}"]
    assert bench.prompted("AT+USOWR=0,1024", block).final == "OK"


def test_lexi_takes_exactly_seven_kilobytes_without_uplink(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.module.set_coverage(False)
    for _ in range(7):
        assert bench.prompted("AT+USOWR=0,1024", b"y" * 1024).final == "OK"
    assert bench.error('AT+USOWR=0,1,"z"') == "ERROR"
    assert not peer.last.received
    bench.module.set_coverage(True)
    bench.pass_ms(10_000)
    assert len(peer.last.received) == 7 * 1024


def test_a_slow_uplink_paces_what_leaves(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True, uplink_bps=8000)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.prompted("AT+USOWR=0,1000", b"z" * 1000)
    bench.pass_ms(500)
    assert 400 < len(peer.last.received) < 700
    bench.pass_ms(600)
    assert len(peer.last.received) == 1000


@pytest.mark.parametrize(
    ("command", "accepted"),
    [
        ('AT+USOWR=0,3,"a,b"', True),
        ('AT+USOWR=0,2,"abc"', True),
        ('AT+USOWR=0,4,"abc"', False),
        ('AT+USOWR=0,1,"\n"', False),
        ('AT+USOWR=0,1,"\x15"', False),
        ('AT+USOWR=0,1,"\x00"', False),
        ('AT+USOWR=0,0,""', False),
        ("AT+USOWR=0,1025", False),
        ("AT+USOWR=0,0", False),
        ("AT+USOWR=7,1", False),
        ('AT+USOWR=0,1,"\xe9"', True),
        ('AT+USOWR=0,3,"a"b"', False),
        ("AT+USOWR=0,3,abc", False),
        ('AT+USOST=0,"127.0.0.1",9,1,"x"', False),
    ],
)
def test_base_syntax_takes_only_what_the_manual_allows(
    make_bench: Make, module_name: str, command: str, accepted: bool
) -> None:
    bench = make_bench(module_name, online=True)
    bench.connected(bench.tcp_peer())
    assert (bench.at(command).final == "OK") is accepted


def test_hex_mode_both_ways(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer(echo=True)
    bench.connected(peer)
    bench.ok("AT+UDCONF=1,1")
    assert bench.ok("AT+UDCONF=1") == ["+UDCONF: 1,1"]
    assert bench.ok('AT+USOWR=0,4,"00fF0d22"') == ["+USOWR: 0,4"]
    assert bench.expect_urc() == "+UUSORD: 0,4"
    assert bench.ok("AT+USORD=0,4") == ['+USORD: 0,4,"00FF0D22"']
    assert bench.ok(f'AT+USOWR=0,512,"{"ab" * 512}"') == ["+USOWR: 0,512"]
    for refused in (
        'AT+USOWR=0,2,"0"',
        'AT+USOWR=0,1,"zz"',
        f'AT+USOWR=0,513,"{"ab" * 513}"',
        "AT+USORD=0,513",
    ):
        assert bench.error(refused) == "ERROR"


def test_reading_nothing(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, strict=False)
    bench.connected(bench.tcp_peer())
    assert bench.ok("AT+USORD=0,5") == ['+USORD: 0,0,""']
    other = make_bench("sara-r5", online=True, strict=False, variants={"usord-short"})
    other.connected(other.tcp_peer())
    assert other.ok("AT+USORD=0,5") == ['+USORD: 0,""']


def test_the_end_is_reported_after_the_data_and_frees_the_socket(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    peer.last.send(b"last words")
    peer.last.close()
    assert bench.expect_urc() == "+UUSORD: 0,10"
    bench.expect_silence(1000)
    assert bench.ok("AT+USORD=0,0") == ["+USORD: 0,10"]
    assert bench.ok('AT+USOWR=0,1,"x"') == ["+USOWR: 0,0"]
    assert bench.ok("AT+USORD=0,10") == ['+USORD: 0,10,"last words"']
    assert bench.expect_urc() == "+UUSOCL: 0"
    bench.ok("AT+CMEE=2")
    assert bench.error("AT+USORD=0,1") == "+CME ERROR: operation not allowed"
    assert bench.ok("AT+USOER") == ["+USOER: 9"]
    assert bench.ok("AT+USOCR=6") == ["+USOCR: 0"]


def test_a_reset_by_the_peer_shows_in_the_last_error(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    peer.last.reset()
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOER") == ["+USOER: 104"]


def test_a_reset_leaves_what_was_received_and_is_the_last_error_of_the_socket(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    peer.last.send(b"unread")
    assert bench.expect_urc() == "+UUSORD: 0,6"
    assert bench.ok("AT+USOCTL=0,1") == ["+USOCTL: 0,1,0"]
    peer.last.reset()
    bench.expect_silence(1000)
    assert bench.ok("AT+USOCTL=0,1") == ["+USOCTL: 0,1,104"]
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,0"]
    assert bench.ok("AT+USOER") == ["+USOER: 104"]
    assert bench.ok("AT+USORD=0,6") == ['+USORD: 0,6,"unread"']
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOER") == ["+USOER: 104"]


def test_an_orderly_end_is_no_error_of_the_socket(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    peer = bench.tcp_peer()
    bench.connected(peer)
    peer.last.send(b"last words")
    peer.last.close()
    assert bench.expect_urc() == "+UUSORD: 0,10"
    bench.pass_ms(100)
    assert bench.ok("AT+USOCTL=0,1") == ["+USOCTL: 0,1,0"]
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,7"]
    assert bench.ok("AT+USORD=0,10") == ['+USORD: 0,10,"last words"']
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.ok("AT+USOER") == ["+USOER: 0"]


def test_an_asynchronous_close_reports_later_and_sends_what_is_queued(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, uplink_bps=8000)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.prompted("AT+USOWR=0,1000", b"q" * 1000)
    bench.ok("AT+USOCL=0,1")
    assert bench.take() == []
    assert bench.expect_urc() == "+UUSOCL: 0"
    bench.pass_ms(10)
    assert len(peer.last.received) == 1000 and peer.last.eof
    bench.ok("AT+USOCR=17")
    assert bench.error("AT+USOCL=0,1") == "ERROR"


def test_a_synchronous_close_waits_for_the_queue(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, uplink_bps=8000)
    bench.connected(bench.tcp_peer())
    bench.prompted("AT+USOWR=0,1000", b"q" * 1000)
    began = bench.loop.time()
    bench.ok("AT+USOCL=0")
    assert 0.7 < bench.loop.time() - began < 1.2
    bench.expect_silence(1000)


def visit(bench: Bench, port: int) -> Connection:
    """Somebody connects to the module."""
    return connect_to(bench.loop, bench.module.listen_ports()[port])


def test_a_listening_socket_accepts_several_peers(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, listen_map={1099: 0}, address="10.9.9.9")
    bench.ok("AT+USOCR=6")
    bench.ok("AT+USOLI=0,1099")
    assert bench.ok("AT+USOCTL=0,10") == ["+USOCTL: 0,10,1"]
    guests = []
    for ident in range(1, IDS[module_name]):
        guest = visit(bench, 1099)
        guests.append(guest)
        guest.send(b"hello")
        assert bench.expect_urc() == (
            f'+UUSOLI: {ident},"127.0.0.1",{guest.local[1]},0,"10.9.9.9",1099'
        )
        assert bench.expect_urc() == f"+UUSORD: {ident},5"
    one_too_many = visit(bench, 1099)
    bench.pass_ms(100)
    assert one_too_many.eof
    bench.ok('AT+USOWR=1,2,"hi"')
    bench.pass_ms(10)
    assert bytes(guests[0].received) == b"hi"
    for guest in (*guests, one_too_many):
        guest.abandon()


def test_a_listening_datagram_socket_announces_with_uusorf(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True, listen_map={5000: 0})
    bench.ok("AT+USOCR=17")
    bench.ok("AT+USOLI=0,5000")
    peer = bench.udp_peer()
    peer.send(b"", ("127.0.0.1", bench.module.listen_ports()[5000]))
    peer.send(b"datagram", ("127.0.0.1", bench.module.listen_ports()[5000]))
    assert bench.expect_urc() == "+UUSORF: 0,8"
    bench.ok("AT+USORF=0,0")


def test_datagrams_keep_their_borders_and_what_does_not_fit_is_lost(
    make_bench: Make, module_name: str
) -> None:
    bench = make_bench(module_name, online=True, receive_buffer=1000)
    peer = bench.udp_peer()
    bench.ok("AT+USOCR=17")
    bench.ok(f'AT+USOCO=0,"127.0.0.1",{peer.port}')
    bench.ok('AT+USOWR=0,2,"go"')
    bench.pass_ms(5)
    for size in (300, 400, 500, 200):
        peer.send(b"%03d" % size + b"." * (size - 3))
    assert bench.expect_urc() in ("+UUSORD: 0,300", "+UUSORD: 0,700", "+UUSORD: 0,900")
    sizes = []
    for _ in range(3):
        bench.pass_ms(50)
        bench.take()
        data = bench.ok("AT+USORD=0,0")[0]
        assert data.startswith("+USORD: 0,")
        waiting = int(data.split(",")[1])
        answer = bench.ok(f"AT+USORD=0,{waiting}")[0]
        sizes.append(int(answer.split(",")[1]))
    assert sizes == [300, 400, 200]


def test_a_datagram_socket_without_peer_cannot_write(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+USOCR=17")
    assert bench.error('AT+USOWR=0,1,"x"') == "ERROR"
    assert bench.ok("AT+USOER") == ["+USOER: 89"]


@pytest.mark.parametrize(
    ("level", "option", "values"),
    [
        (0, 1, "16"),
        (0, 2, "64"),
        (6, 1, "1"),
        (6, 2, "30000"),
        (65535, 4, "1"),
        (65535, 8, "1"),
        (65535, 32, "1"),
        (65535, 128, "1,1000"),
        (65535, 512, "1"),
    ],
)
def test_options_are_kept(
    make_bench: Make, module_name: str, level: int, option: int, values: str
) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+USOCR=6")
    bench.ok(f"AT+USOSO=0,{level},{option},{values}")
    assert bench.ok(f"AT+USOGO=0,{level},{option}") == [f"+USOGO: {values}"]


def test_option_defaults_and_bad_ones(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.ok("AT+USOCR=6")
    assert bench.ok("AT+USOGO=0,6,2") == ["+USOGO: 7200000"]
    assert bench.ok("AT+USOGO=0,0,2") == ["+USOGO: 255"]
    for bad in ("AT+USOSO=0,65535,8,2", "AT+USOSO=0,65535,7,1", "AT+USOSO=0,65535,128,1"):
        assert bench.error(bad) == "ERROR"


def test_losing_the_context_closes_its_sockets(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True)
    bench.connected(bench.tcp_peer())
    bench.ok("AT+USOCR=17")
    bench.ok("AT+CFUN=4")
    bench.pass_ms(100)
    assert bench.take() == ["+UUPSDD: 0", "+UUSOCL: 0", "+UUSOCL: 1"]
    lexi = make_bench("lexi-r10", online=True)
    lexi.connected(lexi.tcp_peer())
    lexi.ok("AT+CFUN=4")
    assert lexi.expect_urc() == "+UUSOCL: 0"


class TestDirectLink:
    """+USODL and its escape."""

    def link(self, make_bench: Make, name: str) -> tuple[Bench, Connection]:
        bench = make_bench(name, online=True)
        peer = bench.tcp_peer()
        bench.connected(peer)
        bench.send("AT+USODL=0")
        assert bench.answer().final == "CONNECT"
        return bench, peer.last

    def test_bytes_pass_both_ways_and_the_escape_leaves(
        self, make_bench: Make, module_name: str
    ) -> None:
        bench, far = self.link(make_bench, module_name)
        bench.uart.write(b"+++\r\nAT\r\x00\xff")
        bench.pass_ms(20)
        assert bytes(far.received) == b"+++\r\nAT\r\x00\xff"
        far.send(b"from afar, no line end")
        bench.expect_bytes(b"from afar, no line end")
        bench.pass_ms(1100)
        bench.uart.write(b"+++")
        answer = bench.answer()
        assert (answer.text, answer.final) == (["DISCONNECT"], "OK")
        assert len(far.received) == 10
        far.send(b"later")
        assert bench.expect_urc() == "+UUSORD: 0,5"
        assert bench.module.violations == []

    @pytest.mark.parametrize(
        "script",
        [
            [(500, b"+++"), (2000, b"")],
            [(1100, b"+++"), (500, b"x")],
            [(1100, b"++"), (2000, b"")],
            [(1100, b"++++"), (2000, b"")],
            [(1100, b"+++x"), (2000, b"")],
        ],
    )
    def test_what_is_not_an_escape_is_data(
        self, make_bench: Make, script: list[tuple[float, bytes]]
    ) -> None:
        bench, far = self.link(make_bench, "sara-r5")
        bench.uart.write(b"begin")
        for ms, data in script:
            bench.pass_ms(ms)
            bench.uart.write(data)
        bench.pass_ms(3000)
        assert bench.take() == []
        assert bytes(far.received) == b"begin" + b"".join(data for _, data in script)

    def test_plus_signs_may_come_one_by_one(self, make_bench: Make) -> None:
        bench, _ = self.link(make_bench, "sara-r5")
        bench.pass_ms(1100)
        for _ in range(3):
            bench.uart.write(b"+")
            bench.pass_ms(300)
        assert bench.answer().final == "OK"

    def test_the_end_of_the_connection_ends_the_link(self, make_bench: Make) -> None:
        bench, far = self.link(make_bench, "lexi-r10")
        far.send(b"z" * 3000)
        far.close()
        bench.expect_bytes(b"z" * 3000)
        assert bench.answer().final == "OK"
        assert bench.expect_urc() == "+UUSOCL: 0"

    def test_a_large_stream_arrives_whole(self, make_bench: Make) -> None:
        bench, far = self.link(make_bench, "sara-r5")
        data = bytes(range(256)) * 100
        bench.uart.write(data)
        bench.pass_ms(5000)
        assert bytes(far.received) == data
