"""One HTTP operation from the look-up of the server to the last byte of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from ...world.net import ResolveError, is_address
from ..network.dns import NO_NETWORK_S, Dns
from .errors import LOOK_UP, PROTOCOL, HttpFailure
from .profile import Profile
from .request import Order
from .stream import Stream
from .wire import AnswerCut, Exchange, request_headers

if TYPE_CHECKING:
    from ...module import Module

LEXI_AGENT = "UBLOX-HttpClient V3.0"
"""A10 7.3; the one of SARA-R5 follows the pattern of A5 10.2, which shows an older module."""


class Ends(Protocol):
    """Source of the body of a request and destination of the answer."""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The body."""
        ...

    async def take(self, data: bytes) -> None:
        """Part of the answer."""
        ...


async def connected_at_once() -> None:
    """Nothing happens between connection and request."""


class Operation:
    """Runs an order; `interrupt` ends it with a failure at any point."""

    def __init__(self, module: Module, profile: Profile, order: Order, cid: int) -> None:
        self._module = module
        self._profile = profile
        self.order = order
        self.cid = cid
        self.patience_s = profile.timeout_s
        self._stream = Stream(module, order.profile, cid, self.patience_s)
        self._stop: asyncio.Future[HttpFailure] = module.loop.create_future()

    def interrupt(self, failure: HttpFailure) -> None:
        """End with this failure."""
        if not self._stop.done():
            self._stop.set_result(failure)

    def close(self) -> None:
        """Close the connection at once: the module switches off."""
        self._stream.close()

    async def run(
        self, ends: Ends, connected: Callable[[], Awaitable[None]] = connected_at_once
    ) -> None:
        """Raises HttpFailure; `connected` runs between the connection and the request."""
        work = self._module.loop.create_task(self._work(ends, connected))
        try:
            await asyncio.wait({work, self._stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise self._stop.result()
            work.result()
        finally:
            work.cancel()
            self._stream.close()

    async def _work(self, ends: Ends, connected: Callable[[], Awaitable[None]]) -> None:
        profile = self._profile
        addresses = await self._look_up()
        security = (profile.security_profile, profile.host) if profile.secure else None
        await self._stream.open(addresses, profile.port, security)
        await connected()
        variants = self._module.options.variants
        exchange = Exchange(
            old_protocol=not self._module.spec.http_link,
            raw_chunks="http-chunks-raw" in variants,
            own_version="http-own-version" in variants,
        )
        await self._ask(exchange, ends)
        await self._listen(exchange, ends)

    # -- server address -----------------------------------------------------------------------

    async def _look_up(self) -> list[str]:
        """Addresses to try, one after the other."""
        host = self._profile.host
        if is_address(host):
            return [host]
        network, options = self._module.network, self._module.options
        if not network.usable:
            await asyncio.sleep(min(NO_NETWORK_S, self._profile.timeout_s))
            raise HttpFailure(PROTOCOL, LOOK_UP)
        await asyncio.sleep(options.dns_ms / 1000)
        network.touch()
        found: list[str] = []
        for want_v6 in self._types():
            try:
                address = await self._module.service(Dns).query(host, self.cid, want_v6)
            except ResolveError:
                continue
            if address not in found:
                found.append(address)
        if not found:
            raise HttpFailure(PROTOCOL, LOOK_UP)
        return found

    def _types(self) -> list[bool]:
        """With both IP types on LEXI-R10 the preferred one first, then the other ([M10])."""
        context = self._module.network.contexts.get(self.cid)
        granted = "IP" if context is None else context.granted
        if granted == "IPV4V6" and self._module.spec.http_link:
            first = bool(self._profile.prefer_v6)
            return [first, not first]
        return [granted == "IPV6"]

    # -- request and answer ----------------------------------------------------------------

    def _agent(self) -> str:
        spec = self._module.spec
        return LEXI_AGENT if spec.http_link else f"UBlox {spec.name}/1.0 (HTTP 1.0)"

    async def _ask(self, exchange: Exchange, ends: Ends) -> None:
        keep = "http-keep-alive" in self._module.options.variants
        connection = "keep-alive" if keep else "close"
        headers = request_headers(
            self._profile, self.order, ends.length, self._agent(), connection
        )
        await self._stream.send(exchange.head(self.order, headers))
        if self.order.has_body:
            async for piece in ends.pieces():
                await self._stream.send(exchange.body(piece))
        exchange.end()
        await self._stream.flush()

    async def _listen(self, exchange: Exchange, ends: Ends) -> None:
        while not exchange.complete:
            data = await self._stream.receive()
            try:
                stored = exchange.receive(data)
            except AnswerCut as cut:
                await ends.take(cut.stored)
                raise
            await ends.take(stored)
