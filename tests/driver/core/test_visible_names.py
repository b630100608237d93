"""The lists of functions for type checkers agree with the string indexes that find them at run
time, for every class that loads functions when they are first called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from dev.environment import ROOT

AIO = ROOT / "lib/ublox_cellular/aio"

# Class: its file, the index, the package that files without "/" are in.
CLASSES = {
    "Modem": ("modem.py", "_FUNCTIONS", ""),
    "SaraR5": ("sara_r5.py", "OWN", ""),
    "LexiR10": ("lexi_r10.py", "OWN", ""),
    "Network": ("network/__init__.py", "network/index.py:_FUNCTIONS", "network."),
    "Power": ("power/__init__.py", "_FUNCTIONS", "power."),
    "Files": ("files/__init__.py", "_FUNCTIONS", "files."),
    "Security": ("security/__init__.py", "_FUNCTIONS", "security."),
    "Context": ("security/ssl_context.py", "_FUNCTIONS", "security."),
    "Mqtt": ("mqtt/__init__.py", "_FUNCTIONS", "mqtt."),
    "MqttSn": ("mqttsn/__init__.py", "_FUNCTIONS", "mqttsn."),
    "Coap": ("coap/__init__.py", "_FUNCTIONS", "coap."),
    "SocketPool": ("sockets/__init__.py", "_FUNCTIONS", "sockets."),
    "Socket": ("sockets/socket.py", "_FUNCTIONS", "sockets."),
    "Response": ("http/response.py", "_FUNCTIONS", "http."),
}
VALUES = {"headers", "content", "text"}  # of a Response: no calls, so declared by hand


def index(place: str, name: str) -> Iterator[tuple[str, str]]:
    """(file, function) of an index."""
    if ":" in name:
        place, _, name = name.partition(":")
    for node in ast.walk(ast.parse((AIO / place).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            for line in ast.literal_eval(node.value).split("\n"):
                file, *names = line.split() or [""]
                yield from ((file, one) for one in names)


def checking(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            yield from node.body


def imports(body: list[ast.stmt], place: str) -> dict[str, str]:
    """Function: its file below aio/, or "/file" beside aio/, of what a class body imports."""
    package = place.split("/")[:-1]
    found = {}
    for node in body:
        if isinstance(node, ast.ImportFrom):
            up = node.level - 1
            parts = package[: len(package) - up] if up <= len(package) else ["/"]
            file = ".".join([*parts, node.module or ""]).replace("/.", "/")
            found |= {alias.asname or alias.name: file for alias in node.names}
    return {name: file for name, file in found.items() if not file.startswith("/core")}


def source(place: str) -> str:
    return (AIO / place).read_text(encoding="utf-8")


def declared(name: str) -> dict[str, str]:
    """What the class imports for type checkers, its module's variants of services included."""
    place = CLASSES[name][0]
    tree = ast.parse((AIO / place).read_text(encoding="utf-8")).body
    (own,) = [node for node in tree if isinstance(node, ast.ClassDef) and node.name == name]
    return imports(list(checking(own.body)), place)


def variant(place: str, name: str) -> dict[str, str]:
    """What the module's variant of a service imports, such as `_Power` of sara_r5.py."""
    for node in checking(ast.parse((AIO / place).read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return imports(node.body, place)
    return {}


def found_at(file: str, room: str) -> str:
    """The file as `lazily()` finds it."""
    if file[0] == "/":
        return file[1:] if room else file
    return room + file


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_declares_what_its_index_finds(name: str) -> None:
    place, where, room = CLASSES[name]
    expected = {
        function: found_at(file, room)
        for file, function in index(place, where)
        if file[0] != "*" and "." not in function and ":" not in file
    }
    if name == "MqttSn":  # what is MQTT's own is inherited
        inherited = declared("Mqtt")
        expected = {
            function: file
            for function, file in expected.items()
            if inherited.get(function) != "mqtt." + file
        }
    if name == "Response":
        expected = {
            function: file for function, file in expected.items() if function not in VALUES
        }
    assert declared(name) == expected


@pytest.mark.parametrize("place", ["sara_r5.py", "lexi_r10.py"])
def test_services_of_a_module_declare_what_only_it_has(place: str) -> None:
    suffix = "_" + place.removesuffix(".py")
    network = {
        function: f"network.{file[1:]}{suffix}"
        for file, function in index("network/index.py", "_FUNCTIONS")
        # PSD profiles are SARA-R5's: LEXI-R10's file has no function of that name.
        if file[0] == "*" and f"def {function}(" in source(f"network/{file[1:]}{suffix}.py")
    }
    power = {}
    for file, function in index(place, "OWN"):
        if function.startswith("net."):
            network[function[4:]] = file
        if function.startswith("pow."):
            power[function[4:]] = file
    http = {
        function: f"http.{file}{suffix}"
        for file, function in index("http/__init__.py", "_OWN")
        if (AIO / f"http/{file}{suffix}.py").exists()
    }
    assert variant(place, "_Network") == network
    assert variant(place, "_Power") == power
    assert variant(place, "_Http") == http


def test_services_are_declared_by_the_class_that_has_them() -> None:
    for place, name, where in (
        ("modem.py", "Modem", "_SERVICES"),
        ("sara_r5.py", "SaraR5", "OWN"),
    ):
        services = {function: file for file, function in index(place, where) if ":" in file}
        tree = ast.parse((AIO / place).read_text(encoding="utf-8")).body
        (own,) = [node for node in tree if isinstance(node, ast.ClassDef) and node.name == name]
        kinds = {
            node.target.id: ast.unparse(node.annotation)
            for node in checking(own.body)
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        assert {one: kinds.get(one) for one in services} == {
            one: file.partition(":")[2] for one, file in services.items()
        }
