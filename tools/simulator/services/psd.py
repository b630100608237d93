"""PSD profiles of SARA-R5 (at-commands 2.3, A5 2.2)."""

from __future__ import annotations

import asyncio

from ..errors import APN_MISMATCH, NOT_ALLOWED, TYPE_MISMATCH, CommandError
from ..parser import Command, Form
from ..service import Reply, Service, command

PROFILES = 7
"""0-6; the upper bound is U."""

TEXT_TAGS = {1: 99, 2: 64, 3: 64, 4: 45, 5: 45, 7: 45}
READ_TAGS = (0, 1, 2, 4, 5, 6, 7, 100)
DEFAULTS: dict[int, int | str] = {
    0: 0,
    1: "",
    2: "",
    3: "",
    4: "0.0.0.0",
    5: "0.0.0.0",
    6: 0,
    7: "0.0.0.0",
    100: 0,
}
PROTOCOLS = {"IP": (0,), "IPV6": (1,), "IPV4V6": (2, 3)}
"""Which tag 0 fits which context type (A5 2.2.1)."""


class Psd(Service):
    """Internal contexts, each mapped onto an external one."""

    def reset(self) -> None:
        """Profiles are empty after a boot unless loaded from NVM; none is active."""
        self.profiles = [dict(DEFAULTS) for _ in range(PROFILES)]
        self.active: dict[int, int] = {}

    def cid_of(self, profile: int) -> int:
        """The context a profile is mapped to; cid 1 when not mapped."""
        return int(self.profiles[profile][100]) or 1

    @command("+UPSD")
    def configure(self, cmd: Command) -> Reply:
        """Set one tag, or read one or all."""
        if cmd.form is Form.TEST:
            return f"+UPSD: (0-{PROFILES - 1}),(0-7,100)"
        profile = cmd.number(0, 0, PROFILES - 1)
        if len(cmd) == 1:
            return [self._line(profile, tag) for tag in READ_TAGS]
        tag = cmd.number(1, 0, 100)
        if len(cmd) == 2:
            if tag not in READ_TAGS:
                raise CommandError(NOT_ALLOWED)
            return self._line(profile, tag)
        if profile in self.active:
            raise CommandError(NOT_ALLOWED)
        self.profiles[profile][tag] = self._value(cmd, tag)
        return None

    def _value(self, cmd: Command, tag: int) -> int | str:
        if tag in TEXT_TAGS:
            return cmd.string(2, TEXT_TAGS[tag])
        if tag == 0:
            return cmd.number(2, 0, 3)
        if tag == 6:
            return cmd.number(2, 0, 3)
        if tag == 100:
            return cmd.number(2, 0, self.module.spec.cids.stop - 1)
        if 8 <= tag <= 51:
            return cmd.number(2, 0, 0xFFFF)
        raise CommandError(NOT_ALLOWED)

    def _line(self, profile: int, tag: int) -> str:
        value = self.profiles[profile].get(tag, 0)
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        return f"+UPSD: {profile},{tag},{shown}"

    @command("+UPSDA", abortable=True)
    async def act(self, cmd: Command) -> Reply:
        """Reset, store, load, activate, deactivate."""
        if cmd.form is Form.TEST:
            return f"+UPSDA: (0-{PROFILES - 1}),(0-4)"
        profile = cmd.number(0, 0, PROFILES - 1)
        action = cmd.number(1, 0, 4)
        if action == 3:
            await self._activate(profile)
        elif action == 4:
            await self._deactivate(profile)
        elif profile in self.active:
            raise CommandError(NOT_ALLOWED)
        elif action == 0:
            self.profiles[profile] = dict(DEFAULTS)
        elif action == 1:
            stored = {str(tag): value for tag, value in self.profiles[profile].items()}
            self.module.nvm.put(f"psd{profile}", stored)
        else:
            stored = self.module.nvm.get(f"psd{profile}", {})
            self.profiles[profile] = {**DEFAULTS, **{int(t): v for t, v in stored.items()}}
        return None

    async def _activate(self, profile: int) -> None:
        network = self.module.network
        cid = self.cid_of(profile)
        context = network.contexts.get(cid)
        if profile in self.active or not network.registered or context is None:
            raise CommandError(NOT_ALLOWED)
        wanted = self.profiles[profile][1]
        if wanted and context.apn and wanted != context.apn:
            raise CommandError(APN_MISMATCH)
        fitting = set(PROTOCOLS.get(context.kind, ()))
        if context.active and context.kind == "IPV4V6":
            fitting |= set(PROTOCOLS.get(context.granted, ()))
        if self.profiles[profile][0] not in fitting:
            raise CommandError(TYPE_MISMATCH)
        await self.module.interface.wait_or_abort(asyncio.sleep(self.module.options.psd_ms / 1000))
        self.module.later(self.module.options.psd_ms, self._activated, profile, cid)

    def _activated(self, profile: int, cid: int) -> None:
        network = self.module.network
        if self.module.options.psd_error or not network.registered:
            self.module.urc(f"+UUPSDA: {self.module.options.psd_error or 30}")
            return
        if not network.context_active(cid):
            network.activate(cid)
        self.active[profile] = cid
        network.touch()
        self.module.urc(f'+UUPSDA: 0,"{network.contexts[cid].address}"')

    async def _deactivate(self, profile: int) -> None:
        if profile not in self.active:
            raise CommandError(NOT_ALLOWED)
        await self.module.interface.wait_or_abort(asyncio.sleep(self.module.options.psd_ms / 1000))
        cid = self.active.pop(profile, None)
        if cid is None:
            return  # the network was faster
        self.module.urc(f"+UUPSDD: {profile}")
        if cid not in self.active.values():
            self.module.sockets.context_lost(cid)

    def context_lost(self, cid: int) -> None:
        """The context under a profile went down."""
        for profile in [p for p, used in self.active.items() if used == cid]:
            del self.active[profile]
            self.module.urc(f"+UUPSDD: {profile}")

    @command("+UPSND")
    def status(self, cmd: Command) -> Reply:
        """Address, DNS servers and state of a profile."""
        if cmd.form is Form.TEST:
            return f"+UPSND: (0-{PROFILES - 1}),(0-24)"
        profile = cmd.number(0, 0, PROFILES - 1)
        what = cmd.number(1, 0, 24)
        up = profile in self.active
        if what == 8:
            return f"+UPSND: {profile},8,{int(up)}"
        if what > 2:
            return f"+UPSND: {profile},{what},0"
        value = "0.0.0.0"
        if up:
            context = self.module.network.contexts[self.active[profile]]
            value = (context.address, *self.module.options.dns_servers)[what]
        return f'+UPSND: {profile},{what},"{value}"'
