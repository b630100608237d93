"""The current CoAP profile and those stored: +UCOAP (at-commands 7, A5 8.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command

URI, OPTION, VALID, RESTORE, STORE, LIST, SECURITY = 1, 2, 4, 5, 6, 7, 8
HOST, PORT, PATH, QUERY, FORMAT, TYPE = range(6)
"""Options of op 2: the first four are taken from the URI, then the content format, CON or NON."""

URI_LIMIT, PART_LIMIT = 783, 255
SLOTS = 4
SECURITY_PROFILES = 5

PORTS = {"coap": 5683, "coap+tcp": 5683, "coaps": 5684, "coaps+tcp": 5684}
MASK_PRINTED = 0b111
"""Bits of OPT_MASK: A5 8.2.2 prints 7 with options 0 to 4 on, so only the first three show (U)."""


@dataclass(frozen=True)
class Target:
    """A URI taken apart."""

    scheme: str
    host: str
    port: int
    path: tuple[str, ...]
    query: tuple[str, ...]

    @property
    def secure(self) -> bool:
        """DTLS or TLS."""
        return self.scheme.startswith("coaps")

    @property
    def stream(self) -> bool:
        """TCP or TLS instead of UDP or DTLS."""
        return self.scheme.endswith("+tcp")


def take_apart(uri: str) -> Target:
    """CME 50 when it is no URI of CoAP or a part of it is too long."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise CommandError(BAD_PARAMETERS) from None
    host = parts.hostname or ""
    lengths = (len(host), len(parts.path), len(parts.query))
    fits = parts.scheme in PORTS and host and max(lengths) <= PART_LIMIT and port != 0
    if not fits or parts.fragment or "@" in parts.netloc:
        raise CommandError(BAD_PARAMETERS)
    path = tuple(unquote(part) for part in parts.path.split("/")[1:])
    return Target(
        parts.scheme,
        host,
        PORTS[parts.scheme] if port is None else port,
        () if path == ("",) else path,
        tuple(unquote(part) for part in parts.query.split("&")) if parts.query else (),
    )


@dataclass
class Profile:
    """Values after a boot (U): nothing is set, and it is not valid."""

    uri: str = ""
    options: int = 0
    """A bit for each option of op 2."""
    number: int = 0
    valid: int = 0
    security: int = 0
    rai: int = 0

    def has(self, option: int) -> bool:
        """Whether an option is on."""
        return bool(self.options >> option & 1)


def change(profile: Profile, op: int, cmd: Command) -> None:
    """One setting; CME 50 when it does not fit."""
    if op == OPTION:
        cmd.at_most(3)
        option, on = cmd.number(1, HOST, TYPE), cmd.number(2, 0, 1)
        profile.options = profile.options & ~(1 << option) | on << option
        return
    cmd.at_most(2)
    if op == URI:
        uri = cmd.string(1, URI_LIMIT)
        take_apart(uri)
        profile.uri = uri
    elif op == VALID:
        profile.valid = cmd.number(1, 0, 1)
    else:
        profile.security = cmd.number(1, 0, SECURITY_PROFILES - 1)


def shown(profile: Profile, variants: Collection[str], *, current: bool) -> list[str]:
    """The lines of a profile; the flag for release assistance is one of the current (A5 8.2.2)."""
    whole = "coap-mask-whole" in variants
    mask = profile.options if whole else profile.options & MASK_PRINTED
    values = [
        ("URI_STR", f'"{profile.uri}"'),
        ("OPT_MASK", mask),
        ("PROFILE_NUM", profile.number),
        ("STATUS_FLAG", profile.valid),
        ("USECMNG PROFILE", profile.security),
    ]
    if current:
        values.append(("RAI_FLAG", profile.rai))
    blanks = "coap-names-blank" in variants
    return [
        f'+UCOAP: "{name.replace("_", " ") if blanks else name}",{value}' for name, value in values
    ]
