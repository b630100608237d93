"""Socket direct link, +USODL, and the escape from data mode (at-commands 3.1, 1.3; A5 9.1.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.tcp_endpoint import ENOTCONN, ESTABLISHED, Endpoint, TcpEndpoint, UdpEndpoint

if TYPE_CHECKING:
    from ...module import Module
    from .sockets import Sockets

LINE_AHEAD_S = 0.02
"""How far output may run ahead of the wire before the link waits for it."""

HELD_LIMIT = 65536
RETRY_S = 0.02

LINK_DEFAULTS = {2: 1024, 3: 1000, 5: 500, 6: 1024, 7: -1, 8: 60000}
LINK_RANGES = {
    2: (100, 1472),
    3: (100, 120000),
    5: (0, 120000),
    6: (0, 3472),
    7: (-1, 255),
    8: (0, 720000),
}
"""+UDCONF op-codes 2-8 (at-commands 2.4)."""


class EscapeFilter:
    """Finds the escape sequence: three characters alone between two guard times (S2, S12)."""

    def __init__(
        self, module: Module, pass_on: Callable[[bytes], None], escaped: Callable[[], None]
    ) -> None:
        self._module = module
        self._pass_on = pass_on
        self._escaped = escaped
        self._last = module.loop.time()
        self._held = b""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def guard_s(self) -> float:
        """The guard time."""
        return self._module.settings.guard / 50

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host; calls `pass_on` or, later, `escaped`."""
        quiet = start - self._last > self.guard_s - 1e-6
        self._last = end
        char = self._module.settings.escape_char
        alone = data == bytes((char,)) * len(data)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if alone and len(self._held) + len(data) <= 3 and (self._held or quiet):
            self._held += data
            self._timer = self._module.loop.call_later(self.guard_s, self._guard_over)
            return
        held, self._held = self._held, b""
        self._pass_on(held + data)

    def _guard_over(self) -> None:
        self._timer = None
        held, self._held = self._held, b""
        if len(held) == 3:
            self._escaped()
        else:
            self._pass_on(held)

    def close(self) -> None:
        """Stop the guard timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Link:
    """A socket joined with the serial line."""

    def __init__(self, sockets: Sockets, endpoint: Endpoint) -> None:
        self._sockets = sockets
        self._module = sockets.module
        self.endpoint = endpoint
        self.done: asyncio.Future[str] = self._module.loop.create_future()
        self._held = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._trigger: asyncio.TimerHandle | None = None
        self._filter = EscapeFilter(self._module, self._from_host, lambda: self.end("escape"))

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host."""
        self._filter.feed(data, start, end)

    def end(self, why: str) -> None:
        """Leave data mode."""
        self._send_held()
        self._filter.close()
        for timer in (self._timer, self._trigger):
            if timer is not None:
                timer.cancel()
        if not self.done.done():
            self.done.set_result(why)

    def _from_host(self, data: bytes) -> None:
        if len(self._held) + len(data) <= HELD_LIMIT:
            self._held += data
        size = self._sockets.link_setting(2, self.endpoint.id)
        if isinstance(self.endpoint, UdpEndpoint):
            while len(self._held) >= size:
                self._send_held(size)
            if self._trigger is not None:
                self._trigger.cancel()
            delay = self._sockets.link_setting(5, self.endpoint.id) / 1000
            self._trigger = self._module.loop.call_later(delay, self._send_held)
        else:
            self._send_held()

    def _send_held(self, most: int | None = None) -> None:
        if not self._held:
            return
        if isinstance(self.endpoint, UdpEndpoint):
            data = bytes(self._held[:most])
            del self._held[: len(data)]
            if self.endpoint.remote is not None:
                self.endpoint.send(data, *self.endpoint.remote)
            return
        assert isinstance(self.endpoint, TcpEndpoint)
        full = self._module.faults.is_full(self.endpoint.id)
        room = 0 if full else self.endpoint.room()
        data = bytes(self._held[:room])
        del self._held[:room]
        if data and not self.endpoint.eof:
            self.endpoint.write(data)
        if self._held and not self.done.done():
            # Flow control of a real line would stop the host here.
            self._trigger = self._module.loop.call_later(RETRY_S, self._send_held)

    def pump(self) -> None:
        """Hand received bytes to the line, no faster than it takes them."""
        if self._timer is not None or self.done.done():
            return
        line, loop = self._module.line, self._module.loop
        while self.endpoint.unread:
            ahead = line.out_end - loop.time()
            if ahead > LINE_AHEAD_S:
                self._timer = loop.call_later(ahead - LINE_AHEAD_S / 2, self._pump_again)
                return
            if isinstance(self.endpoint, UdpEndpoint):
                data, _ = self.endpoint.read(65535)
            else:
                assert isinstance(self.endpoint, TcpEndpoint)
                data = self.endpoint.read(512)
            self._module.interface.send_data(data)
        if self.endpoint.eof:
            self.end("closed")

    def _pump_again(self) -> None:
        self._timer = None
        self.pump()


class DirectLinkCommands(Service):
    """+USODL and the hooks through which a link receives a socket's data."""

    _link: Link | None = None

    def reset_direct_link(self) -> None:
        """No link and default triggers after a boot."""
        self._link = None
        self._settings: dict[tuple[int, int], int] = {}

    def link_setting(self, op: int, ident: int) -> int:
        """A +UDCONF trigger of a socket."""
        return self._settings.get((op, ident), LINK_DEFAULTS[op])

    def direct_link_setting(self, op: int, cmd: Command) -> Reply:
        """+UDCONF op 2-8."""
        ident = cmd.number(1, 0, self.module.spec.sockets - 1)
        if len(cmd) == 2:
            return f"+UDCONF: {op},{ident},{self.link_setting(op, ident)}"
        self._settings[op, ident] = cmd.number(2, *LINK_RANGES[op])
        return None

    def link_takes(self, endpoint: Endpoint) -> bool:
        """Whether a link receives this socket's data, which is passed on."""
        if self._link is None or self._link.endpoint is not endpoint:
            return False
        self._link.pump()
        return True

    def link_ended(self, endpoint: Endpoint) -> bool:
        """The socket of a link ended; True when the link handles it."""
        if self._link is None or self._link.endpoint is not endpoint:
            return False
        if endpoint.unread:
            self._link.pump()
        else:
            self._link.end("closed")
        return True

    @command("+USODL", alone=True)
    async def direct_link(self, cmd: Command) -> Reply:
        """Transparent mode on a connected socket until +++ or its end; the socket stays open."""
        sockets = self.module.sockets
        if cmd.form is Form.TEST:
            return f"+USODL: (0-{self.module.spec.sockets - 1})"
        endpoint = sockets.find(cmd)
        connected = endpoint.remote is not None and (
            isinstance(endpoint, UdpEndpoint) or endpoint.state == ESTABLISHED
        )
        if not connected:
            raise sockets.fail(ENOTCONN, endpoint)
        link = self._link = Link(sockets, endpoint)
        self.module.interface.enter_data(link)
        try:
            link.pump()
            await link.done
        finally:
            self._link = None
        self.module.interface.leave_data()
        endpoint.waiting = False
        if endpoint.unread or endpoint.eof:
            sockets.after_read(endpoint)
        if "usodl-no-disconnect" in self.module.options.variants:
            return None
        return "DISCONNECT"
