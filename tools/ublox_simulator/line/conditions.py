"""When a fault is active: for a time, a number of times, until the radio or the module
restarts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

WHEN_HELP = """\
WHEN: conditions separated by ',', all of which must hold; without WHEN the fault stays in force
until "faults clear". Times count from the moment the fault is loaded.
  MS           for this time                MS-MS   between these two times
  start+MS     for this time after every start of the module, the first one included
  radio        until the radio has been switched off (+CFUN=4 or 0) or the module has restarted
  restart      until the module has restarted (+CFUN=15 or 16, power cycle, restart by itself)
  xN           N times
  unread       only while a message waits that this command would read (+UMQTTC, +UMQTTSNC)
"""

NEVER_MS = float("-inf")
_PART = r"(?:x\d+|start\+\d+|\d+(?:-\d+)?|radio|restart|unread)"
_WITH_WHEN = re.compile(rf"(.*):({_PART}(?:,{_PART})*)", re.DOTALL)


@dataclass(frozen=True)
class Moment:
    """The state of the module that a WHEN is compared with."""

    now_ms: float = 0.0
    started_ms: float = NEVER_MS
    """When the module last began to answer after a start."""
    restarts: int = 0
    radio_offs: int = 0
    """How often the radio was switched off; a restart counts, too."""
    unread: frozenset[str] = frozenset()
    """Commands that would find a message to read."""


@dataclass
class When:
    """One WHEN; `begin` once, then ask `holds` and count with `use`."""

    window_ms: tuple[float, float] | None = None
    after_start_ms: float | None = None
    until_radio: bool = False
    until_restart: bool = False
    unread: bool = False
    times: int | None = None
    began: Moment = field(default_factory=Moment)

    @classmethod
    def parse(cls, text: str) -> When:
        """From its text; ValueError names a part that is wrong."""
        when = cls()
        for part in filter(None, text.split(",")):
            if not re.fullmatch(_PART, part):
                raise ValueError(f"no such condition {part!r}")
            when._add(part)
        return when

    def _add(self, part: str) -> None:
        if part.startswith("x"):
            self.times = int(part[1:])
        elif part.startswith("start+"):
            self.after_start_ms = float(part[6:])
        elif part == "radio":
            self.until_radio = True
        elif part == "restart":
            self.until_restart = True
        elif part == "unread":
            self.unread = True
        else:
            first, dash, last = part.partition("-")
            self.window_ms = (float(first), float(last)) if dash else (0.0, float(first))

    def begin(self, moment: Moment) -> None:
        """This is "now"."""
        self.began = moment

    def over(self, moment: Moment) -> bool:
        """Whether the fault will never be active again."""
        if self.times == 0:
            return True
        if self.window_ms is not None and self._age_ms(moment) >= self.window_ms[1]:
            return True
        if self.until_radio and moment.radio_offs > self.began.radio_offs:
            return True
        return self.until_restart and moment.restarts > self.began.restarts

    def holds(self, moment: Moment, command: str = "") -> bool:
        """Whether the fault is active now, for a command of this name."""
        if self.over(moment):
            return False
        if self.window_ms is not None and self._age_ms(moment) < self.window_ms[0]:
            return False
        since_start = moment.now_ms - moment.started_ms
        if self.after_start_ms is not None and since_start >= self.after_start_ms:
            return False
        return not self.unread or command in moment.unread

    def _age_ms(self, moment: Moment) -> float:
        return moment.now_ms - self.began.now_ms

    def use(self) -> None:
        """Count one effect."""
        if self.times:
            self.times -= 1


def split_when(value: str) -> tuple[str, When]:
    """A value that may contain colons, and the WHEN after its last colon (empty without one)."""
    found = _WITH_WHEN.fullmatch(value)
    return (value, When()) if found is None else (found[1], When.parse(found[2]))
