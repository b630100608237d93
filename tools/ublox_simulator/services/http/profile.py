"""The parameters of an HTTP profile: +UHTTP (at-commands 9.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command
from ...world.net import is_address

ADDRESS, SERVER, USER, PASSWORD, AUTHENTICATION, PORT, SECURE, TIMEOUT = range(8)
HEADER, LINK, CONTEXT = 9, 10, 20

SERVER_LIMIT, LOGIN_LIMIT, HEADER_LIMIT = 128, 30, 64
HEADER_IDS = 5
HTTP_PORT, HTTPS_PORT = 80, 443
SECURITY_PROFILES = 5

CUSTOM_HEADER = re.compile(r"([0-4]):(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^:\x00-\x1f\x7f]*))?")
HEADER_TEXT_LIMIT = 2 * HEADER_LIMIT + 3
HOST_NAME = re.compile(r"[A-Za-z0-9._-]*")


@dataclass
class Profile:
    """Values as at-commands 9.1 has them; what both modules start with."""

    address: str = ""
    server: str = ""
    user: str = ""
    password: str = ""
    basic: int = 0
    port: int = HTTP_PORT
    port_by_hand: bool = False
    secure: int = 0
    security_profile: int | None = None
    """None: factory values of a security profile."""
    timeout_s: int = 180
    headers: dict[str, list[str]] = field(default_factory=dict)
    """Id -> name and value; text keys, because the NVM is JSON."""
    link: int = 0
    cid: int = 1
    prefer_v6: int = 0

    @property
    def host(self) -> str:
        """The server: its name, or the address instead."""
        return self.server or self.address


TEXT_OPS = {
    ADDRESS: ("address", 45),
    SERVER: ("server", SERVER_LIMIT),
    USER: ("user", LOGIN_LIMIT),
    PASSWORD: ("password", LOGIN_LIMIT),
}
NUMBER_OPS = {
    AUTHENTICATION: ("basic", 0, 1),
    PORT: ("port", 1, 65535),
    TIMEOUT: ("timeout_s", 30, 180),
    LINK: ("link", 0, 1),
}
COMMON_OPS = (ADDRESS, SERVER, USER, PASSWORD, AUTHENTICATION, PORT, SECURE, TIMEOUT, HEADER)
LEXI_OPS = (LINK, CONTEXT)


def change(profile: Profile, op: int, cmd: Command) -> None:
    """Set the values of `op` from the third parameter on; CME 50 if they are invalid."""
    if op in TEXT_OPS:
        cmd.at_most(3)
        name, limit = TEXT_OPS[op]
        _set_text(profile, op, name, cmd.string(2, limit))
    elif op in NUMBER_OPS:
        cmd.at_most(3)
        name, low, high = NUMBER_OPS[op]
        setattr(profile, name, cmd.number(2, low, high))
        profile.port_by_hand |= op == PORT
    elif op == SECURE:
        _set_secure(profile, cmd)
    elif op == HEADER:
        cmd.at_most(3)
        _set_header(profile, cmd.string(2, HEADER_TEXT_LIMIT))
    else:
        cmd.at_most(4)
        cid, prefer_v6 = cmd.number(2, 1, 15), cmd.number(3, 0, 1, 0)
        profile.cid, profile.prefer_v6 = cid, prefer_v6


def _set_text(profile: Profile, op: int, name: str, text: str) -> None:
    wrong_address = op == ADDRESS and text and not is_address(text)
    wrong_name = op == SERVER and not (HOST_NAME.fullmatch(text) or is_address(text))
    if wrong_address or wrong_name:
        raise CommandError(BAD_PARAMETERS)
    setattr(profile, name, text)
    # Name and address are alternatives: the later one is used.
    if op == ADDRESS:
        profile.server = ""
    elif op == SERVER:
        profile.address = ""


def _set_secure(profile: Profile, cmd: Command) -> None:
    """The port follows, unless it was chosen by hand (A5 10.4, A10 7.5)."""
    cmd.at_most(4)
    secure = cmd.number(2, 0, 1)
    last = SECURITY_PROFILES - 1
    profile.security_profile = cmd.number(3, 0, last) if cmd.has(3) else None
    profile.secure = secure
    if not profile.port_by_hand:
        profile.port = HTTPS_PORT if secure else HTTP_PORT


def _set_header(profile: Profile, text: str) -> None:
    match = CUSTOM_HEADER.fullmatch(text)
    if match is None:
        raise CommandError(BAD_PARAMETERS)
    ident, name, value = match.groups()
    if name is None:
        profile.headers.pop(ident, None)
        return
    if len(name) > HEADER_LIMIT or len(value) > HEADER_LIMIT:
        raise CommandError(BAD_PARAMETERS)
    profile.headers[ident] = [name, value]


def shown(profile: Profile, number: int, op: int) -> list[str]:
    """The lines with the value of `op`; the password is not shown."""
    if op == PASSWORD:
        raise CommandError(NOT_ALLOWED)
    return [f"+UHTTP: {number},{op},{text}" for text in _values(profile, op)]


def _values(profile: Profile, op: int) -> list[str]:
    if op in TEXT_OPS:
        return [f'"{getattr(profile, TEXT_OPS[op][0])}"']
    if op in NUMBER_OPS:
        return [str(getattr(profile, NUMBER_OPS[op][0]))]
    if op == SECURE:
        known = profile.security_profile is not None
        return [f"{profile.secure}" + (f",{profile.security_profile}" if known else "")]
    if op == HEADER:
        found = [f'"{i}:{name}:{value}"' for i, (name, value) in sorted(profile.headers.items())]
        return found or ['""']
    return [f"{profile.cid},{profile.prefer_v6}"]
