"""CoAP client of SARA-R5: +UCOAP, +UCOAPC, +UCOAPER (at-commands 7, A5 8).

What is not documented is decided so (U): the profile is empty and invalid after every boot; a
connection ends with its request, unless more blocks of the same payload follow; an answer in
blocks is fetched whole, each block is a +UCOAPCD of its own with <more>, its number and its size.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiocoap import Message
from aiocoap.numbers.codes import Code
from aiocoap.numbers.types import CON, NON

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.net import ResolveError, is_address
from ..network.dns import NO_NETWORK_S, Dns
from . import errors
from . import profile as ops
from .errors import ERROR_CLASS, CoapFailure
from .exchange import Way, way_to
from .profile import Profile, Target, change, shown, take_apart
from .request import DELETE, GET, POST, PUT, Order, read_order

if TYPE_CHECKING:
    from ...module import Module

STORED = "coap_profile_"
CODES = {GET: Code.GET, DELETE: Code.DELETE, PUT: Code.PUT, POST: Code.POST}
BLOCK_SIZES = (16, 32, 64, 128, 256, 512)
MOST_BLOCKS = 1 << 20
WITH_BODY = (PUT, POST)
HALF_KILOBYTE, KILOBYTE = 5, 6
"""Sizes of blocks as an exponent: 16 << n."""


class Coap(Service):
    """The profiles and the request that is under way."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._way: Way | None = None
        self.reset()

    def reset(self) -> None:
        """The current profile is volatile, the stored ones wait for +UCOAP=5."""
        self.close()
        self.profile = Profile()
        self._error = errors.NONE
        self._busy = False
        self._stop: asyncio.Future[CoapFailure] | None = None
        self._cid = 0
        self._series = (0, 0)
        """Size of the first block of a payload and the number of the next one; 0, 0: none."""

    def close(self) -> None:
        """The module goes down; the server hears nothing of it."""
        way, self._way = self._way, None
        if way is not None:
            way.shut()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """The request on this context ends."""
        if self._stop is not None and self._cid == cid and not self._stop.done():
            self._stop.set_result(CoapFailure(errors.CONNECTION_LOST))
        elif self._way is not None and self._cid == cid:
            self.close()

    def _has(self, variant: str) -> bool:
        return variant in self.module.options.variants

    # -- profiles --------------------------------------------------------------------------

    @command("+UCOAP")
    def configure(self, cmd: Command) -> Reply:
        """Set one parameter of the current profile, restore, store or list."""
        variants = self.module.options.variants
        if cmd.form is Form.TEST:
            return "+UCOAP: (1,2,4-8)"
        if cmd.form is Form.READ:
            return shown(self.profile, variants, current=True)
        op = cmd.number(0, ops.URI, ops.SECURITY)
        if op == ops.LIST:
            cmd.at_most(1)
            return [line for slot in range(ops.SLOTS) for line in self._listed(slot)]
        if op in (ops.RESTORE, ops.STORE):
            cmd.at_most(2)
            self._keep(op, cmd.number(1, 0, ops.SLOTS - 1))
        elif op in (ops.URI, ops.OPTION, ops.VALID, ops.SECURITY):
            change(self.profile, op, cmd)
        else:
            raise CommandError(BAD_PARAMETERS)
        return None

    def _stored(self, slot: int) -> Profile | None:
        kept: dict[str, Any] | None = self.module.nvm.get(f"{STORED}{slot}", None)
        return None if kept is None else Profile(**kept)

    def _listed(self, slot: int) -> list[str]:
        stored = self._stored(slot)
        if stored is None:
            return [f"+UCOAP: INVALID PROFILE NUMBER {slot}"]
        return shown(stored, self.module.options.variants, current=False)

    def _keep(self, op: int, slot: int) -> None:
        """An empty slot cannot be restored (U)."""
        if op == ops.STORE:
            self.profile.number = slot
            self.module.nvm.put(f"{STORED}{slot}", asdict(self.profile))
            return
        stored = self._stored(slot)
        if stored is None:
            self._error = errors.INVALID_PROFILE
            raise CommandError(NOT_ALLOWED)
        self.profile = stored

    @command("+UCOAPER")
    def error(self, cmd: Command) -> Reply:
        """Class and code of the last request."""
        if cmd.form is Form.TEST:
            return None
        if cmd.form is not Form.EXEC:
            raise CommandError(BAD_PARAMETERS)
        return f"+UCOAPER: {ERROR_CLASS if self._error else 0},{self._error}"

    # -- requests --------------------------------------------------------------------------

    @command("+UCOAPC")
    async def perform(self, cmd: Command) -> Reply:
        """Begin a request; +UCOAPCD and +UCOAPCR report its answer and its end."""
        if cmd.form is Form.TEST:
            return "+UCOAPC: (1-4)"
        order = read_order(cmd, self.module.options.variants)
        failing = self.module.interface.failing
        try:
            cid = self._admit(order)
        except CoapFailure as failure:
            self._error = failure.code
            raise CommandError(NOT_ALLOWED) from None
        self._error = errors.NONE
        self._busy = True
        self._cid = cid
        self._stop = self.module.loop.create_future()
        if failing is not None:
            self._stop.set_result(CoapFailure(failing.number))
        target = take_apart(self.profile.uri)
        profile = Profile(**asdict(self.profile))
        ready: asyncio.Future[None] = self.module.loop.create_future()
        self.module.spawn(self._run(order, profile, target, ready))
        if target.secure:  # OK comes after the handshake, or when that has failed (A5 8, U)
            await ready
        return None

    def _admit(self, order: Order) -> int:
        """The context for a request; raises CoapFailure for one that cannot be."""
        if self._busy:
            raise CoapFailure(errors.IN_PROGRESS)
        if not self.profile.valid or not self.profile.uri:
            raise CoapFailure(errors.INVALID_PROFILE)
        try:
            cid = self.module.sockets.require_data()
        except CommandError:
            raise CoapFailure(errors.NO_PSD) from None
        self._check_block(order)
        return cid

    def _check_block(self, order: Order) -> None:
        """Blocks come in order, all as long as the first one but for the last."""
        if order.block is None:
            self._series = (0, 0)
            return
        number, more = order.block
        length = len(order.payload)
        if number == 0:
            self._series = (0, 0)
            if more and length not in BLOCK_SIZES:
                raise CoapFailure(errors.BLOCK)
            size = next((s for s in BLOCK_SIZES if length <= s), BLOCK_SIZES[-1])
        else:
            size, wanted = self._series
            if number != wanted or (length != size if more else length > size):
                raise CoapFailure(errors.BLOCK)
        self._series = (size, number + 1)

    async def _run(
        self, order: Order, profile: Profile, target: Target, ready: asyncio.Future[None]
    ) -> None:
        assert self._stop is not None
        stop = self._stop
        work = self.module.loop.create_task(self._work(order, profile, target, ready))
        result = 0
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                raise stop.result()
            work.result()
            result = 1
        except CoapFailure as failure:
            self._error = failure.code
        finally:
            work.cancel()
            await asyncio.wait({work})
            if not ready.done():
                ready.set_result(None)
        if not result or not order.unfinished:
            await self._leave()
        self._busy = False
        self._stop = None
        self.module.urc(f"+UCOAPCR: {order.method},{result}")

    async def _leave(self) -> None:
        self._series = (0, 0)
        way, self._way = self._way, None
        if way is not None:
            await way.close()

    async def _work(
        self, order: Order, profile: Profile, target: Target, ready: asyncio.Future[None]
    ) -> None:
        way = self._way
        if way is None or order.block is None or order.block[0] == 0:
            await self._close_way()
            address = await self._look_up(target.host)
            way = self._way = way_to(self.module, target, self._cid)
            await way.open(address, profile.security)
        if not ready.done():
            ready.set_result(None)
        answer = await way.ask(self._message(order, profile, target))
        await self._answered(order, profile, target, way, answer)

    async def _close_way(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            await way.close()

    async def _look_up(self, host: str) -> str:
        if is_address(host):
            return host
        network = self.module.network
        if not network.usable:
            await asyncio.sleep(NO_NETWORK_S)
            raise CoapFailure(errors.LOOK_UP)
        await asyncio.sleep(self.module.options.dns_ms / 1000)
        network.touch()
        try:
            return await self.module.service(Dns).query(host, self._cid, False)
        except ResolveError:
            raise CoapFailure(errors.LOOK_UP) from None

    def _message(self, order: Order, profile: Profile, target: Target) -> Message:
        """Uri-Port is never there: the destination's own port is what its absence means (RFC
        7252, 6.4), and so for a host that is an address."""
        message = Message(code=CODES[order.method], payload=order.payload)
        if not target.stream:
            message.mtype = NON if profile.has(ops.TYPE) else CON
        if profile.has(ops.HOST) and not is_address(target.host):
            message.opt.uri_host = target.host
        if profile.has(ops.PATH):
            message.opt.uri_path = target.path
        if profile.has(ops.QUERY):
            message.opt.uri_query = target.query
        if order.method in WITH_BODY and profile.has(ops.FORMAT):
            message.opt.content_format = order.content_format
        if order.block is not None:
            number, more = order.block
            message.opt.block1 = (number, more, BLOCK_SIZES.index(self._series[0]))
        if order.method == GET and self._has("coap-block-512"):
            message.opt.block2 = (0, False, HALF_KILOBYTE)
        return message

    # -- answers ---------------------------------------------------------------------------

    async def _answered(
        self, order: Order, profile: Profile, target: Target, way: Way, answer: Message
    ) -> None:
        """Report the answer, and fetch what is left of it."""
        payload, number = answer.payload, 0
        whole = bytearray()
        together = self._has("coap-answer-whole")
        while number < MOST_BLOCKS:
            block = answer.opt.block2
            more = block is not None and block.more
            if together:
                whole += payload
            else:
                size = 0 if block is None or not (more or number) else block.size
                self._tell(order, answer, payload, more, number, size)
            if block is None or not more:
                break
            number += 1
            following = self._message(Order(order.method), profile, target)
            following.opt.block2 = (number, False, block.size_exponent)
            answer = await way.ask(following)
            payload = answer.payload
        if together:
            self._tell(order, answer, bytes(whole), False, 0, 0)

    def _tell(
        self, order: Order, answer: Message, payload: bytes, more: bool, number: int, size: int
    ) -> None:
        """+UCOAPCD. The fields of a block are there where the answer has several, and at the last
        block of a payload to the server (A5 8.3.3)."""
        code = int(answer.code or 0)
        second = 0
        if self._has("coap-field-detail"):
            second = code & 31
        elif self._has("coap-field-format"):
            second = int(answer.opt.content_format or 0)
        tail = f",{number},{size}" if size else ""
        if not size and order.block is not None and order.block[0] and not order.block[1]:
            tail = f",{order.block[0]},{self._series[0]}"
        text = f'+UCOAPCD: {code >> 5},{second},"{payload.hex().upper()}"'
        if not (self._has("coap-no-more") and not more and not tail):
            text += f",{int(more)}{tail}"
        self.module.urc(text)
