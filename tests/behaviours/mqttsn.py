"""MQTT-SN, which only SARA-R5 has: topics by name, messages of every kind, sessions and their end.

Every behaviour has a gateway of its own, before a real broker.
"""

from .rig import code, difference, fails, pattern, raises

ENOTCONN = 107
ECONNRESET = 104
EMSGSIZE = 90
EALREADY = 114
SARA = "SARA-R5"
# Sizes about the borders: text, digits, behind a prompt; the last is the most a message may have.
SIZES = (0, 1, 90, 484, 486, 1017)


async def _service(rig, kind=""):
    """The service without a session, and the port of a new gateway; None on a module without."""
    modem = await rig.connected()
    if rig.model != SARA:
        before = rig.uart.written
        assert isinstance(raises(getattr, modem, "mqttsn"), AttributeError)
        assert rig.uart.written == before
        return None, 0
    mqttsn = modem.mqttsn
    if mqttsn.connected:
        await mqttsn.disconnect()
    while mqttsn.unread and await mqttsn.read():  # of an earlier behaviour
        pass
    mqttsn.set_callback(None)
    mqttsn.buffer = None
    mqttsn.fixed.clear()
    return mqttsn, int((await rig.ask("gateway" + kind))[0])


async def _session(rig, **options):
    """The service with a session; None on a module without."""
    mqttsn, port = await _service(rig)
    if mqttsn is not None:
        await mqttsn.connect(rig.host, port, **options)
    return mqttsn


async def _next(mqttsn):
    message = await mqttsn.wait_msg(20000)
    assert message is not None, "no message came"
    return message


