"""+UPING (at-commands 2.5, A5 2.3.1): tables first, then real reachability."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from ...errors import CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.net import ResolveError, is_address
from ...world.reachability import reachable
from .dns import Dns

HOST_LIMIT = 128
EMPTY_HOST, CANNOT_RESOLVE, WRONG_VERSION, BAD_V4, BAD_V6, HOST_TOO_LONG = 7, 8, 9, 10, 11, 12
NO_CONTEXT = 17
NO_ANSWER, TTL_EXPIRED = -1, -2

RANGES = ((16, 1, 64, 4), (13, 4, 1472, 32), (15, 10, 60_000, 5000), (14, 1, 255, 32))
"""Retries, size, time-out, TTL: (code of +UUPINGER, lowest, highest, default); ranges U."""
HIGHEST_INTERVAL, USUAL_INTERVAL = 60_000, 1000
USUAL_TTLS = (64, 128, 255)
"""Initial values of machines; the difference is the number of hops."""


class PingError(Exception):
    """Ends a ping with +UUPINGER: <code>."""

    def __init__(self, code: int) -> None:
        super().__init__(f"+UUPINGER: {code}")
        self.code = code


@dataclass(frozen=True)
class Request:
    """One +UPING as asked for."""

    host: str
    retries: int
    size: int
    timeout: int
    ttl: int
    interval: int


@dataclass(frozen=True)
class Distance:
    """How a host answers: TTL of the answer, round trip times (-1 = lost), routers between."""

    ttl: int
    times: tuple[int, ...]
    hops: int

    def time(self, index: int) -> int:
        """Round trip time of one echo; the last one repeats."""
        return self.times[min(index, len(self.times) - 1)] if self.times else NO_ANSWER


class Ping(Service):
    """Echo requests: OK at once, results by URC."""

    @command("+UPING")
    def ping(self, cmd: Command) -> Reply:
        """Values out of range are reported by +UUPINGER, non-numbers at once."""
        if cmd.form is Form.TEST:
            return '+UPING: "remote_host",(1-64),(4-1472),(10-60000),(1-255),(0-60000)'
        cmd.at_most(6)
        host = cmd.string(0, 512)
        values, problem = [], 0
        for index, (code, lowest, highest, usual) in enumerate(RANGES, 1):
            value = cmd.number(index, -(10**9), 10**9, usual)
            values.append(value)
            if not lowest <= value <= highest:
                problem = problem or code
        interval = cmd.number(5, 0, HIGHEST_INTERVAL, USUAL_INTERVAL)
        retries, size, timeout, ttl = values
        request = Request(host, retries, size, timeout, ttl, interval)
        self.module.spawn(self._run(request, problem))
        return None

    async def _run(self, request: Request, problem: int) -> None:
        try:
            if problem:
                raise PingError(problem)
            address = await self._address(request.host)
        except PingError as error:
            self.module.urc(f"+UUPINGER: {error.code}")
            return
        distance = await self._distance(address)
        for count in range(request.retries):
            ttl, rtt = await self._echo(request, distance, count)
            self.module.urc(
                f'+UUPING: {count + 1},{request.size},"{request.host}","{address}",{ttl},{rtt}'
            )
            if count + 1 < request.retries:
                await asyncio.sleep(request.interval / 1000)

    async def _address(self, host: str) -> str:
        """Check host and context, resolve."""
        if not host or len(host) > HOST_LIMIT:
            raise PingError(HOST_TOO_LONG if host else EMPTY_HOST)
        if not is_address(host) and (":" in host or re.fullmatch(r"[0-9.]+", host)):
            raise PingError(BAD_V6 if ":" in host else BAD_V4)
        try:
            cid = self.module.sockets.require_data()
        except CommandError:
            raise PingError(NO_CONTEXT) from None
        granted = self.module.network.contexts[cid].granted
        if self.module.spec.psd_profiles and (granted == "IPV6" or ":" in host):
            raise PingError(WRONG_VERSION)  # not in IPv6 contexts (A5 2.3.1)
        await asyncio.sleep(self.module.options.dns_ms / 1000)
        if not self.module.network.usable and not is_address(host):
            raise PingError(CANNOT_RESOLVE)
        try:
            return await self.module.service(Dns).query(host, cid)
        except ResolveError:
            raise PingError(CANNOT_RESOLVE) from None

    async def _distance(self, address: str) -> Distance:
        options = self.module.options
        if address in options.pings:
            ttl, times = options.pings[address]
        elif await reachable(self.module.loop, self.module.addresses, address):
            ttl, times = 64, tuple(self.module.rng.randint(40, 80) for _ in range(4))
        else:
            ttl, times = 0, ()
        began = next((usual for usual in USUAL_TTLS if usual >= ttl), ttl)
        return Distance(ttl, tuple(times), options.hops.get(address, began - ttl if ttl else 0))

    async def _echo(self, request: Request, distance: Distance, count: int) -> tuple[int, int]:
        """(ttl, rtt) of one echo request, after its duration."""
        network = self.module.network
        rtt = distance.time(count)
        if network.usable:
            network.touch()
            if request.ttl <= distance.hops:
                await asyncio.sleep(0.05)
                return 0, TTL_EXPIRED
        if rtt < 0 or rtt > request.timeout or not network.usable:
            await asyncio.sleep(request.timeout / 1000)
            return 0, NO_ANSWER
        await asyncio.sleep(rtt / 1000)
        return distance.ttl, rtt
