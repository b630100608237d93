"""Faults of single commands, URCs and registrations: refusals, delays, wrong answers and
losses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..world.reject_causes import Refusal
from .conditions import Moment, When, split_when
from .parser import Command

COMMAND_HELP = """\
faults of commands; WHICH is #N (the N-th command line, from 1), a command as typed after AT
(+CPIN: any form, +CPIN?: the read form, +COPS=1: with this first parameter), the beginning of
commands (+CG*), all commands (*), or several of these separated by '|'
  late=WHICH:MS[:WHEN]       the command is executed MS later; input that arrives meanwhile is kept
                             and processed afterwards. Two words may be added to WHEN: "deaf":
                             input is lost meanwhile; "abort": input aborts an abortable command
  mute=WHICH[:WHEN]          the command is executed but not answered
  refuse=WHICH:CODE[:WHEN]   the answer is +CME ERROR: CODE (or ERROR if CODE is the word ERROR)
                             and the command is not executed
  fail=WHICH:CODE[:WHEN]     the answer is OK, the result URC reports a failure: +UPSDA=<p>,3,
                             +UMQTTC, +UMQTTSNC (CODE as in +UMQTTER, +UMQTTSNER), +UHTTPC (CODE
                             or CLASS/CODE as in +UHTTPER; class 3 by default)
  answer=WHICH:TEXT[:WHEN]   the answer is TEXT (lines separated by '|') and OK, and the command is
                             not executed
other faults of the module
  lose=TEXT[:WHEN]           URCs that begin with TEXT are lost
  deny=CAUSE[/TYPE][:WHEN]   the network refuses registrations (<stat> 3) with this cause and cause
                             type and detaches a registered module; xN counts attempts. When it
                             ends, the module registers at its own next attempt (retry_ms)
