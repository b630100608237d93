"""Work to be measured: single exchanges by the clock, single calls by the heap.

Runs on MicroPython and CPython; exchanges_blocking.py is made from it. tools/bench says what the
figures mean.
"""

PATIENCE_S = 30
WARM_UP = 2  # turns that load what is needed, fill caches and choose the syntax
TEXT = b"abcdefghijklmnopqrstuvwxyz0123456789"


def payload(n, text):
    """`n` bytes: printable, or of every value."""
    if text:
        return (TEXT * (n // len(TEXT) + 1))[:n]
    return bytes([(i * 7 + (i >> 8)) & 255 for i in range(n)])


class Bench:
    """A connected modem and what it is measured with.

    `clock`: has `ticks_us` and `ticks_diff`; `sleep(ms)`; `report(kind, *what)`.
    """

    def __init__(self, modem, place, report, clock, sleep):
        self.modem = modem
        self.place = place
        self.report = report
        self.clock = clock
        self.sleep = sleep

    async def stream(self):
        """A TCP socket connected to the echo."""
        sock = self.modem.socket()
        sock.settimeout(PATIENCE_S)
        await sock.connect((self.place["address"], self.place["tcp"]))
        return sock

    async def settled(self, sock):
        """Wait until something has come back, and then until nothing more comes."""
        while not sock.ioctl(3, 1) & 1:
            await self.sleep(5)
        await self.sleep(self.place["settle"])
        self.modem.poll()


async def fill(sock, buf, n):
    """Receive `n` bytes, however they are portioned."""
    view = memoryview(buf)
    done = 0
    while done < n:
        done += await sock.recv_into(view[done:n])


async def exchanges(bench, turns):
    """Report the time of sending, of receiving and of a round trip, for each size and kind."""
    sock = await bench.stream()
    buf = bytearray(4096)
    for n in (16, 1024):
        for text in (True, False):
            await _exchange(bench, sock, payload(n, text), buf, turns, text)
    await _stream(bench, sock, buf)
    await sock.close()
    if bench.place["mqtt_plain"]:
        await _messages(bench, turns)


async def _messages(bench, turns):
    """Publish, and read what the broker sends back: QoS 0, so that one message is one exchange."""
    mqtt = bench.modem.mqtt
    ticks = bench.clock.ticks_us
    await mqtt.connect(bench.place["broker"], bench.place["mqtt_plain"])
    await mqtt.subscribe("bench")
    for n, text in ((16, True), (16, False), (1024, True), (1024, False)):
        data = payload(n, text)
        for turn in range(WARM_UP + turns):
            start = ticks()
            await mqtt.publish("bench", data)
            sent = ticks()
            while mqtt.is_connected() and not mqtt.unread:
                await bench.sleep(5)
            await bench.sleep(bench.place["settle"])
            asked = ticks()
            message = await mqtt.check_msg()
            got = ticks()
            if message.payload != data:
                raise ValueError("wrong bytes")
            if turn >= WARM_UP:
                kind = "text" if text else "binary"
                bench.report("exchange", "publish", n, kind, start, sent)
                bench.report("exchange", "message", n, kind, asked, got)
    await mqtt.disconnect()


async def _exchange(bench, sock, data, buf, turns, text):
    ticks, report = bench.clock.ticks_us, bench.report
    kind = "text" if text else "binary"
    n = len(data)
    for turn in range(WARM_UP + turns):
        start = ticks()
        await sock.sendall(data)
        sent = ticks()
        await bench.settled(sock)
        asked = ticks()
        await fill(sock, buf, n)
        got = ticks()
        if buf[:n] != data:
            raise ValueError("wrong bytes")
        if turn >= WARM_UP:
            report("exchange", "up", n, kind, start, sent)
            report("exchange", "down", n, kind, asked, got)
    for _ in range(turns):
        start = ticks()
        await sock.sendall(data)
        await fill(sock, buf, n)
        report("exchange", "echo", n, kind, start, ticks())
        await bench.sleep(50)


async def _stream(bench, sock, buf):
    """4 kB in one go, each way: what the pauses of the wire leave of the rate."""
    data = payload(len(buf), False)
    ticks = bench.clock.ticks_us
    start = ticks()
    await sock.sendall(data)
    sent = ticks()
    await bench.settled(sock)
    asked = ticks()
    await fill(sock, buf, len(data))
    bench.report("exchange", "up", len(data), "binary", start, sent)
    bench.report("exchange", "down", len(data), "binary", asked, ticks())
    if buf != data:
        raise ValueError("wrong bytes")


async def allocations(bench, heap, turns):
    """Report by how much the heap in use grows with each call, garbage included."""
    modem = bench.modem
    for _ in range(turns):
        before = heap()
        modem.poll()
        bench.report("alloc", "idle poll", heap() - before)
    sock = await bench.stream()
    for n in (16, 1024):
        await _stream_allocations(bench, sock, heap, turns, payload(n, False))
    await sock.close()
    sock = modem.socket(2, 2)
    sock.settimeout(PATIENCE_S)
    peer = (bench.place["address"], bench.place["udp"])
    await sock.connect(peer)
    for n in (16, 1024):
        await _datagram_allocations(bench, sock, heap, turns, payload(n, False), peer)
    await sock.close()


async def _stream_allocations(bench, sock, heap, turns, data):
    n = len(data)
    buf = bytearray(n)
    for turn in range(WARM_UP + turns):
        before = heap()
        await sock.send(data)
        sent = heap()
        await bench.settled(sock)
        asked = heap()
        got = await sock.recv_into(buf)
        received = heap()
        if turn >= WARM_UP:
            bench.report("alloc", "send %d B" % n, sent - before)
            bench.report("alloc", "recv_into %d B" % n, received - asked)
        if got != n or buf != data:
            raise ValueError("%d bytes of %d in one call" % (got, n))


async def _datagram_allocations(bench, sock, heap, turns, data, peer):
    n = len(data)
    buf = bytearray(n)
    for turn in range(WARM_UP + turns):
        before = heap()
        await sock.sendto(data, peer)
        sent = heap()
        await bench.settled(sock)
        asked = heap()
        got, _ = await sock.recvfrom_into(buf)
        received = heap()
        if turn >= WARM_UP:
            bench.report("alloc", "sendto %d B" % n, sent - before)
            bench.report("alloc", "recvfrom_into %d B" % n, received - asked)
        if got != n or buf != data:
            raise ValueError("wrong bytes")


async def measure(bench, what, heap):
    """Attach, connect, and do the work."""
    place = bench.place
    await bench.modem.power_on()
    await bench.modem.connect("iot.example")
    if what == "exchanges":
        await exchanges(bench, place["turns"])
    else:
        await allocations(bench, heap, place["turns"])


async def session(modem, place):
    """Attach, connect and one echo: afterwards everything a small program needs is loaded. With
    `place["saving"]` the module has slept deeply after that, and was woken for another. With
    `place["services"]` 1 the program also has an MQTT session over TLS, with 2 HTTPS, too."""
    await modem.power_on()
    await modem.connect("iot.example")
    sock = await _greeted(modem, modem.socket(), place)
    if place.get("saving"):
        await _nap(modem)
        await modem.connect("iot.example")
        if sock.errno:  # it has not lived on
            sock = modem.socket()
        await _greeted(modem, sock, place)
    if place.get("services"):
        await _secure(modem, place, place["services"] > 1)
    return sock


async def _secure(modem, place, https):
    """A profile that verifies, a session with one message each way, and a page."""
    await modem.security.store("CA", "tour", place["ca"].encode())
    profile = modem.security.profile(ca="tour")
    mqtt = modem.mqtt
    await mqtt.connect(place["broker"], place["mqtt"], tls=profile)
    await mqtt.subscribe("tour/heap", 1)
    await mqtt.publish("tour/heap", b"21.5", qos=1)
    message = await mqtt.wait_msg(PATIENCE_S * 1000)
    if bytes(message.payload) != b"21.5":
        raise ValueError("wrong message")
    if https:
        url = "https://%s:%d/bytes/1000/8" % (place["name"], place["https"])
        async with await modem.http.get(url, tls=profile) as response:
            if len(await response.read(1000)) != 1000:
                raise ValueError("wrong page")


async def _greeted(modem, sock, place):
    """The socket behind an echo; connected now if it is not."""
    if sock.slot is None:
        await sock.connect((place["address"], place["tcp"]))
    await sock.sendall(b"hello")
    if await sock.read(5) != b"hello":
        raise ValueError("wrong bytes")
    return sock


async def _nap(modem):
    """PSM on SARA-R5, Hibernate on LEXI-R10."""
    power = modem.power
    if modem.keeps_sockets:
        await power.save("timer", 500, "hibernate")
        await power.set_edrx(80)
    else:
        await power.save("timer", 500)
        await power.set_psm(3600, 2)
    while power.depth < 3:
        modem.poll()
        await modem.channel.sleep(20)
    await modem.channel.pause(1000)  # it has told, and goes
