"""Fault knobs: what can go wrong on the line and in the module, on purpose and reproducibly."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SPEC_HELP = """\
fault SPEC: items separated by ';' (DIR is in = towards the module, or out = from it;
byte indexes count from 0 since start or since the last reload of the spec)
  drop=DIR@K        lose byte K            drop=DIR:P    lose each byte with probability P
  double=DIR@K      double byte K          double=DIR:P  ... with probability P
  damage=DIR@K      flip bits of byte K    damage=DIR:P  ... with probability P
  split=K[:MS]      output in pieces of 1..K bytes, up to MS ms apart (default 3)
  urc=*[:TEXT]      a URC at every line boundary of an answer (held URCs when no TEXT)
  urc=K[:TEXT]      ... only at boundary K (counted from 0)
  late=WHICH:MS     the answer comes MS later; WHICH is #N (N-th command, from 1) or +NAME
  mute=WHICH        the command is carried out but not answered
  restart=DIR@K     the module restarts right after byte K      restart=#N  ... at command N
  coverage=MS-MS    no coverage between these times (ms since start)
  queue-full=ID     the transmit queue of socket ID is full ('*': of every socket)
example: --faults 'damage=out:0.001;late=+USOCO:5000;urc=*:+CSCON: 1'
"""


@dataclass
class ByteFaults:
    """Faults of one direction of the line."""

    at: dict[int, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    count: int = 0
    restart_at: int | None = None

    def apply(self, data: bytes, rng: random.Random) -> bytes:
        """What arrives of `data`; counts its bytes."""
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
        """Offset behind the byte at which the module restarts, when within the next `length`."""
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
    late: dict[str, float] = field(default_factory=dict)
    mute: set[str] = field(default_factory=set)
    restart_commands: set[int] = field(default_factory=set)
    coverage_gaps: list[tuple[float, float]] = field(default_factory=list)
    queue_full: set[int] = field(default_factory=set)
    queue_full_all: bool = False
    commands: int = 0

    def clear(self) -> None:
        """All knobs back to none; the counters start again."""
        fresh = Faults(self.rng)
        for name in self.__dataclass_fields__:
            if name not in ("rng", "coverage_gaps"):
                setattr(self, name, getattr(fresh, name))

    def load(self, spec: str) -> None:
        """Add the knobs of a SPEC string; ValueError tells which item is wrong."""
        for item in spec.split(";"):
            item = item.strip()
            if not item:
                continue
            name, _, value = item.partition("=")
            setter = getattr(self, "_set_" + name.replace("-", "_"), None)
            try:
                if setter is None:
                    raise ValueError("no such knob")
                setter(value)
            except (ValueError, KeyError) as error:
                raise ValueError(f"fault {item!r}: {error}") from None

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

    def _set_late(self, value: str) -> None:
        which, _, ms = value.rpartition(":")
        self.late[which.upper()] = float(ms)

    def _set_mute(self, value: str) -> None:
        self.mute.add(value.upper())

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

    def next_command(self, names: list[str]) -> tuple[float, bool, bool]:
        """Counts a command line; returns (late by ms, answer missing, restart now)."""
        self.commands += 1
        keys = [f"#{self.commands}", *names]
        late = max((self.late.get(key, 0.0) for key in keys), default=0.0)
        muted = any(key in self.mute for key in keys)
        return late, muted, self.commands in self.restart_commands

    def at_boundary(self) -> str | None:
        """Counts a line boundary; a text to insert there, "" for held URCs, None for nothing."""
        index, self.boundary = self.boundary, self.boundary + 1
        return self.urc_boundaries.get(index, self.urc_everywhere)

    def is_full(self, socket_id: int) -> bool:
        """Whether the transmit queue of this socket is declared full."""
        return self.queue_full_all or socket_id in self.queue_full
