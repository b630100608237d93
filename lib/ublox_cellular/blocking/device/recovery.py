# Generated from aio/device/recovery.py by tools/generate. Do not edit.
"""One ladder of recovery: from asking again whether the module listens to a power cycle.

Nothing is ever sent twice in the hope that it was lost. What failed has told its caller; the
ladder makes module and network usable again, rung by rung, and tells of each: event RECOVERY,
`counts`, `last`. When a rung is due, and how often each may be used, is the policy's, which is
here, too: by time, over calls and over `save_state()`, because networks ban devices that hammer,
and restarts empty a battery. `reach()` is for a module that does not answer, `look()` for a
network that does not take us, `blame()` for a service inside the module that refuses everything.
"""

from ...core.compat import const
from ...core.errors import Cancelled, InUse, ModemError, ModuleLost

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

# The rungs: indexes of `counts`, first field of the RECOVERY event, parts of `rungs`.
RESYNCHRONISE = const(0)  # wait for silence, complete a payload, ask
LEAVE_MODE = const(1)  # multiplexer, data mode or PPP that an earlier program has left
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
# By the stage that is not left: SIM and what follows it; registration; activation; a service.
_OF_SIM = (REBOOT, POWER_CYCLE)
_OF_REGISTRATION = (RADIO, REBOOT, POWER_CYCLE)
_OF_ACTIVATION = (CONTEXT, RADIO, REBOOT, POWER_CYCLE)
_OF_SERVICE = (CONTEXT, REBOOT, POWER_CYCLE)
_LIMITS = {RADIO: ((1, 600),), REBOOT: ((1, 3600), (6, 86400)), POWER_CYCLE: ((2, 86400),)}

_SERVICES = ("sockets", "HTTP", "MQTT", "MQTT-SN")  # by their numbers in a saved state

