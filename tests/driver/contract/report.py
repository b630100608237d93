"""Where our sockets differ from the contract, in words."""

from __future__ import annotations

from collections.abc import Iterator

from driver.contract import simulated
from driver.contract.compare import faults, together
from driver.contract.forced import FORCED, admissible
from driver.contract.table import Cell, Outcomes, contract


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
        for line in lines(wrong, wanted):
            print("  " + line)
    return 0


def _print_forced() -> None:
    given = contract()
    for rule in FORCED:
        cells = [cell for cell in given if rule.holds(cell)]
        changed = sum(rule.applied(given, cell, given[cell]) != given[cell] for cell in cells)
        print(f"{rule.by:12}{changed:5}  {', '.join(rule.calls)}: {rule.reason} ({rule.source})")


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
