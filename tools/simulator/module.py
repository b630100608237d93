"""The simulated module: power states, settings and the services behind one AT interface."""

from __future__ import annotations

import asyncio
import random
import sys
import traceback
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from .faults import Faults
from .interface import Interface, UrcSource
from .line import STANDARD_RATES, Line
from .net import AddressBook
from .nvm import Nvm
from .service import Entry, Service
from .services.network import Network
from .services.sockets import Sockets
from .spec import ModuleSpec, make_options
from .strict import Referee, Violation

_S = TypeVar("_S", bound=Service)


@dataclass
class Settings:
    """The settings of the interface that &W stores (at-commands 1.3)."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0
    """U on both modules; 0 as on SARA-R4."""
    flow: int = 3
    dcd: int = 1
    dtr: int = 1
    dsr: int = 1
    escape_char: int = 43
    guard: int = 50
    """S12 in 1/50 s."""


class Module:
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
        self.settings = Settings()
        self.crashes: list[Exception] = []
        self.referee = Referee(loop, strict, loud)
        self.addresses = AddressBook(loop, hosts, routes or {}, self.options)
        self.interface = Interface(self)
        self.state = "off"  # off | booting | ready | stopping
        self.boots = 0
        self.made_at = loop.time()
        self.woke_ready = False
        self.rate_unknown = False
        self._timers: list[asyncio.TimerHandle] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._key_down: float | None = None
        self.services = [make(self) for make in spec.services]
        self.commands: dict[str, Entry] = {}
        for service in self.services:
            for name, entry in service.entries():
                if name not in spec.absent:
                    self.commands[name] = entry
        line.receiver = self.interface.feed
        line.on_restart = self.restart
        for start, end in faults.coverage_gaps:
            loop.call_at(start / 1000, self.set_coverage, False)
            loop.call_at(end / 1000, self.set_coverage, True)

    # -- what tests and tools use ----------------------------------------------------------

    @property
    def violations(self) -> list[Violation]:
        """Broken rules of the wire so far (strict mode only)."""
        return self.referee.violations

    @property
    def v_int(self) -> bool:
        """The V_INT supply pin: high while the module is switched on."""
        return self.state != "off"

    def service(self, kind: type[_S]) -> _S:
        """The service of this class."""
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

    def later(self, ms: float, action: Any, *args: Any) -> asyncio.TimerHandle:
        """Call `action` after `ms` unless the module restarts first."""
        timer = self.loop.call_later(ms / 1000, action, *args)
        if len(self._timers) > 64:
            now = self.loop.time()
            self._timers = [t for t in self._timers if not t.cancelled() and t.when() > now]
        self._timers.append(timer)
        return timer

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a background job that ends at the latest when the module goes down."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.crashes.append(error)
            traceback.print_exception(error, file=sys.stderr)

    def context_lost(self, cid: int) -> None:
        """A context went down: tell every service that may use it."""
        for service in self.services:
            service.context_lost(cid)

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
        """Supply gone: everything unsaved is lost at once."""
        self._go_dark()
        self.state = "off"

    def restart(self) -> None:
        """The module restarts by itself, without a word; what was not stored is lost."""
        self.power_off()
        self.power_on()

    def power_key(self, pressed: bool) -> None:
        """PWR_ON pin: True = active (low). Pulse lengths count, at-commands 0.2."""
        now = self.loop.time()
        if pressed:
            self._key_down = now
            return
        if self._key_down is None:
            return
        held_ms = (now - self._key_down) * 1000 + 0.01
        self._key_down = None
        if self.state == "off" and held_ms >= self.spec.power_on_ms:
            self.power_on()
        elif self.state == "ready" and held_ms >= self.spec.power_off_ms:
            self.shut_down()

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
        self.line.cut_output()
        timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()
        for task in list(self._tasks):
            task.cancel()
        for service in self.services:
            service.close()

    def _ready(self) -> None:
        self.state = "ready"
        self.settings = Settings(**self.nvm.get("profile", {}))
        rate = self.nvm.get("ipr", self.spec.factory_baud)
        self.rate_unknown = rate == 0
        self.line.set_module_baud(rate)
        for service in self.services:
            service.reset()
        self.interface.start()
        text, on = self.nvm.get("greeting", ["", 0])
        if on and not self.rate_unknown:
            self.interface.urc(text)

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
