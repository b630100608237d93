"""MQTT when something goes wrong, with a scripted broker: results, error codes, one action at a
time, lost connections, coverage, messages in flight."""

from __future__ import annotations

import pytest
from simulator.support.mqtt_bench import (
    ACKS,
    CONNECT,
    DISCONNECT,
    PUBLISH,
    SUBSCRIBE,
    WELCOME,
    Make,
    Scripted,
    act,
    connect,
    done,
    error_code,
    ident_of,
    online,
    publish_packet,
    started,
)

from ublox_simulator.world.peers import TcpPeer

RESPONSE_MS = 30_000


# -- connecting --------------------------------------------------------------------------------


def test_no_data_connection(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok('AT+UMQTT=2,"127.0.0.1",1883')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 50


def test_no_broker_configured_or_known(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 4
    bench.ok('AT+UMQTT=2,"nobody.invalid",1883')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 8


def test_nobody_listens(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    peer = TcpPeer(bench.loop)
    peer.close()
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{peer.port}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 8


@pytest.mark.parametrize("reason", [1, 2, 3, 4, 5])
def test_refused_by_the_broker(make_bench: Make, module_name: str, reason: int) -> None:
    bench = online(make_bench, module_name)
    broker = Scripted(bench, {CONNECT: bytes((0x20, 2, 0, reason))})
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.port}')
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 4
    assert broker.kinds == [CONNECT]
    bench.expect_silence(1000)


def test_a_broker_that_says_nothing(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    broker = Scripted(bench, {CONNECT: None})
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.port}')
    bench.ok("AT+UMQTTC=1")
    assert bench.error("AT+UMQTTC=1") == "+CME ERROR: 3"  # not finished
    assert bench.expect_urc(120_000) == "+UUMQTTC: 1,0"
    assert error_code(bench) == 33


def test_a_broker_that_hangs_up_first(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name)
    broker = Scripted(bench, {CONNECT: None})
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.port}')
    bench.ok("AT+UMQTTC=1")
    bench.pass_ms(500)
    broker.last.close()
    assert bench.expect_urc() == "+UUMQTTC: 1,0"
    assert error_code(bench) == 8
    bench.expect_silence(1000)


def test_what_connect_says(make_bench: Make, module_name: str) -> None:
    """Version, flags, keep-alive, id, will, login, byte for byte."""
    bench = online(make_bench, module_name)
    bench.ok('AT+UMQTT=0,"me"')
    bench.ok('AT+UMQTT=4,"us,er","pass"')
    bench.ok("AT+UMQTT=6,2")
    bench.ok("AT+UMQTT=7,1")
    bench.ok('AT+UMQTT=8,"w/t"')
    bench.ok('AT+UMQTT=9,1,"00ff"')
    broker = Scripted(bench)
    connect(bench, broker.port, keep_alive_s=300, clean=False)
    flags = 0xC0 | 0x20 | 2 << 3 | 4
    texts = (b"me", b"w/t", b"\x00\xff", b"us,er", b"pass")
    body = b"".join(len(text).to_bytes(2, "big") + text for text in texts)
    assert broker.packets == [(0x10, b"\0\4MQTT\4" + bytes((flags, 1, 44)) + body)]


def test_an_empty_id_needs_a_clean_session(make_bench: Make) -> None:
    bench = online(make_bench, variants={"mqtt-no-client-id"})
    broker = Scripted(bench)
    connect(bench, broker.port)
    assert broker.packets[0][1].endswith(b"\0\0")
    done(bench, "0")
    bench.ok("AT+UMQTT=12,0")
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 4


# -- actions -----------------------------------------------------------------------------------


def test_one_action_at_a_time(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, {})
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    for action in ("0", "1", '2,0,0,0,"t","x"', '4,0,"t"', '5,"t"', "8,1", '9,0,0,"t",3'):
        assert bench.error(f"AT+UMQTTC={action}") == "+CME ERROR: 3"
    assert bench.ok("AT+UMQTTC=6,1") == []  # reading is no action
    assert bench.expect_urc(RESPONSE_MS + 1000) == "+UUMQTTC: 2,0"
    assert error_code(bench) == 33
    done(bench, '2,0,0,0,"t","y"')  # the session lives on
    assert broker.kinds.count(PUBLISH) == 2


def test_reading_may_wait_for_the_action(make_bench: Make, module_name: str) -> None:
    bench, _ = started(make_bench, module_name, {}, variants={"mqtt-read-waits"})
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    assert bench.error("AT+UMQTTC=6,1") == "+CME ERROR: 3"
    assert bench.expect_urc(RESPONSE_MS + 1000) == "+UUMQTTC: 2,0"
    assert bench.ok("AT+UMQTTC=6,1") == []


def test_a_subscription_refused(make_bench: Make, module_name: str) -> None:
    refuse = {SUBSCRIBE: lambda packet: b"\x90\x03" + packet[1][:2] + b"\x80"}
    bench, _ = started(make_bench, module_name, refuse)
    assert act(bench, '4,1,"t"') == "+UUMQTTC: 4,0"
    assert error_code(bench) == 4


def test_a_lower_qos_granted(make_bench: Make, module_name: str) -> None:
    lower = {SUBSCRIBE: lambda packet: b"\x90\x03" + packet[1][:2] + b"\x01"}
    bench, _ = started(make_bench, module_name, lower)
    assert act(bench, '4,2,"t/#"') == '+UUMQTTC: 4,1,1,"t/#"'


def test_results_of_binary_publishing(make_bench: Make, module_name: str) -> None:
    bench, _ = started(make_bench, module_name, variants={"mqtt-binary-9"})
    assert bench.prompted('AT+UMQTTC=9,1,0,"t",3', b"a\r\n", b">").final == "OK"
    assert bench.expect_urc() == "+UUMQTTC: 9,1"


def test_messages_wait_for_the_result(make_bench: Make, module_name: str) -> None:
    """A broker may deliver before it acknowledges; the announcement comes second."""
    both = {PUBLISH: lambda packet: publish_packet(b"t", b"x") + b"\x40\x02" + ident_of(packet[1])}
    bench, _ = started(make_bench, module_name, both)
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    assert [bench.expect_urc(), bench.expect_urc()] == ["+UUMQTTC: 2,1", "+UUMQTTC: 6,1"]
    eager, _ = started(make_bench, module_name, both, variants={"mqtt-announce-at-once"})
    eager.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    assert [eager.expect_urc(), eager.expect_urc()] == ["+UUMQTTC: 6,1", "+UUMQTTC: 2,1"]


# -- the end of a session ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["close", "reset"])
def test_connection_lost(make_bench: Make, module_name: str, how: str) -> None:
    bench, broker = started(make_bench, module_name, keep_alive_s=60)
    getattr(broker.last, how)()
    assert bench.expect_urc() == "+UUMQTTC: 0,101"
    assert not bench.module.mqtt.connected
    assert bench.error("AT+UMQTTC=0") == "+CME ERROR: 3"
    done(bench, "1")


def test_lost_in_the_middle_of_an_action(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, {})
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    bench.pass_ms(100)
    broker.last.close()
    assert [bench.expect_urc(), bench.expect_urc()] == ["+UUMQTTC: 2,0", "+UUMQTTC: 0,101"]
    assert error_code(bench) == 8


def test_closed_for_inactivity(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, keep_alive_s=20)
    bench.pass_ms(30_000)
    broker.last.close()
    assert bench.expect_urc() == "+UUMQTTC: 0,100"


@pytest.mark.parametrize(
    "packet",
    [
        b"\x00\x00",
        b"\xd0\x01x",
        b"\x30\xff\xff\xff\xff\x7f",
        b"\x36\x05\x00\x01t\x00\x01",
        b"\x30\x05\x00\xffabc",
        b"\x30\x01x",
        b"\x30\x05\x00\x02\xff\xfex",
        b"\x90\x01\x00",
    ],
)
def test_nonsense_from_the_broker(make_bench: Make, packet: bytes) -> None:
    bench, broker = started(make_bench, "sara-r5")
    broker.last.send(packet)
    assert bench.expect_urc() == "+UUMQTTC: 0,102"
    done(bench, "1")


def test_a_restart_forgets_session_and_messages(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    broker.last.send(publish_packet(b"t", b"x"))
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    bench.module.restart()
    bench.pass_ms(10_000)
    assert broker.last.eof
    assert DISCONNECT not in broker.kinds  # so the last will is published
    bench.ok("ATE0")
    assert bench.ok("AT+UMQTTC=6,1") == []
    assert bench.error("AT+UMQTTC=0") == "ERROR"


def test_context_lost(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    if module_name == "sara-r5":
        bench.ok("AT+UPSDA=0,4")
        assert bench.expect_urc() == "+UUPSDD: 0"
    else:
        bench.ok("AT+CFUN=4")
    assert bench.expect_urc() == "+UUMQTTC: 0,101"
    bench.pass_ms(100)
    assert broker.last.eof
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 50


# -- coverage ----------------------------------------------------------------------------------


def test_no_coverage_fails_soon_and_comes_back(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    bench.module.set_coverage(False)
    start = bench.loop.time()
    assert act(bench, '2,0,0,0,"t","x"') == "+UUMQTTC: 2,0"
    assert bench.loop.time() - start < 2
    assert error_code(bench) == 34
    bench.module.set_coverage(True)
    bench.pass_ms(10_000)
    done(bench, '2,1,0,0,"t","x"')
    assert broker.kinds.count(PUBLISH) == 1


def test_coverage_lost_in_an_action(make_bench: Make, module_name: str) -> None:
    bench, _ = started(make_bench, module_name, {})
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    bench.pass_ms(1000)
    bench.module.set_coverage(False)
    assert bench.expect_urc(RESPONSE_MS + 1000) == "+UUMQTTC: 2,0"
    assert error_code(bench) == 34


def test_disconnect_without_coverage(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name)
    bench.module.set_coverage(False)
    assert act(bench, "0") == "+UUMQTTC: 0,0"
    assert error_code(bench) == 34
    assert not bench.module.mqtt.connected
    bench.expect_silence(1000)
    assert DISCONNECT not in broker.kinds


def test_a_slow_uplink_is_no_failure(make_bench: Make) -> None:
    bench, broker = started(make_bench, "sara-r5", uplink_bps=8000)
    bench.module.files.save("big", b"x" * 20_000)
    start = bench.loop.time()
    assert act(bench, '3,1,0,"t","big"') == "+UUMQTTC: 3,1"
    assert bench.loop.time() - start > 19
    assert broker.packets[-1][1].endswith(b"x" * 20_000)


# -- messages in flight ------------------------------------------------------------------------


def test_in_flight_goes_again(make_bench: Make, module_name: str) -> None:
    bench, broker = started(make_bench, module_name, {}, clean=False)
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    bench.pass_ms(100)
    broker.last.close()
    assert [bench.expect_urc(), bench.expect_urc()] == ["+UUMQTTC: 2,0", "+UUMQTTC: 0,101"]
    broker.answers = {CONNECT: WELCOME, **ACKS}
    done(bench, "1")
    bench.expect_silence(1000)
    again = [first for first, _ in broker.packets if first >> 4 == PUBLISH]
    assert again == [0x32, 0x3A]  # the second one is marked as a duplicate
    done(bench, "0")
    done(bench, "1")
    bench.pass_ms(100)
    assert broker.kinds.count(PUBLISH) == 2  # acknowledged by now


@pytest.mark.parametrize("clean", [True, False])
def test_in_flight_is_forgotten(make_bench: Make, clean: bool) -> None:
    variants = set[str]() if clean else {"mqtt-inflight-dropped"}
    bench, broker = started(make_bench, "sara-r5", {}, clean=clean, variants=variants)
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    bench.pass_ms(100)
    broker.last.close()
    assert [bench.expect_urc(), bench.expect_urc()] == ["+UUMQTTC: 2,0", "+UUMQTTC: 0,101"]
    done(bench, "1")
    bench.pass_ms(1000)
    assert broker.kinds.count(PUBLISH) == 1


def test_qos_2_is_delivered_once(make_bench: Make, module_name: str) -> None:
    """A PUBLISH repeated before PUBREL is the same message."""
    bench, broker = started(make_bench, module_name)
    broker.last.send(publish_packet(b"t", b"x", qos=2) * 2)
    bench.expect_silence(500)
    broker.last.send(b"\x62\x02\x00\x01")
    assert bench.expect_urc() == "+UUMQTTC: 6,1"
    assert bench.ok("AT+UMQTTC=6,1") == ['+UMQTTC: 6,2,2,1,"t",1,"x"']


def test_an_answer_that_comes_too_late(make_bench: Make, module_name: str) -> None:
    """What was sent without a result is acknowledged behind its back; nothing is said of it."""
    bench, broker = started(make_bench, module_name, {}, clean=False)
    bench.ok('AT+UMQTTC=2,1,0,0,"t","x"')
    bench.pass_ms(1000)
    ident = ident_of(broker.packets[-1][1])
    bench.module.set_coverage(False)
    assert bench.expect_urc(RESPONSE_MS + 1000) == "+UUMQTTC: 2,0"
    broker.last.send(b"\x40\x02" + ident)
    bench.module.set_coverage(True)
    bench.expect_silence(10_000)
    broker.answers = {CONNECT: WELCOME, **ACKS}
    done(bench, '2,1,0,0,"t","y"')
    done(bench, "0")
    done(bench, "1")
    bench.pass_ms(1000)
    assert broker.kinds.count(PUBLISH) == 2


def test_a_session_on_another_context(make_bench: Make) -> None:
    bench = online(make_bench, "lexi-r10")
    broker = Scripted(bench)
    bench.ok('AT+CGDCONT=2,"IP","second"')
    bench.ok(f'AT+UMQTT=2,"127.0.0.1",{broker.port}')
    bench.ok("AT+UMQTT=20,2")
    assert act(bench, "1") == "+UUMQTTC: 1,0"
    assert error_code(bench) == 50
    bench.ok("AT+CGACT=1,2")
    done(bench, "1")
    bench.ok("AT+CGACT=0,2")
    assert bench.expect_urc() == "+UUMQTTC: 0,101"
