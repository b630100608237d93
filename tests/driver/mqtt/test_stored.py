"""`connect()` without a host: what was stored in the module counts, its pings included."""

from __future__ import annotations

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES
from driver.support.told_uart import told


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("keepalive", [0, 6])
def test_the_pings_of_stored_settings_are_switched_on(
    flavour: str, module: str, keepalive: int
) -> None:
    answers = (
        ("+UMQTTC=1", "OK|+UUMQTTC: 1,1"),
        ("+UMQTT?", f'+UMQTT: 2,"b.example",1883|+UMQTT: 10,{keepalive}|+UMQTT: 11,0|OK'),
    )
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, "iot.example")
        bench.call(bench.modem.mqtt.load)
        bench.call(bench.modem.mqtt.connect)
        assert node.sent("+UMQTTC=8") == (["+UMQTTC=8,1"] if keepalive else [])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_pings_of_mqttsn_too(flavour: str) -> None:
    answers = (
        ("+UMQTTSNC=0", "OK|+UUMQTTSNC: 0,1"), ("+UMQTTSNC=1", "OK|+UUMQTTSNC: 1,1"),
        ("+UMQTTSN?", '+UMQTTSN: 2,"10.0.0.9",1883|+UMQTTSN: 8,6|OK'),
    )  # fmt: skip
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, "iot.example")
        bench.call(bench.modem.mqttsn.connect)
        assert node.sent("+UMQTTSNC=10") == ["+UMQTTSNC=10,1"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_deep_sleep_between_load_and_connect_costs_nothing(flavour: str) -> None:
    """LEXI-R10 forgets the settings in it; those of load() are taken up again, with a vote."""
    node = Node("lexi-r10", flavour)
    try:
        modem = node.up()
        node.call(modem.connect, APN)
        node.call(modem.mqtt.store, "b.example", keepalive=30)
        node.call(modem.power.save, "timer", 1000, "hibernate")
        node.call(modem.mqtt.load)
        node.pass_ms(120_000)
        before = len(node.uart.trace)
        with pytest.raises(OSError):  # there is no such broker
            node.call(modem.mqtt.connect, timeout_ms=20_000)
        lines = [bytes(data) for _, way, data in node.uart.trace[before:] if way == ">"]
        votes = [line for line in lines if b"USLPVOTE" in line or b"UMQTT" in line]
        assert votes.index(b"AT+USLPVOTE=0,0\r") < votes.index(b"AT+UMQTTNV=1\r")
        assert votes.index(b"AT+UMQTTNV=1\r") < votes.index(b"AT+UMQTTC=1\r")
    finally:
        node.close()
