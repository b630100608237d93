"""+COPS, +C*REG, signal quality, +CSCON, +UMNOPROF (at-commands 2.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..errors import NOT_ALLOWED, CommandError
from ..parser import Command, Form
from ..service import Reply, Service, command

if TYPE_CHECKING:
    from .network import Network

TAC, CELL, ACT = "1A2B", "01A2D103", 7
TIMERS_OFF = '"11100000","11100000"'
"""GPRS timers with all unit bits set: no PSM (at-commands 11)."""

NO_NETWORK_SERVICE = 30
MNO_IDS = frozenset(
    {
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        8,
        19,
        20,
        21,
        28,
        31,
        32,
        33,
        38,
        39,
        41,
        43,
        44,
        45,
        46,
        47,
        90,
        100,
        101,
        102,
        198,
        199,
        201,
        206,
    }
)


class RegistrationCommands(Service):
    """The commands around registration; state that belongs to the radio is in Network."""

    mno: int
    stat: int
    cfun: int

    def reset_registration(self) -> None:
        """All reporting is off after a boot; the +COPS mode is kept."""
        self.reporting = {"+CREG": 0, "+CGREG": 0, "+CEREG": 0}
        self.cscon = 0
        self.connected = False
        self.cops_format = 0
        self.cops_mode = int(self.module.nvm.get("cops_mode", 0))
        self._idle: asyncio.TimerHandle | None = None

    @property
    def _radio(self) -> Network:
        return self.module.network

    # -- registration state ----------------------------------------------------------------

    def set_stat(self, stat: int) -> None:
        """Change the registration state and report it where asked."""
        if stat == self.stat:
            return
        self.stat = stat
        for name, mode in self.reporting.items():
            if mode:
                self.module.urc(f"{name}: {self._registration(name, mode)}")

    def _registration(self, name: str, mode: int) -> str:
        stat = self.stat
        if name == "+CGREG" and stat == 1:
            stat = 4  # out of GERAN/UTRAN coverage: the module is on LTE
        if mode < 2 or stat not in (1, 5):
            return str(stat)
        rac = '"0",' if mode >= 4 and "cereg-rac" in self.module.options.variants else ""
        text = f'{stat},"{TAC}","{CELL}",{rac}{ACT}'
        return text + (f",,,{TIMERS_OFF}" if mode >= 4 else "")

    @command("+CREG", "+CGREG", "+CEREG")
    def registration(self, cmd: Command) -> Reply:
        """Registration state and its reports."""
        highest = 5 if cmd.name == "+CEREG" else 3 if cmd.name == "+CREG" else 2
        if cmd.form is Form.READ:
            mode = self.reporting[cmd.name]
            return f"{cmd.name}: {mode},{self._registration(cmd.name, mode)}"
        if cmd.form is Form.TEST:
            return f"{cmd.name}: (0-{highest})"
        self.reporting[cmd.name] = cmd.number(0, 0, highest, 0)
        return None

    @command("+COPS", abortable=True)
    async def cops(self, cmd: Command) -> Reply:
        """Operator selection; 0 and 1 wait for the registration, up to three minutes."""
        if cmd.form is Form.READ:
            return self._cops_read()
        if cmd.form is Form.TEST:
            return await self._cops_scan()
        mode = cmd.number(0, 0, 4, 0)
        if mode == 3:
            self.cops_format = cmd.number(1, 0, 2)
            return None
        if self.cfun != 1:
            raise CommandError(NOT_ALLOWED)
        if mode in (1, 4) and self._wanted_is_absent(cmd) and mode == 1:
            await self.module.interface.wait_or_abort(asyncio.sleep(3))
            raise CommandError(NO_NETWORK_SERVICE)
        self.cops_mode = mode
        self.module.nvm.put("cops_mode", mode)
        if mode == 2:
            self._radio.stop_radio()
            return None
        self._radio.start_radio()
        wait = asyncio.wait_for(self._radio.wait_registered(), 180)
        try:
            await self.module.interface.wait_or_abort(wait)
        except TimeoutError:
            raise CommandError(NO_NETWORK_SERVICE) from None
        return None

    def _wanted_is_absent(self, cmd: Command) -> bool:
        wanted = cmd.string(2, 64)
        return wanted not in (self._operator, self.module.options.plmn)

    @property
    def _operator(self) -> str:
        return self.module.options.operator or self.module.spec.operator

    def _cops_read(self) -> str:
        if self.cops_mode == 2:
            return "+COPS: 2"
        if self.stat != 1:
            return f"+COPS: {self.cops_mode}"
        name = self.module.options.plmn if self.cops_format == 2 else self._operator
        return f'+COPS: {self.cops_mode},{self.cops_format},"{name}",{ACT}'

    async def _cops_scan(self) -> str:
        if self.cfun != 1:
            raise CommandError(NOT_ALLOWED)
        await self.module.interface.wait_or_abort(asyncio.sleep(8))
        found = ""
        if self._radio.covered:
            stat = 2 if self.stat == 1 else 1
            found = f'({stat},"{self._operator}","SIM","{self.module.options.plmn}",{ACT})'
        return f"+COPS: {found},,(0-4),(0-2)"

    @command("+CSQ")
    def csq(self, cmd: Command) -> Reply:
        """Signal strength; 99 without coverage."""
        if cmd.form is Form.TEST:
            return "+CSQ: (0-31,99),(0-7,99)"
        return "+CSQ: 20,0" if self._radio.usable else "+CSQ: 99,99"

    @command("+CESQ")
    def cesq(self, cmd: Command) -> Reply:
        """Extended signal quality: RSRQ -10 dB, RSRP -86 dBm."""
        if cmd.form is Form.TEST:
            return "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"
        lte = "20,55" if self._radio.usable else "255,255"
        return f"+CESQ: 99,99,255,255,{lte}"

    # -- radio connection ------------------------------------------------------------------

    def touch(self) -> None:
        """Traffic: the radio connection is up and stays for a while."""
        self.set_connected(True)
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self.module.later(self.module.options.rrc_idle_ms, self.set_connected, False)

    def set_connected(self, connected: bool) -> None:
        """Change the radio connection and report it where asked."""
        if connected == self.connected:
            return
        self.connected = connected
        if self.cscon:
            self.module.urc(f"+CSCON: {int(connected)}")

    @command("+CSCON")
    def signalling(self, cmd: Command) -> Reply:
        """Radio connection status."""
        if cmd.form is Form.READ:
            return f"+CSCON: {self.cscon},{int(self.connected)}"
        if cmd.form is Form.TEST:
            return "+CSCON: (0-3)"
        self.cscon = cmd.number(0, 0, 3, 0)
        return None

    # -- profile ---------------------------------------------------------------------------

    @command("+UMNOPROF")
    def mno_profile(self, cmd: Command) -> Reply:
        """Needs the radio off; stored at once, in force after a restart (A5 2.2)."""
        if cmd.form is Form.READ:
            tail = ",100,0,0" if self.mno == 1 else ""
            return f"+UMNOPROF: {self.mno}{tail}"
        if cmd.form is Form.TEST:
            return f"+UMNOPROF: ({','.join(str(n) for n in sorted(MNO_IDS))}),(0-1),(0-1)"
        profile = cmd.number(0, 0, 999)
        cmd.number(1, 0, 1, 0)
        cmd.number(2, 0, 1, 0)
        if self.cfun not in (0, 4) or profile not in MNO_IDS:
            raise CommandError(NOT_ALLOWED)
        self.module.nvm.put("mno", profile)
        return None
