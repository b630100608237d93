"""PDP contexts (at-commands 2.2): definition, activation, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import NOT_ALLOWED, CommandError
from ..parser import Command, Form
from ..service import Reply, Service, command

if TYPE_CHECKING:
    from .network import Network

TYPES = ("IP", "IPV6", "IPV4V6", "NONIP")
NO_V4 = "0.0.0.0"
NO_V6 = ".".join(["0"] * 16)
LONGEST_APN = 99


@dataclass
class Context:
    """One defined context; `granted` and `address` only while active."""

    cid: int
    kind: str = "IPV4V6"
    apn: str = ""
    active: bool = False
    granted: str = ""
    granted_apn: str = ""
    address: str = ""


class Contexts(Service):
    """The context table of the radio."""

    def reset_contexts(self) -> None:
        """Definitions come from the NVM; factory has context 1 as IPV4V6 without APN."""
        stored = self.module.nvm.get("contexts", [[1, "IPV4V6", ""]])
        self.contexts = {cid: Context(cid, kind, apn) for cid, kind, apn in stored}
        self.cgerep = 0

    @property
    def _net(self) -> Network:
        return self.module.network

    def context_active(self, cid: int) -> bool:
        """Whether this context carries packets."""
        context = self.contexts.get(cid)
        return context is not None and context.active

    def activate_default(self) -> None:
        """The attach brings the default bearer, cid 1."""
        self.contexts.setdefault(1, Context(1))
        if not self.contexts[1].active:
            self.activate(1)

    def activate(self, cid: int) -> None:
        """Bring a context up; the address depends on type and cid."""
        context = self.contexts[cid]
        options = self.module.options
        context.granted = options.network_type if context.kind == "IPV4V6" else context.kind
        context.granted_apn = context.apn or options.network_apn
        context.address = self._address(context.granted, cid)
        context.active = True
        self._event(f"ME PDN ACT {cid}")

    def own_address(self, kind: str = "IP") -> str:
        """The module's address as it prints it."""
        return self._address(kind, 1)

    def _address(self, kind: str, cid: int) -> str:
        options = self.module.options
        v4 = options.address or self.module.spec.address
        if cid > 1:
            head, _, tail = v4.rpartition(".")
            v4 = f"{head}.{(int(tail) + cid - 1) % 256}"
        forms = {"IP": v4, "IPV6": options.address6, "IPV4V6": f"{v4} {options.address6}"}
        return forms.get(kind, v4)

    def drop_all_contexts(self) -> None:
        """The attach is gone."""
        for cid in [cid for cid, context in self.contexts.items() if context.active]:
            self.drop_context(cid)

    def drop_context(self, cid: int) -> None:
        """A context went down: profiles and sockets on it go with it."""
        context = self.contexts[cid]
        context.active = False
        self._event(f"ME PDN DEACT {cid}")
        self.module.context_lost(cid)

    def _event(self, text: str) -> None:
        if self.cgerep:
            self.module.urc(f"+CGEV: {text}")

    # -- commands --------------------------------------------------------------------------

    def _cid(self, cmd: Command, index: int = 0) -> int:
        cids = self.module.spec.cids
        return cmd.number(index, cids.start, cids.stop - 1)

    @command("+CGDCONT")
    def define(self, cmd: Command) -> Reply:
        """Define (or with the cid alone undefine) a context; kept in NVM."""
        if cmd.form is Form.READ:
            return [self._line(self.contexts[cid]) for cid in sorted(self.contexts)]
        if cmd.form is Form.TEST:
            cids = self.module.spec.cids
            return [
                f'+CGDCONT: ({cids.start}-{cids.stop - 1}),"{kind}",,,(0-2),(0-4)'
                for kind in TYPES[:3]
            ]
        cid = self._cid(cmd)
        if len(cmd) == 1:
            if self.context_active(cid):
                raise CommandError(NOT_ALLOWED)
            self.contexts.pop(cid, None)
        else:
            kind = cmd.string(1, 8).upper()
            if kind not in TYPES:
                raise CommandError(NOT_ALLOWED)
            context = self.contexts.setdefault(cid, Context(cid))
            context.kind, context.apn = kind, cmd.string(2, LONGEST_APN, "")
        self.module.nvm.put("contexts", [[c.cid, c.kind, c.apn] for c in self.contexts.values()])
        return None

    def _line(self, context: Context) -> str:
        tail = self.module.spec.context_tail
        if context.active:
            return (
                f'+CGDCONT: {context.cid},"{context.granted}","{context.granted_apn}",'
                f'"{context.address}"{tail}'
            )
        none = {"IP": NO_V4, "IPV6": NO_V6, "IPV4V6": f"{NO_V4} {NO_V6}"}.get(context.kind, "")
        return f'+CGDCONT: {context.cid},"{context.kind}","{context.apn}","{none}"{tail}'

    @command("+CGATT", takes_ms=100, abortable=True)
    async def attach(self, cmd: Command) -> Reply:
        """Packet service attach."""
        if cmd.form is Form.READ:
            return f"+CGATT: {int(self._net.registered)}"
        if cmd.form is Form.TEST:
            return "+CGATT: (0,1)"
        if cmd.number(0, 0, 1):
            if self._net.cfun != 1:
                raise CommandError(NOT_ALLOWED)
            self._net.start_radio()
            await self.module.interface.wait_or_abort(self._net.wait_registered())
        else:
            self._net.stop_radio()
        return None

    @command("+CGACT", takes_ms=100, abortable=True)
    def act(self, cmd: Command) -> Reply:
        """Activate or deactivate contexts; cid 1 is the last bearer in LTE and stays."""
        if cmd.form is Form.READ:
            return [
                f"+CGACT: {cid},{int(self.contexts[cid].active)}" for cid in sorted(self.contexts)
            ]
        if cmd.form is Form.TEST:
            return "+CGACT: (0,1)"
        up = cmd.number(0, 0, 1)
        cids = [self._cid(cmd, index) for index in range(1, len(cmd))] or sorted(self.contexts)
        if not self._net.registered or any(cid not in self.contexts for cid in cids):
            raise CommandError(NOT_ALLOWED)
        for cid in cids:
            self._switch(cid, bool(up), alone=len(cmd) > 1)
        return None

    def _switch(self, cid: int, up: bool, alone: bool) -> None:
        active = self.contexts[cid].active
        if up and not active:
            if sum(c.active for c in self.contexts.values()) >= self.module.spec.active_cids:
                raise CommandError(NOT_ALLOWED)
            self.activate(cid)
        elif not up and active:
            if cid == 1:
                if alone:
                    raise CommandError(NOT_ALLOWED)
                return
            self.drop_context(cid)

    @command("+CGPADDR")
    def addresses(self, cmd: Command) -> Reply:
        """Addresses of one or all contexts."""
        if cmd.form is Form.TEST:
            return f"+CGPADDR: ({','.join(str(cid) for cid in sorted(self.contexts))})"
        cids = [self._cid(cmd, i) for i in range(len(cmd))] or sorted(self.contexts)
        lines = []
        for cid in cids:
            context = self.contexts.get(cid)
            address = context.address if context is not None and context.active else NO_V4
            lines.append(f'+CGPADDR: {cid},"{address}"')
        return lines

    @command("+CGCONTRDP")
    def dynamic(self, cmd: Command) -> Reply:
        """What the network granted to active contexts."""
        active = [cid for cid in sorted(self.contexts) if self.contexts[cid].active]
        if cmd.form is Form.TEST:
            return f"+CGCONTRDP: ({','.join(map(str, active))})"
        cids = [self._cid(cmd)] if len(cmd) else active
        first, second = self.module.options.dns_servers
        lines = []
        for cid in cids:
            if cid not in active:
                continue
            context = self.contexts[cid]
            v4 = self._address("IP", cid)
            lines.append(
                f'+CGCONTRDP: {cid},{4 + cid},"{context.granted_apn}",'
                f'"{v4}.255.255.255.255","{v4}","{first}","{second}","","",0,0,1500'
            )
        return lines

    @command("+CGEREP")
    def event_reports(self, cmd: Command) -> Reply:
        """Packet domain events +CGEV."""
        if cmd.form is Form.READ:
            return f"+CGEREP: {self.cgerep},0"
        if cmd.form is Form.TEST:
            return "+CGEREP: (0-2),(0-1)"
        self.cgerep = cmd.number(0, 0, 2, 0)
        return None
