"""A module's certificates and security profiles, as small as can be: for the driver's tests.

`lines`: every command of the two families; `payloads`: what came after prompts. `refuse`: line
prefix -> number of the +CME ERROR it gets.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from driver.support.socket_model import Model, ok

from ublox_cellular.core.tls_session import pack

HOST = "broker.example.com"
KINDS = ("CA", "CC", "PK", "SC", "VC", "PU")


SOUND = re.compile(
    rb"0.*|-----BEGIN ([A-Z]+ )*(CERTIFICATE|KEY)-----\r?\n([A-Za-z0-9+/]+\r?\n)*"
    rb"[A-Za-z0-9+/]+={0,2}\r?\n-----END ([A-Z]+ )*(CERTIFICATE|KEY)-----\s*", re.DOTALL
)  # fmt: skip


def der(data: bytes) -> bytes:
    """What a module stores of PEM or DER."""
    found = re.search(rb"-----BEGIN [A-Z ]+-----(.*?)-----END", data, re.DOTALL)
    if found is None:
        return data
    return base64.b64decode(b"".join(found[1].split()), validate=True)


def sound(data: bytes) -> bool:
    try:
        return SOUND.fullmatch(data) is not None and bool(der(data))
    except ValueError:
        return False


def digest(data: bytes) -> str:
    return hashlib.md5(der(data)).hexdigest()


def packed(security: Any, wishes: dict[str, Any], *data: Any, host: str = HOST) -> bytes:
    """What an application keeps of a session (type, tag and the two values) that a profile of
    these wishes has made."""
    from ublox_cellular.blocking.security.tls_profile_options import _made
    from ublox_cellular.blocking.security.tls_resumption import _wishes

    wishes = {name: wishes[name] for name in wishes if name != "session"}
    kind, tag, first, second = data
    marks = _wishes(_made(security, **wishes))
    return pack(security.modem.name[0], kind, tag, first, second, host, marks)


class Vault(Model):
    def __init__(self, module: str = "sara-r5") -> None:
        super().__init__()
        self.model = module.upper()
        self.cmee = 1
        self.stored: dict[tuple[int, str], bytes] = {}
        self.profiles: dict[int, dict[str, str]] = {}
        self.lines: list[str] = []
        self.payloads: list[bytes] = []
        self.refuse: dict[str, int] = {}
        self.answer_md5: str | None = None  # in place of the right one, after an import
        self.asked_md5: str | None = None  # likewise, when it is asked for
        self.blank_md5 = False  # of encrypted keys: not what a host can compute
        self.listed: bytes | None = None
        self.lax = False  # what reached it may be damaged
        self.read: dict[str, bytes] = {}  # what reading a profile gives: "0,13,3" -> line

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.decode("latin-1").partition("=")
        if name == "+CGMM":
            return ok(self.model.encode())
        if name not in ("+USECMNG", "+USECPRF"):
            return super()._command(text)
        self.lines.append(f"{name}={rest}")
        for prefix, code in self.refuse.items():
            if self.lines[-1].startswith(prefix):
                return self._error(code)
        try:
            return self._usecmng(rest) if name == "+USECMNG" else self._usecprf(rest)
        except (ValueError, IndexError):  # damaged parameters are an error, not an end
            return self._error(50)

    def _usecmng(self, rest: str) -> bytes:
        parts = [part.strip('"') for part in rest.split(",")]
        if parts[0] == "3":
            return ok(self.listed if self.listed is not None else b"\r\n".join(self._rows()))
        key = (int(parts[1]), parts[2])
        if parts[0] == "0":
            self._payload.clear()
            self._need = int(parts[3])
            self._into = lambda data: self._import(key, data, len(parts) > 4)
            return b"\r\n>"
        if key not in self.stored:
            return self._error(1916)
        if parts[0] == "2":
            del self.stored[key]
            return ok()
        md5 = self.asked_md5 or self._digest(key)
        return ok(f'+USECMNG: 4,{key[0]},"{key[1]}","{md5}"'.encode())

    def _import(self, key: tuple[int, str], data: bytes, locked: bool) -> bytes:
        self.payloads.append(data)
        if not sound(data):
            return self._error(1913)
        self.stored[key] = b"locked" + data if locked and self.blank_md5 else data
        md5 = self.answer_md5 or self._digest(key)
        return ok(f'+USECMNG: 0,{key[0]},"{key[1]}","{md5}"'.encode())

    def _digest(self, key: tuple[int, str]) -> str:
        data = self.stored[key]
        return hashlib.md5(data).hexdigest() if data.startswith(b"locked") else digest(data)

    def _rows(self) -> list[bytes]:
        return [f'"{KINDS[kind]}","{name}"'.encode() for kind, name in self.stored]

    def _usecprf(self, rest: str) -> bytes:
        if rest in self.read:
            return ok(self.read[rest])
        parts = rest.split(",")
        found = self.profiles.setdefault(int(parts[0]), {})
        if len(parts) == 1:
            found.clear()
            return ok()
        names = [str(int(part)) for part in parts[1 : 3 if parts[1] == "13" else 2]]
        key, value = ",".join(names), ",".join(parts[1 + len(names) :])
        if value:
            found[key] = value
            return ok()
        kept = found.get(key, "0" if key == "0" else "")
        return ok(f"+USECPRF: {int(parts[0])},{key},{kept}".encode()) if kept else self._error(50)

    def restart(self) -> bytes:
        """What the line says of it."""
        self.profiles.clear()
        self._need = self.cmee = 0
        return b"\r\ncellular ready\r\n"
