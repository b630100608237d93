"""Fault knobs: deliberate, reproducible errors on the line and in the module."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .command_faults import COMMAND_HELP, CommandFaults, Knob, concerns
from .conditions import WHEN_HELP, split_when
from .parser import Command

SPEC_HELP = """\
fault SPEC: items separated by ';' (DIR is in = towards the module, or out = from it;
byte indexes count from 0 since start or since the last reload of the spec)
  drop=DIR@K        lose byte K            drop=DIR:P    lose each byte with probability P
  double=DIR@K      double byte K          double=DIR:P  ... with probability P
  damage=DIR@K      flip bits of byte K    damage=DIR:P  ... with probability P
  split=K[:MS]      output in pieces of 1..K bytes, up to MS ms apart (default 3)
  urc=*[:TEXT]      a URC at every line boundary of an answer (held URCs when no TEXT)
  urc=K[:TEXT]      ... only at boundary K (counted from 0)
  restart=DIR@K     the module restarts right after byte K      restart=#N  ... at command N
  coverage=MS-MS    no coverage between these times (ms since start)
  queue-full=ID     the transmit queue of socket ID is full ('*': of every socket)
"""
SPEC_HELP += COMMAND_HELP + WHEN_HELP
SPEC_HELP += """\
examples: --faults 'damage=out:0.001;late=+USOCO:5000;urc=*:+CSCON: 1'
  refuse=+CPIN?:13:start+3000              SIM failure for 3 s after each start, then READY
  refuse=+UDCONF|+CEREG=|+CG*:14:5000      SIM busy for 5 s, for three kinds of commands
  refuse=+UMQTTC=6:20:unread,x2            a read is refused twice although a message waits
  fail=+UPSDA=0,3:30:1140000               activation fails (+UUPSDA: 30) for 19 minutes
  refuse=+UMQTTC:3:restart                 the MQTT client refuses everything until a restart
  deny=11:radio    deny=15:600000          no registration until the radio was off, for 10 minutes
  late=+COPS=1:250000:deaf                 slower than documented, other input is lost meanwhile
  answer=+CCLK?:+CCLK: "24/13/40,25:61:61+99":x1             an impossible time, once
  lose=+UUPSDD                             the URC of a lost context does not arrive
