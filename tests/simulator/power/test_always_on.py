"""Always-on sockets of LEXI-R10 through deep sleep (A10 5.10): kept, woken, paged."""

from __future__ import annotations

import pytest
from simulator.support.sleep_host import LONG_EDRX, Make, lexi, pulse


@pytest.mark.parametrize("edrx", [False, True])
@pytest.mark.parametrize("datagram", [False, True])
def test_always_on_sockets_sleep_and_are_woken(
    make_bench: Make, edrx: bool, datagram: bool
) -> None:
    bench = lexi(make_bench)
    tcp, udp = bench.tcp_peer(), bench.udp_peer()
    bench.connected(tcp)
    bench.ok("AT+USOCR=17")
    bench.ok(f'AT+USOST=1,"127.0.0.1",{udp.port},2,"hi"')
    if edrx:
        bench.ok(LONG_EDRX)
    bench.ok('AT+USLPURC="SLEEP2",1')
    bench.ok('AT+USLPURC="HIBNATE",1')
    bench.ok("AT+UPSV=1,5000,4")
    word, wake_ms, cycle_ms = ("HIB", 500, 20_480) if edrx else ("SLP2", 100, 1280)
    for _ in range(3):
        bench.pass_ms(600_000)
        assert bench.take()[-1] == f"+UUSLPURC: {word} 1"
        start = bench.loop.time()
        if datagram:
            udp.send(b"x" * 30)
        else:
            tcp.last.send(b"x" * 30)
        assert bench.expect_urc(60_000) == f"+UUSLPURC: {word} 0"
        assert bench.expect_urc() == ("+UUSORD: 1,30" if datagram else "+UUSORD: 0,30")
        assert wake_ms <= (bench.loop.time() - start) * 1000 <= cycle_ms + wake_ms + 10
        if edrx:
            bench.uart.write(b"ATE0\r")
            bench.pass_ms(50)
            bench.take()
        answer = bench.ok("AT+USORF=1,30" if datagram else "AT+USORD=0,30")
        assert answer[0].endswith(f',30,"{"x" * 30}"')


def test_the_end_of_a_connection_wakes_too(make_bench: Make) -> None:
    bench = lexi(make_bench)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.ok("AT+UPSV=1,5000,3")
    bench.pass_ms(60_000)
    peer.last.close()
    assert bench.expect_urc() == "+UUSOCL: 0"


def test_writing_after_sleep_uses_the_same_connection(make_bench: Make) -> None:
    bench = lexi(make_bench)
    peer = bench.tcp_peer(echo=True)
    bench.connected(peer)
    bench.ok("AT+UPSV=1,5000,3")
    for turn in range(1, 4):
        bench.pass_ms(3_600_000)
        assert bench.module.sleep_state == "sleep2"
        pulse(bench)
        bench.pass_ms(200)
        bench.ok('AT+USOWR=0,2,"12"')
        assert bench.expect_urc() == "+UUSORD: 0,2"
        bench.ok("AT+USORD=0,2")
        assert bytes(peer.last.received) == b"12" * turn
    assert len(peer.connections) == 1


def test_psm_hibernates_until_the_periodic_update(make_bench: Make) -> None:
    bench = lexi(make_bench)
    peer = bench.tcp_peer()
    bench.connected(peer)
    bench.ok('AT+USLPURC="SLEEP2",1')
    bench.ok('AT+USLPURC="HIBNATE",1')
    bench.ok('AT+CPSMS=1,,,"00100001","00000101"')
    bench.ok("AT+UPSV=1,5000,4")
    bench.pass_ms(60_000)
    assert bench.take() == ["+UUSLPURC: SLP2 1", "+UUSLPURC: SLP2 0", "+UUSLPURC: HIB 1"]
    peer.last.send(b"late")
    bench.expect_silence(3_500_000)  # nobody can reach it
    assert bench.expect_urc(200_000) == "+UUSLPURC: HIB 0"
    assert bench.expect_urc() == "+UUSORD: 0,4"
