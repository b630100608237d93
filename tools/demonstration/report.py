"""The report of tools/demo: scenes as they happen, then a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDTH = 100  # of what is piped: there is no window to fit

ABOUT = {
    "Switch on": "hold PWR_ON until the module wakes, then take it over",
    "Identity": "who is it?",
    "Connect": "SIM, radio, registration, data connection",
    "Resolve a name": "the module asks the network's name server",
    "TCP echo": "text, every byte value, hostile text and 10 kB there and back",
    "UDP echo": "datagrams keep their borders",
    "Listen and accept": "the module is the server; a peer on this machine dials in",
    "Several sockets": "all the module has, each with its own bytes both ways",
    "Remote close": "the other side sends and closes at once; nothing may be lost",
    "Files": "the module's own file system, written and read in pieces",
    "FTP": "a file goes to a server by TLS and back; then the module fetches it by itself",
    "CoAP": "datagrams by DTLS; long payloads in blocks",
    "MQTT": "a real broker behind TLS; what is published comes back",
    "HTTPS": "the module verifies the server, then resumes the session; a stranger is refused",
    "Memory": "bytes of heap a call leaves, garbage included",
    "Switch off": "sockets closed, settings saved, power off",
}


@dataclass
class Run:
    """One telling of the story, and what came of it."""

    module: str
    flavour: str
    python: str
    baud: int
    clock: str
    right: bool = False  # the firmware's own verdict
    caller: bool | None = None  # whether the peer that dialled in got its bytes back
    violations: list[str] = field(default_factory=list)
    scenes: int = 0
    sent: int = 0  # payload, by the application's count
    came_back: int = 0
    wrong: int = 0  # checks that failed
    checks: dict[str, list[bool]] = field(default_factory=dict)  # of each scene that has some
    ms: int = 0
    out: int = 0  # bytes on the wire
    back: int = 0
    real_s: float = 0.0
    memory: str = ""
    heap: list[tuple[int, int, int]] = field(default_factory=list)
    error: str = ""

    @property
    def good(self) -> bool:
        """Every byte came back right and no rule of the wire was broken."""
        heard = self.right and self.caller is True and not self.wrong
        return heard and not self.violations and not self.error

    @property
    def title(self) -> str:
        """What ran where."""
        return f"{self.module.upper()} · {self.flavour} · {self.python} · {self.baud} baud"


class Teller:
    """Prints the events of one run as they come, and counts."""

    def __init__(self, console: Console, run: Run) -> None:
        self._console = console
        self._run = run
        self._scene = ""
        console.print()
        console.rule(f"[bold]{run.title}", align="left", style="cyan")
        console.print(f"   at the right: {run.clock}\n", style="dim", highlight=False)

    def event(self, kind: str, *what: Any) -> None:
        """What the firmware reports."""
        action = getattr(self, "_on_" + kind, None)
        if action is not None:
            action(*what)

    def _line(self, text: str, right: str = "", style: str = "") -> None:
        row = Table.grid(expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_row(text, right)
        self._console.print(row, style=style)

    def _on_scene(self, title: str) -> None:
        self._run.scenes += 1
        self._scene = title
        self._line(f"[bold]{self._run.scenes:2} {title}[/] [dim]· {ABOUT[title]}[/]")

    def _on_note(self, text: str) -> None:
        self._line(f"   {escape(text)}")

    def _on_key(self, level: int) -> None:
        self._line(f"   the PWR_ON pin goes {'up' if level else 'down'}")

    def _on_listening(self, port: int) -> None:
        self._line(f"   listening on port {port}; a caller dials")

    def _on_check(self, what: str, sent: int, back: int, right: bool, ms: int) -> None:
        run = self._run
        run.sent += sent
        run.came_back += back
        run.wrong += not right
        run.checks.setdefault(self._scene, []).append(right)
        mark = "[green]✓ right[/]" if right else "[bold red]✗ WRONG[/]"
        self._line(f"   {what}: {sent} B out, {back} B back {mark}", f"{ms} ms")

    def _on_heap(self, polled: int, sent: int, received: int) -> None:
        self._run.heap.append((polled, sent, received))

    def _on_wire(self, way: str, line: str) -> None:
        # Quotation marks around, so that blanks at the ends are seen.
        self._console.print(f"   [dim]{way}[/] {escape(line)}", style="dim", highlight=False)

    def _on_failed(self, name: str, text: str) -> None:
        self._line(f"   [bold red]✗ {escape(name)}: {escape(text)}[/]")

    def _on_done(self, ms: int, out: int, back: int) -> None:
        run = self._run
        run.ms += ms
        run.out += out
        run.back += back
        if run.heap:
            polled, sent, received = run.heap[-1]
            self._line(f"   poll() {polled} B, send(1 kB) {sent} B, recv_into(1 kB) {received} B")
            self._run.heap, kept = [], run.heap[-1]
            run.memory = f"{kept[0]}/{kept[1]}/{kept[2]} B a poll/send/recv"
        self._line("", f"[dim]{ms} ms · wire {out} B out, {back} B in[/]")


def console() -> Console:
    """Colour in a terminal, plain text in a pipe."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def table(runs: list[Run]) -> Table:
    """What all runs came to, a column each."""
    found = Table(title="\nWhat it came to", title_justify="left", title_style="bold")
    found.add_column("")
    for run in runs:
        found.add_column(f"{run.module.upper()}\n{run.flavour}\n{run.python}")
    rows = {
        "result": lambda run: "[green]all right[/]" if run.good else "[bold red]FAILED[/]",
        "payload out, back": lambda run: f"{run.sent} B, {run.came_back} B",
        "bytes on the wire": lambda run: f"{run.out} out, {run.back} in",
        "module's time": lambda run: f"{run.ms / 1000:.2f} s",
        "our time": lambda run: f"{run.real_s:.2f} s",
        "memory": lambda run: run.memory or "–",
        "rules of the wire broken": lambda run: str(len(run.violations)),
    }
    for name, cell in rows.items():
        found.add_row(name, *(cell(run) for run in runs))
        if name == "result":
            for scene in dict.fromkeys(title for run in runs for title in run.checks):
                found.add_row(f"  {scene}", *(_counted(run.checks.get(scene, [])) for run in runs))
    return found


def _counted(checks: list[bool]) -> str:
    """How many of a scene's checks were right."""
    return f"{sum(checks)} of {len(checks)} right" if checks else "–"