async def passes_every_size_by_every_form(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    assert await mqttsn.subscribe("sizes/any", 2) == 2
    for size in SIZES:
        data = pattern(size, size)
        await mqttsn.publish("sizes/any", data, qos=size % 3)
        message = await _next(mqttsn)
        assert message.topic == b"sizes/any", message.topic
        assert message.payload == data, difference(message.payload, data)
        assert message.qos == size % 3
    text = "t" * 1017
    for size in (1, 940, 1017):
        await mqttsn.publish("sizes/any", text[:size], qos=1)
        assert (await _next(mqttsn)).payload == text[:size].encode()
    await mqttsn.disconnect()


async def passes_every_byte_value(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    await mqttsn.subscribe("bytes", 1)
    for data in (bytes(range(256)), b'"\r\nOK\r\n', b",", b"\r\n+UUMQTTSNC: 9,3\r\n", b"\x00"):
        await mqttsn.publish("bytes", data, qos=1)
        assert (await _next(mqttsn)).payload == data
    await mqttsn.disconnect()


async def takes_what_the_module_refuses_by_a_file(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    await mqttsn.subscribe("files", 1)
    data = pattern(800, 4)
    mqttsn.binary = False  # as of firmware that does not know operation 12
    await mqttsn.publish("files", data, qos=1)
    assert (await _next(mqttsn)).payload == data
    mqttsn.binary = True
    files = rig.modem.files
    await files.write("mine", data[:300])
    await mqttsn.publish_file("files", "mine", qos=1)
    assert (await _next(mqttsn)).payload == data[:300]
    assert "mqttsn_message" not in await files.listdir()
    await files.write("mine", pattern(1018, 4))
    assert isinstance(await fails(mqttsn.publish_file, "files", "mine"), ValueError)
    await files.remove("mine")
    assert code(await fails(mqttsn.publish_file, "files", "mine")) == 2
    await mqttsn.disconnect()


async def knows_topics_of_every_kind(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    mqttsn.predefine("seven", 7)
    await mqttsn.subscribe("seven", 1)
    await mqttsn.subscribe("ab", 1, kind="short")
    await mqttsn.subscribe("kinds/normal", 1)
    sent = (
        ("seven", None, b"seven"), (7, None, b"seven"), ("ab", "short", b"ab"),
        ("kinds/normal", "normal", b"kinds/normal"),
    )  # fmt: skip
    for topic, kind, named in sent:
        await mqttsn.publish(topic, "for " + str(topic), qos=1, kind=kind)
        message = await _next(mqttsn)
        assert (message.topic, message.payload) == (named, ("for " + str(topic)).encode())
    await mqttsn.unsubscribe("seven")
    await mqttsn.unsubscribe("ab", kind="short")
    await mqttsn.unsubscribe("kinds/normal")
    for topic, kind, _ in sent:
        await mqttsn.publish(topic, "unheard", qos=1, kind=kind)
    assert await mqttsn.wait_msg(1500) is None
    await mqttsn.disconnect()


async def tells_the_number_of_a_topic_nobody_has_named(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    assert await mqttsn.subscribe("wild/#", 1) == 1
    number = await mqttsn.register("wild/known")
    await mqttsn.publish("wild/known", "a", qos=1)
    assert (await _next(mqttsn)).topic == b"wild/known"
    mqttsn.names.clear()
    await mqttsn.publish("wild/known", "b", qos=1)
    assert (await _next(mqttsn)).topic == number
    await mqttsn.unsubscribe("wild/#")
    await mqttsn.disconnect()


async def publishes_without_a_session(rig):
    mqttsn, port = await _service(rig)
    if mqttsn is None:
        return
    await mqttsn.configure(rig.host, port)
    await mqttsn.publish("qq", "nobody answers", qos=-1, kind="short")
    await mqttsn.publish(7, b"\x00\x01", qos=-1)
    assert code(await fails(mqttsn.publish, "qq", "x")) == ENOTCONN
    assert isinstance(await fails(mqttsn.publish, "qq", "x", False, -1), ValueError)


async def gets_while_asleep_what_came_meanwhile(rig):
    mqttsn = await _session(rig, client_id="sleeper", clean=False)
    if mqttsn is None:
        return
    await mqttsn.subscribe("zz", 1, kind="short")
    await mqttsn.disconnect(60)
    assert mqttsn.asleep and not mqttsn.is_connected()
    await rig.ask("publish zz good morning")
    await mqttsn.connect()
    assert not mqttsn.asleep
    message = await _next(mqttsn)
    assert (message.topic, message.payload) == (b"zz", b"good morning")
    await mqttsn.unsubscribe("zz", kind="short")
    await mqttsn.disconnect()


async def reports_a_message_that_is_too_large(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    await mqttsn.subscribe("large", 1)
    mqttsn.buffer = bytearray(60)
    for leave in (False, True):
        mqttsn.leave = leave
        await mqttsn.publish("large", pattern(200, 9), qos=1)
        await mqttsn.publish("large", "small", qos=1)
        await rig.until(lambda: mqttsn.unread)
        error = await fails(mqttsn.wait_msg, 20000)
        assert code(error) == EMSGSIZE and error.size == 200
        assert (await _next(mqttsn)).payload == b"small"
    assert mqttsn.dropped == 1 and mqttsn.large.payload == pattern(200, 9)
    mqttsn.leave = False
    mqttsn.large = None
    buf = bytearray(8)
    await mqttsn.publish("large", "12345678", qos=1)
    await rig.until(lambda: mqttsn.unread)
    assert await mqttsn.read_into(buf) == 8 and buf == b"12345678"
    assert mqttsn.topic == b"large" and await mqttsn.read_into(buf) is None
    await mqttsn.disconnect()


async def calls_back_and_can_be_iterated(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    heard = []
    mqttsn.set_callback(lambda topic, payload: heard.append((topic, payload)))
    await mqttsn.subscribe("calls", 1)
    before = rig.uart.written
    assert await mqttsn.check_msg() is None
    assert rig.uart.written == before  # looking costs nothing
    for number in range(3):
        await mqttsn.publish("calls", str(number), qos=1)
    count = 0
    async for message in mqttsn:
        assert message.payload == str(count).encode()
        count += 1
        if count == 3:
            break
    assert heard == [(b"calls", b"0"), (b"calls", b"1"), (b"calls", b"2")]
    await mqttsn.disconnect()
    assert code(await fails(mqttsn.check_msg)) == ENOTCONN


async def keeps_a_will_and_changes_it(rig):
    mqttsn = await _session(rig, will=("wills/mine", b"gone, \x00", 1, True), client_id="mortal")
    if mqttsn is None:
        return
    await mqttsn.update_will("wills/other", "gone for good", 1)
    assert isinstance(await fails(mqttsn.update_will, "wills/other", b"\x00"), ValueError)
    await mqttsn.ping(False)
    await mqttsn.ping()
    await mqttsn.disconnect()


async def refuses_before_anything_is_sent_for_sn(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    before = rig.uart.written
    for call, arguments in (
        (mqttsn.publish, ("a", b"x" * 1018)), (mqttsn.publish, ("", "x")),
        (mqttsn.publish, ("a/#", "x")), (mqttsn.publish, ("a+", "x")),
        (mqttsn.publish, ('a"', "x")), (mqttsn.publish, ("a\r", "x")),
        (mqttsn.publish, ("x" * 257, "x")), (mqttsn.publish, (0, "x")),
        (mqttsn.publish, (65535, "x")), (mqttsn.publish, ("a", "x", False, 3)),
        (mqttsn.publish, ("a", "x", False, -1)), (mqttsn.subscribe, ("a", 3)),
        (mqttsn.subscribe, ("a#",)), (mqttsn.register, ("a/+",)),
        (mqttsn.disconnect, (0,)), (mqttsn.disconnect, (65536,)),
        (mqttsn.update_will, ("", "x")), (mqttsn.update_will, ("a", "x" * 257)),
        (mqttsn.configure, ("",)), (mqttsn.configure, ("a b",)),
        (mqttsn.configure, ("host", 65536)),
    ):  # fmt: skip
        assert isinstance(await fails(call, *arguments), ValueError), arguments
    assert isinstance(await fails(mqttsn.publish, "a", 5), TypeError)
    assert isinstance(raises(mqttsn.predefine, "a", 65535), ValueError)
    assert code(await fails(mqttsn.connect, "host")) == EALREADY
    assert rig.uart.written == before
    await mqttsn.disconnect()


async def has_a_new_session_after_a_restart(rig):
    mqttsn = await _session(rig)
    if mqttsn is None:
        return
    await mqttsn.subscribe("again", 1)
    await rig.modem.reboot()
    assert not mqttsn.is_connected()
    assert code(await fails(mqttsn.publish, "again", "x")) == ECONNRESET
    assert code(await fails(mqttsn.check_msg)) == ECONNRESET
    await rig.modem.connect("iot.example")
    await mqttsn.connect()
    assert await mqttsn.subscribe("again", 1) == 1
    await mqttsn.publish("again", "and again", qos=2)
    assert (await _next(mqttsn)).payload == b"and again"
    await mqttsn.disconnect()


async def takes_over_the_session_of_an_earlier_program(rig):
    mqttsn, port = await _service(rig)
    if mqttsn is None:
        return
    await mqttsn.connect(rig.host, port)
    modem = rig.made()
    await modem.power_on(30000)
    await modem.connect("iot.example")
    await modem.mqttsn.connect(rig.host, port)
    await modem.mqttsn.publish("after", "the restart of the host", qos=1)
    await modem.mqttsn.disconnect()


async def speaks_dtls_with_the_gateway(rig):
    mqttsn, port = await _service(rig, " secure")
    if mqttsn is None:
        return
    security = rig.modem.security
    await security.store("CA", "peers", rig.place["pem"]["ca"])
    tls = security.profile(ca="peers")
    await mqttsn.connect(rig.name, port, tls=tls)
    await mqttsn.subscribe("secret", 1)
    await mqttsn.publish("secret", b"\x00quiet", qos=1)
    assert (await _next(mqttsn)).payload == b"\x00quiet"
    await mqttsn.disconnect()
    assert not tls.busy
    tls.release()
