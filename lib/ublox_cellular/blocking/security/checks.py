# Generated from aio/security/checks.py by tools/generate. Do not edit.
"""What all operations on certificates and keys need: names, numbers, digests."""

from ...core.command import sendable
from ...core.compat import const

_KINDS = "CA CC PK SC VC PU "  # in the order of their numbers

_LONGEST_NAME = const(200)
_LONGEST_PASSWORD = const(128)


def kind_number(kind) -> int:
    """The module's number of a kind; `ValueError`."""
    at = _KINDS.find(kind + " ") if isinstance(kind, str) and len(kind) == 2 else -1
    if at < 0:
        raise ValueError("kind: one of " + _KINDS)
    return at // 3


def named(name) -> str:
    """A name that can be sent; `ValueError`, `TypeError`."""
    if not name:
        raise ValueError("a name wanted")
    return str(sendable(name, _LONGEST_NAME), "utf-8")


def password_of(kind: str, password) -> str:
    if kind != "PK":
        raise ValueError("password: only keys (PK) have one")
    return str(sendable(password, _LONGEST_PASSWORD), "utf-8")


def digest(row) -> str:
    """Of an answer `op,type,name,md5`, whose op is not always what was asked (at-commands 4.1)."""
    return str(row[3]).strip().lower()
