"""The files of the library: none is long, and none needs one that needs it while imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from dev.environment import ROOT

LIB = ROOT / "lib/ublox_cellular"
MOST_LINES = 450


def modules(root: Path) -> dict[str, tuple[bool, Path]]:
    """Dotted names below the package: whether it is a package, and its file."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        package = parts[-1] == "__init__"
        if parts[0] != "blocking":  # generated: its circles are those of aio/
            found[".".join(parts[:-1] if package else parts)] = (package, path)
    return found


def at_once(body: list[ast.stmt]) -> Iterator[ast.ImportFrom]:
    """What is imported while the file itself is."""
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node
        elif isinstance(node, ast.Try):
            yield from at_once(node.body + [one for each in node.handlers for one in each.body])
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield from at_once(node.body)


def graph(root: Path) -> dict[str, set[str]]:
    known = modules(root)
    needs: dict[str, set[str]] = {}
    for name, (package, path) in known.items():
        needs[name] = set()
        for node in at_once(ast.parse(path.read_text(encoding="utf-8")).body):
            parts = name.split(".") if name else []
            parts = parts[: len(parts) - node.level + (1 if package else 0)]
            target = ".".join([*parts, *([node.module] if node.module else [])])
            files = {f"{target}.{alias.name}".lstrip(".") for alias in node.names} & known.keys()
            needs[name] |= (files or {target}) & known.keys() - {name}
    return needs


def test_no_import_circle_is_left() -> None:
    assert len(graph(LIB)) > 50
    TopologicalSorter(graph(LIB)).prepare()  # CycleError names the files


def test_a_circle_is_found(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room/__init__.py").write_text("from .one import first\n")
    (tmp_path / "room/one.py").write_text("try:\n    from .two import x\nfinally:\n    y = 1\n")
    (tmp_path / "room/two.py").write_text("def f():\n    from .one import g\n")
    TopologicalSorter(graph(tmp_path)).prepare()  # one that is imported later makes none
    (tmp_path / "room/two.py").write_text("from . import one\n")
    with pytest.raises(CycleError, match=r"room\.one"):
        TopologicalSorter(graph(tmp_path)).prepare()


def test_no_file_written_by_hand_is_longer_than_can_be_kept_in_mind() -> None:
    places = [path for _, path in modules(LIB).values()]
    places += (ROOT / "tools/ublox_simulator").rglob("*.py")
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in places}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}
