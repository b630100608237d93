"""PPP data calls: ATD*99#, ATO, ATH and the link control protocol (at-commands 12.1, A5 4, A10 4).

The module opens LCP and answers it; IP packets are not transmitted and not answered.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, CommandError, RawFinal
from ...line.frames import PppReader, ppp_frame
from ...line.parser import Command
from ...service import Reply, Service, command
from ..sockets.direct_link import EscapeFilter

if TYPE_CHECKING:
    from ...module import Module

DIAL = re.compile(r"[TP]?\*99(?:\*\*\*(\d{1,2}))?#", re.IGNORECASE)
LCP = 0xC021
CONFIGURE_REQUEST, CONFIGURE_ACK = 1, 2
TERMINATE_REQUEST, TERMINATE_ACK = 5, 6
ECHO_REQUEST, ECHO_REPLY = 9, 10
OPTIONS = bytes.fromhex("0206000000000506 5a17c0de 0702 0802")
"""Async control character map, magic number, both header compressions."""

REQUESTS, REQUEST_INTERVAL_S = 10, 3.0


class PppCall:
    """One call: alive until it is hung up, whether the line is in data mode or not."""

    def __init__(self, module: Module, cid: int) -> None:
        self._module = module
        self.cid = cid
        self.left: asyncio.Future[str] | None = None
        self._reader = PppReader()
        self._filter: EscapeFilter | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._requests = 0
        self._acknowledged = False

    def enter(self) -> asyncio.Future[str]:
        """Data mode begins; the future has the reason of its end: escape, dtr or terminated."""
        self.left = self._module.loop.create_future()
        self._filter = EscapeFilter(self._module, self._from_host, lambda: self.leave("escape"))
        if not self._acknowledged:
            self._request()
        return self.left

    def leave(self, why: str) -> None:
        """Data mode ends."""
        if self._filter is not None:
            self._filter.close()
            self._filter = None
        self._stop_requests()
        if self.left is not None and not self.left.done():
            self.left.set_result(why)

    def _stop_requests(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- link control protocol -------------------------------------------------------------

    def _request(self) -> None:
        """Send a few requests for the link, not for ever if the host does not answer."""
        self._timer = None
        if self._requests >= REQUESTS:
            return
        self._requests += 1
        self._send(CONFIGURE_REQUEST, self._requests, OPTIONS)
        self._timer = self._module.loop.call_later(REQUEST_INTERVAL_S, self._request)

    def _send(self, code: int, ident: int, data: bytes) -> None:
        packet = bytes((code, ident)) + (len(data) + 4).to_bytes(2, "big") + data
        self._module.interface.send_data(ppp_frame(LCP, packet))

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host."""
        if self._filter is not None:
            self._filter.feed(data, start, end)

    def _from_host(self, data: bytes) -> None:
        for protocol, packet in self._reader.feed(data):
            if protocol == LCP and len(packet) >= 4:
                self._control(packet[0], packet[1], packet[4:])

    def _control(self, code: int, ident: int, data: bytes) -> None:
        if code == CONFIGURE_REQUEST:
            self._send(CONFIGURE_ACK, ident, data)
        elif code == CONFIGURE_ACK:
            self._acknowledged = True
            self._stop_requests()
        elif code == ECHO_REQUEST:
            self._send(ECHO_REPLY, ident, data)
        elif code == TERMINATE_REQUEST:
            self._send(TERMINATE_ACK, ident, b"")
            self.leave("terminated")


class Calls(Service):
    """The one data call."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._call: PppCall | None = None

    @property
    def active(self) -> bool:
        """Whether a call exists."""
        return self._call is not None

    @property
    def in_data(self) -> bool:
        """Whether the line is in the call's data mode."""
        call = self._call
        return call is not None and call.left is not None and not call.left.done()

    def reset(self) -> None:
        """No call survives a boot."""
        self.close()

    def close(self) -> None:
        """Drop the call without a report."""
        call, self._call = self._call, None
        if call is not None:
            call.leave("dropped")

    def dtr_dropped(self) -> None:
        """DTR on -> off: command mode or hang-up, as set by &D; not through the multiplexer."""
        if self.module.mux is None:
            self.logical_dtr_dropped()

    def logical_dtr_dropped(self) -> None:
        """The same from a modem status command of the multiplexer."""
        how = self.module.settings.dtr
        if self.in_data and how:
            assert self._call is not None
            self._call.leave("escape" if how == 1 else "terminated")

    def context_lost(self, cid: int, told: bool = True) -> None:
        """The network has deactivated the context of the call."""
        if self._call is not None and self._call.cid == cid:
            if self.in_data:
                self._call.leave("terminated")
            else:
                self.close()
                if told:
                    self.module.urc("NO CARRIER")

    # -- commands --------------------------------------------------------------------------

    @command("D", takes_ms=200)
    async def dial(self, cmd: Command) -> Reply:
        """CONNECT, then PPP until something ends it."""
        match = DIAL.fullmatch(cmd.params[0].text.rstrip(";"))
        if match is None:
            raise CommandError(BAD_PARAMETERS)
        cid = int(match[1] or 1)
        if self.active or not self._context_up(cid):
            raise RawFinal("NO CARRIER")
        self._call = PppCall(self.module, cid)
        self.module.network.touch()
        return await self._data_mode()

    def _context_up(self, cid: int) -> bool:
        """SARA-R5 requires it active (A5 4.1), except one for PPP only; LEXI-R10 activates it."""
        network = self.module.network
        if not network.registered or cid not in network.contexts:
            return False
        if not network.context_active(cid):
            if self.module.spec.psd_profiles and cid == 1:
                return False
            network.activate(cid)
        return True

    @command("O")
    async def resume(self, cmd: Command) -> Reply:
        """Back to the data mode of the call."""
        cmd.number(0, 0, 1, 0)
        if self._call is None:
            raise RawFinal("NO CARRIER")
        return await self._data_mode()

    @command("H")
    def hang_up(self, cmd: Command) -> Reply:
        """End the call; without one there is nothing to do, which is no error ([M4])."""
        cmd.number(0, 0, 0, 0)
        self.close()
        return None

    async def _data_mode(self) -> Reply:
        call, interface = self._call, self.module.interface
        assert call is not None
        interface.enter_data(call)
        self.module.sleeper.review()
        why = await call.enter()
        interface.leave_data()
        if why == "escape":
            return None
        self.close()
        raise RawFinal("NO CARRIER")
