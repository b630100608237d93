"""Each public function names its errors and its source, in its docstring or that of its file.

Public are the functions of the string indexes and the methods of the services' classes. A source
is a section of the seeds or manuals ("A5 6.8", "A10 5.3", "at-commands 7", "3GPP TS 24.008").
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from dev.environment import ROOT

AIO = ROOT / "lib/ublox_cellular/aio"

SOURCE = re.compile(r"\b(A5|A10) \d|\b[Aa]t-commands,? \d|3GPP TS|\b[Ff]ield-notes \d")
ERRORS = re.compile(r"\b[Rr]aise|\w+Error\b|`(NotSupported|Garbled|ModuleReset|ModuleLost|InUse)`")

# What is in an index because the driver itself loads it when needed.
INTERNAL = {
    "settings", "activation", "stands", "watch", "authenticate", "forget_user", "choose_context",
    "release_data", "store_settings",
    "sleep_traits", "tell_saving", "settle", "adopt", "doubt", "trouble", "works", "technologies",
    "context_limits", "allow_bands", "refused", "configure", "borrow",
}  # fmt: skip

# Packages whose docstrings are not there yet: this list only gets shorter.
LATER = ("files", "http", "mqtt", "mqttsn", "sockets")

INDEXES = (
    ("modem.py", "_FUNCTIONS", ""),
    ("sara_r5.py", "OWN", ""),
    ("lexi_r10.py", "OWN", ""),
    ("network/index.py", "_FUNCTIONS", "network."),
    ("power/__init__.py", "_FUNCTIONS", "power."),
    ("files/__init__.py", "_FUNCTIONS", "files."),
    ("security/__init__.py", "_FUNCTIONS", "security."),
    ("security/ssl_context.py", "_FUNCTIONS", "security."),
    ("ftp/__init__.py", "_FUNCTIONS", "ftp."),
    ("http/response.py", "_FUNCTIONS", "http."),
    ("mqtt/__init__.py", "_FUNCTIONS", "mqtt."),
    ("mqttsn/__init__.py", "_FUNCTIONS", "mqttsn."),
    ("coap/__init__.py", "_FUNCTIONS", "coap."),
    ("sockets/__init__.py", "_FUNCTIONS", "sockets."),
    ("sockets/socket.py", "_FUNCTIONS", "sockets."),
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def indexed(place: str, name: str, room: str) -> Iterator[tuple[str, str]]:
    """(file below aio/, function) of an index, for both modules."""
    for node in ast.walk(ast.parse((AIO / place).read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name):
            continue
        for line in ast.literal_eval(node.value).split("\n"):
            file, *names = line.split() or [""]
            if not file or ":" in file or (file[0] == "/" and not room):
                continue  # a class, or outside the flavours
            whole = file[1:] if file[0] == "/" else room + file.removeprefix("*")
            if file[0] == "/" and room == "mqttsn.":
                whole = "mqtt." + whole
            ends = ("_sara_r5", "_lexi_r10") if file[0] == "*" else ("",)
            for end in ends:
                for one in names:
                    yield whole.replace(".", "/") + end, one.rpartition(".")[2]


def functions() -> Iterator[tuple[str, str, str]]:
    """(file, function, its docstring and that of its file) of all that is public."""
    for place, name, room in INDEXES:
        for file, function in indexed(place, name, room):
            path = AIO / f"{file}.py"
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in tree.body:
                internal = function in INTERNAL and not file.startswith("mqtt")
                if isinstance(node, FUNCTION) and node.name == function and not internal:
                    yield file, function, text_of(tree, node)


def text_of(tree: ast.Module, *nodes: ast.AST) -> str:
    texts = [ast.get_docstring(one) or "" for one in (tree, *nodes)]  # pyright: ignore
    return "\n".join(texts)


def methods() -> Iterator[tuple[str, str, str]]:
    """The coroutines of the services' classes: those are what sends commands."""
    paths = [*AIO.glob("*/__init__.py"), AIO / "security/ssl.py"]
    for path in sorted(path for path in paths if path.parent.name != "at"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for kind in tree.body:
            for node in kind.body if isinstance(kind, ast.ClassDef) else ():
                if isinstance(node, ast.AsyncFunctionDef) and node.name[0] != "_":
                    yield f"{path.parent.name}/{path.stem}", node.name, text_of(tree, kind, node)


def later(file: str) -> bool:
    return file.partition("/")[0] in LATER


ALL = sorted(set(functions()) | set(methods()))
NOW = [one for one in ALL if not later(one[0])]


def test_public_functions_name_their_errors() -> None:
    silent = [f"{file}: {name}" for file, name, text in NOW if not ERRORS.search(text)]
    assert silent == []


def test_public_functions_name_their_source() -> None:
    assert [f"{file}: {name}" for file, name, text in NOW if not SOURCE.search(text)] == []


@pytest.mark.parametrize("part", LATER)
def test_the_list_of_exceptions_only_has_what_needs_one(part: str) -> None:
    texts = [text for file, _, text in ALL if file == part or file.startswith(part + "/")]
    assert any(not ERRORS.search(text) or not SOURCE.search(text) for text in texts)
