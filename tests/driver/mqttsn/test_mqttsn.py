"""MQTT-SN: what is sent and what is made of the answers, in every form the documents leave open,
and what happens when a result is late, lost or never comes. at-commands 6."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driver.support.mqttsn_session import GATEWAY, Desk, freeing, refusing
from driver.support.serial_script import FLAVOURS
from driver.support.socket_model import ok

from ublox_cellular import event
from ublox_cellular.core.errors import CommandError, ModuleReset, NotSupported
from ublox_cellular.core.service_errors import MqttSnError, MqttTimeout


@pytest.fixture(params=FLAVOURS)
def sn(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    made.bench.close()


# ---- settings ----------------------------------------------------------------------------------


def test_settings_are_told_once(sn: Desk) -> None:
    will = ("wills/me", b'say "goodbye"', 2, True)
    sn.call(sn.mqttsn.configure, "peer.example", 2000, keepalive=30, will=will, clean=True)
    assert sn.sent() == [
        "+UMQTTSNNV=0", '+UMQTTSN=0,"004999010640000"', '+UMQTTSN=1,"peer.example",2000',
        "+UMQTTSN=4,2", "+UMQTTSN=5,1", '+UMQTTSN=6,"wills/me"',
        f'+UMQTTSN=7,1,"{will[1].hex()}"', "+UMQTTSN=8,30", "+UMQTTSN=10,1",
    ]  # fmt: skip
    sn.call(sn.mqttsn.connect)
    assert sn.sent() == ["+UMQTTSNC=1", "+UMQTTSNC=10,1"]
    sn.call(sn.mqttsn.disconnect)
    sn.sent()
    options = {"keepalive": 31, "will": will, "clean": True}
    sn.call(sn.mqttsn.connect, "peer.example", 2000, **options)
    assert sn.sent()[0] == "+UMQTTSNNV=0"  # something else was in place


def test_what_is_added_is_told_alone(sn: Desk) -> None:
    sn.call(sn.mqttsn.configure, GATEWAY, client_id="me", keepalive=0)
    sn.sent()
    sn.call(sn.mqttsn.configure, GATEWAY, client_id="me", keepalive=0, will=("w", "x"))
    assert sn.sent() == ['+UMQTTSN=6,"w"', '+UMQTTSN=7,"x"']


def test_stored_settings_are_taken_up_with_one_command(sn: Desk) -> None:
    sn.call(sn.mqttsn.store, GATEWAY, client_id="me", keepalive=0)
    assert sn.sent()[-1] == "+UMQTTSNNV=2"
    sn.mqttsn.lost()
    sn.call(sn.mqttsn.configure, GATEWAY, client_id="me", keepalive=0)
    assert sn.sent() == ["+UMQTTSNNV=1"]


def test_connecting_by_what_was_loaded(sn: Desk) -> None:
    sn.call(sn.mqttsn.load)
    sn.model.settings["2"] = [GATEWAY, "1883"]  # so it was stored
    sn.call(sn.mqttsn.connect)
    assert sn.sent() == ["+UMQTTSNNV=1", "+UMQTTSN?", "+UMQTTSNC=1"]
    sn.call(sn.mqttsn.disconnect)
    sn.model.settings["9"] = ["1", "3"]  # DTLS by a profile that the module has forgotten
    with pytest.raises(OSError, match="security profile 3"):
        sn.call(sn.mqttsn.connect)
    with pytest.raises(ValueError, match="host"):
        sn.call(sn.mqttsn.connect, port=7)
    with pytest.raises(ValueError, match="host"):
        sn.call(sn.mqttsn.connect, keepalive=7)


def test_firmware_without_a_choice_of_clean_sessions(sn: Desk) -> None:
    refusing(sn.model, b"+UMQTTSN=10")
    with pytest.raises(NotSupported, match="clean session"):
        sn.connect(clean=False)
    sn.connect()
    assert sn.mqttsn.is_connected()


def test_a_ping_that_cannot_be_had_ends_the_session(sn: Desk) -> None:
    refusing(sn.model, b"+UMQTTSNC=10")
    with pytest.raises(CommandError):
        sn.connect(keepalive=30)
    assert not sn.mqttsn.is_connected() and not sn.model.connected
    sn.connect(keepalive=0)


def test_a_session_that_was_left_is_ended(sn: Desk) -> None:
    sn.model.connected = True
    sn.connect()
    assert sn.model.connected and sn.mqttsn.is_connected()


# ---- results -----------------------------------------------------------------------------------


def test_a_failure_is_told_with_class_and_code(sn: Desk) -> None:
    sn.connect()
    sn.model.result = 0
    for told, errno, words in (
        ((14, 21), 110, "no answer from the gateway"), ((14, 22), 100, "no radio service"),
        ((14, 7), 5, "code unknown (class 14, code 7)"), ((14, 0), 5, "gives no reason"),
    ):  # fmt: skip
        sn.model.told = told
        with pytest.raises(MqttSnError, match=r"AT\+UMQTTSNC=5 failed") as caught:
            sn.call(sn.mqttsn.subscribe, "a")
        assert (caught.value.errno, caught.value.code) == (errno, told[1])
        assert words in str(caught.value)


def test_results_in_other_forms(sn: Desk) -> None:
    sn.connect()
    for urc, granted, topic_id in (
        ('5,1,2,"77"', 2, 77), ("5,1,0,78", 0, 78), ("5,1,1,0", 1, None), ('5,1,1,"ab"', 1, None),
    ):  # fmt: skip
        answer = ok() + f"\r\n+UUMQTTSNC: {urc}\r\n".encode()
        sn.model.tamper = lambda _, data=answer: [(1.0, data)]
        assert sn.call(sn.mqttsn.subscribe, f"t/{granted}", 2) == granted
        assert sn.mqttsn.ids.get(f"t/{granted}") == topic_id
        sn.model.tamper = None
        sn.mqttsn.ids.clear()


def test_the_name_of_a_urc_as_the_seed_misprints_it(sn: Desk) -> None:
    sn.model.tamper = lambda data: [(1.0, data.replace(b"+UUMQTTSNC: 1,", b"+UMQTTSNC: 1,"))]
    sn.connect()
    assert sn.mqttsn.is_connected()


def test_one_form_of_publishing_may_be_reported_as_another(sn: Desk) -> None:
    sn.connect()
    sn.model.tamper = lambda data: [(1.0, data.replace(b"C: 12,1", b"C: 4,1"))]
    sn.call(sn.mqttsn.publish, 7, bytes(600))
    assert sn.model.published == [("7", bytes(600), 0)]


def test_firmware_without_the_prompt_takes_files(sn: Desk) -> None:
    sn.connect()
    sn.model.knows_binary = False
    for size in (600, 1017):
        sn.call(sn.mqttsn.publish, 7, bytes(size), qos=1)
        assert sn.model.published.pop() == ("7", bytes(size), 1)
    assert sn.model.files == {}
    assert len([line for line in sn.sent() if line.startswith("+UMQTTSNC=12")]) == 1


def test_a_topic_the_gateway_has_forgotten_is_registered_again(sn: Desk) -> None:
    sn.connect()
    sn.call(sn.mqttsn.publish, "a", "1")
    sn.model.topics.clear()
    with pytest.raises(MqttSnError):
        sn.call(sn.mqttsn.publish, "a", "2")
    sn.call(sn.mqttsn.publish, "a", "3")
    assert [data for _, data, _ in sn.model.published] == [b"1", b"3"]


@pytest.mark.parametrize("first", [False, True])
def test_no_result_in_time_and_the_next_action(sn: Desk, first: bool) -> None:
    sn.connect()
    sn.model.result = None
    began = sn.bench.clock.ms()
    with pytest.raises(MqttTimeout, match="may have been carried out"):
        sn.call(sn.mqttsn.subscribe, "a", timeout_ms=5000)
    assert sn.bench.clock.ms() - began < 5100
    sn.model.result = 1
    # The module refuses what comes now, which does nothing; it is tried again behind the result.
    sn.model.tamper = freeing(sn.model, b"5,1,0,1", first)
    sn.call(sn.mqttsn.publish, 7, "x")
    assert sn.model.published == [("7", b"x", 0)]
    assert [line[:12] for line in sn.sent()] == ["+UMQTTSNC=5,", "+UMQTTSNC=4,", "+UMQTTSNC=4,"]


def test_a_result_that_never_comes_does_not_block_for_ever(sn: Desk) -> None:
    sn.connect()
    sn.model.result = None
    with pytest.raises(MqttTimeout):
        sn.call(sn.mqttsn.register, "a", 5000)
    with pytest.raises(OSError, match="at an earlier action"):
        sn.call(sn.mqttsn.register, "b", 30_000)
    began = sn.bench.clock.ms()
    sn.model.result = 1
    with pytest.raises(CommandError):  # of which nothing is heard for two minutes is over
        sn.call(sn.mqttsn.register, "b", 200_000)
    assert sn.bench.clock.ms() - began < 120_000
    assert not sn.mqttsn.is_connected()
    sn.model.busy = False
    sn.connect()
    assert sn.call(sn.mqttsn.register, "b") == 2


def test_the_end_of_a_session_in_the_middle_of_an_action(sn: Desk) -> None:
    sn.connect()
    sn.model.result = None
    sn.bench.line.push(b"\r\n+UUMQTTSNC: 0,101\r\n", 3000)
    with pytest.raises(MqttSnError, match="the connection was lost") as caught:
        sn.call(sn.mqttsn.publish, 7, "x", qos=1)
    assert (caught.value.errno, caught.value.error_class, caught.value.code) == (104, 0, 101)
    for call in (sn.mqttsn.check_msg, sn.mqttsn.wait_msg, sn.mqttsn.ping):
        with pytest.raises(MqttSnError, match="the connection was lost"):
            sn.call(call)


@pytest.mark.parametrize(("urc", "why"), [("0,100", 100), ("0,102", 102), ("10,0", 8), ("0,0", 1)])
def test_ends_that_nobody_asked_for(sn: Desk, urc: str, why: int) -> None:
    sn.connect()
    sn.events()
    sn.urc("+UUMQTTSNC: " + urc)
    assert (sn.mqttsn.is_connected(), sn.mqttsn.why) == (False, why)
    assert sn.events() == [(event.SESSION, 0, why)]
    with pytest.raises(MqttSnError):
        sn.call(sn.mqttsn.publish, 7, "x")
    assert sn.sent() == []


def test_a_session_whose_end_was_lost_on_the_line(sn: Desk) -> None:
    sn.connect()
    sn.model.connected = False
    with pytest.raises(CommandError):
        sn.call(sn.mqttsn.publish, 7, "x")
    assert (sn.mqttsn.is_connected(), sn.mqttsn.why) == (False, 1)
    sn.connect()
    sn.call(sn.mqttsn.publish, 7, "x")


def test_a_restart_is_an_error_of_what_was_under_way(sn: Desk) -> None:
    sn.connect()
    sn.model.result = None
    sn.bench.line.push(b"\r\ncellular ready\r\n", 3000)
    with pytest.raises(ModuleReset):
        sn.call(sn.mqttsn.publish, 7, "x")
    assert sn.mqttsn.why == 200


def test_what_the_application_gives_up(sn: Desk) -> None:
    sn.connect()
    sn.model.result = None
    began = sn.bench.clock.ms()
    sn.modem.channel.keep_going = lambda: sn.bench.clock.ms() - began < 1000
    with pytest.raises(OSError, match="given up"):
        sn.call(sn.mqttsn.publish, 7, "x")
    sn.modem.channel.keep_going = None
    sn.model.result, sn.model.busy = 1, False
    sn.call(sn.mqttsn.publish, 7, "y")
    assert sn.model.published[-1] == ("7", b"y", 0)
