# Generated from tools/demonstration/tour/exchanges_aio.py by tools/generate. Do not edit.
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

    def stream(self):
        """A TCP socket connected to the echo."""
        sock = self.modem.socket()
        sock.settimeout(PATIENCE_S)
        sock.connect((self.place["address"], self.place["tcp"]))
        return sock

    def settled(self, sock):
        """Wait until something has come back, and then until nothing more comes."""
        while not sock.ioctl(3, 1) & 1:
            self.sleep(5)
        self.sleep(self.place["settle"])
        self.modem.poll()


def fill(sock, buf, n):
    """Receive `n` bytes, however they are portioned."""
    view = memoryview(buf)
    done = 0
    while done < n:
        done += sock.recv_into(view[done:n])


def exchanges(bench, turns):
    """Report the time of sending, of receiving and of a round trip, for each size and kind."""
    sock = bench.stream()
    buf = bytearray(4096)
    for n in (16, 1024):
        for text in (True, False):
            _exchange(bench, sock, payload(n, text), buf, turns, text)
    _stream(bench, sock, buf)
    sock.close()
    if bench.place["mqtt_plain"]:
        _messages(bench, turns)


def _messages(bench, turns):
    """Publish, and read what the broker sends back: QoS 0, so that one message is one exchange."""
    mqtt = bench.modem.mqtt
    ticks = bench.clock.ticks_us
    mqtt.connect(bench.place["broker"], bench.place["mqtt_plain"])
    mqtt.subscribe("bench")
    for n, text in ((16, True), (16, False), (1024, True), (1024, False)):
        data = payload(n, text)
        for turn in range(WARM_UP + turns):
            start = ticks()
            mqtt.publish("bench", data)
            sent = ticks()
            while mqtt.is_connected() and not mqtt.unread:
                bench.sleep(5)
            bench.sleep(bench.place["settle"])
            asked = ticks()
            message = mqtt.check_msg()
            got = ticks()
            if message.payload != data:
                raise ValueError("wrong bytes")
            if turn >= WARM_UP:
                kind = "text" if text else "binary"
                bench.report("exchange", "publish", n, kind, start, sent)
                bench.report("exchange", "message", n, kind, asked, got)
    mqtt.disconnect()


def _exchange(bench, sock, data, buf, turns, text):
    ticks, report = bench.clock.ticks_us, bench.report
    kind = "text" if text else "binary"
    n = len(data)
    for turn in range(WARM_UP + turns):
        start = ticks()
        sock.sendall(data)
        sent = ticks()
        bench.settled(sock)
        asked = ticks()
        fill(sock, buf, n)
        got = ticks()
        if buf[:n] != data:
            raise ValueError("wrong bytes")
        if turn >= WARM_UP:
            report("exchange", "up", n, kind, start, sent)
            report("exchange", "down", n, kind, asked, got)
    for _ in range(turns):
        start = ticks()
        sock.sendall(data)
        fill(sock, buf, n)
        report("exchange", "echo", n, kind, start, ticks())
        bench.sleep(50)


def _stream(bench, sock, buf):
    """4 kB in one go, each way: what the pauses of the wire leave of the rate."""
    data = payload(len(buf), False)
    ticks = bench.clock.ticks_us
    start = ticks()
    sock.sendall(data)
    sent = ticks()
    bench.settled(sock)
    asked = ticks()
    fill(sock, buf, len(data))
    bench.report("exchange", "up", len(data), "binary", start, sent)
    bench.report("exchange", "down", len(data), "binary", asked, ticks())
    if buf != data:
        raise ValueError("wrong bytes")


def allocations(bench, heap, turns):
    """Report by how much the heap in use grows with each call, garbage included."""
    modem = bench.modem
    for _ in range(turns):
        before = heap()
        modem.poll()
        bench.report("alloc", "idle poll", heap() - before)
    sock = bench.stream()
    for n in (16, 1024):
        _stream_allocations(bench, sock, heap, turns, payload(n, False))
    sock.close()
    sock = modem.socket(2, 2)
    sock.settimeout(PATIENCE_S)
    peer = (bench.place["address"], bench.place["udp"])
    sock.connect(peer)
    for n in (16, 1024):
        _datagram_allocations(bench, sock, heap, turns, payload(n, False), peer)
    sock.close()


