"""Registration, signal and PDP contexts (at-commands 2.1, 2.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..errors import CommandError
from .contexts import Contexts
from .registration import RegistrationCommands

if TYPE_CHECKING:
    from ..module import Module

DEREGISTERED, HOME, SEARCHING = 0, 1, 2


class Network(RegistrationCommands, Contexts):
    """The radio: switched by +CFUN, registers by itself, carries the contexts."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.covered = True
        self.cfun = 1
        self.stat = DEREGISTERED
        self._search: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []

    def reset(self) -> None:
        """Boot: stored +CFUN and profile take effect, registration starts over."""
        nvm, spec = self.module.nvm, self.module.spec
        kept = nvm.get("cfun", 1)
        self.cfun = kept if kept in spec.cfun_kept else 1
        self.mno = nvm.get("mno", spec.mno_default)
        self.stat = DEREGISTERED
        self._search = None
        self.reset_registration()
        self.reset_contexts()
        self.start_radio()

    def save(self) -> None:
        """Orderly end: the +CFUN values of at-commands 1.5 are kept."""
        kept = self.cfun if self.cfun in self.module.spec.cfun_kept else 1
        self.module.nvm.put("cfun", kept)

    @property
    def registered(self) -> bool:
        """Registered with the network, at home."""
        return self.stat == HOME

    @property
    def usable(self) -> bool:
        """Whether packets pass right now."""
        return self.covered and self.registered

    # -- radio -----------------------------------------------------------------------------

    def start_radio(self) -> None:
        """Begin to search when radio, SIM and +COPS allow it."""
        if self.cfun != 1 or self.cops_mode == 2 or self.registered or self._search is not None:
            return
        wait = max(0.0, self.module_sim_ready() - self.module.loop.time())
        self.set_stat(SEARCHING)
        self._search = self.module.later(
            wait * 1000 + self.module.options.registered_after_ms, self._found
        )

    def module_sim_ready(self) -> float:
        """Loop time at which the SIM answers."""
        from .identity import Identity

        return self.module.service(Identity).ready_at

    def _sim_usable(self) -> bool:
        from .identity import Identity

        try:
            self.module.service(Identity).check_sim()
        except CommandError:
            return False
        return True

    def _found(self) -> None:
        self._search = None
        if self.cfun != 1 or not self.covered or not self._sim_usable():
            return
        self.set_stat(HOME)
        self.touch()
        self.activate_default()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.module.sockets.link_changed()

    async def wait_registered(self) -> None:
        """Return once registered."""
        if self.registered:
            return
        waiter = self.module.loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def stop_radio(self) -> None:
        """Detach: contexts and everything on them are lost."""
        if self._search is not None:
            self._search.cancel()
            self._search = None
        self.drop_all_contexts()
        self.set_stat(DEREGISTERED)
        self.set_connected(False)

    async def set_functionality(self, value: int) -> None:
        """+CFUN without restart; switching takes a moment."""
        if value == self.cfun:
            return
        await asyncio.sleep(0.1)
        self.cfun = value
        if value == 1:
            self.start_radio()
        else:
            self.stop_radio()

    def set_coverage(self, covered: bool) -> None:
        """The antenna sees (or no longer sees) a cell; contexts and sockets wait meanwhile."""
        if covered == self.covered:
            return
        self.covered = covered
        if self.module.state != "ready":
            return
        if not covered:
            if self._search is not None:
                self._search.cancel()
                self._search = None
            if self.cfun == 1 and self.cops_mode != 2:
                self.set_stat(SEARCHING)
            self.set_connected(False)
        else:
            self.start_radio()
        self.module.sockets.link_changed()
