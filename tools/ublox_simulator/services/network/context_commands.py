"""The commands about contexts (at-commands 2.2)."""

from __future__ import annotations

import asyncio

from ...errors import NO_NETWORK_SERVICE, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ..general.sim import Sim
from .context_table import AUTO, NO_LOGIN, NO_V4, NO_V6, Context, Login
from .operators import DEREGISTER, Operators
from .radio import Network

TYPES = ("IP", "IPV6", "IPV4V6", "NONIP")
LONGEST_APN, LONGEST_ADDRESS, LONGEST_LOGIN = 99, 150, 64
HIGHEST_EXTRA = (3, 4, 2, 4, 2, 1, 1, 1, 1, 1, 1)
"""Ranges of +CGDCONT after the address: compression, address allocation, request type, P-CSCF,
IM CN flag, NSLPI, secure PCO and three more (27.007; accepted, without effect here)."""
LONGEST_ATTACH_S = 180


class ContextCommands(Service):
    """Definition, authentication, attach, activation, and granted values."""

    @property
    def _net(self) -> Network:
        return self.module.network

    # -- definition ------------------------------------------------------------------------

    @command("+CGDCONT")
    def define(self, cmd: Command) -> Reply:
        """Define (or with the cid alone undefine) a context; kept in NVM.

        An active context may be redefined (A5 2.2.1 does so): used at its next activation.
        """
        table = self._net.contexts
        if cmd.form is Form.READ:
            return [self._line(table[cid]) for cid in sorted(table)]
        if cmd.form is Form.TEST:
            cids = self.module.spec.cids
            return [
                f'+CGDCONT: ({cids.start}-{cids.stop - 1}),"{kind}",,,(0-2),(0-4)'
                for kind in TYPES[:3]
            ]
        cid = self._net.cid_parameter(cmd)
        if len(cmd) == 1:
            if self._net.context_active(cid):
                raise CommandError(NOT_ALLOWED)
            table.pop(cid, None)
        else:
            self._set(cid, cmd)
        self._net.store_contexts()
        return None

    def _set(self, cid: int, cmd: Command) -> None:
        cmd.at_most(4 + len(HIGHEST_EXTRA))
        kind = cmd.string(1, 8, "IPV4V6").upper()
        if kind not in TYPES:
            raise CommandError(NOT_ALLOWED)
        apn = cmd.string(2, LONGEST_APN, "")
        cmd.string(3, LONGEST_ADDRESS, "")  # the network assigns addresses in LTE
        for index, highest in enumerate(HIGHEST_EXTRA, 4):
            cmd.number(index, 0, highest, 0)
        context = self._net.contexts.setdefault(cid, Context(cid))
        context.kind, context.apn = kind, apn

    def _line(self, context: Context) -> str:
        tail = self.module.spec.context_tail
        if context.active:
            return (
                f'+CGDCONT: {context.cid},"{context.granted}","{context.granted_apn}",'
                f'"{context.address}"{tail}'
            )
        none = {"IP": NO_V4, "IPV6": NO_V6, "IPV4V6": f"{NO_V4} {NO_V6}"}.get(context.kind, "")
        return f'+CGDCONT: {context.cid},"{context.kind}","{context.apn}","{none}"{tail}'

    # -- authentication --------------------------------------------------------------------

    @command("+CGAUTH")
    def authenticate(self, cmd: Command) -> Reply:
        """LEXI-R10: 3GPP form; without method it is reset to none. The password is never shown."""
        if cmd.form is Form.READ:
            return [
                f'+CGAUTH: {cid},{context.login.method},"{context.login.user}",""'
                for cid, context in sorted(self._net.contexts.items())
                if context.login.method
            ]
        if cmd.form is Form.TEST:
            cids = self.module.spec.cids
            return f"+CGAUTH: ({cids.start}-{cids.stop - 1}),(0-3),{LONGEST_LOGIN},{LONGEST_LOGIN}"
        cmd.at_most(4)
        method = cmd.number(1, NO_LOGIN, AUTO, NO_LOGIN)
        if method == NO_LOGIN:
            return self._set_login(cmd, Login())
        user, password = cmd.string(2, LONGEST_LOGIN), cmd.string(3, LONGEST_LOGIN)
        return self._set_login(cmd, Login(method, user, password))

    @command("+UAUTHREQ")
    def request_authentication(self, cmd: Command) -> Reply:
        """SARA-R5: the strings must be there, even empty with type 0 [ubx]."""
        if cmd.form is Form.TEST:
            cids = self.module.spec.cids
            return f'+UAUTHREQ: ({cids.start}-{cids.stop - 1}),(0-3),"username","password"'
        if cmd.form is Form.READ:
            raise CommandError(NOT_ALLOWED)
        cmd.at_most(4)
        variants = self.module.options.variants
        method = cmd.number(1, NO_LOGIN, AUTO)
        bare = "" if method == NO_LOGIN and "uauthreq-bare" in variants else None
        first = cmd.string(2, LONGEST_LOGIN, bare)
        second = cmd.string(3, LONGEST_LOGIN, bare)
        if "uauthreq-password-first" in variants:
            first, second = second, first
        return self._set_login(cmd, Login(method, first, second) if method else Login())

    def _set_login(self, cmd: Command, login: Login) -> None:
        context = self._net.contexts.get(self._net.cid_parameter(cmd))
        if context is None:
            raise CommandError(NOT_ALLOWED)
        context.login = login
        self._net.store_contexts()

    # -- attach and activation -------------------------------------------------------------

    @command("+CGATT", takes_ms=100, abortable=True)
    async def attach(self, cmd: Command) -> Reply:
        """Packet service attach; after a detach the module stays detached until the next
        request."""
        if cmd.form is Form.READ:
            return f"+CGATT: {int(self._net.registered)}"
        if cmd.form is Form.TEST:
            return "+CGATT: (0,1)"
        cmd.at_most(1)
        if not cmd.number(0, 0, 1):
            self._net.attach_wanted = False
            self._net.stop_radio()
            return None
        self.module.service(Sim).require()
        if self._net.cfun != 1 or self.module.service(Operators).mode == DEREGISTER:
            raise CommandError(NOT_ALLOWED)
        self._net.attach_wanted = True
        self._net.start_radio()
        wait = asyncio.wait_for(self._net.wait_registered(), LONGEST_ATTACH_S)
        try:
            await self.module.interface.wait_or_abort(wait)
        except TimeoutError:
            raise CommandError(NO_NETWORK_SERVICE) from None
        return None

    @command("+CGACT", takes_ms=100, abortable=True)
    def act(self, cmd: Command) -> Reply:
        """Activate or deactivate contexts; cid 1 is the last bearer in LTE and stays."""
        table = self._net.contexts
        if cmd.form is Form.READ:
            return [f"+CGACT: {cid},{int(table[cid].active)}" for cid in sorted(table)]
        if cmd.form is Form.TEST:
            return "+CGACT: (0,1)"
        up = bool(cmd.number(0, 0, 1))
        given = [self._net.cid_parameter(cmd, index) for index in range(1, len(cmd))]
        self.module.service(Sim).require()
        cids = given or sorted(table)
        if not self._net.registered or any(cid not in table for cid in cids):
            raise CommandError(NOT_ALLOWED)
        for cid in cids:
            if up and not table[cid].active:
                self._activate(cid)
            elif not up and table[cid].active:
                self._deactivate(cid, alone=bool(given))
        return None

    def _activate(self, cid: int) -> None:
        table = self._net.contexts
        if sum(context.active for context in table.values()) >= self.module.spec.active_cids:
            raise CommandError(NOT_ALLOWED)
        self._net.touch()
        refusal = self._net.refused_context(table[cid])
        if refusal is not None:
            self._net.refusal = refusal
            raise CommandError(refusal.code)
        self._net.activate(cid)

    def _deactivate(self, cid: int, alone: bool) -> None:
        if cid == 1:
            if alone:
                raise CommandError(NOT_ALLOWED)
            return
        self._net.events.tell(f"ME PDN DEACT {cid}")
        self._net.drop_context(cid)

    # -- granted values ------------------------------------------------------------------

    @command("+CGPADDR")
    def addresses(self, cmd: Command) -> Reply:
        """Addresses of one or all contexts."""
        table = self._net.contexts
        if cmd.form is Form.TEST:
            return f"+CGPADDR: ({','.join(str(cid) for cid in sorted(table))})"
        cids = [self._net.cid_parameter(cmd, i) for i in range(len(cmd))] or sorted(table)
        lines = []
        for cid in cids:
            address = table[cid].address if self._net.context_active(cid) else NO_V4
            if "cgpaddr-two" in self.module.options.variants:
                address = address.replace(" ", '","')
            lines.append(f'+CGPADDR: {cid},"{address}"')
        return lines

    @command("+CGCONTRDP")
    def dynamic(self, cmd: Command) -> Reply:
        """Values granted by the network to active contexts: one line for each IP type."""
        active = [cid for cid in sorted(self._net.contexts) if self._net.context_active(cid)]
        if cmd.form is Form.TEST:
            return f"+CGCONTRDP: ({','.join(map(str, active))})"
        cmd.at_most(1)
        cids = [self._net.cid_parameter(cmd)] if len(cmd) else active
        lines: list[str] = []
        for cid in cids:
            if cid in active:
                lines += self._granted(self._net.contexts[cid])
        return lines

    def _granted(self, context: Context) -> list[str]:
        options = self.module.options
        head = f'+CGCONTRDP: {context.cid},{4 + context.cid},"{context.granted_apn}"'
        lines = []
        if context.granted != "IPV6":
            own = self._net.address_of("IP", context.cid)
            first, second = options.dns_servers
            lines.append(
                f'{head},"{own}.255.255.255.255","{own}","{first}","{second}","","",'
                f"0,0,{options.mtu}"
            )
        if context.granted in ("IPV6", "IPV4V6"):
            first, second = options.dns_servers6
            mask = ".".join(["255"] * 8 + ["0"] * 8)
            gateway = "254.128" + ".0" * 13 + ".1"
            lines.append(
                f'{head},"{options.address6}.{mask}","{gateway}","{first}","{second}","","",0,0'
            )
        return lines

    @command("+CGEREP")
    def event_reports(self, cmd: Command) -> Reply:
        """Packet domain events +CGEV."""
        events = self._net.events
        if cmd.form is Form.READ:
            return f"+CGEREP: {events.mode},{events.flush}"
        if cmd.form is Form.TEST:
            return "+CGEREP: (0-2),(0-1)"
        cmd.at_most(2)
        events.set_mode(cmd.number(0, 0, 2, 0), cmd.number(1, 0, 1, 0))
        return None
