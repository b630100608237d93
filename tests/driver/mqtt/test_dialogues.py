"""The MQTT dialogues of A5 6 and A10 6.1 to 6.9, module side, on the driver.

Not literally possible: the driver says what is to be set in one order, so parts of a profile that
a dialogue sets alone are set with the others in place already. The second module of 6.7 is another
driver on another script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.dialogues import IDENTITY, Script, branches, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

BROKER = "192.168.105.30"
IMEI = "357862090033897"
PLACE = [(0, IMEI), (10, 0), (2, BROKER, 1883)]
WILL = ("u-blox/publish", "Unrequested disconnect.", 1)
SPECIAL = b'"this is an example"\r'
BYTES = b"\xab\xcd01"


class Play:
    """One dialogue on one driver; `also` are questions the dialogue does not show."""

    def __init__(self, flavour: str, module: str, steps: list[Any], branch: int = 0) -> None:
        self.script = Script(steps, IDENTITY | {"AT+CGSN": ok(IMEI.encode())}, frozenset())
        self.bench = Bench(flavour, module, self.script)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.mqtt = self.bench.modem.mqtt
        self.branch = branch

    def begin(self) -> None:
        for ms, data in self.script.begin():
            self.bench.line.push(data, ms)
        self.bench.pass_ms(50)

    def connected(self) -> None:
        """The session stands already."""
        self.mqtt.connected = True

    def message(self, topic: bytes, payload: bytes) -> None:
        self.bench.pass_ms(50)
        found = self.call(self.mqtt.check_msg)
        assert (found.topic, found.payload, found.qos) == (topic, payload, 0)
        assert self.mqtt.unread == 0
        sent = bytes(self.bench.line.written)
        assert self.call(self.mqtt.check_msg) is None
        assert bytes(self.bench.line.written) == sent


def minimal(play: Play) -> None:
    play.call(play.bench.modem.at, "+CMEE=2")
    found = play.call(play.mqtt.settings)
    assert found == {
        "client_id": IMEI, "host": "", "port": 1883, "user": "", "will_qos": 0, "will_retain": 0,
        "will_topic": "", "will": "", "keepalive": 0, "tls": None,
    }  # fmt: skip
    play.mqtt.placed = [(0, IMEI), (10, 0)]
    play.call(play.mqtt.configure, BROKER, keepalive=0)


def last_will(play: Play) -> None:
    play.mqtt.placed = [*PLACE, (7, 0)]
    play.call(play.mqtt.configure, BROKER, keepalive=0, will=WILL)
    assert play.mqtt.placed[-1] == (2, BROKER, 1883)


def stored(play: Play) -> None:
    play.call(play.mqtt.store)
    play.call(play.mqtt.factory)
    assert play.call(play.mqtt.settings)["host"] == ""
    play.call(play.mqtt.load)
    found = play.call(play.mqtt.settings)
    assert (found["host"], found["port"]) == ("185.215.193.15", 1883)


def deep_sleep(play: Play) -> None:
    """With both levels of sleep announced by A10 5.10.2: one vote around each part."""
    modem = play.bench.modem
    power = modem.power
    power.deep = True
    steps = play.script.steps
    steps[2:2] = [
        {"send": line, "final": "OK"}
        for line in ("AT+UMQTTNV=0", f'AT+UMQTT=0,"{IMEI}"', "AT+UMQTT=10,0",
                     f'AT+UMQTT=2,"{BROKER}",1883')
    ]  # fmt: skip
    play.call(play.mqtt.store, BROKER, keepalive=0)
    assert steps[0]["send"] == "AT+USLPVOTE=0,0"
    modem.lost()
    power.vote_level = True  # some firmware keeps it, and the dialogue does not show it again
    steps[2:2] = [
        {"send": "AT+UMQTTC=1", "final": "OK", "urcs": ["+UUMQTTC: 1,1"]},
        {"send": "AT+UMQTTC=0", "final": "OK", "urcs": ["+UUMQTTC: 0,1"]},
    ]
    play.call(play.mqtt.connect, BROKER, keepalive=0)
    play.call(play.mqtt.disconnect)


def context(play: Play) -> None:
    play.mqtt.placed = list(PLACE)
    play.call(play.mqtt.configure, BROKER, keepalive=0, context=(2, True))


def session(play: Play) -> None:
    play.mqtt.placed = list(PLACE)
    play.call(play.mqtt.connect, BROKER, keepalive=0)
    assert play.mqtt.is_connected()
    play.call(play.mqtt.disconnect)
    assert not play.mqtt.is_connected() and play.mqtt.why == 0


def sub_pub(play: Play) -> None:
    play.connected()
    assert play.call(play.mqtt.subscribe, "module/lights") == 0
    play.call(play.mqtt.publish, "module/lights", "light_1 is red")
    play.message(b"module/lights", b"light_1 is red")
    play.call(play.mqtt.unsubscribe, "module/lights")


def digits(play: Play) -> None:
    """The alternative reads `6,1,0` of LEXI-R10 are the same as `6,1`, and never sent."""
    play.connected()
    topic, payload = b"", b""
    for step in list(play.script.steps):
        sent = step.get("send", "")
        if sent.startswith("AT+UMQTTC=4"):
            topic = sent.split('"')[1].encode()
            payload = BYTES if topic == b"module/hex" else b"ABCD3031"
            assert play.call(play.mqtt.subscribe, topic) == 0
        elif sent.startswith("AT+UMQTTC=2"):
            play.call(play.mqtt.publish, topic, payload)
        elif sent:
            play.mqtt.hex_reads = sent.endswith("6,1,1")
            play.message(topic, payload)


def binary(play: Play) -> None:
    play.connected()
    assert play.call(play.mqtt.subscribe, "module/special") == 0
    publish_binary(play, SPECIAL)
    play.message(b"module/special", SPECIAL)


def publish_binary(play: Play, data: bytes) -> None:
    """A short message goes as digits; the dialogue's form is that of longer ones."""
    from importlib import import_module

    name = "aio" if play.bench.flavour == "asyncio" else "blocking"
    module: Any = import_module(f"ublox_cellular.{name}.mqtt.action")
    keep, module._HEX_WORTH = module._HEX_WORTH, 0
    try:
        play.call(play.mqtt.publish, "module/special", data, qos=1)
    finally:
        module._HEX_WORTH = keep


