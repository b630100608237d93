"""Signal quality (at-commands 2.1): +CSQ, +CESQ, +UCGED."""

from __future__ import annotations

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from .mno_profile import MnoProfile
from .operators import Operators
from .registration import CELL, SEARCHING, TAC

REGISTERED_SERVICE, SEARCHING_SERVICE, NO_SERVICE, RADIO_OFF = 4, 2, 3, 1
"""<svc> of +UCGED (U)."""


def _step(value: float, lowest: float, width: float, last: int) -> int:
    """`value` as a number of steps of `width` above `lowest`, kept in 0..last."""
    return max(0, min(last, round((value - lowest) / width)))


class RadioSignal(Service):
    """Reports the reception; unknown values when out of service."""

    def reset(self) -> None:
        """LEXI-R10 gives details only once +UCGED=2 has been set [ubx]."""
        self.ucged = 2 if self.module.spec.psd_profiles else 0

    def forget_settings(self) -> None:
        """As after a boot."""
        self.reset()

    @property
    def rsrp_index(self) -> int:
        """-141 dBm + n."""
        return _step(self.module.network.signal.rsrp, -141, 1, 97)

    @property
    def rsrq_index(self) -> int:
        """-20 dB + n/2."""
        return _step(self.module.network.signal.rsrq, -20, 0.5, 34)

    @command("+CSQ")
    def csq(self, cmd: Command) -> Reply:
        """-113 dBm + 2n. RSSI follows from RSRP and RSRQ over two resource blocks (U)."""
        if cmd.form is Form.TEST:
            return "+CSQ: (0-31,99),(0-7,99)"
        if not self.module.network.camped:
            return "+CSQ: 99,99"
        signal = self.module.network.signal
        return f"+CSQ: {_step(signal.rsrp - signal.rsrq + 3, -113, 2, 31)},0"

    @command("+CESQ")
    def cesq(self, cmd: Command) -> Reply:
        """RSRQ and RSRP; the fields of other systems are unknown on LTE."""
        if cmd.form is Form.TEST:
            return "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"
        camped = self.module.network.camped
        lte = f"{self.rsrq_index},{self.rsrp_index}" if camped else "255,255"
        return f"+CESQ: 99,99,255,255,{lte}"

    @command("+UCGED")
    def details(self, cmd: Command) -> Reply:
        """The serving cell on three lines."""
        if cmd.form is Form.TEST:
            return "+UCGED: (0,2)"
        if cmd.form is Form.READ:
            return self._details() if self.ucged else "+UCGED: 0"
        mode = cmd.number(0, 0, 2)
        if mode == 1:
            raise CommandError(BAD_PARAMETERS)
        self.ucged = mode
        return None

    def _details(self) -> list[str]:
        network = self.module.network
        rat = self.module.service(MnoProfile).ucged_rat
        if not network.camped:
            service = NO_SERVICE if network.cfun == 1 else RADIO_OFF
            service = SEARCHING_SERVICE if network.stat == SEARCHING else service
            cell = "65535,255,255,255,ffff,0000000,65535,00000000,ffff,ff,255,255,255"
            return [
                "+UCGED: 2",
                f"{rat},{service},fff,fff",
                f"{cell},1,255,255,255,255,255,0,255,255,0",
            ]
        operator = self.module.service(Operators).current
        numeric = operator.numeric if operator else self.module.options.plmn
        band = self.module.options.cell_band or self.module.service(MnoProfile).lowest_band
        cell = f"6300,{band},50,50,{TAC.lower()},{CELL.lower()[1:]},163,d60814d1,8001,01"
        quality = f"{self.rsrp_index},{self.rsrq_index},{network.signal.sinr:.2f}"
        rrc = 3 if network.connected else 1
        return [
            "+UCGED: 2",
            f"{rat},{REGISTERED_SERVICE if network.registered else NO_SERVICE},"
            f"{numeric[:3]},{numeric[3:]}",
            f"{cell},{quality},{rrc},1,10,{self.rsrp_index},-50,-6,0,255,255,0",
        ]
