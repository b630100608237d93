"""Name resolution (at-commands 2.5)."""

from __future__ import annotations

import asyncio

from ..errors import BAD_PARAMETERS, CommandError, PlainError
from ..net import ResolveError
from ..parser import Command, Form
from ..service import Reply, Service, command

NAME_LIMIT = 128
TIMED_OUT = 171


class Dns(Service):
    """+UDNSRN: immediate or by URC on SARA-R5, by URC only on LEXI-R10."""

    def reset(self) -> None:
        """The override of +UDNSCFG is gone."""
        self.servers: dict[tuple[int, int, int], str] = {}

    @command("+UDNSRN")
    async def resolve(self, cmd: Command) -> Reply:
        """Resolve a name (type 0) or, on SARA-R5, an address (type 1)."""
        only_async = self.module.spec.dns_async_only
        if cmd.form is Form.TEST:
            if only_async:
                return '+UDNSRN: (0),"remote_host",(1),(1-15),(0,1)'
            return '+UDNSRN: (0,1),"domain_name/ip_address",(0,1)'
        kind = cmd.number(0, 0, 0 if only_async else 1)
        text = cmd.string(1, NAME_LIMIT)
        if not text:
            raise CommandError(BAD_PARAMETERS)
        if only_async:
            cmd.number(2, 1, 1, 1)
            cid = cmd.number(3, 1, 15, 1)
            want_v6 = bool(cmd.number(4, 0, 1, 0))
            self.module.sockets.require_data(cid)
            self._in_background(kind, text, want_v6)
            return None
        cmd.at_most(3)
        later = bool(cmd.number(2, 0, 1, 0))
        self.module.sockets.require_data()
        if later:
            self._in_background(kind, text, False)
            return None
        try:
            return f'+UDNSRN: "{await self._look_up(kind, text, False)}"'
        except ResolveError as error:
            self.module.sockets.last_error = error.errno
            raise PlainError from None

    async def _look_up(self, kind: int, text: str, want_v6: bool) -> str:
        options = self.module.options
        await asyncio.sleep(options.dns_ms / 1000)
        if not self.module.network.usable:
            await asyncio.sleep(70)
            raise ResolveError(TIMED_OUT)
        self.module.network.touch()
        if kind == 1:
            return self.module.addresses.name_of(text)
        return await self.module.addresses.resolve(text, want_v6)

    def _in_background(self, kind: int, text: str, want_v6: bool) -> None:
        self.module.spawn(self._report(kind, text, want_v6))

    async def _report(self, kind: int, text: str, want_v6: bool) -> None:
        try:
            address = await self._look_up(kind, text, want_v6)
        except ResolveError as error:
            if not self.module.spec.dns_async_only:  # +USOER is not set on LEXI-R10 [ubx]
                self.module.sockets.last_error = error.errno
            self.module.urc("+UUDNSRN: -1")
            return
        plain = "dns-urc-plain" in self.module.options.variants
        if plain and not self.module.spec.dns_async_only:
            self.module.urc(f'+UUDNSRN: "{address}"')
        else:
            self.module.urc(f'+UUDNSRN: 0,"{address}"')

    @command("+UDNSCFG")
    def override(self, cmd: Command) -> Reply:
        """LEXI-R10: override a DNS server; kept and shown, resolution itself uses the name map."""
        if cmd.form is Form.READ:
            return [
                f'+UDNSCFG: {cid},{which},{kind},"{server}"'
                for (cid, which, kind), server in sorted(self.servers.items())
            ]
        if cmd.form is Form.TEST:
            return '+UDNSCFG: (1-15),(1,2),(0,1),"address"'
        key = (cmd.number(0, 1, 15), cmd.number(1, 1, 2), cmd.number(2, 0, 1))
        self.servers[key] = cmd.string(3, 45)
        return None
