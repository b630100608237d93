"""The fault matrix over the FTP dialogues: every split, a URC at every line boundary, every byte
of the module's answers lost, doubled or damaged, and a restart at every byte.

A fault ends in the right answer or in an error; afterwards the channel works, and so does FTP. The
MD5 that the module reports finds what is wrong with a file; of a list a damaged byte is not found.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.fault_matrix import Matrix, boundaries, in_command_mode
from driver.support.ftp_model import FtpModel
from driver.support.serial_script import FLAVOURS, Bench

PATIENCE_MS = 3000
SETTLED_MS = 60_000
DOWN = b'\x00\r\nOK\r\n\xff"+\r\nDISC\r\n+CME ERROR: 3\r\n'
UP = b'\x00\r\n\xff"x'
NASTY = (0, 10, 13, 44, 48, 57, 255)


NAMES = ("login", "mkdir", "list", "link_get", "link_put", "get")
CASES = [(flavour, name) for flavour in FLAVOURS for name in NAMES]


class Ftp(Matrix):
    """A session is there, but for the log-in; all settings are known."""

    def __init__(self, flavour: str, name: str) -> None:
        super().__init__(flavour, "sara-r5", seed=name)
        self.name = name

    def model(self) -> FtpModel:
        return FtpModel()

    def prepare(self, bench: Bench) -> None:
        model, ftp = bench.partner, bench.modem.ftp
        model.remote = {"down": DOWN, "OK": b"x"}
        model.inside = ftp.connected = self.name != "login"
        ftp.doubted = False
        ftp.timeout_s = 10

    def act(self, bench: Bench, patience_ms: int) -> None:
        """Raises AssertionError for what is wrong, and whatever the driver raises."""
        model, ftp, call = bench.partner, bench.modem.ftp, bench.call
        if self.name == "login":
            call(ftp.connect, "192.0.2.7", user="u", password="p", timeout_ms=patience_ms)
            assert ftp.connected
        elif self.name == "mkdir":
            call(ftp.mkdir, "x", timeout_ms=patience_ms)
        elif self.name == "get":
            assert call(ftp.get, "down", "local", timeout_ms=patience_ms) == len(DOWN)
            assert model.files["local"] == DOWN
        elif self.name == "link_get":
            file = call(ftp.open, "down", size=len(DOWN), timeout_ms=patience_ms)
            try:
                found = call(file.read)
            finally:
                call(file.abort)
            assert found == DOWN, found
        elif self.name == "link_put":
            file = call(ftp.open, "up", "wb", timeout_ms=patience_ms)
            try:
                call(file.write, UP)
                call(file.close)
            finally:
                call(file.abort)
            assert model.remote["up"] == UP
        else:
            found = [(e.name, e.size) for e in self.entries(bench, patience_ms)]
            assert found[:2] == [("down", len(DOWN)), ("OK", 1)], found

    def entries(self, bench: Bench, patience_ms: int) -> list[Any]:
        ftp: Any = bench.modem.ftp

        async def all_of() -> list[Any]:
            async with await ftp.ilistdir(timeout_ms=patience_ms) as listing:
                return [entry async for entry in listing]

        if bench.flavour == "asyncio":
            return list(bench.call(all_of))
        with ftp.ilistdir(timeout_ms=patience_ms) as listing:
            return list(listing)

    def outcome(self, bench: Bench) -> str:
        try:
            self.act(bench, PATIENCE_MS)
        except OSError as error:
            assert str(error)
            return type(error).__name__
        return "right"

    def works_again(self, bench: Bench) -> None:
        in_command_mode(bench, SETTLED_MS)
        model, ftp = bench.partner, bench.modem.ftp
        assert model.link is None, "left in data mode"
        if (ftp.connected and not model.inside) or self.name == "login":
            bench.call(ftp.close)
        if not ftp.connected and self.name != "login":
            bench.call(ftp.connect, "192.0.2.7", user="u", password="p")
        self.act(bench, 120_000)
        assert model.inside
        assert ftp.op is None

    def urc_places(self, answer: bytes) -> list[int]:
        """Not in or before raw data."""
        if b"CONNECT\r\n" in answer:
            return [0] if answer.startswith(b"\r\nCONNECT") else []
        return [0, answer.rfind(b"\r\n+UUFTPC")] if b"UUFTPCR" in answer else boundaries(answer)

    def damages(self, byte: int, i: int) -> set[int]:
        return {byte ^ 1, NASTY[i % len(NASTY)]}

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """A damaged byte of a list; and one of a size on its way, or of a link's MD5, which is
        then not compared."""
        start, end = answer.find(b'"-rw'), answer.rfind(b'"')
        if b"+UUFTPCD" in answer and start < i < end:
            return what.startswith("damaged")
        return False


@pytest.mark.parametrize(("flavour", "name"), CASES)
def test_every_split_with_a_urc_at_every_boundary(flavour: str, name: str) -> None:
    Ftp(flavour, name).every_split()


@pytest.mark.parametrize(("flavour", "name"), CASES)
def test_every_byte_lost_doubled_or_damaged(flavour: str, name: str) -> None:
    Ftp(flavour, name).every_byte()


@pytest.mark.parametrize(("flavour", "name"), CASES)
def test_a_restart_at_every_byte(flavour: str, name: str) -> None:
    Ftp(flavour, name).every_restart(FtpModel.forget)
