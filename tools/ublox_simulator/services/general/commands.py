"""Interface commands: echo, formats, S-registers, rate, profiles (at-commands 1.3)."""

from __future__ import annotations

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

GREETING_LIMIT = 49


class General(Service):
    """Settings of the AT interface itself."""

    def reset(self) -> None:
        """S-registers of a fresh boot."""
        self._pending_rate = None
        self._reset_registers()

    def forget_settings(self) -> None:
        """S-registers like after a boot."""
        self._reset_registers()

    def _reset_registers(self) -> None:
        settings, editor = self.module.settings, self.module.interface.editor
        editor.end, editor.erase = 13, 8
        self.registers = {2: settings.escape_char, 3: 13, 4: 10, 5: 8, 7: 60, 12: settings.guard}

    @command("E", "V", "Q")
    def switches(self, cmd: Command) -> Reply:
        """ATE, ATV, ATQ; without a digit the value is 0."""
        on = bool(cmd.number(0, 0, 1, 0))
        attribute = {"E": "echo", "V": "verbose", "Q": "quiet"}[cmd.name]
        setattr(self.module.settings, attribute, on)
        return None

    @command("&K", "&C", "&D", "&S")
    def lines(self, cmd: Command) -> Reply:
        """Flow control and control lines: stored and shown; the simulated line has no such
        wires."""
        attribute, highest = {
            "&K": ("flow", 6),
            "&C": ("dcd", 1),
            "&D": ("dtr", 2),
            "&S": ("dsr", 1),
        }[cmd.name]
        setattr(self.module.settings, attribute, cmd.number(0, 0, highest, 0))
        return None

    @command("+IFC")
    def ifc(self, cmd: Command) -> Reply:
        """3GPP form of &K."""
        if cmd.form is Form.READ:
            value = 2 if self.module.settings.flow == 3 else 0
            return f"+IFC: {value},{value}"
        if cmd.form is Form.TEST:
            return "+IFC: (0,2),(0,2)"
        self.module.settings.flow = 3 if cmd.number(0, 0, 2) == 2 else 0
        return None

    @command("+CMEE")
    def cmee(self, cmd: Command) -> Reply:
        """Error format."""
        if cmd.form is Form.READ:
            return f"+CMEE: {self.module.settings.cmee}"
        if cmd.form is Form.TEST:
            return "+CMEE: (0-2)"
        self.module.settings.cmee = cmd.number(0, 0, 2, 0)
        return None

    @command("S")
    def register(self, cmd: Command) -> Reply:
        """ATSn? and ATSn=v; only the registers of at-commands 1.3 exist."""
        number = cmd.number(0, 0, 255)
        if number not in self.registers:
            raise CommandError(BAD_PARAMETERS)
        if cmd.form is Form.READ:
            return f"{self.registers[number]:03d}"
        value = cmd.number(1, 0, 127 if number in (3, 4, 5) else 255)
        self.registers[number] = value
        if number == 2:
            self.module.settings.escape_char = value
        elif number == 3:
            self.module.interface.editor.end = value
        elif number == 5:
            self.module.interface.editor.erase = value
        elif number == 12:
            self.module.settings.guard = value
        return None

    @command("+IPR")
    def rate(self, cmd: Command) -> Reply:
        """Interface rate; OK still comes at the old one."""
        spec, nvm = self.module.spec, self.module.nvm
        if cmd.form is Form.READ:
            return f"+IPR: {self._rate}"
        if cmd.form is Form.TEST:
            rates = ",".join(str(rate) for rate in spec.baud_rates)
            auto = "(0)," if spec.autobaud else ""
            return f"+IPR: {auto}({rates})"
        rate = cmd.number(0, 0, 10_000_000)
        if rate not in spec.baud_rates and not (rate == 0 and spec.autobaud):
            raise CommandError(BAD_PARAMETERS)
        self._pending_rate = rate
        if not spec.profiles:
            nvm.put("ipr", rate)  # there is no &W, so it must store it by itself (U)
        self.module.interface.after_final(lambda: self.module.set_rate(rate))
        return None

    @property
    def _rate(self) -> int:
        if self._pending_rate is not None:
            return self._pending_rate
        return int(self.module.nvm.get("ipr", self.module.spec.factory_baud))

    _pending_rate: int | None = None

    @command("&W")
    def store(self, cmd: Command) -> Reply:
        """Store the interface settings, +IPR included."""
        cmd.number(0, 0, 1, 0)
        self.module.store_profile()
        self.module.nvm.put("ipr", self._rate)
        return None

    @command("&F", "Z")
    def reload(self, cmd: Command) -> Reply:
        """Factory (&F) or stored (Z) settings; the rate stays."""
        cmd.number(0, 0, 1, 0)
        stored = {} if cmd.name == "&F" else self.module.nvm.get("profile", {})
        self.module.settings = type(self.module.settings)(**stored)
        self._reset_registers()
        return None

    @command("&V")
    def show(self, cmd: Command) -> Reply:
        """The active settings."""
        s = self.module.settings
        return [
            "ACTIVE PROFILE:",
            f"&C{s.dcd}, &D{s.dtr}, &K{s.flow}, &S{s.dsr}, E{int(s.echo)}, Q{int(s.quiet)}, "
            f"V{int(s.verbose)}, S02:{s.escape_char:03d}, S12:{s.guard:03d}, "
            f"+IPR:{self._rate}",
        ]

    @command("+CSGT")
    def greeting(self, cmd: Command) -> Reply:
        """Greeting text printed at boot when the rate is fixed."""
        nvm = self.module.nvm
        text, mode = nvm.get("greeting", ["", 0])
        if cmd.form is Form.READ:
            return f'+CSGT: "{text}",{mode}'
        if cmd.form is Form.TEST:
            return f"+CSGT: (0-1),({GREETING_LIMIT})"
        nvm.put("greeting", [cmd.string(1, GREETING_LIMIT, text), cmd.number(0, 0, 1)])
        return None

    @command("+UDCONF")
    def udconf(self, cmd: Command) -> Reply:
        """Op-codes 1 (hex mode), 2-8 (direct link), 19 (default cid, LEXI-R10) and 89 (release
        assistance for the next send, SARA-R5)."""
        op = cmd.number(0, 0, 255)
        sockets = self.module.sockets
        if op == 1:
            if len(cmd) == 1:
                return f"+UDCONF: 1,{int(sockets.hex_mode)}"
            sockets.set_hex_mode(bool(cmd.number(1, 0, 1)))
            return None
        if op == 19 and not self.module.spec.psd_profiles:
            if len(cmd) == 1:
                network = self.module.network
                used = [network.default_cid, network.preferred_type]
                cid, kind = self.module.nvm.get("udconf19", used)
                return f"+UDCONF: 19,{cid},{kind}"
            self.module.nvm.put("udconf19", [cmd.number(1, 1, 15), cmd.number(2, 0, 1)])
            return None
        if op == 89 and self.module.spec.psd_profiles:
            if len(cmd) == 1:
                return f"+UDCONF: 89,{int(sockets.release_next)}"
            sockets.release_next = bool(cmd.number(1, 0, 1))
            return None
        if op in (2, 3, 5, 6, 7, 8):
            return sockets.direct_link_setting(op, cmd)
        raise CommandError(NOT_ALLOWED)