"""

_NUMBERED = re.compile(r"(.+?):(\d+|ERROR)(?::(.+))?")
_FAILED = re.compile(r"(.+?):(?:(\d+)/)?(\d+)(?::(.+))?")
_DENIED = re.compile(r"(\d+)(?:/(\d+))?(?::(.+))?")
PLAIN_ERROR = -1
MANNERS = frozenset({"deaf", "abort"})


@dataclass
class Knob:
    """One fault of a command."""

    kind: str
    which: str
    when: When
    number: int = 0
    group: int | None = None
    """Class of an HTTP error."""
    text: str = ""
    manners: frozenset[str] = frozenset()


def concerns(which: str, command: Command, line: int) -> bool:
    """Whether a WHICH includes this command, which is part of the N-th line."""
    text = command.text.upper()
    for one in which.split("|"):
        if one in (command.name, text, f"#{line}"):
            return True
        if one.endswith("*"):
            if text.startswith(one[:-1]):
                return True
        elif one and text.startswith(one) and not (one[-1] + text[len(one)]).isalnum():
            return True
    return False


def _parsed(form: re.Pattern[str], value: str, shape: str) -> re.Match[str]:
    found = form.fullmatch(value)
    if found is None:
        raise ValueError(f"needs the form {shape}")
    return found


class CommandFaults:
    """All active faults; `attach` connects them to the module that their WHENs refer to."""

    def __init__(self) -> None:
        self.knobs: list[Knob] = []
        self._lost: list[tuple[str, When]] = []
        self._denials: list[tuple[Refusal, When]] = []
        self._moment: Callable[[], Moment] = Moment
        self._changed: Callable[[], None] = lambda: None

    def attach(self, moment: Callable[[], Moment], changed: Callable[[], None]) -> None:
        """Times of faults loaded so far begin now; `changed` is called after each later load."""
        self._moment, self._changed = moment, changed
        whens = [knob.when for knob in self.knobs]
        whens += [when for _, when in (*self._lost, *self._denials)]
        for when in whens:
            when.begin(moment())

    def clear(self) -> None:
        """Remove all faults."""
        self.knobs.clear()
        self._lost.clear()
        self._denials.clear()

    def loaded(self) -> None:
        """A SPEC has been loaded completely; expired faults are removed."""
        now = self._moment()
        self.knobs = [knob for knob in self.knobs if not knob.when.over(now)]
        self._lost = [(text, when) for text, when in self._lost if not when.over(now)]
        self._denials = [(why, when) for why, when in self._denials if not when.over(now)]
        self._changed()

    # -- loading ---------------------------------------------------------------------------

    def _begun(self, when: When) -> When:
        when.begin(self._moment())
        return when

    def _add(self, kind: str, which: str, when: When, **values: object) -> None:
        self.knobs.append(Knob(kind, which.upper(), self._begun(when), **values))  # type: ignore[arg-type]

    def set_late(self, value: str) -> None:
        """late=WHICH:MS[:WHEN][,deaf][,abort]"""
        which, number, when = _parsed(_NUMBERED, value, "WHICH:MS[:WHEN]").groups()
        words = (when or "").split(",")
        rest = ",".join(word for word in words if word not in MANNERS)
        manners = MANNERS & set(words)
        self._add("late", which, When.parse(rest), number=int(number), manners=manners)

    def set_mute(self, which: str, when: When) -> None:
        """mute=WHICH:WHEN"""
        self._add("mute", which, when)

    def set_refuse(self, value: str) -> None:
        """refuse=WHICH:CODE[:WHEN]"""
        which, code, when = _parsed(_NUMBERED, value, "WHICH:CODE[:WHEN]").groups()
        number = PLAIN_ERROR if code == "ERROR" else int(code)
        self._add("refuse", which, When.parse(when or ""), number=number)

    def set_fail(self, value: str) -> None:
        """fail=WHICH:[CLASS/]CODE[:WHEN]"""
        which, group, code, when = _parsed(_FAILED, value, "WHICH:[CLASS/]CODE[:WHEN]").groups()
        wide = None if group is None else int(group)
        self._add("fail", which, When.parse(when or ""), number=int(code), group=wide)

    def set_answer(self, value: str) -> None:
        """answer=WHICH:TEXT[:WHEN]"""
        which, colon, rest = value.partition(":")
        if not colon:
            raise ValueError("needs the form WHICH:TEXT[:WHEN]")
        text, when = split_when(rest)
        self._add("answer", which, when, text=text)

    def set_lose(self, value: str) -> None:
        """lose=TEXT[:WHEN]"""
        text, when = split_when(value)
        self._lost.append((text, self._begun(when)))

    def set_deny(self, value: str) -> None:
        """deny=CAUSE[/TYPE][:WHEN]"""
        cause, kind, when = _parsed(_DENIED, value, "CAUSE[/TYPE][:WHEN]").groups()
        refusal = Refusal("EMM", int(cause), int(kind or 0))
        self._denials.append((refusal, self._begun(When.parse(when or ""))))

    def denials_begin_ms(self) -> list[float]:
        """Milliseconds until each denial that has not begun yet."""
        passed = self._moment().now_ms
        windows = [(when.began.now_ms, when.window_ms) for _, when in self._denials]
        waits = [began + window[0] - passed for began, window in windows if window is not None]
        return [wait for wait in waits if wait > 0]

    # -- asking ----------------------------------------------------------------------------

    def find(self, kind: str, command: Command, line: int) -> Knob | None:
        """The first knob of this kind that applies to the command now; counts its use."""
        for knob in self.knobs:
            if knob.kind != kind or not concerns(knob.which, command, line):
                continue
            if knob.when.holds(self._moment(), command.name):
                knob.when.use()
                return knob
        return None

    def loses(self, text: str) -> bool:
        """Whether this URC is lost."""
        for beginning, when in self._lost:
            if text.startswith(beginning) and when.holds(self._moment()):
                when.use()
                return True
        return False

    def denial(self, attempt: bool = False) -> Refusal | None:
        """Why the network refuses a registration now; an attempt counts."""
        for refusal, when in self._denials:
            if when.holds(self._moment()):
                if attempt:
                    when.use()
                return refusal
        return None
