"""The context table (at-commands 2.2): definitions, activation, what the network grants."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...line.parser import Command
from ...service import Service
from ...world.reject_causes import ESM_AUTHENTICATION, ESM_UNKNOWN_APN, Refusal
from .packet_events import PacketEvents

NO_V4 = "0.0.0.0"
NO_V6 = ".".join(["0"] * 16)
FALLBACK_REASON = {"IP": ",0", "IPV6": ",1"}
"""<reason> of +CGEV: ME PDN ACT when an IPV4V6 context got only one of them (27.007)."""

NO_LOGIN, PAP, CHAP, AUTO = range(4)
METHODS = {PAP: {"PAP"}, CHAP: {"CHAP"}, AUTO: {"PAP", "CHAP"}, NO_LOGIN: {"NONE"}}


@dataclass(frozen=True)
class Login:
    """Authentication of one context; method 0 is none, 1 PAP, 2 CHAP, 3 either."""

    method: int = NO_LOGIN
    user: str = ""
    password: str = ""


@dataclass
class Context:
    """One defined context; `granted…` and `address` only while active."""

    cid: int
    kind: str = "IPV4V6"
    apn: str = ""
    login: Login = field(default_factory=Login)
    active: bool = False
    granted: str = ""
    granted_apn: str = ""
    address: str = ""


class Contexts(Service):
    """The table and its changes; Network inherits this."""

    default_cid: int
    """Default context: +UDCONF=19 on LEXI-R10, as it was at the last boot."""
    preferred_type: int
    """Its IP type: 0 IPv4, 1 IPv6."""

    def reset_contexts(self) -> None:
        """Definitions come from the NVM; factory has context 1 as IPV4V6 without APN."""
        keep_logins = "auth-volatile" not in self.module.options.variants
        self.contexts: dict[int, Context] = {}
        for cid, kind, apn, *login in self.module.nvm.get("contexts", [[1, "IPV4V6", ""]]):
            known = Login(*login) if login and keep_logins else Login()
            self.contexts[cid] = Context(cid, kind, apn, known)
        factory = [3 if self.module.nvm.get("mno_in_force", 0) == 3 else 1, 0]
        stored = self.module.nvm.get("udconf19", factory)
        default = [1, 0] if self.module.spec.psd_profiles else stored
        self.default_cid, self.preferred_type = int(default[0]), int(default[1])
        self.events = PacketEvents(self.module)

    def store_contexts(self) -> None:
        """Store the definitions."""
        rows = [
            [c.cid, c.kind, c.apn, c.login.method, c.login.user, c.login.password]
            for c in self.contexts.values()
        ]
        self.module.nvm.put("contexts", rows)

    def cid_parameter(self, cmd: Command, index: int = 0) -> int:
        """Parameter `index` as a context id of this module."""
        cids = self.module.spec.cids
        return cmd.number(index, cids.start, cids.stop - 1)

    def context_active(self, cid: int) -> bool:
        """Whether this context carries packets."""
        context = self.contexts.get(cid)
        return context is not None and context.active

    # -- activation ------------------------------------------------------------------------

    def refused_context(self, context: Context, login: Login | None = None) -> Refusal | None:
        """The network's reason for refusing to activate this context (options `apns`,
        `logins`)."""
        options = self.module.options
        apn = (context.apn or options.network_apn).lower()
        if options.apns and apn not in {known.lower() for known in options.apns}:
            return Refusal("ESM", ESM_UNKNOWN_APN)
        logins = {name.lower(): wanted for name, wanted in options.logins.items()}
        if apn not in logins:
            return None
        user, password, *rest = logins[apn]
        accepted = {name.strip().upper() for name in (rest[0] if rest else "PAP,CHAP").split(",")}
        given = login or context.login
        fits = (given.user, given.password) == (user, password)
        if fits and METHODS[given.method] & accepted:
            return None
        return Refusal("ESM", ESM_AUTHENTICATION)

    def activate_default(self) -> None:
        """The attach brings the default bearer, cid 1; on LEXI-R10 perhaps the context of
        +UDCONF=19."""
        self.contexts.setdefault(1, Context(1))
        cids = [1]
        if "udconf19-activates" in self.module.options.variants:
            cids.append(self.default_cid)
        for cid in cids:
            context = self.contexts.get(cid)
            if context is not None and not context.active and not self.refused_context(context):
                self.activate(cid)

    def activate(self, cid: int) -> None:
        """Bring a context up; the address depends on type and cid."""
        context = self.contexts[cid]
        options = self.module.options
        context.granted = options.network_type if context.kind == "IPV4V6" else context.kind
        context.granted_apn = (context.apn or options.network_apn) + options.apn_suffix
        context.address = self.address_of(context.granted, cid)
        context.active = True
        fallback = FALLBACK_REASON.get(context.granted, "") if context.kind == "IPV4V6" else ""
        self.events.tell(f"ME PDN ACT {cid}{fallback}")

    def own_address(self, kind: str = "IP") -> str:
        """The module's address as it prints it."""
        return self.address_of(kind, 1)

    def address_of(self, kind: str, cid: int) -> str:
        """The address that the network assigns to a context of this type."""
        options = self.module.options
        v4 = options.address or self.module.spec.address
        if cid > 1:
            head, _, tail = v4.rpartition(".")
            v4 = f"{head}.{(int(tail) + cid - 1) % 256}"
        forms = {"IP": v4, "IPV6": options.address6, "IPV4V6": f"{v4} {options.address6}"}
        return forms.get(kind, v4)

    # -- loss ------------------------------------------------------------------------------

    def drop_all_contexts(self) -> None:
        """The attach is lost; its end is reported, not the end of each context (27.007)."""
        for cid in [cid for cid, context in self.contexts.items() if context.active]:
            self.drop_context(cid)

    def drop_context(self, cid: int, told: bool = True) -> None:
        """A context went down: profiles and sockets on it are lost."""
        self.contexts[cid].active = False
        self.module.context_lost(cid, told)
