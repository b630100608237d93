"""The radio (at-commands 2.1): conditions, registration, losses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...errors import NO_NETWORK_SERVICE, CommandError
from ...world.reject_causes import EMM_PLMN_NOT_ALLOWED, Refusal
from ..general.clock import RealTime
from ..general.sim import Sim
from .context_table import Context, Contexts
from .mno_profile import MnoProfile
from .operators import Operators
from .registration import (
    DENIED,
    DEREGISTERED,
    HOME,
    REGISTERED,
    ROAMING,
    SEARCHING,
    Registration,
    no_timers,
)

if TYPE_CHECKING:
    from ...module import Module

CONDITIONS = ("home", "roaming", "denied", "none")
ATTEMPTS = 5
"""Quick attempts after a refusal, then a long pause (TS 24.301: T3411, T3402)."""


@dataclass(frozen=True)
class Signal:
    """Reception of the antenna: dBm, dB, dB."""

    rsrp: float
    rsrq: float
    sinr: float


@dataclass(frozen=True)
class Memory:
    """State that survives deep sleep."""

    stat: int
    contexts: dict[int, Context]


class Network(Registration, Contexts):
    """The radio: switched by +CFUN, registers by itself, carries the contexts.

    Conditions outside (coverage, signal, `condition`) survive boots; tests and the control
    channel change them at any time.
    """

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        options = module.options
        self.covered = True
        self.condition = self._known(options.network)
        self.reject_cause, self.cause_type = options.reject_cause, options.cause_type
        self.signal = Signal(options.rsrp, options.rsrq, options.sinr)
        self.granted_timers = no_timers
        self.cfun = 1
        self.stat = DEREGISTERED
        self.connected = False
        self.refusal: Refusal | None = None
        self.switched_off = 0
        """How often +CFUN has switched the radio off."""
        self._barred = False
        self._failures = 0
        self._lost_at: float | None = None
        self._search: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []

    def reset(self) -> None:
        """Boot: stored +CFUN and profile take effect, registration starts again."""
        nvm, spec = self.module.nvm, self.module.spec
        kept = nvm.get("cfun", 1)
        self.cfun = kept if kept in spec.cfun_kept else 1
        self.stat = DEREGISTERED
        self.refusal = None
        self.attach_wanted = True
        self._barred = False
        self._failures = 0
        self._lost_at = None
        self._search = None
        self._waiters.clear()
        self.reset_registration()
        self.reset_contexts()
        self.start_radio()

    def save(self) -> None:
        """Orderly end: the +CFUN values of at-commands 1.5 are kept."""
        kept = self.cfun if self.cfun in self.module.spec.cfun_kept else 1
        self.module.nvm.put("cfun", kept)

    # -- deep sleep ------------------------------------------------------------------------

    def memory(self) -> Memory | None:
        """State kept in deep sleep: the registration and its bearers."""
        if not self.registered:
            return None
        return Memory(self.stat, {c: replace(x) for c, x in self.contexts.items() if x.active})

    def restore(self, memory: Memory | None) -> None:
        """After deep sleep the same bearers and addresses are used again without an attach."""
        if memory is None or not self._may_search():
            return  # radio off, or a PIN is needed again
        self.contexts.update(memory.contexts)
        self._cancel_search()
        self.set_stat(SEARCHING)
        if self.cell_usable:
            delay = max(self.module.options.resume_ms, self._sim_wait_ms())
            self._search = self.module.later(delay, self._resumed)

    def _resumed(self) -> None:
        """No radio connection is needed for it, so the module may go back to sleep at once."""
        if self._denial() is not None or not self.cell_usable:
            self._attempt()
            return
        self._search = None
        self.module.service(Operators).settle()
        self.set_stat(self._registered_stat())
        self._end_waiting(None)

    def forget_settings(self) -> None:
        """Reports are off, as after a boot."""
        self.forget_reports()
        self.events.set_mode(0, 0)

    def recheck_coverage(self) -> None:
        """Conditions may have changed while the module was asleep."""
        self._world_changed()

    # -- conditions of the antenna ------------------------------------------------------------

    @staticmethod
    def _known(condition: str) -> str:
        if condition not in CONDITIONS:
            raise ValueError(f"network is one of {', '.join(CONDITIONS)}, not {condition!r}")
        return condition

    @property
    def cell_usable(self) -> bool:
        """Whether there is a cell strong enough and of a band the module uses."""
        return (
            self.covered
            and self.condition != "none"
            and self.signal.rsrp >= self.module.options.weakest_rsrp
            and self.module.service(MnoProfile).reaches(self.module.options.cell_band)
            and self.module.service(MnoProfile).speaks(self.module.options.cell_rat)
        )

    @property
    def registered(self) -> bool:
        """Registered with a network, at home or roaming."""
        return self.stat in REGISTERED

    @property
    def usable(self) -> bool:
        """Whether packets pass right now."""
        return self.cell_usable and self.registered

    @property
    def camped(self) -> bool:
        """Whether there is a cell with a measurable signal."""
        return self.cell_usable and (self.registered or self.stat == DENIED)

    def set_coverage(self, covered: bool) -> None:
        """The antenna sees (or no longer sees) a cell; contexts and sockets wait meanwhile."""
        if covered != self.covered:
            self.covered = covered
            self._world_changed()

    def set_signal(
        self, rsrp: float, rsrq: float | None = None, sinr: float | None = None
    ) -> None:
        """Another signal, dBm and dB; too weak a one (option weakest_rsrp) is no coverage."""
        old = self.signal
        self.signal = Signal(
            rsrp, old.rsrq if rsrq is None else rsrq, old.sinr if sinr is None else sinr
        )
        self._world_changed()

    def set_network(
        self, condition: str, cause: int = EMM_PLMN_NOT_ALLOWED, cause_type: int = 0
    ) -> None:
        """Set the result of a registration: "home", "roaming", "denied" with an EMM cause,
        "none"."""
        self.condition = self._known(condition)
        if condition == "denied":
            self.reject_cause, self.cause_type = cause, cause_type
        self._world_changed()

    def faults_changed(self) -> None:
        """Faults were added: a network that refuses a registered module detaches it."""
        if self.module.state == "ready" and self.registered and self._denial() is not None:
            self._world_changed()

    def _denial(self, attempt: bool = False) -> Refusal | None:
        """The network's reason for refusing every registration now."""
        if self.condition == "denied":
            return Refusal("EMM", self.reject_cause, self.cause_type)
        return self.module.faults.on_commands.denial(attempt)

    def _world_changed(self) -> None:
        if self.module.state != "ready":
            return
        if self.registered and self.cell_usable:
            if self._denial() is not None:
                self.network_detaches()
            else:
                self.set_stat(self._registered_stat())
        elif self.registered:
            self._lost_at = self.module.loop.time()
            self.set_stat(SEARCHING)
            self.set_connected(False)
        else:
            self.search_again()
        self.module.sockets.link_changed()

    # -- registration ----------------------------------------------------------------------

    def start_radio(self) -> None:
        """Begin to search when radio, SIM and +COPS allow it."""
        if self.registered or self._search is not None or not self._may_search():
            return
        self.set_stat(SEARCHING)
        if self.cell_usable:  # otherwise the next change of the conditions starts it
            delay = self._sim_wait_ms() + self.module.options.registered_after_ms
            self._search = self.module.later(delay, self._attempt)

    def _sim_wait_ms(self) -> float:
        left = self.module.service(Sim).ready_at - self.module.loop.time()
        return max(0.0, left * 1000)

    def search_again(self) -> None:
        """Conditions have changed: an attempt in progress starts again."""
        self._cancel_search()
        self._failures = 0
        self.start_radio()

    def _cancel_search(self) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None

    def _may_search(self) -> bool:
        return (
            self.cfun == 1
            and self.attach_wanted
            and not self._barred
            and self.module.service(Operators).mode != 2
            and self.module.service(Sim).serves
        )

    def _attempt(self) -> None:
        self._search = None
        if not self._may_search() or not self.cell_usable:
            return
        if self.module.service(Operators).choose() is None:  # the selected one is not in range
            self.set_stat(SEARCHING)
            self._search = self.module.later(self.module.options.retry_ms, self._attempt)
            return
        refusal = self._refused_by()
        if refusal is None:
            self._accepted()
        else:
            self._rejected(refusal)

    def _refused_by(self) -> Refusal | None:
        """The network's reason for refusing an attach now."""
        denial = self._denial(attempt=True)
        if denial is not None:
            return denial
        operator = self.module.service(Operators).choose()
        if operator is None or operator.status == "forbidden":
            return Refusal("EMM", EMM_PLMN_NOT_ALLOWED)
        default = self.contexts.get(1)
        if default is not None and default.active:
            return None  # it has only returned to coverage
        return self.refused_context(default or Context(1))

    def _rejected(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self._lost_at = None
        self.drop_all_contexts()  # contexts exist when it returns to coverage
        self.touch()  # the refusal needs a radio connection
        self.set_stat(DENIED)
        self._end_waiting(CommandError(NO_NETWORK_SERVICE))
        if refusal.final:
            self._barred = True
            return
        self._failures += 1
        options = self.module.options
        pause = options.retry_ms if self._failures % ATTEMPTS else options.retry_pause_ms
        self._search = self.module.later(pause, self._attempt)

    def _accepted(self) -> None:
        self._drop_if_forgotten()
        self._failures = 0
        self.refusal = None
        self.module.service(Operators).settle()
        self.set_stat(self._registered_stat())
        self.touch()
        self.activate_default()
        self.module.service(RealTime).network_time()
        self._end_waiting(None)
        self.module.sockets.link_changed()

    def _drop_if_forgotten(self) -> None:
        """The network drops a module that was out of coverage for long (implicit detach)."""
        lost_at, self._lost_at = self._lost_at, None
        limit = self.module.options.implicit_detach_ms
        if lost_at is None or not limit:
            return
        if (self.module.loop.time() - lost_at) * 1000 >= limit:
            self.events.tell("NW DETACH")
            self.drop_all_contexts()

    def _registered_stat(self) -> int:
        at_home = self.condition == "home" and self.module.service(Operators).at_home
        return HOME if at_home else ROAMING

    async def wait_registered(self) -> None:
        """Return once registered; CME 30 when the network refuses, or has refused for good."""
        if self.registered:
            return
        if self._barred:
            raise CommandError(NO_NETWORK_SERVICE)
        waiter = self.module.loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def _end_waiting(self, error: CommandError | None) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    # -- leaving ---------------------------------------------------------------------------

    def stop_radio(self) -> None:
        """Detach: contexts and everything on them are lost."""
        self._cancel_search()
        self._barred = False
        self._failures = 0
        self._lost_at = None
        if self.registered:
            self.events.tell("ME DETACH")
        self.drop_all_contexts()
        self.set_stat(DEREGISTERED)
        self.set_connected(False)

    def network_detaches(self) -> None:
        """The network ends the attach; the module tries to attach again by itself."""
        if not self.registered:
            return
        self.events.tell("NW DETACH")
        self.drop_all_contexts()
        self.set_stat(SEARCHING)
        self.search_again()

    def network_deactivates(self, cid: int, told: bool = True) -> None:
        """The network ends one context, cid 1 too; the module stays registered. Without `told`
        there is no URC, neither of it nor of the clients that lose their connections."""
        if not self.context_active(cid):
            raise ValueError(f"context {cid} is not active")
        if told:
            self.events.tell(f"NW PDN DEACT {cid}")
        self.drop_context(cid, told)

    def sim_changed(self) -> None:
        """Inserted, removed, locked or unlocked."""
        if self.module.service(Sim).serves:
            self.start_radio()
        elif self.registered or self._search is not None or self.stat != DEREGISTERED:
            self.stop_radio()

    async def set_functionality(self, value: int) -> None:
        """+CFUN without restart; switching takes a moment."""
        if value == self.cfun:
            return
        await asyncio.sleep(0.1)
        self.cfun = value
        if value == 1:
            self.attach_wanted = True
            self.start_radio()
        else:
            self.switched_off += 1
            self.stop_radio()
