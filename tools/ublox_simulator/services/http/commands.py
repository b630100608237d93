"""HTTP(S) client: +UHTTP, +UHTTPC, +UHTTPER, +UHTTPNV (at-commands 9, A5 10, A10 7).

What is not documented is decided so (U): an impossible request (class 10) is refused at once and
+UHTTPER has the reason; everything else is reported by the URC. On direct link CONNECT comes when
the server has been reached; an earlier failure ends the command with an error and no URC.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from .direct_link import HttpLink
from .errors import (
    CONNECTION_LOST,
    IN_PROGRESS,
    NO_PSD,
    NO_SERVER,
    PROTOCOL,
    HttpFailure,
    misuse,
)
from .file import HttpFiles
from .operation import Operation
from .profile import COMMON_OPS, LEXI_OPS, Profile, change, shown
from .request import Order, OrderReader

if TYPE_CHECKING:
    from ...module import Module

ERROR_PROFILES = 4
"""+UHTTPER of LEXI-R10 names profile 1 (A10 7.4), which no other command uses there."""

FACTORY, LOAD, STORE = range(3)
"""+UHTTPNV."""

STORED = "http_profile"


class Http(Service):
    """The profiles and the operation of each."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._operations: dict[int, Operation] = {}
        self.reset()

    def reset(self) -> None:
        """Factory values; stored values are loaded by +UHTTPNV."""
        self.close()
        self.profiles = [Profile() for _ in range(self.module.spec.http_profiles)]
        self._stored_in_use = False
        self._errors = [(0, 0)] * ERROR_PROFILES

    def deep_slept(self, level: str) -> None:
        """Settings that were not stored are lost (A10 7.1.2)."""
        self.profiles[0] = self._stored() if self._stored_in_use else Profile()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """Operations on this context end."""
        for operation in self._operations.values():
            if operation.cid == cid:
                operation.interrupt(HttpFailure(PROTOCOL, CONNECTION_LOST))

    def close(self) -> None:
        """The module switches off, which cancels its tasks."""
        for operation in self._operations.values():
            operation.close()
        self._operations.clear()

    def _number(self, cmd: Command) -> int:
        return cmd.number(0, 0, self.module.spec.http_profiles - 1)

    # -- profiles --------------------------------------------------------------------------

    @command("+UHTTP")
    def configure(self, cmd: Command) -> Reply:
        """Reset a profile, or set or read one of its parameters."""
        ops = COMMON_OPS + (LEXI_OPS if self.module.spec.http_link else ())
        if cmd.form is Form.TEST:
            listed = ",".join(map(str, ops))
            return f"+UHTTP: (0-{self.module.spec.http_profiles - 1}),({listed})"
        number = self._number(cmd)
        if len(cmd) == 1:
            self.profiles[number] = Profile()
            return None
        op = cmd.number(1, 0, max(ops))
        if op not in ops:
            raise CommandError(BAD_PARAMETERS)
        if len(cmd) == 2:
            return shown(self.profiles[number], number, op)
        change(self.profiles[number], op, cmd)
        return None

    def _stored(self) -> Profile:
        kept: dict[str, Any] = self.module.nvm.get(STORED, {})
        return Profile(**kept)

    @command("+UHTTPNV")
    def keep(self, cmd: Command) -> Reply:
        """LEXI-R10: factory values, load, store; the last two also for after deep sleep. The
        stored ones remain when factory values are set (U)."""
        if cmd.form is Form.READ:
            return f"+UHTTPNV: 0,{int(self._stored_in_use)}"
        if cmd.form is Form.TEST:
            return "+UHTTPNV: (0),(0-2)"
        cmd.at_most(2)
        number, what = self._number(cmd), cmd.number(1, FACTORY, STORE)
        if what == STORE:
            self.module.nvm.put(STORED, asdict(self.profiles[number]))
        else:
            self.profiles[number] = self._stored() if what == LOAD else Profile()
        self._stored_in_use = what != FACTORY
        return None

    @command("+UHTTPER")
    def error(self, cmd: Command) -> Reply:
        """Class and code of the last operation."""
        own = "uhttper-own-profile" in self.module.options.variants
        count = self.module.spec.http_profiles if own else ERROR_PROFILES
        if cmd.form is Form.TEST:
            return f"+UHTTPER: (0-{count - 1})"
        cmd.at_most(1)
        number = cmd.number(0, 0, count - 1)
        group, code = self._errors[number]
        return f"+UHTTPER: {number},{group},{code}"

    # -- operations ------------------------------------------------------------------------

    @command("+UHTTPC")
    async def perform(self, cmd: Command) -> Reply:
        """Start an operation; its end is reported by +UUHTTPCR."""
        actions = range(8 if self.module.spec.http_link else 6)
        if cmd.form is Form.TEST:
            return f"+UHTTPC: (0-{self.module.spec.http_profiles - 1}),(0-{actions.stop - 1})"
        number = self._number(cmd)
        try:
            operation = self._begin(cmd, number, actions)
        except HttpFailure as failure:
            self._refuse(cmd, number, failure)
            return None
        failing = self.module.interface.failing
        if failing is not None:
            group = PROTOCOL if failing.group is None else failing.group
            operation.interrupt(HttpFailure(group, failing.number))
        if self.profiles[number].link:
            return await self._over_link(operation)
        self.module.spawn(self._over_files(operation))
        return None

    def _begin(self, cmd: Command, number: int, actions: range) -> Operation:
        """Check everything that can be checked at once."""
        profile = self.profiles[number]
        reader = OrderReader(
            cmd, number, by_link=bool(profile.link), name_limit=self.module.spec.file_name
        )
        order = reader.read(actions)
        if number in self._operations:
            raise misuse(IN_PROGRESS)
        if not profile.host:
            raise misuse(NO_SERVER)
        try:
            mapped = profile.cid if self.module.spec.http_link else None
            cid = self.module.sockets.require_data(mapped)
        except CommandError:
            raise misuse(NO_PSD) from None
        self._errors[number] = (0, 0)
        operation = Operation(self.module, Profile(**asdict(profile)), order, cid)
        self._operations[number] = operation
        return operation

    def _refuse(self, cmd: Command, number: int, failure: HttpFailure) -> None:
        self._errors[number] = failure.pair
        if "http-misuse-urc" in self.module.options.variants and not failure.by_parameter:
            self._tell(number, cmd.number(1, 0, 7), 0)
            return
        raise CommandError(BAD_PARAMETERS if failure.by_parameter else NOT_ALLOWED)

    def _tell(self, number: int, action: int, result: int) -> None:
        self.module.urc(f"+UUHTTPCR: {number},{action},{result}")

    def _ended(self, order: Order, failure: HttpFailure | None) -> None:
        self._errors[order.profile] = (0, 0) if failure is None else failure.pair
        self._operations.pop(order.profile, None)

    async def _over_files(self, operation: Operation) -> None:
        order, failure = operation.order, None
        try:
            files = HttpFiles(self.module.files, order)
            try:
                await operation.run(files)
            finally:
                files.close()
        except HttpFailure as error:
            failure = error
        self._ended(order, failure)
        self._tell(order.profile, order.action, int(failure is None))

    async def _over_link(self, operation: Operation) -> Reply:
        order, failure = operation.order, None
        link = HttpLink(self.module, operation)
        try:
            if "http-link-connect-first" in self.module.options.variants:
                await link.enter()
            await operation.run(link, link.enter)
        except HttpFailure as error:
            failure = error
        finally:
            link.close()
        self._ended(order, failure)
        if not link.entered:
            raise CommandError(NOT_ALLOWED)
        self.module.interface.leave_data()
        self._tell(order.profile, order.action, int(failure is None))
        return "DISCONNECT"
