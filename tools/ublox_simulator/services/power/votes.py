"""+USLPVOTE and +USLPURC of LEXI-R10 (A10 5.10.2, 6.1.4, 7.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

REPORTS = {"SLEEP2": (3, "SLP2"), "HIBNATE": (4, "HIB")}
"""Name in the command -> (level, word in the URC)."""

ALL_LEVELS = 4


class Votes(Service):
    """The host's votes on sleep, and its reports of sleep."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.reset()

    def reset(self) -> None:
        """The blocked level is kept ("needed only for the first configuration"); the vote and
        the reports are as after a boot (U): allow sleep, and no reports."""
        self.blocked = int(self.module.nvm.get("vote_level", 2))
        self.up = True
        self.reports = dict.fromkeys(REPORTS, 0)

    def deepest(self) -> int:
        """The deepest level that the vote allows; 1 is none."""
        return ALL_LEVELS if self.up else self.blocked - 1

    def sleep_report(self, level: int, entering: int) -> str | None:
        """The URC for entering or leaving a level, if enabled."""
        for name, (number, word) in REPORTS.items():
            if number == level and self.reports[name]:
                return f"+UUSLPURC: {word} {entering}"
        return None

    @command("+USLPVOTE")
    def vote(self, cmd: Command) -> Reply:
        """0,0 stay awake; 0,1 sleep; 1,LEVEL the lightest level a vote down blocks."""
        if cmd.form is Form.READ:
            return [f"+USLPVOTE: 0,{int(self.up)}", f"+USLPVOTE: 1,{self.blocked}"]
        if cmd.form is Form.TEST:
            return "+USLPVOTE: (0,1),(0-4)"
        cmd.at_most(2)
        if cmd.number(0, 0, 1) == 0:
            self.up = bool(cmd.number(1, 0, 1))
        else:
            self.blocked = cmd.number(1, 2, 4)
            self.module.nvm.put("vote_level", self.blocked)
        return None

    @command("+USLPURC")
    def reporting(self, cmd: Command) -> Reply:
        """URCs at entering and leaving Sleep-2 and Hibernate."""
        if cmd.form is Form.READ:
            return [f'+USLPURC: "{name}",{on}' for name, on in self.reports.items()]
        if cmd.form is Form.TEST:
            return '+USLPURC: ("SLEEP2","HIBNATE"),(0,1)'
        name = cmd.string(0, 16).upper()
        if name not in self.reports:
            raise CommandError(BAD_PARAMETERS)
        self.reports[name] = cmd.number(1, 0, 1)
        cmd.at_most(2)
        return None
