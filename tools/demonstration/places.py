"""Where firmware meets the simulated module: peers it talks to, and places it can run in.

Used by tools/demo and tools/bench. `InProcess` runs firmware of demonstration/tour on CPython in
virtual time, `OnMicroPython` on the real MicroPython; `Board` runs it as a program of its own, on
either, over a pty and in real time. What it reports arrives as tuples.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from demonstration.tour.aio import CALLER_BYTES, FAREWELL_BYTES, pattern
from dev import wasm
from dev.environment import ROOT, Unavailable
from OpenSSL import SSL
from servers import broker, web
from servers.coap import CoapServer
from servers.dtls_echo import server_context
from servers.ftp import FtpServer

from ublox_simulator import Nvm, SimulatedUart, Violation, VirtualLoop, open_uart
from ublox_simulator.world import peers

NAME = web.NAME
ADDRESS = "127.0.0.1"
LISTEN = 5001  # the port the module listens on, as it knows it
TOUR = ROOT / "tools" / "demonstration" / "tour"
ONBOARD = TOUR / "onboard.py"
VIRTUAL_LIMIT_S = 3600.0

Report = Callable[..., None]


@cache
def the_broker() -> broker.Broker | None:
    """One for this process, as starting takes time; None where there is no mosquitto."""
    made = broker.Broker(ca=web.certificates().ca)
    atexit.register(made.close)
    try:
        return made.start()
    except Unavailable as reason:
        print(f"no broker: {reason}", file=sys.stderr)
        return None


class Peers:
    """The outer world of the tour: two echoes, one who says all and leaves, one who dials in, a
    web server and an MQTT broker by TLS, a CoAP server by DTLS. To be opened before,
    closed afterwards."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tcp = peers.tcp_echo(loop)
        self._udp = peers.udp_echo(loop)
        self._farewell = peers.TcpPeer(loop, on_data=self._leave)
        self._caller: peers.Connection | None = None
        self._web = web.Web()
        self._coap = CoapServer(loop)
        self._ftp: FtpServer | None = None
        self._plain_ftp: FtpServer | None = None
        self._ports: dict[str, int] = {}

    async def open(self) -> None:
        """Start the servers for the web, CoAP and files."""
        self._ports = await self._web.start()
        cert = web.certificates().server("")
        await self._coap.over_datagrams(server_context(SSL.DTLS_METHOD, cert))
        self._ftp = FtpServer(self._loop, tls=cert)
        self._ports["ftps"] = self._ftp.port
        self._plain_ftp = FtpServer(self._loop)
        self._ports["ftp"] = self._plain_ftp.port

    def place(self) -> dict[str, Any]:
        """Where they are, as the firmware is told."""
        return {
            "name": NAME,
            "address": ADDRESS,
            "tcp": self._tcp.port,
            "udp": self._udp.port,
            "farewell": self._farewell.port,
            "listen": LISTEN,
            "ca": web.certificates().pem()["ca"],
            "broker": broker.NAME,
            "mqtt": running.ports["tls"] if (running := the_broker()) else None,
            "coap": self._coap.port,
            "mqtt_plain": running.port if running else None,
            **self._ports,
        }

    def _leave(self, connection: peers.Connection, data: bytes) -> None:
        if data.endswith(b"\n"):
            connection.send(pattern(FAREWELL_BYTES, 4))
            connection.close()

    def dial(self, port: int) -> None:
        """Call the module on the real port behind the one it listens on, and speak first."""
        self._caller = peers.connect_to(self._loop, port)
        self._caller.send(pattern(CALLER_BYTES, 3))

    def answered(self) -> bool | None:
        """Whether the caller got back what it had said; None if there was no call."""
        caller = self._caller
        return caller and caller.received == pattern(CALLER_BYTES, 3)

    async def close(self) -> None:
        """Give all sockets back."""
        await self._web.close()
        for server in (self._ftp, self._plain_ftp):
            if server is not None:
                server.close()
        await self._coap.stop()
        for peer in (self._tcp, self._udp, self._farewell):
            peer.close()
        if self._caller is not None:
            self._caller.abandon()


def modem_class(flavour: str, module: str) -> Callable[..., Any]:
    """SaraR5 or LexiR10 of a flavour."""
    if flavour == "asyncio":
        from ublox_cellular.aio import LexiR10, SaraR5
    else:
        from ublox_cellular.blocking import LexiR10, SaraR5
    return SaraR5 if module == "sara-r5" else LexiR10


