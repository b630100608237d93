"""The API reference: pdoc's pages of the classes and modules that a program uses.

pdoc shows what a class has after its import. Here most methods are functions that are loaded at
the first call, so they are put on the classes first, for this process only; methods that are the
driver's own business are hidden.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shutil
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pdoc
import pdoc.render
from dev.command_index import Index
from dev.environment import BUILD, ROOT
from dev.public_api import MODULES, PUBLIC

SITE = BUILD / "docs"
PACKAGE = "ublox_cellular"
FLAVOURS = ("blocking", "aio")


def build(site: Path = SITE) -> list[str]:
    """Write the site; returns the warnings of pdoc, and what is missing in it, as texts."""
    sys.path.insert(0, str(ROOT / "lib"))
    pages = [PACKAGE, f"{PACKAGE}.core", *(f"{PACKAGE}.{name}" for name in MODULES)]
    index = Index()
    for flavour in FLAVOURS:
        pages += _flavour(f"{PACKAGE}.{flavour}", index)
    for page in pages:
        _limit(page, pages)  # pdoc finds the pages by `__all__`
    shutil.rmtree(site, ignore_errors=True)
    pdoc.render.configure(footer_text="ublox-cellular", search=True, show_source=False)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        pdoc.pdoc(PACKAGE, output_directory=site)
    return [str(warning.message) for warning in found] + list(_missing(site, index))


def _missing(site: Path, index: Index) -> Iterator[str]:
    """Methods of the table that the pages do not show."""
    for flavour in FLAVOURS:
        for kind, (_, names) in PUBLIC.items():
            file = index.places[kind].replace(".", "/")
            page = site / PACKAGE / flavour / f"{file}.html"
            text = page.read_text(encoding="utf-8")
            for name in names.split():
                if f'id="{kind}.{name}"' not in text:
                    yield f"{page.relative_to(site)} does not show {kind}.{name}"


def _flavour(package: str, index: Index) -> list[str]:
    """Put the functions on the classes of a flavour; the modules to be shown."""
    pages = [package, f"{package}.sara_r5", f"{package}.lexi_r10", f"{package}.mqtt.messages"]
    pages.append(f"{package}.mqtt.reliable_session")
    for kind, (_, names) in PUBLIC.items():
        module = f"{package}.{index.places[kind]}"
        pages.append(module)
        owner = getattr(importlib.import_module(module), kind)
        for name in names.split():
            places = index.method(kind, name)
            if name not in vars(owner) and "." not in places[0][1]:
                functions = [
                    getattr(importlib.import_module(f"{package}.{file}"), function)
                    for file, function in places
                ]
                # A module's own function may be documented better than the other's.
                function = max(functions, key=lambda one: len(one.__doc__ or ""))
                setattr(owner, name, _method(owner, name, function))
        for name in [name for name in vars(owner) if not name.startswith("_")]:
            if name not in names.split() and callable(vars(owner)[name]):
                delattr(owner, name)
    return sorted({*pages, *_parents(pages)})


def _parents(pages: list[str]) -> set[str]:
    """Packages above the pages, from which they can be reached."""
    return {page.rpartition(".")[0] for page in pages if page.count(".") > 1}


def _method(owner: type, name: str, function: Callable[..., Any]) -> types.FunctionType:
    """The function as a method: the same, but with `self`, and at home in the class."""
    made = types.FunctionType(
        function.__code__, function.__globals__, name, function.__defaults__, function.__closure__
    )
    made.__doc__ = function.__doc__
    made.__kwdefaults__ = function.__kwdefaults__
    signature = inspect.signature(function)
    first, *others = signature.parameters.values()
    made.__signature__ = signature.replace(parameters=[first.replace(name="self"), *others])
    made.__module__ = owner.__module__
    made.__qualname__ = f"{owner.__qualname__}.{name}"
    _name_types(owner, function)
    return made


def _name_types(owner: type, function: Callable[..., Any]) -> None:
    """Give the module of a class the names that the function's annotations use: there they are
    imported for type checkers only."""
    source: Any = sys.modules[function.__module__]
    home = vars(sys.modules[owner.__module__])
    for module in (source, sys.modules[owner.__module__]):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                missing = [one for one in node.body if not _known(one, vars(module))]
                code = compile(ast.Module(missing, []), str(module.__file__), "exec")
                exec(code, vars(module))
    texts = [str(one.annotation) for one in inspect.signature(function).parameters.values()]
    for word in re.findall(r"\w+", " ".join([*texts, str(function.__annotations__)])):
        if word in vars(source):
            home.setdefault(word, vars(source)[word])


def _known(node: ast.stmt, names: dict[str, Any]) -> bool:
    """Whether the names that a statement defines are there."""
    if isinstance(node, ast.ImportFrom):
        return all((alias.asname or alias.name) in names for alias in node.names)
    return getattr(node, "name", "") in names


def _limit(page: str, pages: list[str]) -> None:
    """Show of a module its pages below, and what it defines for others."""
    module: Any = importlib.import_module(page)
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and getattr(value, "__module__", page) == page
        and not isinstance(value, types.ModuleType)
    ]
    below = [other.rpartition(".")[2] for other in pages if other.rpartition(".")[0] == page]
    if page.rpartition(".")[2] in FLAVOURS:
        own = []  # helpers of the package
    module.__all__ = [*sorted(set(below) - set(own)), *own]
