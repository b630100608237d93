"""The figures of tools/bench as tables: for a terminal, or as Markdown for the README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from benchmarks.measure import LIMITS, Row
from demonstration.report import console
from rich.markup import escape
from rich.table import Table

WAYS = {
    "up": "send", "down": "receive", "echo": "round trip",
    "publish": "MQTT publish", "message": "MQTT read",
    "store": "FTP link, write", "fetch": "FTP link, read",
}  # fmt: skip


@dataclass
class Figures:
    """One table; cells are texts. The first `words` columns are left-aligned."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    words: int = 1
    note: str = ""

    def rich(self) -> Table:
        """For a terminal."""
        table = Table(
            title="\n" + self.title,
            title_justify="left",
            title_style="bold",
            caption=self.note or None,
            caption_justify="left",
        )
        for index, name in enumerate(self.head):
            table.add_column(name, justify="left" if index < self.words else "right", no_wrap=True)
        for row in self.rows:
            table.add_row(*(cell if cell.startswith("[red]") else escape(cell) for cell in row))
        return table

    def markdown(self) -> str:
        """For the README."""
        align = ["---"] * self.words + ["--:"] * (len(self.head) - self.words)
        rows = [self.head, align, *self.rows]
        lines = ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]
        parts = [f"**{self.title}**", "\n".join(lines), *([self.note] if self.note else [])]
        return "\n\n".join(parts)


def _plain(cell: str) -> str:
    return cell.removeprefix("[red]").removesuffix("[/]").replace("\n", " ")


def _over(row: Row, before: str = "") -> str:
    """Percent over the bound; red where DESIGN's limit is exceeded."""
    text = f"{before}{row['over_percent']:.1f} %"
    limit = LIMITS.get(row["baud"])
    exceeded = limit is not None and row["over_percent"] > limit
    return f"[red]{text}[/]" if exceeded else text


def _key(row: Row) -> tuple[Any, ...]:
    return list(WAYS).index(row["direction"]), row["bytes"], row["payload"] == "binary"


def wire(rows: Iterable[Row], title: str, note: str) -> Figures:
    """Exchanges down, baud rates across."""
    rows = sorted(rows, key=_key)
    bauds = sorted({row["baud"] for row in rows})
    head = ["exchange", *(f"{baud} Bd\nms over" for baud in bauds), "kB/s", "per s"]
    found = Figures(title, head, note=note)
    for _, same in groupby(rows, _key):
        by_baud = {row["baud"]: row for row in same}
        fast = by_baud[921600]
        cells = [_over(row, f"{row['ms']:.1f} +") for row in by_baud.values()]
        figures = [f"{fast['kB_per_s']:.1f}", f"{fast['per_s']:.1f}"]
        found.rows.append([_exchange(fast), *cells, *figures])
    return found


def _exchange(row: Row) -> str:
    return f"{WAYS[row['direction']]} {row['bytes']} B {row['payload']}"


def wires(rows: list[Row]) -> list[Figures]:
    """A table for each module and flavour in virtual time, and for each Python in real time."""

    def key(row: Row) -> tuple[str, ...]:
        return row["clock"], row["module"], row["flavour"], row["python"]

    found = []
    for (clock, module, flavour, python), same in groupby(rows, key):
        title = f"Wire: {module.upper()}, {flavour}, {python}, {clock} time"
        note = (
            "over: beyond the bound of bytes, pauses of rule 1 and module; kB/s, per s: at 921600"
        )
        if clock == "virtual":
            note += "\nno time is charged for Python's own work"
        found.append(wire(same, title, note))
    return found


def worst(rows: list[Row]) -> Figures:
    """The furthest over the bound, of single exchanges."""
    found = Figures("Wire: furthest over the bound", ["run", "baud", "exchange", "over", "limit"])
    found.words = 3

    def key(row: Row) -> tuple[Any, ...]:
        return row["clock"], row["python"], row["flavour"], row["baud"]

    for (clock, python, flavour, baud), same in groupby(sorted(rows, key=key), key):
        row = max(same, key=lambda row: row["over_percent"])
        limit = f"{LIMITS[baud]} %" if baud in LIMITS else "–"
        run = f"{flavour}, {python}, {clock} time"
        found.rows.append([run, str(baud), _exchange(row), _over(row), limit])
    return found


