"""The simulated module: power states, settings and the services of one AT interface."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar, cast

from .jobs import Jobs
from .line.conditions import NEVER_MS, Moment
from .line.faults import Faults
from .line.interface import Interface
from .line.line import STANDARD_RATES, Line
from .line.mux import Mux
from .line.pins import PinAccess, Pins
from .line.responses import UrcSource
from .line.strict import Referee, Violation
from .nvm import Nvm
from .power.base import Sleeper
from .power.energy import Energy
from .power.lexi_r10 import LevelSleeper
from .power.sara_r5 import UartSleeper
from .service import Entry, Service
from .services.files.store import FileStore
from .services.general.dialing import Calls
from .services.mqtt.commands import Mqtt
from .services.network.radio import Network
from .services.network.registration import SEARCHING
from .services.power.edrx import Edrx
from .services.power.psm import Psm
from .services.power.saving import Gpio, LevelSaving
from .services.power.votes import Votes
from .services.security import Security
from .services.sockets.sockets import Sockets
from .settings import Settings
from .spec import ModuleSpec, make_options
from .world.net import AddressBook

_S = TypeVar("_S", bound=Service)


class Module(PinAccess):
    """One module on one line. Use `open_uart` or the command line program to make one."""

    def __init__(
        self,
        spec: ModuleSpec,
        loop: asyncio.AbstractEventLoop,
        line: Line,
        faults: Faults,
        *,
        rng: random.Random,
        hosts: Mapping[str, str],
        routes: Mapping[str, str] | None = None,
        strict: bool = False,
        loud: bool = False,
        nvm: Nvm | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec = spec
        self.loop = loop
        self.line = line
        self.faults = faults
        self.rng = rng
        self.options = make_options(options or {})
        self.nvm = nvm or Nvm()
        self.crashes: list[Exception] = []
        self._jobs = Jobs(loop, self.crashes, self._perhaps_idle)
        self.later = self._jobs.later
        self.spawn = self._jobs.spawn
        self.files = FileStore(self.nvm, self.options.file_space or spec.file_space, self.later)
        self.settings = Settings()
        self.referee = Referee(loop, strict, loud)
        self.addresses = AddressBook(loop, hosts, routes or {}, self.options)
        self.interface = Interface(self)
        self._state = "off"
        self.boots = 0
        self.wakes = 0
        """Times it has left deep sleep."""
        self.mux: Mux | None = None
        self.pins = Pins(self)
        self.sleeper: Sleeper = LevelSleeper(self) if spec.sleep_levels else UartSleeper(self)
        self.made_at = loop.time()
        self._started_ms = NEVER_MS
        self.woke_ready = False
        self.rate_unknown = False
        self.services = [make(self) for make in spec.services]
        self.commands: dict[str, Entry] = {}
        for service in self.services:
            for name, entry in service.entries():
                if name not in spec.absent:
                    self.commands[name] = entry
        self._kinds: dict[type[Service], Service] = {}
        self.energy = Energy(loop, self._energy_state)
        self.network.granted_timers = self._granted_timers
        line.receiver = self.receive
        line.on_incoming = self.sleeper.incoming
        line.on_restart = self.restart
        for start, end in faults.coverage_gaps:
            loop.call_at(start / 1000, self.set_coverage, False)
            loop.call_at(end / 1000, self.set_coverage, True)
        faults.on_commands.attach(self._moment, self._faults_changed)
        self._faults_changed()

    @property
    def violations(self) -> list[Violation]:
        """Broken rules of the wire so far (strict mode only)."""
        return self.referee.violations

    @property
    def state(self) -> str:
        """off, booting, ready, stopping, or asleep in deep sleep (not UART sleep or Sleep-1)."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self.energy.update()

    @property
    def sleep_state(self) -> str:
        """off, booting, awake, uart, sleep1, sleep2, hibernate or psm."""
        if self._state in ("off", "booting"):
            return self._state
        return self.sleeper.level

    @property
    def lost_bytes(self) -> int:
        """Bytes that came while the module slept; `sleeper.lost` has them."""
        return self.sleeper.lost_bytes

    @property
    def time_in(self) -> dict[str, float]:
        """Seconds spent in each state of energy.STATES; `energy.reset()` starts again."""
        return self.energy.time_in

    def service(self, kind: type[_S]) -> _S:
        """The service of this class."""
        found = self._kinds.get(kind) or self._first(kind)
        self._kinds[kind] = found
        return cast("_S", found)

    def _first(self, kind: type[Service]) -> Service:
        for service in self.services:
            if isinstance(service, kind):
                return service
        raise LookupError(f"{self.spec.name} has no {kind.__name__}")

    @property
    def sockets(self) -> Sockets:
        """The socket service: state, listen ports."""
        return self.service(Sockets)

    @property
    def network(self) -> Network:
        """The radio and its contexts."""
        return self.service(Network)

    @property
    def security(self) -> Security:
        """Certificates, profiles and TLS sessions."""
        return self.service(Security)

    @property
    def mqtt(self) -> Mqtt:
        """The MQTT client: its session and the messages that came."""
        return self.service(Mqtt)

    @property
    def psm(self) -> Psm:
        """PSM and its timers."""
        return self.service(Psm)

    @property
    def edrx(self) -> Edrx:
        """eDRX and paging."""
        return self.service(Edrx)

    @property
    def calls(self) -> Calls:
        """PPP."""
        return self.service(Calls)

    @property
    def gpio(self) -> Gpio:
        """Functions of the GPIOs."""
        return self.service(Gpio)

    @property
    def saving(self) -> LevelSaving:
        """+UPSV of LEXI-R10."""
        return self.service(LevelSaving)

    @property
    def votes(self) -> Votes:
        """+USLPVOTE of LEXI-R10."""
        return self.service(Votes)

    def listen_ports(self) -> dict[int, int]:
        """Port as the module knows it -> real port, for every bound socket."""
        return self.sockets.listen_ports()

    def inject_urc(self, text: str) -> None:
        """Print this URC at the next legal place."""
        self.interface.urc(text)

    def urc(self, source: UrcSource) -> None:
        """Queue a URC (services)."""
        self.interface.urc(source)

    def set_coverage(self, covered: bool) -> None:
        """Take the radio coverage away or give it back."""
        self.network.set_coverage(covered)

    def _moment(self) -> Moment:
        """What the conditions of faults are compared with. The first start is no restart."""
        waiting = (name for service in self.services for name in service.unread_by())
        restarts = max(self.boots, 1) - 1
        return Moment(
            self.loop.time() * 1000,
            self._started_ms,
            restarts,
            restarts + self.network.switched_off,
            frozenset(waiting),
        )

    def _faults_changed(self) -> None:
        """A denial that begins later is noticed when it does, by a module that is registered."""
        self.network.faults_changed()
        for wait_ms in self.faults.on_commands.denials_begin_ms():
            self.loop.call_later(wait_ms / 1000 + 1e-6, self.network.faults_changed)

    @property
    def working(self) -> bool:
        """Whether a background job runs (a connect, a ping ...), which no sleep interrupts."""
        return self._jobs.working

    def line_done(self) -> None:
        """A command line has been answered."""
        if "upsv-rx-only" not in self.options.variants:
            self.sleeper.traffic(self.line.out_end)
        self._perhaps_idle()

    def _perhaps_idle(self) -> None:
        if self._state == "ready":
            self.psm.blocker_gone()
            self.sleeper.review()

    def radio_changed(self) -> None:
        """The radio connection or the registration changed (Network calls this)."""
        self.energy.update()
        network = self.network
        if network.connected:
            self.sleeper.radio_connected()
            self.sleeper.attention()
        self.psm.radio_changed()
        self.sleeper.answer_network()
        self.sleeper.review()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """A context went down: tell every service that may use it; the host only when `told`."""
        for service in self.services:
            service.context_lost(cid, told)

    # -- power -----------------------------------------------------------------------------

    def power_on(self, instantly: bool = False) -> None:
        """Supply switched on (or PWR_ON long enough): boot, silently, then answer.

        `instantly` starts in the state some time after a boot: idle, SIM ready.
        """
        if self.state != "off":
            return
        self.boots += 1
        self.state = "booting"
        self.woke_ready = instantly
        if instantly:
            self._ready()
        else:
            self.later(self.options.boot_ms, self._ready)

    def power_off(self) -> None:
        """Off at once: everything unsaved is lost."""
        self._go_dark()
        self.state = "off"

    def restart(self) -> None:
        """The module restarts by itself, without a word; what was not stored is lost."""
        self.power_off()
        self.power_on()

    def shut_down(self) -> None:
        """Orderly end: still powered for a moment, answers nothing."""
        self.state = "stopping"
        self.network.save()
        self.interface.stop()
        self.later(self.options.shutdown_ms, self.power_off)

    def reboot(self) -> None:
        """Orderly restart (+CFUN=15/16): what is kept is stored first, the last bytes leave."""
        self.network.save()
        self.interface.stop()
        self.state = "stopping"
        rest = max(0.0, self.line.out_end - self.loop.time()) * 1000
        self.later(rest + 1, self.restart)

    def close(self) -> None:
        """End of the simulation: give back sockets and timers."""
        self._go_dark()
        self.state = "off"

    def _go_dark(self) -> None:
        self.interface.stop()
        self.interface.line, self.mux = self.line, None
        self.sleeper.stop()
        self.line.cut_output()
        self._jobs.stop()
        for service in self.services:
            service.close()
        self.files.power_lost()

    def _ready(self, memory: Mapping[Service, Any] | None = None) -> None:
        self.settings = Settings(**self.nvm.get("profile", {}))
        rate = self.nvm.get("ipr", self.spec.factory_baud)
        self.rate_unknown = rate == 0
        self.line.set_module_baud(rate)
        self._started_ms = self.loop.time() * 1000
        for service in self.services:
            service.reset()
        for service, kept in (memory or {}).items():
            service.restore(kept)
        self.state = "ready"
        self.interface.start()
        self._greet()
        self.sleeper.started()

    def _greet(self) -> None:
        text, on = self.nvm.get("greeting", ["", 0])
        if on and not self.rate_unknown:
            self.interface.urc(text)

    # -- sleep -----------------------------------------------------------------------------

    def sleep_off(self) -> None:
        """PSM of SARA-R5: off but for a clock; sockets, calls and the multiplexer are lost."""
        self.network.save()
        update = self.psm.memory()
        kept = ((service, service.memory()) for service in self.services)
        self._kept = {service: memory for service, memory in kept if memory is not None}
        self._go_dark()
        self.state = "asleep"
        self.sleeper.enter("psm")
        self.psm.set_update(update)
        self.supply_moved()

    def wake_up(self) -> None:
        """Out of PSM: like a boot, but the network still knows the module."""
        self.sleeper.stop()
        self.state = "booting"
        self.wakes += 1
        self.supply_moved()
        self.later(self.options.psm_wake_ms, self._ready, self._kept)

    def supply_moved(self) -> None:
        """V_INT fell or rose in sleep; some hosts see it as a byte."""
        if "sleep-nul" in self.options.variants:
            self.line.glitch()

    def suspend(self) -> None:
        """Sleep-2 and Hibernate of LEXI-R10: nothing runs, everything stays."""
        self.interface.suspend()
        self.state = "asleep"

    def resume(self, level: str, settings_lost: bool) -> None:
        """Out of one of them."""
        self.wakes += 1
        self.state = "ready"
        if settings_lost:
            self.settings = Settings(**self.nvm.get("profile", {}))
            for service in self.services:
                service.forget_settings()
        for service in self.services:
            service.deep_slept(level)
        self.interface.resume()
        if settings_lost:
            self._greet()

    def _granted_timers(self) -> tuple[str, str] | None:
        granted = self.psm.granted
        return None if granted is None else (granted[1], granted[0])

    def _energy_state(self) -> str:
        if self._state in ("off", "booting"):
            return self._state
        if self.sleeper.deep:
            return self.sleeper.level
        network = self.network
        if network.connected:
            return "connected"
        if network.stat == SEARCHING and network.cfun == 1:
            return "searching"
        return "idle" if self.sleeper.level == "awake" else self.sleeper.level

    # -- serial line -----------------------------------------------------------------------

    def receive(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host, as far as the receiver is awake."""
        heard, start = self.sleeper.hear(data, start, end)
        if heard:
            (self.mux or self.interface).feed(heard, start, end)

    def start_mux(self, longest: int) -> None:
        """+CMUX: from now on there are frames on the line."""
        self.mux = Mux(self, longest)
        self.interface.line = self.mux.output

    def end_mux(self) -> None:
        """Plain commands again; a call over the multiplexer ends."""
        self.mux = None
        self.interface.line = self.line
        self.interface.editor.clear()
        if self.calls.in_data:
            self.calls.close()

    # -- interface rate --------------------------------------------------------------------

    def detect_rate(self, data: bytes) -> bool:
        """One-shot autobaud: the first AT at a standard rate fixes it; False drops the bytes."""
        if not self.rate_unknown:
            return True
        if self.line.host_baud not in (0, *STANDARD_RATES) or b"AT" not in data.upper():
            return False
        self.line.set_module_baud(self.line.host_baud)
        self.rate_unknown = False
        return True

    def set_rate(self, rate: int) -> None:
        """+IPR, after its OK has left (at-commands 1.3)."""
        wait = max(0.0, self.line.out_end - self.loop.time()) * 1000
        self.later(wait, self._apply_rate, rate)

    def _apply_rate(self, rate: int) -> None:
        self.rate_unknown = rate == 0
        self.line.set_module_baud(rate)

    def store_profile(self) -> None:
        """&W: keep the interface settings."""
        self.nvm.put("profile", asdict(self.settings))
