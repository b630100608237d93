# Generated from aio/device/recovery.py by tools/generate. Do not edit.
"""Recovery in steps, from probing the line to a power cycle.

No command is repeated on the assumption that it was lost. A failed operation has raised to its
caller; recovery makes module and network usable again, step by step, and reports each step: event
RECOVERY, `counts`, `last`. The policy, also in this file, decides when a step is due and how often
it may be used: by time, across calls and `save_state()`, because networks ban devices that retry
too fast, and restarts drain a battery. `reach()` is for a module that does not answer, `look()`
for a network that does not accept the module, `blame()` for a service of the module that refuses
everything.
"""

from ...core.compat import const
from ...core.errors import Cancelled, InUse, ModemError, ModuleLost

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

# The steps: indexes of `counts`, first field of the RECOVERY event, parts of `rungs`.
RESYNCHRONISE = const(0)  # wait for silence, complete a payload, ask
LEAVE_MODE = const(1)  # multiplexer, data mode or PPP left by an earlier program
OTHER_RATE = const(2)
CONTEXT = const(3)  # the data connection down and up again
RADIO = const(4)
REBOOT = const(5)  # +CFUN=16
POWER_CYCLE = const(6)  # by the wires
GIVE_UP = const(7)
NAMES = (
    "resynchronise", "leave a left-over mode", "other baud rate", "reactivate the context",
    "radio off and on", "reboot", "power cycle", "given up",
)  # fmt: skip

_LINE = (RESYNCHRONISE, LEAVE_MODE, OTHER_RATE, POWER_CYCLE)
# By the stage without progress: SIM and later; registration; activation; a service.
_OF_SIM = (REBOOT, POWER_CYCLE)
_OF_REGISTRATION = (RADIO, REBOOT, POWER_CYCLE)
_OF_ACTIVATION = (CONTEXT, RADIO, REBOOT, POWER_CYCLE)
_OF_SERVICE = (CONTEXT, REBOOT, POWER_CYCLE)
_LIMITS = {RADIO: ((1, 600),), REBOOT: ((1, 3600), (6, 86400)), POWER_CYCLE: ((2, 86400),)}

_SERVICES = ("sockets", "HTTP", "MQTT", "MQTT-SN", "CoAP", "FTP")  # their numbers when saved

_PATIENCE_MS = const(600000)  # a first search over all bands takes minutes
_REFUSED_S = const(60)  # before the first step, after a refusal instead of silence
_STEEPEST = const(4)  # how often the pause between two steps is doubled
_LONGEST_RETRY = const(300)  # seconds between two attempts that are refused
_PROBES = const(3)
_PROBE_PAUSE_MS = const(15000)
_RADIO_MS = const(180000)
_ATTACH_MS = const(90000)
_DAY = const(86400)
_UNIT_S = const(2)  # of times in a saved state
_KEPT = const(6)  # uses of a rung that a saved state has
_EVENT_RECOVERY = const(8)
_RADIO_STAGE = const(3)  # of network/connection.py
_REGISTRATION_STAGE = const(4)
_ACTIVATION_STAGE = const(5)
_ENETUNREACH = const(101)
_ETIMEDOUT = const(110)


