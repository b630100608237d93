"""The dialogues of A5 7, module side, on the driver; last wills with two drivers.

Not literally possible: a program states all settings at once, so a dialogue that sets some of them
finds the others as from the factory; the client id is told with them, as not every firmware
has the IMEI by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.dialogues import Script, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

from ublox_cellular.core.service_errors import MqttError, MqttSnError

IMEI = "357862090033897"
GATEWAY = "192.168.105.30"
WILL = ("u-blox/publish", "Unrequested disconnect.", 1)
ALSO = {"AT+CGSN": ok(IMEI.encode()), f'AT+UMQTTSN=0,"{IMEI}"': ok()}
STEPS = {found["id"]: found["steps"] for found in load("sara-r5")}


class Play:
    """A dialogue, or several in turn, on one driver whose module is as from the factory."""

    def __init__(self, flavour: str, *ids: str, dce: int | None = None) -> None:
        steps = [step for name in ids for step in STEPS[name] if step.get("dce", dce) == dce]
        also = {**ALSO, "AT+CMEE=2": ok()}
        self.script = Script(steps, also, frozenset())
        self.bench = Bench(flavour, "sara-r5", self.script)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.mqttsn = self.bench.modem.mqttsn
        self.mqttsn.placed = []
        self.mqttsn.form = "text"  # as all dialogues have it

    def connect(self, **options: Any) -> None:
        self.call(self.mqttsn.connect, GATEWAY, keepalive=0, **options)

    def message(self) -> tuple[Any, bytes]:
        message = self.call(self.mqttsn.wait_msg, 1000)
        return message.topic, message.payload

    def over(self) -> None:
        assert self.script.over, self.script.steps
        self.bench.close()


def begin(play: Play) -> None:
    """A session, which these dialogues have without showing how it began."""
    play.script.also |= {
        f'AT+UMQTTSN=2,"{GATEWAY}",1883'.encode(): ok(),
        b"AT+UMQTTSNC=1": ok() + b"\r\n+UUMQTTSNC: 1,1\r\n",
    }
    play.connect()


def minimal(play: Play) -> None:
    play.call(play.bench.modem.at, "+CMEE=2")
    assert len(play.call(play.bench.modem.at, "+UMQTTSN?")) == 9
    play.call(play.mqttsn.configure, GATEWAY, 10000, keepalive=0)


def last_will(play: Play) -> None:
    play.script.also[b'AT+UMQTTSN=1,"gateway.example",1883'] = ok()
    play.call(play.mqttsn.configure, "gateway.example", keepalive=0, will=WILL)


def stored(play: Play) -> None:
    play.call(play.mqttsn.store)
    play.call(play.mqttsn.factory)
    play.call(play.bench.modem.at, "+UMQTTSN?")
    play.call(play.mqttsn.load)
    lines = play.call(play.bench.modem.at, "+UMQTTSN?")
    assert lines[2] == f'+UMQTTSN: 2,"{GATEWAY}",1883'


def session(play: Play) -> None:
    play.script.also[f'AT+UMQTTSN=2,"{GATEWAY}",1883'.encode()] = ok()
    play.connect()
    assert play.mqttsn.is_connected()
    play.call(play.mqttsn.disconnect)
    assert not play.mqttsn.is_connected()


def subscribed(play: Play) -> None:
    begin(play)
    assert play.call(play.mqttsn.subscribe, "room/temperature") == 0
    play.call(play.mqttsn.publish, "room/temperature", "20 degrees Celsius")
    assert play.message() == (b"room/temperature", b"20 degrees Celsius")
    play.call(play.mqttsn.unsubscribe, "room/temperature")


def registered(play: Play) -> None:
    begin(play)
    play.call(play.mqttsn.publish, "kitchen/temperature", "25 degrees Celsius", qos=1)
    assert play.mqttsn.ids == {"kitchen/temperature": 2}


def short(play: Play) -> None:
    begin(play)
    assert play.call(play.mqttsn.subscribe, "aa", kind="short") == 0
    play.call(play.mqttsn.publish, "aa", "test", qos=1, kind="short")
    assert play.message() == (b"aa", b"test")
    play.call(play.mqttsn.unsubscribe, "aa", kind="short")


def failed(play: Play) -> None:
    begin(play)
    with pytest.raises(MqttSnError) as caught:
        play.call(play.mqttsn.subscribe, "kitchen/temperature", 1)
    assert isinstance(caught.value, MqttError)
    assert (caught.value.error_class, caught.value.code, caught.value.errno) == (14, 21, 110)
    assert "no answer from the gateway" in str(caught.value)


def secure(play: Play) -> None:
    security: Any = play.bench.modem.security
    security.default = security.profile(2, ca="root")
    security.placed[2] = security.default  # what +USECPRF is told is A5 3
    security.default.key = (GATEWAY, None)
    play.connect(port=10001, tls=True)
    assert play.mqttsn.is_connected()
    assert security.default.busy == 0


PLAYS: dict[str, Callable[[Play], None]] = {
    "r5-7.1.1-minimal": minimal,
    "r5-7.1.2-last-will": last_will,
    "r5-7.1.3-nv": stored,
    "r5-7.2-session": session,
    "r5-7.3-sub-pub": subscribed,
    "r5-7.4-register": registered,
    "r5-7.5-short-topic": short,
    "r5-7.7-error": failed,
    "r5-7.8-secure": secure,
}
TWO_MODULES = "r5-7.6-last-will"


def test_all_dialogues_are_here() -> None:
    assert {name for name in STEPS if name.startswith("r5-7.")} == {*PLAYS, TWO_MODULES}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", PLAYS)
def test_dialogue(flavour: str, name: str) -> None:
    play = Play(flavour, name)
    PLAYS[name](play)
    play.over()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_last_will_of_one_module_seen_by_another(flavour: str) -> None:
    one, other = Play(flavour, TWO_MODULES, dce=1), Play(flavour, TWO_MODULES, dce=2)
    for play in (one, other):
        play.script.also[f'AT+UMQTTSN=2,"{GATEWAY}",1883'.encode()] = ok()
        play.connect()
    assert other.call(other.mqttsn.subscribe, "u-blox/publish") == 0
    one.call(one.bench.modem.at, "+UPSDA=0,4")
    one.bench.pass_ms(100)
    assert (one.mqttsn.is_connected(), one.mqttsn.why) == (False, 101)
    with pytest.raises(MqttSnError, match="the connection was lost"):
        one.call(one.mqttsn.check_msg)
    assert other.message() == (b"u-blox/publish", b"Unrequested disconnect.")
    one.over()
    other.over()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_other_module_has_none(flavour: str) -> None:
    bench = Bench(flavour, "lexi-r10", Script([], {}, frozenset()))
    with pytest.raises(AttributeError, match="LEXI-R10 has no mqttsn"):
        _ = bench.modem.mqttsn
    assert not hasattr(bench.modem, "mqttsn")
    bench.close()
