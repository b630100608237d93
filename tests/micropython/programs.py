# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Runs on MicroPython: the programs of boards/apps and one written for umqtt.simple, as they are.

The argument is the plan as JSON: `module`, `baudrate`, `folder` with certificates and the apps,
`https` and `mutual` and `plain`: ports. Prints "@@ NAME VALUE" for what came of them.
"""

import json
import sys

import machine

import ublox_cellular

plan = json.loads(sys.argv[1])
folder = plan["folder"]


def tell(name, value):
    print("@@", name, json.dumps(value))


def https(modem):
    """Two turns: the second one sends no certificate again and resumes."""
    import https_node

    base = "https://peer.example:%d" % plan["https"]
    for number in range(2):
        answer, size, _ = https_node.turn(modem, base, {"turn": number}, folder)
        tell("answer%d" % number, [answer["text"], size])
    with modem.http.get(base + "/session", tls=https_node.trusted(modem, folder)) as response:
        tell("session", response.json())


def mqtt(modem):
    """Measurements go up, a reset brings back what was not sent."""
    import mqtt_node

    node = mqtt_node.Node(modem, "broker.example", plan["mutual"], folder)
    node.interval_ms = 1500
    node.turn(1)
    node.session.close()
    node.session.publish("node-1/value", "2.00")
    mqtt_node.keep(node.outbox, node.session.save())
    node = mqtt_node.Node(modem, "broker.example", plan["mutual"], folder)
    node.interval_ms = 1500
    node.turn(3)
    tell("waiting", len(node.session.waiting))
    node.session.close()


def umqtt(modem):
    """But for its import and use() it knows nothing of the modem."""
    from ublox_cellular import umqtt
    from ublox_cellular.umqtt import MQTTClient

    umqtt.use(modem)
    heard = []
    client = MQTTClient("dropped-in", "broker.example", plan["plain"], keepalive=60)
    client.set_callback(lambda topic, msg: heard.append([topic.decode(), msg.decode()]))
    client.connect()
    client.subscribe(b"in/#", qos=1)
    client.publish(b"in/x", b"hello", False, 1)
    client.wait_msg()
    client.disconnect()
    tell("heard", heard)


cls = ublox_cellular.SaraR5 if plan["module"] == "sara-r5" else ublox_cellular.LexiR10
modem = cls(machine.UART(1, plan["baudrate"]), baudrate=plan["baudrate"])
modem.power_on(300_000)  # time is real here
modem.connect("iot.example")
for work in (https, mqtt, umqtt):
    work(modem)
