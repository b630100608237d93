"""The control channel: a line-based text protocol on a loopback port."""

from __future__ import annotations

import asyncio
import contextlib

from ..module import Module
from .network_commands import NETWORK_HELP, NetworkVerbs

CONTROL_HELP = """\
control channel (--control PORT): one command per line; any number of answer lines, then
"ok" or "error <why>"
  restart              the module restarts by itself     power on|off        supply switched
  key down|up          PWR_ON pin                        reset down|up       RESET_N pin
  dtr on|off           DTR line (on = low)               rts on|off          RTS line
  gpio high|low        GPIO with function 34             vint                V_INT pin, 0 or 1
  ri                   RI pin, 0 = it rings              cts                 CTS, 1 = may send
  state                off booting awake uart sleep1 sleep2 hibernate psm
  blockers             what keeps it from deep sleep     times [reset]       seconds per state
  urc TEXT             print a URC                       coverage on|off     radio coverage
  faults SPEC          add fault knobs                   faults clear        none any more
  queue-full ID on|off the transmit queue of a socket    listen-ports        "port real-port"
  violations           broken rules so far               stats               counters
"""
CONTROL_HELP += NETWORK_HELP


class Control(NetworkVerbs):
    """Answers control clients; several may be connected."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError, ValueError):
            while line := await reader.readline():
                for answer in self.execute(line.decode("utf-8", "replace").strip()):
                    writer.write(answer.encode() + b"\n")
                await writer.drain()
        writer.close()

    def execute(self, line: str) -> list[str]:
        """Run one command; returns its answer lines."""
        name, _, rest = line.partition(" ")
        action = getattr(self, "_do_" + name.replace("-", "_"), None)
        if action is None:
            return [f"error unknown command {name!r}"]
        try:
            lines = action(rest.strip())
        except (ValueError, KeyError, LookupError) as error:
            return [f"error {error}"]
        return [*(lines or []), "ok"]

    @staticmethod
    def _on_off(text: str) -> bool:
        return {"on": True, "off": False}[text]

    def _do_restart(self, rest: str) -> None:
        self._module.restart()

    def _do_power(self, rest: str) -> None:
        if self._on_off(rest):
            self._module.power_on()
        else:
            self._module.cut_supply()

    def _do_key(self, rest: str) -> None:
        self._module.power_key({"down": True, "up": False}[rest])

    def _do_reset(self, rest: str) -> None:
        self._module.reset_line({"down": True, "up": False}[rest])

    def _do_dtr(self, rest: str) -> None:
        self._module.dtr(self._on_off(rest))

    def _do_rts(self, rest: str) -> None:
        self._module.rts(self._on_off(rest))

    def _do_gpio(self, rest: str) -> None:
        self._module.wake_gpio({"high": True, "low": False}[rest])

    def _do_vint(self, rest: str) -> list[str]:
        return [str(int(self._module.v_int))]

    def _do_ri(self, rest: str) -> list[str]:
        return [str(int(self._module.ri))]

    def _do_cts(self, rest: str) -> list[str]:
        return [str(int(self._module.cts))]

    def _do_state(self, rest: str) -> list[str]:
        return [self._module.sleep_state]

    def _do_blockers(self, rest: str) -> list[str]:
        return self._module.sleeper.blockers()

    def _do_times(self, rest: str) -> list[str]:
        if rest == "reset":
            self._module.energy.reset()
            return []
        return [f"{state} {seconds:.3f}" for state, seconds in self._module.time_in.items()]

    def _do_urc(self, rest: str) -> None:
        self._module.inject_urc(rest)

    def _do_coverage(self, rest: str) -> None:
        self._module.set_coverage(self._on_off(rest))

    def _do_faults(self, rest: str) -> None:
        if rest == "clear":
            self._module.faults.clear()
        else:
            self._module.faults.load(rest)

    def _do_queue_full(self, rest: str) -> None:
        ident, _, state = rest.partition(" ")
        full = self._module.faults.queue_full
        if self._on_off(state):
            full.add(int(ident))
        else:
            full.discard(int(ident))

    def _do_listen_ports(self, rest: str) -> list[str]:
        return [f"{port} {real}" for port, real in self._module.listen_ports().items()]

    def _do_violations(self, rest: str) -> list[str]:
        return [str(violation) for violation in self._module.violations]

    def _do_stats(self, rest: str) -> list[str]:
        module = self._module
        return [
            f"state {module.state}",
            f"boots {module.boots}",
            f"commands {module.faults.commands}",
            f"bytes-in {module.faults.into.count}",
            f"bytes-out {module.faults.out.count}",
            f"sockets {len(module.sockets.table)}",
            f"wakes {module.wakes}",
            f"lost-bytes {module.lost_bytes}",
            f"mqtt-dropped {module.mqtt.inbox.dropped}",
            f"violations {len(module.violations)}",
        ]
