"""Whether a real machine answers: for +UPING to addresses that are in no table."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator

from ..clock import VirtualLoop
from .net import AddressBook, family_of

PATIENCE_S = 1.0
"""Real seconds an answer may take; virtual time stops meanwhile."""

PROBE_PORTS = (7, 443, 80)
"""Tried if no route names a port."""


async def reachable(loop: asyncio.AbstractEventLoop, book: AddressBook, address: str) -> bool:
    """Whether the module's `address` can really be reached."""
    targets = book.targets_of(address)
    if not targets and (book.named(address) or not book.open_network):
        # The name map of a closed network lists all its hosts.
        return book.named(address) or ipaddress.ip_address(address).is_loopback
    for host, port in targets or [(address, None)]:
        if ipaddress.ip_address(host).is_loopback:
            return True
        with _time_stands_still(loop):
            if await loop.run_in_executor(None, answers, host, port):
                return True
    return False


@contextlib.contextmanager
def _time_stands_still(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    if isinstance(loop, VirtualLoop):
        with loop.hold():
            yield
    else:
        yield


def answers(host: str, port: int | None) -> bool:
    """Whether this host reacts to a TCP connection; a refusal counts as an answer.

    An echo request proper would need a privilege that test machines seldom grant.
    """
    return any(_lives(host, each) for each in ((port,) if port else PROBE_PORTS))


def _lives(host: str, port: int) -> bool:
    with socket.socket(family_of(host), socket.SOCK_STREAM) as sock:
        sock.settimeout(PATIENCE_S)
        try:
            sock.connect((host, port))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return True
