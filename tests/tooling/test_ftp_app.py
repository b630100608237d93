"""The program of boards/apps that fetches a firmware file by FTP, over a line that is cut."""

from __future__ import annotations

import hashlib
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dev.environment import ROOT
from driver.support.ftp_server import Place, pattern
from servers.ftp import SECRET, USER

FILE = "firmware.bin"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The program, as it is."""
    machine: Any = types.ModuleType("machine")
    machine.UART = machine.Pin = object
    monkeypatch.setitem(sys.modules, "machine", machine)
    monkeypatch.syspath_prepend(str(ROOT / "boards" / "apps"))
    import ftp_update

    yield ftp_update
    sys.modules.pop("ftp_update")


@pytest.mark.parametrize("cuts", [(), (15_000, 9000, None)])
def test_the_file_arrives_whole(app: Any, cuts: tuple[int | None, ...], tmp_path: Path) -> None:
    place = Place("blocking")
    data = pattern(40_000)
    (place.folder / FILE).write_bytes(data)
    digits = hashlib.sha256(data).hexdigest()
    (place.folder / (FILE + ".sha256")).write_text(f"{digits}  {FILE}\n")
    before = app.wanted
    left = list(cuts)

    def wanted(ftp: Any, name: str) -> Any:
        place.server.cut_after = None
        found = before(ftp, name)
        place.server.cut_after = left.pop(0) if left else None
        return found

    app.wanted = wanted
    target = tmp_path / "firmware"
    try:
        good = app.update(
            place.modem, FILE, str(target), "127.0.0.1", place.server.port, USER, SECRET
        )
        assert good
        assert target.read_bytes() == data
        assert not (tmp_path / "firmware.part").exists()
        assert not place.ftp.connected
        assert left == []
    finally:
        place.close()


def test_a_file_with_another_checksum_gets_no_name(app: Any, tmp_path: Path) -> None:
    place = Place("blocking")
    (place.folder / FILE).write_bytes(b"x" * 500)
    (place.folder / (FILE + ".sha256")).write_text("0" * 64)
    try:
        port = place.server.port
        target = tmp_path / "firmware"
        assert not app.update(place.modem, FILE, str(target), "127.0.0.1", port, USER, SECRET)
        assert list(tmp_path.iterdir()) == []
    finally:
        place.close()
