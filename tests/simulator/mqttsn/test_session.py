"""What becomes of an MQTT-SN session of SARA-R5: lost datagrams, coverage, sleep, wills."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers.broker import Broker
from servers.mqttsn_gateway.client import State
from servers.mqttsn_gateway.wire import Kind
from simulator.support.mqttsn_bench import GatewayStage, Make, act, error_of, read
from simulator.support.serial_host import Bench

IMEI = "357862090033897"
WILL = ("4,1", '6,"gone"', '7,"good-bye"')
LOST = "+UUMQTTSNC: 0,101"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """mosquitto."""
    with Broker() as running:
        yield running


@pytest.fixture
def stage(make_bench: Make, broker: Broker) -> GatewayStage:
    """One module, a gateway, a broker."""
    return GatewayStage(make_bench, broker)


def watcher(stage: GatewayStage, topic: str = "gone") -> Bench:
    """A second module that is subscribed to a topic."""
    bench = stage.open(stage.new_bench())
    act(bench, f'5,2,0,"{topic}"', "5,1,2,1")
    return bench


# -- lost datagrams ------------------------------------------------------------------------


@pytest.mark.parametrize("knob", ["deaf", "mute"])
@pytest.mark.parametrize("qos", [1, 2])
def test_what_is_lost_is_sent_again(stage: GatewayStage, knob: str, qos: int) -> None:
    bench = stage.open(None, *WILL)
    act(bench, "0", "0,1")
    for order, result in (
        ("1", "1,1"),
        (f'5,{qos},0,"a"', f"5,1,{qos},1"),
        ('2,"b"', "2,1,2"),
        (f'4,{qos},0,0,0,"2","x"', "4,1"),
        ('6,0,"a"', "6,1"),
        ('7,1,0,"c"', "7,1"),
        ('8,"d"', "8,1"),
        ("0", "0,1"),
    ):
        setattr(stage.gateway, knob, 1)
        start = bench.loop.time()
        act(bench, order, result)
        assert bench.loop.time() - start > 10


def test_nothing_is_doubled_by_qos_2(stage: GatewayStage) -> None:
    bench, listener = stage.open(), watcher(stage, "a")
    act(bench, '2,"a"', "2,1,1")
    for number in range(4):
        stage.gateway.mute = 2
        act(bench, f'4,2,0,0,0,"1","{number}"', "4,1")
        bench.pass_ms(60_000)
    listener.take()
    got = []
    for _ in range(4):
        got.append(listener.ok("AT+UMQTTSNC=9,1")[0][-2])
        listener.pass_ms(100)
        listener.take()
    assert got == ["0", "1", "2", "3"]
    assert listener.ok("AT+UMQTTSNC=9,1") == []


def test_a_gateway_that_does_not_answer(stage: GatewayStage) -> None:
    bench = stage.open()
    stage.gateway.ignored = {Kind.SUBSCRIBE}
    start = bench.loop.time()
    act(bench, '5,1,0,"kitchen/temperature"', "5,0")
    assert 40 <= bench.loop.time() - start < 41
    assert error_of(bench) == 21
    act(bench, '2,"the session goes on"', "2,1,1")
    assert error_of(bench) == 0


def test_the_variant_in_which_a_time_out_ends_it(make_bench: Make, broker: Broker) -> None:
    variants = frozenset({"umqttsnc-timeout-ends", "umqttsn-timeout"})
    stage = GatewayStage(make_bench, broker, variants=variants)
    bench = stage.open(None, "11,2")
    stage.gateway.ignored = {Kind.SUBSCRIBE}
    act(bench, '5,1,0,"a"', "5,0", 9000)
    assert bench.expect_urc() == LOST
    assert bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"


def test_no_gateway(stage: GatewayStage) -> None:
    bench = stage.bench
    act(bench, "1", "1,0")
    assert error_of(bench) == 4
    bench.ok('AT+UMQTTSN=1,"nobody.example"')
    act(bench, "1", "1,0")
    assert error_of(bench) == 4
    stage.configure()
    stage.gateway.ignored = {Kind.CONNECT}
    act(bench, "1", "1,0")
    assert error_of(bench) == 21
    assert bench.module.sockets.guests == set()


# -- network -------------------------------------------------------------------------------


def test_no_data_connection(stage: GatewayStage) -> None:
    bench = stage.bench
    stage.configure()
    bench.ok("AT+UPSDA=0,4")
    bench.pass_ms(1000)
    bench.take()
    act(bench, "1", "1,0")
    assert error_of(bench) == 38


def test_coverage_comes_and_goes(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    bench.module.set_coverage(False)
    act(bench, '4,1,0,0,0,"1","x"', "4,0")
    assert error_of(bench) == 22
    stage.gateway.publish("a", b"meanwhile", 1)
    bench.pass_ms(5000)
    bench.module.set_coverage(True)
    assert read(bench).endswith('"meanwhile"')
    act(bench, '4,1,0,0,0,"1","x"', "4,1")


def test_coverage_lost_in_the_middle_of_an_action(stage: GatewayStage) -> None:
    bench = stage.open()
    stage.gateway.deaf = 1
    bench.ok('AT+UMQTTSNC=2,"a"')
    bench.module.set_coverage(False)
    bench.pass_ms(15_000)
    bench.module.set_coverage(True)
    assert bench.expect_urc(60_000) == "+UUMQTTSNC: 2,1,1"


def test_a_lost_context_ends_the_session(stage: GatewayStage) -> None:
    bench = stage.open()
    bench.module.network.network_deactivates(1)
    assert LOST in (bench.expect_urc(), bench.expect_urc())
    assert bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"
    assert bench.module.sockets.guests == set()


def test_another_context_does_not_matter(stage: GatewayStage) -> None:
    bench = stage.open()
    bench.ok('AT+CGDCONT=2,"IP","second"')
    bench.ok("AT+CGACT=1,2")
    bench.module.network.network_deactivates(2)
    bench.take()
    act(bench, '2,"a"', "2,1,1")


def test_a_session_lost_while_the_payload_comes(stage: GatewayStage) -> None:
    bench = stage.open()
    bench.send('AT+UMQTTSNC=12,0,0,0,"1",3')
    bench.expect_bytes(b">")
    bench.module.network.network_deactivates(1)
    bench.pass_ms(50)
    bench.uart.write(b"abc")
    assert bench.answer().final == "+CME ERROR: 3"
    bench.pass_ms(100)
    assert LOST in bench.take()


def test_a_context_lost_in_the_middle_of_an_action(stage: GatewayStage) -> None:
    bench = stage.open()
    stage.gateway.ignored = {Kind.REGISTER}
    bench.ok('AT+UMQTTSNC=2,"a"')
    bench.module.network.network_deactivates(1)
    bench.pass_ms(1000)
    told = [urc for urc in bench.take() if "MQTTSN" in urc]
    assert told == ["+UUMQTTSNC: 2,0", LOST]


def test_disconnecting_without_an_answer(stage: GatewayStage) -> None:
    bench = stage.open()
    stage.gateway.ignored = {Kind.DISCONNECT}
    act(bench, "0", "0,0")
    assert error_of(bench) == 21
    act(bench, "1", "1,1")
    bench.module.set_coverage(False)
    act(bench, "0", "0,0")
    assert error_of(bench) == 22
    assert bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"


# -- keep-alive and will -------------------------------------------------------------------


def test_silence_beyond_the_duration_brings_the_will(stage: GatewayStage) -> None:
    listener = watcher(stage)
    bench = stage.open(None, "8,20", *WILL)
    listener.expect_silence(29_000)
    assert stage.gateway.state(IMEI) is State.ACTIVE
    assert read(listener).endswith('8,"good-bye"')
    assert stage.gateway.state(IMEI) is State.LOST
    bench.expect_silence(1000)
    bench.ok('AT+UMQTTSNC=2,"a"')  # the gateway says that there is no session
    assert bench.expect_urc() in (LOST, "+UUMQTTSNC: 2,0")
    assert bench.expect_urc() in (LOST, "+UUMQTTSNC: 2,0")


def test_keep_alive(stage: GatewayStage) -> None:
    listener = watcher(stage)
    bench = stage.open(None, "8,20", *WILL)
    bench.ok("AT+UMQTTSNC=10,1")
    bench.expect_silence(600_000)
    assert stage.gateway.state(IMEI) is State.ACTIVE
    assert stage.gateway.heard.count(Kind.PINGREQ) == 37
    bench.ok("AT+UMQTTSNC=10,0")
    assert read(listener).endswith('8,"good-bye"')
    assert listener.loop.time() > 600


def test_keep_alive_notices_that_nobody_answers(stage: GatewayStage) -> None:
    bench = stage.open(None, "8,20")
    bench.ok("AT+UMQTTSNC=10,1")
    stage.gateway.ignored = {Kind.PINGREQ}
    assert bench.expect_urc(60_000) == "+UUMQTTSNC: 10,0"
    assert bench.expect_urc() == LOST
    assert bench.error("AT+UMQTTSNC=10,1") == "+CME ERROR: 3"


def test_an_orderly_end_brings_no_will(stage: GatewayStage) -> None:
    listener = watcher(stage)
    bench = stage.open(None, "8,20", *WILL)
    act(bench, "0", "0,1")
    listener.expect_silence(60_000)


def test_a_will_that_changed(stage: GatewayStage) -> None:
    listener = watcher(stage, "elsewhere")
    bench = stage.open(None, "8,20", *WILL)
    act(bench, '7,2,0,"elsewhere"', "7,1")
    act(bench, '8,"another"', "8,1")
    assert read(listener) == '+UMQTTSNC: 9,2,0,8,1,"1",7,"another"'


def test_a_will_that_was_deleted(stage: GatewayStage) -> None:
    listener = watcher(stage)
    bench = stage.open(None, "8,20", *WILL)
    act(bench, '7,0,0,""', "7,1")
    listener.expect_silence(60_000)


# -- sleep and restarts --------------------------------------------------------------------


def test_messages_wait_for_a_sleeper(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, '5,1,0,"a"', "5,1,1,1")
    act(bench, "0,600", "0,1")
    assert stage.gateway.state(IMEI) is State.ASLEEP
    assert bench.error('AT+UMQTTSNC=2,"b"') == "+CME ERROR: 3"
    stage.gateway.publish("a", b"one", 1)
    stage.gateway.publish("a", b"two", 0)
    bench.expect_silence(300_000)
    bench.ok("AT+UMQTTSNC=10,1")
    bench.pass_ms(2000)
    assert bench.take() == ["+UUMQTTSNC: 9,1", "+UUMQTTSNC: 9,2"]
    assert stage.gateway.state(IMEI) is State.ASLEEP
    assert bench.ok("AT+UMQTTSNC=9,1")[0].endswith('"one"')
    assert read(bench).endswith('"two"')
    stage.configure(bench, "10,0")
    act(bench, "1", "1,1")
    stage.gateway.publish("a", b"three", 1)
    assert read(bench).endswith('"three"')


def test_a_sleeper_that_does_not_come_back(stage: GatewayStage) -> None:
    listener = watcher(stage)
    bench = stage.open(None, *WILL)
    act(bench, "0,60", "0,1")
    listener.expect_silence(89_000)
    assert read(listener).endswith('"good-bye"')
    bench.ok("AT+UMQTTSNC=10,1")
    assert bench.expect_urc() == "+UUMQTTSNC: 10,0"
    assert bench.expect_urc() == LOST


def test_a_sleeper_may_leave(stage: GatewayStage) -> None:
    bench = stage.open()
    act(bench, "0,60", "0,1")
    act(bench, "0", "0,1")
    assert stage.gateway.state(IMEI) is State.DISCONNECTED
    assert bench.module.sockets.guests == set()


def test_the_variant_without_sleep(make_bench: Make, broker: Broker) -> None:
    variants = frozenset({"umqttsnc-no-sleep"})
    stage = GatewayStage(make_bench, broker, variants=variants)
    bench = stage.open()
    assert bench.error("AT+UMQTTSNC=0,60") == "+CME ERROR: 50"
    act(bench, "0", "0,1")


def test_a_session_that_is_not_clean(stage: GatewayStage) -> None:
    """Subscriptions and messages outlive the session; ids are told anew."""
    bench = stage.open(None, "10,0")
    act(bench, '5,1,0,"a"', "5,1,1,1")
    act(bench, "0", "0,1")
    stage.gateway.publish("a", b"while away", 1)
    bench.pass_ms(1000)
    act(bench, "1", "1,1")
    assert read(bench) == '+UMQTTSNC: 9,1,0,11,1,"1",10,"while away"'
    act(bench, '4,1,0,0,0,"1","to ourselves"', "4,1")
    assert read(bench).endswith('"to ourselves"')
    act(bench, "0", "0,1")
    act(bench, "1", "1,1")
    act(bench, '6,0,"1"', "6,1")  # the module still knows what 1 stands for
    stage.gateway.publish("a", b"nobody listens", 1)
    bench.expect_silence(1000)
    act(bench, '5,1,0,"a"', "5,1,1,1")
    bench.ok("AT+UMQTTSN=10,1")
    act(bench, "0", "0,1")
    act(bench, "1", "1,1")
    stage.gateway.publish("a", b"too late", 1)
    bench.expect_silence(1000)


def test_a_restart_of_the_module(stage: GatewayStage) -> None:
    bench = stage.open(None, "10,0", "8,20")
    act(bench, '5,1,0,"a"', "5,1,1,1")
    bench.module.restart()
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    bench.ok("AT+CMEE=1")
    assert bench.error("AT+UMQTTSNC=0") == "+CME ERROR: 3"
    assert bench.ok("AT+UMQTTSN=8") == ["+UMQTTSN: 8,0"]
    stage.gateway.publish("a", b"while away", 1)
    bench.go_online()
    stage.open(None, "10,0", "8,20")
    assert read(bench) == '+UMQTTSNC: 9,1,0,11,1,"1",10,"while away"'


def test_ids_are_told_anew_to_a_module_that_forgot_them(stage: GatewayStage) -> None:
    """Nothing of QoS 0 is lost for it."""
    bench = stage.open(None, "10,0")
    act(bench, '5,0,0,"a"', "5,1,0,1")
    bench.module.restart()
    bench.pass_ms(10_000)
    bench.ok("ATE0")
    bench.go_online()
    stage.open(None, "10,0")
    stage.gateway.publish("a", b"hello", 0)
    assert read(bench) == '+UMQTTSNC: 9,0,0,6,1,"1",5,"hello"'


def test_a_restart_of_the_broker(stage: GatewayStage, broker: Broker) -> None:
    bench = stage.open()
    broker.stop()
    bench.loop.expect_io()
    assert bench.expect_urc() == LOST
    act(bench, "1", "1,0")
    assert error_of(bench) == 1
    assert broker.resume()
    act(bench, "1", "1,1")


def test_psm_ends_the_session(stage: GatewayStage) -> None:
    bench = stage.open(None, "8,60", *WILL)
    listener = watcher(stage)
    bench.ok("AT+UPSV=1,1300")
    bench.ok('AT+CPSMS=1,,,"00100001","00000001"')
    bench.pass_ms(60_000)
    assert bench.module.sleep_state == "psm"
    assert bench.module.sockets.guests == set()
    assert read(listener).endswith('"good-bye"')
