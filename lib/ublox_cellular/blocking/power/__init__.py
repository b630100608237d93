# Generated from aio/power/__init__.py by tools/generate. Do not edit.
"""What the module sleeps by, how deep it sleeps now, and waking it. at-commands 11, A10 5.10.

What is done seldom is in files of its own: saving.py of each module (+UPSV), psm_edrx.py,
votes.py; wake.py has what a wake-up needs.
"""

from ...core.compat import const
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

# How deep: `depth`, and first field of the SLEEP event.
AWAKE = const(0)
LIGHT = const(1)  # the UART sleeps, SARA-R5, or Sleep-1 of LEXI-R10: nothing is lost
SLEEP_2 = const(2)
HIBERNATE = const(3)
PSM = const(4)

_RESET = const(4)  # outcome of the engine
_DATA = const(8)  # state of the engine

_EVENT_RESET = const(1)
_EVENT_SLEEP = const(9)
_EVENT_WOKE = const(10)
_EVENT_RADIO = const(11)

_FUNCTIONS = (
    "psm_edrx set_psm psm_off psm set_edrx edrx_off edrx \n"
    "wake report release_assistance wake configure \n"
    "votes blockers sockets awake \n"
)


class Power:
    """`modem.power`. `mode`, `level`: what `save()` was told of +UPSV; `line`: the wire that keeps
    the module awake, if one does; `depth`: how deep it sleeps as far as it has told; `radio`:
    whether it has a radio connection (+CSCON), None before it has told; `blocked`: client that
    keeps it from PSM, None if none does (+UUPSMR); `edrx_told`: last +CEDRXP; `votes`: how many
    times `awake()` is in force, an open link counts as well."""

    if TYPE_CHECKING:
        line: str | None
        blocked: Any
        radio: Any
        edrx_told: Any

    if TYPE_CHECKING:
        from .psm_edrx import edrx as edrx
        from .psm_edrx import edrx_off as edrx_off
        from .psm_edrx import psm as psm
        from .psm_edrx import psm_off as psm_off
        from .psm_edrx import set_edrx as set_edrx
        from .psm_edrx import set_psm as set_psm
        from .votes import awake as awake
        from .votes import blockers as blockers
        from .votes import sockets as sockets
        from .wake import configure as configure
        from .wake import release_assistance as release_assistance
        from .wake import report as report
        from .wake import wake as wake

    def __init__(self, modem):
        self.modem = modem
        self.mode = self.level = self.after_ms = 0
        self.line = None
        self.by_key = False  # it does not wake by the UART
        self.deep = False  # it may sleep so deeply that it forgets its settings
        self.reporting = False
        self.depth = 0
        self.radio = self.blocked = self.edrx_told = None
        self.votes = 0
        self.vote_owed = self.vote_level = False
        self.waking = self.doubt = self.sure = False
        self.busy = 0  # operations of the module that the line knows nothing of
        modem.sleeper = self
        modem.channel.waken = self.wake
        on_urc = modem.channel.on_urc
        on_urc(b"+UUPSMR", self._psm)
        on_urc(b"+UUSLPURC", self._slept)
        on_urc(b"+CSCON", self._radio)
        on_urc(b"+CEDRXP", self._edrx)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            own = entry(self.modem.OWN, "pow." + name)
            return lazily(self, (own and "/" + own) or entry(_FUNCTIONS, name), name, "power.")

    # ---- what the module tells ----------------------------------------------------------------

    def _psm(self, line) -> None:
        what = line.number()
        self.blocked = line.number() or 0 if what == 2 else None
        if what == 0 or what == 1:
            self.fell(PSM if what else AWAKE)

    def _slept(self, line) -> None:
        text = line.text()  # such as "HIB 1"
        asleep = text[-1:] == "1"
        self.fell((HIBERNATE if text[:3] == "HIB" else SLEEP_2) if asleep else AWAKE)

    def _radio(self, line) -> None:
        on = line.number()
        if on == 0 or on == 1:
            self.radio = on == 1
            self.modem.events.put(_EVENT_RADIO, on)

    def _edrx(self, line) -> None:
        self.edrx_told = line.fields()

    def fell(self, depth: int) -> None:
        """The module sleeps so deep now, or is awake again: with what it knew, that is asked."""
        channel = self.modem.channel
        if depth == AWAKE and self.depth > LIGHT:
            channel.suspect = True
        if depth != self.depth:
            self.depth = depth
            self.modem.events.put(_EVENT_SLEEP, depth)
        channel.asleep = depth > LIGHT

    def slept(self) -> bool:
        """Whether settings that are gone were lost in a deep sleep, not in a restart. Where it
        has not told of its sleep only its sockets, if it keeps any, can tell: see `woke`."""
        told = self.waking or self.depth > LIGHT
        # A restart that nobody has looked into yet is not forgotten over a sleep behind it.
        self.sure = (told or not self.reporting) and (self.sure or not self.doubt)
        idle = self.modem.channel.outcome != _RESET
        self.doubt = self.deep and (told or idle) and (self.sure or self.modem.keeps_sockets)
        return self.doubt

    def woke(self, left: int) -> None:
        """It is configured again; of its sockets so many are left."""
        self.doubt = False
        self.fell(AWAKE)
        self.modem.channel.suspect = False
        if left or self.sure:
            self.modem.events.put(_EVENT_WOKE, left)
        else:
            self.modem.events.put(_EVENT_RESET)

    def lost(self) -> None:
        """The module has restarted."""
        self.radio = self.blocked = None
        self.vote_level = False

    # ---- a wire that keeps it awake -----------------------------------------------------------

    def rest(self) -> None:
        """Let the module sleep from now on, where a wire (DTR, RTS, a GPIO) keeps it awake; the
        next command wakes it. Nothing while a link is open: its bytes would be lost."""
        if self.line is not None and self.modem.channel.state != _DATA:
            self.modem.pins.set(self.line, False)
            self.modem.channel.asleep = True

    def drowse(self) -> None:
        """`rest()` once nothing has passed the line for a while; from `modem.poll()`. Without a
        wire it is only noted, as days later the clock has gone round and tells no more."""
        channel = self.modem.channel
        if channel.lock.held or channel.asleep or channel.state != 0 or not channel.dozing():
            return
        if self.line is None:
            channel.asleep = True
        elif not self.busy:
            self.rest()
