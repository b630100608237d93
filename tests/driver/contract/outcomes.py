"""How a result or an exception is written down, so that two runs and two libraries compare."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

WAITS = "waits"
"""The call had not returned after a while, and was given up."""
TIMED_OUT = "timed out"
"""TimeoutError: its errno is None on CPython and ETIMEDOUT elsewhere."""

_NAMES = {
    errno.EAGAIN: "EAGAIN",  # which is EWOULDBLOCK, too
    errno.EOPNOTSUPP: "EOPNOTSUPP",  # ENOTSUP
}


@dataclass(frozen=True)
class Own:
    """An address of this side, as getsockname() returns it."""

    address: Any


@dataclass(frozen=True)
class Shape:
    """A result whose value depends on the platform: only a word is kept."""

    text: str


NOTHING = Shape("")
"""Of a step that is not recorded."""


class Names:
    """What the hosts and ports of a scene are called."""

    def __init__(self, own: Collection[str], ports: dict[int, str]) -> None:
        self._own = own
        self._ports = ports

    def port(self, number: int) -> str:
        return self._ports.get(number, "chosen" if number else "0")

    def address(self, address: Any, own: bool = False) -> str:
        host, number = address[0], address[1]
        if host in ("0.0.0.0", "::"):
            named = "any"
        elif own and host in self._own:
            named = "own"
        elif host == "127.0.0.1":
            named = "peer"
        else:
            named = repr(host)
        return f"({named}, {self.port(number)})"


def shown(value: Any, names: Names) -> str:
    """A result."""
    if isinstance(value, Shape):
        return value.text
    if isinstance(value, Own):
        return names.address(value.address, own=True)
    if isinstance(value, (bytes, bytearray)):
        return repr(bytes(value)) if len(value) <= 32 else f"{len(value)} bytes"
    if _is_address(value):
        return names.address(value)
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(shown(part, names) for part in value) + ")"
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return type(value).__name__.lower()


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) >= 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def raised(error: Exception) -> str:
    """An exception: the errno of an OSError, else its type."""
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    if isinstance(error, socket.gaierror):
        return "gaierror"
    if isinstance(error, OSError):
        number = error.errno or 0
        return _NAMES.get(number) or errno.errorcode.get(number, f"errno {error.errno}")
    if isinstance(error, AttributeError) and error.name:
        return f"no {error.name}"
    return type(error).__name__


def outcome(action: Callable[[], Any], names: Names) -> str:
    """What an action gives."""
    try:
        return shown(action(), names)
    except Exception as error:
        return raised(error)