class InProcess:
    """A simulated module in this process, in virtual time."""

    def __init__(self, module: str, flavour: str, baud: int, **options: Any) -> None:
        nvm = Nvm()
        nvm.put("ipr", baud)  # an earlier host has stored the rate
        self.uart: SimulatedUart = open_uart(
            module,
            baudrate=baud,
            hosts={NAME: ADDRESS, broker.NAME: ADDRESS},
            trace=True,
            nvm=nvm,
            loop=running.loop() if (running := the_broker()) else VirtualLoop(settle=None),
            listen_map={LISTEN: 0},
            **options,
        )
        self.clock = self.uart.clock
        self.flavour = flavour
        self.peers = Peers(self.uart.loop)
        self.uart.loop.run_until_complete(self.peers.open())
        self._make = modem_class(flavour, module)
        self._counted = [0, 0]
        self._seen = 0

    def modem(self, on_key: Callable[[int], None] = lambda level: None) -> Any:
        """The driver's object for it, with the power key connected; `on_key` sees it move."""

        def press(level: int) -> None:
            on_key(level)
            self.uart.module.power_key(level == 0)

        return self._make(self.uart, power_key=press, baudrate=self.uart.line.host_baud)

    def meter(self) -> tuple[int, int]:
        """Bytes that went to the module and came from it so far."""
        for _, way, data in self.uart.trace[self._seen :]:
            self._counted[way == "<"] += len(data)
        self._seen = len(self.uart.trace)
        return self._counted[0], self._counted[1]

    def dial(self) -> None:
        """The peer calls the port the module listens on."""
        self.peers.dial(self.uart.module.listen_ports()[LISTEN])

    def sleep(self) -> Callable[[int], Any]:
        """How firmware of this flavour waits."""
        if self.flavour == "blocking":
            return self.clock.sleep_ms
        return lambda ms: asyncio.sleep(ms / 1000)

    def result(self, work: Any) -> Any:
        """Run what a function of either flavour has begun to its end."""
        return self.uart.loop.run_until_complete(work) if asyncio.iscoroutine(work) else work

    def violations(self) -> list[Violation]:
        """Broken rules of the wire."""
        return self.uart.module.violations

    def close(self) -> None:
        """End the simulation."""
        loop = self.uart.loop
        loop.run_until_complete(self.peers.close())
        self.uart.close()
        if not loop.is_closed():
            loop.pump()
            loop.close()


class OnMicroPython(InProcess):
    """The same for firmware on the real MicroPython, which shares the virtual time."""

    def play(self, plan: dict[str, Any], on_report: Report) -> bool:
        """Run onboard.py to its end, told `plan` and where the peers are; whether it said that all
        was well. If not, `error` may tell why."""
        from dev.timekeeper import OverTime, Timekeeper

        self.error = ""
        well = False

        def heard(line: str) -> None:
            nonlocal well
            kind, *what = json.loads(line)
            if kind == "key":
                self.uart.module.power_key(what[0] == 0)
            elif kind == "listening":
                self.dial()
            elif kind == "end":
                well = bool(what[0])
            on_report(kind, *what)

        plan = plan | {"flavour": self.flavour} | self.peers.place()
        try:
            done = Timekeeper(self.uart, heard, VIRTUAL_LIMIT_S).run(_job(plan, {}))
        except OverTime as error:
            self.error = str(error)
            return False
        self.error = done.errors
        return well and done.status == 0


