"""MQTT: messages of every kind both ways, sessions and their end, and one that comes back.

The broker is a real one, of this run alone; what a behaviour hears it has published itself.
"""

from .payloads import HOSTILE
from .rig import code, difference, fails, pattern

ENOTCONN = 107
ECONNRESET = 104
EMSGSIZE = 90
EALREADY = 114
ENOBUFS = 105
# Sizes about the borders: text, digits, behind a prompt; the last is the most a message may have.
SIZES = (0, 1, 128, 129, 1023, 1024)


async def _port(rig, kind="plain"):
    """Of the broker: plain, password, tls or mutual."""
    return int((await rig.ask("broker " + kind))[0])


async def _service(rig):
    """The service without a session."""
    mqtt = (await rig.connected()).mqtt
    await mqtt.disconnect()
    mqtt.set_callback(None)
    mqtt.buffer = None
    mqtt.leave = False
    return mqtt


async def _session(rig, **options):
    mqtt = await _service(rig)
    port = await _port(rig)
    await mqtt.connect(rig.host, port, **options)
    while await mqtt.check_msg() is not None:  # of an earlier behaviour
        pass
    return mqtt


async def _next(mqtt):
    message = await mqtt.wait_msg(20000)
    assert message is not None, "no message came"
    return message


async def messages_of_every_size_pass(rig):
    mqtt = await _session(rig)
    assert await mqtt.subscribe("sizes/+", 2) == 2
    for size in SIZES:
        data = pattern(size, size)
        await mqtt.publish("sizes/x", data, qos=size % 3)
        message = await _next(mqtt)
        assert message.topic == b"sizes/x"
        assert message.payload == data, difference(message.payload, data)
        assert message.qos == size % 3
        text = "t" * size
        await mqtt.publish("sizes/x", text)
        assert (await _next(mqtt)).payload == text.encode()
    await mqtt.disconnect()


async def messages_that_look_like_answers_pass(rig):
    mqtt = await _session(rig)
    await mqtt.subscribe("like", 1)
    own = [bytes(range(256)), b"\r\n+UUMQTTC: 6,9\r\n", b'",4,"']
    for data in own + list(HOSTILE):
        await mqtt.publish("like", data, qos=1)
        message = await _next(mqtt)
        assert message.payload == data, difference(message.payload, data)
    await mqtt.disconnect()


async def nothing_is_heard_that_is_not_subscribed_to(rig):
    mqtt = await _session(rig)
    await mqtt.subscribe("here/#")
    await mqtt.publish("there", "unheard")
    await mqtt.publish("here/a/b", "heard")
    assert (await _next(mqtt)).payload == b"heard"
    await mqtt.unsubscribe("here/#")
    await mqtt.publish("here/a/b", "unheard")
    assert await mqtt.wait_msg(500) is None
    await mqtt.disconnect()


async def looking_for_messages_sends_nothing_while_there_are_none(rig):
    mqtt = await _session(rig)
    before = rig.uart.written
    for _ in range(50):
        assert await mqtt.check_msg() is None
    assert rig.uart.written == before
    await mqtt.disconnect()


async def messages_are_given_to_the_callback(rig):
    mqtt = await _session(rig)
    heard = []
    mqtt.set_callback(lambda topic, payload: heard.append((topic, payload)))
    await mqtt.subscribe("call")
    for i in range(3):
        await mqtt.publish("call", b"%d" % i)
    while len(heard) < 3:
        await _next(mqtt)
    assert heard == [(b"call", b"0"), (b"call", b"1"), (b"call", b"2")], heard
    await mqtt.disconnect()


async def messages_are_iterated_until_the_session_is_ended(rig):
    mqtt = await _session(rig)
    await mqtt.subscribe("each")
    for i in range(3):
        await mqtt.publish("each", b"%d" % i)
    found = []
    async for message in mqtt:
        found.append(message.payload)
        if len(found) == 3:
            await mqtt.disconnect()
    assert found == [b"0", b"1", b"2"], found


async def a_message_that_does_not_fit_does_not_block_the_next(rig):
    mqtt = await _session(rig)
    await mqtt.subscribe("fit", 1)
    mqtt.buffer = bytearray(64)
    for mqtt.leave in (False, True):
        await mqtt.publish("fit", pattern(500, 1), qos=1)
        await mqtt.publish("fit", b"small", qos=1)
        error = await fails(_next, mqtt)
        assert code(error) == EMSGSIZE and error.size == 500, error
        assert (await _next(mqtt)).payload == b"small"
    assert mqtt.large.payload == pattern(500, 1)
    buf = bytearray(5)
    await mqtt.publish("fit", b"12345", qos=1)
    await rig.until(lambda: mqtt.unread)
    assert await mqtt.read_into(buf) == 5 and buf == b"12345" and mqtt.topic == b"fit"
    await mqtt.disconnect()


