"""Identity of the module (at-commands 1.4)."""

from __future__ import annotations

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command


class Identity(Service):
    """Maker, model, firmware, IMEI: answered without a SIM, too."""

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
