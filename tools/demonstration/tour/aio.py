"""A tour of the driver: firmware that uses most of what it can do and checks every byte.

Runs on MicroPython, CircuitPython and CPython; blocking.py is made from it. It prints nothing: it
reports, and tools/demo tells. It uses the public API only, so it can be copied from.
"""

PATIENCE_S = 30
CALLER_BYTES = 700  # what the peer that dials in says first
FAREWELL_BYTES = 3000  # what the closing peer leaves behind
PAGE_BYTES = 20000  # of a page that is fetched piece by piece
REMOTE_BYTES = 4000  # of a file that goes to a server and comes back


def pattern(n, seed):
    """`n` bytes of every value that no loss, shift or mix-up of sockets leaves the same."""
    return bytes([(seed + i * 7 + (i >> 8)) & 255 for i in range(n)])


class Story:
    """What the scenes share.

    `place`: name, address, tcp, udp, farewell, listen, https, https_stranger, coap, ftps, broker,
    mqtt: where the peers are (`mqtt` None: there is no broker); `ca`: the certificate of those who
    sign for them. `report(kind, *what)` reports to the outside. `clock`: has `ticks_ms` and
    `ticks_diff`. `meter()`: bytes written to and read from the UART so far. `heap()`: bytes of
    heap in use, None where that is unknown.
    """

    def __init__(self, modem, place, report, clock, meter, heap):
        self.modem = modem
        self.place = place
        self.report = report
        self.clock = clock
        self.meter = meter
        self.heap = heap
        self.right = True
        self.began = 0

    def note(self, text):
        self.report("note", text)

    def since(self, began):
        return self.clock.ticks_diff(self.clock.ticks_ms(), began)

    def start(self):
        self.began = self.clock.ticks_ms()

    def check(self, what, wanted, got, sent=0):
        """Report whether `got` is what it should be; `sent`: bytes that went out for it."""
        right = got == wanted
        self.right = self.right and right
        self.report("check", what, sent, len(got), right, self.since(self.began))

    async def stream(self, port):
        """A connected TCP socket."""
        sock = self.modem.socket()
        sock.settimeout(PATIENCE_S)
        await sock.connect((self.place["name"], port))
        return sock

    def datagrams(self):
        sock = self.modem.socket(2, 2)
        sock.settimeout(PATIENCE_S)
        return sock


async def switch_on(story):
    """The power key is pressed and the module taken over as soon as it answers."""
    await story.modem.power_on()
    story.note("it answers and is set up: numeric errors, no echo, a greeting after a restart")


async def identity(story):
    """Who it is."""
    modem = story.modem
    story.note("%s, firmware %s" % (await modem.model(), await modem.firmware()))
    story.note("IMEI %s, SIM %s" % (await modem.imei(), await modem.iccid()))


async def connect(story):
    """SIM, context, radio, registration, data connection: whatever is missing is done."""
    stages = []
    await story.modem.connect("iot.example", progress=stages.append)
    story.note("stages: " + ", ".join(stages))
    address, _, _, dns = await story.modem.ifconfig()
    story.note("address %s, name server %s" % (address, dns))


async def resolve(story):
    """The module asks the network's name server."""
    name = story.place["name"]
    address = await story.modem.resolve(name)
    story.note("%s is %s" % (name, address))
    if address != story.place["address"]:
        raise ValueError("%s expected" % story.place["address"])


async def tcp_echo(story):
    """Text goes quoted, binary as hexadecimal digits or behind a prompt: the driver chooses."""
    sock = await story.stream(story.place["tcp"])
    story.note("connected to %s:%d" % (story.place["name"], story.place["tcp"]))
    everything = bytes(range(256))
    for what, data in (
        ("text", b"Hello from a microcontroller, and back."),
        ("every byte value", everything),
        ("result codes as payload", b'\r\nOK\r\n\r\nERROR\r\n+UUSOCL: 0\r\n"@>\0'),
        ("10 kB", pattern(10240, 1)),
    ):
        story.start()
        await sock.sendall(data)
        story.check(what, data, await sock.read(len(data)), len(data))
    await sock.close()


async def udp_echo(story):
    """Datagrams keep their borders."""
    sock = story.datagrams()
    # Resolved once: a name would be looked up for every datagram.
    peer = (await story.modem.resolve(story.place["name"]), story.place["udp"])
    buf = bytearray(1024)
    for what, data in (
        ("text", b"one datagram"),
        ("every byte value", bytes(range(256))),
        ("the longest", pattern(1024, 2)),
    ):
        story.start()
        await sock.sendto(data, peer)
        n, sender = await sock.recvfrom_into(buf)
        story.check(what, data, bytes(memoryview(buf)[:n]), len(data))
        if sender[1] != peer[1]:
            raise ValueError("a datagram of somebody else: %s" % (sender,))
    await sock.close()


