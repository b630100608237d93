"""The registration state, its reports and the radio connection (at-commands 2.1, 2.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.reject_causes import Refusal

TAC, CELL = "1A2B", "01A2D103"
DEREGISTERED, HOME, SEARCHING, DENIED, UNKNOWN, ROAMING = range(6)
REGISTERED = (HOME, ROAMING)

TIMERS_OFF = ("11100000", "11100000")
"""GPRS timers with all unit bits set: no PSM (at-commands 11)."""

E_UTRAN_CONNECTED, E_UTRAN_FDD = 7, 4
"""<state> and <access> of +CSCON, 3GPP TS 27.007."""

Timers = tuple[str, str]


def no_timers() -> Timers | None:
    """Without PSM the network grants no timers."""
    return None


class Registration(Service):
    """State and reports; Network, which inherits this, changes the state."""

    stat: int
    refusal: Refusal | None
    granted_timers: Callable[[], Timers | None]
    """<Active-Time> and <Periodic-TAU> as granted; set by the PSM service."""

    def reset_registration(self) -> None:
        """No reports and no connection after a boot."""
        self.forget_reports()
        self.connected = False
        self._idle: asyncio.TimerHandle | None = None

    def forget_settings(self) -> None:
        """Reports are off again after a deep sleep that ends the AT side."""
        self.reporting = dict.fromkeys(self.reporting, 0)
        self.cscon = 0

    def forget_reports(self) -> None:
        """No URCs until they are enabled."""
        self.reporting = {"+CREG": 0, "+CGREG": 0, "+CEREG": 0}
        self.cscon = 0

    # -- registration ----------------------------------------------------------------------

    def set_stat(self, stat: int) -> None:
        """Change the registration state and report it if enabled."""
        if stat == self.stat:
            return
        self.stat = stat
        for name, mode in self.reporting.items():
            if mode:
                self.module.urc(f"{name}: {self._fields(name, mode)}")
        self.module.radio_changed()

    def report_timers(self) -> None:
        """The granted timers have changed: +CEREG reports them in modes 4 and 5."""
        mode = self.reporting["+CEREG"]
        if mode >= 4:
            self.module.urc(f"+CEREG: {self._fields('+CEREG', mode)}")

    def _fields(self, name: str, mode: int) -> str:
        stat = self.stat
        if name == "+CGREG" and stat in REGISTERED:
            stat = UNKNOWN  # out of GERAN/UTRAN coverage: the module is on LTE
        rac = mode >= 4 and "cereg-rac" in self.module.options.variants
        if stat in REGISTERED and mode >= 2:
            fields = [f'"{TAC}"', f'"{CELL}"', *(['"0"'] if rac else []), str(self.act)]
            if mode >= 4:
                active, periodic = self.granted_timers() or TIMERS_OFF
                fields += ["", "", f'"{active}"', f'"{periodic}"']
        elif stat == DENIED and mode in (3, 5) and self.refusal is not None:
            fields = ["", "", *([""] if rac else []), ""]
            fields += map(str, self.refusal.emm)
        else:
            fields = []
        return ",".join([str(stat), *fields])

    @property
    def act(self) -> int:
        """<AcT>: 7 E-UTRAN and Cat-M1, 9 NB-IoT."""
        from .mno_profile import MnoProfile

        return self.module.service(MnoProfile).act

    @command("+CREG", "+CGREG", "+CEREG")
    def registration(self, cmd: Command) -> Reply:
        """Registration state and its reports."""
        highest = 5 if cmd.name == "+CEREG" else 3
        if cmd.form is Form.READ:
            mode = self.reporting[cmd.name]
            return f"{cmd.name}: {mode},{self._fields(cmd.name, mode)}"
        if cmd.form is Form.TEST:
            return f"{cmd.name}: (0-{highest})"
        cmd.at_most(1)
        self.reporting[cmd.name] = cmd.number(0, 0, highest, 0)
        return None

    # -- radio connection ------------------------------------------------------------------

    def touch(self, idle_ms: float | None = None) -> None:
        """Traffic: the radio connection is up and stays for a while (or `idle_ms`)."""
        self.set_connected(True)
        if self._idle is not None:
            self._idle.cancel()
        stays = self.module.options.rrc_idle_ms if idle_ms is None else idle_ms
        self._idle = self.module.later(stays, self.set_connected, False)

    def set_connected(self, connected: bool) -> None:
        """Change the radio connection and report it if enabled."""
        if connected == self.connected:
            return
        self.connected = connected
        if self.cscon:
            self.module.urc(f"+CSCON: {self._signalling(self.cscon)}")
        self.module.radio_changed()

    def _signalling(self, mode: int) -> str:
        if not self.connected or mode < 2:
            return str(int(self.connected))
        access = f",{E_UTRAN_FDD}" if mode == 3 else ""
        return f"1,{E_UTRAN_CONNECTED}{access}"

    @command("+CSCON")
    def signalling(self, cmd: Command) -> Reply:
        """Radio connection status; modes 2 and 3 add state and access."""
        if cmd.form is Form.READ:
            return f"+CSCON: {self.cscon},{self._signalling(self.cscon)}"
        if cmd.form is Form.TEST:
            return "+CSCON: (0-3)"
        cmd.at_most(1)
        self.cscon = cmd.number(0, 0, 3, 0)
        return None

    @command("+CEER")
    def last_refusal(self, cmd: Command) -> Reply:
        """The reason of the last failed registration or context."""
        if cmd.form is Form.TEST:
            return None
        if self.refusal is None:
            return '+CEER: "No report available",0,""'
        return self.refusal.report()
