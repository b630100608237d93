"""A program of boards/apps, unchanged, with the simulated module: a day in virtual time, and what
happens in it. Started by day_report.py; reports everything as lines of JSON.

Module, program and servers share this process and its virtual clock. It is a process of its own
because the program finds MicroPython's modules, and a `time` with MicroPython's names.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import additions
import uart_lines
from demonstration import day_servers
from dev.environment import ROOT
from restarting import DEEPSLEEP_RESET, PWRON_RESET, WDT_RESET, board

import ublox_simulator
from ublox_simulator.control.channel import Control

SERVER = "echo.example", "192.0.2.7", 7  # as the programs know it
PINS = {"13": "power_key", "14": "v_int", "15": "ri"}
PROGRAMS = {"sara-r5": "psm_sensor.py", "lexi-r10": "always_on_node.py"}


class Over(SystemExit):
    """The day is over."""


class Line(uart_lines.SimulatorLine):
    """The UART of the program, to a module that was made elsewhere."""

    def __init__(self, model: str, uart: ublox_simulator.SimulatedUart) -> None:
        self.uart = uart
        self.clock = uart.clock
        self.wait = uart.wait
        self._model = model
        additions.use_clock(self.clock)


class Output(io.TextIOBase):
    """Standard output of the program: each line is reported."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._line = ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)


class Day:
    """`plan`: "module", "hours", "options" of the module, and "scenes": [hour, title, actions]."""

    def __init__(self, plan: dict[str, Any], out: Any) -> None:
        self._plan = plan
        self._out = out
        self._loop = additions.virtual_loop()
        self._loop.settle = None  # all that there is lives on it
        self._pending: Callable[[], None] | None = None  # what befalls the board …
        self._uses = 0  # … at its so manieth next use
        self._wakes = self._obeyed = 0
        model = plan["module"]
        self._server: Any = (
            day_servers.SensorServer(self._loop)
            if model == "sara-r5"
            else day_servers.NodeServer(self._loop, self._loop.time)
        )
        name, address, port = SERVER
        self._uart = ublox_simulator.open_uart(
            model,
            loop=self._loop,
            hosts={name: address},
            routes={f"{address}:{port}": f"{day_servers.ADDRESS}:{self._server.port}"},
            powered=False,
            **plan.get("options", {}),
        )
        self._module = self._uart.module
        self._began = self._loop.time()

    def tell(self, kind: str, *what: Any) -> None:
        json.dump([kind, round(self._loop.time() - self._began, 1), *what], self._out)
        self._out.write("\n")

    def run(self) -> None:
        uart_lines.pins = dict(PINS)
        uart_lines._simulated[1] = Line(self._plan["module"], self._uart)
        additions.board_checks += [board.check, self._strike]
        additions.install()
        asyncio.run = board.run_async
        for hour, title, actions in self._plan["scenes"]:
            self._at(hour, lambda t=title, a=actions: self._scene(t, a))
        self._at(self._plan["hours"], lambda: self._befall(self._end))
        program = ROOT / "boards" / "apps" / PROGRAMS[self._plan["module"]]
        sys.path.insert(0, str(program.parent))
        board.hours = self._plan["hours"] + self._began / 3600
        with contextlib.redirect_stdout(Output(self._said)), contextlib.suppress(Over):
            board.run(str(program))
        self.tell("end", self._summary())

    def _at(self, hour: float, action: Callable[[], None]) -> None:
        self._loop.call_at(self._began + hour * 3600, action)

    # ---- what happens in the day ---------------------------------------------------------------

    def _scene(self, title: str, actions: list[str]) -> None:
        self.tell("scene", title, self._summary())
        for action in actions:
            what, _, rest = action.partition(" ")
            getattr(self, "_do_" + what)(rest)

    def _do_coverage(self, how: str) -> None:
        self._module.set_coverage(how == "on")

    def _do_restart(self, commands: str) -> None:
        """By itself, now or at the so manieth command from now."""
        faults = self._module.faults
        if commands:
            faults.load(f"restart=#{faults.commands + int(commands)}")
        else:
            self._module.restart()

    def _do_brownout(self, _: str) -> None:
        self._module.cut_supply()

    def _do_module(self, text: str) -> None:
        """A line for the module's control connection."""
        answer = Control(self._module).execute(text)[-1]
        if answer != "ok" and not text.startswith("deactivate"):  # perhaps there is no context
            raise ValueError(answer)

    def _do_answers(self, how: str) -> None:
        self._server.answering = how == "on"

    def _do_hangup(self, _: str) -> None:
        self._server.hang_up()

    def _do_command(self, text: str) -> None:
        self._server.command(text)

    def _do_watchdog(self, uses: str) -> None:
        """The board is reset, now or at its so manieth use from now."""
        self._befall(lambda: board.go_down("watchdog", WDT_RESET, 0), int(uses or 0))

    def _do_forget(self, _: str) -> None:
        """The board loses its supply, and with it RTC memory."""
        if board.cause == DEEPSLEEP_RESET:
            board.rtc_memory = b""
        else:
            self._befall(self._start_anew)

    @staticmethod
    def _start_anew() -> None:
        board.rtc_memory = b""
        board.go_down("supply", PWRON_RESET, 0)

    def _befall(self, what: Callable[[], None], uses: int = 0) -> None:
        """To happen at a use of the board; a lightsleep is ended for the next one."""
        self._pending, self._uses = what, uses
        wake = self._module.pins.on_ring
        if wake is not None and not uses:
            wake()

    def _strike(self) -> None:
        self._uses -= 1
        if self._pending is not None and self._uses < 0:
            what, self._pending = self._pending, None
            what()

    def _end(self) -> None:
        raise Over

    # ---- what came of it ---------------------------------------------------------------------

    def _said(self, line: str) -> None:
        self._wakes += line.startswith("wake ")
        self._obeyed += line.startswith("  command:")
        self.tell("said", line)

    def _summary(self) -> dict[str, Any]:
        module, server = self._module, self._server
        kept = json.loads(board.rtc_memory or b"null")
        summary = {
            "time_in": module.time_in,
            "wakes": self._wakes,
            "boots": module.boots,
            "reports": server.reports,
            "measurements": server.measurements,
            "doubles": server.doubles,
            "garbled": server.garbled,
            "again": sum(life.again for life in server.lives.values()),
            "dropped": sum(life.dropped for life in server.lives.values()),
            "waiting": len(kept["waiting"]) if kept else 0,
            "made": kept["counts"][1] if kept else 0,
            "unreported": server.unreported(kept) if kept else (0, 0),
            "memory": len(board.rtc_memory),
            "up": server.up,
            "down": server.down,
            "violations": [str(violation) for violation in module.violations],
            "crashes": [str(crash) for crash in module.crashes],
        }
        if isinstance(server, day_servers.NodeServer):
            done = [command for command in server.commands if command.done_at is not None]
            summary |= {
                "commands": len(server.commands),
                "done": len(done),
                "obeyed": self._obeyed,
                "longest": server.longest_wait,
            }
        return summary


def main() -> None:
    Day(json.loads(sys.argv[1]), os.fdopen(os.dup(1), "w", buffering=1)).run()


if __name__ == "__main__":
    main()
