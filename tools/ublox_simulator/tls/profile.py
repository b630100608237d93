"""One security profile of +USECPRF: plain data (at-commands 4.2, 4.4)."""

from __future__ import annotations

from dataclasses import dataclass, field

NO_CHECK, CHAIN, HOST, DATE = range(4)
"""Validation levels."""

OFF, ENABLED, CONFIGURED = range(3)
"""Status of resumption; the last is only reported, never set."""

ID_TAG, TICKET_TAG, ENCRYPTED = 2, 3, 10
"""Data tags of op-code 13; the encrypted form has 10 more."""


@dataclass
class Resumption:
    """Op-code 13."""

    enabled: bool = False
    kind: int = 0
    tag: int = ID_TAG
    """The position of the data of this kind."""
    data: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Data tag -> its strings as written by the host or created by a handshake."""

    @property
    def encrypted(self) -> bool:
        """Whether the data leave the module encrypted."""
        return self.tag >= ENCRYPTED

    @property
    def current(self) -> tuple[str, ...]:
        """The data of the chosen kind; () when there are none."""
        return self.data.get(self.tag, ())

    @property
    def status(self) -> int:
        """OFF, ENABLED or CONFIGURED."""
        if not self.enabled:
            return OFF
        return CONFIGURED if self.current else ENABLED


@dataclass
class Suites:
    """Op-code 2: automatic, a legacy number, one IANA suite or a list of them."""

    form: int = 0
    codes: tuple[int, ...] = ()

    def shown(self) -> str:
        """As reported by +USECPRF=p,2."""
        if self.form < 99:
            return str(self.form)
        return f'{self.form},"{";".join(f"{code:04X}" for code in self.codes)}"'


@dataclass
class Profile:
    """All parameters; the defaults are the values after a reset."""

    level: int = NO_CHECK
    least_version: int = 0
    suites: Suites = field(default_factory=Suites)
    ca: str = ""
    host: str = ""
    client_cert: str = ""
    client_key: str = ""
    key_password: str = ""
    psk: bytes = b""
    psk_id: bytes = b""
    psk_id_type: int = 0
    root_of_trust: bool = False
    sni: str = ""
    pin: str = ""
    pin_level: int = 0
    resumption: Resumption = field(default_factory=Resumption)
