"""Direct link of FTP: a file passes along the serial line (A5 9.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..sockets.direct_link import LINE_AHEAD_S, EscapeFilter

if TYPE_CHECKING:
    from ...module import Module

LINE_PIECE = 512


class FtpLink:
    """Data mode; `escaped` is set when the host has left it."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._from_host = bytearray()
        self._moved = asyncio.Event()
        self.escaped = asyncio.Event()
        self.entered = False
        self._filter = EscapeFilter(module, self._collect, self._end)

    def enter(self) -> None:
        """CONNECT."""
        self.entered = True
        self._module.interface.enter_data(self)

    def leave(self) -> None:
        """Back to commands."""
        self.close()
        if self.entered:
            self._module.interface.leave_data()

    def close(self) -> None:
        """The operation is over, or the module goes down."""
        self._filter.close()

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host."""
        self._filter.feed(data, start, end)

    def _end(self) -> None:
        self.escaped.set()
        self._moved.set()

    def _collect(self, data: bytes) -> None:
        self._from_host += data
        self._moved.set()

    async def read(self) -> bytes:
        """What the host has sent; b"" when it has left data mode."""
        while not self._from_host:
            if self.escaped.is_set():
                return b""
            self._moved.clear()
            await self._moved.wait()
        data = bytes(self._from_host)
        self._from_host.clear()
        return data

    async def write(self, data: bytes) -> None:
        """To the host, no faster than the line takes it; nothing more once it has left."""
        line, loop = self._module.line, self._module.loop
        for at in range(0, len(data), LINE_PIECE):
            ahead = line.out_end - loop.time()
            if ahead > LINE_AHEAD_S:
                await asyncio.sleep(ahead - LINE_AHEAD_S / 2)
            if self.escaped.is_set():
                return
            self._module.interface.send_data(data[at : at + LINE_PIECE])
