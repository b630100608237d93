"""The network of the module: names, addresses and real non-blocking sockets of the host."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..spec import Options

Address = tuple[str, int]

DNS_NAME_NOT_FOUND = 163


class ResolveError(Exception):
    """A name could not be resolved; `errno` is the module's number (at-commands 3.6)."""

    def __init__(self, errno: int = DNS_NAME_NOT_FOUND) -> None:
        super().__init__(f"resolver error {errno}")
        self.errno = errno


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 literal."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def family_of(address: str) -> socket.AddressFamily:
    """Address family of a literal."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def split_route(text: str) -> tuple[str, int | None]:
    """ "ADDR", "ADDR:PORT" or "[V6]:PORT" -> (address, port or None)."""
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return address, int(rest[1:]) if rest else None
    if text.count(":") == 1:
        address, _, port = text.partition(":")
        return address, int(port)
    return text, None


class AddressBook:
    """Maps names to addresses and the addresses the module sees to the real ones and back."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        hosts: Mapping[str, str],
        routes: Mapping[str, str],
        options: Options,
    ) -> None:
        self._loop = loop
        self._system_dns = options.system_dns
        self._offset = options.listen_offset
        self._ports = dict(options.listen_map)
        self.hosts = {name.lower(): address for name, address in hosts.items()}
        self._out: dict[tuple[str, int | None], tuple[str, int | None]] = {}
        self._back: dict[tuple[str, int | None], tuple[str, int | None]] = {}
        for seen, real in routes.items():
            self.add_route(seen, real)

    def add_route(self, seen: str, real: str) -> None:
        """The module's `seen` ("ADDR" or "ADDR:PORT") is `real`; also used for answers."""
        self._out[split_route(seen)] = split_route(real)
        self._back[split_route(real)] = split_route(seen)

    def outward(self, address: str, port: int) -> Address:
        """The real destination for the module's (address, port)."""
        return self._translate(self._out, address, port)

    def inward(self, address: str, port: int) -> Address:
        """The address of a real peer as the module sees it."""
        return self._translate(self._back, address, port)

    def _translate(
        self, table: dict[tuple[str, int | None], tuple[str, int | None]], address: str, port: int
    ) -> Address:
        found = table.get((address, port)) or table.get((address, None))
        if found is None:
            return address, port
        return found[0], port if found[1] is None else found[1]

    def named(self, address: str) -> bool:
        """Whether the name map leads to this address."""
        return address in self.hosts.values()

    def targets_of(self, address: str) -> list[tuple[str, int | None]]:
        """The real destination of the module's `address` according to the routes."""
        return [
            (host, real_port if real_port is not None else port)
            for (seen, port), (host, real_port) in self._out.items()
            if seen == address
        ]

    @property
    def open_network(self) -> bool:
        """Whether names and addresses beyond the maps exist (the system's network)."""
        return self._system_dns

    def real_port(self, port: int) -> int:
        """Real port to bind for the module's port (0 = any)."""
        if port == 0:
            return 0
        return self._ports.get(port, port + self._offset if self._offset else port)

    async def resolve(self, name: str, want_v6: bool = False) -> str:
        """Address of a name: literals, then the name map, then (if allowed) the system."""
        if is_address(name):
            return name
        found = self.hosts.get(name.lower())
        if found is not None:
            return found
        if not self._system_dns:
            raise ResolveError
        return await self._ask_system(name, want_v6)

    async def _ask_system(self, name: str, want_v6: bool) -> str:
        family = socket.AF_INET6 if want_v6 else socket.AF_INET
        try:
            found = await self._loop.getaddrinfo(name, None, family=family)
        except (OSError, UnicodeError):
            raise ResolveError from None
        if not found:
            raise ResolveError
        return str(found[0][4][0])

    def name_of(self, address: str) -> str:
        """Reverse look-up in the name map."""
        for name, known in self.hosts.items():
            if known == address:
                return name
        raise ResolveError