async def listen(story):
    """The module is the server: a peer dials in and is answered."""
    port = story.place["listen"]
    server = story.modem.socket()
    server.settimeout(PATIENCE_S)
    await server.bind(("", port))
    await server.listen(1)
    story.report("listening", port)
    sock, peer = await server.accept()
    story.note("accepted a call of %s on port %d" % (peer[0], port))
    sock.settimeout(PATIENCE_S)
    story.start()
    said = await sock.read(CALLER_BYTES)
    await sock.sendall(said)
    story.check("heard and repeated", pattern(CALLER_BYTES, 3), said, len(said))
    await sock.close()
    await server.close()


async def several(story):
    """All sockets of the module at once, each with its own bytes both ways."""
    count = story.modem.sockets
    socks = []
    for _ in range(count):
        socks.append(await story.stream(story.place["tcp"]))
    story.note("%d sockets connected: all the module has" % count)
    story.start()
    wanted = got = b""
    for i in range(count):
        await socks[i].sendall(pattern(600, 10 + i))
    for i in range(count):
        wanted += pattern(600, 10 + i)
        got += await socks[i].read(600)
    story.check("600 bytes on each", wanted, got, len(wanted))
    for sock in socks:
        await sock.close()


async def farewell(story):
    """The other side sends and closes at once: everything is delivered before the end is told."""
    sock = await story.stream(story.place["farewell"])
    ask = b"tell me all and go\n"
    story.start()
    await sock.sendall(ask)
    story.check("up to the end", pattern(FAREWELL_BYTES, 4), await sock.read(), len(ask))
    if await sock.recv(1) != b"":
        raise ValueError("something behind the end")
    await sock.close()


async def files(story):
    """The module has a file system; files of any size pass in pieces."""
    files = story.modem.files
    data = pattern(5000, 6)
    story.start()
    async with await files.open("tour.bin", "wb") as file:
        for at in range(0, len(data), 700):
            await file.write(data[at : at + 700])
    async with await files.open("tour.bin", "rb") as file:
        await file.seek(1000)
        middle = await file.read(3000)
    story.check("the middle of a file", data[1000:4000], middle, len(data))
    size = (await files.stat("tour.bin"))[6]
    story.note("%d bytes stored, %d left on the module" % (size, await files.free()))
    await files.remove("tour.bin")


async def https(story):
    """The module speaks TLS: it is given a root certificate once, verifies the server by it, and
    resumes the session the next time."""
    modem, place = story.modem, story.place
    digest = await modem.security.store("CA", "tour", place["ca"].encode())
    story.note("root certificate on the module, MD5 " + digest)
    profile = modem.security.profile(ca="tour", resume="plain")
    base = "https://%s:%d" % (place["name"], place["https"])
    story.start()
    async with await modem.http.post(base + "/echo", json={"t": 21.5}, tls=profile) as response:
        told = await response.json()
    story.check("a measurement posted", b'{"t": 21.5}', told["text"].encode(), 11)
    story.start()
    got = 0
    buf = bytearray(512)
    wanted = pattern(PAGE_BYTES, 8)
    page = "%s/bytes/%d/8" % (base, PAGE_BYTES)
    async with await modem.http.get(page, tls=profile) as response:
        while True:
            n = await response.readinto(buf)
            if not n or buf[:n] != wanted[got : got + n]:
                break
            got += n
    story.check("a page, in pieces", wanted, wanted[:got])
    async with await modem.http.get(base + "/session", tls=profile) as response:
        told = await response.json()
    how = "resumed" if told["reused"] else "new"
    story.note("%s, as the server says: session %s" % (told["version"], how))
    if not told["reused"]:
        raise ValueError("the session should have been resumed")
    await stranger(story, profile)


async def stranger(story, profile):
    """A server whose certificate somebody else has signed gets nothing."""
    url = "https://%s:%d/" % (story.place["name"], story.place["https_stranger"])
    try:
        await story.modem.http.get(url, tls=profile)
    except OSError as error:
        story.note("a stranger is refused: %s" % error)
    else:
        raise ValueError("a server that nobody vouches for was trusted")


