"""+USOSEC: TLS on TCP sockets, on LEXI-R10 DTLS on UDP sockets too (A5 5.10, A10 5.11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Entry, Reply, Service, command
from ...world.tcp_endpoint import INACTIVE, TCP
from ..security.profiles import PROFILES

if TYPE_CHECKING:
    from ...module import Module
    from .sockets import Sockets

EISCONN = 106


class SecureSockets(Service):
    """The command, and LEXI-R10's pause of all socket commands while a handshake runs."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._no_handshake = asyncio.Event()
        self._no_handshake.set()

    @property
    def _table(self) -> Sockets:
        return self.module.sockets

    @command("+USOSEC")
    def secure(self, cmd: Command) -> Reply:
        """Switch on before connecting, with a profile or the defaults; or read the state."""
        if cmd.form is Form.TEST:
            return f"+USOSEC: (0-{self.module.spec.sockets - 1}),(0,1),(0-{PROFILES - 1})"
        endpoint = self._table.find(cmd)
        if len(cmd) == 1:
            number = endpoint.secure_profile
            shown = f",{number}" if endpoint.secure and number is not None else ""
            return f"+USOSEC: {endpoint.id},{int(endpoint.secure)}{shown}"
        cmd.at_most(3)
        enable = cmd.number(1, 0, 1)
        profile = cmd.number(2, 0, PROFILES - 1) if cmd.has(2) else None
        if endpoint.state != INACTIVE or endpoint.listening or endpoint.eof:
            raise self._table.fail(EISCONN, endpoint)
        if not enable:
            endpoint.not_secure()
            return None
        traits = self.module.spec.tls
        if endpoint.proto != TCP and not traits.datagrams:
            raise CommandError(NOT_ALLOWED)
        others = [e for e in self._table.table.values() if e.secure and e is not endpoint]
        if traits.blocks_sockets and len(others) >= traits.sessions:
            raise CommandError(NOT_ALLOWED)  # "maximum 2 secure sockets", A10 5.11
        endpoint.secure_with(profile)
        endpoint.always_on = False  # lost until the socket is closed, A10 5.10
        return None

    # -- one handshake at a time -----------------------------------------------------------

    def handshake_runs(self, runs: bool) -> None:
        """A socket's handshake begins or ends."""
        if runs and self.module.spec.tls.blocks_sockets:
            self._no_handshake.clear()
        else:
            self._no_handshake.set()

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """All socket commands; during a blocking handshake they wait for its end."""
        for name, entry in super().entries():
            if self.module.spec.tls.blocks_sockets and name.startswith("+USO"):
                entry = replace(entry, run=self._patient(entry.run))
            yield name, entry

    def _patient(
        self, run: Callable[[Command], Reply | Awaitable[Reply]]
    ) -> Callable[[Command], Reply | Awaitable[Reply]]:
        async def wait_and_run(cmd: Command) -> Reply:
            await self._no_handshake.wait()
            reply = run(cmd)
            return await reply if isinstance(reply, Awaitable) else reply

        def gate(cmd: Command) -> Reply | Awaitable[Reply]:
            return run(cmd) if self._no_handshake.is_set() else wait_and_run(cmd)

        return gate
