"""The SIM card (at-commands 1.4): PIN, PUK, tries, insertion and removal, identity."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ...errors import (
    BAD_PARAMETERS,
    NOT_ALLOWED,
    SIM_BLOCKED,
    SIM_MISSING,
    SIM_PIN,
    SIM_PUK,
    WRONG_PASSWORD,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

PIN_TRIES, PUK_TRIES = 3, 10
SHORTEST_PIN, LONGEST_PIN, PUK_LENGTH = 4, 8, 8
ABSENT, PIN_NEEDED, PIN_BLOCKED, PUK_BLOCKED, OPERATIONAL = 0, 1, 2, 3, 6
"""<state> of +UUSIMSTAT."""
INITIALISATION = 1
"""Bit of +USIMSTAT that enables the states 0 to 6."""


@dataclass
class Card:
    """The memory of the card; its counters are independent of the module."""

    pin: str
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES


class Sim(Service):
    """The card and the access of the module to it. The card's own memory survives everything."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.present = module.options.sim != "NONE"
        self._ready_timer: asyncio.TimerHandle | None = None
        self._unnoticed = False
        """A card was inserted, which is detected at the next start only."""

    def reset(self) -> None:
        """After a boot the SIM needs a moment, and its PIN again."""
        options = self.module.options
        self._ready_timer = None
        self.present, self._unnoticed = self.present or self._unnoticed, False
        self.report_mask = 0
        self.unlocked = False
        tries = 0 if options.sim == "PUK" else PIN_TRIES
        memory: dict[str, Any] = {"pin": options.pin, "pin_tries": tries}
        memory.update(self.module.nvm.get("sim_card", {}))
        self.card = Card(**memory)
        wait_ms = 0 if self.module.woke_ready else options.sim_ready_ms
        self.ready_at = self.module.loop.time() + wait_ms / 1000

    def forget_settings(self) -> None:
        """The reports are lost with the other settings."""
        self.report_mask = 0

    def _keep(self) -> None:
        self.module.nvm.put("sim_card", asdict(self.card))

    # -- state -----------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether the card wants a PIN it has not been given since the boot."""
        return self.module.options.sim in ("PIN", "PUK") and not self.unlocked

    @property
    def serves(self) -> bool:
        """Whether the radio may use the card, now or as soon as it is initialised."""
        return self.present and not self.locked

    def require(self) -> None:
        """Raise the CME error for a SIM that cannot be used now; otherwise return."""
        if not self.present:
            raise CommandError(SIM_MISSING)
        if self.module.loop.time() < self.ready_at - 1e-9:
            raise CommandError(self.module.options.sim_start_code)
        if not self.locked:
            return
        if self.card.puk_tries == 0:
            raise CommandError(SIM_BLOCKED)
        raise CommandError(SIM_PIN if self.card.pin_tries else SIM_PUK)

    @property
    def state(self) -> int:
        """<state> of +UUSIMSTAT."""
        if not self.present:
            return ABSENT
        if not self.locked:
            return OPERATIONAL
        if self.card.puk_tries == 0:
            return PUK_BLOCKED
        return PIN_NEEDED if self.card.pin_tries else PIN_BLOCKED

    def _report(self) -> None:
        if self.report_mask & INITIALISATION:
            self.module.urc(f"+UUSIMSTAT: {self.state}")

    # -- insertion and removal --------------------------------------------------------------------

    def insert(self) -> None:
        """A card is put in: busy at first, then the radio may begin."""
        if self.present:
            return
        if not self.module.options.sim_hot and self.module.state == "ready":
            self._unnoticed = True
            return
        self.present = True
        self.unlocked = False
        if self.module.state != "ready":
            return
        wait_ms = self.module.options.sim_ready_ms
        self.ready_at = self.module.loop.time() + wait_ms / 1000
        self._ready_timer = self.module.later(wait_ms, self._initialised)

    def _initialised(self) -> None:
        self._ready_timer = None
        self._report()
        self.module.network.sim_changed()

    def remove(self) -> None:
        """The card is taken out: the module is detached at once."""
        self._unnoticed = False
        if not self.present:
            return
        self.present = False
        self.unlocked = False
        if self._ready_timer is not None:
            self._ready_timer.cancel()
            self._ready_timer = None
        if self.module.state == "ready":
            self._report()
            self.module.network.sim_changed()

    # -- commands --------------------------------------------------------------------------

    @command("+CPIN")
    def pin(self, cmd: Command) -> Reply:
        """Read the state; or enter the PIN, or the PUK with a new PIN."""
        if cmd.form is Form.TEST:
            return None
        waiting = self._waits_for()
        if cmd.form is Form.READ:
            return f"+CPIN: {waiting}"
        if waiting == "READY":
            raise CommandError(NOT_ALLOWED)
        cmd.at_most(2)
        code = self._digits(cmd, 0)
        new = self._digits(cmd, 1) if cmd.has(1) else None
        if waiting == "SIM PUK":
            self._unblock(code, new)
        else:
            self._verify(code, new)
        self._report()
        self.module.network.sim_changed()
        return None

    def _waits_for(self) -> str:
        try:
            self.require()
        except CommandError as error:
            if error.code in (SIM_PIN, SIM_PUK):
                return "SIM PIN" if error.code == SIM_PIN else "SIM PUK"
            raise
        return "READY"

    @staticmethod
    def _digits(cmd: Command, index: int) -> str:
        """A code: digits, with or without quotes."""
        if not cmd.has(index):
            raise CommandError(BAD_PARAMETERS)
        text = cmd.params[index].text
        if not (text.isascii() and text.isdigit()):
            raise CommandError(BAD_PARAMETERS)
        if not SHORTEST_PIN <= len(text) <= LONGEST_PIN:
            raise CommandError(BAD_PARAMETERS)
        return text

    def _verify(self, pin: str, new: str | None) -> None:
        if pin != self.card.pin:
            self.card.pin_tries -= 1
            self._keep()
            if not self.card.pin_tries:
                self._report()
            raise CommandError(WRONG_PASSWORD)
        self.card.pin_tries = PIN_TRIES
        if new is not None:
            self.card.pin = new
        self._keep()
        self.unlocked = True

    def _unblock(self, puk: str, new: str | None) -> None:
        if new is None:
            raise CommandError(SIM_PUK)
        if len(puk) != PUK_LENGTH or puk != self.module.options.puk:
            self.card.puk_tries -= 1
            self._keep()
            if not self.card.puk_tries:
                self._report()
            raise CommandError(WRONG_PASSWORD)
        self.card = Card(new)
        self._keep()
        self.unlocked = True

    @command("+USIMSTAT")
    def reports(self, cmd: Command) -> Reply:
        """Select the +UUSIMSTAT reports; off after a boot (U)."""
        if cmd.form is Form.READ:
            return f"+USIMSTAT: {self.report_mask}"
        if cmd.form is Form.TEST:
            return "+USIMSTAT: (0-7)"
        cmd.at_most(1)
        self.report_mask = cmd.number(0, 0, 7)
        return None

    @command("+CIMI")
    def imsi(self, cmd: Command) -> Reply:
        """Subscriber; needs the PIN."""
        if cmd.form is Form.TEST:
            return None
        self.require()
        return self.module.options.imsi

    @command("+CCID")
    def iccid(self, cmd: Command) -> Reply:
        """Card number, also without PIN."""
        if cmd.form is Form.TEST:
            return None
        if not self.present:
            raise CommandError(SIM_MISSING)
        if self.module.loop.time() < self.ready_at - 1e-9:
            raise CommandError(self.module.options.sim_start_code)
        return f"+CCID: {self.module.options.iccid}"
