"""A whole node in virtual time: driver in either flavour, its wires, the simulated module, a peer.

For what takes a while: bring-up from any state, sleep, restarts of either side.
"""

from __future__ import annotations

import asyncio
from typing import Any

from demonstration import places

from ublox_simulator import Nvm, VirtualLoop, open_uart
from ublox_simulator.world.peers import tcp_echo, udp_echo

APN = "iot.example"
LIMIT_S = 3600.0
"""Of virtual time for one call: above every limit of the driver."""


class Wire:
    """A pin of the microcontroller, connected to the simulated module."""

    def __init__(self, drive: Any = None, read: Any = None) -> None:
        self._drive = drive
        self._read = read

    def value(self, level: int | None = None) -> int | None:
        if level is None:
            return int(self._read())
        self._drive(level)
        return None


class Node:
    """`make()` gives the driver's object, as a program has it that just started."""

    def __init__(self, module: str, flavour: str = "blocking", **options: Any) -> None:
        self.kind = module
        self.flavour = flavour
        self.loop = options.pop("loop", None) or VirtualLoop(settle=None)
        self.tcp = tcp_echo(self.loop)
        self.udp = udp_echo(self.loop)
        self.nvm = options.pop("nvm", None) or Nvm()
        self.uart = open_uart(
            module, loop=self.loop, trace=True, nvm=self.nvm,
            **{"registered_after_ms": 500, "hosts": {"peer.example": "127.0.0.1"}} | options,
        )  # fmt: skip
        self.module = self.uart.module
        self.modem: Any = None

    def wires(self) -> dict[str, Wire]:
        """All that a board can have."""
        module = self.module
        found = {
            "power_key": Wire(lambda level: module.power_key(level == 0)),
            "power_sense": Wire(read=lambda: module.v_int),
            "reset": Wire(lambda level: module.reset_line(level == 0)),
            "dtr": Wire(lambda level: module.dtr(level == 0)),
            "rts": Wire(lambda level: module.rts(level == 0)),
            "wake_gpio": Wire(lambda level: module.wake_gpio(level == 1)),
        }
        if self.kind == "sara-r5":
            del found["wake_gpio"]
        return found

    def make(self, wires: str = "power_key power_sense", **options: Any) -> Any:
        chosen = {name: self.wires()[name] for name in wires.split()}
        cls = places.modem_class(self.flavour, self.kind)
        self.modem = cls(self.uart, **chosen, **options)
        self.heard: list[tuple[int, int, int]] = []
        self.modem.on_event = lambda *told: self.heard.append(told)
        return self.modem

    def call(self, function: Any, *arguments: Any, **options: Any) -> Any:
        """Call and, where that is a coroutine, run it to its end."""
        result = function(*arguments, **options)
        if asyncio.iscoroutine(result):
            limited = asyncio.wait_for(result, LIMIT_S)
            return self.loop.run_until_complete(limited)
        return result

    def up(self, **options: Any) -> Any:
        """A modem that is on and connected."""
        modem = self.make(**options)
        self.call(modem.power_on)
        self.call(modem.connect, APN)
        return modem

    def stream(self, modem: Any = None) -> Any:
        """A socket connected to the echoing peer."""
        sock = (modem or self.modem).socket()
        sock.settimeout(60)
        self.call(sock.connect, ("127.0.0.1", self.tcp.port))
        return sock

    def echo(self, sock: Any, data: bytes) -> None:
        """Send and get the same back."""
        self.call(sock.sendall, data)
        assert self.call(sock.read, len(data)) == data

    def usable(self, modem: Any = None) -> None:
        """The driver works: a round trip on a new socket."""
        sock = self.stream(modem)
        self.echo(sock, bytes(range(32, 127)) * 3)
        self.call(sock.close)

    def pass_ms(self, ms: float) -> None:
        """Time passes; nobody looks at the UART meanwhile."""
        self.uart.clock.sleep_ms(ms)

    def seconds(self) -> float:
        return self.loop.time()

    def sent(self) -> bytes:
        """All that the driver has written so far."""
        return b"".join(data for _, way, data in self.uart.trace if way == ">")

    def events(self) -> list[tuple[int, int, int]]:
        """The events of the newest modem since the last call."""
        self.modem.poll()
        found = self.heard[:]
        self.heard.clear()
        return found

    def told(self) -> str:
        """The end of what passed the line, for a test that has failed."""
        lines = [f"{ms:12.1f} {way} {data[:120]!r}" for ms, way, data in self.uart.trace[-60:]]
        return "\n".join(lines)

    def violations(self) -> list[str]:
        return [str(violation) for violation in self.module.violations]

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.uart.close()
        self.loop.pump()
        self.loop.pump()
        self.loop.close()
