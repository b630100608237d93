"""Functionality and power control (at-commands 1.5)."""

from __future__ import annotations

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command


class Power(Service):
    """+CFUN and +CPWROFF."""

    @command("+CFUN")
    async def cfun(self, cmd: Command) -> Reply:
        """Radio functionality; 15 and 16 restart the module after OK."""
        spec, network = self.module.spec, self.module.network
        if cmd.form is Form.READ:
            return f"+CFUN: {network.cfun}" + (",0" if spec.cfun_fields == 2 else "")
        if cmd.form is Form.TEST:
            values = ",".join(str(value) for value in spec.cfun_values)
            return f"+CFUN: ({values}),(0-1)"
        value = cmd.number(0, 0, 127)
        restart = cmd.number(1, 0, 1, 0)
        if value not in spec.cfun_values:
            raise CommandError(BAD_PARAMETERS)
        if value in (15, 16) or restart:
            if value in (0, 1, 4):
                network.cfun = value
            self.module.interface.after_final(self.module.reboot)
        elif value == 10:
            self.module.interface.after_final(self.module.shut_down)
        else:
            await network.set_functionality(value)
        return None

    @command("+CPWROFF")
    def power_off(self, cmd: Command) -> Reply:
        """OK, then off."""
        if cmd.form is not Form.TEST:
            self.module.interface.after_final(self.module.shut_down)
        return None
