"""A whole node and an FTP server on its loop, for tests in virtual time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from driver.support.node import Node
from servers.ftp import SECRET, USER, FtpServer


def pattern(count: int, seed: int = 0) -> bytes:
    """Bytes of which none can be missing or be there twice unseen, and all values occur."""
    found = bytearray()
    block = seed
    while len(found) < count:
        found += hashlib.sha256(b"%d" % block).digest()
        block += 1
    return bytes(found[:count])


class Place:
    """A node that is up, with `server`."""

    def __init__(self, flavour: str, server: dict[str, Any] | None = None, **options: Any) -> None:
        self.node = Node("sara-r5", flavour, strict=True, **options)
        self.server = FtpServer(self.node.loop, **(server or {}))
        self.modem = self.node.up()
        self.ftp = self.modem.ftp
        self.call = self.node.call
        self.unruly = False

    @property
    def folder(self) -> Path:
        return self.server.folder

    def keep(self, name: str, count: int, seed: int = 0) -> bytes:
        """A file of the server."""
        data = pattern(count, seed)
        (self.folder / name).write_bytes(data)
        return data

    def login(self, **options: Any) -> Any:
        options = {"user": USER, "password": SECRET} | options
        self.call(self.ftp.connect, "127.0.0.1", self.server.port, **options)
        return self.ftp

    def fetch(self, name: str, piece: int = 512, **options: Any) -> bytes:
        """A file by the link."""
        file = self.call(self.ftp.open, name, **options)
        found = bytearray()
        buf = bytearray(piece)
        while n := self.call(file.readinto, buf):
            found += buf[:n]
        self.call(file.close)
        return bytes(found)

    def store(self, name: str, data: bytes, piece: int = 1000, **options: Any) -> None:
        """A file by the link."""
        file = self.call(self.ftp.open, name, "wb", **options)
        for at in range(0, len(data), piece):
            self.call(file.write, data[at : at + piece])
        self.call(file.close)

    def entries(self, *arguments: Any, **options: Any) -> list[Any]:
        """A list, entry by entry."""

        async def all_of() -> list[Any]:
            return [entry async for entry in await self.ftp.ilistdir(*arguments, **options)]

        if self.node.flavour == "asyncio":
            return list(self.call(all_of))
        return list(self.ftp.ilistdir(*arguments, **options))

    def close(self) -> None:
        self.server.close()
        self.node.close()
