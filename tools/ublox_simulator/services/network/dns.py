"""Name resolution (at-commands 2.5): the server that is queried, and its names."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping

from ...errors import BAD_PARAMETERS, CommandError, PlainError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.net import ResolveError, family_of, is_address
from .psd import Psd

NAME_LIMIT = 128
TIMED_OUT = 171
NO_NETWORK_S = 70
"""The longest time of a look-up (at-commands 1.6)."""
NO_OVERRIDE = ("0.0.0.0", "::", "")


class Dns(Service):
    """+UDNSRN: immediate or by URC on SARA-R5, by URC only on LEXI-R10; +UDNSCFG."""

    def reset(self) -> None:
        """The override of +UDNSCFG is lost (U)."""
        self.servers: dict[tuple[int, int, int], str] = {}

    # -- servers -----------------------------------------------------------------------

    def servers_of(self, cid: int, want_v6: bool = False) -> list[str]:
        """Primary and secondary server of a context, overrides included."""
        options = self.module.options
        context = self.module.network.contexts.get(cid)
        six = context is not None and context.granted == "IPV6"
        servers = list(options.dns_servers6 if six else options.dns_servers)
        if self.module.spec.psd_profiles:
            own = self.module.service(Psd).name_servers(cid)
        else:
            kinds = (1, 0) if six or want_v6 else (0, 1)
            own = [self._override(cid, which, kinds) for which in (1, 2)]
        return [mine or given for mine, given in zip(own, servers, strict=True)]

    def _override(self, cid: int, which: int, kinds: tuple[int, ...]) -> str:
        """The server +UDNSCFG set, the preferred IP type first; "" = the network's."""
        for kind in kinds:
            if (cid, which, kind) in self.servers:
                return self.servers[cid, which, kind]
        return ""

    def _zone(self, server: str) -> Mapping[str, str] | str:
        """The names of a server: its own names, "ordinary" (the name map), or "silent"."""
        options = self.module.options
        if server in options.dns_zones:
            zone = options.dns_zones[server]
            return "silent" if zone is None else zone
        if server in (*options.dns_servers, *options.dns_servers6):
            return "ordinary"
        public = is_address(server) and ipaddress.ip_address(server).is_global
        return "ordinary" if public and options.system_dns else "silent"

    async def query(
        self, name: str, cid: int, want_v6: bool = False, reverse: bool = False
    ) -> str:
        """Address of a name (or name of an address); an answer "no such name" is final, without an
        answer the next server is queried (A5 2.3.2)."""
        if is_address(name) and not reverse:
            return name
        book = self.module.addresses
        for server in self.servers_of(cid, want_v6):
            zone = self._zone(server)
            if zone == "silent":
                await asyncio.sleep(self.module.options.dns_timeout_ms / 1000)
            elif isinstance(zone, str):
                return book.name_of(name) if reverse else await book.resolve(name, want_v6)
            else:
                return self._in_zone(zone, name, reverse)
        raise ResolveError(TIMED_OUT)

    @staticmethod
    def _in_zone(zone: Mapping[str, str], text: str, reverse: bool) -> str:
        for name, address in zone.items():
            if reverse and address == text:
                return name
            if not reverse and name.lower() == text.lower():
                return address
        raise ResolveError

    # -- commands --------------------------------------------------------------------------

    @command("+UDNSRN")
    async def resolve(self, cmd: Command) -> Reply:
        """Resolve a name (type 0) or, on SARA-R5, an address (type 1)."""
        only_async = self.module.spec.dns_async_only
        if cmd.form is Form.TEST:
            if only_async:
                return '+UDNSRN: (0),"remote_host",(1),(1-15),(0,1)'
            return '+UDNSRN: (0,1),"domain_name/ip_address",(0,1)'
        reverse = bool(cmd.number(0, 0, 0 if only_async else 1))
        text = cmd.string(1, NAME_LIMIT)
        if not text or (reverse and not is_address(text)):
            raise CommandError(BAD_PARAMETERS)
        if only_async:
            self._start(cmd, text)
            return None
        cmd.at_most(3)
        later = bool(cmd.number(2, 0, 1, 0))
        cid = self.module.sockets.require_data()
        if later:
            self.module.spawn(self._report(text, cid, False, reverse))
            return None
        try:
            return f'+UDNSRN: "{await self._look_up(text, cid, False, reverse)}"'
        except ResolveError as error:
            self.module.sockets.last_error = error.errno
            raise PlainError from None

    def _start(self, cmd: Command, text: str) -> None:
        cmd.at_most(5)
        cmd.number(2, 1, 1, 1)
        network = self.module.network
        cid = cmd.number(3, 1, 15, network.default_cid)
        want_v6 = bool(cmd.number(4, 0, 1, network.preferred_type))
        self.module.sockets.require_data(cid)
        self.module.spawn(self._report(text, cid, want_v6, False))

    async def _look_up(self, text: str, cid: int, want_v6: bool, reverse: bool) -> str:
        await asyncio.sleep(self.module.options.dns_ms / 1000)
        if not self.module.network.usable:
            await asyncio.sleep(NO_NETWORK_S)
            raise ResolveError(TIMED_OUT)
        self.module.network.touch()
        return await self.query(text, cid, want_v6, reverse)

    async def _report(self, text: str, cid: int, want_v6: bool, reverse: bool) -> None:
        try:
            address = await self._look_up(text, cid, want_v6, reverse)
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
        """LEXI-R10: other servers for one context; "0.0.0.0" restores the network's (U)."""
        if cmd.form is Form.READ:
            return [
                f'+UDNSCFG: {cid},{which},{kind},"{server}"'
                for (cid, which, kind), server in sorted(self.servers.items())
            ]
        if cmd.form is Form.TEST:
            return '+UDNSCFG: (1-15),(1,2),(0,1),"address"'
        cmd.at_most(4)
        key = (cmd.number(0, 1, 15), cmd.number(1, 1, 2), cmd.number(2, 0, 1))
        address = cmd.string(3, 45)
        if address in NO_OVERRIDE:
            self.servers.pop(key, None)
            return None
        if not is_address(address) or (family_of(address).name == "AF_INET6") != bool(key[2]):
            raise CommandError(BAD_PARAMETERS)
        self.servers[key] = address
        return None
