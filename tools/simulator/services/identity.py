"""Identity, SIM and clock (at-commands 1.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..errors import (
    BAD_PARAMETERS,
    NOT_ALLOWED,
    SIM_BUSY,
    SIM_MISSING,
    SIM_PIN,
    SIM_PUK,
    WRONG_PASSWORD,
    CommandError,
)
from ..parser import Command, Form
from ..service import Reply, Service, command

if TYPE_CHECKING:
    from ..module import Module

PIN_TRIES = 3


class Identity(Service):
    """Who the module and its SIM are, and what time it thinks it is."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.tries = PIN_TRIES
        self._zero = datetime.fromisoformat(module.options.clock)

    def reset(self) -> None:
        """After a boot the SIM needs a moment and its PIN again."""
        self.unlocked = False
        wait_ms = 0 if self.module.woke_ready else self.module.options.sim_ready_ms
        self.ready_at = self.module.loop.time() + wait_ms / 1000

    def check_sim(self) -> None:
        """Raise the CME error that tells why the SIM cannot be used now; else return."""
        sim = self.module.options.sim
        if sim == "NONE":
            raise CommandError(SIM_MISSING)
        if self.module.loop.time() < self.ready_at - 1e-9:
            raise CommandError(SIM_BUSY)
        if sim == "PUK" or self.tries == 0:
            raise CommandError(SIM_PUK)
        if sim == "PIN" and not self.unlocked:
            raise CommandError(SIM_PIN)

    @command("I")
    def info(self, cmd: Command) -> Reply:
        """ATI: type number; ATI9: firmware and application version."""
        which = cmd.number(0, 0, 9, 0)
        spec = self.module.spec
        if which == 9:
            return f"{spec.firmware},{spec.application}"
        return spec.type_number

    @command("+CGMI", "+GMI")
    def maker(self, cmd: Command) -> Reply:
        """Manufacturer."""
        return None if cmd.form is Form.TEST else "u-blox"

    @command("+CGMM", "+GMM")
    def model(self, cmd: Command) -> Reply:
        """Model."""
        return None if cmd.form is Form.TEST else self.module.spec.model

    @command("+CGMR", "+GMR")
    def revision(self, cmd: Command) -> Reply:
        """Firmware."""
        return None if cmd.form is Form.TEST else self.module.spec.firmware

    @command("+CGSN", "+GSN")
    def serial(self, cmd: Command) -> Reply:
        """IMEI bare; +CGSN=1 with prefix and quotes (U)."""
        if cmd.form is Form.TEST:
            return "+CGSN: (0-3,255)"
        which = cmd.number(0, 0, 255, 0)
        imei = self.module.options.imei
        if which in (0, 255):
            return imei
        answers = {1: imei, 2: imei[:14] + "00", 3: "00"}
        if which not in answers:
            raise CommandError(BAD_PARAMETERS)
        return f'+CGSN: "{answers[which]}"'

    @command("+CIMI")
    def imsi(self, cmd: Command) -> Reply:
        """Subscriber; needs the PIN."""
        if cmd.form is Form.TEST:
            return None
        self.check_sim()
        return self.module.options.imsi

    @command("+CCID")
    def iccid(self, cmd: Command) -> Reply:
        """Card number, also without PIN."""
        if cmd.form is Form.TEST:
            return None
        if self.module.options.sim == "NONE":
            raise CommandError(SIM_MISSING)
        if self.module.loop.time() < self.ready_at - 1e-9:
            raise CommandError(SIM_BUSY)
        return f"+CCID: {self.module.options.iccid}"

    @command("+CPIN")
    def pin(self, cmd: Command) -> Reply:
        """State of the SIM, or its PIN."""
        if cmd.form is Form.TEST:
            return None
        if cmd.form is Form.READ:
            try:
                self.check_sim()
            except CommandError as error:
                if error.code in (SIM_PIN, SIM_PUK):
                    return "+CPIN: SIM PIN" if error.code == SIM_PIN else "+CPIN: SIM PUK"
                raise
            return "+CPIN: READY"
        try:
            self.check_sim()
        except CommandError as error:
            if error.code != SIM_PIN:
                raise
        else:
            raise CommandError(NOT_ALLOWED)
        if cmd.params[0].text != self.module.options.pin:
            self.tries -= 1
            raise CommandError(WRONG_PASSWORD)
        self.tries = PIN_TRIES
        self.unlocked = True
        self.module.network.start_radio()
        return None

    @command("+CCLK")
    def clock(self, cmd: Command) -> Reply:
        """Clock; time zone always +00 here."""
        elapsed = timedelta(seconds=self.module.loop.time() - self.module.made_at)
        if cmd.form is Form.READ:
            return f'+CCLK: "{self._zero + elapsed:%y/%m/%d,%H:%M:%S}+00"'
        text = cmd.string(0, 20)
        try:
            self._zero = datetime.strptime(text[:17], "%y/%m/%d,%H:%M:%S") - elapsed
        except ValueError:
            raise CommandError(BAD_PARAMETERS) from None
        return None

    @command("+CTZU", "+CTZR")
    def time_zone(self, cmd: Command) -> Reply:
        """Automatic time zone: accepted; this network sends none."""
        if cmd.form is Form.READ:
            return f"{cmd.name}: {self.module.nvm.get(cmd.name, 1)}"
        self.module.nvm.put(cmd.name, cmd.number(0, 0, 3))
        return None
