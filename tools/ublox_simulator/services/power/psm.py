"""PSM: +CPSMS, +UCPSMS, +UPSMR, +UPSMVER and their two timers (at-commands 11)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...errors import BAD_PARAMETERS, UNKNOWN, CommandError
from ...line.parser import Command, Form
from ...power.timer_codes import active_time_s, is_bits, periodic_update_s, short_timer
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

FACTORY = (0, "00100001", "00000101")
"""Off; 1 h and 10 s when switched on without values (U)."""

AWAKE, ASLEEP, BLOCKED = 0, 1, 2
CLIENT_STACK, CLIENT_DATA = 1, 2
"""Numbers of the clients that can block; the real meanings are not known (U)."""


class Psm(Service):
    """`asleep`: the radio is in PSM and cannot be reached; the module may sleep deeply then."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.asleep = False
        self._reporting = 0
        self._waits = False
        self._known: tuple[str, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._update: asyncio.TimerHandle | None = None

    def reset(self) -> None:
        """Requests are kept in NVM; timers begin with the radio."""
        self.close()
        self._take(*self.module.nvm.get("psm", FACTORY))
        kept = "upsmr-kept" in self.module.options.variants
        self._reporting = int(self.module.nvm.get("upsmr", 0)) if kept else 0
        self.asleep = False
        self._known = None

    def _take(self, mode: int, t3412: str, t3324: str) -> None:
        self.mode, self.t3412, self.t3324 = mode, t3412, t3324

    def close(self) -> None:
        """Stop the timers."""
        self._stop_active_time()
        if self._update is not None:
            self._update.cancel()
            self._update = None

    def memory(self) -> Any:
        """The periodic timer runs through deep sleep."""
        return self._update.when() if self._update is not None else None

    def restore(self, memory: Any) -> None:
        """Still in PSM until the radio is used."""
        self.asleep = True
        self._known = self.granted
        # A moment in the past is the one that has woken the module.
        self.set_update(memory if memory and memory > self.module.loop.time() else None)

    # -- granted values -----------------------------------------------------------

    @property
    def granted(self) -> tuple[str, str] | None:
        """(T3412, T3324) as the network allows them; None without PSM."""
        grant = self.module.options.psm_grant
        if self.mode != 1 or grant == "none":
            return None
        periodic, active = self.t3412, self.t3324
        if grant != "requested":
            periodic, _, active = grant.partition(",")
        if active_time_s(active) is None:
            return None
        return periodic, active

    # -- timers ----------------------------------------------------------------------------

    def radio_changed(self) -> None:
        """The radio connection or the registration changed."""
        network = self.module.network
        if not network.registered:
            if self.module.state == "ready" and not self._resuming():
                self.close()
                self._wake_stack()
        elif network.connected:
            self._stop_active_time()
            self._wake_stack()
        elif not self.asleep and self._timer is None:
            self._idle()

    def _resuming(self) -> bool:
        return self.asleep and self.module.network.cfun == 1 and self.module.network.stat == 2

    def _idle(self) -> None:
        """The radio connection was released: both timers start."""
        granted = self.granted
        if granted is None:
            return
        periodic = periodic_update_s(granted[0])
        now = self.module.loop.time()
        self.set_update(None if periodic is None else now + periodic)
        active = active_time_s(granted[1]) or 0
        self._timer = self.module.loop.call_later(active, self._active_time_over)

    def set_update(self, when: float | None) -> None:
        """(Re)start T3412."""
        if self._update is not None:
            self._update.cancel()
        loop = self.module.loop
        self._update = None if when is None else loop.call_at(when, self._periodic_update)

    def _stop_active_time(self) -> None:
        self._waits = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _active_time_over(self) -> None:
        self._timer = None
        client = self._blocking_client()
        if client:
            self._waits = True
            self._report(BLOCKED, client)
            return
        self.asleep = True
        self._report(ASLEEP)
        self.module.sleeper.review()

    def _blocking_client(self) -> int:
        mode = self.module.interface.mode
        if self.module.working or mode in ("busy", "payload"):
            return CLIENT_STACK
        return CLIENT_DATA if mode == "data" and not self.module.calls.in_data else 0

    def blocker_gone(self) -> None:
        """A command or job ended: perhaps the one that delayed PSM at the end of T3324."""
        if self._waits and not self._blocking_client():
            self._waits = False
            self._active_time_over()

    def _wake_stack(self) -> None:
        if self.asleep:
            self.asleep = False
            self._report(AWAKE)

    def _periodic_update(self) -> None:
        """End of T3412: the module reports to the network, after waking up if it sleeps."""
        self._update = None
        sleeper = self.module.sleeper
        if self.module.state == "ready":
            self.module.network.touch()
        else:
            sleeper.wake()
            sleeper.update_due = True

    def _report(self, state: int, client: int = 0) -> None:
        if self._reporting:
            self.module.urc(f"+UUPSMR: {state}" + (f",{client}" if client else ""))

    # -- commands --------------------------------------------------------------------------

    @command("+CPSMS")
    def request(self, cmd: Command) -> Reply:
        """Ask for PSM; the two GPRS parameters have no meaning on LTE."""
        if cmd.form is Form.READ:
            return f'+CPSMS: {self.mode},,,"{self.t3412}","{self.t3324}"'
        if cmd.form is Form.TEST:
            return '+CPSMS: (0-2),,,("00000000"-"11111111"),("00000000"-"11111111")'
        mode = cmd.number(0, 0, 2, 0)
        cmd.at_most(5)
        values = [cmd.string(3, 8, self.t3412), cmd.string(4, 8, self.t3324)]
        if not all(is_bits(value, 8) for value in values):
            raise CommandError(BAD_PARAMETERS)
        self._take(*(FACTORY if mode == 2 else (mode, values[0], values[1])))
        self.module.nvm.put("psm", [self.mode, self.t3412, self.t3324])
        self._negotiate()
        return None

    def _negotiate(self) -> None:
        """New values go to the network with the next tracking area update: now."""
        if self.granted == self._known:
            return
        self._known = self.granted
        self.set_update(None)
        self._stop_active_time()
        if self.module.network.registered:
            self.module.network.touch()

    @command("+UCPSMS")
    def assigned(self, cmd: Command) -> Reply:
        """Values granted by the network; not on every LEXI-R10 firmware (U)."""
        if "no-ucpsms" in self.module.options.variants:
            raise CommandError(UNKNOWN)
        if cmd.form is not Form.READ:
            return self.request(cmd)
        granted = self.granted if self.module.network.registered else None
        if granted is None:
            return "+UCPSMS: 0,,,,"
        if "t3412-plain" in self.module.options.variants:
            plain = short_timer(periodic_update_s(granted[0]) or 0)
            return f'+UCPSMS: 1,,,"{plain}","{granted[1]}",0'
        return f'+UCPSMS: 1,,,"{granted[0]}","{granted[1]}",1'

    @command("+UPSMR")
    def reporting(self, cmd: Command) -> Reply:
        """+UUPSMR URCs."""
        if cmd.form is Form.READ:
            return f"+UPSMR: {self._reporting}"
        if cmd.form is Form.TEST:
            return "+UPSMR: (0,1)"
        self._reporting = cmd.number(0, 0, 1)
        self.module.nvm.put("upsmr", self._reporting)
        return None

    @command("+UPSMVER")
    def version(self, cmd: Command) -> Reply:
        """Assistance bits: stored and shown, without effect here."""
        if cmd.form is Form.READ:
            return f"+UPSMVER: {self.module.nvm.get('upsmver', 4)}"
        if cmd.form is Form.TEST:
            return "+UPSMVER: (0-31)"
        self.module.nvm.put("upsmver", cmd.number(0, 0, 31))
        return None
