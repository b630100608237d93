"""A node that can be called at any time: LEXI-R10 asleep in Hibernate with its connection open.

The module looks for a page once in an eDRX cycle; the board sleeps until RI rings or a report is
due (see outbox.py). Over TCP the node says reports and `done <number>` for a command; the server
`ok <number>` for all reports up to that number, and commands, each number once:

    do <number> report           report at once
    do <number> every <seconds>  report so often
    do <number> led <0 or 1>

What is not answered is said again: reports over the next connection, commands behind the next
report. An echo server will do.
Wires as below, more in boards/. To be copied with outbox.py; on a PC

    tools/run --module lexi-r10 --pin power_key=13 --pin v_int=14 --pin ri=15 \
        boards/apps/always_on_node.py

On CircuitPython take alarm.sleep_memory, alarm.pin.PinAlarm and alarm.light_sleep_until_alarms().
"""

import time

import machine
from machine import UART, Pin
from outbox import Outbox

from ublox_cellular import LexiR10, event
from ublox_cellular.blocking.power import SLEEP_2
from ublox_cellular.blocking.sockets.socket import Socket

APN = "iot.example"
SERVER = ("echo.example", 7)
EVERY_S = 3600  # from report to report
CYCLE_S = 81.92  # the longest a command has to wait (eDRX)
AWAKE_S = 120  # at most, to find network and server
ANSWER_S = 30  # for what is answered
LISTEN_S = 3  # behind RI, which rings for the first word of the module that wakes
LINGER_S = 30  # at most, to see the module fall asleep
SLOWEST_S = 3600  # between two attempts, after failures
EAGAIN, ECONNRESET, ETIMEDOUT = 11, 104, 110


def measure(now: int):
    """Put your sensor here."""
    return 2000 + now // 97 % 500


