"""What tools/generate makes: the blocking flavour of the asyncio sources, and package.json."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import unasync
from dev.environment import ROOT

PACKAGE = Path("lib/ublox_cellular")
AIO = PACKAGE / "aio"
BLOCKING = PACKAGE / "blocking"

# Single files outside the package that exist in both flavours: (source, result).
TOUR = Path("tools/demonstration/tour")
EXTRA = [
    (TOUR / "aio.py", TOUR / "blocking.py"),
    (TOUR / "exchanges_aio.py", TOUR / "exchanges_blocking.py"),
]

# Beyond what unasync knows (async, await, __aenter__, StopAsyncIteration …). Only whole names and
# whole string literals are replaced.
NAMES = {
    "aio": "blocking",
    "wait_aio": "wait_blocking",  # the one module that is written twice
    "aclose": "close",
}

# What only CPython loads: no board needs it.
CPYTHON = PACKAGE / "core" / "help_cpython.py"

HEADER = "# Generated from {source} by tools/generate. Do not edit.\n"


class GenerateError(Exception):
    """A source that cannot be turned into its blocking form; the text names it and the reason."""


def expected(root: Path = ROOT) -> dict[Path, str]:
    """All generated files, by path relative to the root."""
    pairs = {
        BLOCKING / path.relative_to(root / AIO): path
        for path in sorted((root / AIO).rglob("*.py"))
    }
    pairs |= {to: root / source for source, to in EXTRA if (root / source).exists()}
    files = blocking(pairs, root)
    files[Path("package.json")] = package_json(root, files)
    return files


def blocking(pairs: Mapping[Path, Path], root: Path) -> dict[Path, str]:
    """Result path: text, for pairs of result path and source."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for result, source in pairs.items():
            _convert(source, work / result)
        if pairs:
            _tidy(work)
        return {
            result: HEADER.format(source=_shown(source, root))
            + (work / result).read_text(encoding="utf-8")
            for result, source in pairs.items()
        }


def _shown(source: Path, root: Path) -> str:
    relative = source.relative_to(root)
    inside = AIO in relative.parents
    return (relative.relative_to(PACKAGE) if inside else relative).as_posix()


def _convert(source: Path, target: Path) -> None:
    try:
        ast.parse(source.read_text(encoding="utf-8"), str(source))  # unasync takes any nonsense
    except SyntaxError as error:
        raise GenerateError(f"{source}:{error.lineno}: {error.msg}") from None
    # unasync maps directories and keeps names; single files may change theirs.
    rule = unasync.Rule(f"{source.parent}/", f"{target.parent}/", additional_replacements=NAMES)
    unasync.unasync_files([str(source)], [rule])
    (target.parent / source.name).replace(target)
    for number, line in enumerate(target.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith(("import asyncio", "from asyncio")):
            raise GenerateError(f"{source}:{number}: only wait_aio.py may import asyncio")


def _tidy(folder: Path) -> None:
    """Make the results what ruff would: shorter calls join lines, renamed imports change order."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--select", "I", "--fix-only"], ["format"]):
        line = [*ruff, *command, *options, str(folder)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GenerateError(f"ruff {command[0]}: {(done.stdout + done.stderr).strip()}")


def package_json(root: Path, generated: Iterable[Path]) -> str:
    """The list mip installs from: every Python file a board can load, by relative url."""
    package = root / PACKAGE
    paths = {path.relative_to(root) for path in package.rglob("*.py")}
    paths = {path for path in paths if BLOCKING not in path.parents} | {
        path for path in generated if PACKAGE in path.parents
    }
    paths.discard(CPYTHON)
    rows = ",\n".join(
        "    " + json.dumps([path.relative_to("lib").as_posix(), path.as_posix()])
        for path in sorted(paths)
    )
    head = json.dumps(version(root))
    return f'{{\n  "urls": [\n{rows}\n  ],\n  "deps": [],\n  "version": {head}\n}}\n'


def version(root: Path = ROOT) -> str:
    """`__version__` of the package, read without importing it."""
    source = root / PACKAGE / "__init__.py"
    for statement in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if names == ["__version__"]:
                return str(statement.value.value)
    raise GenerateError(f"{source} has no line __version__ = …")


def stale(files: Iterable[Path], root: Path = ROOT) -> list[Path]:
    """Files in blocking/ whose source no longer exists."""
    found = {path.relative_to(root) for path in (root / BLOCKING).rglob("*.py")}
    return sorted(found - set(files))
