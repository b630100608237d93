# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""What a behaviour is given: a modem, peers that do as they are told, and a few questions.

Runs on CPython and MicroPython. A peer obeys the first line that arrives on a connection: verbs
separated by ";", see peers.py. What cannot wait for a connection, such as the wires beside the
UART, goes by `rig.tell`. Nothing else crosses between a behaviour and the outer world.
"""

import time

TIMEOUT_S = 60
PAUSE_MS = 20  # between the last byte received and the next command
FULL = 2048  # bytes in a UART's buffer that is full
ENDLESS = 1 << 20  # bytes taken within LOOK_MS: 1000 times what a line of 921600 baud brings
LOOK_MS = 10


class Tap:
    """The UART, counting what the driver writes; can be made deaf, or noisy: bytes without end,
    no faster than they can be taken or, with `flood`, always a full buffer of them.

    `hurried`: pauses in ms before commands that came sooner behind what the driver had read than
    the wire asks for. Seen from here, that is no race even where time is real."""

    def __init__(self, uart):
        self._uart = uart
        self._readinto = uart.readinto
        self.written = 0
        self.deaf = False
        self.noise = b""
        self.flood = False
        self._turn = self._taken = self._taken_at = 0
        self.hurried = []
        self._ticks = getattr(uart, "clock", time)
        self._heard = self._ticks.ticks_ms()
        if hasattr(uart, "clock"):  # a line in virtual time
            self.clock = uart.clock
            self.wait = self._wait

    def any(self):
        if self.noise and self.flood:
            return FULL
        if self.noise:
            self._turn = (self._turn + 1) % 3
            return 0 if self._turn else 8
        return 0 if self.deaf else self._uart.any()

    def readinto(self, buf, n=-1):
        n = len(buf) if n < 0 else min(n, len(buf))
        if not self.noise:
            n = self._readinto(memoryview(buf)[:n])
            if n:
                self._heard = self._ticks.ticks_ms()
            return n
        self._bound(n)
        times = n // len(self.noise) + 1
        buf[:n] = (self.noise * times)[:n]
        return n

    def _bound(self, n):
        """A driver that takes bytes as long as there are any would never come to look at the time:
        that shall fail the behaviour instead of hanging the run."""
        now = self._ticks.ticks_ms()
        if self._ticks.ticks_diff(now, self._taken_at) > LOOK_MS:
            self._taken = 0
            self._taken_at = now
        self._taken += n
        if self._taken > ENDLESS:
            self.noise = b""
            raise RuntimeError("%d bytes of noise taken without letting time pass" % self._taken)

    def write(self, data, *where):
        if self.deaf:
            return where[-1] if where else len(data)
        first = where[0] if len(where) > 1 else 0
        if len(data) > first + 1 and data[first] == 65 and data[first + 1] == 84:  # a command
            pause = self._ticks.ticks_diff(self._ticks.ticks_ms(), self._heard)
            if 0 <= pause < PAUSE_MS:
                self.hurried.append(pause)
        n = self._uart.write(data, *where)
        self.written += n or 0
        return n

    def init(self, baudrate=115200, **options):
        self._uart.init(baudrate=baudrate, **options)

    def _wait(self, ms):
        if self.deaf or self.noise:
            self.clock.sleep_ms(ms)
            return False
        return self._uart.wait(ms)


# The wires beside the UART: what the outer world is told when one is driven low, and high.
_WIRES = {
    "power_key": ("key down", "key up"),
    "dtr": ("dtr on", "dtr off"),
    "rts": ("rts on", "rts off"),
    "wake_gpio": ("gpio low", "gpio high"),
}


def _wire(tell, low, high):
    """A pin as the driver takes it: a callable that gets a level."""
    return lambda level: tell(high if level else low)


class Rig:
    """`place` has: host, name, tcp, udp, refused, silent (ports), listen (port to listen on), and
    what peers.py says.

    `tell(line)` carries out a command of the simulator's control channel at once, whatever the
    module does, without an answer. `wires` are the pins by the names of the constructor.
    """

    def __init__(self, cls, other, uart, place, tell):
        self.cls = cls
        self.other = other  # the other model
        self.uart = Tap(uart)
        self.tell = tell
        self.wires = {name: _wire(tell, low, high) for name, (low, high) in _WIRES.items()}
        self.place = place
        self.host = place["host"]
        self.name = place["name"]
        self.tcp = (self.host, place["tcp"])
        self.udp = (self.host, place["udp"])
        self.refused = (self.host, place["refused"])
        self.silent = (self.host, place["silent"])
        self.listen_port = place["listen"]
        self.model = place["model"]  # such as SARA-R5
        self.other_model = place["other_model"]
        self.sockets = place["sockets"]  # as many as the module has
        self.baudrate = place.get("baudrate", 115200)
        self.fresh_needed = True
        self.breaks_rules = False  # on purpose: strict mode is then not asked
        self.modem = None
        self.made_sockets = []

    def made(self, **options):
        """A new modem object on the same UART, as a host program has it that just started."""
        self.fresh_needed = True
        self.made_sockets = []
        options = dict({"baudrate": self.baudrate}, **options)
        self.modem = self.cls(self.uart, **options)
        return self.modem

    def wired(self, wires="power_key", **options):
        """The same, with these wires beside the UART."""
        pins = {name: self.wires[name] for name in wires.split()}
        return self.made(**dict(options, **pins))

    async def connected(self):
        """A modem that is attached and connected, without sockets."""
        if self.fresh_needed:
            modem = self.made()
            self.fresh_needed = False
            await modem.power_on(30000)
            await modem.connect("iot.example")
        else:
            for sock in self.made_sockets:  # also those that were never used
                await sock.close()
            self.made_sockets = []
            await self.modem.close()
            self.modem.on_event = None
            self.pool.syntax = 0
            self.modem.network.async_dns = True
        return self.modem

    @property
    def pool(self):
        return self.modem.socket_pool

    def now(self):
        return self.modem.channel.port.ticks_ms()

    def since(self, began):
        return self.modem.channel.port.ticks_diff(self.now(), began)

    async def sleep(self, ms):
        await self.modem.channel.pause(ms)

    def stream(self):
        return self.kept(self.modem.socket())

    def datagrams(self):
        return self.kept(self.modem.socket(2, 2))

    def kept(self, sock):
        """Closed before the next behaviour."""
        sock.settimeout(TIMEOUT_S)
        self.made_sockets.append(sock)
        return sock

    async def open(self, script):
        """A socket connected to a peer that carries out `script`."""
        sock = self.stream()
        await sock.connect(self.tcp)
        await sock.sendall(script + "\n")
        return sock

    async def open_several(self, count):
        """Sockets connected to echoing peers."""
        socks = []
        for _ in range(count):
            socks.append(await self.open("echo"))
        return socks

    async def ask(self, script):
        """What a peer says before it closes, as lines."""
        sock = await self.open(script + ";close")
        said = str(await sock.read(), "utf-8")
        await sock.close()
        return said.split("\n")[:-1]

    async def until(self, question, ms=20000):
        """Poll until `question()`; AssertionError when it takes too long."""
        began = self.now()
        while not question():
            assert self.since(began) < ms, "waited in vain"
            self.modem.poll()
            await self.sleep(5)

    async def echo(self, sock, data):
        """Send `data` to an echoing peer and check what comes back."""
        await sock.sendall(data)
        back = await sock.read(len(data))
        assert back == bytes(data), difference(back, data)

    async def usable(self):
        """The driver works: a round trip on a new socket."""
        sock = await self.open("echo")
        await self.echo(sock, pattern(300, 5))
        await sock.close()


def pattern(n, seed):
    """`n` bytes that no shift, loss or mix-up of sockets leaves the same."""
    return bytes([(seed + i * 7 + (i >> 8)) & 255 for i in range(n)])


def checksum(data):
    total = 1
    for c in data:
        total = (total * 33 + c) & 0xFFFFFF
    return total


def difference(got, wanted):
    """Where two byte strings part."""
    for i in range(min(len(got), len(wanted))):
        if got[i] != wanted[i]:
            return "of %d bytes number %d is %r, not %r" % (len(wanted), i, got[i], wanted[i])
    return "%d bytes, not %d" % (len(got), len(wanted))


async def fails(call, *arguments):
    """The error that `call` ends with."""
    try:
        result = await call(*arguments)
    except Exception as error:
        return error
    raise AssertionError("no error, but %r" % (result,))


def raises(call, *arguments):
    """The error of a call that is no coroutine."""
    try:
        result = call(*arguments)
    except Exception as error:
        return error
    raise AssertionError("no error, but %r" % (result,))


def code(error):
    """The errno of an OSError, as every Python spells it."""
    assert isinstance(error, OSError), repr(error)
    return error.args[0]