def alloc(rows: list[Row]) -> Figures:
    """Calls down, flavours across."""
    flavours = list(dict.fromkeys(row["flavour"] for row in rows))
    note = "growth of gc.mem_alloc() in steady state, garbage included: least to most of the turns"
    found = Figures("Bytes allocated per call, MicroPython", ["call", *flavours], note=note)
    for call in dict.fromkeys(row["call"] for row in rows):
        cells = []
        for flavour in flavours:
            (row,) = [one for one in rows if (one["call"], one["flavour"]) == (call, flavour)]
            least, most = row["least"], row["most"]
            cells.append(str(most) if least == most else f"{least}–{most}")
        found.rows.append([call, *cells])
    return found


def heap(rows: list[Row]) -> Figures:
    """Modules and flavours down, layers across."""
    layers = list(rows[0]["after_import"])
    head = [
        "",
        *("after import:\n" + name.replace(", sockets", ",\nsockets") for name in layers),
        "in use:\nconnected,\none echo",
        "and has\nslept\ndeeply",
    ]
    found = Figures("Heap, bytes, MicroPython, from .mpy -O3", head)
    for row in rows:
        cells = [str(row["after_import"][name]) for name in layers]
        used = [str(row["in_use"]), str(row["in_use_saving"])]
        found.rows.append([f"{row['module']}, {row['flavour']}", *cells, *used])
    return found


def services(rows: list[Row]) -> Figures:
    """What a program loads when it calls it: layers down, modules and flavours across."""
    head = ["", *(f"{row['module']}\n{row['flavour']}" for row in rows)]
    found = Figures("Heap, bytes, that services add when they are called", head)
    for name in rows[0]["services"]:
        found.rows.append([name, *(str(row["services"][name]) for row in rows)])
    return found


def sleep(rows: list[Row]) -> Figures:
    """A wake-up and a sleep cycle of each kind."""
    head = [
        "", "sleep", "module\nalone, ms", "woken\nms", "connection\nusable, ms",
        "32 B sent\nms", "commands\na cycle", "bytes\nout", "bytes\nin",
    ]  # fmt: skip
    note = (
        "from the call on, virtual time, 115200 Bd, blocking, woken by PWR_ON but for UART sleep\n"
        "module alone: from its wake-up on, as the simulated module assumes it"
    )
    found = Figures("Wake-up, and one sleep cycle: wake, connect, send, sleep", head, note=note)
    found.words = 2
    for row in rows:
        times = [f"{row[name]:.0f}" for name in ("module_ms", "wake_ms", "usable_ms", "sent_ms")]
        counts = [str(row[name]) for name in ("commands", "bytes_out", "bytes_in")]
        found.rows.append([row["module"], row["sleep"], *times, *counts])
    return found


def size(files: dict[str, int]) -> Figures:
    """Every .mpy, two flavours of one file in one line."""
    found = Figures("Size of the bytecode, bytes of .mpy -O3", ["file", "bytes", "asyncio"])
    for name, count in files.items():
        if not name.startswith("aio/"):
            twin = files.get("aio/" + name.removeprefix("blocking/")) if "/" in name else None
            twin = twin if name.startswith("blocking/") else None
            found.rows.append([name, str(count), str(twin) if twin is not None else ""])
    total = sum(files.values())
    aio = sum(count for name, count in files.items() if name.startswith("aio/"))
    found.rows.append(["sum without and of aio/", str(total - aio), str(aio)])
    return found


def _tables(results: dict[str, Any]) -> list[Figures]:
    found = [sleep(results["sleep"])]
    if results["alloc"]:
        found.append(alloc(results["alloc"]))
    if results["heap"]:
        found += [heap(results["heap"]), services(results["heap"])]
    return found


def show(results: dict[str, Any]) -> None:
    """All tables on standard output."""
    out = console()
    tables = [*wires(results["wire"]), worst(results["wire"]), *_tables(results)]
    for table in [*tables, size(results["size"])]:
        out.print(table.rich())
    out.print("\n" + ", ".join(f"{k} {v}" for k, v in results["machine"].items()), style="dim")


def markdown(results: dict[str, Any]) -> str:
    """What the README shows: one module's wire, the worst of all, heap and allocations."""
    chosen = [
        row
        for row in results["wire"]
        if (row["module"], row["flavour"], row["clock"]) == ("sara-r5", "blocking", "virtual")
    ]
    tables = [*wires(chosen), worst(results["wire"]), *_tables(results)]
    machine = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    return "\n\n".join([*(table.markdown() for table in tables), f"Measured on: {machine}."])