def _stream_allocations(bench, sock, heap, turns, data):
    n = len(data)
    buf = bytearray(n)
    for turn in range(WARM_UP + turns):
        before = heap()
        sock.send(data)
        sent = heap()
        bench.settled(sock)
        asked = heap()
        got = sock.recv_into(buf)
        received = heap()
        if turn >= WARM_UP:
            bench.report("alloc", "send %d B" % n, sent - before)
            bench.report("alloc", "recv_into %d B" % n, received - asked)
        if got != n or buf != data:
            raise ValueError("%d bytes of %d in one call" % (got, n))


def _datagram_allocations(bench, sock, heap, turns, data, peer):
    n = len(data)
    buf = bytearray(n)
    for turn in range(WARM_UP + turns):
        before = heap()
        sock.sendto(data, peer)
        sent = heap()
        bench.settled(sock)
        asked = heap()
        got, _ = sock.recvfrom_into(buf)
        received = heap()
        if turn >= WARM_UP:
            bench.report("alloc", "sendto %d B" % n, sent - before)
            bench.report("alloc", "recvfrom_into %d B" % n, received - asked)
        if got != n or buf != data:
            raise ValueError("wrong bytes")


def measure(bench, what, heap):
    """Attach, connect, and do the work."""
    place = bench.place
    bench.modem.power_on()
    bench.modem.connect("iot.example")
    if what == "exchanges":
        exchanges(bench, place["turns"])
    else:
        allocations(bench, heap, place["turns"])


def session(modem, place):
    """Attach, connect and one echo: afterwards everything a small program needs is loaded. With
    `place["saving"]` the module has slept deeply after that, and was woken for another. With
    `place["services"]` 1 the program also has an MQTT session over TLS, with 2 HTTPS, too."""
    modem.power_on()
    modem.connect("iot.example")
    sock = _greeted(modem, modem.socket(), place)
    if place.get("saving"):
        _nap(modem)
        modem.connect("iot.example")
        if sock.errno:  # it has not lived on
            sock = modem.socket()
        _greeted(modem, sock, place)
    if place.get("services"):
        _secure(modem, place, place["services"] > 1)
    return sock


def _secure(modem, place, https):
    """A profile that verifies, a session with one message each way, and a page."""
    modem.security.store("CA", "tour", place["ca"].encode())
    profile = modem.security.profile(ca="tour")
    mqtt = modem.mqtt
    mqtt.connect(place["broker"], place["mqtt"], tls=profile)
    mqtt.subscribe("tour/heap", 1)
    mqtt.publish("tour/heap", b"21.5", qos=1)
    message = mqtt.wait_msg(PATIENCE_S * 1000)
    if bytes(message.payload) != b"21.5":
        raise ValueError("wrong message")
    if https:
        url = "https://%s:%d/bytes/1000/8" % (place["name"], place["https"])
        with modem.http.get(url, tls=profile) as response:
            if len(response.read(1000)) != 1000:
                raise ValueError("wrong page")


def _greeted(modem, sock, place):
    """The socket behind an echo; connected now if it is not."""
    if sock.slot is None:
        sock.connect((place["address"], place["tcp"]))
    sock.sendall(b"hello")
    if sock.read(5) != b"hello":
        raise ValueError("wrong bytes")
    return sock


def _nap(modem):
    """PSM on SARA-R5, Hibernate on LEXI-R10."""
    power = modem.power
    if modem.keeps_sockets:
        power.save("timer", 500, "hibernate")
        power.set_edrx(80)
    else:
        power.save("timer", 500)
        power.set_psm(3600, 2)
    while power.depth < 3:
        modem.poll()
        modem.channel.sleep(20)
    modem.channel.pause(1000)  # it has told, and goes
