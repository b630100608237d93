"""The library fits the file systems that stock firmware makes: images of littlefs are filled with
each installation that boards/README.md documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dev import bytecode
from dev.environment import ROOT
from dev.footprint import FAMILIES, FLAVOURS, installation
from littlefs import LittleFS

BLOCK = 4096
KIB = 1024
BOARDS = {"Pico": 1408 * KIB, "Pico W": 848 * KIB}
# The goals are 360 and 760 KiB (DESIGN, Memory); what has been reached must not grow unnoticed.
MOST = {".mpy": 660 * KIB, ".py": 1400 * KIB}
DOCUMENT = (ROOT / "boards/README.md").read_text(encoding="utf-8")

Files = dict[str, bytes]


def contents(flavour: str, family: str, form: str) -> Files:
    """Path on the board: content."""
    sources = installation(flavour, family)
    pairs = [(path, path) for path in sources]
    if form == ".mpy":
        pairs = bytecode.compile_all(sources, level=3)
    place = bytecode.LIB
    return {
        str(Path("lib", source.relative_to(place)).with_suffix(form)): code.read_bytes()
        for source, code in pairs
    }


def used_blocks(files: Files, size: int) -> int:
    """Bytes that the files take of an image of that size; `LittleFSError` if it is too small."""
    image = LittleFS(block_size=BLOCK, block_count=size // BLOCK)
    for path, data in files.items():
        image.makedirs(str(Path(path).parent), exist_ok=True)
        with image.open(path, "wb") as file:
            file.write(data)
    assert all(image.stat(path).size == len(data) for path, data in files.items())
    return image.used_block_count * BLOCK


@pytest.mark.parametrize("form", MOST)
@pytest.mark.parametrize("family", FAMILIES.values())
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_installation_fits_the_boards_it_is_documented_for(
    flavour: str, family: str, form: str
) -> None:
    files = contents(flavour, family, form)
    used = used_blocks(files, BOARDS["Pico"])
    whole = sum(map(len, files.values()))
    print(f"\n{family}, {flavour}, {form}: {len(files)} files, {whole / KIB:.0f} KiB, "
          f"{used / KIB:.0f} KiB of flash")  # fmt: skip
    assert used <= MOST[form]
    if form == ".mpy":
        assert used_blocks(files, BOARDS["Pico W"]) == used


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_document_has_the_figures(flavour: str, family: str) -> None:
    found = []
    for form in (".mpy", ".py"):
        files = contents(flavour, FAMILIES[family], form)
        found += [sum(map(len, files.values())) / KIB, used_blocks(files, BOARDS["Pico"]) / KIB]
    name = family.upper() + ", " + {"aio": "asyncio"}.get(flavour, flavour)
    (row,) = re.findall(rf"^\| {name} \|(.*)\|$", DOCUMENT, re.MULTILINE)
    count, *written = [int(cell.strip().removesuffix(" KiB")) for cell in row.split("|")]
    assert count == pytest.approx(len(files), rel=0.03)
    assert written == pytest.approx(found, rel=0.03)
