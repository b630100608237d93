"""lib/COMMANDS.md: from each AT command the driver sends to the methods that send it.

Read from the sources of aio/ without running them. A command is a bytes literal such as
b"+CPSMS?"; the methods are found by walking from the function that holds the literal to its
callers, until a public function is reached. The walk follows names and imports exactly; it
follows `something.name()` only where the receiver's name says what it is (`_RECEIVERS`), or where
one definition has that name. What it cannot follow is left out.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.command_texts import TEXTS
from dev.environment import ROOT
from dev.public_api import PUBLIC

AIO = Path("lib/ublox_cellular/aio")
RESULT = Path("lib/COMMANDS.md")
TEXTS_FILE = "tools/dev/command_texts.py"

# (file, function)
Place = tuple[str, str]
Imports = dict[str, Place]

# Classes by the name of the variable or attribute that holds their objects.
_RECEIVERS = {
    "modem": "Modem",
    "network": "Network",
    "power": "Power",
    "sleeper": "Power",
    "recovery": "Recovery",
    "pool": "SocketPool",
    "socket_pool": "SocketPool",
    "sock": "Socket",
    "security": "Security",
    "files": "Files",
    "file": "File",
    "ftp": "Ftp",
    "http": "Http",
    "response": "Response",
    "mqtt": "Mqtt",
    "mqttsn": "MqttSn",
    "coap": "Coap",
    "connection": "Connection",
    "storage": "Storage",
    "store": "Storage",
}
_CHANNEL = ("channel", "lexer", "port", "line", "pins", "events", "lock", "turn", "order")
_SHARED = ("mqtt", "mqttsn")  # packages that use each other's functions
_PREFIXES = {"net.": "Network", "pow.": "Power"}  # of functions in OWN, see sara_r5.py
_SUFFIXES = ("", "_sara_r5", "_lexi_r10")
_COMMAND = re.compile(r"(\+[A-Z]{3,}|&[A-Z]|E)\d?(\?|=\?)?")
# Methods of Python's own types: not evidence of a call of ours.
_ORDINARY = {name for kind in (list, dict, str, bytes, set) for name in dir(kind)}
_MADE = ("__init__", "__aenter__", "__aexit__")  # of a class that is called
_SHOWN = 9  # methods of a command


class CommandIndexError(Exception):
    """A command or name that the tables do not know; the text says what to add where."""


@dataclass
class _Function:
    node: ast.AST
    kind: str = ""  # the class it is a method of
    commands: set[str] = field(default_factory=set)
    named: bool = False  # sends the command of `NAME` of its service


class Index:
    """The functions of aio/, what they send, and who calls them."""

    def __init__(self, root: Path = ROOT):
        self.whole = (root / AIO / "modem.py").exists()  # no sample of a test: the tables must fit
        self.functions: dict[Place, _Function] = {}
        self.files: dict[str, ast.Module] = {}
        self.bases: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}  # class: its file
        self.methods: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
        self.names: dict[str, str] = {}  # first part of a service's package: its NAME
        self.callers: dict[Place, set[Place]] = defaultdict(set)
        for path in sorted((root / AIO).rglob("*.py")):
            parts = list(path.relative_to(root / AIO).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            self.files[".".join(parts)] = ast.parse(path.read_text(encoding="utf-8"), str(path))
            self._define(".".join(parts))
        self.packages = {file.rpartition(".")[0] for file in self.files}
        for file in self.files:
            self._index(file)
        self.stored: set[ast.AST] = set()  # functions that are put into attributes, not called
        for place in self.functions:
            self._stored(place)
        for place in self.functions:
            self._read(place)

    # ---- definitions ----------------------------------------------------------------------------

    def _define(self, file: str) -> None:
        for node in self.files[file].body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[file, node.name] = _Function(node)
            elif isinstance(node, ast.ClassDef):
                self.places[node.name] = file
                self.bases[node.name] = [b.id for b in node.bases if isinstance(b, ast.Name)]
                for part in node.body:
                    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                        place = file, f"{node.name}.{part.name}"
                        self.functions[place] = _Function(part, node.name)
                        self.methods[node.name][part.name].append(place)
                    elif _assigned(part) == "NAME":
                        (value,) = _literals(part)
                        self.names[file.partition(".")[0]] = str(value, "ascii")

    def _index(self, file: str) -> None:
        """The strings that name the functions which are methods, see aio/__init__.py."""
        tree = self.files[file]
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        owner = next((name for name in classes if name in PUBLIC), "")
        if file == "network.index":
            owner = "Network"
        package = file if file in self.packages else file.rpartition(".")[0]
        for node in ast.walk(tree):
            text = _text(node, ("_FUNCTIONS", "_OWN", "OWN"))
            for line in text.splitlines():
                where, *names = line.split()
                outside = where.startswith("/")
                where = where.lstrip("/*")
                if outside and owner == "MqttSn":
                    where = "mqtt." + where
                elif package and not outside:
                    where = f"{package}.{where}"
                for name in names:
                    kind = _PREFIXES.get(name[:4], owner or "Modem")
                    name = name[4:] if name[:4] in _PREFIXES else name
                    if _assigned(node) == "OWN" and name == kind:
                        continue
                    for suffix in _SUFFIXES:
                        if (where + suffix, name) in self.functions:
                            self.methods[kind][name].append((where + suffix, name))
        if file == "http":  # its `__getattr__` knows this one by itself
            self.methods["Http"]["request"] = [("http.request", "request")]

    # ---- what a function sends and calls --------------------------------------------------------

    def _stored(self, place: Place) -> None:
        """`pool.write = write`: the function is a method from then on."""
        imports = self._imports(place)
        for node in ast.walk(self.functions[place].node):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                for target in node.targets:
                    kind = _RECEIVERS.get(_receiver(target), "")
                    found = list(self._named(place[0], node.value.id, imports))
                    if kind and found and isinstance(target, ast.Attribute):
                        self.methods[kind][target.attr] += found
                        self.stored.add(node.value)

    def _read(self, place: Place) -> None:
        file, function = place[0], self.functions[place]
        imports = self._imports(place)
        local = _local(function.node)
        constants = _constants(self.files[file])
        ignored = set(self.stored)
        for node in ast.walk(function.node):
            if node in ignored:
                continue
            if isinstance(node, ast.Compare) or _is_urc(node):
                ignored.update(ast.walk(node))
            elif isinstance(node, ast.Constant):
                self._command(function, node.value)
            elif isinstance(node, ast.Name) and node.id not in local:
                for value in constants.get(node.id, ()):
                    self._command(function, value)
                for target in self._named(file, node.id, imports):
                    self.callers[target].add(place)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                if node.attr == "NAME":
                    function.named = True
                for target in self._attribute(place, node, imports):
                    self.callers[target].add(place)

    def _command(self, function: _Function, value: object) -> None:
        if isinstance(value, bytes) and value.isascii():
            text = value.decode()
            if (_COMMAND.fullmatch(text) and not text.startswith("+UU")) or text[:5] == "+UUSB":
                function.commands.add(text.rstrip("?=").rstrip("0123456789"))

    def _imports(self, place: Place) -> Imports:
        """Name in a function: (file, name there), "" for a whole file."""
        found = {}
        file = place[0]
        package = file if file in self.packages else file.rpartition(".")[0]
        parts = package.split(".") if package else []
        for node in (*self.files[file].body, *ast.walk(self.functions[place].node)):
            if not isinstance(node, ast.ImportFrom) or not 0 < node.level <= len(parts) + 1:
                continue
            base = parts[: len(parts) + 1 - node.level]
            source = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                inner = f"{source}.{alias.name}".strip(".")
                whole = inner in self.files
                found[alias.asname or alias.name] = (inner, "") if whole else (source, alias.name)
        return found

    def _named(self, file: str, name: str, imports: Imports) -> Iterator[Place]:
        where, name = imports.get(name, (file, name))
        for target in ((where, name), *((where, f"{name}.{made}") for made in _MADE)):
            if target in self.functions:
                yield target

    def _attribute(self, place: Place, node: ast.Attribute, imports: Imports) -> list[Place]:
        value, name = node.value, node.attr
        receiver = _receiver(node)
        if isinstance(value, ast.Name) and imports.get(receiver, ("", "x"))[1] == "":
            target = imports[receiver][0], name
            return [target] if target in self.functions else []
        if receiver == "self" and self.functions[place].kind:
            return self.method(self.functions[place].kind, name, True)
        if receiver in _RECEIVERS:
            return self.method(_RECEIVERS[receiver], name, True)
        if receiver in _CHANNEL or name in _ORDINARY:
            return []
        found = {kind: places[name] for kind, places in self.methods.items() if name in places}
        own = [kind for kind in found if found[kind][0][0] == place[0]]
        if own:
            return found[own[0]]
        return next(iter(found.values())) if len(found) == 1 else []

    def method(self, kind: str, name: str, below: bool = False) -> list[Place]:
        """Where a method of a class is defined; `below`: and where sub-classes have their own."""
        found: list[Place] = []
        for base in (kind, *self.bases.get(kind, ())):
            if name in self.methods.get(base, {}):
                found += self.methods[base][name]
                break
        if below:
            for other, bases in self.bases.items():
                if kind in bases:
                    found += self.methods.get(other, {}).get(name, [])
        return found

    # ---- from commands to methods ---------------------------------------------------------------

    def _public(self) -> dict[Place, set[str]]:
        found: dict[Place, set[str]] = defaultdict(set)
        for kind, (path, names) in PUBLIC.items():
            for name in names.split():
                places = self.method(kind, name)
                if not places and self.whole:
                    raise CommandIndexError(
                        f"{kind} has no {name}: correct tools/dev/public_api.py"
                    )
                for place in places:
                    found[place].add(path + name)
        return found

    def rows(self) -> list[tuple[str, list[str], list[str]]]:
        """(command, methods with the nearest first, files), by command."""
        public = self._public()
        methods: dict[str, dict[str, int]] = defaultdict(dict)
        files: dict[str, set[str]] = defaultdict(set)
        for place, function in self.functions.items():
            commands = function.commands | (set(self.names.values()) if function.named else set())
            reached = self._reached(place, public) if commands else {}
            for command in commands:
                files[command].add(place[0])
                found = methods[command]
                for method, calls in reached.items():
                    # MQTT and MQTT-SN share functions, in which the commands are different ones.
                    if not method.startswith(_other(command)):
                        found[method] = min(calls, found.get(method, calls))
        rows = []
        for command in sorted(files):
            found = methods[command]
            nearest = sorted(found, key=lambda method, found=found: (found[method], method))
            rows.append((command, nearest, sorted(files[command])))
        return rows

    def _reached(self, start: Place, public: dict[Place, set[str]]) -> dict[str, int]:
        """The public functions that lead to one, and by how many calls: those of its own package
        if there are any."""
        package = start[0].partition(".")[0]
        near = _SHARED if package in _SHARED else (package,)
        return self._above(start, public, near) or self._above(start, public)

    def _above(
        self, start: Place, public: dict[Place, set[str]], packages: tuple[str, ...] = ()
    ) -> dict[str, int]:
        found: dict[str, int] = {}
        seen, level = {start}, {start}
        calls = 0
        while level:
            for place in level:
                for name in public.get(place, ()):
                    found.setdefault(name, calls)
            level = {
                caller
                for place in level
                # Every command waits for the channel, and so may repair the line first.
                if place not in public and place[0] not in ("at", "at.resync", "at.turns")
                for caller in self.callers[place] - seen
                if not packages or caller[0].partition(".")[0] in packages
            }
            seen |= level
            calls += 1
        return found

    def path(self, file: str) -> str:
        name = file.replace(".", "/")
        return f"{name}/__init__.py" if file in self.packages else f"{name}.py"


def _other(command: str) -> str:
    if command[:8] == "+UMQTTSN":
        return "modem.mqtt."
    return "modem.mqttsn." if command[:6] == "+UMQTT" else "-"


def _receiver(node: ast.AST) -> str:
    value = getattr(node, "value", None)
    return getattr(value, "attr", getattr(value, "id", ""))


def _local(function: ast.AST) -> set[str]:
    """Names that are arguments or variables of a function."""
    nodes = list(ast.walk(function))
    variables = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return variables | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _assigned(node: ast.AST) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _text(node: ast.AST, names: tuple[str, ...]) -> str:
    """The string that is assigned to one of the names."""
    if not isinstance(node, ast.Assign) or _assigned(node) not in names:
        return ""
    return str(getattr(node.value, "value", ""))


def _literals(node: ast.AST) -> list[Any]:
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]


def _constants(tree: ast.Module) -> dict[str, list[object]]:
    """Literals of the constants of a file."""
    found: dict[str, list[object]] = defaultdict(list)
    for node in tree.body:
        if _assigned(node):
            found[_assigned(node)] += _literals(node)
    return found


def _is_urc(node: ast.AST) -> bool:
    """A result code that is listened for, or the name of a command in an error."""
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return name == "on_urc" or (isinstance(node.func, ast.Name) and name[:1].isupper())


HEAD = """\
<!-- Generated from aio/ by tools/generate. Do not edit. -->
# From AT command to method