_PATIENCE_MS = const(600000)  # a first search over all bands takes minutes
_REFUSED_S = const(60)  # before the first rung, where it is not silence but a refusal
_STEEPEST = const(4)  # how often the pause between two rungs is doubled
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
    """`modem.recovery`: the rungs, and how often and how soon they may be used.

    `rungs`: those that may be used (all). `patience_ms`: how long there may be no progress before
    the first rung (10 minutes; one minute where the network refuses); each further one takes twice
    as long, up to 16 times. A reboot for want of a registration allows all technologies and bands
    of the module that this program has not chosen. `limits`: for a rung, pairs of how often it may
    be used within how many seconds: the radio once in 10 minutes, +CFUN=16 once an hour and 6
    times a day, a power cycle twice a day. `counts`: how often each was used, a bytearray that
    stays at 255; `last`: (rung, whether it helped, what had failed) of the last. `save_state()`
    keeps all of it but the settings; time that this microcontroller has slept is told by
    `slept()`.
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
        self.used = {}  # when, the latest last, of rungs that are limited
        self.down_s = None  # since when there is no connection
        self.rung_s = 0  # when the last rung was climbed
        self.refusals = self.retry_s = 0  # in a row; when it may be tried again
        self.code = 0  # of the last
        self.blamed = {}  # services that refuse everything, and since when
        self.pending = None  # the service for which a rung is due

    def lost(self) -> None:
        """The module has restarted: nothing of it is kept here."""

    # ---- time -------------------------------------------------------------------------------

    def now(self) -> int:
        """Seconds of a clock that does not go round."""
        channel = self.modem.channel
        ms = channel.elapsed(self.ticked)
        if ms >= 1000:
            ms += self.rest_ms
            self.now_s += min(ms // 1000, _DAY)
            self.rest_ms = ms % 1000
            self.ticked = channel.port.ticks_ms()
        return self.now_s

    def slept(self, seconds: int) -> None:
        """This microcontroller has slept so long, its clock not running: that counts, too."""
        self.now()
        self.now_s += int(seconds)

    def allowed(self, rung: int) -> bool:
        """Whether the budget has it."""
        used = self.used.get(rung, ())
        now = self.now()
        for count, seconds in self.limits.get(rung, ()):
            if len(used) >= count and now - used[-count] < seconds:
                return False
        return True

    def _due(self, refused: bool) -> bool:
        """Whether it is time for the next rung."""
        patience = self.patience_ms // 1000
        if refused and not self.climbed:
            patience = min(patience, _REFUSED_S)
        since = max(self.down_s or 0, self.rung_s if self.climbed else 0)
        return self.now() - since >= patience << min(self.climbed, _STEEPEST)

    # ---- the network ------------------------------------------------------------------------

    def settled(self) -> None:
        """The data connection stands."""
        self.down_s = None
        self.refusals = self.code = 0
        if not self.blamed:
            self.climbed = self.rounds = 0

    def look(self, connection, down_ms: int, refused=False) -> bool:
        """The next rung, if it is due, for a connection that has been down for `down_ms`; whether
        one was climbed. `ModemError` when all of them have been, to a caller that waits."""
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
        """Climb the next of `rungs` that may be used."""
        usable = [rung for rung in rungs if self._usable(rung)]
        most = len(usable)
        if most and self.climbed // most > self.rounds:
            self.rounds = self.climbed // most
            self._tell(GIVE_UP, 0, why)
            if waited_for:
                text = "no rung of the ladder has helped: stuck in stage "
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
        """How long an attempt has to wait for that."""
        return max(0, self.retry_s - self.now()) * 1000 if self.refusals else 0

    # ---- services ---------------------------------------------------------------------------

    def blame(self, service: str) -> None:
        """A service of the module refuses everything, though the data connection stands. When that
        lasts, the next rung is due."""
        now = self.now()
        since = self.blamed.setdefault(service, now)
        since = max(since, self.rung_s if self.climbed else 0)
        if now - since >= (self.patience_ms // 1000) << min(self.climbed, _STEEPEST):
            self.pending = service
            self.modem.network.set_up(False)

    def absolve(self, service: str) -> None:
        """It works."""
        if self.blamed.pop(service, None) is not None and not self.blamed:
            self.climbed = self.rounds = 0

    def serve(self) -> bool:
        """The next rung for a service; whether one was climbed."""
        service, self.pending = self.pending, None
        return self._next(_OF_SERVICE, service, False)

    # ---- the line ---------------------------------------------------------------------------

    def reach(self, why: str) -> None:
        """Make a silent module answer. `ModuleLost` when no rung has helped, with the reason."""
        for rung in _LINE:
            if rung in self.rungs and self.climb(rung, why):
                return
        self._tell(GIVE_UP, 0, why)
        names = ", ".join([NAMES[rung] for rung in _LINE if rung in self.rungs])
        raise ModuleLost(_ETIMEDOUT, "given up after %s: %s" % (names, why))

    # ---- a rung -----------------------------------------------------------------------------

    def _tell(self, rung: int, what: int, why: str) -> None:
        if not what:
            self.counts[rung] = min(255, self.counts[rung] + 1)
        self.last = (rung, what == 1, why)
        self.modem.events.put(_EVENT_RECOVERY, rung, what)

    def climb(self, rung: int, why: str) -> bool:
        """Use a rung, if the budget has it: whether it could be climbed."""
        if not self._usable(rung) or not self.allowed(rung):
            return False
        limits = self.limits.get(rung)
        if limits:  # before it: what was begun counts
            most = max([count for count, _ in limits])
            self.used[rung] = (self.used.get(rung, []) + [self.now()])[-most:]
        self._tell(rung, 0, why)
        try:
            self._climb(rung)
        except (Cancelled, InUse):  # no fault of the module's
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
        elif rung == RADIO:  # on again: the stage of that name
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
        """Plain questions first, with pauses: a module that is only slow is not to be disturbed by
        what leads out of other modes."""
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
        """Off in the mildest way that works, and on again. Needs the wire `power_key`."""
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

    # ---- over save_state() ------------------------------------------------------------------

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
        """Take up what `saved()` gave."""
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
