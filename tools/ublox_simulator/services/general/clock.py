"""The clock (at-commands 1.4): +CCLK, +CTZU, +CTZR and the network's time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

CLOCK_FORM = re.compile(r"(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d)([+-]\d\d)")
WIDEST_ZONE = 96
OFF, ZONE_ONLY, ZONE_AND_TIME = 0, 1, 2
"""<reporting> of +CTZR."""


class RealTime(Service):
    """A clock that needs supply: unset after power-on, set by +CCLK or by the network."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.network_zone = module.options.time_zone
        """Quarter hours east of UTC, as the network reports it."""
        self._lose()

    def _lose(self) -> None:
        """Return to the default: the supply was lost."""
        began = datetime.fromisoformat(self.module.options.clock_default)
        self._zero = began - timedelta(seconds=self.module.loop.time())
        self.zone = 0
        self._zone_told: int | None = None

    def reset(self) -> None:
        """Reports are off after a boot; the clock itself continued."""
        self.reporting = OFF
        self._zone_told = None

    def forget_settings(self) -> None:
        """The reports are lost with the other settings."""
        self.reporting = OFF

    def close(self) -> None:
        """Without supply the clock stops; a restart or sleep keeps it (decided, U)."""
        if not self.module.loop.is_closed():
            self.module.loop.call_soon(self._check_supply)

    def _check_supply(self) -> None:
        if self.module.state == "off":
            self._lose()

    # -- time ------------------------------------------------------------------------------

    @property
    def utc(self) -> datetime:
        """UTC as the module knows it."""
        return self._zero + timedelta(seconds=self.module.loop.time())

    @property
    def local(self) -> datetime:
        """Local time by the zone."""
        return self.utc + timedelta(minutes=15 * self.zone)

    def set_network_zone(self, quarters: int) -> None:
        """The network reports another time zone (daylight saving, a border)."""
        self.network_zone = quarters
        if self.module.network.usable:
            self.network_time()

    def network_time(self) -> None:
        """Time and zone arrive from the network, at each registration."""
        options = self.module.options
        if not options.network_time:
            return
        if self._automatic:
            true = datetime.fromisoformat(options.clock)
            self._zero = true - timedelta(seconds=self.module.made_at)
            self.zone = self.network_zone
        if self.network_zone != self._zone_told:
            self._zone_told = self.network_zone
            self._report()

    def _report(self) -> None:
        zone = f"{self.network_zone:+03d}"
        if self.reporting == ZONE_ONLY:
            self.module.urc(f"+CTZV: {zone}")
        elif self.reporting == ZONE_AND_TIME:
            self.module.urc(f'+CTZE: "{zone}",0,"{self.local:%Y/%m/%d,%H:%M:%S}"')

    @property
    def _automatic(self) -> bool:
        return bool(self.module.nvm.get("+CTZU", 1))

    # -- commands --------------------------------------------------------------------------

    @command("+CCLK")
    def clock(self, cmd: Command) -> Reply:
        """Local time and zone on SARA-R5; UTC (and the zone) on LEXI-R10 [ubx]."""
        shows_utc = self.module.spec.clock_is_utc
        if cmd.form is Form.TEST:
            return None
        if cmd.form is Form.READ:
            shown = self.utc if shows_utc else self.local
            return f'+CCLK: "{shown:%y/%m/%d,%H:%M:%S}{self.zone:+03d}"'
        cmd.at_most(1)
        found = CLOCK_FORM.fullmatch(cmd.string(0, 20))
        if found is None or abs(int(found[2])) > WIDEST_ZONE:
            raise CommandError(BAD_PARAMETERS)
        try:
            given = datetime.strptime(found[1], "%y/%m/%d,%H:%M:%S")
        except ValueError:
            raise CommandError(BAD_PARAMETERS) from None
        self.zone = int(found[2])
        offset = timedelta() if shows_utc else timedelta(minutes=15 * self.zone)
        self._zero = given - offset - timedelta(seconds=self.module.loop.time())
        return None

    @command("+CTZU")
    def automatic(self, cmd: Command) -> Reply:
        """Whether the network's time sets the clock; on from the factory [DG5]."""
        if cmd.form is Form.READ:
            return f"+CTZU: {int(self._automatic)}"
        if cmd.form is Form.TEST:
            return "+CTZU: (0-1)"
        cmd.at_most(1)
        self.module.nvm.put("+CTZU", cmd.number(0, 0, 1))
        return None

    @command("+CTZR")
    def zone_reports(self, cmd: Command) -> Reply:
        """Reports of the zone: +CTZV (1) or +CTZE (2); forms U."""
        if cmd.form is Form.READ:
            return f"+CTZR: {self.reporting}"
        if cmd.form is Form.TEST:
            return "+CTZR: (0-2)"
        cmd.at_most(1)
        self.reporting = cmd.number(0, 0, 2)
        return None
