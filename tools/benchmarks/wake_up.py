"""What waking costs, for tools/bench: times of one wake-up and bytes of one sleep cycle.

In virtual time, blocking, at 115200 baud. How long a module itself takes to wake is not in any
document: those are the simulated module's assumptions, which the table shows beside the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demonstration import places

from ublox_simulator.world.peers import TcpPeer

APN = "iot.example"
PAYLOAD = b"temperature 21.5 humidity 40.1 %"  # 32 bytes
PATIENCE_S = 600


@dataclass(frozen=True)
class Way:
    """One way to sleep: how it is asked for, and what the simulated module then is in."""

    module: str
    name: str
    state: str
    option: str  # time of the simulated module's own in it
    save: tuple[Any, ...]
    psm: bool = False
    edrx: bool = False


WAYS = (
    Way("sara-r5", "UART sleep", "uart", "uart_wake_ms", ("timer", 1000)),
    Way("sara-r5", "PSM", "psm", "psm_wake_ms", ("timer", 1000), psm=True),
    Way("lexi-r10", "Sleep-1", "sleep1", "sleep1_wake_ms", ("timer", 1000, "sleep1")),
    Way("lexi-r10", "Sleep-2", "sleep2", "sleep2_wake_ms", ("timer", 1000, "sleep2")),
    Way(
        "lexi-r10", "Hibernate", "hibernate", "hibernate_wake_ms", ("timer", 1000, "hibernate"),
        edrx=True,
    ),
)  # fmt: skip


class Nap:
    """A node in this process, with a server that only listens."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.place = places.InProcess(way.module, "blocking", 115200)
        self.server = TcpPeer(self.place.uart.loop)
        self.modem = self.place.modem()
        self.sock: Any = None

    def close(self) -> None:
        self.server.close()
        self.place.close()

    def ms(self) -> float:
        return self.place.uart.loop.time() * 1000

    def begin(self) -> None:
        """On, connected, told to sleep."""
        modem, way = self.modem, self.way
        modem.power_on()
        modem.connect(APN)
        modem.power.save(*way.save)
        if way.psm:
            modem.power.set_psm(86400, 4)
        if way.edrx:
            modem.power.set_edrx(80)
        self.open()

    def open(self) -> None:
        self.sock = self.modem.socket()
        self.sock.settimeout(60)
        self.sock.connect(("127.0.0.1", self.server.port))

    def sleep(self) -> None:
        """Until it does."""
        module = self.place.uart.module
        end = self.ms() + PATIENCE_S * 1000
        while module.sleep_state != self.way.state:
            if self.ms() > end:
                raise RuntimeError(f"{self.way.name}: the module stays {module.sleep_state}")
            self.place.clock.sleep_ms(100)
            self.modem.poll()

    def wake(self) -> None:
        """What is done before any command."""
        self.modem.channel.acquire()
        self.modem.channel.release()

    def connect(self) -> None:
        """A connection that can be used: the one from before where it has lived on."""
        if self.way.psm:
            self.sock.close()
            self.modem.connect(APN)
            self.open()

    def cycle(self) -> dict[str, Any]:
        """Wake, connect, send, sleep."""
        trace = self.place.uart.trace
        seen, (out, come) = len(trace), self.place.meter()
        began = self.ms()
        self.wake()
        woken = self.ms()
        self.connect()
        usable = self.ms()
        self.sock.sendall(PAYLOAD)
        sent = self.ms()
        self.sleep()
        out_now, come_now = self.place.meter()
        return {
            "wake_ms": round(woken - began, 1),
            "usable_ms": round(usable - began, 1),
            "sent_ms": round(sent - began, 1),
            "commands": sum(way == ">" and data[:2] == b"AT" for _, way, data in trace[seen:]),
            "bytes_out": out_now - out,
            "bytes_in": come_now - come,
        }


def nap(way: Way) -> dict[str, Any]:
    """The second of two cycles: in the first the driver learns what suits the socket."""
    one = Nap(way)
    try:
        one.begin()
        one.sleep()
        one.cycle()
        figures = one.cycle()
        if one.place.violations():
            raise RuntimeError(f"rules of the wire broken: {one.place.violations()[0]}")
        received = sum(len(connection.received) for connection in one.server.connections)
        if received != 2 * len(PAYLOAD):
            raise RuntimeError(f"{way.name}: {received} bytes have arrived")
        own = getattr(one.place.uart.module.options, way.option)
        return {"module": way.module, "sleep": way.name, "module_ms": own} | figures
    finally:
        one.close()


def naps() -> list[dict[str, Any]]:
    """All of them."""
    return [nap(way) for way in WAYS]