class Recovery:
    """`modem.recovery`: the recovery steps, how often and how soon they may be used.

    `rungs`: the steps that may be used (all). `patience_ms`: how long there may be no progress
    before the first step (10 minutes; one minute if the network refuses); each further one takes
    twice as long, up to 16 times. A reboot for lack of a registration allows all technologies and
    bands of the module that this program has not chosen. `limits`: for a step, pairs (how often,
    within how many seconds): the radio once in 10 minutes, +CFUN=16 once an hour and 6 times a
    day, a power cycle twice a day. `counts`: how often each was used, a bytearray that stops at
    255; `last`: (step, whether it helped, what had failed) of the last step. `save_state()` keeps
    all of it except the settings; pass the time that this microcontroller has slept to `slept()`.
    """

    if TYPE_CHECKING:
        last: Any
        down_s: Any
        pending: Any

    def __init__(self, modem):
        self.modem = modem
        self.rungs = _LINE + _OF_ACTIVATION + (GIVE_UP,)
        self.patience_ms = _PATIENCE_MS
        self.limits = dict(_LIMITS)
        self.counts = bytearray(len(NAMES))
        self.last = None
        self.climbed = 0  # rungs used since the connection, or a service, was lost
        self.rounds = 0  # and how often that was all of them
        self.now_s = self.rest_ms = 0  # our clock, see now()
        self.ticked = modem.channel.port.ticks_ms()
        self.used = {}  # times of use of limited steps, latest last
        self.down_s = None  # since when there is no connection
        self.rung_s = 0  # when the last rung was climbed
        self.refusals = self.retry_s = 0  # in a row; when it may be tried again
        self.code = 0  # of the last
        self.blamed = {}  # services that refuse everything, and since when
        self.pending = None  # the service for which a rung is due

    def lost(self) -> None:
        """The module has restarted: nothing to do, as no state of the module is kept here."""

    # ---- time -------------------------------------------------------------------------------

    def now(self) -> int:
        """Seconds of a clock that does not wrap around."""
        channel = self.modem.channel
        ms = channel.elapsed(self.ticked)
        if ms >= 1000:
            ms += self.rest_ms
            self.now_s += min(ms // 1000, _DAY)
            self.rest_ms = ms % 1000
            self.ticked = channel.port.ticks_ms()
        return self.now_s

    def slept(self, seconds: int) -> None:
        """Add the time that this microcontroller has slept with its clock stopped."""
        self.now()
        self.now_s += int(seconds)

    def allowed(self, rung: int) -> bool:
        """Whether the limits allow the step now."""
        used = self.used.get(rung, ())
        now = self.now()
        for count, seconds in self.limits.get(rung, ()):
            if len(used) >= count and now - used[-count] < seconds:
                return False
        return True

    def _due(self, refused: bool) -> bool:
        """Whether it is time for the next step."""
        patience = self.patience_ms // 1000
        if refused and not self.climbed:
            patience = min(patience, _REFUSED_S)
        since = max(self.down_s or 0, self.rung_s if self.climbed else 0)
        return self.now() - since >= patience << min(self.climbed, _STEEPEST)

    # ---- the network ------------------------------------------------------------------------

    def settled(self) -> None:
        """The data connection is up."""
        self.down_s = None
        self.refusals = self.code = 0
        if not self.blamed:
            self.climbed = self.rounds = 0

    def look(self, connection, down_ms: int, refused=False) -> bool:
        """Use the next step, if it is due, for a connection that has been down for `down_ms`;
        returns whether one was used. `ModemError` after all of them, if a caller waits."""
        if self.down_s is None:
            self.down_s = self.now() - down_ms // 1000
        if not self._due(refused):
            return False
        from ..network.connection import STAGES

        rungs = _OF_SIM
        if connection.stuck >= _RADIO_STAGE:
            registered = connection.stuck >= _ACTIVATION_STAGE
            rungs = _OF_ACTIVATION if registered else _OF_REGISTRATION
        return self._next(rungs, STAGES[connection.stuck], bool(connection.limit_ms))

    def _next(self, rungs, why: str, waited_for: bool) -> bool:
        """Use the next of `rungs` that is allowed."""
        usable = [rung for rung in rungs if self._usable(rung)]
        most = len(usable)
        if most and self.climbed // most > self.rounds:
            self.rounds = self.climbed // most
            self._tell(GIVE_UP, 0, why)
            if waited_for:
                text = "no data connection, and no recovery step has helped: stuck in stage "
                raise ModemError(_ENETUNREACH, text + why)
        for skipped in range(most):
            rung = usable[(self.climbed + skipped) % most]
            if self.allowed(rung):
                self.climbed += skipped + 1
                self.climb(rung, "no progress in stage " + why)
                self.rung_s = self.now()
                return True
        return False

    def _usable(self, rung: int) -> bool:
        return rung in self.rungs and (rung != POWER_CYCLE or self._wired())

    def refused(self, code: int) -> int:
        """An attempt was refused; seconds until the next makes sense, longer each time."""
        self.code = code
        self.refusals = min(self.refusals + 1, 16)
        pause = min(1 << self.refusals - 1, _LONGEST_RETRY)
        self.retry_s = self.now() + pause
        return pause

    def hold_ms(self) -> int:
        """Milliseconds until the next attempt."""
        return max(0, self.retry_s - self.now()) * 1000 if self.refusals else 0

    # ---- services ---------------------------------------------------------------------------

    def blame(self, service: str) -> None:
        """A service of the module refuses everything, though the data connection is up. If that
        lasts, the next step is due."""
        now = self.now()
        since = self.blamed.setdefault(service, now)
        since = max(since, self.rung_s if self.climbed else 0)
        if now - since >= (self.patience_ms // 1000) << min(self.climbed, _STEEPEST):
            self.pending = service
            self.modem.network.set_up(False)

    def absolve(self, service: str) -> None:
        """The service works again."""
        if self.blamed.pop(service, None) is not None and not self.blamed:
            self.climbed = self.rounds = 0

    def serve(self) -> bool:
        """Use the next step for a service; returns whether one was used."""
        service, self.pending = self.pending, None
        return self._next(_OF_SERVICE, service, False)

    # ---- the line ---------------------------------------------------------------------------

    def reach(self, why: str) -> None:
        """Make a silent module answer. `ModuleLost` with the reason, if no step has helped."""
        for rung in _LINE:
            if rung in self.rungs and self.climb(rung, why):
                return
        self._tell(GIVE_UP, 0, why)
        names = ", ".join([NAMES[rung] for rung in _LINE if rung in self.rungs])
        raise ModuleLost(_ETIMEDOUT, "no answer after %s: %s" % (names, why))

    # ---- one step ---------------------------------------------------------------------------

    def _tell(self, rung: int, what: int, why: str) -> None:
        if not what:
            self.counts[rung] = min(255, self.counts[rung] + 1)
        self.last = (rung, what == 1, why)
        self.modem.events.put(_EVENT_RECOVERY, rung, what)

    def climb(self, rung: int, why: str) -> bool:
        """Use a step, if its limits allow it; returns whether it succeeded."""
        if not self._usable(rung) or not self.allowed(rung):
            return False
        limits = self.limits.get(rung)
        if limits:  # counted before it starts
            most = max([count for count, _ in limits])
            self.used[rung] = (self.used.get(rung, []) + [self.now()])[-most:]
        self._tell(rung, 0, why)
        try:
            self._climb(rung)
        except (Cancelled, InUse):  # not a fault of the module
            raise
        except ModemError:
            self._tell(rung, 2, why)
            return False
        self._tell(rung, 1, why)
        return True

    def _wired(self) -> bool:
        return self.modem.pins is not None and self.modem.pins.has("power_key")

    def _climb(self, rung: int) -> None:
        modem = self.modem
        wanted = modem.network.wanted
        if rung == RESYNCHRONISE:
            self._ask_again()
        elif rung == LEAVE_MODE:
            modem.attach(rates=(), sockets="keep")
        elif rung == OTHER_RATE:
            modem.attach(timeout_ms=_ATTACH_MS, sockets="keep")
        elif rung == CONTEXT:
            modem.release_data()
            modem.network.set_up(False)
        elif rung == RADIO:  # switched on again by the stage "radio"
            if wanted is not None:
                wanted.dark = True
            modem.channel.command(b"+CFUN", 4, timeout_ms=_RADIO_MS)
            modem.network.set_up(False)
        elif rung == REBOOT:
            if wanted is not None and wanted.stuck >= _REGISTRATION_STAGE:
                from ..network.contexts import widen

                widen(wanted, wanted.stuck > _REGISTRATION_STAGE, self.code)
            modem.reboot()
        else:
            self.power_cycle()

    def _ask_again(self) -> None:
        """Probe with pauses first: the sequences that leave other modes could disturb a module
        that is only slow."""
        channel = self.modem.channel
        for again in range(_PROBES):
            channel.suspect = True
            try:
                channel.acquire()
            except ModuleLost:
                if again + 1 == _PROBES:
                    raise
                channel.pause(_PROBE_PAUSE_MS)
            else:
                channel.release()
                return

    def power_cycle(self) -> None:
        """Switch off in the mildest way that works, then on again. Needs the wire `power_key`."""
        from .power_off import emergency_off, key_off

        modem = self.modem
        try:
            key_off(modem)
        except ModemError as error:
            given_up = isinstance(error, (Cancelled, InUse))
            if given_up or not modem.emergency or not modem.pins.has("reset"):
                raise
            emergency_off(modem)
        modem.power_on()

    # ---- in save_state() --------------------------------------------------------------------

    def saved(self) -> bytes:
        """At most 48 bytes: how long nothing stands, rungs and rounds used, how long ago the last
        was, and those that are limited, a day at most; the service that has refused everything
        longest, and how long. In units of 2 s, as what is rounded off is lost each time."""
        from struct import pack

        down = 0 if self.down_s is None else self._age(self.down_s) + 1
        used = (min(self.climbed, 255), min(self.rounds, 255))
        body = pack("<HBBH", down, *used, self._age(self.rung_s))
        for rung in (RADIO, REBOOT, POWER_CYCLE):
            used = self.used.get(rung, ())[-_KEPT:]
            ages = [self._age(at) for at in used]
            body += pack("<B%dH" % len(ages), len(ages), *ages)
        for number in range(len(_SERVICES)):
            since = self.blamed.get(_SERVICES[number])
            if since is not None and since == min(self.blamed.values()):
                return body + pack("<BH", number, self._age(since))
        return body

    def _age(self, at: int) -> int:
        return min((self.now() - at) // _UNIT_S, 65534)

    def restore(self, body: bytes) -> None:
        """Restore what `saved()` returned."""
        from struct import unpack

        down, self.climbed, self.rounds, rung = unpack("<HBBH", body[:6])
        self.now_s = 65536 * _UNIT_S  # all of it is before now
        self.down_s = self.now_s - (down - 1) * _UNIT_S if down else None
        self.rung_s = self.now_s - rung * _UNIT_S
        at = 6
        for rung in (RADIO, REBOOT, POWER_CYCLE):
            count = body[at]
            ages = unpack("<%dH" % count, body[at + 1 : at + 1 + 2 * count])
            self.used[rung] = [self.now_s - age * _UNIT_S for age in ages]
            at += 1 + 2 * count
        if at < len(body):
            since = unpack("<H", body[at + 1 :])[0] * _UNIT_S
            self.blamed[_SERVICES[body[at]]] = self.now_s - since
