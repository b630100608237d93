"""+UPING, basic form (at-commands 2.5, A5 2.3.1): name map and a table of round trip times."""

from __future__ import annotations

import asyncio
import ipaddress

from ..errors import CommandError
from ..net import ResolveError
from ..parser import Command, Form
from ..service import Reply, Service, command

NO_CONTEXT, CANNOT_RESOLVE, EMPTY_HOST, HOST_TOO_LONG = 17, 8, 7, 12
HOST_LIMIT = 128
NO_ANSWER = -1


class Ping(Service):
    """Echo requests; an address answers when it is in the table, mapped, or a loopback address."""

    @command("+UPING")
    def ping(self, cmd: Command) -> Reply:
        """OK at once, results by URC."""
        if cmd.form is Form.TEST:
            return '+UPING: "remote_host",(1-64),(4-1472),(10-60000),(1-255),(0-60000)'
        host = cmd.string(0, 512)
        retries = cmd.number(1, 1, 64, 4)
        size = cmd.number(2, 4, 1472, 32)
        timeout = cmd.number(3, 10, 60_000, 5000)
        cmd.number(4, 1, 255, 32)
        interval = cmd.number(5, 0, 60_000, 1000)
        self.module.spawn(self._run(host, retries, size, timeout, interval))
        return None

    async def _run(self, host: str, retries: int, size: int, timeout: int, interval: int) -> None:
        try:
            self.module.sockets.require_data()
        except CommandError:
            self._fail(NO_CONTEXT)
            return
        if not host or len(host) > HOST_LIMIT:
            self._fail(HOST_TOO_LONG if host else EMPTY_HOST)
            return
        try:
            await asyncio.sleep(self.module.options.dns_ms / 1000)
            address = await self.module.addresses.resolve(host)
        except ResolveError:
            self._fail(CANNOT_RESOLVE)
            return
        ttl, times = self._distance(address)
        for count in range(retries):
            rtt = times[min(count, len(times) - 1)] if times else NO_ANSWER
            lost = rtt < 0 or rtt > timeout or not self.module.network.usable
            await asyncio.sleep((timeout if lost else rtt) / 1000)
            self.module.urc(
                f'+UUPING: {count + 1},{size},"{host}","{address}",{ttl},'
                f"{NO_ANSWER if lost else rtt}"
            )
            if count + 1 < retries:
                await asyncio.sleep(interval / 1000)

    def _distance(self, address: str) -> tuple[int, tuple[int, ...]]:
        known = self.module.options.pings.get(address)
        if known is not None:
            return known
        book = self.module.addresses
        if book.knows(address) or ipaddress.ip_address(address).is_loopback:
            return 64, tuple(self.module.rng.randint(40, 80) for _ in range(4))
        return 0, ()

    def _fail(self, code: int) -> None:
        self.module.urc(f"+UUPINGER: {code}")