def ping(play: Play) -> None:
    play.mqtt.placed = list(PLACE)
    play.call(play.mqtt.connect, BROKER, keepalive=30)
    play.bench.pass_ms(100)
    assert not play.mqtt.is_connected() and play.mqtt.why == 8
    with pytest.raises(OSError, match="pings"):
        play.call(play.mqtt.check_msg)


def debug(play: Play) -> None:
    play.mqtt.placed = list(PLACE)
    with pytest.raises(OSError, match="no data connection") as caught:
        play.call(play.mqtt.connect, BROKER, keepalive=0)
    error: Any = caught.value
    assert (error.error_class, error.code) == (13, 50)


def secure(play: Play) -> None:
    modem: Any = play.bench.modem
    profile = modem.security.profile(2, verify="none", min_version=None)
    modem.security.placed[2] = profile
    profile.key = (BROKER, None)
    play.mqtt.placed = list(PLACE)
    play.call(play.mqtt.connect, BROKER, keepalive=0, tls=profile)
    assert profile.busy == 0


TABLE: dict[str, Callable[[Play], None]] = {
    "6.1.1-minimal": minimal, "6.1.2-last-will": last_will, "6.1.3-nv": stored,
    "6.1.4-deep-sleep": deep_sleep, "6.1.5-context": context, "6.2-session": session,
    "6.3-sub-pub": sub_pub, "6.4-hex": digits, "6.5-binary": binary, "6.6-ping": ping,
    "6.8-debug": debug, "6.9-secure": secure,
}  # fmt: skip
TWO = "6.7-last-will"


def dialogues() -> dict[str, tuple[str, list[Any]]]:
    """Id: (module, steps), of the MQTT chapters."""
    found = {}
    for module in ("sara-r5", "lexi-r10"):
        for dialogue in load(module):
            if dialogue["id"].split("-", 1)[1].startswith("6."):
                found[dialogue["id"]] = (module, dialogue["steps"])
    return found


ALL = dialogues()
PLAYED = [name for name in ALL if not name.endswith(TWO)]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("ident", PLAYED)
def test_dialogue(flavour: str, ident: str) -> None:
    module, steps = ALL[ident]
    for branch, chosen in enumerate(branches([dict(step) for step in steps])):
        if any(step.get("send") == "AT+UMQTTC=6,1,0" for step in chosen):
            continue
        play = Play(flavour, module, chosen, branch)
        try:
            play.begin()
            TABLE[ident.split("-", 1)[1]](play)
            assert play.script.over, f"not asked for: {play.script.steps}"
        finally:
            play.bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("ident", [name for name in ALL if name.endswith(TWO)])
def test_last_will_of_one_module_seen_by_another(flavour: str, ident: str) -> None:
    module, steps = ALL[ident]
    plays = [
        Play(flavour, module, [dict(step) for step in steps if step.get("dce") == dce])
        for dce in (1, 2)
    ]
    first, second = plays
    for play in plays:
        play.mqtt.placed = list(PLACE)
        play.call(play.mqtt.connect, BROKER, keepalive=0)
    assert second.call(second.mqtt.subscribe, WILL[0]) == 0
    first.call(first.bench.modem.at, first.script.steps[0]["send"][2:])
    first.bench.pass_ms(50)
    assert not first.mqtt.is_connected() and first.mqtt.why == 101
    second.message(WILL[0].encode(), str(WILL[1]).encode())
    for play in plays:
        assert play.script.over
        play.bench.close()


def test_every_dialogue_is_here() -> None:
    assert {name.split("-", 1)[1] for name in ALL} == {*TABLE, TWO}
