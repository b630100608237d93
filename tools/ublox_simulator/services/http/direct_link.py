"""Direct link of LEXI-R10's HTTP (A10 7.1, 7.3): the serial line in place of files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..sockets.direct_link import LINE_AHEAD_S, EscapeFilter
from .errors import CONNECTION_LOST, PROTOCOL, SEND_TIMEOUT, HttpFailure

if TYPE_CHECKING:
    from ...module import Module
    from .operation import Operation

LINE_PIECE = 512


class HttpLink:
    """Both ends of an operation on the line: the host's bytes are the body, the answer is sent to
    it no faster than the line transmits it, so that the server waits for a slow host."""

    def __init__(self, module: Module, operation: Operation) -> None:
        self._module = module
        self._operation = operation
        self._patience_s = operation.patience_s
        self._from_host = bytearray()
        self._moved = asyncio.Event()
        self._missing = operation.order.length
        self.entered = False
        self._filter = EscapeFilter(module, self._collect, self._escaped)

    # -- data mode -------------------------------------------------------------------------

    async def enter(self) -> None:
        """CONNECT."""
        if not self.entered:
            self.entered = True
            self._module.interface.enter_data(self)
            self._module.referee.prompt_sent(self._module.line.out_end)

    def close(self) -> None:
        """The operation has ended, or the module switches off."""
        self._filter.close()

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host; CONNECT is its prompt to send the body."""
        if self._missing == self.length > 0:
            self._module.referee.payload_begins(start)
        self._filter.feed(data, start, end)

    def _escaped(self) -> None:
        """+++: the host has cancelled."""
        self._operation.interrupt(HttpFailure(PROTOCOL, CONNECTION_LOST))

    def _collect(self, data: bytes) -> None:
        """No more than was announced is kept; on a real line flow control stops the host while
        the network takes nothing, here it waits in memory."""
        taken = data[: self._missing]
        self._missing -= len(taken)
        self._from_host += taken
        self._moved.set()
        if len(data) > len(taken):
            self._module.referee.report(f"{len(data) - len(taken)} bytes nobody asked for")

    # -- ends of the operation -------------------------------------------------------------

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self._operation.order.length

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as the host sends it; it is waited for as long as for a server."""
        sent = 0
        while sent < self.length:
            if not self._from_host:
                self._moved.clear()
                try:
                    await asyncio.wait_for(self._moved.wait(), self._patience_s)
                except TimeoutError:
                    raise HttpFailure(PROTOCOL, SEND_TIMEOUT) from None
            piece = bytes(self._from_host)
            self._from_host.clear()
            sent += len(piece)
            yield piece

    async def take(self, data: bytes) -> None:
        """Send part of the answer to the host."""
        line, loop = self._module.line, self._module.loop
        for at in range(0, len(data), LINE_PIECE):
            ahead = line.out_end - loop.time()
            if ahead > LINE_AHEAD_S:
                await asyncio.sleep(ahead - LINE_AHEAD_S / 2)
            self._module.interface.send_data(data[at : at + LINE_PIECE])