class Node:
    """`called`: the server wants attention; `ringing`: RI has said so (or anything: it rings for
    each URC); `sock`: the connection, None without one."""

    def __init__(self):
        self.outbox = Outbox("always_on_node.json", now=0, next=0, every=EVERY_S, done=0)
        self.failures = 0
        self.called = self.ringing = False
        self.sock = None
        self.heard = b""
        self.led = Pin(25, Pin.OUT, value=0)
        ri = Pin(15, Pin.IN)
        self.modem = LexiR10(
            UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=2048),
            power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
            power_sense=Pin(14, Pin.IN),
            ri=ri,
            state=self.outbox.modem,
        )
        self.looked = time.ticks_ms()  # when `now` was counted up
        self.modem.on_event = self.told
        ri.irq(self.rang, Pin.IRQ_FALLING)

    def rang(self, pin: Pin):
        self.ringing = True

    def told(self, kind: int, a: int, b: int):
        if kind in (event.DATA, event.CLOSED, event.RESET):
            self.called = True

    def now(self):
        """Seconds since the start."""
        seconds = time.ticks_diff(time.ticks_ms(), self.looked) // 1000
        self.looked = time.ticks_add(self.looked, seconds * 1000)
        self.outbox.own["now"] += seconds
        return self.outbox.own["now"]

    def measure(self):
        self.outbox.add(self.now(), measure(self.now()))
        self.outbox.own["next"] = self.now() + self.outbox.own["every"]

    # ---- talking ----------------------------------------------------------------------------

    def open(self):
        """The connection to the server: the one that has outlived a reset, or a new one."""
        modem = self.modem
        modem.power_on()
        modem.connect(APN)
        modem.power.save("timer", 2000, "hibernate")
        print("  eDRX requested", modem.power.set_edrx(CYCLE_S), "granted", modem.power.edrx()[1])
        left = [sock for sock in modem.socket_pool.adopted if not sock.errno]
        modem.socket_pool.adopted = []
        sock = left[0] if left else modem.socket()
        if not left:
            sock.settimeout(ANSWER_S)
            sock.connect(SERVER)
        print("  connection", "adopted" if left else "made")
        self.heard = b""
        return sock

    def report(self, sock: Socket):
        """Say what is unanswered, and wait for the answer."""
        if self.outbox.waiting:
            text = self.outbox.report(self.now())
            self.outbox.save(self.modem.save_state())  # that this was sent is known, come what may
            sock.sendall(text.encode())
        while self.outbox.waiting:
            if not self.hear(sock, ANSWER_S):
                raise OSError(ETIMEDOUT, "no answer to a report")

    def hear(self, sock: Socket, wait_s: int):
        """Do what the server says next; False when it has said nothing for so long."""
        sock.settimeout(wait_s)
        try:
            data = sock.recv(256)
        except OSError as error:
            if error.errno in (EAGAIN, ETIMEDOUT):
                return False
            raise
        if not data:
            raise OSError(ECONNRESET, "the server has closed the connection")
        lines = (self.heard[-256:] + data).split(b"\n")
        self.heard = lines.pop()
        for line in lines:
            try:
                self.obey(sock, line.split())
            except (IndexError, ValueError, TypeError):
                print("  not understood:", line)
        return True

    def obey(self, sock: Socket, words: list[bytes]):
        own = self.outbox.own
        if words[0] == b"do":
            number = int(words[1])
            if number > own["done"]:  # else only our answer was lost
                self.act(*words[2:4])
                own["done"] = number
                self.outbox.save(self.modem.save_state())
            sock.sendall(b"done %d\n" % number)
        else:  # from an echo server our own line
            self.outbox.acknowledge(int(words[words[0] == b"ok"]))

    def act(self, what: bytes, how: bytes = b"0"):
        print("  command:", what.decode(), how.decode())
        if what == b"report":
            self.measure()
        elif what == b"every":
            self.outbox.own["every"] = max(60, int(how))
            self.outbox.own["next"] = self.now() + self.outbox.own["every"]
        elif what == b"led":
            self.led.value(int(how))

    # ---- waking and sleeping ----------------------------------------------------------------

    def turn(self):
        """One time awake: connection, report, commands."""
        began = time.ticks_ms()
        channel = self.modem.channel
        channel.keep_going = lambda: time.ticks_diff(time.ticks_ms(), began) < AWAKE_S * 1000
        if self.now() >= self.outbox.own["next"]:
            self.measure()
        try:
            sock = self.sock = self.sock or self.open()
            self.report(sock)
            if self.called:
                self.modem.catch_up()  # with what was told while the board slept
            wait_s = LISTEN_S if self.called else 0
            while self.hear(sock, wait_s):
                self.report(sock)
                wait_s = 1
            self.modem.poll()  # takes the events of what is done
            self.called = self.hear(sock, 0)
            self.failures = 0
        except Exception as error:  # whatever it is, the next attempt may do better
            print("  failed:", error)
            channel.keep_going = None
            self.give_up()

    def give_up(self):
        """Without connection: try again at once, then ever later with the module off."""
        self.called = False
        self.failures += 1
        try:
            if self.sock is not None:
                self.sock.close()
            if self.failures > 1 or not self.modem.isconnected():
                self.modem.power_off()
        except Exception as error:
            print("  not off:", error)
        self.sock = None

    def rest(self):
        """Let the module fall asleep, then sleep until RI rings or something is due."""
        began = time.ticks_ms()
        while self.sock and not self.called and self.modem.power.depth < SLEEP_2:
            if time.ticks_diff(time.ticks_ms(), began) > LINGER_S * 1000:
                print("  still awake:", self.modem.power.blockers())
                break
            self.modem.poll()
            time.sleep_ms(100)
        self.outbox.save(self.modem.save_state())
        seconds = self.outbox.own["next"] - self.now()
        if self.failures:
            seconds = 0 if self.failures == 1 else min(SLOWEST_S, 60 << min(self.failures, 8))
        if not self.called and seconds > 0:
            self.ringing = False
            machine.lightsleep(seconds * 1000)
            self.called = self.ringing
            print("wake", self.now(), "by RI" if self.called else "by timer")
        self.modem.poll()


node = Node()
while True:
    node.turn()
    node.rest()