Each command the driver sends, the methods of a program that lead to it, the nearest first, and
the files of `lib/ublox_cellular/aio/` that contain it. The methods are found by reading the
sources (`tools/dev/command_index.py`): a method that reaches a command indirectly may be missing,
and a method that calls a listed one, as `recv()` calls `recv_into()`, is not repeated. What
`attach()` sends, `power_on()` and `reboot()` send, too. `modem.http.request()` is also `get()`,
`head()`, `delete()`, `put()` and `post()`. `modem.at()` sends any other command.

| command | what it does | methods | files |
| --- | --- | --- | --- |
"""


def expected(root: Path = ROOT) -> str:
    """The text of lib/COMMANDS.md."""
    index = Index(root)
    lines = []
    for command, methods, files in index.rows():
        if command not in TEXTS:
            raise CommandIndexError(f"{command} has no text: add it to {TEXTS_FILE}")
        shown = [f"`{method}()`" for method in methods[:_SHOWN]]
        cells = (
            f"`AT{command}`",
            TEXTS[command],
            ", ".join(shown) + (", …" if len(methods) > _SHOWN else "") or "–",
            ", ".join(
                f"[{index.path(file)}](ublox_cellular/aio/{index.path(file)})" for file in files
            ),
        )
        lines.append("| " + " | ".join(cells) + " |\n")
    unused = set(TEXTS) - {command for command, _, _ in index.rows()}
    if unused and index.whole:
        raise CommandIndexError(f"no longer sent: {sorted(unused)}: remove from {TEXTS_FILE}")
    return HEAD + "".join(lines)
