"""Compares what our sockets give with what is admissible."""

from __future__ import annotations

from collections.abc import Mapping

from driver.contract.table import Cell, Outcomes

BOTH = "both"
"""Outcomes that the modules have in common."""


def faults(found: Outcomes, wanted: Mapping[Cell, tuple[str, ...]]) -> Outcomes:
    """What ours gives where it is not admissible."""
    return {cell: text for cell, text in found.items() if text not in wanted[cell]}


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