async def ftp(story):
    """A file goes to a server along the line and comes back, both channels by TLS; then the
    module fetches it by itself."""
    modem, place = story.modem, story.place
    ftp = modem.ftp
    profile = modem.security.profile(ca="tour")
    login = {"user": "node", "password": "s3cret-w0rd"}
    await ftp.connect(place["name"], place["ftps"], tls=profile, **login)
    data = pattern(REMOTE_BYTES, 11)
    story.start()
    async with await ftp.open("tour.bin", "wb") as file:
        await file.write(data)
    async with await ftp.open("tour.bin") as file:
        got = await file.read()
    story.check("a file, stored and read back", data, got, len(data))
    async for entry in await ftp.ilistdir():
        story.note("on the server: %s, %d bytes" % (entry.name, entry.size))
    size = await ftp.get("tour.bin", "tour.bin")
    story.note("on the module: %d bytes" % size)
    await modem.files.remove("tour.bin")
    await ftp.close()


async def coap(story):
    """Small requests by datagrams and DTLS; long payloads go in blocks."""
    coap, place = story.modem.coap, story.place
    profile = story.modem.security.profile(ca="tour")
    base = "coaps://%s:%d" % (place["name"], place["coap"])
    story.start()
    data = bytes(range(256))
    answer = await coap.post(base + "/echo", data, tls=profile)
    story.check("every byte value, posted", data, answer.payload, len(data))
    data = pattern(1000, 7)
    story.start()
    stored = await coap.put(base + "/large-update", data, tls=profile)
    answer = await coap.get(base + "/large-update", tls=profile)
    story.check("1000 bytes, in blocks", data, answer.payload, len(data))
    refused = await coap.get(base + "/forbidden", tls=profile)
    story.note("put: %s, a refusal: %s %s" % (stored.code, refused.code, refused.text))


async def mqtt(story):
    """Messages by a broker: what is published comes back to the subscriber."""
    mqtt, place = story.modem.mqtt, story.place
    profile = story.modem.security.profile(ca="tour")
    await mqtt.connect(place["broker"], place["mqtt"], tls=profile)
    granted = await mqtt.subscribe("tour/#", 1)
    story.note("connected to %s by TLS, subscribed with QoS %d" % (place["broker"], granted))
    for what, data in (
        ("text", b"21.5 C, indoors"),
        ("every byte value", bytes(range(256))),
        ("the longest", pattern(1024, 9)),
    ):
        story.start()
        await mqtt.publish("tour/values", data, qos=1)
        message = await mqtt.wait_msg(PATIENCE_S * 1000)
        story.check(what, data, bytes(message.payload), len(data))
    await mqtt.disconnect()
    await story.modem.security.remove("CA", "tour")


async def memory(story):
    """Bytes of heap that calls leave behind in steady state, garbage included."""
    heap, modem = story.heap, story.modem
    trace, modem.channel.trace = modem.channel.trace, None  # telling what passes takes heap
    sock = await story.stream(story.place["tcp"])
    data = pattern(1024, 5)
    buf = bytearray(1024)
    for _ in range(3):  # the first turns load what is needed and fill caches
        start = heap()
        modem.poll()
        polled = heap()
        await sock.send(data)
        sent = heap()
        n = 0
        while n < len(data):
            n += await sock.recv_into(buf)
        story.report("heap", polled - start, sent - polled, heap() - sent)
    await sock.close()
    modem.channel.trace = trace


async def switch_off(story):
    """The module leaves the network and saves its settings before it goes dark."""
    await story.modem.close()
    await story.modem.power_off()


SCENES = (
    ("Switch on", switch_on),
    ("Identity", identity),
    ("Connect", connect),
    ("Resolve a name", resolve),
    ("TCP echo", tcp_echo),
    ("UDP echo", udp_echo),
    ("Listen and accept", listen),
    ("Several sockets", several),
    ("Remote close", farewell),
    ("Files", files),
    ("HTTPS", https),
    ("FTP", ftp),
    ("CoAP", coap),
    ("MQTT", mqtt),
    ("Memory", memory),
    ("Switch off", switch_off),
)


async def tour(modem, place, report, clock, meter, heap):
    """Play all scenes; whether every byte came back right. Stops at the first error."""
    story = Story(modem, place, report, clock, meter, heap)
    if place.get("trace"):
        modem.channel.trace = lambda way, line: report("wire", way, repr(bytes(line))[2:-1])
    for title, scene in SCENES:
        if (scene is memory and heap() is None) or (scene is mqtt and not place["mqtt"]):
            continue
        if scene in (ftp, coap) and not hasattr(modem, title.lower()):  # only SARA-R5 has these
            continue
        report("scene", title)
        began = clock.ticks_ms()
        out, back = meter()
        try:
            await scene(story)
        except Exception as error:
            story.right = False
            report("failed", type(error).__name__, str(error))
            break
        now_out, now_back = meter()
        report("done", story.since(began), now_out - out, now_back - back)
    return story.right
