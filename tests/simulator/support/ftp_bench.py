"""A serial host with the simulated module and an FTP server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from servers.ftp import SECRET, USER, FtpServer
from simulator.support.serial_host import Bench

SERVER = "195.34.89.241"
NAME = "ftp.u-blox.com"
GUARD_MS = 1100


class FtpBench(Bench):
    """`server` is reached as NAME; `login` logs in there."""

    def __init__(self, *, server: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__("sara-r5", online=True, strict=True, **options)
        self.server = FtpServer(self.loop, **(server or {}))
        self.module.addresses.hosts[NAME] = SERVER
        for address in (SERVER, "123.213.132.231"):
            self.module.addresses.add_route(f"{address}:21", f"127.0.0.1:{self.server.port}")

    @property
    def folder(self) -> Path:
        """What the server has."""
        return self.server.folder

    def settings(self, passive: int = 1) -> None:
        """All that a log-in needs."""
        for line in (f'1,"{NAME}"', f'2,"{USER}"', f'3,"{SECRET}"', f"6,{passive}"):
            self.ok("AT+UFTP=" + line)

    def login(self, passive: int = 1) -> None:
        """Logged in."""
        self.settings(passive)
        assert self.run("1") == "+UUFTPCR: 1,1"

    def run(self, parameters: str, ms: float = 200_000) -> str:
        """An operation that is not by link; its result."""
        self.ok("AT+UFTPC=" + parameters)
        return self.expect_urc(ms)

    def counted(self, parameters: str) -> tuple[bytes, str]:
        """A list, taken by its counts, and the result."""
        self.raw.clear()
        self.ok("AT+UFTPC=" + parameters)
        while b"\r\n+UUFTPCR: " not in self.raw:
            self.pass_ms(10)
        self.pass_ms(200)
        text = bytes(self.raw).partition(b"OK\r\n")[2]
        self.lines.clear()
        found = b""
        while text.startswith(b"\r\n+UUFTPCD: "):
            head, _, rest = text.partition(b'"')
            count = int(head.split(b",")[1])
            found += rest[:count]
            text = rest[count:]
            assert text.startswith(b'"\r\n')
            text = text[3:]
        return found, text.decode().strip()

    def link(self, parameters: str) -> None:
        """CONNECT."""
        self.raw.clear()
        self.send("AT+UFTPC=" + parameters)
        assert self.expect_urc(60_000) == "CONNECT"

    def passed(self, ms: float) -> bytes:
        """What has come by the link after this time."""
        self.pass_ms(ms)
        self.lines.clear()
        self._buffer.clear()
        return bytes(self.raw).partition(b"\r\nCONNECT\r\n")[2]

    def escape(self) -> list[str]:
        """Out of the link; what the module says."""
        self.pass_ms(GUARD_MS)
        self.uart.write(b"+++")
        self.pass_ms(GUARD_MS + 500)
        return self.take()

    def error(self, text: str = "AT+UFTPER") -> str:
        """Class and code."""
        return self.ok(text)[0]

    def close(self) -> None:
        self.server.close()
        super().close()
