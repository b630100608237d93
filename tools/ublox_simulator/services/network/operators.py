"""+COPS: the available operators and the selection (at-commands 2.1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ...errors import (
    EMERGENCY_ONLY,
    NO_NETWORK_SERVICE,
    NOT_ALLOWED,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ..general.sim import Sim
from .registration import CELL, TAC

AUTOMATIC, MANUAL, DEREGISTER, SET_FORMAT, MANUAL_THEN_AUTOMATIC, DEEP_SCAN = range(6)
STATUSES = {"available": 1, "current": 2, "forbidden": 3}
SELECTION_MS = 3000
"""Time until a manual selection fails."""
LONGEST_WAIT_S = 180


@dataclass(frozen=True)
class Operator:
    """One row of the table (option `operators`)."""

    long: str
    short: str
    numeric: str
    status: str = "available"

    def name(self, form: int) -> str:
        """In format 0 (long), 1 (short) or 2 (numeric)."""
        return (self.long, self.short, self.numeric)[form]


@dataclass(frozen=True)
class Selection:
    """The selection of +COPS."""

    mode: int = AUTOMATIC
    form: int = 0
    wanted: str = ""


class Operators(Service):
    """Selection, table and scans; the radio gets the operator for an attach here."""

    def reset(self) -> None:
        """The selection is kept in NVM, the format of the read form is not."""
        self.selection = Selection(*self.module.nvm.get("cops", [AUTOMATIC, 0, ""]))
        self.read_format = 0
        self.current: Operator | None = None

    def forget_settings(self) -> None:
        """Only the format of the read form is an interface setting."""
        self.read_format = 0

    @property
    def mode(self) -> int:
        """<mode> as read."""
        return self.selection.mode

    @property
    def table(self) -> tuple[Operator, ...]:
        """All operators that can be received here; by default only the home operator."""
        options = self.module.options
        rows = tuple(Operator(*row) for row in options.operators)
        name = options.operator or self.module.spec.operator
        return rows or (Operator(name, "SIM", options.plmn),)

    @property
    def at_home(self) -> bool:
        """Whether the current operator is the home operator."""
        numbers = [row.numeric for row in self.table]
        home = self.module.options.plmn
        return home not in numbers or self.current is None or self.current.numeric == home

    def choose(self) -> Operator | None:
        """The operator an attach goes to now."""
        if self.selection.mode in (MANUAL, MANUAL_THEN_AUTOMATIC):
            return self._find(self.selection)
        order = {"current": 0, "available": 1, "forbidden": 2}
        return min(self.table, key=lambda row: order[row.status])

    def settle(self) -> None:
        """The attach was accepted."""
        self.current = self.choose()

    def _find(self, selection: Selection) -> Operator | None:
        for row in self.table:
            if row.name(selection.form) == selection.wanted:
                return row
        return None

    # -- the command -----------------------------------------------------------------------

    @command("+COPS", abortable=True)
    async def cops(self, cmd: Command) -> Reply:
        """Read, scan or select; a selection waits for the registration, at most 3 minutes."""
        if cmd.form is Form.READ:
            return self._shown()
        if cmd.form is Form.TEST:
            return await self._scan()
        deep = self.module.spec.deep_scan
        mode = cmd.number(0, AUTOMATIC, DEEP_SCAN if deep else MANUAL_THEN_AUTOMATIC, 0)
        if mode == SET_FORMAT:
            self.read_format = cmd.number(1, 0, 2)
            return None
        self.module.service(Sim).require()
        if mode == DEEP_SCAN:
            return await self._deep_scan()
        if self.module.network.cfun != 1:
            self._select_with_radio_off(mode)
        elif mode == DEREGISTER:
            self._store(Selection(DEREGISTER))
            self.module.network.stop_radio()
        elif mode == AUTOMATIC:
            self._store(Selection())
            await self._register()
        else:
            await self._select(cmd, mode)
        return None

    def _select_with_radio_off(self, mode: int) -> None:
        refused = "cops-radio-off" in self.module.options.variants
        if refused or mode not in (AUTOMATIC, DEREGISTER):
            raise CommandError(NOT_ALLOWED)
        self._store(Selection(mode))

    async def _select(self, cmd: Command, mode: int) -> None:
        """Manual selection; when it fails the earlier one stays active."""
        before = self.selection
        asked = Selection(mode, cmd.number(1, 0, 2, 0), cmd.string(2, 64))
        found = self._find(asked)
        forbidden = found is not None and found.status == "forbidden"
        if found is None or forbidden or not self._has(cmd):
            await self.module.interface.wait_or_abort(asyncio.sleep(SELECTION_MS / 1000))
            if mode == MANUAL:
                raise CommandError(EMERGENCY_ONLY if forbidden else NO_NETWORK_SERVICE)
            self._store(Selection())
            await self._register()
            return
        self.selection = asked
        try:
            await self._register()
        except CommandError:
            self.selection = before
            self.module.network.search_again()
            raise
        self._store(asked)

    def _has(self, cmd: Command) -> bool:
        return cmd.number(3, 0, 9, self.module.network.act) == self.module.network.act

    async def _register(self) -> None:
        network = self.module.network
        chosen = self.choose()
        if network.registered and self.current == chosen:
            return
        if network.registered:
            network.stop_radio()
        network.attach_wanted = True
        network.search_again()
        wait = asyncio.wait_for(network.wait_registered(), LONGEST_WAIT_S)
        try:
            await self.module.interface.wait_or_abort(wait)
        except TimeoutError:
            raise CommandError(NO_NETWORK_SERVICE) from None

    def _store(self, selection: Selection) -> None:
        self.selection = selection
        self.module.nvm.put("cops", [selection.mode, selection.form, selection.wanted])

    def _shown(self) -> str:
        mode = self.selection.mode
        if mode == DEREGISTER or not self.module.network.registered or self.current is None:
            return f"+COPS: {mode}"
        name = self.current.name(self.read_format)
        return f'+COPS: {mode},{self.read_format},"{name}",{self.module.network.act}'

    # -- scans -----------------------------------------------------------------------------

    async def _listen(self, ms: float) -> tuple[Operator, ...]:
        """The operators in range, after the duration of a scan."""
        self.module.service(Sim).require()
        if self.module.network.cfun != 1:
            raise CommandError(NOT_ALLOWED)
        await self.module.interface.wait_or_abort(asyncio.sleep(ms / 1000))
        return self.table if self.module.network.cell_usable else ()

    async def _scan(self) -> str:
        network = self.module.network
        rows = []
        for row in await self._listen(self.module.options.scan_ms):
            status = STATUSES[row.status]
            if network.registered:
                status = 2 if row == self.current else 3 if status == 3 else 1
            elif status == 2:
                status = 1
            rows.append(f'({status},"{row.long}","{row.short}","{row.numeric}",{network.act})')
        highest = DEEP_SCAN if self.module.spec.deep_scan else MANUAL_THEN_AUTOMATIC
        return f"+COPS: {','.join(rows)},,(0-{highest}),(0-2)"

    async def _deep_scan(self) -> list[str]:
        """SARA-R5: one line for each cell, in the form ubxlib reads; values U."""
        network = self.module.network
        lines = []
        for index, row in enumerate(await self._listen(self.module.options.deep_scan_ms)):
            level = max(0, min(97, round(network.signal.rsrp + 141) - 6 * index))
            quality = max(0, min(34, round((network.signal.rsrq + 20) * 2)))
            lines.append(
                f"MCC:{row.numeric[:3]}, MNC:{row.numeric[3:]}, TAC:{TAC.lower()}, "
                f"CI:{int(CELL, 16) + index}, DLF: {1325 + index}, ULF:{19325 + index}, "
                f"PCI:{163 + index}, RSRP LEV:{level}, RSRQ LEV:{quality}"
            )
        return lines
