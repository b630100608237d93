"""The settings of the FTP client: +UFTP (at-commands 8.1). All are volatile."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command
from ...world.net import is_address

OPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12)
WHILE_LOGGED_IN = (5, 6)
IP, NAME, USER, PASSWORD, ACCOUNT, INACTIVITY, MODE, PORT, TLS, DATA_TLS = OPS
LONGEST_HOST, LONGEST_LOGIN = 128, 30
LONGEST_INACTIVITY = 86_400
SECURITY_PROFILES = 5


@dataclass
class Settings:
    """What is set."""

    address: str = ""
    name: str = ""
    user: str = ""
    password: str = ""
    account: str = ""
    inactivity_s: int = 180
    """180 or 30 (U)."""
    passive: int = 0
    port: int = 21
    secure: int = 0
    security_profile: int | None = None
    secure_data: int = 0

    @property
    def host(self) -> str:
        """The server, however it is named."""
        return self.name or self.address

    def reset(self, op: int) -> None:
        """The factory value of one."""
        fresh = Settings()
        for field in FIELDS[op]:
            setattr(self, field, getattr(fresh, field))

    def change(self, op: int, cmd: Command) -> None:
        """Set one; CME 50 for what cannot be."""
        cmd.at_most(3 if op == TLS else 2)
        if op == IP:
            address = cmd.string(1, LONGEST_HOST)
            if not is_address(address):
                raise CommandError(BAD_PARAMETERS)
            self.address, self.name = address, ""
        elif op == NAME:
            self.name, self.address = cmd.string(1, LONGEST_HOST), ""
        elif op in (USER, PASSWORD, ACCOUNT):
            setattr(self, FIELDS[op][0], cmd.string(1, LONGEST_LOGIN))
        elif op == INACTIVITY:
            self.inactivity_s = cmd.number(1, 0, LONGEST_INACTIVITY)
        elif op == PORT:
            self.port = cmd.number(1, 1, 65_535)
        elif op == MODE:
            self.passive = cmd.number(1, 0, 1)
        elif op == DATA_TLS:
            self.secure_data = cmd.number(1, 0, 1)
        else:
            secure = cmd.number(1, 0, 1)
            profile = cmd.number(2, 0, SECURITY_PROFILES - 1) if cmd.has(2) else None
            self.secure, self.security_profile = secure, profile

    def shown(self) -> list[str]:
        """+UFTP?: everything but the password."""
        found = []
        for op in OPS:
            values = [getattr(self, field) for field in FIELDS[op]]
            if op != PASSWORD:
                shown = [
                    f'"{v}"' if isinstance(v, str) else str(v) for v in values if v is not None
                ]
                found.append(f"+UFTP: {op}," + ",".join(shown))
        return found


FIELDS = {
    IP: ("address",),
    NAME: ("name",),
    USER: ("user",),
    PASSWORD: ("password",),
    ACCOUNT: ("account",),
    INACTIVITY: ("inactivity_s",),
    MODE: ("passive",),
    PORT: ("port",),
    TLS: ("secure", "security_profile"),
    DATA_TLS: ("secure_data",),
}
