"""Compares what our sockets give with what is admissible, and with the known faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from contract.table import PENDING, Cell, Nested, Outcomes, flat

BOTH = "both"
"""In pending.json: outcomes that the modules have in common."""


@dataclass
class Verdict:
    """What is wrong with a run."""

    faults: Outcomes
    """Not admissible, and not known."""
    mended: Outcomes
    """Known faults that are none any more, or others."""


def pending(module: str) -> Outcomes:
    """The known faults of a module."""
    if not PENDING.exists():
        return {}
    stored: dict[str, Nested] = json.loads(PENDING.read_text(encoding="utf-8"))
    return {**flat(stored.get(BOTH, {})), **flat(stored.get(module, {}))}


def faults(found: Outcomes, wanted: Mapping[Cell, tuple[str, ...]]) -> Outcomes:
    """What ours gives where it is not admissible."""
    return {cell: text for cell, text in found.items() if text not in wanted[cell]}


def verdict(found: Outcomes, wanted: Mapping[Cell, tuple[str, ...]], known: Outcomes) -> Verdict:
    """Only for the cells of `found`."""
    wrong = faults(found, wanted)
    return Verdict(
        {cell: text for cell, text in wrong.items() if known.get(cell) != text},
        {cell: text for cell, text in known.items() if cell in found and found[cell] != text},
    )


def together(by_module: Mapping[str, Outcomes]) -> dict[str, Outcomes]:
    """Common outcomes under `BOTH`, the others under their module."""
    first, *others = by_module.values()
    common = {
        cell: text for cell, text in first.items() if all(o.get(cell) == text for o in others)
    }
    apart = {
        module: {cell: text for cell, text in outcomes.items() if cell not in common}
        for module, outcomes in by_module.items()
    }
    return {BOTH: common, **{module: left for module, left in apart.items() if left}}
