"""The driver's MQTT on the simulated module, with a real broker behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from driver.support.mqtt_client import Party, mqtt_node
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES
from servers.broker import NAME, PASSWORD, USER, Broker

KINDS = [(flavour, module) for module in MODULES for flavour in FLAVOURS]
EVERY_BYTE = bytes(range(256)) * 4
Maker = Callable[..., Node]


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture
def nodes(broker: Broker) -> Iterator[Maker]:
    made: list[Node] = []

    def make(flavour: str, module: str, **options: Any) -> Node:
        made.append(mqtt_node(broker, module, flavour, **options))
        return made[-1]

    yield make
    for node in made:
        assert node.violations() == [], node.told()
        node.close()


def session(node: Node, broker: Broker, port: int | None = None, **options: Any) -> Any:
    """A connected modem with a session."""
    modem = node.up()
    node.call(modem.mqtt.connect, NAME, port or broker.port, **options)
    return modem.mqtt


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_there_and_back(flavour: str, module: str, nodes: Maker, broker: Broker) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker)
    messages = [b"", b"plain text", b'"\r\n,\x00\xff', EVERY_BYTE, b"x" * 1024, EVERY_BYTE[:129]]
    with Party(broker, "up/#") as party:
        assert node.call(mqtt.subscribe, "down/+", 2) == 2
        for qos in (0, 1, 2):
            for message in messages:
                node.call(mqtt.publish, f"up/{qos}", message, qos=qos)
                party.say("down/x", message, qos)
                found = node.call(mqtt.wait_msg, 5000)
                assert (found.topic, found.payload, found.qos) == (b"down/x", message, qos)
        party.until(lambda: len(party.heard) == 18)
        assert party.heard == [(f"up/{q}", m, q, False) for q in (0, 1, 2) for m in messages]
        assert node.call(mqtt.check_msg) is None
        node.call(mqtt.unsubscribe, "down/+")
        party.say("down/x", b"unheard")
        assert node.call(mqtt.wait_msg, 2000) is None
    node.call(mqtt.disconnect)
    with pytest.raises(OSError, match="not connected"):
        node.call(mqtt.check_msg)
    with pytest.raises(OSError, match="not connected"):
        node.call(mqtt.publish, "up/x", b"")


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_password_and_tls(flavour: str, module: str, nodes: Maker, broker: Broker) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker, broker.ports["password"], user=USER, password=PASSWORD)
    node.call(mqtt.disconnect)
    assert PASSWORD.encode() in node.sent()
    security = node.modem.security
    node.call(security.store, "CA", "root", broker.ca.cert_pem.bytes())
    node.call(security.store, "CC", "ours", broker.identity.cert_chain_pems[0].bytes())
    node.call(security.store, "PK", "key", broker.identity.private_key_pem.bytes())
    plain = security.profile(ca="root")
    mutual = security.profile(ca="root", cert="ours", key="key")
    for kind, profile in (("tls", plain), ("mutual", mutual)):
        node.call(mqtt.connect, NAME, broker.ports[kind], tls=profile)
        node.call(mqtt.publish, "secret", EVERY_BYTE, qos=1)
        node.call(mqtt.disconnect)
    with pytest.raises(OSError, match=r"AT.UMQTTC=1 failed"):
        node.call(mqtt.connect, NAME, broker.ports["mutual"], tls=plain)
    with pytest.raises(OSError, match=r"AT.UMQTTC=1 failed"):
        node.call(mqtt.connect, NAME, broker.ports["password"])


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_settings_with_tls_are_never_used_without_their_profile(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker)
    node.call(mqtt.disconnect)
    security = node.modem.security
    stranger = trustme.CA().cert_pem.bytes()  # who has not signed the broker's
    node.call(security.store, "CA", "root", stranger)
    profile = security.profile(3, ca="root")
    node.call(mqtt.store, NAME, port=broker.ports["tls"], tls=profile)
    with pytest.raises(OSError, match=r"AT.UMQTTC=1 failed"):
        node.call(mqtt.connect)
    profile.release()
    node.call(mqtt.load)
    with pytest.raises(OSError, match="security profile 3"):
        node.call(mqtt.connect)
    node.call(security.store, "CA", "root", broker.ca.cert_pem.bytes())
    security.profile(3, ca="root")
    node.call(mqtt.connect)
    assert mqtt.tls_sessions == 1
    node.call(mqtt.disconnect)
    assert mqtt.tls_sessions == 0


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_last_will_seen_by_another(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    with Party(broker, "will/#") as party:
        session(node, broker, will=("will/x", b"gone\x00", 1, False), client_id="mortal")
        node.call(node.modem.at, "+CFUN=4" if module == "lexi-r10" else "+UPSDA=0,4")
        party.until(lambda: party.payloads() == [b"gone\x00"])


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_host_that_restarts_ends_the_session_it_finds(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    session(node, broker)
    modem = node.make()
    node.call(modem.attach)
    node.call(modem.connect, "iot.example")
    node.call(modem.mqtt.connect, NAME, broker.port)
    node.call(modem.mqtt.publish, "a", b"b", qos=1)


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_iteration_ends_with_the_session(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker, keepalive=0)
    node.call(mqtt.subscribe, "it/#", 1)
    with Party(broker, "none") as party:
        party.say_all("it/x", [b"1", b"2", b"stop"], 1)
        found = []
        if flavour == "asyncio":

            async def heard() -> None:
                async for message in mqtt:
                    found.append(message.payload)
                    if message.payload == b"stop":
                        await mqtt.disconnect()

            node.call(heard)
        else:
            for message in mqtt:
                found.append(message.payload)
                if message.payload == b"stop":
                    mqtt.disconnect()
    assert found == [b"1", b"2", b"stop"]


VARIANTS = [
    "mqtt-server-swapped", "mqtt-op-resets", "mqtt-no-client-id", "mqtt-will-hex-behind",
    "mqtt-binary-9", "mqtt-empty-error", "mqtt-refusals-53", "mqtt-read-waits",
    "mqtt-unread-lost", "mqtt-announce-at-once", "mqtt-ping-ends",
]  # fmt: skip
TRIED = ("mqtt-server-swapped", "mqtt-will-hex-behind")


@pytest.mark.parametrize("variant", VARIANTS)
def test_other_firmware(variant: str, nodes: Maker, broker: Broker) -> None:
    node = nodes("blocking", "sara-r5", variants={variant})
    mqtt = session(node, broker, keepalive=60, will=("will/v", b"\x00gone", 1))
    assert node.call(mqtt.subscribe, "echo/#", 1) == 1
    for turn in range(3):
        for message in (b"text", b"\x00" * 20, EVERY_BYTE):
            node.call(mqtt.publish, f"echo/{turn}", message, qos=turn)
            found = node.call(mqtt.wait_msg, 10_000)
            assert (found.topic, found.payload) == (b"echo/%d" % turn, message)
    assert node.call(mqtt.check_msg) is None
    modem = node.make()  # another program finds the session open
    node.call(modem.attach)
    node.call(modem.connect, "iot.example")
    node.call(modem.mqtt.connect, "127.0.0.1", broker.port)
    node.call(modem.mqtt.publish, "echo/x", b"again", qos=1)
    tried = [text for text in node.violations() if "wrong parameters: +UMQTT=" in text]
    assert len(tried) in ((1, 2) if variant in TRIED else (0,))
    if tried == node.violations():  # one form of a setting is tried, then the other
        node.module.violations.clear()


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_500_messages_at_once(flavour: str, module: str, nodes: Maker, broker: Broker) -> None:
    node = nodes(flavour, module, mqtt_queue=600)
    mqtt = session(node, broker)
    node.call(mqtt.subscribe, "burst/#", 1)
    payloads = [b"%d:" % number + EVERY_BYTE[: number * 2] for number in range(500)]
    with Party(broker, "none") as party:
        party.say_all("burst/x", payloads, 1)
    found = [node.call(mqtt.wait_msg, 20_000) for _ in payloads]
    assert sorted(m.payload for m in found) == sorted(payloads)
    assert node.call(mqtt.check_msg) is None
    assert mqtt.dropped == 0


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_what_a_full_queue_drops_is_not_waited_for(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module, mqtt_queue=5)
    mqtt = session(node, broker)
    node.call(mqtt.subscribe, "full/#", 0)
    with Party(broker, "none") as party:
        party.say_all("full/x", [b"%d" % number for number in range(20)], 1)
        node.pass_ms(3000)
        found = node.call(mqtt.read_all)
        assert 5 <= len(found) <= 20
        party.say("full/x", b"last")
        assert node.call(mqtt.wait_msg, 10_000).payload == b"last"


@pytest.mark.parametrize("message", [EVERY_BYTE, b"\rat+cfun=16\r" * 20], ids=["any", "command"])
@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_message_outlives_its_prompt(
    flavour: str, module: str, message: bytes, nodes: Maker, broker: Broker
) -> None:
    """The module still waits for it. What looks like a command is never sent unasked, though: that
    message is spoilt, and nothing else."""
    node = nodes(flavour, module)
    mqtt = session(node, broker)
    with Party(broker, f"prompt/{flavour}/{module}") as party:
        faults = node.module.faults
        faults.load(f"drop=out@{faults.out.count + 2}")  # \r\n>
        with pytest.raises(OSError, match=r"prompt|answer|damaged|garbled"):
            node.call(mqtt.publish, f"prompt/{flavour}/{module}", message, qos=1)
        faults.clear()
        node.call(mqtt.publish, f"prompt/{flavour}/{module}", b"\x00next" * 200, qos=1)
        party.until(lambda: len(party.heard) == 2)
        assert party.payloads()[1] == b"\x00next" * 200
        assert b"cfun" in message or party.payloads()[0] == message
    assert node.module.boots == 1
    assert all("payload" in told for told in node.violations())  # short of it, or beyond
    node.module.violations.clear()


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_broker_that_dies_is_noticed(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker)
    broker.restart()
    with pytest.raises(OSError, match=r"lost|ended|closed|pings"):
        node.call(mqtt.wait_msg)
    node.call(mqtt.connect, NAME, broker.port)
    node.call(mqtt.publish, "a", b"b", qos=1)


@pytest.mark.parametrize(("flavour", "module"), KINDS)
def test_a_dead_line_is_found_by_the_ping(
    flavour: str, module: str, nodes: Maker, broker: Broker
) -> None:
    node = nodes(flavour, module)
    mqtt = session(node, broker, keepalive=30)
    node.module.set_coverage(False)
    began = node.seconds()
    with pytest.raises(OSError, match=r"pings|lost"):
        node.call(mqtt.wait_msg, 300_000)
    assert node.seconds() - began < 120
    node.module.set_coverage(True)
    node.call(mqtt.connect, NAME, broker.port)


def test_a_session_is_kept_over_deep_sleep(nodes: Maker, broker: Broker) -> None:
    """A10 6.1.4: no deep sleep while a session stands, none of the settings written twice."""
    node = nodes("blocking", "lexi-r10")
    modem = node.make("power_key power_sense")
    node.call(modem.power_on)
    node.call(modem.power.save, "timer", 5000, "hibernate")
    node.call(modem.connect, "iot.example")
    options = {"client_id": "sleeper", "keepalive": 0, "clean": False}
    node.call(modem.mqtt.store, NAME, port=broker.port, **options)
    kept = modem.mqtt.keep(NAME, broker.port, **options)
    kept.subscribe("sleep/#", 1)
    heard: list[bytes] = []
    modem.mqtt.set_callback(lambda _, payload: heard.append(payload))
    with Party(broker, "awake/#") as party:
        for turn in range(3):
            kept.resume()
            kept.publish("awake/x", b"%d" % turn)
            assert node.call(kept.flush), kept.trouble
            node.call(kept.work, 2000)
            node.call(kept.close)
            party.say("sleep/x", b"%d" % turn)
            node.pass_ms(200_000)
            modem.poll()
            assert modem.power.depth > 1  # Sleep-2 or deeper
        party.until(lambda: party.payloads() == [b"0", b"1", b"2"])
    assert heard == [b"0", b"1"]
    assert node.sent().count(b'AT+UMQTT=0,"sleeper"') == 1
    assert node.sent().count(b"AT+UMQTTNV=1") == 3


@pytest.mark.parametrize("module", MODULES)
def test_the_drop_in_for_umqtt(module: str, nodes: Maker, broker: Broker) -> None:
    """A program written for `umqtt.simple`, but for its import and `use()`."""
    from ublox_cellular import umqtt
    from ublox_cellular.umqtt import MQTTClient

    node = nodes("blocking", module)
    umqtt.use(node.up())
    heard: list[tuple[bytes, bytes]] = []
    client = MQTTClient(b"dropped-in", NAME, broker.ports["password"], USER, PASSWORD, 60)
    client.set_callback(lambda topic, msg: heard.append((topic, msg)))
    client.set_last_will(b"w", b"gone", qos=1)
    assert client.connect() is False
    assert client.subscribe(b"in/#", qos=1) is None
    assert client.publish(b"in/x", b"\x00hello", retain=False, qos=1) is None
    assert client.wait_msg() == 0x32
    assert client.check_msg() is None
    assert heard == [(b"in/x", b"\x00hello")]
    client.ping()
    client.disconnect()
    with pytest.raises(OSError, match="not connected"):
        client.ping()
    with pytest.raises(umqtt.MQTTException):
        MQTTClient("x", NAME, broker.ports["password"]).connect()
    umqtt.use(None)
    with pytest.raises(ValueError, match="use"):
        MQTTClient("x", NAME)


def test_a_kept_session_over_psm(nodes: Maker, broker: Broker) -> None:
    """SARA-R5's power saving takes the session with it; what is published wakes the module, and
    what the broker kept meanwhile comes then."""
    node = nodes("blocking", "sara-r5")
    modem = node.make("power_key power_sense")
    node.call(modem.power_on)
    node.call(modem.power.save, "timer", 1000)
    node.call(modem.power.set_psm, 3600, 4)
    node.call(modem.connect, "iot.example")
    heard: list[bytes] = []
    kept = modem.mqtt.keep(
        NAME, broker.port, client_id="psm", keepalive=0,
        on_message=lambda _, payload: heard.append(payload),
    )  # fmt: skip
    kept.subscribe("to/psm", 1)
    with Party(broker, "of/psm") as party:
        for turn in range(3):
            kept.resume()
            kept.publish("of/psm", b"%d" % turn)
            assert node.call(kept.flush), kept.trouble
            node.call(kept.work, 2000)
            node.call(kept.close)
            party.say("to/psm", b"%d" % turn)
            for _ in range(60):
                node.pass_ms(1000)
                modem.poll()
            assert modem.power.depth == 4  # PSM
        party.until(lambda: party.payloads() == [b"0", b"1", b"2"])
    assert heard == [b"0", b"1"]


@pytest.mark.parametrize("module", MODULES)
def test_tasks_publish_while_another_listens(module: str, nodes: Maker, broker: Broker) -> None:
    node = nodes("asyncio", module)
    mqtt = session(node, broker)
    heard: list[bytes] = []

    async def listen() -> None:
        async for message in mqtt:
            heard.append(message.payload)
            if len(heard) == 30:
                return

    async def speak(name: int) -> None:
        for number in range(10):
            await mqtt.publish("tasks", b"%d %d" % (name, number), qos=1)

    async def all_of_it() -> None:
        await mqtt.subscribe("tasks", 1)
        await asyncio.gather(listen(), *(speak(name) for name in range(3)))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(mqtt.wait_msg(), 1)

    node.call(all_of_it)
    assert sorted(heard) == sorted(b"%d %d" % (n, m) for n in range(3) for m in range(10))
    node.call(mqtt.publish, "tasks", b"last", qos=1)


@pytest.mark.parametrize("module", MODULES)
def test_a_kept_session_as_a_task(module: str, nodes: Maker, broker: Broker) -> None:
    node = nodes("asyncio", module)
    modem = node.make()

    async def program() -> list[int]:
        await modem.power_on()
        await modem.connect("iot.example", wait=False)
        told: list[int] = []
        kept = modem.mqtt.keep(
            NAME, broker.port, client_id="task", on_result=lambda ticket, _: told.append(ticket)
        )
        task = asyncio.ensure_future(kept.run())
        for number in range(20):
            kept.publish("task", b"%d" % number)
            if number == 10:
                node.module.set_coverage(False)
                await asyncio.sleep(30)
                node.module.set_coverage(True)
            while len(kept.waiting) > 6:
                await asyncio.sleep(0.05)
        assert await kept.flush()
        task.cancel()
        await modem.disconnect()
        return told

    assert node.call(program) == list(range(1, 21))
