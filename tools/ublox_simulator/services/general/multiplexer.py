"""+CMUX (at-commands 12.2)."""

from __future__ import annotations

from ...errors import NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

N1_DEFAULT, N1_LIMIT = 31, 1509


class Multiplexer(Service):
    """Starts the multiplexer; the protocol is in line/mux.py."""

    @command("+CMUX", alone=True)
    def start(self, cmd: Command) -> Reply:
        """Basic option, UIH frames; framing begins after the OK. Timers are accepted and
        ignored."""
        mux = self.module.mux
        if cmd.form is Form.READ:
            if mux is None:
                raise CommandError(NOT_ALLOWED)
            return f"+CMUX: 0,0,0,{mux.longest},253,3,254,0,0"
        if cmd.form is Form.TEST:
            return f"+CMUX: (0),(0),(0-8),(1-{N1_LIMIT}),(1-255),(0-5),(2-255),(0-255),(0-7)"
        cmd.number(0, 0, 0)
        cmd.number(1, 0, 0, 0)
        cmd.number(2, 0, 8, 0)
        longest = cmd.number(3, 1, N1_LIMIT, N1_DEFAULT)
        ranges = ((1, 255), (0, 5), (2, 255), (0, 255), (0, 7))
        for index, (low, high) in enumerate(ranges, 4):
            cmd.number(index, low, high, low)
        cmd.at_most(9)
        if mux is not None:
            raise CommandError(NOT_ALLOWED)
        self.module.interface.after_final(lambda: self.module.start_mux(longest))
        return None
