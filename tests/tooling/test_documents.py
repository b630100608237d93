"""The documents: README's length, links that lead somewhere, and the names they give."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from dev import checks, environment
from dev.environment import ROOT

LISTED = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
)
DOCUMENTS = sorted(
    path
    for path in {*(ROOT / name for name in LISTED.stdout.split()), *ROOT.glob("*.md")}
    if path.exists()
)
FOLDERS = ("lib", "boards", "tools", "tests", ".github", "core", "aio", "apps", "behaviours")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 160


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text())
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_files_that_are_named_exist(path: Path) -> None:
    """Paths in backticks, from the root, from the document's folder or from the package."""
    roots = (ROOT, path.parent, ROOT / "lib", ROOT / "lib" / "ublox_cellular", ROOT / "tests")
    missing = [
        name
        for name in re.findall(r"`([\w./]+/[\w./]+)(?: [^`]*)?`", path.read_text())
        if name.split("/")[0] in FOLDERS and not any((root / name).exists() for root in roots)
    ]
    assert missing == []


@pytest.mark.parametrize("folder", ["lib", "boards", "tools", "tests"])
def test_readme_links_to_the_document_of_each_folder(folder: str) -> None:
    assert f"]({folder}/README.md)" in (ROOT / "README.md").read_text()


def test_variables_of_the_environment_are_documented() -> None:
    """What makes matrices run whole is in tests/README.md."""
    found = set()
    for path in (ROOT / "tests").rglob("*.py"):
        found |= set(re.findall(r'os\.environ\.get\("([A-Z_]+)"', path.read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "tests" / "README.md").read_text()))
    assert found - documented - {"PYTEST_XDIST_WORKER"} == set()


def test_commands_and_steps_that_are_named_exist() -> None:
    steps = {step.name for step in checks.steps()}
    for path in DOCUMENTS:
        text = path.read_text()
        for command in re.findall(r"`tools/(\w+)[ `]", text):
            assert (ROOT / "tools" / command).exists(), f"{path}: tools/{command}"
        assert set(re.findall(r"--only ([a-z]\w*)", text)) <= steps | {"day", "tour"}, path


def test_the_workflow_runs_what_ci_runs() -> None:
    assert "- run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert environment.OLDEST == (3, 11)  # as README and the workflow have it