class Control:
    """A client of the simulator's control channel."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, line: str) -> list[str]:
        """One command; its answer lines."""
        self._writer.write(line.encode() + b"\n")
        answer = []
        while (said := (await self._reader.readline()).decode().strip()) != "ok":
            if not said or said.startswith("error"):
                raise RuntimeError(f"control {line!r}: {said or 'the simulator has gone'}")
            answer.append(said)
        return answer

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class Board:
    """A program on MicroPython or CPython, and tools/simulate at the other end of its UART.

    `plan` is what onboard.py is told; `on_report` gets what it says. `powered` False: the module
    is off until the program presses the power key.
    """

    def __init__(
        self,
        python: str,
        plan: dict[str, Any],
        on_report: Report,
        *,
        powered: bool = True,
    ) -> None:
        self._python = python
        self._plan = plan
        self._on_report = on_report
        self._powered = powered
        self.violations: list[str] = []
        self.caller: bool | None = None
        self.measured: dict[str, int] = {}  # of work "session": what each import keeps
        self.status = -1
        self.error = ""

    def run(self, timeout_s: float = 120) -> bool:
        """Run it to its end; whether it said that all was well. If not, `error` may tell why."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                return asyncio.run(asyncio.wait_for(self._run(Path(folder)), timeout_s))
        except (RuntimeError, TimeoutError) as error:
            self.error = str(error) or f"not finished within {timeout_s} s"
            return False

    async def _run(self, folder: Path) -> bool:
        world = Peers(asyncio.get_running_loop())
        await world.open()
        real = _free_port()
        simulator, control = await self._simulator(folder / "uart", real)
        try:
            plan = self._plan | world.place()
            program = await asyncio.create_subprocess_exec(
                *self._command(folder / "uart", plan),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                limit=1 << 20,
            )
            try:
                return await self._listen(program, control, world, real)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    program.kill()
        finally:
            control.close()
            simulator.terminate()
            await simulator.wait()
            await world.close()

    async def _simulator(
        self, link: Path, real: int
    ) -> tuple[asyncio.subprocess.Process, Control]:
        nvm = link.with_name("nvm")
        Nvm(nvm).put("ipr", self._plan["baud"])  # an earlier host has stored the rate
        # In real time, where the boot of a module would only be waited for.
        extra = ["--set", "registered_after_ms=700", "--set", "boot_ms=500"]
        if self._plan.get("saving"):  # nor watch one falling asleep
            extra += ["--set", "rrc_idle_ms=300", "--set", "psm_wake_ms=700"]
        if not self._powered:
            extra.append("--off")
        simulator = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "tools" / "simulate"), "--tty", str(link), "--strict"),
            *("--module", self._plan["module"], "--baud", str(self._plan["baud"])),
            *(
                "--host",
                f"{NAME}={ADDRESS}",
                "--host",
                f"{broker.NAME}={ADDRESS}",
                "--listen",
                f"{LISTEN}={real}",
                "--control",
                "0",
            ),
            *("--nvm", str(nvm), *extra),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # violations are asked for at the end
        )
        assert simulator.stdout is not None
        port = 0
        while (line := (await simulator.stdout.readline()).decode()) != "ready\n":
            if not line:
                raise RuntimeError(f"tools/simulate ended with status {await simulator.wait()}")
            if line.startswith("control "):
                port = int(line.split()[1])
        return simulator, Control(*await asyncio.open_connection(ADDRESS, port))

    def _command(self, link: Path, plan: dict[str, Any]) -> list[str]:
        if self._python == "micropython":
            return _job(plan, {1: str(link)}).command()
        run = str(ROOT / "tools" / "run")
        return [sys.executable, run, "--tty", str(link), str(ONBOARD), json.dumps(plan)]

    async def _listen(
        self, program: asyncio.subprocess.Process, control: Control, world: Peers, real: int
    ) -> bool:
        assert program.stdout is not None and program.stderr is not None
        errors = asyncio.create_task(program.stderr.read())
        well = False
        while line := await program.stdout.readline():
            said = json.loads(line)
            if isinstance(said, dict):
                self.measured, well = said["resident"], True
                continue
            kind, *rest = said
            if kind == "key":
                await control.ask("key up" if rest[0] else "key down")
            elif kind == "listening":
                world.dial(real)
            elif kind == "end":
                well = bool(rest[0])
            self._on_report(kind, *rest)
        self.status = await program.wait()
        self.error = (await errors).decode(errors="replace")
        self.violations = await control.ask("violations")
        self.caller = world.answered()
        return well and self.status == 0


def _job(plan: dict[str, Any], uarts: dict[int, str]) -> wasm.Job:
    """What MicroPython is to run by this plan."""
    session = plan["work"] == "session"
    return wasm.Job(
        program=None if session else ONBOARD,
        measure=plan["measure"] if session else [],
        arguments=[json.dumps(plan)],
        uarts=uarts,
        path=[TOUR],
        bytecode=True,
        asyncio=plan["flavour"] == "asyncio",
    )


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((ADDRESS, 0))
        return sock.getsockname()[1]
