"""One ladder of recovery: from asking again whether the module listens to a power cycle.

Nothing is ever sent twice in the hope that it was lost. What failed has told its caller; the
ladder makes module and network usable again, rung by rung, and tells of each: event RECOVERY,
`counts`, `last`. Its two parts are `reach()`, when the module does not answer, and `reconnect()`,
when the network does not: that climbs a rung a call until `settled()`.
"""

from ..core.compat import const
from ..core.errors import Cancelled, InUse, ModemError, ModuleLost

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
_NETWORK = (CONTEXT, RADIO, REBOOT, POWER_CYCLE)
_PATIENCE_MS = const(600000)  # a first search over all bands takes minutes
_RADIO_MS = const(180000)
_ATTACH_MS = const(90000)
_EVENT_RECOVERY = const(8)
_ENETUNREACH = const(101)
_ETIMEDOUT = const(110)


class Recovery:
    """`modem.recovery`. `rungs`: those that may be used (all); `patience_ms`: how long a
    registration or activation may last before the next rung (10 minutes); `counts`: how often
    each was used, a bytearray that stays at 255, kept by `save_state()`; `last`: (rung, whether
    it helped, what had failed) of the last."""

    if TYPE_CHECKING:
        last: Any

    def __init__(self, modem):
        self.modem = modem
        self.rungs = _LINE + _NETWORK + (GIVE_UP,)
        self.patience_ms = _PATIENCE_MS
        self.counts = bytearray(len(NAMES))
        self.last = None
        self.climbed = 0  # rungs used for the network since the last success

    def lost(self) -> None:
        """The module has restarted: nothing of it is kept here."""

    def settled(self) -> None:
        """The data connection stands."""
        self.climbed = 0

    async def reach(self, why: str) -> None:
        """Make a silent module answer. `ModuleLost` when no rung has helped, with the reason."""
        for rung in _LINE:
            if rung in self.rungs and await self._try(rung, why):
                return
        self._tell(GIVE_UP, 0, why)
        names = ", ".join([NAMES[rung] for rung in _LINE if rung in self.rungs])
        raise ModuleLost(_ETIMEDOUT, "given up after %s: %s" % (names, why))

    async def reconnect(self, why: str) -> None:
        """The next rung for a network that does not take us. `ModemError` behind the last."""
        while self.climbed < len(_NETWORK):
            rung = _NETWORK[self.climbed]
            self.climbed += 1
            if rung in self.rungs and await self._try(rung, "no progress in stage " + why):
                return
        self.climbed = 0
        self._tell(GIVE_UP, 0, why)
        text = "no data connection, and no rung of the ladder has helped: stuck in stage %s"
        raise ModemError(_ENETUNREACH, text % why)

    def _tell(self, rung: int, what: int, why: str) -> None:
        if not what:
            self.counts[rung] = min(255, self.counts[rung] + 1)
        self.last = (rung, what == 1, why)
        self.modem.events.put(_EVENT_RECOVERY, rung, what)

    async def _try(self, rung: int, why: str) -> bool:
        """Whether this rung could be climbed."""
        if rung == POWER_CYCLE and not self._wired():
            return False
        self._tell(rung, 0, why)
        try:
            await self._climb(rung)
        except (Cancelled, InUse):  # no fault of the module's
            raise
        except ModemError:
            self._tell(rung, 2, why)
            return False
        self._tell(rung, 1, why)
        return True

    def _wired(self) -> bool:
        return self.modem.pins is not None and self.modem.pins.has("power_key")

    async def _climb(self, rung: int) -> None:
        modem = self.modem
        if rung == RESYNCHRONISE:
            modem.channel.suspect = True
            await modem.channel.acquire()
            modem.channel.release()
        elif rung == LEAVE_MODE:
            await modem.attach(rates=(), sockets="keep")
        elif rung == OTHER_RATE:
            await modem.attach(timeout_ms=_ATTACH_MS, sockets="keep")
        elif rung == CONTEXT:
            await modem.release_data()
            modem.network.set_up(False)
        elif rung == RADIO:  # on again: the stage of that name
            if modem.network.wanted is not None:
                modem.network.wanted.dark = True
            await modem.channel.command(b"+CFUN", 4, timeout_ms=_RADIO_MS)
            modem.network.set_up(False)
        elif rung == REBOOT:
            await modem.reboot()
        else:
            await self.power_cycle()

    async def power_cycle(self) -> None:
        """Off in the mildest way that works, and on again. Needs the wire `power_key`."""
        from .shutdown import emergency_off, key_off

        modem = self.modem
        try:
            await key_off(modem)
        except ModemError as error:
            given_up = isinstance(error, (Cancelled, InUse))
            if given_up or not modem.emergency or not modem.pins.has("reset"):
                raise
            await emergency_off(modem)
        await modem.power_on()
