"""Where our sockets differ from the contract, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract import simulated
from contract.compare import faults, together
from contract.forced import FORCED, admissible
from contract.table import PENDING, Cell, Outcomes, as_json, contract, nested

_Test = Callable[[Cell, str, str], bool]


def _in_situation(*begins: str) -> _Test:
    return lambda cell, wanted, found: cell[0].startswith(begins)


def _in_call(*begins: str) -> _Test:
    return lambda cell, wanted, found: cell[2].startswith(begins)


def _with_call(*parts: str) -> _Test:
    return lambda cell, wanted, found: any(part in cell[2] for part in parts)


def _missing(cell: Cell, wanted: str, found: str) -> bool:
    return any(step.removeprefix("not reached: ").startswith("no ") for step in found.split("; "))


def _argument(cell: Cell, wanted: str, found: str) -> bool:
    return wanted in ("TypeError", "ValueError")


def _reset(cell: Cell, wanted: str, found: str) -> bool:
    return cell[0].startswith("reset") and "ECONNRESET" in wanted


def _unconnected(cell: Cell, wanted: str, found: str) -> bool:
    return ("EPIPE" in wanted or "EDESTADDRREQ" in wanted) and "ENOTCONN" in found


CAUSES: tuple[tuple[str, _Test], ...] = (
    ("a method is missing", _missing),
    ("a socket of the module is left over", lambda cell, wanted, found: " left" in found),
    ("wrong arguments", _argument),
    ("closed socket: EBADF", _in_situation("closed after", "UDP closed")),
    ("closed socket: EBADF", lambda cell, wanted, found: cell[0] == "closed"),
    ("16-bit items are taken for bytes", _with_call("16-bit")),
    ("makefile() is the socket itself", _with_call("makefile")),
    ("a reset is no ECONNRESET", _reset),
    ("options", _with_call("sockopt")),
    ("recvfrom() of a stream returns its peer", _in_call("recvfrom")),
    ("connection attempt in progress", _in_situation("connecting")),
    ("a refused socket stays refused", _in_situation("refused")),
    ("a refused socket stays refused", _with_call("refused")),
    ("sending without a connection: errno", _unconnected),
    ("connect() again", _in_call("connect")),
    ("bind(), listen(), accept()", _with_call("bind", "listen", "accept")),
    ("sending what is empty", _with_call("b''")),
    ("state after the end of the connection", _in_situation("reset", "half", "closed by")),
)
"""Causes of today's faults, in the order in which they are looked for."""


def cause(cell: Cell, wanted: str, found: str) -> str:
    """The first that fits."""
    return next((name for name, fits in CAUSES if fits(cell, wanted, found)), "other")


def grouped(wrong: Outcomes, wanted: dict[Cell, tuple[str, ...]]) -> dict[str, Outcomes]:
    """Faults by cause, the most frequent first."""
    by_cause: dict[str, Outcomes] = {}
    for cell, text in wrong.items():
        by_cause.setdefault(cause(cell, wanted[cell][0], text), {})[cell] = text
    return dict(sorted(by_cause.items(), key=lambda item: -len(item[1])))


def lines(wrong: Outcomes, wanted: dict[Cell, tuple[str, ...]]) -> Iterator[str]:
    """One for each call and pair of outcomes, with the situations and the modes' first letters."""
    alike: dict[tuple[str, str, str], dict[str, str]] = {}
    for (situation, mode, call), text in wrong.items():
        key = call, " or ".join(wanted[situation, mode, call]), text
        places = alike.setdefault(key, {})
        places[situation] = places.get(situation, "") + mode[0]
    for (call, right, text), places in alike.items():
        named = [f"{where} [{modes}]" for where, modes in places.items()]
        yield f"{call}: {right} is wanted, {text} given: {' | '.join(named)}"


def measured() -> tuple[dict[Cell, tuple[str, ...]], dict[str, Outcomes]]:
    """What is wanted, and the faults of every module."""
    wanted = admissible(contract())
    return wanted, {
        module: faults(simulated.found(module, wanted), wanted) for module in simulated.MODULES
    }


def differences(with_forced: bool) -> int:
    """Print all."""
    wanted, by_module = measured()
    if with_forced:
        _print_forced()
    for module, wrong in together(by_module).items():
        print(f"\n=== {module}: {len(wrong)} faults in {len(wanted)} cells")
        for name, cells in grouped(wrong, wanted).items():
            print(f"\n--- {name}: {len(cells)}")
            for line in lines(cells, wanted):
                print("  " + line)
    return 0


def _print_forced() -> None:
    given = contract()
    for rule in FORCED:
        cells = [cell for cell in given if rule.holds(cell)]
        changed = sum(rule.applied(given, cell, given[cell]) != given[cell] for cell in cells)
        print(f"{rule.by:12}{changed:5}  {', '.join(rule.calls)}: {rule.reason} ({rule.source})")


def write_pending() -> int:
    """The faults of today."""
    _, by_module = measured()
    stored = {module: nested(wrong) for module, wrong in together(by_module).items()}
    PENDING.write_text(as_json(stored), encoding="utf-8")
    print({module: len(wrong) for module, wrong in by_module.items()})
    return 0


def show(situation: str) -> int:
    """One situation: CPython's outcomes, what is admissible and ours."""
    given = contract()
    wanted = admissible(given)
    ours = {module: simulated.found(module, wanted, [situation]) for module in simulated.MODULES}
    for cell in next(iter(ours.values())):
        print(f"{cell[2]} [{cell[1]}]: {given[cell]}")
        for label, text in (
            ("wanted", " or ".join(wanted[cell])), *((m, ours[m][cell]) for m in ours)
        ):  # fmt: skip
            if text != given[cell]:
                print(f"    {label}: {text}")
    return 0
