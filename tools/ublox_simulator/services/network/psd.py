"""PSD profiles of SARA-R5 (at-commands 2.3, A5 2.2)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from ...errors import APN_MISMATCH, NO_NETWORK_SERVICE, NOT_ALLOWED, TYPE_MISMATCH, CommandError
from ...leftovers import PSD_IN_FORCE
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.net import is_address
from ...world.reject_causes import Refusal
from ..general.dialing import Calls
from ..general.sim import Sim
from .context_table import NO_V4, Context, Login
from .radio import Network

PROFILES = 7
"""0-6; the upper bound is U."""

PROTOCOL, APN, USER, PASSWORD, DNS1, DNS2, AUTHENTICATION, STATIC_IP, MAP = *range(8), 100
TEXT_TAGS = {APN: 99, USER: 64, PASSWORD: 64}
ADDRESS_TAGS = {DNS1, DNS2, STATIC_IP}
READ_TAGS = (PROTOCOL, APN, USER, DNS1, DNS2, AUTHENTICATION, STATIC_IP, MAP)
"""The password cannot be read; 8 to 51 (compression, quality of service) can be read one by one
only."""
OLD_TAGS = range(8, 52)
LONGEST_ADDRESS = 45
DEFAULTS: dict[int, int | str] = {
    PROTOCOL: 0,
    APN: "",
    USER: "",
    PASSWORD: "",
    DNS1: NO_V4,
    DNS2: NO_V4,
    AUTHENTICATION: 0,
    STATIC_IP: NO_V4,
    MAP: 0,
}
PROTOCOLS = {"IP": (0,), "IPV6": (1,), "IPV4V6": (2, 3)}
"""Values of tag 0 for each context type (A5 2.2.1)."""

RESET, STORE, LOAD, ACTIVATE, DEACTIVATE = range(5)
ADDRESS, FIRST_DNS, SECOND_DNS, STATUS = 0, 1, 2, 8
"""<param> of +UPSND."""


class Psd(Service):
    """Internal contexts, each mapped onto an external one."""

    def reset(self) -> None:
        """Profiles are empty after a boot unless loaded from NVM; none is active."""
        self.profiles = [dict(DEFAULTS) for _ in range(PROFILES)]
        self.active: dict[int, int] = {}
        for number, profile in enumerate(self.profiles):
            left = self.module.nvm.get(f"{PSD_IN_FORCE}{number}", {})
            if left:
                self.module.nvm.put(f"{PSD_IN_FORCE}{number}", {})
            if self.module.woke_ready:
                profile.update({int(tag): value for tag, value in left.items()})

    def memory(self) -> Any:
        """The settings come back after PSM ([mc] only activates again; U), inactive."""
        lost = "psm-upsd-lost" in self.module.options.variants
        return None if lost else self.profiles

    def restore(self, memory: Any) -> None:
        """After `reset`."""
        self.profiles = memory

    @property
    def _net(self) -> Network:
        return self.module.network

    def cid_of(self, profile: int) -> int:
        """The context a profile is mapped to; cid 1 when not mapped."""
        return int(self.profiles[profile][MAP]) or 1

    def name_servers(self, cid: int) -> list[str]:
        """The DNS servers set by the active profile on this context; "" = the network's."""
        for profile, used in self.active.items():
            if used == cid:
                tags = self.profiles[profile]
                return ["" if tags[tag] == NO_V4 else str(tags[tag]) for tag in (DNS1, DNS2)]
        return ["", ""]

    # -- configuration ---------------------------------------------------------------------

    @command("+UPSD")
    def configure(self, cmd: Command) -> Reply:
        """Set one tag, or read one or all."""
        if cmd.form is Form.TEST:
            return f"+UPSD: (0-{PROFILES - 1}),(0-51,100)"
        cmd.at_most(3)
        profile = cmd.number(0, 0, PROFILES - 1)
        if len(cmd) == 1:
            return [self._line(profile, tag) for tag in READ_TAGS]
        tag = cmd.number(1, 0, MAP)
        if len(cmd) == 2:
            if tag not in READ_TAGS and tag not in OLD_TAGS:
                raise CommandError(NOT_ALLOWED)
            return self._line(profile, tag)
        if profile in self.active:
            raise CommandError(NOT_ALLOWED)
        self.profiles[profile][tag] = self._value(cmd, tag)
        return None

    def _value(self, cmd: Command, tag: int) -> int | str:
        if tag in TEXT_TAGS:
            return cmd.string(2, TEXT_TAGS[tag])
        if tag in ADDRESS_TAGS:
            text = cmd.string(2, LONGEST_ADDRESS)
            if not is_address(text):
                raise CommandError(NOT_ALLOWED)
            return text
        if tag in (PROTOCOL, AUTHENTICATION):
            return cmd.number(2, 0, 3)
        if tag == MAP:
            return cmd.number(2, 0, self.module.spec.cids.stop - 1)
        if tag in OLD_TAGS:
            return cmd.number(2, 0, 0xFFFF)
        raise CommandError(NOT_ALLOWED)

    def _line(self, profile: int, tag: int) -> str:
        value = self.profiles[profile].get(tag, 0)
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        return f"+UPSD: {profile},{tag},{shown}"

    # -- actions ---------------------------------------------------------------------------

    @command("+UPSDA", abortable=True)
    async def act(self, cmd: Command) -> Reply:
        """Reset, store, load, activate, deactivate."""
        if cmd.form is Form.TEST:
            return f"+UPSDA: (0-{PROFILES - 1}),(0-4)"
        cmd.at_most(2)
        profile = cmd.number(0, 0, PROFILES - 1)
        action = cmd.number(1, RESET, DEACTIVATE)
        if action == ACTIVATE:
            await self._activate(profile)
        elif action == DEACTIVATE:
            await self._deactivate(profile)
        elif action == STORE:
            stored = {str(tag): value for tag, value in self.profiles[profile].items()}
            self.module.nvm.put(f"psd{profile}", stored)
        elif profile in self.active:
            raise CommandError(NOT_ALLOWED)
        elif action == RESET:
            self.profiles[profile] = dict(DEFAULTS)
        else:
            stored = self.module.nvm.get(f"psd{profile}", {})
            self.profiles[profile] = {**DEFAULTS, **{int(t): v for t, v in stored.items()}}
        return None

    async def _activate(self, profile: int) -> None:
        self.module.service(Sim).require()
        failing = self.module.interface.failing
        cid = self.cid_of(profile)
        context = self._net.contexts.get(cid)
        if profile in self.active or not self._net.registered or context is None:
            raise CommandError(NOT_ALLOWED)
        self._check_apn(str(self.profiles[profile][APN]), context)
        fitting = set(PROTOCOLS.get(context.kind, ()))
        if context.active and context.kind == "IPV4V6":
            fitting |= set(PROTOCOLS.get(context.granted, ()))
        if self.profiles[profile][PROTOCOL] not in fitting:
            raise CommandError(TYPE_MISMATCH)
        await self._take_a_while()
        fault = self.module.options.psd_error if failing is None else failing.number
        self.module.later(self.module.options.psd_ms, self._activated, profile, cid, fault)

    @staticmethod
    def _check_apn(wanted: str, context: Context) -> None:
        known = {context.apn.lower()}
        if context.active:
            known.add(context.granted_apn.lower())
        if wanted and known != {""} and wanted.lower() not in known:
            raise CommandError(APN_MISMATCH)

    def _activated(self, profile: int, cid: int, fault: int) -> None:
        code = fault or self._bring_up(profile, cid)
        if code:
            self.module.urc(f"+UUPSDA: {code}")
            return
        self.active[profile] = cid
        self._net.touch()
        self.module.urc(f'+UUPSDA: 0,"{self._net.contexts[cid].address}"')

    def _bring_up(self, profile: int, cid: int) -> int:
        """Activate the context of a profile if it is not active; 0 or the error for +UUPSDA."""
        context = self._net.contexts.get(cid)
        if not self._net.registered or context is None:
            return NO_NETWORK_SERVICE
        if context.active:
            return 0
        if sum(c.active for c in self._net.contexts.values()) >= self.module.spec.active_cids:
            return NOT_ALLOWED
        refusal = self._refused(profile, context)
        if refusal is not None:
            self._net.refusal = refusal
            return refusal.code
        self._net.activate(cid)
        return 0

    def _refused(self, profile: int, context: Context) -> Refusal | None:
        tags = self.profiles[profile]
        apn = context.apn or str(tags[APN])
        method = int(tags[AUTHENTICATION])
        login = Login(method, str(tags[USER]), str(tags[PASSWORD])) if method else None
        return self._net.refused_context(replace(context, apn=apn), login)

    async def _take_a_while(self) -> None:
        pause = asyncio.sleep(self.module.options.psd_ms / 1000)
        await self.module.interface.wait_or_abort(pause)

    async def _deactivate(self, profile: int) -> None:
        if profile not in self.active:
            raise CommandError(NOT_ALLOWED)
        await self._take_a_while()
        cid = self.active.pop(profile, None)
        if cid is None:
            return  # the network was faster
        self.module.urc(f"+UUPSDD: {profile}")
        if cid not in self.active.values():
            self._applications_lose(cid)

    def _applications_lose(self, cid: int) -> None:
        """The module's own clients use a context through its profile; a call does not."""
        for service in self.module.services:
            if not isinstance(service, Calls):
                service.context_lost(cid, told=True)

    def context_lost(self, cid: int, told: bool = True) -> None:
        """The context of a profile went down."""
        for profile in [p for p, used in self.active.items() if used == cid]:
            del self.active[profile]
            if told:
                self.module.urc(f"+UUPSDD: {profile}")

    # -- status ----------------------------------------------------------------------------

    @command("+UPSND")
    def status(self, cmd: Command) -> Reply:
        """Address, DNS servers and state of a profile."""
        if cmd.form is Form.TEST:
            return f"+UPSND: (0-{PROFILES - 1}),(0-24)"
        cmd.at_most(2)
        profile = cmd.number(0, 0, PROFILES - 1)
        what = cmd.number(1, 0, 24)
        if what == STATUS:
            return f"+UPSND: {profile},{STATUS},{int(profile in self.active)}"
        if what > SECOND_DNS:
            return f"+UPSND: {profile},{what},0"
        return f'+UPSND: {profile},{what},"{self._address(profile, what)}"'

    def _address(self, profile: int, what: int) -> str:
        if profile not in self.active:
            return NO_V4
        cid = self.active[profile]
        context = self._net.contexts[cid]
        if what == ADDRESS:
            return context.address
        options = self.module.options
        servers = options.dns_servers6 if context.granted == "IPV6" else options.dns_servers
        return self.name_servers(cid)[what - FIRST_DNS] or servers[what - FIRST_DNS]