"""


@dataclass(frozen=True)
class Treatment:
    """How a command line is treated."""

    late: Knob | None = None
    mute: bool = False
    restart: bool = False


@dataclass
class ByteFaults:
    """Faults of one direction of the line."""

    at: dict[int, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    count: int = 0
    restart_at: int | None = None

    def apply(self, data: bytes, rng: random.Random) -> bytes:
        """The part of `data` that arrives; counts its bytes."""
        first, self.count = self.count, self.count + len(data)
        if not self.rates and not any(first <= index < self.count for index in self.at):
            return data
        out = bytearray()
        for offset, byte in enumerate(data):
            what = self.at.get(first + offset) or self._chance(rng)
            if what == "drop":
                continue
            out.append(byte ^ (1 << rng.randrange(8)) if what == "damage" else byte)
            if what == "double":
                out.append(byte)
        return bytes(out)

    def _chance(self, rng: random.Random) -> str | None:
        for what, rate in self.rates.items():
            if rng.random() < rate:
                return what
        return None

    def restart_inside(self, length: int) -> int | None:
        """Offset after the byte at which the module restarts, when within the next `length`."""
        if self.restart_at is None or not self.count <= self.restart_at < self.count + length:
            return None
        return self.restart_at - self.count + 1


@dataclass
class Faults:
    """All knobs; change them at any time, or give a SPEC string (see SPEC_HELP)."""

    rng: random.Random
    into: ByteFaults = field(default_factory=ByteFaults)
    out: ByteFaults = field(default_factory=ByteFaults)
    split: tuple[int, float] | None = None
    urc_boundaries: dict[int, str] = field(default_factory=dict)
    urc_everywhere: str | None = None
    boundary: int = 0
    mute: set[str] = field(default_factory=set)
    restart_commands: set[int] = field(default_factory=set)
    coverage_gaps: list[tuple[float, float]] = field(default_factory=list)
    queue_full: set[int] = field(default_factory=set)
    queue_full_all: bool = False
    commands: int = 0
    on_commands: CommandFaults = field(default_factory=CommandFaults)

    def clear(self) -> None:
        """Remove all knobs and reset the counters."""
        fresh = Faults(self.rng)
        for name in self.__dataclass_fields__:
            if name not in ("rng", "coverage_gaps", "on_commands"):
                setattr(self, name, getattr(fresh, name))
        self.on_commands.clear()

    def load(self, spec: str) -> None:
        """Add the knobs of a SPEC string; ValueError names the item that is wrong."""
        for item in spec.split(";"):
            item = item.strip()
            if not item:
                continue
            name, _, value = item.partition("=")
            setter = getattr(self, "_set_" + name.replace("-", "_"), None)
            setter = setter or getattr(self.on_commands, "set_" + name, None)
            try:
                if setter is None:
                    raise ValueError("no such knob")
                setter(value)
            except (ValueError, KeyError) as error:
                raise ValueError(f"fault {item!r}: {error}") from None
        self.on_commands.loaded()

    def direction(self, name: str) -> ByteFaults:
        """The knobs of direction "in" or "out"."""
        return {"in": self.into, "out": self.out}[name]

    def _set_bytes(self, what: str, value: str) -> None:
        if "@" in value:
            direction, _, index = value.partition("@")
            self.direction(direction).at[int(index)] = what
        else:
            direction, _, rate = value.partition(":")
            self.direction(direction).rates[what] = float(rate)

    def _set_drop(self, value: str) -> None:
        self._set_bytes("drop", value)

    def _set_double(self, value: str) -> None:
        self._set_bytes("double", value)

    def _set_damage(self, value: str) -> None:
        self._set_bytes("damage", value)

    def _set_split(self, value: str) -> None:
        size, _, gap = value.partition(":")
        if int(size) < 1:
            raise ValueError("pieces have at least one byte")
        self.split = (int(size), float(gap or 3))

    def _set_urc(self, value: str) -> None:
        where, _, text = value.partition(":")
        if where == "*":
            self.urc_everywhere = text
        else:
            self.urc_boundaries[int(where)] = text

    def _set_mute(self, value: str) -> None:
        which, when = split_when(value)
        if which == value:
            self.mute.add(value.upper())
        else:
            self.on_commands.set_mute(which, when)

    def _set_restart(self, value: str) -> None:
        if value.startswith("#"):
            self.restart_commands.add(int(value[1:]))
            return
        direction, _, index = value.partition("@")
        self.direction(direction).restart_at = int(index)

    def _set_coverage(self, value: str) -> None:
        start, _, end = value.partition("-")
        self.coverage_gaps.append((float(start), float(end)))

    def _set_queue_full(self, value: str) -> None:
        if value == "*":
            self.queue_full_all = True
        else:
            self.queue_full.add(int(value))

    def next_command(self, commands: list[Command]) -> Treatment:
        """Counts a command line; returns the faults that apply to it."""
        self.commands += 1
        late = [knob for knob in (self._find("late", c) for c in commands) if knob is not None]
        muted = any(self._muted(command) for command in commands)
        return Treatment(
            max(late, key=lambda knob: knob.number, default=None),
            muted or f"#{self.commands}" in self.mute,
            self.commands in self.restart_commands,
        )

    def _find(self, kind: str, command: Command) -> Knob | None:
        return self.on_commands.find(kind, command, self.commands)

    def _muted(self, command: Command) -> bool:
        named = any(concerns(which, command, self.commands) for which in self.mute)
        return named or self._find("mute", command) is not None

    def refusal(self, command: Command) -> Knob | None:
        """The knob that refuses this command of the present line."""
        return self._find("refuse", command)

    def failure(self, command: Command) -> Knob | None:
        """The knob that makes its result a failure."""
        return self._find("fail", command)

    def answer(self, command: Command) -> list[str] | None:
        """The lines that replace its answer."""
        knob = self._find("answer", command)
        return None if knob is None else knob.text.split("|")

    def at_boundary(self) -> str | None:
        """Counts a line boundary; a text to insert there, "" for held URCs, None for nothing."""
        index, self.boundary = self.boundary, self.boundary + 1
        return self.urc_boundaries.get(index, self.urc_everywhere)

    def is_full(self, socket_id: int) -> bool:
        """Whether the transmit queue of this socket is declared full."""
        return self.queue_full_all or socket_id in self.queue_full