async def what_cannot_be_carried_is_refused_unsent(rig):
    mqtt = await _session(rig)
    before = rig.uart.written
    for topic, data in (("t", bytes(1025)), ("t" * 257, b""), ("", b""), ("a/#", b""), ('"', b"")):
        assert isinstance(await fails(mqtt.publish, topic, data), ValueError)
    assert isinstance(await fails(mqtt.subscribe, "#/a"), ValueError)
    assert isinstance(await fails(mqtt.publish, "t", b"", False, 3), ValueError)
    assert code(await fails(mqtt.connect, "x")) == EALREADY
    assert rig.uart.written == before
    await mqtt.disconnect()
    assert code(await fails(mqtt.publish, "t", b"")) == ENOTCONN
    assert code(await fails(mqtt.check_msg)) == ENOTCONN
    assert rig.uart.written > before


async def a_file_is_published(rig):
    mqtt = await _session(rig)
    await mqtt.subscribe("file", 1)
    await rig.modem.files.write("msg.bin", pattern(700, 9))
    await mqtt.publish_file("file", "msg.bin", qos=1)
    assert (await _next(mqtt)).payload == pattern(700, 9)
    await rig.modem.files.remove("msg.bin")
    await mqtt.disconnect()


async def a_retained_message_comes_with_the_subscription(rig):
    mqtt = await _session(rig)
    await mqtt.publish("kept", b"old", True, 1)
    await mqtt.subscribe("kept", 1)
    assert (await _next(mqtt)).payload == b"old"
    await mqtt.publish("kept", b"", True, 1)
    assert (await _next(mqtt)).payload == b""
    await mqtt.disconnect()


async def user_and_password_are_needed(rig):
    mqtt = await _service(rig)
    port = await _port(rig, "password")
    await mqtt.connect(rig.host, port, user="device", password="secret word")
    await mqtt.publish("login", b"x", qos=1)
    await mqtt.disconnect()
    error = await fails(mqtt.connect, rig.host, port)
    assert error.error_class == 13 and "UMQTTC=1" in str(error), error


async def tls_is_verified_and_shows_our_certificate(rig):
    mqtt = await _service(rig)
    port = await _port(rig, "mutual")
    security = rig.modem.security
    for kind, name in (("CA", "ca"), ("CC", "cert"), ("PK", "key")):
        await security.store(kind, name, rig.place["pem"][name].encode())
    tls = security.profile(0, ca="ca", cert="cert", key="key", hostname="broker.example")
    await mqtt.connect(rig.host, port, tls=tls)
    await mqtt.subscribe("tls", 1)
    await mqtt.publish("tls", pattern(300, 3), qos=1)
    assert (await _next(mqtt)).payload == pattern(300, 3)
    await mqtt.disconnect()
    wrong = security.profile(1, ca="ca", hostname="elsewhere.example")
    port = await _port(rig, "tls")

    async def connect():
        await mqtt.connect(rig.host, port, tls=wrong)

    assert (await fails(connect)).error_class == 13
    tls.release()
    wrong.release()


async def settings_are_stored_and_read(rig):
    mqtt = await _service(rig)
    port = await _port(rig)
    await mqtt.store(rig.host, port=port, client_id="stored", keepalive=33, will=("w", "m", 1))
    await mqtt.factory()
    assert (await mqtt.settings())["host"] == ""
    await mqtt.load()
    found = await mqtt.settings()
    assert (found["host"], found["port"], found["keepalive"]) == (rig.host, port, 33), found
    assert (found["client_id"], found["will"], found["will_qos"]) == ("stored", "m", 1), found
    await mqtt.connect()
    await mqtt.publish("stored", b"", qos=1)
    await mqtt.disconnect()


async def a_kept_session_delivers_and_comes_back(rig):
    mqtt = await _service(rig)
    told = []
    heard = []
    kept = mqtt.keep(
        rig.host, await _port(rig), client_id="kept", outbox=3,
        on_result=lambda ticket, error: told.append((ticket, error)),
        on_message=lambda topic, payload: heard.append(payload),
    )  # fmt: skip
    kept.subscribe("back/#")
    for i in range(3):
        assert kept.publish("back/x", b"%d" % i) == i + 1
    try:
        kept.publish("back/x", b"too many")
        raise AssertionError("the outbox has no end")
    except OSError as error:
        assert code(error) == ENOBUFS
    assert await kept.flush()
    await rig.ask("broker restart")
    kept.publish("back/x", b"3")
    assert await kept.flush()
    state = kept.save()
    began = rig.now()
    while len(heard) < 4 and rig.since(began) < 20000:
        await kept.work(100)
    assert told == [(1, None), (2, None), (3, None), (4, None)], told
    assert heard == [b"0", b"1", b"2", b"3"], heard
    assert await kept.close() == 0
    again = mqtt.keep(rig.host, await _port(rig), client_id="kept", state=state)
    assert again.publish("back/x", b"5") == 5 and not mqtt.is_connected()
